"""A printer on a serial line gets its bytes as they are, is asked, and holds nobody up for ever. Over real ptys."""

import errno
import fcntl
import os
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from far_end import IS_PRINTED, QUESTIONS, FarEnd

from printers.status import NEAR_END, Fault, Ready, Unanswered, faulty
from printers.transports import Limits, TransportBroken
from printers.transports.serial import Flow, Lamps, SerialTransport, lamps

SHORT = Limits(answer=0.2, write=0.3, printed=0.3)
PLENTY = Limits(answer=10.0, write=10.0, printed=10.0)
EVERY_BYTE = bytes(range(256)).replace(b"\x10", b"")
"""But for the one that a question begins with."""


@pytest.fixture
def printer() -> Iterator[FarEnd]:
    printer = FarEnd()
    yield printer
    printer.close()


def to(
    printer: FarEnd, flow: Flow = Flow.NONE, *, answers: bool = True, limits: Limits = PLENTY, lamps: Lamps = lamps
) -> SerialTransport:
    return SerialTransport(printer.path, 38_400, flow, answers=answers, limits=limits, lamps=lamps)


# Sending ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", list(Flow))
def test_a_job_arrives_as_it_was_given_and_is_seen_printed(printer: FarEnd, flow: Flow) -> None:
    printer.start()
    to(printer, flow).send(EVERY_BYTE * 20 + IS_PRINTED)
    assert printer.job == EVERY_BYTE * 20 + IS_PRINTED


def test_a_printer_that_never_answers_is_not_asked(printer: FarEnd) -> None:
    printer.start()
    to(printer, answers=False).send(b"label")
    assert printer.got(5) == b"label"


def test_two_jobs_follow_one_another(printer: FarEnd) -> None:
    printer.start()
    transport = to(printer)
    transport.send(b"one" + IS_PRINTED)
    transport.send(b"two" + IS_PRINTED)
    assert printer.job == b"one" + IS_PRINTED + b"two" + IS_PRINTED


def test_what_the_printer_said_before_is_no_answer(printer: FarEnd) -> None:
    os.write(printer.end, b"\x12" * 8)
    assert isinstance(to(printer, limits=SHORT).status(), Unanswered)


def test_a_printer_that_stops_taking_bytes_leaves_the_job_unknown(printer: FarEnd) -> None:
    printer.takes_at_most = 100
    printer.start()
    with pytest.raises(TransportBroken) as broken:
        to(printer, answers=False, limits=SHORT).send(bytes(100_000))
    assert broken.value.sent > 0
    assert "no more for 0.3 s" in broken.value.sentence


def test_a_line_is_let_go_at_once_though_bytes_still_wait_in_it(printer: FarEnd) -> None:
    with pytest.raises(TransportBroken):
        to(printer, answers=False, limits=SHORT).send(bytes(100_000))
    printer.start()
    to(printer).send(b"next" + IS_PRINTED)


def test_a_printer_that_does_not_say_that_it_printed_leaves_the_job_unknown(printer: FarEnd) -> None:
    del printer.answers[IS_PRINTED]
    printer.start()
    with pytest.raises(TransportBroken) as broken:
        to(printer, limits=SHORT).send(b"label" + IS_PRINTED)
    assert broken.value.sent >= len(b"label")


def test_a_job_is_not_begun_where_the_printer_says_that_it_cannot_print(printer: FarEnd) -> None:
    printer.answers |= {QUESTIONS[0]: b"\x1a", QUESTIONS[1]: b"\x32", QUESTIONS[3]: b"\x7e"}
    printer.start()
    with pytest.raises(TransportBroken) as broken:
        to(printer).send(b"label" + IS_PRINTED)
    assert (broken.value.sent, broken.value.sentence) == (0, faulty(Fault.OUT_OF_PAPER).sentence)
    printer.close()
    assert b"label" not in printer.taken


@pytest.mark.parametrize("flow", [Flow.DTR, Flow.RTS])
def test_nothing_leaves_while_the_printer_says_wait_and_flow_is_named(printer: FarEnd, flow: Flow) -> None:
    printer.start()
    with pytest.raises(TransportBroken) as broken:
        to(printer, flow, answers=False, limits=SHORT, lamps=lambda _: 0).send(b"label")
    assert broken.value.sent == 0
    assert "is not ready" in broken.value.sentence
    assert f"which is {flow}" in broken.value.sentence
    printer.close()
    assert printer.taken == b""


def test_a_printer_that_says_wait_for_a_while_gets_the_rest_afterwards(printer: FarEnd) -> None:
    lit = iter([termios.TIOCM_DSR] * 3 + [0] * 3)
    printer.start()
    to(printer, Flow.DTR, answers=False, lamps=lambda _: next(lit, termios.TIOCM_DSR)).send(EVERY_BYTE * 4)
    assert printer.got(len(EVERY_BYTE * 4)) == EVERY_BYTE * 4


