"""What is the running state of a station, and what is it asking right now?

`Bench` is one frozen value: what is kept (rebuilt from the journal) and what is only shown or half answered (gone with
the power, and asked again). `Turn` gathers what one event leads to: one entry, the new bench, the effects.
"""

import datetime as dt
from collections.abc import Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from stations.bench.events import Answer, Effect, Record
from stations.bench.kept import AnyChange, Kept, apply
from stations.scanning.codes import Code
from stations.work.checklists import Checklist
from stations.work.facts import Facts, Put, WithRows
from stations.work.settings import Settings
from stations.work.tasks import Package, Place, Situation, Task, next_place
from stations.work.verdict import Finding, Verdict, Word, decide


class Dialog(msgspec.Struct, frozen=True, kw_only=True):
    """A question beside the step's own, half answered; lost with the power and asked again."""


class WaitPin(Dialog, frozen=True, kw_only=True):
    """A badge was scanned; its PIN is asked."""

    purpose: Literal["sign-in", "unlock", "sign", "another"]
    person: str
    checking: bool = False
    """The PIN is being compared; nothing else is answered meanwhile."""


class WaitDecision(Dialog, frozen=True, kw_only=True):
    """Somebody proved who they are; approve or reject is asked."""

    person: str


class WaitWhy(Dialog, frozen=True, kw_only=True):
    """A reason in words is asked before something is done."""

    what: Literal["approve", "reject", "reprint"]
    person: str
    label: str = ""
    """The label that is to be printed again."""


class WaitDuty(Dialog, frozen=True, kw_only=True):
    """A pharmacist signed in at the door; on duty, off duty or sign in is asked."""

    person: str
    badge: str


class KeyAgain(Dialog, frozen=True, kw_only=True):
    """A code was keyed once."""

    text: str
    behind: "AnyDialog | None" = None
    """The question that was open, and is again when the code was keyed twice."""


class WaitLot(Dialog, frozen=True, kw_only=True):
    """The package's code carries no lot: it is read from the package and keyed twice."""

    package: Package
    first: str = ""
    findings: tuple[Finding, ...] = ()
    """What was found at the scan, to be told with the verdict."""


class WaitExpiry(Dialog, frozen=True, kw_only=True):
    """The package's code carries no expiry: it is read from the package and keyed twice."""

    package: Package
    first: str = ""
    findings: tuple[Finding, ...] = ()


class WaitPick(Dialog, frozen=True, kw_only=True):
    """One code can be read as several products: a person picks by the package's text."""

    code: Code
    choices: tuple[tuple[str, str], ...]
    """Pairs of twelve-digit NDC and the words a person picks by."""
    keyed: bool = True


class WaitSymbol(Dialog, frozen=True, kw_only=True):
    """A package has two symbols; the one without the product was scanned first."""

    code: Code
    source: str
    """`scanned` or `keyed`."""
    at: dt.datetime


class WaitTask(Dialog, frozen=True, kw_only=True):
    """A thing was scanned at home; several checklists fit."""

    choices: tuple[tuple[str, str, str], ...]
    """Checklist, subject, words."""


class WaitCancel(Dialog, frozen=True, kw_only=True):
    """Abandon the task? Yes or no."""


class WaitLabel(Dialog, frozen=True, kw_only=True):
    """A label's code was keyed at home: confirm that it is good, print it again, or make it void?"""

    label: str


class WaitGivenUp(Dialog, frozen=True, kw_only=True):
    """Make a label in doubt void? Yes or no."""

    label: str


AnyDialog = (
    WaitPin
    | WaitDecision
    | WaitWhy
    | WaitDuty
    | KeyAgain
    | WaitLot
    | WaitExpiry
    | WaitPick
    | WaitSymbol
    | WaitTask
    | WaitCancel
    | WaitLabel
    | WaitGivenUp
)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """Something the station offers after a STOP; yes takes it."""

    what: Literal["quarantine", "link", "override"]
    package: Package | None = None
    code: Code | None = None
    reason: str = ""
    """Why it is set aside, or who may override."""
    findings: tuple[Finding, ...] = ()


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The last whole scan, and the last place scanned that was the right one."""

    text: str
    device: str
    at: dt.datetime
    place: str = ""
    """The code of that place."""
    visited: dt.datetime | None = None


class HomeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what should be done now."""

    urgency: Literal["overdue", "today", "open", "on demand"]
    title: str
    why: str
    checklist: str
    subject: str = ""
    task: str = ""
    """The open task it resumes, if any."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong beside the work: a device, a definition, a file."""

    about: str
    """`printer`, `scanner <name>`, `definitions`, `file <name>`."""
    says: str


