"""Where does a scan go: to the door, to the step, to a command, or nowhere?

What a scan is, `scanning.codes` says; what it is worth, the rules say. Here stands only whom it is for. Every scan
leaves an entry with its evidence, also one that is refused.
"""

from typing import Any

from stations.bench import doubts, hearing, labels, products, running, session, symbols
from stations.bench.commands import pressed
from stations.bench.kept import QuestionSet
from stations.bench.state import KeyAgain, Turn, WaitDecision, WaitDuty, WaitPin, WaitTask
from stations.scanning import ours
from stations.scanning.codes import Code, read, visible
from stations.scanning.decoding import card
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Kind, Outcome
from stations.work import people
from stations.work.checklists import Print, ScanIdentity, ScanLocation, ScanProduct
from stations.work.facts import Row
from stations.work.tasks import Place, Result
from stations.work.verdict import Finding, Reason

_GARBLED = {
    "lost-input": "Part of the scan was lost on the way. Scan again.",
    "control-character": "The code holds a control character that no package carries. It was not taken.",
    "too-long": "The code is longer than any we know. It was not taken.",
    "truncated": "The scan broke off. Scan again.",
    "unreadable": "The scan could not be read. Scan again.",
    "not-ours": (
        "Keyboard scans are not taken here. Scan with a paired scanner, or pair this one: kiosk pair scanner."
    ),
}
_LONGEST_PIN = 8
_PEOPLE_DECIDE = (WaitPin, WaitDecision, WaitDuty)


def scanned(turn: Turn, scan: Scan | Garbled) -> Turn:
    """Take a scan, whole or damaged."""
    how = hearing.heard(turn, scan)
    if isinstance(scan, Garbled):
        return _garbled(turn, scan, how)
    part = card.part_of(scan.text)
    if part is not None:
        turn = turn.entry("check-card", part=part, raw=visible(scan.text), **how)
        return turn.quiet(turn.back_first() if turn.bench.stopped else f"Check card, {part}: read as it is printed.")
    code = read(
        scan.text,
        turn.at.date(),
        aim=scan.aim,
        years_ahead=turn.bench.settings.expiry.years_ahead,
        sends_separators=scan.sends_separators,
    )
    told = {**hearing.evidence(code, "scanned"), **how}
    if _may_be_a_pin(turn, code.bare):
        told["raw"] = ""
    if hearing.is_double(turn, scan, code):
        return hearing.doubled(turn, scan, told)
    turn = hearing.remembered(turn, scan)
    if code.kind is Kind.COMMAND and code.outcome == "ok":
        return _command(turn, code, told)
    return hearing.paced(_routed(turn, code, told))


def _garbled(turn: Turn, scan: Garbled, how: dict[str, Any]) -> Turn:
    place = turn.bench.place()
    finding = Finding(reason=Reason(scan.reason), says=_doubt_of(turn, scan) or _GARBLED[scan.reason])
    raw = hearing.without_badges(visible(scan.text[: hearing.LONGEST_RAW]))
    raw = "" if _may_be_a_pin(turn, scan.text) else raw
    turn = turn.entry("scan", raw=raw, source="scanned", reading=scan.reason, **how)
    turn = turn.entry("", step=place.path) if place is not None else turn
    return turn if turn.bench.stopped else products.refuse(turn, finding)


def _may_be_a_pin(turn: Turn, text: str) -> bool:
    """Say whether these may be the digits of a PIN, sent where a badge or a PIN is asked: nothing of them is kept."""
    is_asked = bool(session.purpose(turn)) or isinstance(turn.bench.dialog, WaitPin)
    return is_asked and text.isdigit() and len(text) <= _LONGEST_PIN


def _doubt_of(turn: Turn, scan: Garbled) -> str:
    """Return why nothing of its scanner is read at present, if so; a scan that merely broke says that itself."""
    if scan.reason != Outcome.UNREADABLE:
        return ""
    return next((one.says for one in turn.bench.troubles if one.about == f"scanner {scan.device}"), "")


def code_keyed(turn: Turn, text: str) -> Turn:
    """Take a code that was typed: a badge once, for its PIN proves it; anything else twice."""
    # A space may be the check character of a HIBC code.
    text = text if text.startswith("+") else text.strip()
    code = read(text, turn.at.date(), aim=False, years_ahead=turn.bench.settings.expiry.years_ahead)
    told = hearing.evidence(code, "keyed")
    if session.purpose(turn):
        return _routed(turn, code, told)
    dialog = turn.bench.dialog
    if not isinstance(dialog, KeyAgain):
        return turn.quiet(f"{visible(text)}: key it again.", dialog=KeyAgain(text=text, behind=dialog))
    if dialog.text != text:
        says = f"{visible(dialog.text)} and {visible(text)} differ. Key it twice alike."
        return turn.quiet(says, dialog=dialog.behind)
    return _routed(turn.quiet("", dialog=dialog.behind), code, told)


