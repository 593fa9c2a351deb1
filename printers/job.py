"""What is a printer asked to do, and what does it say about it?

Values only. A job is told apart by its id, and is printed at most once: what became of it after its first byte left is
either known (`Printed`) or not (`Unknown`), and where it is not, a person looks at the printer and decides. A reprint
is a person's choice: a new job, numbered, with its reason and date drawn across the label.

>>> Job(id="J2", template="T20", fields={}, duplicate=1, reason="torn", reprinted="2026-03-10 09:00").marker
'DUPLICATE 1 - REPRINTED 2026-03-10 09:00 torn'
"""

import enum
from collections.abc import Mapping, Sequence

from msgspec import Struct


class Fault(enum.StrEnum):
    """Why a printer cannot print now."""

    OUT_OF_PAPER = "out-of-paper"
    OFFLINE = "offline"
    COVER_OPEN = "cover-open"
    JAM = "jam"


class Job(Struct, frozen=True, kw_only=True):
    """One label to print. Raises ValueError where a reprint lacks its number, reason or date."""

    id: str
    template: str
    """Id of a label's definition."""
    fields: Mapping[str, str | Sequence[str]]
    copies: int = 1
    duplicate: int = 0
    """0 for a first print, else which reprint this is."""
    reason: str = ""
    """Why it is printed again."""
    reprinted: str = ""
    """Local date and time of the reprint, as it is to be read on the label."""

    def __post_init__(self) -> None:
        if not 1 <= self.copies <= 99:  # noqa: PLR2004 - two digits, so that a slip never empties the roll
            raise ValueError(f"job {self.id}: {self.copies} copies were asked for, 1 to 99 were expected")
        if self.duplicate < 0:
            raise ValueError(f"job {self.id}: {self.duplicate} was found as a reprint's number, 1 or more was expected")
        if self.duplicate and not (self.reason and self.reprinted):
            raise ValueError(f"job {self.id}: a reprint was asked for without its reason and date")

    @property
    def marker(self) -> str:
        """The band across a reprint; empty for a first print."""
        if not self.duplicate:
            return ""
        return f"DUPLICATE {self.duplicate} - REPRINTED {self.reprinted} {self.reason}"


class Ready(Struct, frozen=True, kw_only=True, tag=True):
    """The printer said that it can print."""

    near_end: bool
    """The roll is nearly used up."""


class NotReady(Struct, frozen=True, kw_only=True, tag=True):
    """The printer said that it cannot print."""

    fault: Fault
    sentence: str


class Unanswered(Struct, frozen=True, kw_only=True, tag=True):
    """The printer did not say, or cannot."""

    sentence: str


Status = Ready | NotReady | Unanswered


class Sending(Struct, frozen=True, kw_only=True, tag=True):
    """Composed and ready to leave; nothing has left, and nothing will until the job is released."""

    job_id: str


class Printed(Struct, frozen=True, kw_only=True, tag=True):
    """Every byte was taken, and the printing confirmed where the printer can."""

    job_id: str


class Failed(Struct, frozen=True, kw_only=True, tag=True):
    """Not printed, and certain not to be."""

    job_id: str
    sentence: str
    before_first_byte: bool = True


class Unknown(Struct, frozen=True, kw_only=True, tag=True):
    """Part or all of it left, and what became of it is not known."""

    job_id: str
    sentence: str


JobReport = Sending | Printed | Failed | Unknown
