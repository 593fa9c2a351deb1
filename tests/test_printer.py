"""A printer and its jobs: nothing leaves early, nothing is printed twice, nothing is lost, nothing hangs."""

import contextlib
import io
import itertools
import json
import logging
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printers.drawing import draw
from printers.job import (
    Failed,
    Fault,
    Job,
    JobReport,
    NotReady,
    Printed,
    Ready,
    Sending,
    Status,
    Unanswered,
    Unknown,
)
from printers.label import Paper, samples
from printers.layout import layouts
from printers.printer import Printer, compose
from printers.transport import PROFILES, FileTransport, Profile, Transport, TransportBroken
from printers.virtual import Glyphs, State, VirtualPrinter, blocks, png

LAYOUTS, _ = layouts(Path(__file__).parents[1] / "data" / "labels")
WIDE, NARROW = PROFILES["roll-80"], PROFILES["roll-58"]
SECONDS = 20.0
"""A hang is told apart from slow work by this much; nothing waits for it to pass."""


SHORT: dict[str, str | list[str]] = {
    "label_id": "K1",
    "title": "Slip",
    "tasks": ["Done"],
    "next_due": "07:00",
    "station": "B1",
    "initials": "AT",
    "time": "08:00",
}


def slip(job_id: str = "J1", **changes: object) -> Job:
    fields = {**samples(LAYOUTS["T07"]), "title": f"Slip {job_id}"}
    given_changes: dict[str, object] = {"template": "T07", "fields": fields, **changes}
    return Job(id=job_id, **given_changes)  # type: ignore[arg-type] # each test names the fields it changes


def slip_bytes(job: Job, profile: Profile = NARROW) -> bytes:
    return compose(draw(LAYOUTS["T07"], job.fields, profile.paper, marker=job.marker), profile, job.copies)


class Bench:
    """Hears a printer, and lets its jobs leave as soon as they ask where `releases` is set."""

    def __init__(self, transport: Transport, profile: Profile, *, releases: bool) -> None:
        self.heard: list[JobReport | Status] = []
        self.releases = releases
        self.printer = Printer(transport, profile, self._hear, LAYOUTS)

    def _hear(self, report: JobReport | Status) -> None:
        self.heard.append(report)
        if self.releases and isinstance(report, Sending):
            assert self.printer.release(report.job_id)

    def settled(self) -> list[JobReport | Status]:
        """Everything heard so far, once the printer can do no more by itself."""
        assert self.printer.settle(SECONDS)
        return self.heard

    def of_jobs(self) -> list[JobReport]:
        return [report for report in self.settled() if isinstance(report, Sending | Printed | Failed | Unknown)]


class Wire:
    """A transport that keeps what it was sent, and can be told how the printer is."""

    def __init__(self, status: Status | None = None) -> None:
        self.sent: list[bytes] = []
        self.now: Status = status or Ready(near_end=False)
        self.asked = 0

    def status(self) -> Status:
        self.asked += 1
        return self.now

    def send(self, data: bytes) -> None:
        self.sent.append(data)


@pytest.fixture
def benches() -> Iterator[list[Bench]]:
    made: list[Bench] = []
    yield made
    for bench in made:
        bench.printer.close(SECONDS)


@pytest.fixture
def start(benches: list[Bench]) -> "Start":
    return Start(benches)


class Start:
    """Makes benches that are closed when the test ends."""

    def __init__(self, benches: list[Bench]) -> None:
        self._benches = benches

    def __call__(self, transport: Transport, profile: Profile = NARROW, *, releases: bool = True) -> Bench:
        self._benches.append(Bench(transport, profile, releases=releases))
        return self._benches[-1]


# Jobs -------------------------------------------------------------------------------------------------------------


