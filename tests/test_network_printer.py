"""A printer on the network that breaks off anywhere: it ends, says why, prints nothing twice, and then prints again."""

import contextlib
import errno
import re
import socket
import threading
from collections.abc import Iterator

import msgspec
import pytest
from network_printer import SOON, Interpreter, NetworkPrinter
from printing import NARROW, SECONDS, Bench, Start

from printers.composing import compose
from printers.drawing import draw
from printers.job import Failed, Job, JobReport, Sending, Sent, Unknown
from printers.label import Field, Layout, Paper, RuleLine, TextLine
from printers.status import NEAR_END, QUESTIONS, Fault, Ready, Status, Unanswered, faulty, is_realtime_answer
from printers.transports import Limits, TransportBroken, network
from printers.transports.network import NetworkTransport
from printers.transports.wire import Wire, deliver, status_over

TAG = Layout(
    id="tag",
    title="Short label",
    papers=(Paper.MM58,),
    fields=(Field(name="word", sample="Word", max_length=8),),
    lines=(TextLine(text="{word}", size=2, bold=True), RuleLine()),
)
CUTTING = msgspec.structs.replace(NARROW, cut="partial", fragment_rows=16)
SILENT = msgspec.structs.replace(CUTTING, status=False)
PATIENT = Limits(connect=SECONDS, answer=SECONDS, write=SECONDS, printed=SECONDS)
"""So long that they run out in a hang alone."""
NO_ANSWER = "The printer does not answer; check that it is switched on and nobody else prints on it."
LEAD = bytes(8)
"""What goes before a question."""
XON, XOFF, ASB = b"\x11", b"\x13", bytes.fromhex("10 00 00 0f")


def tag(job_id: str) -> Job:
    return Job(id=job_id, template="tag", fields={"word": job_id})


def tag_bytes(job_id: str, *, after_break: bool = False) -> bytes:
    return compose(draw(TAG, {"word": job_id}, Paper.MM58), CUTTING, after_break=after_break)


def rows_of(job_id: str) -> bytes:
    """The label as a printer prints it that nothing ever happened to."""
    interpreter = Interpreter(Paper.MM58.dots)
    interpreter.feed(tag_bytes(job_id))
    (sheet,) = interpreter.all_sheets()
    assert sheet.cut
    assert not interpreter.strays
    return sheet.rows


def way_to(printer: NetworkPrinter, limits: Limits = PATIENT, *, answers: bool = True) -> NetworkTransport:
    return NetworkTransport(printer.host, printer.port, answers=answers, limits=limits)


@pytest.fixture
def start() -> Iterator[Start]:
    benches = Start()
    yield benches
    benches.close()


def tagging(bench: Bench) -> Bench:
    bench.printer.use({"tag": TAG})
    return bench


def ended(bench: Bench, job_id: str) -> JobReport:
    """Print one label; what became of it."""
    bench.printer.submit(tag(job_id))
    return bench.of_jobs()[-1]


# A job that breaks off --------------------------------------------------------------------------------------------

