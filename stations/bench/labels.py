"""How does a label get from a step onto the package, and which of two labels is the good one?

queued → sending → sent → confirmed, or failed, or unknown. A job's `sending` is on disk before the first byte leaves,
and a job found so at start is unknown: the machine never prints twice on its own decision. A label counts only when it
was scanned back. A reprint is a person's choice, numbered, with a reason; where the first label may exist, too, it is
void from then on and the new one has an id of its own. Every state stands in the journal and in the register `label`.
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
    RetryPrinter,
)
from stations.bench.kept import Job, JobGone, JobSet
from stations.bench.state import Printer, Turn, WaitGivenUp, WaitWhy
from stations.pharmacy import words
from stations.scanning.codes import visible
from stations.scanning.ours import own_code
from stations.work.checklists import Print
from stations.work.facts import Put
from stations.work.tasks import Place, Task
from stations.work.verdict import Finding, Reason

REASON_MOST = 120
"""Characters of a reason that go on a label."""
_FOLLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "queued": ("waiting", "sending", "failed"),
        "waiting": ("waiting", "sending", "failed"),
        "sending": ("sent", "failed", "unknown"),
    },
)
"""What the printer may say of a job, by its state; a late report of a settled one changes nothing."""
_ON_THE_WAY = tuple(_FOLLOWS)
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
    return next((job for job in turn.bench.kept.jobs if (job.task, job.path) == (task.id, place.path)), None)


def in_doubt(turn: Turn) -> Job | None:
    """Return the oldest label of no step that may not have come out, and waits for a person."""
    return next((job for job in turn.bench.kept.jobs if not job.path and job.state in _DOUBTFUL), None)


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
    if job is None:
        return turn.effect(CancelJob(job=event.job))
    if event.state not in _FOLLOWS.get(job.state, ()):
        return turn.effect(CancelJob(job=event.job)) if event.state == "sending" else turn
    if (event.state, event.says) == (job.state, job.says):
        return turn
    job = replace(job, state=event.state, says=event.says)
    is_done = event.state == "sent" and not job.path
    turn = _settled(turn, job, "sent", **event.evidence) if is_done else _set(turn, job, **event.evidence)
    if event.state == "sending":
        return turn.effect(ReleaseJob(job=job.id))
    here = job_here(turn)
    return _told_here(turn, job) if here is not None and here.id == job.id else _told_beside(turn, job)


def _told_here(turn: Turn, job: Job) -> Turn:
    """Tell whoever stands at the step that prints."""
    match job.state:
        case "sent":
            return turn.quiet(f"Tear off the label and scan it: {job.id}.")
        case "unknown":
            says = f"{job.says} Tear off what came out and scan it: {job.id}. If nothing good came out, press reprint."
            return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=says)], "")
        case _:
            says = f"{job.says} The label waits; mend the printer and press confirm, or put the task on hold."
            return turn.judge([Finding(reason=Reason.PRINTER_NOT_READY, says=says)], "")


def _told_beside(turn: Turn, job: Job) -> Turn:
    """Tell of a label that no step asks for now, without taking a verdict off the screen."""
    if job.state == "sent" or job.path or turn.bench.verdict is not None or turn.bench.dialog is not None:
        return turn
    return turn.quiet(doubt(job)) if job.state in _DOUBTFUL else turn


def doubt(job: Job) -> str:
    """Say what is in doubt, and what to do about it.

    >>> doubt(Job(id="K000000017", template="T07", fields={}, state="unknown", says="The cable was pulled."))[:52]
    'Label K000000017 (T07) is in doubt: The cable was pu'
    """
    if job.state == "failed":
        return (
            f"Label {job.id} ({job.template}) did not come out: {job.says} At home: reprint prints it, cancel drops it."
        )
    return (
        f"Label {job.id} ({job.template}) is in doubt: {job.says} Tear off what came out and scan it; "
        "at home reprint prints another, cancel makes it void."
    )


def is_out(job: Job) -> bool:
    """Whether a label of that job can have left the printer."""
    return job.state not in ("queued", "waiting", "failed")


# Scanning it back --------------------------------------------------------------------------------------------------


def confirmed(turn: Turn, job: Job) -> Turn:
    """Settle a job whose label was scanned back."""
    return _settled(turn, job, "confirmed")


def refused(turn: Turn, place: Place, label: str, shown: str) -> Turn:
    """Refuse a scan that is not the label just printed; `label` is the label's code, if it is one."""
    job = job_here(turn)
    expected = job.id if job is not None else "the label"
    says = void_words(turn, label) or f"Scanned {shown}, expected {expected}, the label just printed."
    turn = turn.entry("scan", step=place.path)
    return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=says)], "")


def void_words(turn: Turn, label: str) -> str:
    """Say that a label is void, if it is."""
    row = turn.facts.row("label", label) if label else None
    if row is None or row["state"] not in ("void", "cancelled"):
        return ""
    instead = f", {row['replaced_by']} is the good one" if row["replaced_by"] else ""
    return f"Label {label} is void{instead}. Tear it up and throw it away."