def test_a_job_is_announced_released_and_printed(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    bench = start(paper)
    bench.printer.submit(slip())
    assert bench.settled() == [Ready(near_end=False), Sending(job_id="J1"), Printed(job_id="J1")]
    assert len(paper.paper()) == 1
    assert not bench.printer.busy()


def test_nothing_leaves_before_the_release(start: Start) -> None:
    wire = Wire()
    bench = start(wire, releases=False)
    bench.printer.submit(slip())
    assert bench.of_jobs() == [Sending(job_id="J1")]
    assert wire.sent == []
    assert bench.printer.busy()
    assert not bench.printer.release("J2")
    assert bench.printer.release("J1")
    assert bench.of_jobs() == [Sending(job_id="J1"), Printed(job_id="J1")]
    assert wire.sent == [slip_bytes(slip())]


def test_the_release_comes_before_the_first_byte_for_every_job(start: Start) -> None:
    order: list[str] = []

    class Ordered(Wire):
        def send(self, data: bytes) -> None:
            order.append("byte")
            super().send(data)

    bench = start(Ordered(), releases=False)
    for job_id in ("J1", "J2", "J3"):
        bench.printer.submit(slip(job_id))
    for job_id in ("J1", "J2", "J3"):
        assert bench.of_jobs()[-1] == Sending(job_id=job_id)
        order.append("release")
        bench.printer.release(job_id)
        bench.settled()
    assert order == ["release", "byte"] * 3


def test_jobs_keep_their_order(start: Start) -> None:
    wire = Wire()
    bench = start(wire)
    jobs = [slip(f"J{number}") for number in range(5)]
    for job in jobs:
        bench.printer.submit(job)
    bench.settled()
    assert wire.sent == [slip_bytes(job) for job in jobs]


def test_copies_leave_in_one_piece(start: Start) -> None:
    paper = VirtualPrinter()
    bench = start(paper, WIDE)
    bench.printer.submit(slip(copies=3))
    assert bench.of_jobs()[-1] == Printed(job_id="J1")
    first, *others = paper.paper()
    assert others == [first, first]


def test_a_job_is_never_taken_twice(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.OFFLINE, sentence="off"))
    bench = start(wire)
    bench.printer.submit(slip())
    with pytest.raises(ValueError, match="given before"):
        bench.printer.submit(slip())
    wire.now = Ready(near_end=False)
    bench.printer.poke()
    bench.settled()
    with pytest.raises(ValueError, match="given before; a reprint is a new job"):
        bench.printer.submit(slip())
    assert len(wire.sent) == 1


def test_a_reprint_is_another_job_and_says_so_on_paper(start: Start) -> None:
    wire = Wire()
    bench = start(wire)
    again = slip("J2", duplicate=1, reason="torn", reprinted="2026-03-10 09:00")
    bench.printer.submit(slip("J1"))
    bench.printer.submit(again)
    bench.settled()
    assert again.marker == "DUPLICATE 1 - REPRINTED 2026-03-10 09:00 torn"
    assert wire.sent == [slip_bytes(slip("J1")), slip_bytes(again)]
    assert wire.sent[0] != wire.sent[1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"copies": 0}, "0 copies"),
        ({"copies": 100}, "100 copies"),
        ({"duplicate": -1}, "-1 was found"),
        ({"duplicate": 1}, "without its reason and date"),
        ({"duplicate": 1, "reason": "torn"}, "without its reason and date"),
    ],
)
def test_a_job_that_makes_no_sense_is_not_made(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        slip("J1", **changes)


@pytest.mark.parametrize(
    ("job", "told"),
    [
        (slip(template="T99"), "no label 'T99'; there are"),
        (slip(fields={}), "nothing was given"),
        (slip(fields={**samples(LAYOUTS["T07"]), "title": "LOT\x1d21"}), "U+001D"),
    ],
)
def test_a_label_that_cannot_be_drawn_fails_by_itself_alone(start: Start, job: Job, told: str) -> None:
    wire = Wire()
    bench = start(wire)
    bench.printer.submit(job)
    bench.printer.submit(slip("J2"))
    failed, *others = bench.of_jobs()
    assert isinstance(failed, Failed)
    assert failed.before_first_byte
    assert told in failed.sentence
    assert others == [Sending(job_id="J2"), Printed(job_id="J2")]
    assert len(wire.sent) == 1


def test_a_changed_definition_is_used_from_then_on(start: Start) -> None:
    bench = start(Wire())
    bench.printer.use({})
    bench.printer.submit(slip())
    (failed,) = bench.of_jobs()
    assert isinstance(failed, Failed)
    assert "there are none" in failed.sentence


# A printer that is not ready ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", list(Fault))
def test_a_printer_that_is_not_ready_keeps_the_job_and_prints_it_once_when_poked(start: Start, fault: Fault) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state(fault)
    bench = start(paper)
    bench.printer.submit(slip())
    (told,) = bench.settled()
    assert isinstance(told, NotReady)
    assert (told.fault, told.sentence.endswith(".")) == (fault, True)
    assert not bench.printer.busy()
    bench.printer.poke()
    assert len(bench.settled()) == 2
    paper.set_state("ready")
    assert len(bench.settled()) == 2
    bench.printer.poke()
    assert bench.of_jobs() == [Sending(job_id="J1"), Printed(job_id="J1")]
    bench.printer.poke()
    bench.settled()
    assert len(paper.paper()) == 1


def test_a_printer_that_is_not_ready_is_asked_once_a_poke_and_not_again_and_again(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.JAM, sentence="jam"))
    bench = start(wire)
    bench.printer.submit(slip())
    for pokes in range(1, 4):
        bench.settled()
        assert wire.asked == pokes
        bench.printer.poke()
    bench.settled()


