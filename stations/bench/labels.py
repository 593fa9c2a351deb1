"""How does a label get from a step onto the package?

queued → sending → sent → confirmed, or failed, or unknown. A job's `sending` is on disk before the first byte leaves,
and a job found so at start is unknown: the machine never prints twice on its own decision. A label counts only when it
was scanned back. Every state stands in the journal and in the register `label`. What a person may decide about a label
is told in `bench.doubts`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from stations.bench.events import (
    CancelJob,
    JobReported,
    LabelAsked,
    PrinterReported,
    PrintLabel,
    ReleaseJob,
)
from stations.bench.kept import Job, JobGone, JobSet, Kept
from stations.bench.state import Printer, Turn
from stations.pharmacy import words
from stations.scanning.ours import own_code
from stations.work.checklists import Print
from stations.work.facts import Put
from stations.work.tasks import Task
from stations.work.verdict import Finding, Reason

SENT_KEPT = 50
"""Labels of no step that were sent and not yet scanned back, of which everything is kept, so as to print one again."""
_FOLLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "queued": ("waiting", "sending", "failed"),
        "waiting": ("waiting", "sending", "failed"),
        "sending": ("sent", "failed", "unknown"),
    },
)
"""What the printer may say of a job, by its state; a late report of a settled one changes nothing."""
ON_THE_WAY = tuple(_FOLLOWS)
_DOUBTFUL = ("unknown", "failed")


def happened(turn: Turn, event: JobReported | LabelAsked | PrinterReported) -> Turn:
    """Take what the printer says, and what is asked of it from outside a task."""
    match event:
        case JobReported():
            return _reported(turn, event)
        case LabelAsked():
            return _asked(turn, event)
        case PrinterReported():
            return _answered(turn, event)


# Asking for labels -------------------------------------------------------------------------------------------------


def job_here(turn: Turn) -> Job | None:
    """Return the job of the step asked now, if it prints."""
    place, task = turn.bench.place(), turn.bench.task()
    if place is None or task is None or not isinstance(place.step, Print):
        return None
    return next(iter(jobs_of(turn, task.id, place.path)), None)


def jobs_of(turn: Turn, task: str, path: str) -> tuple[Job, ...]:
    """Return the jobs of a step, the newest first: a reprint, and the label that it is to replace."""
    return tuple(job for job in reversed(turn.bench.kept.jobs) if (job.task, job.path) == (task, path))


def in_doubt(turn: Turn) -> Job | None:
    """Return the oldest label of no step that may not have come out, and waits for a person."""
    return next(iter(doubtful(turn.bench.kept)), None)


def doubtful(kept: Kept) -> tuple[Job, ...]:
    """Return the labels of no step that wait for a person, the oldest first; not one that is being replaced."""
    replaced = {job.replaces for job in kept.jobs}
    loose = (job for job in kept.jobs if not job.path and job.id not in replaced)
    return tuple(job for job in loose if job.state in _DOUBTFUL)


def has_own_code(job: Job) -> bool:
    """Whether the label carries its own id, by which it is scanned back; a badge or a sheet of codes does not."""
    return "label_id" in job.fields


def wanted(turn: Turn) -> Turn:
    """Queue the label of the step asked now, unless it is on its way already."""
    place, task = turn.bench.place(), turn.bench.task()
    if place is None or task is None or not isinstance(place.step, Print) or job_here(turn) is not None:
        return turn
    situation = turn.situation(place)
    if situation is None:
        return turn
    label = next_label(turn)
    fields = {**words.FIELDS[place.step.fields](situation), **stamp(turn, label), "seal_no": label}
    return queued(turn, Job(id=label, template=place.step.label, fields=fields, task=task.id, path=place.path))


def _asked(turn: Turn, event: LabelAsked) -> Turn:
    """Queue a label that was asked for outside a task."""
    label = next_label(turn)
    stamps = {**stamp(turn, label), "initials": event.by.partition(":")[2] or event.by}
    fields = {**event.fields, **{name: stamps[name] for name in event.stamped}}
    job = Job(id=label, template=event.template, fields=fields, copies=event.copies, ticket=event.ticket)
    return queued(turn.entry("label", by=event.by), job)


def queued(turn: Turn, job: Job) -> Turn:
    """Put a job in the journal, and hand it to the printer's queue."""
    return _set(turn, job).effect(_print(job))