UNCONFIRMED = "The printer did not say within 0.02 s that the label is printed: "
BREAKS = {
    "drop": r"The line to the printer broke (after \d+ of \d+ bytes|before it said that the label is printed)\.",
    "close": r"The line to the printer broke (after \d+ of \d+ bytes|before it said that the label is printed)\.",
    "stall": re.escape(
        f"{UNCONFIRMED}the printer does not answer; check that it is switched on and nobody else prints on it."
    ),
    "out-of-paper": re.escape(f"{UNCONFIRMED}the printer is out of paper; load a roll."),
    "offline": re.escape(f"{UNCONFIRMED}the printer is offline; press its feed or online button."),
    "cover-open": re.escape(f"{UNCONFIRMED}the printer's cover is open; close it."),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_job_that_breaks_off_anywhere_is_unknown_never_sent_again_and_the_next_is_whole(
    start: Start, what: str
) -> None:
    with NetworkPrinter() as printer:
        bench = tagging(start(way_to(printer, printer.limits()), CUTTING))
        for after in range(64, len(tag_bytes("J1234")), 64):
            job_id = f"J{after}"
            printer.after(after, what)
            unknown = ended(bench, job_id)
            assert isinstance(unknown, Unknown)
            assert unknown.job_id == job_id
            assert re.fullmatch(BREAKS[what], unknown.sentence)
            printer.set_state("ready")
            assert ended(bench, f"N{after}") == Sent(job_id=f"N{after}")
            sheet = printer.sheets()[-1]
            assert (sheet.cut, sheet.rows) == (True, rows_of(f"N{after}"))
            whole = [sheet.rows for sheet in printer.sheets()].count(rows_of(job_id))
            assert whole == (0 if what in ("drop", "close") else 1)
        sendings = [report.job_id for report in bench.of_jobs() if isinstance(report, Sending)]
        assert len(sendings) == len(set(sendings))


@pytest.mark.parametrize("asked", [b"", LEAD + QUESTIONS[0], LEAD + b"".join(QUESTIONS)])
def test_at_whichever_byte_a_job_breaks_off_and_whatever_was_asked_since_the_next_label_is_exact(asked: bytes) -> None:
    first, next_one, expected = tag_bytes("J1"), tag_bytes("J2", after_break=True), rows_of("J2")
    for at in range(len(first) + 1):
        interpreter = Interpreter(Paper.MM58.dots)
        interpreter.feed(first[:at])
        interpreter.feed(asked)
        interpreter.feed(next_one)
        assert interpreter.all_sheets()[-1].rows == expected


def test_a_printer_that_tells_of_its_fault_unasked_while_it_is_waited_for_did_not_say_that_it_printed() -> None:
    data = tag_bytes("J1")
    with NetworkPrinter() as printer:
        printer.after(len(data) - 1, "out-of-paper")
        with pytest.raises(TransportBroken, match="is printed: the printer is out of paper") as broken:
            way_to(printer, printer.limits()).send(data)
        assert broken.value.sent == len(data)


def test_a_line_that_drops_inside_a_pictures_size_does_not_swallow_the_questions_and_labels_after_it(
    start: Start,
) -> None:
    header = tag_bytes("J1").index(b"\x1dv0")
    with NetworkPrinter() as printer:
        bench = tagging(start(way_to(printer, printer.limits()), CUTTING))
        for at in range(header + 1, header + 9):
            printer.after(at, "drop")
            assert isinstance(ended(bench, f"J{at}"), Unknown)
            printer.set_state("ready")
            assert ended(bench, f"N{at}") == Sent(job_id=f"N{at}")
            assert printer.sheets()[-1].rows == rows_of(f"N{at}")


def test_bytes_sent_ahead_of_a_question_keep_it_from_being_taken_for_a_pictures_size() -> None:
    """Without them the printer would wait for four million bytes of a picture, and swallow every label until then."""
    interpreter = Interpreter(Paper.MM58.dots)
    interpreter.feed(b"\x1dv0\x00" + b"".join(QUESTIONS) + tag_bytes("J2", after_break=True))
    assert not interpreter.all_sheets()


def test_a_job_that_is_refused_between_the_question_and_its_first_byte_failed_for_certain(start: Start) -> None:
    with NetworkPrinter() as printer:
        bench = tagging(start(way_to(printer), CUTTING, releases=False))
        bench.printer.submit(tag("J1"))
        assert isinstance(bench.settled()[-1], Sending)
        printer.set_state("offline")
        assert bench.printer.release("J1")
        assert bench.of_jobs()[-1] == Failed(job_id="J1", sentence=faulty(Fault.OFFLINE).sentence)
        printer.set_state("ready")
        bench.releases = True
        assert ended(bench, "J1") == Sent(job_id="J1")
    assert [sheet.rows for sheet in printer.sheets()] == [rows_of("J1")]


def test_a_printer_that_is_gone_between_the_question_and_the_first_byte_failed_the_job(start: Start) -> None:
    with NetworkPrinter() as printer:
        bench = tagging(start(way_to(printer), CUTTING, releases=False))
        bench.printer.submit(tag("J1"))
        assert isinstance(bench.settled()[-1], Sending)
    assert bench.printer.release("J1")
    assert bench.of_jobs()[-1] == Failed(job_id="J1", sentence=refused(printer))


def test_a_job_waits_for_paper_in_the_queue_and_not_in_the_printer(start: Start) -> None:
    with NetworkPrinter() as printer:
        printer.set_state("out-of-paper")
        bench = tagging(start(way_to(printer), CUTTING))
        bench.printer.submit(tag("J1"))
        assert bench.settled() == [faulty(Fault.OUT_OF_PAPER)]
        printer.set_state("ready")
        bench.printer.ask()
        assert bench.of_jobs()[-1] == Sent(job_id="J1")
        assert [sheet.rows for sheet in printer.sheets()] == [rows_of("J1")]


# A printer that takes no more -------------------------------------------------------------------------------------

CONFIRM = b"\x1dr\x01"
HUGE = b"\x1b@" + (b"\x1dv0\x00\x30\x00\x10\x00" + bytes(0x30 * 0x10)) * 12_000 + CONFIRM
"""More than any kernel holds for a line on one machine."""


@pytest.mark.parametrize(("answers", "what"), [(True, "stall"), (False, "stall"), (False, "out-of-paper")])
def test_a_printer_that_takes_no_more_ends_the_job_after_the_limit_for_writing(*, answers: bool, what: str) -> None:
    limits = Limits(connect=SECONDS, answer=0.2, write=0.1, printed=SECONDS)
    with NetworkPrinter(answers=answers, memory=1000) as printer:
        printer.after(500, what)
        with pytest.raises(TransportBroken) as broken:
            way_to(printer, limits, answers=answers).send(HUGE)
    told = re.fullmatch(r"The printer took (\d+) of (\d+) bytes and no more for 0\.1 s\.", broken.value.sentence)
    assert told
    assert 500 <= int(told[1]) < broken.value.sent <= int(told[2])
    assert len(HUGE) - int(told[2]) in (0, len(CONFIRM))


def test_what_the_kernel_keeps_for_a_printer_that_takes_no_more_does_not_count_as_taken() -> None:
    data = HUGE[:500_000]
    with NetworkPrinter(answers=False, memory=1000) as printer:
        printer.after(500, "stall")
        with pytest.raises(TransportBroken) as broken:
            way_to(printer, Limits(connect=SECONDS, write=0.1), answers=False).send(data)
    assert re.fullmatch(r"The printer took \d+ of 500000 bytes and no more for 0\.1 s\.", broken.value.sentence)
    assert broken.value.sent > 0


def test_a_printer_whose_memory_is_full_is_asked_anew_and_tells_why() -> None:
    limits = Limits(connect=SECONDS, answer=SECONDS, write=0.1, printed=SECONDS)
    with NetworkPrinter(memory=1000) as printer:
        printer.after(500, "out-of-paper")
        with pytest.raises(TransportBroken, match=r"no more for 0\.1 s: the printer is out of paper; load a roll\.$"):
            way_to(printer, limits).send(HUGE)


def test_what_a_printer_did_not_take_before_the_job_was_given_up_is_never_printed() -> None:
    with NetworkPrinter(memory=1000) as printer:
        printer.after(500, "out-of-paper")
        with pytest.raises(TransportBroken):
            way_to(printer, Limits(connect=SECONDS, answer=SECONDS, write=0.1, printed=SECONDS)).send(HUGE)
        printer.set_state("ready")
        assert way_to(printer).status() == Ready()
        assert len(printer.taken()) < len(HUGE) // 2


def test_a_printer_that_answers_and_never_confirms_leaves_the_job_unknown_and_says_so() -> None:
    swallowed = b"\x1dv0\x00\x30\x00\xff\x00" + tag_bytes("J1")
    with NetworkPrinter() as printer:
        way = way_to(printer, Limits(connect=SECONDS, answer=SECONDS, write=SECONDS, printed=SOON))
        with pytest.raises(TransportBroken) as broken:
            way.send(swallowed)
    assert broken.value.sentence == "The printer did not say within 0.02 s that the label is printed."
    assert broken.value.sent == len(swallowed)


# Questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status"),
    [("ready", Ready()), ("near-end", NEAR_END), *((fault.value, faulty(fault)) for fault in Fault)],
)
def test_each_state_is_told(state: str, status: Status) -> None:
    with NetworkPrinter() as printer:
        printer.set_state(state)
        assert way_to(printer).status() == status


