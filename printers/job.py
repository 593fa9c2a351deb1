"""What is a printer asked to do, and what becomes of it?

A job is told apart by its id, and is printed at most once: what became of it after its first byte left is either known
(`Sent`) or not (`Unknown`), and where it is not, a person looks at the printer and decides. A reprint is a person's
choice: a job of its own, numbered, with its reason, its date and the id that it replaces drawn across the label.

>>> Job(id="J2", template="T20", fields={}, duplicate=1, reason="torn", reprinted="2026-03-10 09:00").marker
{'duplicate': '1', 'reprinted': '2026-03-10 09:00', 'reason': 'torn', 'replaces': ''}
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from printers.drawing import Drawing, Filled, draw
from printers.label import Layout, Paper
from printers.layout import named

MARKER = "T23"
"""The layout that stands above a reprinted label."""


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
    replaces: str = ""
    """The label that is void by this one, where two might exist."""

    def __post_init__(self) -> None:
        if not 1 <= self.copies <= 99:  # noqa: PLR2004 - two digits, so that a slip never empties the roll
            raise ValueError(f"job {self.id}: {self.copies} copies were asked for, 1 to 99 were expected")
        if self.duplicate < 0:
            raise ValueError(f"job {self.id}: {self.duplicate} was found as a reprint's number, 1 or more was expected")
        if self.duplicate and not (self.reason and self.reprinted):
            raise ValueError(f"job {self.id}: a reprint was asked for without its reason and date")

    @property
    def marker(self) -> dict[str, str]:
        """What fills the mark of a reprint; empty for a first print."""
        if not self.duplicate:
            return {}
        return {
            "duplicate": str(self.duplicate),
            "reprinted": self.reprinted,
            "reason": self.reason,
            "replaces": self.replaces,
        }


def drawn(job: Job, layouts: Mapping[str, Layout], paper: Paper) -> Drawing:
    """Draw a job's label, a reprint's with its mark above it; raises LabelRefused."""
    marker = Filled(layout=named(layouts, MARKER), fields=job.marker) if job.duplicate else None
    return draw(named(layouts, job.template), job.fields, paper, above=marker)


class Sending(Struct, frozen=True, kw_only=True, tag=True):
    """Composed and ready to leave; nothing has left, and nothing will until the job is released."""

    job_id: str
    layout: str
    """SHA-256 of the definition it was drawn with, hex."""
    data: str
    """SHA-256 of its bytes, hex."""


class Sent(Struct, frozen=True, kw_only=True, tag=True):
    """Every byte was taken, and the printing confirmed where the printer can."""

    job_id: str


class Failed(Struct, frozen=True, kw_only=True, tag=True):
    """Not printed, and certain not to be: no byte of it left."""

    job_id: str
    sentence: str


class Unknown(Struct, frozen=True, kw_only=True, tag=True):
    """Part or all of it left, and what became of it is not known."""

    job_id: str
    sentence: str


JobReport = Sending | Sent | Failed | Unknown
