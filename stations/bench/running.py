"""How does a task begin, go from step to step, and end?

A step's answer, the lines it names, the automatic steps after it, the label it prints and the end of the task stand in
one entry: a power cut finds all of it or none.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from stations.bench import labels
from stations.bench.kept import StepAnswered, TaskFronted, TaskMoved, TaskOpened
from stations.bench.state import HomeLine, Turn
from stations.pharmacy import words
from stations.scanning.codes import Code
from stations.scanning.ours import own_code
from stations.scanning.outcome import Kind
from stations.work import people
from stations.work.checklists import Automatic, Checklist, Each, Print, ScanIdentity, ScanLocation
from stations.work.facts import Row
from stations.work.tasks import Place, Result, Task, next_place, places
from stations.work.verdict import Finding, Reason, Word, decide

_NAMES = {"scan-location": ("code", "name"), "scan-identity": ("cabinet",)}
"""The fields of a register's row by which people name the very thing."""


def needs_of(checklist: Checklist) -> people.Needs:
    """Return what a checklist needs of whoever runs it."""
    return people.Needs(
        role=checklist.role,
        level=checklist.level,
        competencies=checklist.competencies,
        dispensing=checklist.dispensing,
    )


def pick(turn: Turn, name: str, subject: str) -> Turn:
    """Open a checklist, or take up the open task of it; a refusal leaves the screen at home."""
    session = turn.bench.kept.session
    if session is None or session.locked:
        return turn.quiet("Scan your badge first.")
    if turn.bench.kept.current:
        return turn.quiet("Finish this task or put it on hold first.")
    checklist = turn.bench.checklists.get(name)
    if checklist is None:
        return turn.quiet(f"There is no checklist {name} at this station.")
    turn = turn.entry("task", checklist=name, subject=subject)
    findings = _start_findings(turn, checklist)
    if decide(findings, stricter=turn.bench.settings.stricter).word is not Word.PASS:
        return turn.judge(findings, "")
    return _begin(turn, checklist, subject, findings)


def _start_findings(turn: Turn, checklist: Checklist) -> list[Finding]:
    """Say what stands against the present person's working on that checklist now."""
    person = people.by_id(turn.by, turn.facts)
    found = people.badge_findings(person)
    if person is None:
        return found
    on_duty = bool(turn.bench.kept.on_duty)
    return found + people.start_findings(person, needs_of(checklist), on_duty=on_duty, today=turn.at.date())


def take_up(turn: Turn, task: Task) -> Turn:
    """Take up an open task that was picked from the list: what its checklist asks of a person holds again."""
    findings = _start_findings(turn, turn.bench.kept.definitions[task.sha256])
    if decide(findings, stricter=turn.bench.settings.stricter).word is not Word.PASS:
        return turn.entry("task", task=task.id).judge(findings, "")
    return resume(turn, task, findings)


def _begin(turn: Turn, checklist: Checklist, subject: str, findings: list[Finding]) -> Turn:
    again = _open_task(turn, checklist, subject)
    if again is not None:
        return resume(turn, again, findings)
    turn = _made(turn, checklist, subject) if subject else turn
    found = _subject(turn, checklist, subject) if subject else None
    if subject and not isinstance(found, Result):
        says = f"{subject} is nothing that {checklist.title} can be about."
        return turn.judge([found or Finding(reason=Reason.UNKNOWN_CODE, says=says)], "")
    first = found if isinstance(found, Result) else None
    again = _open_task(turn, checklist, first.value) if first is not None else None
    if again is not None:
        return resume(turn, again, findings)
    turn = _opened(turn, checklist, subject)
    place = turn.bench.place()
    turn = answered(turn, place, first) if first is not None and place is not None else advanced(turn)
    return turn.judge(findings, f"{checklist.title} is open.")