@pytest.mark.parametrize("noise", [XON + XOFF, ASB, ASB + XOFF + ASB, b"\xff\x80\x9a", ASB[:1] + XON + ASB[1:]])
def test_what_nobody_asked_for_is_never_taken_for_an_answer(noise: bytes) -> None:
    with NetworkPrinter(noise=noise) as printer:
        way = way_to(printer)
        assert way.status() == Ready()
        way.send(tag_bytes("J1"))
        printer.set_state("cover-open")
        assert way.status() == faulty(Fault.COVER_OPEN)


def test_a_printer_near_its_end_prints_and_is_believed_when_it_confirms() -> None:
    with NetworkPrinter() as printer:
        printer.set_state("near-end")
        way_to(printer).send(tag_bytes("J1"))
        assert [sheet.rows for sheet in printer.sheets()] == [rows_of("J1")]


def test_a_printer_that_should_answer_and_is_silent_gets_no_job() -> None:
    with NetworkPrinter(answers=False) as printer:
        way = way_to(printer, Limits(connect=SECONDS, answer=SOON, write=SECONDS, printed=SECONDS))
        assert way.status() == Unanswered(sentence=NO_ANSWER)
        with pytest.raises(TransportBroken) as broken:
            way.send(tag_bytes("J1"))
        assert (broken.value.sent, broken.value.sentence) == (0, NO_ANSWER)
        assert not printer.sheets()


