"""What does a station do when something happens?

`step(bench, event, facts)` is total: any event in any state gives a state. It reads no clock, touches no disk and
decides nothing itself: findings come from the rules, the verdict from `work.verdict`.
"""

from typing import Any

from msgspec.structs import replace

from stations.bench import answers, labels, running, session
from stations.bench.commands import pressed
from stations.bench.events import (
    Chosen,
    CodeKeyed,
    DefinitionsRead,
    Effect,
    Entered,
    Event,
    FileRefused,
    FileTaken,
    JobReported,
    JournalFailed,
    LabelAsked,
    PinChecked,
    PinGiven,
    Pressed,
    PrinterReported,
    Restarted,
    Scanned,
    ScannerReported,
    StepFailed,
    TakeIn,
    TaskPicked,
    TimePassed,
    UnableTold,
)
from stations.bench.kept import ListTaken, QuestionSet
from stations.bench.scans import code_keyed, scanned
from stations.bench.state import Bench, Trouble, Turn
from stations.work.facts import Facts


def step(bench: Bench, event: Event, facts: Facts) -> tuple[Bench, tuple[Effect, ...]]:
    """Return the bench after an event, and what is to be done, the entry to record first."""
    event = _writable(event)
    turn = Turn(bench=bench, facts=facts, at=event.at)
    if bench.out_of_order and not isinstance(event, JournalFailed):
        return replace(bench, at=event.at), ()
    return running.refreshed(_happened(turn, event)).close()


def _writable(event: Event) -> Event:
    """Return the event with texts that a record can hold: half a surrogate pair is no character (Unicode, D75)."""
    given = ((name, getattr(event, name)) for name in event.__struct_fields__)
    return replace(event, **{name: _plain(value) for name, value in given if isinstance(value, str | dict)})


def _plain(value: Any) -> Any:  # noqa: ANN401 - a text, or JSON made of texts
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case dict():
            return {_plain(name): _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value


def _happened(turn: Turn, event: Event) -> Turn:
    match event:
        case Scanned():
            return scanned(turn, event.scan)
        case CodeKeyed():
            return code_keyed(turn, event.text)
        case Entered():
            return _going_on(turn, answers.entered(turn, event.text))
        case Chosen():
            return _going_on(turn, answers.chosen(turn, event.text))
        case Pressed():
            return pressed(turn, event.word)
        case PinGiven():
            return session.pin_given(turn, event.pin)
        case PinChecked():
            return session.pin_checked(turn, event.person, right=event.right)
        case UnableTold():
            return _going_on(turn, answers.unable(turn, event.reason))
        case TaskPicked():
            return running.pick(turn, event.checklist, event.subject)
        case _:
            return _beside(turn, event)


def _beside(
    turn: Turn,
    event: JobReported
    | LabelAsked
    | PrinterReported
    | ScannerReported
    | DefinitionsRead
    | FileTaken
    | FileRefused
    | Restarted
    | TimePassed
    | JournalFailed
    | StepFailed,
) -> Turn:
    """Take what does not come from a person."""
    match event:
        case JobReported() | LabelAsked() | PrinterReported():
            return labels.happened(turn, event)
        case ScannerReported():
            return _scanner(turn, event)
        case DefinitionsRead():
            return _definitions(turn, event)
        case FileTaken():
            return _file_taken(turn, event)
        case FileRefused():
            turn = turn.entry("refused", file=event.file, says=event.says)
            return troubled(turn, f"file {event.file}", event.says)
        case Restarted():
            return _restarted(turn, event)
        case TimePassed():
            return turn
        case JournalFailed() | StepFailed():
            return _out_of_order(turn, event)


def _out_of_order(turn: Turn, event: JournalFailed | StepFailed) -> Turn:
    says = "The station met a fault of its own and stopped. Nothing recorded is lost. Call a supervisor."
    if isinstance(event, JournalFailed):
        says = f"The record cannot be written: {event.says} Nothing more is done here until it is mended."
    return turn.quiet(says, out_of_order=says)


def _going_on(before: Turn, turn: Turn) -> Turn:
    """Take an answer to the step, if it was one, as the answer to what was asked after an interruption."""
    if not before.bench.kept.question or not turn.kind:
        return turn
    return turn.entry("", resumed=True).change(QuestionSet(question=""))


def troubled(turn: Turn, about: str, says: str) -> Turn:
    """Show a trouble beside the work, or that it is over."""
    others = tuple(trouble for trouble in turn.bench.troubles if trouble.about != about)
    troubles = (*others, Trouble(about=about, says=says)) if says else others
    return replace(turn, bench=replace(turn.bench, troubles=troubles))


def _scanner(turn: Turn, event: ScannerReported) -> Turn:
    turn = turn.entry("device", device=event.device, present=event.present, says=event.says)
    return troubled(turn, f"scanner {event.device}", "" if event.present else event.says)


def _definitions(turn: Turn, event: DefinitionsRead) -> Turn:
    checklists = {checklist.id: checklist for checklist in event.checklists}
    bench = replace(turn.bench, checklists=checklists, settings=event.settings)
    turn = replace(turn, bench=bench)
    return troubled(turn, "definitions", " ".join(event.refused))


def _file_taken(turn: Turn, event: FileTaken) -> Turn:
    turn = turn.entry("imported", what=event.what, files=list(event.files), sha256=event.sha256, report=event.report)
    for name in event.files:
        turn = troubled(turn, f"file {name.partition('-')[2]}", "")
    return turn.change(ListTaken(what=event.what, at=event.at)).effect(TakeIn(ticket=event.ticket))


def _restarted(turn: Turn, event: Restarted) -> Turn:
    task, place = turn.bench.task(), turn.bench.place()
    turn = labels.found_at_start(turn.entry("start", notes=list(event.notes)))
    if task is None or place is None:
        return turn
    job = labels.job_here(turn)
    if job is not None and job.state == "unknown":
        question = f"The power went while a label was printing. Tear off what came out and scan it: {job.id}."
    else:
        question = f"The station was interrupted at: {place.step.asks}. Was that already done by hand? Yes or no."
    return turn.change(QuestionSet(question=question)).quiet(question)
