"""How far is a task, and what does it ask next?

A task is one run of a checklist. It keeps every answer, the lines it repeats over and the packages taken so far; which
step comes next is computed from those, never stored. A task runs to its end on the definition it began with.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from stations.work.checklists import Checklist, Each, Single
from stations.work.facts import Facts
from stations.work.settings import Settings
from stations.work.verdict import Finding

OPEN = ("running", "held")


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One package taken by a scan."""

    path: str
    """The step that took it."""
    item: str
    name: str
    """The item's name with its tall-man letters."""
    gtin: str = ""
    ndc12: str = ""
    lot: str = ""
    expiry: dt.date | None = None
    expiry_time: dt.time | None = None
    """Not usable from this time of that day, where the code tells one."""
    serial: str = ""
    units: int = 1
    """In the package, as the record has it."""
    source: str = "scanned"
    """`scanned`, or `keyed` where any part was typed."""
    raw: str = ""
    """The text that was scanned or typed; the same text without a serial may be the same package."""
    approved: tuple[str, ...] = ()
    """Reasons for which it was held, and which somebody with authority has accepted."""
    at: dt.datetime


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that ended a step."""

    path: str
    kind: str
    value: str
    outcome: str = "done"
    """The word later steps may ask about: `done`, `equal`, `different`, `skipped`, `approved`, a choice's text, …"""
    reasons: tuple[str, ...] = ()
    by: str
    at: dt.datetime
    source: str = "scanned"
    note: str = ""
    fields: dict[str, str] = {}
    """What the register said of the thing identified, as it was then."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict that a person with authority must decide."""

    path: str
    reasons: tuple[str, ...]
    says: str
    signer: str
    package: Package | None = None
    """What is taken if it is approved."""
    findings: tuple[Finding, ...] = ()
    """What was found about it, to be told with the final verdict."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a checklist."""

    id: str
    checklist: str
    version: int
    sha256: str
    """Of the definition it runs on."""
    title: str
    role: str
    subject: str = ""
    performer: str
    performers: tuple[str, ...] = ()
    """Everybody who did a part of it."""
    started: dt.datetime
    touched: dt.datetime
    state: str = "running"
    """`running`, `held`, `done`, `done_with_deviation`, `abandoned` or `void`."""
    results: tuple[Result, ...] = ()
    tries: tuple[Result, ...] = ()
    """Counts that did not match, before the one that ended the step."""
    lines: dict[str, tuple[dict[str, str], ...]] = {}
    """Per repeated step, the lines it repeats over."""
    packages: tuple[Package, ...] = ()
    hold: Hold | None = None
    deviation: bool = False

    def result(self, path: str) -> Result | None:
        """Return the answer that ended the step at `path`, if it has ended."""
        return next((result for result in self.results if result.path == path), None)

    def taken(self, path: str) -> tuple[Package, ...]:
        """Return the packages the step at `path` has taken so far."""
        return tuple(package for package in self.packages if package.path == path)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a task, where it stands."""

    path: str
    """`list`, `line[2].package`: the step's id, within a repeated one after the line's number from 1."""
    step: Single
    group: str = ""
    line: Mapping[str, str] = MappingProxyType({})
    number: int = 0
    of: int = 0


def places(checklist: Checklist, task: Task) -> Iterator[Place]:
    """Give every step the task asks or has asked, in order; lines not yet known give none."""
    for step in checklist.step:
        if isinstance(step, Each):
            lines = task.lines.get(step.id, ())
            for number, line in enumerate(lines, 1):
                for inner in step.step:
                    path = f"{step.id}[{number}].{inner.id}"
                    place = Place(path=path, step=inner, group=step.id, line=line, number=number, of=len(lines))
                    if _is_asked(place, task):
                        yield place
        else:
            place = Place(path=step.id, step=step)
            if _is_asked(place, task):
                yield place


def _is_asked(place: Place, task: Task) -> bool:
    when = place.step.when
    if when is None:
        return True
    sibling = f"{place.group}[{place.number}].{when.step}" if place.group else when.step
    earlier = task.result(sibling) or task.result(when.step)
    return earlier is not None and earlier.outcome in when.outcome


def next_place(checklist: Checklist, task: Task) -> Place | None:
    """Return the first step that has not ended, or None when every one has."""
    ended = {result.path for result in task.results}
    return next((place for place in places(checklist, task) if place.path not in ended), None)


def named(reference: str, task: Task, place: Place) -> str:
    """Follow `line.<field>` or `<step>.<field>`; a plain word stands for itself, what is not there is empty."""
    owner, dot, field = reference.partition(".")
    if not dot:
        return reference
    if owner == "line":
        return str(place.line.get(field, ""))
    sibling = task.result(f"{place.group}[{place.number}].{owner}") if place.group else None
    result = sibling or task.result(owner)
    if result is None:
        return ""
    return result.value if field == "value" else result.fields.get(field, "")


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A task at a step at a moment: what a rule looks at."""

    task: Task
    place: Place
    facts: Facts
    settings: Settings
    at: dt.datetime
    """With the site's zone: `today` is the bench's own day."""
    by: str = ""
    """Who answers."""

    @property
    def today(self) -> dt.date:
        """The local day, by which packages expire."""
        return self.at.date()

    def named(self, reference: str) -> str:
        """Follow a reference of the checklist from this step."""
        return named(reference, self.task, self.place)
