"""How is the printer, as far as it says?

Four answers: ready; a warning with which it still prints; a fault, by which it does not; and no telling. Silence is
never taken for "ready".

A printer is asked four real-time questions (Epson ESC/POS, `DLE EOT n`, n 1 to 4), and answers each with one byte of a
fixed pattern, 0xx1xx10. Other bytes may come between: flow control, changes of state that nobody asked for (ASB, four
bytes), the answer to `GS r`. They are told apart by their fixed bits; whatever answers no question is dropped.

>>> told(bytes.fromhex("1a 32 12 7e"))
NotReady(fault=<Fault.OUT_OF_PAPER: 'out-of-paper'>, sentence='The printer is out of paper; load a roll.')
"""

import enum

from msgspec import Struct


class Fault(enum.StrEnum):
    """Why a printer cannot print now."""

    OUT_OF_PAPER = "out-of-paper"
    OFFLINE = "offline"
    COVER_OPEN = "cover-open"
    JAM = "jam"
    ERROR = "error"
    """One that the printer does not recover from by itself."""


class Ready(Struct, frozen=True, kw_only=True, tag=True):
    """The printer said that it can print."""


class Warned(Struct, frozen=True, kw_only=True, tag=True):
    """The printer said that it can print, and that somebody should look after it soon."""

    sentence: str


class NotReady(Struct, frozen=True, kw_only=True, tag=True):
    """The printer said that it cannot print."""

    fault: Fault
    sentence: str


class Unanswered(Struct, frozen=True, kw_only=True, tag=True):
    """The printer did not say, or cannot."""

    sentence: str
    is_there: bool = False
    """The way to it stands, and it is of those that cannot tell: nothing is wrong as far as anybody knows."""


Status = Ready | Warned | NotReady | Unanswered

NEAR_END = Warned(sentence="The roll is nearly used up; have another at hand.")
SENTENCES = {
    Fault.OUT_OF_PAPER: "The printer is out of paper; load a roll.",
    Fault.OFFLINE: "The printer is offline; press its feed or online button.",
    Fault.COVER_OPEN: "The printer's cover is open; close it.",
    Fault.JAM: "The printer's cutter or paper is jammed; open it and clear the paper.",
    Fault.ERROR: "The printer reports a fault; switch it off and on.",
}
"""What is wrong, and what mends it."""


def faulty(fault: Fault) -> NotReady:
    """Give the answer of a printer with that fault."""
    return NotReady(fault=fault, sentence=SENTENCES[fault])


PAUSED = NotReady(
    fault=Fault.OFFLINE, sentence="The printer has paused, perhaps with a hot head; wait, it goes on by itself."
)
FEEDING = NotReady(fault=Fault.OFFLINE, sentence="The printer's feed button is held down; let it go.")

QUESTIONS = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
"""`DLE EOT n`: the printer, why it is offline, its errors, its paper."""
_PATTERN, _REALTIME, _BLOCK = 0b1001_0011, 0b0001_0010, 0b0001_0000
"""The fixed bits of an answer to `DLE EOT n`, and of the first byte of an ASB block; 0x11 and 0x13 are flow control."""
_CAUSES: tuple[tuple[int, int, Status], ...] = (
    (3, 0x20, faulty(Fault.ERROR)),
    (3, 0x08, faulty(Fault.JAM)),
    (2, 0x20, faulty(Fault.OUT_OF_PAPER)),
    (4, 0x60, faulty(Fault.OUT_OF_PAPER)),
    (2, 0x04, faulty(Fault.COVER_OPEN)),
    (3, 0x40, PAUSED),
    (2, 0x40, faulty(Fault.ERROR)),
    (2, 0x08, FEEDING),
    (1, 0x08, faulty(Fault.OFFLINE)),
    (4, 0x0C, NEAR_END),
)
"""Question, bits of its answer of which any counts, and what they mean; the worst first.

A cause stands before the general sign that it also sets: a jammed cutter is an error, too, and every fault is offline.
"""


def told(answers: bytes) -> Status:
    """Decode the four answers to QUESTIONS, in their order, into the worst that they tell.

    Raises ValueError for any other number of bytes, and for one that is no answer.
    """
    if len(answers) != len(QUESTIONS) or not all(map(is_realtime_answer, answers)):
        raise ValueError(f"{answers.hex(' ') or 'nothing'} was found, four bytes of the form 0xx1xx10 were expected")
    return next((status for question, bits, status in _CAUSES if answers[question - 1] & bits), Ready())


def is_realtime_answer(byte: int) -> bool:
    """Whether a byte answers `DLE EOT n`: 0xx1xx10.

    >>> [is_realtime_answer(byte) for byte in (0x12, 0x1A, 0x11, 0x13, 0x10, 0x00)]
    [True, True, False, False, False, False]
    """
    return byte & _PATTERN == _REALTIME


def is_printed_answer(byte: int) -> bool:
    """Whether a byte answers `GS r 1`, which is answered when everything before it is on paper: 0xx0xxxx.

    >>> [is_printed_answer(byte) for byte in (0x00, 0x0C, 0x11, 0x12, 0x80)]
    [True, True, False, False, False]
    """
    return byte & 0b1001_0000 == 0


class Sieve:
    """Takes out of what a printer sends the blocks that nobody asked for, however they are cut into pieces.

    Automatic status (ASB, `GS a`): a byte 0xx1xx00, then three 0xx0xxxx that would pass for answers to `GS r`.

    >>> sieve = Sieve()
    >>> (sieve.passed(bytes.fromhex("10 00")) + sieve.passed(bytes.fromhex("00 0f 12 00"))).hex(" ")
    '12 00'
    """

    def __init__(self) -> None:
        self._left = 0
        """Bytes still to come of a block."""

    def passed(self, data: bytes) -> bytes:
        """Give what is part of no block."""
        return bytes(byte for byte in data if not self._is_of_block(byte))

    def _is_of_block(self, byte: int) -> bool:
        if byte & _PATTERN == _BLOCK:
            self._left = 3
            return True
        if self._left and is_printed_answer(byte):
            self._left -= 1
            return True
        return False