def test_a_later_job_makes_the_printer_look_again_and_goes_second(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.OUT_OF_PAPER, sentence="out"))
    bench = start(wire)
    bench.printer.submit(slip("J1"))
    bench.settled()
    wire.now = Ready(near_end=True)
    bench.printer.submit(slip("J2"))
    assert [report.job_id for report in bench.of_jobs() if isinstance(report, Printed)] == ["J1", "J2"]


def test_a_near_end_is_told_and_printing_goes_on(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state("near-end")
    bench = start(paper)
    bench.printer.submit(slip())
    assert bench.settled() == [Ready(near_end=True), Sending(job_id="J1"), Printed(job_id="J1")]


def test_silence_holds_the_jobs_of_a_printer_that_answers_questions(start: Start) -> None:
    wire = Wire(Unanswered(sentence="no answer"))
    bench = start(wire)
    bench.printer.submit(slip())
    assert bench.settled() == [Unanswered(sentence="no answer")]
    assert wire.sent == []


def test_silence_is_nothing_new_of_a_printer_that_never_answers(start: Start) -> None:
    wire = Wire(Unanswered(sentence="no answer"))
    bench = start(wire, PROFILES["roll-58-silent"])
    bench.printer.submit(slip())
    assert bench.of_jobs() == [Sending(job_id="J1"), Printed(job_id="J1")]


# Taken away -------------------------------------------------------------------------------------------------------


def test_a_job_taken_away_while_the_printer_is_out_of_paper_is_never_sent(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.OUT_OF_PAPER, sentence="out"))
    bench = start(wire)
    bench.printer.submit(slip("J1"))
    bench.printer.submit(slip("J2"))
    bench.settled()
    assert bench.printer.cancel("J1")
    assert not bench.printer.cancel("J1")
    wire.now = Ready(near_end=False)
    bench.printer.poke()
    assert bench.of_jobs() == [Sending(job_id="J2"), Printed(job_id="J2")]
    assert wire.sent == [slip_bytes(slip("J2"))]


def test_a_job_taken_away_after_it_asked_to_leave_is_never_sent(start: Start) -> None:
    wire = Wire()
    bench = start(wire, releases=False)
    bench.printer.submit(slip())
    assert bench.of_jobs() == [Sending(job_id="J1")]
    assert bench.printer.cancel("J1")
    assert bench.of_jobs() == [Sending(job_id="J1")]
    assert not bench.printer.release("J1")
    assert not bench.printer.busy()
    assert wire.sent == []


def test_a_job_that_has_left_cannot_be_taken_away(start: Start) -> None:
    bench = start(Wire())
    bench.printer.submit(slip())
    bench.settled()
    assert not bench.printer.cancel("J1")


def test_a_released_job_cannot_be_taken_away(start: Start) -> None:
    sending, go_on = threading.Event(), threading.Event()

    class Slow(Wire):
        def send(self, data: bytes) -> None:
            sending.set()
            assert go_on.wait(SECONDS)
            super().send(data)

    bench = start(Slow())
    bench.printer.submit(slip())
    assert sending.wait(SECONDS)
    assert not bench.printer.cancel("J1")
    assert not bench.printer.settle(0)
    go_on.set()
    assert bench.of_jobs()[-1] == Printed(job_id="J1")


# Broken lines -----------------------------------------------------------------------------------------------------