def scanned_at_home(turn: Turn, label: str) -> Turn | None:
    """Confirm a label of no step that is scanned back, or say what it is; None where this bench made none such."""
    row = turn.facts.row("label", label)
    if row is None:
        return None
    void = void_words(turn, label)
    if void:
        return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=void)], "")
    job = turn.bench.kept.job(label)
    if row["state"] == "confirmed" or row["task"] or (job is not None and not is_out(job)):
        about = f", of task {row['task']}" if row["task"] else ""
        return turn.quiet(f"Label {label} ({row['template']}): {row['state']}{about}.")
    known = job or Job(id=label, template=row["template"], fields={}, ticket=row["ticket"], duplicate=row["duplicate"])
    return confirmed(turn, replace(known, says="")).judge([], f"Label {label} confirmed.")


# A person's choice -------------------------------------------------------------------------------------------------


def retry(turn: Turn) -> Turn:
    """Ask the printer again; a job whose first byte never left goes by itself."""
    job = job_here(turn)
    if job is None:
        return turn.quiet("There is nothing to print.")
    if job.state == "failed":
        return queued(turn, replace(job, state="queued", says="")).quiet("Printing again.")
    if job.state in ("queued", "waiting"):
        return turn.effect(RetryPrinter()).quiet("Asking the printer again.")
    return turn.quiet(f"Tear off the label and scan it: {job.id}. If none came out, press reprint.")


def reprint_asked(turn: Turn) -> Turn:
    """Ask why a label should be printed again."""
    job = job_here(turn) or (in_doubt(turn) if turn.bench.task() is None else None)
    if job is None:
        return turn.quiet("There is no label to print again here.")
    if job.state in _ON_THE_WAY:
        return turn.quiet("The label is still on its way to the printer.")
    void = f" {job.id} is void then." if is_out(job) else ""
    says = f"Why is {job.id} ({job.template}) printed again?{void} Enter the reason."
    return turn.quiet(says, dialog=WaitWhy(what="reprint", person=turn.by))


def reprint(turn: Turn, reason: str) -> Turn:
    """Print a label again by a person's choice, numbered, with the reason."""
    job = job_here(turn) or (in_doubt(turn) if turn.bench.task() is None else None)
    shown = visible(reason)
    if job is None:
        return turn.quiet("There is no label to print again here.", dialog=None)
    if len(shown) > REASON_MOST:
        says = f"The reason has {len(shown)} characters, the label has room for {REASON_MOST}. Say it shorter."
        return turn.quiet(says, dialog=turn.bench.dialog)
    again = replace(
        job, state="queued", duplicate=job.duplicate + 1, reason=shown, reprinted=_local(turn), replaces="", says=""
    )
    turn = turn.entry("label", why=reason)
    if is_out(job):
        again = _renamed(again, job.id, next_label(turn))
        turn = _settled(turn, job, "void", replaced_by=again.id)
    return queued(turn, again).quiet(f"Printing duplicate {again.duplicate}: {again.id}.", dialog=None)


def _renamed(job: Job, old: str, new: str) -> Job:
    """Give a label another id, wherever the old one stood on it."""
    fields = {name: new if value == old else value for name, value in job.fields.items()}
    return replace(job, id=new, fields=fields, replaces=old)


def give_up_asked(turn: Turn, job: Job) -> Turn:
    """Ask whether a label in doubt is dropped for good."""
    return turn.quiet(f"Make label {job.id} ({job.template}) void? Yes or no.", dialog=WaitGivenUp(label=job.id))


def given_up(turn: Turn, label: str) -> Turn:
    """Drop a label in doubt for good."""
    job = turn.bench.kept.job(label)
    if job is None or job.path or job.state not in _DOUBTFUL:
        return turn.quiet("There is no such label any more.", dialog=None)
    state = "void" if is_out(job) else "cancelled"
    return _settled(turn, job, state).quiet(f"Label {job.id} is void. Throw away what came out.", dialog=None)


def dropped(turn: Turn, task: Task) -> Turn:
    """Take back the labels of a task that was given up; what may be out is void."""
    for job in turn.bench.kept.jobs:
        if job.task == task.id:
            turn = _settled(turn, job, "void" if is_out(job) else "cancelled").effect(CancelJob(job=job.id))
    return turn


def found_at_start(turn: Turn) -> Turn:
    """Settle what the printer's queue was doing when the power went: unknown if a byte may have left."""
    for job in turn.bench.kept.jobs:
        if job.state == "sending":
            turn = _set(turn, replace(job, state="unknown", says="The power went while the label was printing."))
        elif job.state in ("queued", "waiting"):
            turn = _set(turn, replace(job, state="queued", says="")).effect(_print(job))
    left = in_doubt(turn)
    return turn.quiet(doubt(left)) if left is not None else turn