class Printer(msgspec.Struct, frozen=True, kw_only=True):
    """How the station's printer was when it was last asked."""

    answer: Answer = "untold"
    says: str = ""


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """The running state of one station."""

    station: str
    """The station's id, as every entry names it."""
    name: str
    """As people say it: `Bench 3`."""
    number: int = 0
    """Two digits that make label ids unique among a site's stations."""
    kept: Kept = Kept()
    checklists: Mapping[str, Checklist] = MappingProxyType({})
    settings: Settings = Settings()
    verdict: Verdict | None = None
    """Of the last judged answer; stays until the next."""
    judged: int = 0
    """How many answers were judged; a change tells that one was."""
    says: str = ""
    """The sentence a person sees."""
    dialog: AnyDialog | None = None
    stopped: bool = False
    """A full-screen STOP waits for back."""
    typed: str = ""
    """Digits scanned from the command sheet, not yet confirmed."""
    keying: bool = False
    """A coded reason was given: this package's code is keyed."""
    actor: str = ""
    """The second person who does the present step, once proved."""
    offer: Offer | None = None
    last: Package | None = None
    """The last package scanned, also beyond its step: the next line may ask for the same item."""
    heard: Heard | None = None
    faults: int = 0
    """Unreadable scans in a row."""
    home: tuple[HomeLine, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    printer: Printer = Printer()
    out_of_order: str = ""
    """Why the station has stopped itself."""
    at: dt.datetime | None = None
    """Of the last event."""
    entries: int = 0
    """In the journal, as far as the runtime has told."""
    head: str = ""
    """The hash of the last of them."""

    def task(self) -> Task | None:
        """Return the task at the front."""
        return self.kept.task()

    def place(self) -> Place | None:
        """Return the step asked now."""
        task = self.task()
        return next_place(self.kept.definitions[task.sha256], task) if task is not None else None

    def screen(self) -> str:
        """Name the screen: signed-out, locked, home, task, stop, hold or out-of-order."""
        session, task = self.kept.session, self.task()
        if self.out_of_order:
            return "out-of-order"
        if session is None:
            return "signed-out"
        if session.locked:
            return "locked"
        if self.stopped:
            return "stop"
        if task is None:
            return "home"
        return "hold" if task.hold is not None else "task"


_QUIET: Mapping[str, Any] = MappingProxyType({"dialog": None, "offer": None, "says": "", "typed": ""})


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one event leads to, while it is being worked out."""

    bench: Bench
    facts: Facts
    at: dt.datetime
    kind: str = ""
    """Of the entry; empty: nothing is recorded."""
    data: dict[str, Any] = {}
    changes: tuple[AnyChange, ...] = ()
    rows: tuple[Put, ...] = ()
    effects: tuple[Effect, ...] = ()

    def quiet(self, says: str = "", **shown: Any) -> "Turn":  # noqa: ANN401 - any of Bench's shown fields
        """Show something that was not judged; a new question takes the last verdict off the screen.

        An old green beside an unanswered question would be read as its answer.
        """
        if shown.get("dialog") is not None and not self.bench.stopped:
            shown = {"verdict": None, **shown}
        return replace(self, bench=replace(self.bench, **{"says": says, **shown}))

    def entry(self, kind: str, **data: Any) -> "Turn":  # noqa: ANN401 - an entry's data is JSON
        """Name the entry and add to what it says."""
        return replace(self, kind=self.kind or kind, data={**self.data, **data})

    def change(self, *changes: AnyChange, rows: tuple[Put, ...] = ()) -> "Turn":
        """Change what is kept, and the registers."""
        kept = reduce(apply, changes, self.bench.kept)
        return replace(
            self,
            bench=replace(self.bench, kept=kept),
            facts=WithRows(self.facts, rows) if rows else self.facts,
            changes=(*self.changes, *changes),
            rows=(*self.rows, *rows),
        )

    def effect(self, *effects: Effect) -> "Turn":
        """Ask for something once the entry is on disk."""
        return replace(self, effects=(*self.effects, *effects))

    def judge(self, findings: list[Finding], says: str, **shown: Any) -> "Turn":  # noqa: ANN401 - as quiet
        """Decide on what was found, and show it; a half-answered question and an old offer are gone."""
        verdict = decide(findings, says=says, stricter=self.bench.settings.stricter)
        told = {
            **_QUIET,
            "verdict": verdict,
            "judged": self.bench.judged + 1,
            "says": verdict.says,
            "stopped": self.bench.stopped or verdict.full_screen,
            **shown,
        }
        turn = replace(self, bench=replace(self.bench, **told))
        return turn.entry("", verdict=str(verdict.word), reasons=list(verdict.reasons), says=verdict.says)

    def situation(self, place: Place, by: str = "") -> Situation | None:
        """Return what a rule looks at, for the task at the front."""
        task = self.bench.task()
        if task is None:
            return None
        return Situation(
            task=task, place=place, facts=self.facts, settings=self.bench.settings, at=self.at, by=by or self.by
        )

    def has_passed(self) -> bool:
        """Say whether the last verdict lets the answer be taken."""
        return self.bench.verdict is not None and self.bench.verdict.word is Word.PASS

    def back_first(self) -> str:
        """Say what filled the screen, and that only back leads on."""
        verdict = self.bench.verdict
        return f"{verdict.says if verdict is not None else ''} Press back first.".strip()

    @property
    def by(self) -> str:
        """Who is acting: the second person of a step, else who is signed in."""
        session = self.bench.kept.session
        return self.bench.actor or (session.person if session is not None else "")

    def close(self) -> tuple[Bench, tuple[Effect, ...]]:
        """Give the new bench and the effects, the entry first."""
        bench = replace(self.bench, at=self.at)
        if not self.kind:
            return bench, self.effects
        task = self.bench.kept.current
        data: dict[str, Any] = {"by": self.by, **({"task": task} if task else {}), **self.data}
        if self.changes:
            data["changes"] = msgspec.to_builtins(self.changes)
        if self.rows:
            data["rows"] = msgspec.to_builtins(self.rows)
        return bench, (Record(kind=self.kind, data=data), *self.effects)
