"""What of a bench is kept, and how do recorded entries add up to it?

`Kept` is the part of a bench that survives a power cut. It changes only by changes, and every change stands in an
entry: what runs live and what is rebuilt from the journal go through the same `apply`. Folding never decides again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import msgspec
from msgspec.structs import replace

from stations.work.checklists import Checklist
from stations.work.tasks import OPEN, Hold, Package, Result, Task


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    person: str
    badge: str
    """Masked, as it is shown."""
    name: str
    duty: str
    level: int
    roles: tuple[str, ...]
    since: dt.datetime
    locked: bool = False


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A label on its way: queued, waiting, sending, sent, failed, unknown."""

    id: str
    """The label's own K code."""
    template: str
    fields: dict[str, str | list[str]]
    task: str = ""
    path: str = ""
    state: str = "queued"
    duplicate: int = 0
    """0 for the first, n for the n-th reprint."""
    reason: str = ""
    """Why it is printed again."""
    reprinted: str = ""
    """When it is printed again, local time, as the label shows it."""
    says: str = ""
    replaces: str = ""
    """The label that this one makes void."""
    copies: int = 1
    ticket: str = ""
    """By which whoever asked for it outside a task finds it again."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A task that ended while the present person was signed in."""

    id: str
    title: str
    subject: str
    state: str
    deviation: bool
    at: dt.datetime


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a bench that is rebuilt from the journal."""

    session: Session | None = None
    on_duty: tuple[str, ...] = ()
    """Pharmacists on duty here, in the order they came."""
    tasks: tuple[Task, ...] = ()
    """Open tasks only; what has ended is in the journal."""
    current: str = ""
    """The task at the front, if any."""
    jobs: tuple[Job, ...] = ()
    labels: int = 0
    """Label ids given out so far."""
    broke_off: bool = False
    """The last label that left was not seen to its end: the printer may wait for the rest of it."""
    tasks_made: int = 0
    definitions: dict[str, Checklist] = {}
    """The definitions open tasks run on, by hash."""
    imports: dict[str, dt.datetime] = {}
    """When each kind of list was last imported: how old the data is."""
    ended: tuple[Ended, ...] = ()
    """What ended since somebody signed in, for the shift receipt."""
    question: str = ""
    """Asked once after an interruption: was the act under way done?"""

    def task(self) -> Task | None:
        """Return the task at the front."""
        return next((task for task in self.tasks if task.id == self.current), None)

    def job(self, job: str) -> Job | None:
        """Return the job with that label id."""
        return next((one for one in self.jobs if one.id == job), None)


class Change(msgspec.Struct, frozen=True, kw_only=True, tag_field="change"):
    """One thing that became different."""


class SignedIn(Change, frozen=True, kw_only=True, tag="signed-in"):
    """Somebody proved who they are."""

    session: Session


class SignedOut(Change, frozen=True, kw_only=True, tag="signed-out"):
    """The session ended; an open task stays, for whoever comes back."""


class LockSet(Change, frozen=True, kw_only=True, tag="lock-set"):
    """The session was locked or unlocked."""

    locked: bool


class DutySet(Change, frozen=True, kw_only=True, tag="duty-set"):
    """A pharmacist came on duty or went off."""

    person: str
    on: bool


class TaskOpened(Change, frozen=True, kw_only=True, tag="task-opened"):
    """A task began and is at the front."""

    task: Task
    definition: Checklist | None = None
    """The whole definition, where the journal's open tasks do not hold it yet."""


class TaskFronted(Change, frozen=True, kw_only=True, tag="task-fronted"):
    """Another task, or none, is at the front."""

    task: str
    """Empty: no task is at the front."""


class TaskMoved(Change, frozen=True, kw_only=True, tag="task-moved"):
    """A task was set aside, taken up again, or ended."""

    task: str
    state: str


class StepAnswered(Change, frozen=True, kw_only=True, tag="step-answered"):
    """A step ended with an answer."""

    task: str
    result: Result
    group: str = ""
    lines: tuple[dict[str, str], ...] = ()
    """The lines of the repeated step `group`, where this answer names them."""


class CountMissed(Change, frozen=True, kw_only=True, tag="count-missed"):
    """A count did not agree and is asked again."""

    task: str
    result: Result


class PackageTaken(Change, frozen=True, kw_only=True, tag="package-taken"):
    """A package passed and counts."""

    task: str
    package: Package


class HoldSet(Change, frozen=True, kw_only=True, tag="hold-set"):
    """A hold was placed, or decided."""

    task: str
    hold: Hold | None


class JobSet(Change, frozen=True, kw_only=True, tag="job-set"):
    """A label job is now so."""

    job: Job


class JobGone(Change, frozen=True, kw_only=True, tag="job-gone"):
    """A label job is settled."""

    job: str


class ListTaken(Change, frozen=True, kw_only=True, tag="list-taken"):
    """A list from outside was imported."""

    what: str
    at: dt.datetime