def test_a_line_that_drops_anywhere_makes_the_job_unknown_and_it_is_never_sent_again(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    bench = start(paper)
    length = len(slip_bytes(slip(fields=SHORT)))
    for after in range(64, length, 64):
        job = slip(f"J{after}", fields=SHORT)
        before = len(bench.heard)
        paper.set_state("drop-after", after)
        bench.printer.submit(job)
        bench.settled()
        bench.printer.poke()
        ready, sending, unknown = bench.settled()[before:]
        assert (ready, sending) == (Ready(near_end=False), Sending(job_id=job.id))
        assert unknown == Unknown(
            job_id=job.id, sentence=f"The line to the printer broke after {after} of {length} bytes."
        )
        with pytest.raises(ValueError, match="given before"):
            bench.printer.submit(job)


def test_a_line_that_drops_before_the_first_byte_fails_the_job_which_may_come_again(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state("drop-after", 0)
    bench = start(paper)
    bench.printer.submit(slip())
    failed = bench.of_jobs()[-1]
    assert isinstance(failed, Failed)
    assert failed.before_first_byte
    paper.set_state("ready")
    bench.printer.submit(slip())
    assert bench.of_jobs()[-1] == Printed(job_id="J1")
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
    bench.printer.poke()
    assert bench.of_jobs()[-1] == Printed(job_id="J2")


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
    assert bench.heard[-1] == Printed(job_id="J1")


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
    assert heard == [Ready(near_end=False)]
    assert wire.sent == []


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "poke", "cancel", "release", "ready", "out", "settle"]),
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
                wire.now = Ready(near_end=False)
            case "out":
                wire.now = NotReady(fault=Fault.OUT_OF_PAPER, sentence="out")
            case "poke":
                bench.printer.poke()
            case _:
                assert bench.printer.settle(SECONDS)
    bench.settled()
    bench.printer.close(SECONDS)
    assert wire.sent == [slip_bytes(jobs[job_id]) for job_id in released]
    assert len(set(released)) == len(released)
    assert [report.job_id for report in bench.heard if isinstance(report, Printed)] == released


# Bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_job_starts_with_a_reset_and_ends_with_paper_to_take_and_a_question_where_one_is_answered(
    profile: Profile,
) -> None:
    data = slip_bytes(slip(), profile)
    assert data.startswith(b"\x1b@\x1dv0\x00")
    end = (b"\x1dVB\x00" if profile.cutter else b"\x1bd\x04") + (b"\x1dr\x01" if profile.status else b"")
    assert data.endswith(end)
    paper = VirtualPrinter(profile.paper)
    paper.send(data)
    assert [sheet.cut for sheet in paper.paper()] == [profile.cutter]
    assert paper.strays() == b""