def test_a_printer_that_serves_somebody_else_is_not_ready_and_prints_later(start: Start) -> None:
    limits = Limits(connect=SECONDS, answer=0.2, write=SECONDS, printed=SECONDS)
    with NetworkPrinter() as printer:
        bench = tagging(start(way_to(printer, limits), CUTTING))
        with socket.create_connection((printer.host, printer.port)) as other:
            other.sendall(QUESTIONS[0])
            assert other.recv(1) == b"\x12"
            bench.printer.submit(tag("J1"))
            assert bench.settled() == [Unanswered(sentence=NO_ANSWER)]
            with pytest.raises(TransportBroken) as broken:
                way_to(printer, limits).send(tag_bytes("J1"))
            assert (broken.value.sent, broken.value.sentence) == (0, NO_ANSWER)
        bench.printer.ask()
        assert bench.of_jobs()[-1] == Sent(job_id="J1")
        assert [sheet.rows for sheet in printer.sheets()] == [rows_of("J1")]


# Printers that say nothing ----------------------------------------------------------------------------------------


def test_a_silent_printer_gets_its_jobs_unasked_and_is_believed_when_it_took_them(start: Start) -> None:
    with NetworkPrinter(answers=False) as printer:
        bench = tagging(start(way_to(printer, answers=False), SILENT))
        says = f"The printer at {printer.host}:{printer.port} is there, but cannot tell how it is."
        there = Unanswered(sentence=says, is_there=True)
        for job_id in ("J1", "J2"):
            bench.printer.submit(tag(job_id))
            bench.settled()
        assert [report for report in bench.heard if not isinstance(report, Sending)] == [
            there,
            Sent(job_id="J1"),
            there,
            Sent(job_id="J2"),
        ]
    assert [sheet.rows for sheet in printer.sheets()] == [rows_of("J1"), rows_of("J2")]
    assert not any(question in printer.taken() for question in QUESTIONS)


def test_a_line_to_a_silent_printer_that_drops_is_told_with_what_may_be_on_paper() -> None:
    with NetworkPrinter(answers=False) as printer:
        printer.after(500, "drop")
        with pytest.raises(
            TransportBroken, match=r"^The line to the printer broke after \d+ of \d+ bytes\.$"
        ) as broken:
            way_to(printer, answers=False).send(HUGE)
        assert 500 <= broken.value.sent < len(HUGE)
        way_to(printer, answers=False).send(tag_bytes("J2", after_break=True))
    assert printer.sheets()[-1].rows == rows_of("J2")


# Printers that are not there --------------------------------------------------------------------------------------


def refused(printer: NetworkPrinter) -> str:
    where = f"{printer.host}:{printer.port}"
    return f"The printer at {where} refuses the connection; see whether it is the printer's own address."


@pytest.mark.parametrize("answers", [True, False])
def test_a_refused_connection_is_told_of_printers_that_answer_and_of_silent_ones(*, answers: bool) -> None:
    with NetworkPrinter() as printer:
        pass
    way = way_to(printer, answers=answers)
    assert way.status() == Unanswered(sentence=refused(printer))
    with pytest.raises(TransportBroken) as broken:
        way.send(b"x")
    assert (broken.value.sent, broken.value.sentence) == (0, refused(printer))


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (TimeoutError(), "Nothing answers at h:9; check that the printer is switched on and its network cable."),
        (
            OSError(errno.ETIMEDOUT, ""),
            "Nothing answers at h:9; check that the printer is switched on and its network cable.",
        ),
        (OSError(errno.EHOSTUNREACH, ""), "There is no way to the printer at h:9; check the network cables."),
        (OSError(errno.ENETUNREACH, ""), "There is no way to the printer at h:9; check the network cables."),
        (OSError(errno.ENETDOWN, ""), "There is no way to the printer at h:9; check the network cables."),
        (OSError(errno.EACCES, "Permission denied"), "The printer at h:9 cannot be connected to: Permission denied."),
    ],
)
def test_each_way_of_not_being_there_has_its_sentence(
    trouble: OSError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(network, "_line", unreachable)
    monkeypatch.setattr(network, "_look_up", lambda _host, _port, found: found.put([(socket.AF_INET, ("h", 9))] * 2))
    assert NetworkTransport("h", 9, answers=True, limits=PATIENT).status() == Unanswered(sentence=sentence)


def test_an_address_where_nobody_takes_the_call_is_given_up_after_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as callers:
        address = full.getsockname()
        for _ in range(3):  # fills the queue of calls, so that the next one hears nothing
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)  # noqa: FBT003 - the library's own signature
            caller.connect_ex(address)
        way = NetworkTransport(*address, answers=True, limits=Limits(connect=0.05))
        where = f"{address[0]}:{address[1]}"
        told = f"Nothing answers at {where}; check that the printer is switched on and its network cable."
        assert way.status() == Unanswered(sentence=told)


