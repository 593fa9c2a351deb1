"""What can happen to a station, and what does a station ask for?

Events are past tense and carry the time they happened; effects are imperative and are carried out by the runtime, in
order, after their entry is on disk.
"""

import datetime as dt
from typing import Any, Literal

import msgspec

from stations.scanning.decoding.wedge import Garbled, Scan
from stations.work.checklists import Checklist
from stations.work.settings import Settings


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened at a moment, in the site's own zone."""

    at: dt.datetime


class Scanned(Happened, frozen=True, kw_only=True):
    """A scanner sent a whole scan, or one that was damaged on the way."""

    scan: Scan | Garbled


class CodeKeyed(Happened, frozen=True, kw_only=True):
    """A code was typed instead of scanned."""

    text: str


class Entered(Happened, frozen=True, kw_only=True):
    """A number, words or a date were typed."""

    text: str


class Chosen(Happened, frozen=True, kw_only=True):
    """One of the choices shown was picked, by its words or its number."""

    text: str


class Pressed(Happened, frozen=True, kw_only=True):
    """A command was pressed or scanned."""

    word: str


class PinGiven(Happened, frozen=True, kw_only=True):
    """Somebody answered the PIN prompt."""

    pin: str


class PinChecked(Happened, frozen=True, kw_only=True):
    """The PIN was compared with its hash, beside the funnel."""

    person: str
    right: bool


class UnableTold(Happened, frozen=True, kw_only=True):
    """The step cannot be done as asked, for a coded reason."""

    reason: str


class TaskPicked(Happened, frozen=True, kw_only=True):
    """A checklist was picked, perhaps with its subject."""

    checklist: str
    subject: str = ""


class JobReported(Happened, frozen=True, kw_only=True):
    """The printer says how far a job is."""

    job: str
    duplicate: int = 0
    """Which print of the label it is: 0 the first, n the n-th reprint."""
    state: str
    """`waiting` (not ready, kept), `sending`, `sent`, `failed` (before the first byte) or `unknown`."""
    says: str = ""
    evidence: dict[str, str] = {}
    """What the record keeps of it: which definition, which bytes, how the printer was."""


class LabelAsked(Happened, frozen=True, kw_only=True):
    """Somebody asked for a label outside a task, at the command line."""

    ticket: str
    """By which whoever asked finds the label again."""
    template: str
    fields: dict[str, str | list[str]]
    """Checked and drawn already."""
    stamped: tuple[str, ...] = ()
    """The label's fields that the bench fills in: of `label_id`, `station`, `initials`, `time`."""
    copies: int = 1
    by: str
    """The user of the system who asked."""


Answer = Literal["ready", "warning", "fault", "untold"]


class PrinterReported(Happened, frozen=True, kw_only=True):
    """The printer says how it is, or does not."""

    answer: Answer
    says: str = ""


class ScannerReported(Happened, frozen=True, kw_only=True):
    """A scanner came or went."""

    device: str
    present: bool
    says: str = ""


class DefinitionsRead(Happened, frozen=True, kw_only=True):
    """The site's definitions were read; what could not be read keeps its last good one."""

    checklists: tuple[Checklist, ...]
    settings: Settings
    refused: tuple[str, ...] = ()


class FileTaken(Happened, frozen=True, kw_only=True):
    """A file was read whole and without fault, and waits to be taken in."""

    ticket: str
    """Names the rows that wait beside the funnel."""
    what: str
    """The kind of import: `ndc`, `staff`, …"""
    files: tuple[str, ...]
    """As they are kept: `<sha256>-<name>`."""
    sha256: str
    """Of all their bytes."""
    report: dict[str, Any]


class FileRefused(Happened, frozen=True, kw_only=True):
    """A file was refused; nothing of it was taken."""

    file: str
    says: str


class Restarted(Happened, frozen=True, kw_only=True):
    """The program has started and rebuilt the bench from the journal."""

    notes: tuple[str, ...] = ()
    """What was found on the way: torn bytes set aside, registers rebuilt."""


class TimePassed(Happened, frozen=True, kw_only=True):
    """Nothing happened but time."""


class JournalFailed(Happened, frozen=True, kw_only=True):
    """An entry could not be put on disk."""

    says: str


class StepFailed(Happened, frozen=True, kw_only=True):
    """A fault of the program was met and noted; the bench is the last recorded one."""

    says: str


Event = (
    Scanned
    | CodeKeyed
    | Entered
    | Chosen
    | Pressed
    | PinGiven
    | PinChecked
    | UnableTold
    | TaskPicked
    | JobReported
    | LabelAsked
    | PrinterReported
    | ScannerReported
    | DefinitionsRead
    | FileTaken
    | FileRefused
    | Restarted
    | TimePassed
    | JournalFailed
    | StepFailed
)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Put an entry on disk before anything is shown."""

    kind: str
    data: dict[str, Any]


class CheckPin(msgspec.Struct, frozen=True, kw_only=True):
    """Compare a PIN with its hash, beside the funnel; answer with `PinChecked`."""

    person: str
    pin: str
    pin_hash: str


class PrintLabel(msgspec.Struct, frozen=True, kw_only=True):
    """Hand a job to the printer's queue."""

    job: str
    template: str
    fields: dict[str, str | list[str]]
    duplicate: int = 0
    reason: str = ""
    reprinted: str = ""
    replaces: str = ""
    copies: int = 1


class ReleaseJob(msgspec.Struct, frozen=True, kw_only=True):
    """Let the first byte leave: `sending` is on disk."""

    job: str
    duplicate: int = 0


class CancelJob(msgspec.Struct, frozen=True, kw_only=True):
    """Take a job out of the printer's queue."""

    job: str
    duplicate: int = 0


class RetryPrinter(msgspec.Struct, frozen=True, kw_only=True):
    """Ask the printer again whether it is ready."""


class TakeIn(msgspec.Struct, frozen=True, kw_only=True):
    """Take the rows of a file that was read into the registers: their entry is on disk."""

    ticket: str


Effect = Record | CheckPin | PrintLabel | ReleaseJob | CancelJob | RetryPrinter | TakeIn