def _made(turn: Turn, checklist: Checklist, subject: str) -> Turn:
    """Where what is due has no document yet, make it: its rows stand in the entry that opens the task."""
    step = checklist.step[0]
    if not isinstance(step, ScanIdentity) or step.of not in words.MAKES:
        return turn
    if words.SUBJECTS[step.of](subject, turn.facts) is not None:
        return turn
    code = own_code("P", f"{turn.bench.number:02d}{turn.bench.kept.tasks_made + 1:06d}")
    return turn.change(rows=words.MAKES[step.of](subject, code, turn.facts, turn.at.date()))


def _open_task(turn: Turn, checklist: Checklist, subject: str) -> Task | None:
    """Return the open task of the checklist about that subject, by the name it was opened with or what it found."""
    for task in turn.bench.kept.tasks:
        first = task.results[0] if task.results else None
        fields = _NAMES.get(first.kind, ()) if first is not None else ()
        found = {first.value, *(first.fields.get(field) for field in fields)} if first is not None else set()
        if task.checklist == checklist.id and subject in {task.subject, *found}:
            return task
    return None


def _opened(turn: Turn, checklist: Checklist, subject: str) -> Turn:
    kept = turn.bench.kept
    task = Task(
        id=own_code("T", f"{turn.bench.number:02d}{kept.tasks_made + 1:06d}"),
        checklist=checklist.id,
        version=checklist.version,
        sha256=checklist.sha256,
        title=checklist.title,
        role=checklist.role,
        subject=subject,
        performer=turn.by,
        performers=(turn.by,),
        started=turn.at,
        touched=turn.at,
    )
    definition = None if checklist.sha256 in kept.definitions else checklist
    turn = turn.entry("task", task=task.id, version=checklist.version, sha256=checklist.sha256)
    return turn.change(TaskOpened(task=task, definition=definition))


def resume(turn: Turn, task: Task, findings: list[Finding]) -> Turn:
    """Take up an open task again: only who began it may, until a hand-over."""
    if turn.by not in task.performers:
        says = f"{task.title} is open in the name of {task.performer}. They must finish it."
        return turn.entry("task", task=task.id).judge([Finding(reason=Reason.NOT_AUTHORISED, says=says)], "")
    turn = turn.entry("task", task=task.id, resumed=True)
    turn = turn.change(TaskMoved(task=task.id, state="running"), TaskFronted(task=task.id))
    return labels.wanted(turn.judge(findings, f"{task.title}: where it was left."))


def _subject(turn: Turn, checklist: Checklist, subject: str) -> Result | Finding | None:
    """Turn the name of a thing into the answer of the first step."""
    step = checklist.step[0]
    if isinstance(step, ScanIdentity):
        key = words.SUBJECTS[step.of](subject, turn.facts)
        row = turn.facts.row(step.of, key) if key is not None else None
        return identified(turn, step.id, step.of, row) if row is not None else None
    if isinstance(step, ScanLocation):
        row = location(turn, subject)
        if row is None:
            return None
        found = location_findings(turn, step, row)
        return found[0] if found else identified(turn, step.id, "location", row)
    return None


def identified(turn: Turn, path: str, of: str, row: Row, source: str = "named") -> Result:
    """Return the answer that a thing was identified, with what the register says of it."""
    key = {"location": "code"}.get(of) or ("list" if of == "pick_list" else of)
    fields = {field: str(value) for field, value in row.items() if isinstance(value, str | int)}
    kind = "scan-location" if of == "location" else "scan-identity"
    return Result(path=path, kind=kind, value=str(row[key]), by=turn.by, at=turn.at, source=source, fields=fields)


def location(turn: Turn, name: str) -> Row | None:
    """Find a place or a device by its code or by the name people say."""
    for register, field in (("location", "name"), ("device", "device")):
        row = turn.facts.row(register, name)
        rows = (row,) if row is not None else turn.facts.rows(register, **{field: name})
        if rows:
            return {"kind": rows[0].get("type", ""), "name": name, **rows[0]}
    return None


_NUMBERED: Mapping[Kind, str] = MappingProxyType({Kind.LOCATION: "location", Kind.DEVICE: "device"})
"""What a GS1 number may stand for: a GLN for a place, a GIAI for a device."""