def next_label(turn: Turn) -> str:
    """Return the next label id of this station."""
    return own_code("K", f"{turn.bench.number:02d}{turn.bench.kept.labels + 1:06d}")


def stamp(turn: Turn, label: str) -> dict[str, str | list[str]]:
    """Return what every label carries: its id, the station, who made it, when, by the site's clock."""
    return {"label_id": label, "station": turn.bench.name, "initials": turn.by, "time": _local(turn)}


def _local(turn: Turn) -> str:
    return turn.at.strftime("%Y-%m-%d %H:%M")


def _print(job: Job) -> PrintLabel:
    return PrintLabel(
        job=job.id,
        template=job.template,
        fields=job.fields,
        duplicate=job.duplicate,
        reason=job.reason,
        reprinted=job.reprinted,
        replaces=job.replaces,
        copies=job.copies,
    )


def _set(turn: Turn, job: Job, **evidence: str) -> Turn:
    """Keep a job as it is now."""
    return _noted(turn, job, job.state, **evidence).change(JobSet(job=job), rows=(_row(job, job.state),))


def _settled(turn: Turn, job: Job, state: str, *, replaced_by: str = "", **evidence: str) -> Turn:
    """Let a job go, with what became of its label."""
    turn = _noted(turn, job, state, **evidence, **({"replaced_by": replaced_by} if replaced_by else {}))
    return turn.change(JobGone(job=job.id), rows=(_row(job, state, replaced_by=replaced_by),))


def _noted(turn: Turn, job: Job, state: str, **evidence: str) -> Turn:
    """Write into the entry what became of a label; one entry may tell of several."""
    said = {
        "job": job.id,
        "template": job.template,
        "state": state,
        "says": job.says,
        "copies": job.copies if job.copies > 1 else "",
        "duplicate": job.duplicate or "",
        "reason": job.reason,
        "reprint_of": job.replaces,
        **evidence,
    }
    told = {name: value for name, value in said.items() if value != ""}
    return turn.entry("label", labels=[*turn.data.get("labels", ()), told])


def _row(job: Job, state: str, *, replaced_by: str = "") -> Put:
    row = {
        "label": job.id,
        "template": job.template,
        "state": state,
        "task": job.task,
        "ticket": job.ticket,
        "duplicate": job.duplicate,
        "replaces": job.replaces,
        "replaced_by": replaced_by,
        "says": job.says,
    }
    return Put(register="label", key=job.id, row=row)


# What the printer says ---------------------------------------------------------------------------------------------


def _answered(turn: Turn, event: PrinterReported) -> Turn:
    """Show how the printer is; a change stands in the record."""
    now = Printer(answer=event.answer, says=event.says)
    if turn.bench.printer == now:
        return turn
    turn = turn.entry("printer", answer=event.answer, says=event.says)
    return replace(turn, bench=replace(turn.bench, printer=now))


def _reported(turn: Turn, event: JobReported) -> Turn:
    """Note how far a job is; the step waits for the label to be scanned back."""
    job = turn.bench.kept.job(event.job)
    is_this = job is not None and job.duplicate == event.duplicate
    if job is None or not is_this or event.state not in _FOLLOWS.get(job.state, ()):
        back = CancelJob(job=event.job, duplicate=event.duplicate)
        return turn.effect(back) if event.state == "sending" or not is_this else turn
    if (event.state, event.says) == (job.state, job.says):
        return turn
    job = replace(job, state=event.state, says=event.says)
    turn = _set(turn, job, **event.evidence)
    if event.state == "sending":
        turn = _replaced(turn, job)
        return turn.effect(ReleaseJob(job=job.id, duplicate=job.duplicate))
    here = job_here(turn)
    turn = _told_here(turn, job) if here is not None and here.id == job.id else _told_beside(turn, job)
    return _pruned(turn) if event.state == "sent" else turn


def _replaced(turn: Turn, job: Job) -> Turn:
    """Make the label void that this one replaces: not before this one is drawn whole and about to leave."""
    old = turn.bench.kept.job(job.replaces)
    return turn if old is None else _settled(turn, old, "void", replaced_by=job.id)


def _pruned(turn: Turn) -> Turn:
    """Let labels of no step go that were sent: those without a code of their own, and the oldest of the others."""
    sent = [job for job in turn.bench.kept.jobs if not job.path and job.state == "sent"]
    old = sent[: max(0, len(sent) - SENT_KEPT)]
    gone = [job for job in sent if job in old or not has_own_code(job)]
    return turn.change(*(JobGone(job=job.id) for job in gone))