@pytest.mark.parametrize("profile", [WIDE, NARROW], ids=lambda profile: profile.name)
def test_a_picture_leaves_in_fragments_no_longer_than_the_printer_takes(profile: Profile) -> None:
    data = slip_bytes(slip(), profile)
    header = b"\x1dv0\x00" + (profile.paper.dots // 8).to_bytes(2, "little")
    heights = [int.from_bytes(part[:2], "little") for part in data.split(header)[1:]]
    assert len(heights) > 1
    assert max(heights) <= profile.fragment_rows
    assert sum(heights) == draw(LAYOUTS["T07"], slip().fields, profile.paper).height


def test_a_drawing_is_refused_by_a_printer_of_another_width() -> None:
    drawing = draw(LAYOUTS["T07"], slip().fields, Paper.MM80)
    with pytest.raises(ValueError, match="576 dots wide, roll-58 prints 384"):
        compose(drawing, NARROW)


AFTERMATH = """
import json, logging, os, sys, tempfile
from printers.printer import compose
from printers.transport import PROFILES
from printers.drawing import Drawing
assert "escpos" not in sys.modules
compose(Drawing(width=384, height=1, rows=bytes(48), text=(), codes=()), PROFILES["roll-58"])
assert "escpos" in sys.modules
left = os.listdir(tempfile.gettempdir())
print(json.dumps([len(logging.getLogger().handlers), left, os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"]]))
"""


def test_the_library_leaves_no_log_handler_no_folder_and_no_word_behind(tmp_path: Path) -> None:
    poisoned = tmp_path / "pickles"
    poisoned.mkdir()
    (poisoned / f"{platform.python_version()}.capabilities.pickle").write_bytes(b"torn")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {**os.environ, "TMPDIR": str(scratch), "ESCPOS_CAPABILITIES_PICKLE_DIR": str(poisoned)}
    done = subprocess.run([sys.executable, "-c", AFTERMATH], env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, [], str(poisoned)]
    assert done.stderr == ""


def test_composing_says_nothing_on_standard_output_or_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        slip_bytes(slip())
    assert said.getvalue() == ""
    assert [record for record in caplog.records if record.name.startswith("escpos")] == []


# Files ------------------------------------------------------------------------------------------------------------


def test_a_file_takes_each_job_after_the_one_before(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "labels.bin"
    bench = start(FileTransport(path), PROFILES["roll-58-silent"])
    bench.printer.submit(slip("J1"))
    bench.printer.submit(slip("J2"))
    assert [type(report) for report in bench.of_jobs()] == [Sending, Printed, Sending, Printed]
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


# The virtual printer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "n", "told"),
    [
        ("on-fire", None, "'on-fire' is no state of a printer; there are ready, near-end"),
        ("drop-after", None, "belongs to drop-after"),
        ("drop-after", -1, "belongs to drop-after"),
        ("jam", 5, "belongs to drop-after"),
    ],
)
def test_a_state_that_no_printer_has_is_refused(word: str, n: int | None, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        VirtualPrinter().set_state(word, n)


@pytest.mark.parametrize("fault", list(Fault))
def test_a_virtual_printer_that_is_not_ready_takes_nothing(fault: Fault) -> None:
    paper = VirtualPrinter()
    paper.set_state(fault)
    with pytest.raises(TransportBroken) as caught:
        paper.send(b"\x1b@")
    assert caught.value.sent == 0
    assert paper.paper() == ()


def test_a_line_that_drops_loses_the_rest_and_leaves_half_a_label_hanging() -> None:
    whole, half = VirtualPrinter(Paper.MM58), VirtualPrinter(Paper.MM58)
    data = slip_bytes(slip())
    whole.send(data)
    half.set_state(State.DROP_AFTER, len(data) // 2)
    with pytest.raises(TransportBroken) as caught:
        half.send(data)
    assert caught.value.sent == len(data) // 2
    (full,), (torn,) = whole.paper(), half.paper()
    assert not torn.cut
    assert 0 < torn.height < full.height
    assert full.rows.startswith(torn.rows)
    assert isinstance(half.status(), Unanswered)
    with pytest.raises(TransportBroken):
        half.send(data)


def test_a_line_that_drops_counts_bytes_across_jobs() -> None:
    paper = VirtualPrinter()
    paper.set_state("drop-after", 5)
    paper.send(b"\x1b@\x1b@")
    assert isinstance(paper.status(), Ready)
    with pytest.raises(TransportBroken) as caught:
        paper.send(b"\x1b@")
    assert caught.value.sent == 1


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 3000), max_size=8))
def test_paper_does_not_depend_on_how_the_bytes_arrive(cuts: list[int]) -> None:
    data = (
        b"\x1b@\x1dv0\x00\x48\x00\x20\x00" + bytes(range(72)) * 32 + b"\x1bd\x02\n\x1bJ\x07\x1dVB\x09\x1dV\x00\x1dr\x01"
    )
    whole, pieces = VirtualPrinter(), VirtualPrinter()
    whole.send(data)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start_at, end in itertools.pairwise(edges):
        pieces.send(data[start_at:end])
    assert pieces.paper() == whole.paper()
    assert [sheet.height for sheet in whole.paper()] == [32 + 60 + 30 + 7 + 9, 0]
    assert whole.strays() == b""


@pytest.mark.parametrize("stray", [b"LOT", b"\x1dv0\x00\x48\x00\x01\x00" + b"\x10\x04\x01".ljust(72, b"\0"), b"\x1b*"])
def test_what_a_real_printer_would_have_acted_on_is_kept_as_stray(stray: bytes) -> None:
    paper = VirtualPrinter()
    paper.send(stray)
    assert paper.strays()


def test_a_sheet_can_be_looked_at_as_a_picture() -> None:
    paper = VirtualPrinter()
    paper.send(slip_bytes(slip(), WIDE))
    (sheet,) = paper.paper()
    with Image.open(io.BytesIO(png(sheet))) as picture:
        assert picture.size == (576, sheet.height)
        assert picture.tobytes("raw", "1;I") == sheet.rows


@pytest.mark.parametrize("glyphs", list(Glyphs), ids=lambda glyphs: glyphs.name)
def test_a_sheet_can_be_looked_at_in_a_terminal(glyphs: Glyphs) -> None:
    paper = VirtualPrinter()
    band = b"\xff" * 36 + b"\0" * 36
    paper.send(b"\x1dv0\x00\x48\x00\x60\x00" + band * 48 + bytes(72) * 48 + b"\x1dVB\x00")
    (sheet,) = paper.paper()
    lines = blocks(sheet, 24, glyphs)
    full = glyphs[-1]
    assert lines == [full * 12 + " " * 12, " " * 24]
    assert glyphs is not Glyphs.ASCII or "".join(lines).isascii()