def place_of(turn: Turn, code: Code) -> Row | None:
    """Find the place or device of a code: one of ours by its code, a GS1 number where a row carries it."""
    if code.own:
        row = turn.facts.row("location", code.own) or turn.facts.row("device", code.own)
    else:
        register = _NUMBERED.get(code.kind, "")
        row = next(iter(turn.facts.rows(register, gs1=code.key) if register and code.key else ()), None)
    return {"kind": row.get("type", ""), "name": row.get("device", row["code"]), **row} if row is not None else None


def location_findings(turn: Turn, step: ScanLocation, row: Row) -> list[Finding]:
    """Say what stands against using that place at that step."""
    if row.get("state", "in") == "out":
        return [Finding(reason=Reason.LOCATION_OUT, says=f"{row['name']} is out of service.")]
    if step.of and row.get("kind") not in step.of:
        says = f"{row['name']} is a {row.get('kind')}. Scan a {' or '.join(step.of)}."
        return [Finding(reason=Reason.WRONG_LOCATION, says=says)]
    return words.CHECKS[step.check](row, turn.facts) if step.check else []


def open_elsewhere(turn: Turn, place: Place, value: str) -> Task | None:
    """Return another open task of the same checklist about the very thing this one is to begin with."""
    task = turn.bench.task()
    if task is None or task.results or place.group:
        return None
    others = (one for one in turn.bench.kept.tasks if one.id != task.id and one.checklist == task.checklist)
    return next((one for one in others if one.results and one.results[0].value == value), None)


def has_nothing_to_do(turn: Turn, place: Place, result: Result) -> bool:
    """Say whether the thing identified names the lines of a repeated step, and none is left."""
    task, situation = turn.bench.task(), turn.situation(place)
    if task is None or situation is None:
        return False
    lists = [step for step in turn.bench.kept.definitions[task.sha256].step if isinstance(step, Each)]
    rules = [rule for rule, _, named in (step.lines.partition(" ") for step in lists) if named == place.path]
    return any(not words.LINES[rule](situation, result) for rule in rules)


def answered(turn: Turn, place: Place, result: Result) -> Turn:
    """End a step with its answer, and go on to whatever is asked next."""
    task = turn.bench.task()
    situation = turn.situation(place)
    if task is None or situation is None:
        return turn
    definition = turn.bench.kept.definitions[task.sha256]
    group = ""
    lines: tuple[dict[str, str], ...] = ()
    for step in definition.step:
        if isinstance(step, Each) and step.lines.partition(" ")[2] == place.path:
            group, lines = step.id, words.LINES[step.lines.partition(" ")[0]](situation, result)
    keeps = place.step.keeps if result.kind != "unable" else ""
    rows = words.KEEPS[keeps](situation, result) if keeps else ()
    shown = {"value": result.value} if result.kind != "text" or result.value else {}
    told = {"step": place.path, "outcome": result.outcome, "source": result.source, **shown}
    turn = turn.entry("step", by=turn.by, task=task.id, **told)
    turn = turn.change(StepAnswered(task=task.id, result=result, group=group, lines=lines), rows=rows)
    turn = turn.quiet(turn.bench.says, actor="", keying=False)
    return advanced(turn)


def advanced(turn: Turn) -> Turn:
    """Do what needs nobody: compute, print, end the task."""
    task = turn.bench.task()
    if task is None:
        return turn
    place = next_place(turn.bench.kept.definitions[task.sha256], task)
    if place is None:
        return _ended(turn, task)
    if isinstance(place.step, Automatic):
        situation = turn.situation(place)
        if situation is not None:
            value, outcome = words.COMPUTES[place.step.computes](situation)
            result = Result(
                path=place.path,
                kind="automatic",
                value=value,
                outcome=outcome,
                by=turn.by,
                at=turn.at,
                source="computed",
            )
            rows = words.KEEPS[place.step.keeps](situation, result) if place.step.keeps else ()
            return advanced(turn.change(StepAnswered(task=task.id, result=result), rows=rows))
    if isinstance(place.step, Print):
        return labels.wanted(turn)
    return turn