@pytest.mark.parametrize("host", ["x" * 300, "a..b"])
def test_a_name_that_nobody_can_know_is_told(host: str) -> None:
    way = NetworkTransport(host, 9100, answers=False, limits=PATIENT)
    told = f"The printer's name {host} is not known to this network; correct it or use its address."
    assert way.status() == Unanswered(sentence=told)


def test_a_name_server_that_never_answers_does_not_hold_the_printer_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(network, "_look_up", lambda *_: answered.wait(SECONDS))
    status = NetworkTransport("printer", 9100, answers=True, limits=Limits(connect=SOON)).status()
    answered.set()
    assert isinstance(status, Unanswered)
    assert status.sentence.startswith("The printer's name printer is not known")


# One line ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair() -> Iterator[tuple[Wire, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        yield Wire(near.fileno(), Limits(connect=SECONDS, answer=SECONDS, write=SECONDS, printed=SECONDS)), far


def test_what_came_before_a_question_is_no_answer_to_it(pair: tuple[Wire, socket.socket]) -> None:
    wire, far = pair
    far.send(b"\x1a\x1a\x12\x00")
    assert wire.ask(b"?", is_realtime_answer, SOON) == b""
    assert far.recv(1) == b"?"


def test_a_line_that_ends_is_no_answer_and_says_so(pair: tuple[Wire, socket.socket]) -> None:
    wire, far = pair
    far.close()
    assert status_over(wire) == Unanswered(
        sentence="The line to the printer broke while it was asked; check its cable."
    )
    assert wire.is_ended
    assert wire.read(SECONDS) == b""
    with pytest.raises(TransportBroken) as broken:
        deliver(wire, b"label", answers=False)
    assert (broken.value.sent, broken.value.sentence) == (0, "The line to the printer broke after 0 of 5 bytes.")


def test_a_byte_that_has_come_is_read_at_once_and_at_the_limit_there_is_none(pair: tuple[Wire, socket.socket]) -> None:
    wire, far = pair
    assert wire.read(0) == b""
    far.send(b"\x12\x00")
    assert wire.read(SECONDS) == b"\x12\x00"
    assert wire.read(SOON) == b""
    assert not wire.is_ended


def test_a_printer_that_never_stops_talking_ends_a_question_by_its_limit() -> None:
    near, far = socket.socketpair()
    with near, far:
        wire = Wire(near.fileno(), Limits(answer=SOON))
        heard = threading.Event()

        def talk() -> None:
            with contextlib.suppress(OSError):
                while not heard.is_set():
                    far.sendall(XOFF * 1000)

        talking = threading.Thread(target=talk)
        talking.start()
        assert status_over(wire) == Unanswered(sentence=NO_ANSWER)
        heard.set()
        near.shutdown(socket.SHUT_RDWR)
        talking.join()


def test_a_driver_that_calls_itself_ready_and_takes_nothing_ends_a_job_by_its_limit(
    pair: tuple[Wire, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, _ = pair
    monkeypatch.setattr(wire, "_take", lambda _: 0)
    wire.limits = Limits(write=SOON)
    with pytest.raises(TransportBroken) as broken:
        deliver(wire, b"label", answers=False)
    assert broken.value.sentence == "The printer took 0 of 5 bytes and no more for 0.02 s."
    assert broken.value.sent == 0


def test_a_driver_that_fails_in_the_middle_of_a_transfer_leaves_all_of_it_in_doubt(
    pair: tuple[Wire, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: bytes) -> int:
        raise OSError(errno.EIO, "Input/output error")

    wire, _ = pair
    monkeypatch.setattr(wire, "_take", fail)
    with pytest.raises(TransportBroken) as broken:
        deliver(wire, b"label", answers=False)
    assert broken.value.sent == len(b"label")
