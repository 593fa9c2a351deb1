"""A USB printer at the kernel's node gets its bytes, is asked, and holds nobody up for ever.

A pty or a file stands where the node would be; what only the kernel's driver does is proved on real kernel devices.
"""

import errno
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from far_end import IS_PRINTED, QUESTIONS, FarEnd

from printers.status import NEAR_END, Fault, Ready, Status, Unanswered, faulty
from printers.transports import Limits, TransportBroken
from printers.transports.lp import LpTransport, port_status, port_told
from printers.transports.trouble import why

SHORT = Limits(answer=0.2, write=0.3, printed=0.3)
PLENTY = Limits(answer=10.0, write=10.0, printed=10.0)
LABEL = bytes(range(32, 127)) * 20
OUT_OF_PAPER = faulty(Fault.OUT_OF_PAPER)
SAYS_NOTHING = Unanswered(sentence="The printer cannot tell how it is.", is_there=True)


@pytest.fixture
def printer() -> Iterator[FarEnd]:
    printer = FarEnd()
    tty.setraw(printer.near)
    yield printer
    printer.close()


def to(printer: FarEnd, *, answers: bool = True, limits: Limits = PLENTY, port: Status = SAYS_NOTHING) -> LpTransport:
    return LpTransport(printer.path, answers=answers, limits=limits, port=lambda _: port)


def broken(transport: LpTransport, data: bytes = LABEL) -> TransportBroken:
    with pytest.raises(TransportBroken) as error:
        transport.send(data)
    return error.value


# Sending ----------------------------------------------------------------------------------------------------------


def test_a_job_arrives_whole_and_is_seen_printed(printer: FarEnd) -> None:
    printer.start()
    to(printer).send(LABEL + IS_PRINTED)
    assert printer.job == LABEL + IS_PRINTED


def test_a_printer_that_never_answers_is_not_asked(printer: FarEnd) -> None:
    printer.start()
    to(printer, answers=False).send(LABEL)
    assert printer.got(len(LABEL)) == LABEL


def test_a_printer_that_stops_taking_bytes_leaves_the_job_unknown(printer: FarEnd) -> None:
    ended = broken(to(printer, answers=False, limits=SHORT), bytes(1_000_000))
    assert ended.sent > 0
    assert "no more for 0.3 s" in ended.sentence


def test_the_port_says_why_it_stopped(printer: FarEnd) -> None:
    ended = broken(to(printer, answers=False, limits=SHORT, port=OUT_OF_PAPER), bytes(1_000_000))
    assert ended.sentence.endswith("no more for 0.3 s: the printer is out of paper; load a roll.")


def test_a_printer_that_does_not_say_that_it_printed_leaves_the_job_unknown(printer: FarEnd) -> None:
    del printer.answers[IS_PRINTED]
    printer.start()
    assert broken(to(printer, limits=SHORT), LABEL + IS_PRINTED).sent >= len(LABEL)


def test_a_job_is_not_begun_where_the_printer_says_that_it_cannot_print(printer: FarEnd) -> None:
    printer.answers |= {QUESTIONS[0]: b"\x1a", QUESTIONS[1]: b"\x32"}
    printer.start()
    ended = broken(to(printer))
    assert (ended.sent, ended.sentence) == (0, OUT_OF_PAPER.sentence)
    assert printer.job == b""


# Asking -----------------------------------------------------------------------------------------------------------


def test_what_the_printer_answers_goes_before_what_its_port_says(printer: FarEnd) -> None:
    printer.answers[QUESTIONS[3]] = b"\x1e"
    printer.start()
    assert to(printer, port=Ready()).status() == NEAR_END


@pytest.mark.parametrize("port", [Ready(), OUT_OF_PAPER, faulty(Fault.OFFLINE), SAYS_NOTHING])
def test_a_printer_that_cannot_answer_is_as_its_port_says(printer: FarEnd, port: Status) -> None:
    assert to(printer, answers=False, port=port).status() == port


def test_a_printer_that_ought_to_answer_and_is_silent_is_not_believed_to_be_ready(printer: FarEnd) -> None:
    assert isinstance(to(printer, limits=SHORT, port=Ready()).status(), Unanswered)


def test_a_silent_printer_s_port_may_still_say_what_is_wrong(printer: FarEnd) -> None:
    assert to(printer, limits=SHORT, port=OUT_OF_PAPER).status() == OUT_OF_PAPER


def test_a_node_without_a_port_cannot_tell(printer: FarEnd) -> None:
    assert port_status(printer.near) == SAYS_NOTHING
    assert LpTransport(printer.path, answers=False, limits=SHORT).status() == SAYS_NOTHING


@pytest.mark.parametrize(
    ("byte", "status"),
    [
        (0x18, Ready()),
        (0x38, OUT_OF_PAPER),
        (0x20, OUT_OF_PAPER),
        (0x08, faulty(Fault.OFFLINE)),
        (0x00, faulty(Fault.OFFLINE)),
        (0x10, faulty(Fault.ERROR)),
        (0xDF, Ready()),
    ],
)
def test_the_three_bits_of_a_port_are_told(byte: int, status: Status) -> None:
    assert port_told(byte) == status


# Trouble ----------------------------------------------------------------------------------------------------------


def told(path: Path) -> tuple[str, str]:
    """Give what status and job say of a node that cannot be opened."""
    transport = LpTransport(path, answers=True, limits=SHORT)
    status = transport.status()
    assert isinstance(status, Unanswered)
    ended = broken(transport)
    assert ended.sent == 0
    return status.sentence, ended.sentence


def test_a_printer_that_is_not_there_says_so(tmp_path: Path) -> None:
    for sentence in told(tmp_path / "lp0"):
        assert sentence.endswith("/lp0 is not there; switch it on, plug it in, or name another one in station.toml.")


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.EACCES, "put the user into the group lp"),
        (errno.EBUSY, "stop that one"),
        (errno.ENODEV, "check its cable and its switch"),
        (errno.ENOENT, "plug it in"),
        (errno.EPROTO, "unplug it and plug it in again"),
    ],
)
def test_every_trouble_is_one_sentence_with_its_mend(number: int, mend: str) -> None:
    sentence = why("/dev/usb/lp0", OSError(number, os.strerror(number)))
    assert sentence.startswith("The printer at /dev/usb/lp0 ")
    assert mend in sentence.partition(";")[2]
    assert sentence.count(".") == sentence.endswith(".") + sentence.count("station.toml")


def test_another_node_says_what_the_system_says(tmp_path: Path) -> None:
    for sentence in told(tmp_path):
        assert "gives the error Is a directory" in sentence


def test_a_printer_pulled_out_in_the_middle_leaves_the_job_unknown(printer: FarEnd) -> None:
    printer.takes_at_most = 64
    printer.hangs_up = True
    printer.start()
    ended = broken(to(printer, answers=False), bytes(1_000_000))
    assert ended.sent > 0
    assert "broke" in ended.sentence