class QuestionSet(Change, frozen=True, kw_only=True, tag="question-set"):
    """The question after an interruption was asked, or answered."""

    question: str


AnyChange = (
    SignedIn
    | SignedOut
    | LockSet
    | DutySet
    | TaskOpened
    | TaskFronted
    | TaskMoved
    | StepAnswered
    | CountMissed
    | PackageTaken
    | HoldSet
    | JobSet
    | JobGone
    | ListTaken
    | QuestionSet
)


def fold(kept: Kept, entries: Iterable[Mapping[str, Any]]) -> Kept:
    """Add up the `data` of recorded entries, in their order."""
    for data in entries:
        found = data.get("changes")
        if found:
            kept = reduce(apply, msgspec.convert(found, list[AnyChange]), kept)
    return kept


def apply(kept: Kept, change: AnyChange) -> Kept:
    """Return what is kept after one change."""
    match change:
        case SignedIn():
            return replace(kept, session=change.session, ended=())
        case SignedOut():
            return replace(kept, session=None, current="")
        case LockSet():
            return kept if kept.session is None else replace(kept, session=replace(kept.session, locked=change.locked))
        case DutySet():
            others = tuple(person for person in kept.on_duty if person != change.person)
            return replace(kept, on_duty=(*others, change.person) if change.on else others)
        case JobSet():
            jobs = tuple(job for job in kept.jobs if job.id != change.job.id)
            made = max(kept.labels, label_number(change.job.id))
            broke_off = change.job.state in ("sending", "unknown") or (kept.broke_off and change.job.state != "sent")
            return replace(kept, jobs=(*jobs, change.job), labels=made, broke_off=broke_off)
        case JobGone():
            return replace(kept, jobs=tuple(job for job in kept.jobs if job.id != change.job))
        case ListTaken():
            return replace(kept, imports={**kept.imports, change.what: change.at})
        case QuestionSet():
            return replace(kept, question=change.question)
        case _:
            return _apply_to_task(kept, change)


def label_number(label: str) -> int:
    """Return the running number in a label's id: a letter, two digits of station, six of number, a check character.

    >>> label_number("K00001942C")
    1942
    """
    return int(label[3:9])


def _apply_to_task(
    kept: Kept,
    change: TaskOpened | TaskFronted | TaskMoved | StepAnswered | CountMissed | PackageTaken | HoldSet,
) -> Kept:
    match change:
        case TaskOpened():
            definitions = kept.definitions
            if change.definition is not None:
                definitions = {**definitions, change.definition.sha256: change.definition}
            return replace(
                kept,
                tasks=(*kept.tasks, change.task),
                current=change.task.id,
                tasks_made=kept.tasks_made + 1,
                definitions=definitions,
            )
        case TaskFronted():
            return replace(kept, current=change.task)
        case _:
            tasks = tuple(_changed(task, change) if task.id == change.task else task for task in kept.tasks)
            return _pruned(replace(kept, tasks=tasks))


_SIGNING = ("pharmacist", "witness", "signature")


def _with(performers: tuple[str, ...], result: Result) -> tuple[str, ...]:
    """Who signs for a step has not performed it."""
    known = result.kind in _SIGNING or result.by in performers
    return performers if known else (*performers, result.by)


def _pruned(kept: Kept) -> Kept:
    tasks = tuple(task for task in kept.tasks if task.state in OPEN)
    if len(tasks) == len(kept.tasks):
        return kept
    used = {task.sha256 for task in tasks}
    return replace(
        kept,
        tasks=tasks,
        ended=(*kept.ended, *(_ended(task) for task in kept.tasks if task.state not in OPEN)),
        current=kept.current if any(task.id == kept.current for task in tasks) else "",
        definitions={sha256: found for sha256, found in kept.definitions.items() if sha256 in used},
    )


def _ended(task: Task) -> Ended:
    return Ended(
        id=task.id,
        title=task.title,
        subject=task.subject,
        state=task.state,
        deviation=task.deviation,
        at=task.touched,
    )


def _changed(task: Task, change: TaskMoved | StepAnswered | CountMissed | PackageTaken | HoldSet) -> Task:
    match change:
        case TaskMoved():
            return replace(task, state=change.state)
        case StepAnswered():
            result = change.result
            lines = {**task.lines, change.group: change.lines} if change.group else task.lines
            return replace(
                task,
                results=(*task.results, result),
                lines=lines,
                touched=result.at,
                performers=_with(task.performers, result),
                deviation=task.deviation or result.outcome in ("skipped", "short", "discrepancy"),
            )
        case CountMissed():
            return replace(task, tries=(*task.tries, change.result), touched=change.result.at)
        case PackageTaken():
            return replace(task, packages=(*task.packages, change.package), touched=change.package.at)
        case HoldSet():
            return replace(task, hold=change.hold)