def _ended(turn: Turn, task: Task) -> Turn:
    definition = turn.bench.kept.definitions[task.sha256]
    last = list(places(definition, task))[-1:]
    situation = turn.situation(last[0]) if last else None
    rows = words.ENDS[definition.keeps](situation) if definition.keeps and situation is not None else ()
    state = "done_with_deviation" if task.deviation else "done"
    turn = turn.entry("task", task=task.id, state=state)
    turn = turn.change(TaskMoved(task=task.id, state=state), rows=rows)
    return turn.quiet(
        f"{task.title} is finished." if not task.deviation else f"{task.title} is finished, with a deviation."
    )


def set_aside(turn: Turn, says: str) -> Turn:
    """Put the task at the front on hold; nothing of it is lost."""
    task = turn.bench.task()
    if task is None:
        return turn
    turn = turn.entry("task", task=task.id, state="held")
    turn = turn.change(TaskMoved(task=task.id, state="held"), TaskFronted(task=""))
    return turn.quiet(says, dialog=None, offer=None, stopped=False, keying=False, actor="")


def abandoned(turn: Turn) -> Turn:
    """Give the task at the front up; what was recorded stays recorded."""
    task = turn.bench.task()
    if task is None:
        return turn
    turn = labels.dropped(turn, task)
    definition, place = turn.bench.kept.definitions[task.sha256], turn.bench.place()
    situation = turn.situation(place) if place is not None else None
    rows = words.UNDOES[definition.undoes](situation) if definition.undoes and situation is not None else ()
    turn = turn.entry("task", task=task.id, state="abandoned")
    turn = turn.change(TaskMoved(task=task.id, state="abandoned"), rows=rows)
    return turn.quiet(f"{task.title} was abandoned.", dialog=None, offer=None, stopped=False, keying=False, actor="")


def home_lines(turn: Turn) -> tuple[HomeLine, ...]:
    """Say what should be done now: what is due, what is open, what can be done on demand."""
    session = turn.bench.kept.session
    if session is None:
        return ()
    mine = [checklist for checklist in turn.bench.checklists.values() if checklist.role in session.roles]
    open_tasks = [task for task in turn.bench.kept.tasks if task.role in session.roles]
    taken = {(task.checklist, task.subject) for task in open_tasks}
    due = [line for checklist in mine for line in _due(turn, checklist) if (line.checklist, line.subject) not in taken]
    resumed = [
        HomeLine(
            urgency="open",
            title=task.title + (f", {task.subject}" if task.subject else ""),
            why=f"{task.performer}, since {task.touched:%H:%M}",
            checklist=task.checklist,
            subject=task.subject,
            task=task.id,
        )
        for task in open_tasks
    ]
    demand = [
        HomeLine(urgency="on demand", title=checklist.title, why="", checklist=checklist.id) for checklist in mine
    ]
    return (*due, *resumed, *demand)


def _due(turn: Turn, checklist: Checklist) -> list[HomeLine]:
    if not checklist.worklist:
        return []
    today: dt.date = turn.at.date()
    counts: dict[str, int] = {}
    for line in words.WORKLISTS[checklist.worklist](turn.facts, today):
        if line.opens == checklist.id:
            counts[line.subject] = counts.get(line.subject, 0) + 1
    return [
        HomeLine(
            urgency="today",
            title=f"{checklist.title}, {subject}",
            why="1 item below par" if number == 1 else f"{number} items below par",
            checklist=checklist.id,
            subject=subject,
        )
        for subject, number in counts.items()
    ]


def refreshed(turn: Turn) -> Turn:
    """Show home as it is now, where home is shown."""
    if turn.bench.screen() != "home":
        return turn
    return replace(turn, bench=replace(turn.bench, home=home_lines(turn)))
