"""What may a person decide about a label: that it is the good one, that another is printed, that it is void?

A reprint is a person's choice, numbered, with a reason. Where the first label may exist, too, the new one has an id of
its own, and the first is void from the moment the new one is about to leave the printer; until then the first counts.
"""

from msgspec.structs import replace

from stations.bench import labels
from stations.bench.events import RetryPrinter
from stations.bench.kept import Job
from stations.bench.labels import has_own_code, is_out
from stations.bench.state import Turn, WaitGivenUp, WaitLabel, WaitWhy
from stations.scanning.codes import visible
from stations.work.tasks import Place
from stations.work.verdict import Finding, Reason

REASON_MOST = 120
"""Characters of a reason that go on a label."""
_KEYED = Finding(reason=Reason.KEYED, says="Keyed, not scanned.")


# Is this the label? ------------------------------------------------------------------------------------------------


def scanned_back(turn: Turn, place: Place, label: str) -> Job | None:
    """Return the job of the step whose label was scanned, if it can exist."""
    task = turn.bench.task()
    jobs = labels.jobs_of(turn, task.id, place.path) if task is not None else ()
    return next((job for job in jobs if job.id == label and is_out(job)), None)


def refused(turn: Turn, place: Place, label: str, shown: str) -> Turn:
    """Refuse a scan that is not the label just printed; `label` is the label's code, if it is one."""
    job = labels.job_here(turn)
    expected = job.id if job is not None else "the label"
    says = _void_words(turn, label) or f"Scanned {shown}, expected {expected}, the label just printed."
    if job is not None and label == job.id:
        says = f"{label} has not left the printer yet: this cannot be it."
    turn = turn.entry("scan", step=place.path)
    return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=says)], "")


def _void_words(turn: Turn, label: str) -> str:
    """Say that a label is void, if it is."""
    row = turn.facts.row("label", label) if label else None
    if row is None or row["state"] not in ("void", "cancelled"):
        return ""
    instead = f", {row['replaced_by']} is the good one" if row["replaced_by"] else ""
    return f"Label {label} is void{instead}. Tear it up and throw it away."


def at_home(turn: Turn, label: str, source: str) -> Turn | None:
    """Confirm a label of no step that is scanned back, or say what it is; None where this bench made none such.

    One that is keyed may not be in anybody's hand: what is to be done with it is asked.
    """
    row = turn.facts.row("label", label)
    if row is None:
        return None
    void = _void_words(turn, label)
    if void:
        return turn.judge([Finding(reason=Reason.PRINT_UNCONFIRMED, says=void)], "")
    job = turn.bench.kept.job(label)
    about = f"Label {label} ({row['template']}): {row['state']}"
    if row["state"] == "confirmed" or row["task"] or (job is not None and not is_out(job)):
        return turn.quiet(f"{about}, of task {row['task']}." if row["task"] else f"{about}.")
    if source == "keyed":
        says = f"{about}. Confirm if it is whole and in its place; reprint prints another, cancel makes it void."
        return turn.quiet(says, dialog=WaitLabel(label=label))
    return labels.confirmed(turn, _known(turn, label)).judge([], f"Label {label} confirmed.")


def _known(turn: Turn, label: str) -> Job:
    """Return the job of a label; of one whose contents are kept no longer what the register knows."""
    job, row = turn.bench.kept.job(label), turn.facts.row("label", label) or {}
    if job is not None:
        return replace(job, says="")
    told = {name: row.get(name, "") for name in ("template", "ticket", "replaces")}
    return Job(id=label, fields={}, state="sent", duplicate=row.get("duplicate", 0), **told)


def looked_at(turn: Turn) -> Turn:
    """Take a person's word at home that a label is whole: one that was keyed, or one without a code of its own."""
    dialog, doubtful = turn.bench.dialog, labels.in_doubt(turn)
    if isinstance(dialog, WaitLabel):
        job = _known(turn, dialog.label)
        return labels.confirmed(turn, job, "keyed").judge([_KEYED], f"Label {job.id} confirmed.")
    if doubtful is None or doubtful.state == "failed":
        return turn.quiet("There is nothing to confirm here.")
    if has_own_code(doubtful):
        return turn.quiet(f"Scan it: {doubtful.id}. If none or no good one came out, press reprint.")
    return labels.confirmed(turn, doubtful, "looked at").judge([], f"Label {doubtful.id} is whole.")


