"""A printer and its jobs: nothing leaves early, nothing is printed twice, nothing that was taken away is sent."""

import threading
from collections.abc import Iterator

import pytest
from printing import LAYOUTS, PROFILES, SECONDS, WIDE, Start, Wire, sending, slip, slip_bytes

from printers.job import Failed, Job, Sent
from printers.label import Paper, samples
from printers.status import NEAR_END, Fault, NotReady, Ready, Unanswered
from printers.virtual import VirtualPrinter


@pytest.fixture
def start() -> Iterator[Start]:
    benches = Start()
    yield benches
    benches.close()


# Jobs -------------------------------------------------------------------------------------------------------------


def test_a_job_is_announced_released_and_printed(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    bench = start(paper)
    bench.printer.submit(slip())
    assert bench.settled() == [Ready(), sending("J1"), Sent(job_id="J1")]
    assert len(paper.paper()) == 1
    assert not bench.printer.busy()


def test_nothing_leaves_before_the_release(start: Start) -> None:
    wire = Wire()
    bench = start(wire, releases=False)
    bench.printer.submit(slip())
    assert bench.of_jobs() == [sending("J1")]
    assert wire.sent == []
    assert bench.printer.busy()
    assert not bench.printer.release("J2")
    assert bench.printer.release("J1")
    assert bench.of_jobs() == [sending("J1"), Sent(job_id="J1")]
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
        assert bench.of_jobs()[-1] == sending(job_id)
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
    assert bench.of_jobs()[-1] == Sent(job_id="J1")
    first, *others = paper.paper()
    assert others == [first, first]


def test_a_job_is_never_taken_twice(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.OFFLINE, sentence="off"))
    bench = start(wire)
    bench.printer.submit(slip())
    with pytest.raises(ValueError, match="given before"):
        bench.printer.submit(slip())
    wire.now = Ready()
    bench.printer.ask()
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
    assert (again.marker["duplicate"], again.marker["reason"]) == ("1", "torn")
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
    assert told in failed.sentence
    assert others == [sending("J2"), Sent(job_id="J2")]
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
def test_a_printer_that_is_not_ready_keeps_the_job_and_prints_it_once_when_looked_at(
    start: Start, fault: Fault
) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state(fault)
    bench = start(paper)
    bench.printer.submit(slip())
    (told,) = bench.settled()
    assert isinstance(told, NotReady)
    assert (told.fault, told.sentence.endswith(".")) == (fault, True)
    assert not bench.printer.busy()
    bench.printer.ask()
    assert len(bench.settled()) == 2
    paper.set_state("ready")
    assert len(bench.settled()) == 2
    bench.printer.ask()
    assert bench.of_jobs() == [sending("J1"), Sent(job_id="J1")]
    bench.printer.ask()
    bench.settled()
    assert len(paper.paper()) == 1


def test_a_printer_that_is_not_ready_is_asked_once_a_time_and_not_again_and_again(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.JAM, sentence="jam"))
    bench = start(wire)
    bench.printer.submit(slip())
    for times in range(1, 4):
        bench.settled()
        assert wire.asked == times
        bench.printer.ask()
    bench.settled()


def test_a_later_job_makes_the_printer_look_again_and_goes_second(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.OUT_OF_PAPER, sentence="out"))
    bench = start(wire)
    bench.printer.submit(slip("J1"))
    bench.settled()
    wire.now = NEAR_END
    bench.printer.submit(slip("J2"))
    assert [report.job_id for report in bench.of_jobs() if isinstance(report, Sent)] == ["J1", "J2"]


def test_a_near_end_is_told_and_printing_goes_on(start: Start) -> None:
    paper = VirtualPrinter(Paper.MM58)
    paper.set_state("near-end")
    bench = start(paper)
    bench.printer.submit(slip())
    assert bench.settled() == [NEAR_END, sending("J1"), Sent(job_id="J1")]


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
    assert bench.of_jobs() == [sending("J1", PROFILES["roll-58-silent"]), Sent(job_id="J1")]


# Taken away -------------------------------------------------------------------------------------------------------


def test_a_job_taken_away_while_the_printer_is_out_of_paper_is_never_sent(start: Start) -> None:
    wire = Wire(NotReady(fault=Fault.OUT_OF_PAPER, sentence="out"))
    bench = start(wire)
    bench.printer.submit(slip("J1"))
    bench.printer.submit(slip("J2"))
    bench.settled()
    assert bench.printer.cancel("J1")
    assert not bench.printer.cancel("J1")
    wire.now = Ready()
    bench.printer.ask()
    assert bench.of_jobs() == [sending("J2"), Sent(job_id="J2")]
    assert wire.sent == [slip_bytes(slip("J2"))]


def test_a_job_taken_away_after_it_asked_to_leave_is_never_sent(start: Start) -> None:
    wire = Wire()
    bench = start(wire, releases=False)
    bench.printer.submit(slip())
    assert bench.of_jobs() == [sending("J1")]
    assert bench.printer.cancel("J1")
    assert bench.of_jobs() == [sending("J1")]
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
    assert bench.of_jobs()[-1] == Sent(job_id="J1")
