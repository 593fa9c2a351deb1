"""What is told of a bench's labels: the one that this step prints, those in doubt, the one to be printed again?

Pure words over the bench. A label counts only when it was scanned back; until then every state has one sentence that
says what to do at the printer.
"""

import datetime as dt

import msgspec

from kiosk.screens.preview import Preview
from printers.virtual import Sheet
from stations.bench import labels
from stations.bench.kept import Job
from stations.bench.state import Bench, Printer, Turn
from stations.work.facts import NoFacts

HELP = (
    "The label comes out as it is drawn here. Tear it off and scan it: only that confirms it. Enter asks the printer "
    "again. If none or no good one came out, F3 prints another with a reason; what came out before is void."
)


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """The label of the present step."""

    id: str
    template: str
    title: str = ""
    """What people call the template; empty until it is drawn, as is the rest."""
    duplicate: int = 0
    """0 for a first print, else which reprint it is."""
    sheet: Sheet | None = None
    """The paper as it will come out."""
    says: tuple[str, ...] = ()
    """Its lines of words, in reading order; where it cannot be drawn, why."""


def job_here(bench: Bench, now: dt.datetime) -> Job | None:
    """Return the job of the step asked now, if it prints."""
    return labels.job_here(Turn(bench=bench, facts=NoFacts(), at=now))


def label_here(job: Job, preview: Preview | None) -> Label:
    """Tell what a job prints, drawn if it is drawn already."""
    label = Label(id=job.id, template=job.template, duplicate=job.duplicate)
    if preview is None:
        return label
    return msgspec.structs.replace(label, title=preview.title, sheet=preview.sheet, says=preview.says)


def state_words(job: Job, printer: Printer, told: str = "") -> str:
    """Say in a sentence or two how far a label is, and what to do; not what the verdict has `told`.

    >>> job = Job(id="K000000017", template="T20", fields={}, state="waiting")
    >>> state_words(job, Printer(answer="fault", says="The printer is out of paper; load a roll."))
    'It waits for the printer. The printer is out of paper; load a roll. Then press Enter.'
    """
    why = "" if job.says in told else job.says
    match job.state:
        case "sending":
            return "It is being printed."
        case "sent":
            return f"Tear off the label and scan it: {job.id}."
        case "failed":
            return " ".join(filter(None, ("It did not come out.", why, "Mend the printer and press Enter.")))
        case "unknown":
            says = "It is not known whether it came out: tear off what came out and scan it, or press reprint."
            return f"{why} {says}".strip()
        case _:
            why = why or ("" if printer.answer != "fault" or printer.says in told else printer.says)
            return f"It waits for the printer. {why} Then press Enter." if why else "It waits for the printer."


def what_next(job: Job) -> str:
    """Say what can be scanned or typed at a step that prints, and what Enter would do."""
    if job.state in ("sent", "unknown"):
        return "Scan it, or type its code, Enter, twice."
    if job.state == "sending":
        return "Wait for it; then scan it."
    return "Enter asks the printer again. F2 sets it aside."


def in_doubt(bench: Bench) -> tuple[str, ...]:
    """Tell of every label of no step that may not have come out, the one to settle first before the others."""
    return tuple(map(_doubt, labels.doubtful(bench.kept)))


def _doubt(job: Job) -> str:
    label = f"Label {job.id} ({job.template})"
    if job.state == "failed":
        return f"{label} did not come out. Press reprint to print it; cancel gives it up."
    if not labels.has_own_code(job):
        return f"{label} in doubt: press Enter if it is whole, or reprint; cancel gives it up."
    return f"{label} in doubt: tear off and scan it, or press reprint; cancel gives it up."


def again(bench: Bench, label: str) -> tuple[str, tuple[str, ...]]:
    """Name the label that is about to be printed again, and what becomes of the one before."""
    job = bench.kept.job(label)
    if job is None:
        return "", ()
    if not labels.is_out(job):
        return job.id, (f"Template {job.template}. None came out: the new one keeps this id.",)
    if not labels.has_own_code(job):
        return job.id, (f"Template {job.template}. It carries no id: throw the first one away.",)
    return job.id, (f"Template {job.template}. {job.id} is void then: tear it up. The new one has an id of its own.",)