# Printing another --------------------------------------------------------------------------------------------------


def retry(turn: Turn) -> Turn:
    """Ask the printer again; a job whose first byte never left goes by itself."""
    job = labels.job_here(turn)
    if job is None:
        return turn.quiet("There is nothing to print.")
    turn = turn.quiet(turn.bench.says, dialog=None)
    if job.state == "failed":
        return labels.queued(turn, replace(job, state="queued", says="")).quiet("Printing again.")
    if job.state in labels.ON_THE_WAY:
        return turn.effect(RetryPrinter()).quiet("Asking the printer again.")
    return turn.quiet(f"Tear off the label and scan it: {job.id}. If none came out, press reprint.")


def reprint_asked(turn: Turn) -> Turn:
    """Ask why a label should be printed again: that of the step, the one that was keyed, or the one in doubt."""
    job = _asked_about(turn)
    if job is None:
        return turn.quiet("There is no label to print again here; what was on it is kept no longer. Print it anew.")
    if job.state in labels.ON_THE_WAY:
        return turn.quiet("The label is still on its way to the printer.")
    void = f" {job.id} is void then." if is_out(job) and has_own_code(job) else ""
    says = f"Why is {job.id} ({job.template}) printed again?{void} Enter the reason."
    return turn.quiet(says, dialog=WaitWhy(what="reprint", person=turn.by, label=job.id))


def is_about_a_label(turn: Turn) -> bool:
    """Whether reprint and cancel mean a label at home: one in doubt, or one that was keyed."""
    is_home = turn.bench.task() is None
    return is_home and (isinstance(turn.bench.dialog, WaitLabel) or labels.in_doubt(turn) is not None)


def _asked_about(turn: Turn) -> Job | None:
    dialog = turn.bench.dialog
    if isinstance(dialog, WaitLabel):
        return turn.bench.kept.job(dialog.label)
    return labels.job_here(turn) if turn.bench.task() is not None else labels.in_doubt(turn)


def reprint(turn: Turn, label: str, reason: str) -> Turn:
    """Print a label again by a person's choice, numbered, with the reason."""
    job, shown = turn.bench.kept.job(label), visible(reason)
    if job is None or job.state in labels.ON_THE_WAY:
        return turn.quiet(f"Label {label} is no longer to be printed again.", dialog=None)
    if len(shown) > REASON_MOST:
        says = f"The reason has {len(shown)} characters, the label has room for {REASON_MOST}. Say it shorter."
        return turn.quiet(says, dialog=turn.bench.dialog)
    again = _again(turn, job, shown)
    turn = labels.queued(turn.entry("label", why=reason), again)
    return turn.quiet(f"Printing duplicate {again.duplicate}: {again.id}.", dialog=None)


def _again(turn: Turn, job: Job, reason: str) -> Job:
    """Make the job of a reprint; where the first label may exist, under an id of its own wherever the old one stood."""
    number = job.duplicate if job.duplicate and not is_out(job) else job.duplicate + 1
    now = turn.at.strftime("%Y-%m-%d %H:%M")
    again = replace(job, state="queued", duplicate=number, reason=reason, reprinted=now, says="")
    if not (is_out(job) and has_own_code(job)):
        return again
    new = labels.next_label(turn)
    fields = {name: new if value == job.id else value for name, value in job.fields.items()}
    return replace(again, id=new, fields=fields, replaces=job.id)


# Giving it up ------------------------------------------------------------------------------------------------------


def give_up_asked(turn: Turn) -> Turn:
    """Ask whether a label is dropped for good: the one that was keyed, or the one in doubt."""
    dialog, doubtful = turn.bench.dialog, labels.in_doubt(turn)
    label = dialog.label if isinstance(dialog, WaitLabel) else (doubtful.id if doubtful is not None else "")
    row = turn.facts.row("label", label)
    about = f" ({row['template']})" if row is not None else ""
    return turn.quiet(f"Make label {label}{about} void? Yes or no.", dialog=WaitGivenUp(label=label))


def given_up(turn: Turn, label: str) -> Turn:
    """Drop a label for good."""
    job = _known(turn, label)
    says = f"Label {label} is void. Throw away what came out." if is_out(job) else f"Label {label} is dropped."
    return labels.given_up(turn, job).quiet(says, dialog=None)