def _command(turn: Turn, code: Code, told: dict[str, Any]) -> Turn:
    """Carry out a scanned command; the record has the scan, but not a digit, which may be of a PIN."""
    word = code.command
    if word is not None and word.isdigit():
        return turn.quiet(turn.bench.says, typed=turn.bench.typed + word)
    if word is not None:
        return pressed(turn, word).entry("command", **told, word=word)
    checklist = ours.checklist_of(code.own or "", turn.bench.checklists)
    after = running.pick(turn, checklist, "") if checklist else turn.quiet("This command is of another version.")
    return after.entry("command", **told)


def _routed(turn: Turn, code: Code, told: dict[str, Any]) -> Turn:
    """Hand a scan to whom it is for: the door, the person who must decide, home, or the step."""
    badge_asked = session.purpose(turn)
    if turn.bench.kept.question and turn.bench.screen() in ("task", "hold", "stop"):
        # Going on with the work answers what was asked after the interruption.
        turn = turn.change(QuestionSet(question=""))
        owner = _whose_own_badge(turn, code)
        if owner and not badge_asked:
            waits = WaitPin(purpose="unlock", person=owner)
            return turn.entry("scan", **told).quiet(f"{owner}: enter your PIN.", dialog=waits)
    if badge_asked:
        is_badge = told["source"] == "scanned" or code.kind is Kind.BADGE
        return session.badge(turn, code, told) if is_badge else session.not_a_badge(turn)
    turn, place = turn.entry("scan", **told), turn.bench.place()
    if turn.bench.stopped:
        return turn.quiet(turn.back_first())
    if isinstance(turn.bench.dialog, _PEOPLE_DECIDE):
        return turn.quiet(turn.bench.says)
    if place is None:
        return _at_home(turn, code, str(told["source"]))
    return _at_step(turn.entry("", step=place.path), place, code, str(told["source"]))


def _whose_own_badge(turn: Turn, code: Code) -> str:
    """Return who is signed in where that is their badge."""
    own = turn.bench.kept.session
    scanner = people.by_badge(code.key or "", turn.facts) if code.kind is Kind.BADGE else None
    return own.person if own is not None and scanner is not None and scanner.person == own.person else ""


def _at_step(turn: Turn, place: Place, code: Code, source: str) -> Turn:
    match place.step:
        case ScanProduct():
            return symbols.scanned(turn, place, code, source)
        case ScanLocation():
            return _location(turn, place, place.step, code, source)
        case ScanIdentity():
            return _identity(turn, place, place.step, code, source)
        case Print():
            return _label(turn, place, code, source)
        case _:
            return products.refuse(turn, products.not_that_kind(code, "", place.step.asks))


def _location(turn: Turn, place: Place, step: ScanLocation, code: Code, source: str) -> Turn:
    fault = products.fault_of(code)
    if fault is not None:
        return products.refuse(turn, fault)
    if code.kind not in (Kind.LOCATION, Kind.DEVICE):
        return products.refuse(turn, products.not_that_kind(code, "the label of the place"))
    row = running.place_of(turn, code)
    if row is None:
        says = f"{code.key} is not a place we know. Ask a supervisor."
        return products.refuse(turn, Finding(reason=Reason.UNKNOWN_CODE, says=says))
    return _place_found(turn, place, step, row, source)


def _place_found(turn: Turn, place: Place, step: ScanLocation, row: Row, source: str) -> Turn:
    situation = turn.situation(place)
    wanted = situation.named(step.expected) if situation is not None and step.expected else ""
    if step.expected and not wanted:
        says = "The record names no place for this. Put the task on hold and ask for the record to be mended."
        return products.refuse(turn, Finding(reason=Reason.WRONG_LOCATION, says=says))
    if wanted and str(row["code"]) != wanted:
        named = running.location(turn, wanted)
        expected = str(named["name"]) if named is not None else wanted
        says = f"This is {row['name']}. Go to {expected}."
        return products.refuse(turn, Finding(reason=Reason.WRONG_LOCATION, says=says))
    findings = running.location_findings(turn, step, row)
    other = running.open_elsewhere(turn, place, str(row["code"]))
    if other is not None:
        says = f"{row['name']} is open already, in task {other.id}. Scan another place, or cancel this task."
        findings = [*findings, Finding(reason=Reason.WRONG_LOCATION, says=says)]
    if findings:
        return products.refuse(turn, *findings)
    turn = hearing.visited(turn, str(row["code"])) if source == "scanned" else turn
    return _identified(turn, place, running.identified(turn, place.path, "location", row, source), str(row["name"]))