def _told_here(turn: Turn, job: Job) -> Turn:
    """Tell whoever stands at the step that prints; a question that is open is not interrupted."""
    session = turn.bench.kept.session
    if turn.bench.dialog is not None or session is None or session.locked:
        return turn
    match job.state:
        case "sent":
            return turn.quiet(f"Tear off the label and scan it: {job.id}.", **_without_trouble(turn))
        case "unknown":
            says = f"{job.says} Tear off what came out and scan it: {job.id}. If nothing good came out, press reprint."
            return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=says)], "")
        case "failed":
            says = f"{job.says} Nothing of {job.id} came out.{_still_good(turn, job)} Confirm tries again; hold waits."
            return turn.judge([Finding(reason=Reason.PRINTER_NOT_READY, says=says)], "")
        case _:
            says = f"{job.says} The label waits for the printer and comes out then; or put the task on hold."
            return turn.judge([Finding(reason=Reason.PRINTER_NOT_READY, says=says)], "")


def _without_trouble(turn: Turn) -> dict[str, None]:
    """Take a verdict about the printer off the screen, once it is mended."""
    verdict = turn.bench.verdict
    printers = {Reason.PRINTER_NOT_READY, Reason.PRINT_UNCONFIRMED}
    is_about = verdict is not None and bool(verdict.reasons) and set(verdict.reasons) <= printers
    return {"verdict": None} if is_about else {}


def _still_good(turn: Turn, job: Job) -> str:
    old = turn.bench.kept.job(job.replaces)
    return "" if old is None else f" {old.id} counts if it is good: scan it."


def _told_beside(turn: Turn, job: Job) -> Turn:
    """Tell of a label that no step asks for now, without taking a verdict or a question off the screen."""
    if job.state not in _DOUBTFUL or job.path or turn.bench.verdict is not None or turn.bench.dialog is not None:
        return turn
    return turn.quiet(doubt(job))


def doubt(job: Job) -> str:
    """Say what is in doubt, and what to do about it.

    >>> doubt(Job(id="K000000017", template="T07", fields={}, state="unknown", says="The cable was pulled."))[:52]
    'Label K000000017 (T07) is in doubt: The cable was pu'
    """
    which = f"Label {job.id} ({job.template})"
    if job.state == "failed":
        return f"{which} did not come out: {job.says} At home: reprint prints it, cancel drops it."
    if not has_own_code(job):
        return (
            f"{which} is in doubt: {job.says} At home: confirm if it is whole; reprint prints another, cancel drops it."
        )
    return (
        f"{which} is in doubt: {job.says} Tear off what came out and scan it; at home reprint prints another, "
        "cancel makes it void."
    )


def is_out(job: Job) -> bool:
    """Whether a label of that job can have left the printer."""
    return job.state not in ("queued", "waiting", "failed")


# How it ends -------------------------------------------------------------------------------------------------------


def confirmed(turn: Turn, job: Job, how: str = "scanned") -> Turn:
    """Settle a label that somebody has in hand; one that was to replace it, and has not begun to leave, never will."""
    turn = _settled(turn, job, "confirmed", how=how)
    for other in turn.bench.kept.jobs:
        if other.replaces == job.id:
            turn = _settled(turn, other, "cancelled").effect(CancelJob(job=other.id, duplicate=other.duplicate))
    return turn


def given_up(turn: Turn, job: Job) -> Turn:
    """Settle a label that nobody wants any more: void where it may exist."""
    turn = _settled(turn, job, "void" if is_out(job) else "cancelled")
    return turn.effect(CancelJob(job=job.id, duplicate=job.duplicate))


def dropped(turn: Turn, task: Task) -> Turn:
    """Take back the labels of a task that was given up."""
    for job in turn.bench.kept.jobs:
        if job.task == task.id:
            turn = given_up(turn, job)
    return turn


def found_at_start(turn: Turn) -> Turn:
    """Settle what the printer's queue was doing when the program ended: unknown if a byte may have left."""
    for job in turn.bench.kept.jobs:
        if job.state == "sending":
            turn = _set(turn, replace(job, state="unknown", says="The program ended while the label was printing."))
        elif job.state in ("queued", "waiting"):
            turn = _set(turn, replace(job, state="queued", says="")).effect(_print(job))
    left = in_doubt(turn)
    return turn.quiet(doubt(left)) if left is not None else turn
