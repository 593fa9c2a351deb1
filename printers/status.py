"""How is the printer, as far as it says?

Four answers: ready; a warning with which it still prints; a fault, by which it does not; and no telling. Silence is
never taken for "ready".
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