def _identified(turn: Turn, place: Place, result: Result, name: str) -> Turn:
    turn = _seen(turn, result.source, f"{name}.")
    return running.answered(turn, place, result) if turn.has_passed() else turn


def _seen(turn: Turn, source: str, says: str) -> Turn:
    """Judge a thing that is the right one: it is taken, unless the site is stricter with what was keyed."""
    keyed = [Finding(reason=Reason.KEYED, says="Keyed, not scanned.")] if source == "keyed" else []
    return turn.judge(keyed, says, faults=0)


def _identity(turn: Turn, place: Place, step: ScanIdentity, code: Code, source: str) -> Turn:
    fault = products.fault_of(code)
    if fault is not None:
        return products.refuse(turn, fault)
    if code.kind is not Kind.DOCUMENT:
        return products.refuse(turn, products.not_that_kind(code, "the document asked for"))
    row = turn.facts.row(step.of, code.own or code.raw)
    if row is None or row.get("state", "open") != "open":
        has = "is not known here" if row is None else f"is {row['state']} already"
        says = f"{code.own} {has}. Scan one that is open."
        return products.refuse(turn, Finding(reason=Reason.UNKNOWN_CODE, says=says))
    result = running.identified(turn, place.path, step.of, row, source)
    other = running.open_elsewhere(turn, place, result.value)
    if other is not None or running.has_nothing_to_do(turn, place, result):
        has = f"is open already, in task {other.id}" if other is not None else "has nothing left to do"
        says = f"{code.own} {has}. Scan another, or cancel this task."
        return products.refuse(turn, Finding(reason=Reason.UNKNOWN_CODE, says=says))
    return _identified(turn, place, result, f"{code.own}")


def _label(turn: Turn, place: Place, code: Code, source: str) -> Turn:
    fault = products.fault_of(code)
    if fault is not None:
        return products.refuse(turn, fault)
    job = doubts.scanned_back(turn, place, code.own or "")
    if job is None:
        return doubts.refused(turn, place, code.own or "", code.own or visible(code.raw)[:20])
    result = Result(
        path=place.path, kind="print", value=job.id, outcome="confirmed", by=turn.by, at=turn.at, source=source
    )
    turn = _seen(turn, source, f"Label {job.id} confirmed.")
    return running.answered(labels.confirmed(turn, job, source), place, result) if turn.has_passed() else turn


def _at_home(turn: Turn, code: Code, source: str) -> Turn:
    """Open what can be done with the thing that was scanned."""
    fault = products.fault_of(code)
    if fault is not None:
        return products.refuse(turn, fault)
    if code.kind is Kind.PRODUCT:
        return products.looked_up(turn, code, source)
    if code.kind is Kind.TASK:
        task = next((task for task in turn.bench.kept.tasks if task.id == code.own), None)
        return running.take_up(turn, task) if task is not None else turn.quiet("No such task is open here.")
    label = doubts.at_home(turn, code.own or "", source) if code.kind is Kind.LABEL else None
    if label is not None:
        return label
    fits = tuple(_fitting(turn, code))
    if not fits:
        return products.refuse(turn, products.not_that_kind(code, "a pick list, a shelf, a package or a checklist"))
    if len(fits) == 1:
        return running.pick(turn, fits[0][0], fits[0][1])
    return turn.quiet("What is to be done with it?", dialog=WaitTask(choices=fits))


def _fitting(turn: Turn, code: Code) -> list[tuple[str, str, str]]:
    own, current = code.own or "", turn.bench.kept.session
    roles = current.roles if current is not None else ()
    found = []
    for checklist in turn.bench.checklists.values():
        step = checklist.step[0]
        fits = (isinstance(step, ScanIdentity) and turn.facts.row(step.of, own) is not None) or (
            isinstance(step, ScanLocation) and _will_do(turn, step, own)
        )
        if fits and checklist.role in roles:
            found.append((checklist.id, own, checklist.title))
    return found


def _will_do(turn: Turn, step: ScanLocation, own: str) -> bool:
    row = running.location(turn, own)
    return row is not None and not running.location_findings(turn, step, row)
