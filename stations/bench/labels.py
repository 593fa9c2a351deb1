"""How does a label get from a step onto the package?

A job's `sending` is on disk before the first byte leaves, and a job found so at start is unknown: the machine never
prints twice on its own decision. A label counts only when it was scanned back; a reprint is a person's choice,
numbered, with a reason.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from stations.bench.events import CancelJob, JobReported, PrintLabel, ReleaseJob, RetryPrinter
from stations.bench.kept import Job, JobGone, JobSet
from stations.bench.state import Trouble, Turn, WaitWhy
from stations.pharmacy import words
from stations.scanning.codes import visible
from stations.scanning.ours import own_code
from stations.work.checklists import Print
from stations.work.tasks import Place, Task
from stations.work.verdict import Finding, Reason

_REASON_MOST = 120
"""Characters of a reason that go on a label; the record keeps them all."""
_FOLLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "queued": ("waiting", "sending", "failed"),
        "waiting": ("sending", "failed"),
        "sending": ("printed", "failed", "unknown"),
    },
)
"""What the printer may say of a job, by its state; a late report of a settled one changes nothing."""


def job_here(turn: Turn) -> Job | None:
    """Return the job of the step asked now, if it prints."""
    place, task = turn.bench.place(), turn.bench.task()
    if place is None or task is None or not isinstance(place.step, Print):
        return None
    return next((job for job in turn.bench.kept.jobs if (job.task, job.path) == (task.id, place.path)), None)


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
    job = Job(id=label, template=place.step.label, fields=fields, task=task.id, path=place.path)
    return turn.entry("label", job=job.id, template=job.template).change(JobSet(job=job)).effect(_print(job))


def next_label(turn: Turn) -> str:
    """Return the next label id of this station."""
    return own_code("K", f"{turn.bench.number:02d}{turn.bench.kept.labels + 1:06d}")


def stamp(turn: Turn, label: str) -> dict[str, str | list[str]]:
    """Return what every label carries: its id, the station, who made it, when, by the site's clock."""
    return {
        "label_id": label,
        "station": turn.bench.name,
        "initials": turn.by,
        "time": turn.at.strftime("%Y-%m-%d %H:%M"),
    }


def _print(job: Job) -> PrintLabel:
    return PrintLabel(
        job=job.id,
        template=job.template,
        fields=job.fields,
        duplicate=job.duplicate,
        reason=job.reason,
        reprinted=job.reprinted,
    )


def reported(turn: Turn, event: JobReported) -> Turn:
    """Note how far a job is; the step waits for the label to be scanned back."""
    job = turn.bench.kept.job(event.job)
    if job is None:
        return turn.effect(CancelJob(job=event.job))
    if event.state not in _FOLLOWS.get(job.state, ()):
        return turn.effect(CancelJob(job=event.job)) if event.state == "sending" else turn
    turn = turn.entry("label", job=job.id, template=job.template, state=event.state)
    turn = turn.change(JobSet(job=replace(job, state=event.state, says=event.says)))
    if event.state == "sending":
        return turn.effect(ReleaseJob(job=job.id))
    turn = _trouble(turn, "" if event.state == "printed" else event.says)
    asked = job_here(turn)
    if asked is None or asked.id != job.id:
        # A slip that no step scans back is settled once nothing more comes of it; a task's label waits for its step.
        return turn if job.path or event.state == "waiting" else turn.change(JobGone(job=job.id))
    match event.state:
        case "printed":
            return turn.quiet("Tear off the label and scan it.")
        case "unknown":
            says = f"{event.says} Tear off what came out and scan it, or press reprint."
            return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=says)], "")
        case _:
            says = f"{event.says} The label waits; mend the printer and press confirm, or put the task on hold."
            return turn.judge([Finding(reason=Reason.PRINTER_NOT_READY, says=says)], "")


def _trouble(turn: Turn, says: str) -> Turn:
    others = tuple(trouble for trouble in turn.bench.troubles if trouble.about != "printer")
    troubles = (*others, Trouble(about="printer", says=says)) if says else others
    return replace(turn, bench=replace(turn.bench, troubles=troubles))


def is_out(job: Job) -> bool:
    """Whether a label of that job can have left the printer."""
    return job.duplicate > 0 or job.state not in ("queued", "waiting", "failed")


def confirmed(turn: Turn, job: Job) -> Turn:
    """Settle a job whose label was scanned back."""
    return turn.entry("label", job=job.id, template=job.template, state="confirmed").change(JobGone(job=job.id))


def refused(turn: Turn, place: Place, shown: str) -> Turn:
    """Refuse a scan that is not the label just printed."""
    job = job_here(turn)
    expected = job.id if job is not None else "the label"
    says = f"Scanned {shown}, expected {expected}, the label just printed."
    turn = turn.entry("scan", step=place.path)
    return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=says)], "")


def retry(turn: Turn) -> Turn:
    """Ask the printer again; a job whose first byte never left goes by itself."""
    job = job_here(turn)
    if job is None:
        return turn.quiet("There is nothing to print.")
    if job.state == "failed":
        turn = turn.entry("label", job=job.id, template=job.template, state="queued")
        return turn.change(JobSet(job=replace(job, state="queued"))).effect(_print(job)).quiet("Printing again.")
    if job.state in ("queued", "waiting"):
        return turn.effect(RetryPrinter()).quiet("Asking the printer again.")
    return turn.quiet(f"Tear off the label and scan it: {job.id}. If none came out, press reprint.")


def reprint_asked(turn: Turn) -> Turn:
    """Ask why a label should be printed again."""
    job = job_here(turn)
    if job is None:
        return turn.quiet("There is no label to print again here.")
    if job.state in ("queued", "waiting", "sending"):
        return turn.quiet("The label is still on its way to the printer.")
    return turn.quiet("Why is it printed again? Enter the reason.", dialog=WaitWhy(what="reprint", person=turn.by))


def reprint(turn: Turn, reason: str) -> Turn:
    """Print a label again by a person's choice, numbered, with the reason."""
    job = job_here(turn)
    if job is None:
        return turn.quiet("There is no label to print again here.", dialog=None)
    now = turn.at.strftime("%Y-%m-%d %H:%M")
    shown = visible(reason)[:_REASON_MOST]
    again = replace(job, state="queued", duplicate=job.duplicate + 1, reason=shown, reprinted=now, says="")
    turn = turn.entry(
        "label", job=job.id, template=job.template, state="reprint", duplicate=again.duplicate, why=reason
    )
    turn = turn.change(JobSet(job=again)).effect(_print(again))
    return turn.quiet(f"Printing duplicate {again.duplicate}.", dialog=None)


def dropped(turn: Turn, task: Task) -> Turn:
    """Take back the jobs of a task that was given up."""
    for job in turn.bench.kept.jobs:
        if job.task == task.id:
            turn = turn.change(JobGone(job=job.id)).effect(CancelJob(job=job.id))
    return turn


def found_at_start(turn: Turn) -> Turn:
    """Settle what the printer's queue was doing when the power went: unknown if a byte may have left."""
    for job in turn.bench.kept.jobs:
        if job.state == "sending":
            says = "The power went while the label was printing."
            turn = turn.change(JobSet(job=replace(job, state="unknown", says=says)))
        elif job.state in ("queued", "waiting"):
            turn = turn.change(JobSet(job=replace(job, state="queued"))).effect(_print(job))
    return turn
