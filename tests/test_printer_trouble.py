"""A printer in trouble: lines that break, writes that hang, files that are full, and the end of it all."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printing import LAYOUTS, NARROW, PROFILES, SECONDS, SHORT, Bench, Start, Wire, slip, slip_bytes

from printers.job import Failed, JobReport, Sending, Sent, Unknown
from printers.label import Paper
from printers.printer import Printer
from printers.status import Fault, NotReady, Ready, Status, Unanswered
from printers.transports import TransportBroken
from printers.transports.file import FileTransport
from printers.virtual import VirtualPrinter


@pytest.fixture
def start() -> Iterator[Start]:
    benches = Start()
    yield benches
    benches.close()


# Broken lines -----------------------------------------------------------------------------------------------------


def test_a_line_that_drops_anywhere_makes_the_job_unknown_and_it_is_never_sent_again(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    bench = start(paper)
    length = len(slip_bytes(slip(fields=SHORT)))  # the later ones are longer: they begin with the end of the broken one
    for after in range(64, length, 64):
        job = slip(f"J{after}", fields=SHORT)
        before = len(bench.heard)
        paper.set_state("drop-after", after)
        bench.printer.submit(job)
        bench.settled()
        bench.printer.ask()
        ready, leaving, unknown, asked = bench.settled()[before:]
        assert (ready, asked) == (Ready(), Unanswered(sentence="The printer does not answer; check its cable."))
        assert isinstance(leaving, Sending)
        assert isinstance(unknown, Unknown)
        assert unknown.sentence.startswith(f"The line to the printer broke after {after} of ")
        with pytest.raises(ValueError, match="given before"):
            bench.printer.submit(job)


def test_a_line_that_drops_before_the_first_byte_fails_the_job_which_may_come_again(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state("drop-after", 0)
    bench = start(paper)
    bench.printer.submit(slip())
    failed = bench.of_jobs()[-1]
    assert isinstance(failed, Failed)
    paper.set_state("ready")
    bench.printer.submit(slip())
    assert bench.of_jobs()[-1] == Sent(job_id="J1")
    assert len(paper.paper()) == 1


def test_the_job_after_a_broken_one_waits_until_the_line_is_mended(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state("drop-after", 100)
    bench = start(paper)
    bench.printer.submit(slip("J1"))
    bench.settled()
    bench.printer.submit(slip("J2"))
    assert isinstance(bench.settled()[-1], Unanswered)
    paper.set_state("ready")
    bench.printer.ask()
    assert bench.of_jobs()[-1] == Sent(job_id="J2")


# The end ----------------------------------------------------------------------------------------------------------


def test_close_ends_the_thread_whatever_it_waits_for(start: Start) -> None:
    idle = start(Wire())
    out = start(Wire(NotReady(fault=Fault.JAM, sentence="jam")))
    unreleased = start(Wire(), releases=False)
    for bench in (out, unreleased):
        bench.printer.submit(slip())
        bench.settled()
    for bench in (idle, out, unreleased):
        bench.printer.close(SECONDS)
        assert not bench.printer._thread.is_alive()
        assert not bench.printer.busy()
        assert bench.printer.settle(0)
        assert not bench.printer.release("J1")
        with pytest.raises(ValueError, match="closed"):
            bench.printer.submit(slip("J9"))
        bench.printer.close(SECONDS)


def test_close_does_not_wait_for_ever_for_a_write_that_hangs(start: Start) -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Stuck(Wire):
        def send(self, data: bytes) -> None:
            entered.set()
            assert go_on.wait(SECONDS)
            super().send(data)

    bench = start(Stuck())
    bench.printer.submit(slip())
    assert entered.wait(SECONDS)
    bench.printer.close(0)
    assert bench.printer.busy()
    go_on.set()
    assert bench.printer.settle(SECONDS)
    assert bench.heard[-1] == Sent(job_id="J1")


def test_a_printer_can_be_closed_from_its_own_report() -> None:
    wire = Wire()
    heard: list[JobReport | Status] = []

    def hear(report: JobReport | Status) -> None:
        heard.append(report)
        printer.close()

    printer = Printer(wire, NARROW, hear, LAYOUTS)
    printer.submit(slip())
    printer._thread.join(SECONDS)
    assert not printer._thread.is_alive()
    assert heard == [Ready()]
    assert wire.sent == []


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "ask", "cancel", "release", "ready", "out", "settle"]),
        st.sampled_from(["A", "B", "C"]),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(actions=ACTIONS)
def test_whatever_people_do_a_job_leaves_at_most_once_and_only_when_released(actions: list[tuple[str, str]]) -> None:
    wire = Wire()
    bench = Bench(wire, NARROW, releases=False)
    jobs = {job_id: slip(job_id, fields=SHORT | {"label_id": f"K{job_id}"}) for job_id in "ABC"}
    released: list[str] = []
    submitted: set[str] = set()
    for action, job_id in actions:
        match action:
            case "submit" if job_id not in submitted:
                submitted.add(job_id)
                bench.printer.submit(jobs[job_id])
            case "cancel" if bench.printer.cancel(job_id):
                submitted.discard(job_id)
            case "release" if bench.printer.release(job_id):
                released.append(job_id)
            case "ready":
                wire.now = Ready()
            case "out":
                wire.now = NotReady(fault=Fault.OUT_OF_PAPER, sentence="out")
            case "ask":
                bench.printer.ask()
            case _:
                assert bench.printer.settle(SECONDS)
    bench.settled()
    bench.printer.close(SECONDS)
    assert wire.sent == [slip_bytes(jobs[job_id]) for job_id in released]
    assert len(set(released)) == len(released)
    assert [report.job_id for report in bench.heard if isinstance(report, Sent)] == released


# Files ------------------------------------------------------------------------------------------------------------


def test_a_file_takes_each_job_after_the_one_before(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "labels.bin"
    bench = start(FileTransport(path), PROFILES["roll-58-silent"])
    bench.printer.submit(slip("J1"))
    bench.printer.submit(slip("J2"))
    assert [type(report) for report in bench.of_jobs()] == [Sending, Sent, Sending, Sent]
    silent = PROFILES["roll-58-silent"]
    assert path.read_bytes() == slip_bytes(slip("J1"), silent) + slip_bytes(slip("J2"), silent)


def test_a_file_cannot_tell_how_the_printer_is(tmp_path: Path) -> None:
    status = FileTransport(tmp_path / "x").status()
    assert isinstance(status, Unanswered)
    assert "cannot tell" in status.sentence


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_fails_the_job_before_its_first_byte(start: Start) -> None:
    bench = start(FileTransport(Path("/dev/full")), PROFILES["roll-58-silent"])
    bench.printer.submit(slip())
    failed = bench.of_jobs()[-1]
    assert isinstance(failed, Failed)
    assert "No space left" in failed.sentence


def test_a_folder_in_the_place_of_a_file_fails_the_job(tmp_path: Path) -> None:
    with pytest.raises(TransportBroken, match="took 0 of 1 bytes") as caught:
        FileTransport(tmp_path).send(b"x")
    assert caught.value.sent == 0