def test_a_printer_that_says_wait_in_the_middle_and_no_more_leaves_the_job_unknown(printer: FarEnd) -> None:
    lit = iter([termios.TIOCM_DSR] * 3)
    printer.start()
    transport = to(printer, Flow.DTR, answers=False, limits=SHORT, lamps=lambda _: next(lit, 0))
    with pytest.raises(TransportBroken) as broken:
        transport.send(EVERY_BYTE * 4)
    assert printer.got(broken.value.sent) == (EVERY_BYTE * 4)[: broken.value.sent]
    assert 0 < broken.value.sent < len(EVERY_BYTE * 4)


def test_never_more_than_a_printer_takes_after_it_said_wait_is_handed_over_at_once(printer: FarEnd) -> None:
    left = [0]

    def looked(_: int) -> int:
        left.append(len(printer.taken))
        return termios.TIOCM_DSR

    printer.start()
    to(printer, Flow.DTR, answers=False, lamps=looked).send(bytes(2000))
    assert len(left) > 2000 // 128


# Asking -----------------------------------------------------------------------------------------------------------


def test_a_printer_that_is_well_is_ready(printer: FarEnd) -> None:
    printer.start()
    assert to(printer).status() == Ready()


def test_a_roll_that_ends_soon_is_a_warning(printer: FarEnd) -> None:
    printer.answers[QUESTIONS[3]] = b"\x1e"
    printer.start()
    assert to(printer).status() == NEAR_END


def test_a_printer_is_asked_though_it_says_wait(printer: FarEnd) -> None:
    printer.answers |= {QUESTIONS[0]: b"\x1a", QUESTIONS[1]: b"\x16"}
    printer.start()
    assert to(printer, Flow.DTR, lamps=lambda _: 0).status() == faulty(Fault.COVER_OPEN)


def test_silence_is_no_answer(printer: FarEnd) -> None:
    assert isinstance(to(printer, limits=SHORT).status(), Unanswered)


def test_silence_of_a_printer_that_says_wait_names_cable_and_flow(printer: FarEnd) -> None:
    status = to(printer, Flow.DTR, limits=SHORT, lamps=lambda _: 0).status()
    assert isinstance(status, Unanswered)
    assert "cable" in status.sentence
    assert "flow" in status.sentence


def test_a_printer_that_cannot_answer_is_not_asked(printer: FarEnd) -> None:
    printer.start()
    status = to(printer, answers=False).status()
    assert isinstance(status, Unanswered)
    assert status.is_there
    printer.close()
    assert printer.taken == b""


# Trouble ----------------------------------------------------------------------------------------------------------


def told(path: Path) -> tuple[str, str]:
    """Give what status and job say of the line at a path."""
    transport = SerialTransport(path, 9600, Flow.NONE, answers=True, limits=SHORT)
    status = transport.status()
    assert isinstance(status, Unanswered)
    with pytest.raises(TransportBroken) as broken:
        transport.send(b"label")
    assert broken.value.sent == 0
    return status.sentence, broken.value.sentence


def test_a_line_that_is_not_there_says_so(tmp_path: Path) -> None:
    for sentence in told(tmp_path / "ttyUSB0"):
        assert sentence.endswith(
            "/ttyUSB0 is not there; switch it on, plug it in, or name another one in station.toml."
        )


def test_what_is_no_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    for sentence in told(tmp_path / "file"):
        assert "is no serial line" in sentence
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_line_that_another_program_holds_says_so(printer: FarEnd) -> None:
    fcntl.flock(printer.near, fcntl.LOCK_EX)
    for sentence in told(printer.path):
        assert "is held by another program" in sentence


def test_a_line_is_held_while_it_is_used_and_let_go_afterwards(printer: FarEnd) -> None:
    found: list[int] = []

    def look(_: int) -> int:
        try:
            os.close(os.open(printer.path, os.O_RDWR | os.O_NOCTTY))
            found.append(0)
        except OSError as error:
            found.append(error.errno or 0)
        return termios.TIOCM_DSR

    printer.start()
    to(printer, Flow.DTR, answers=False, lamps=look).send(b"label")
    assert set(found) == ({0} if os.geteuid() == 0 else {errno.EBUSY})
    os.close(os.open(printer.path, os.O_RDWR | os.O_NOCTTY))


def test_pulling_the_cable_out_leaves_the_job_unknown(printer: FarEnd) -> None:
    printer.takes_at_most, printer.hangs_up = 100, True
    printer.start()
    with pytest.raises(TransportBroken) as broken:
        to(printer, answers=False).send(bytes(100_000))
    assert broken.value.sent > 0
    assert "broke" in broken.value.sentence


def test_a_line_that_is_pulled_out_once_all_is_handed_over_leaves_the_job_unknown(printer: FarEnd) -> None:
    looks: list[int] = []

    def look(handle: int) -> int:
        looks.append(handle)
        if len(looks) == 2:
            printer.hang_up()
        return termios.TIOCM_DSR

    with pytest.raises(TransportBroken) as broken:
        to(printer, Flow.DTR, answers=False, lamps=look).send(b"label")
    assert broken.value.sent == len(b"label")
    assert "is unplugged or switched off" in broken.value.sentence
