"""Who is at the bench: signing in, locking, coming on duty, signing out?

Badge and PIN sign in and unlock (21 CFR 11.200). A wrong PIN counts on the person's own row, so it counts at every
station; a PIN never stands in an entry.
"""

import datetime as dt
from typing import Any

from msgspec.structs import replace

from stations.bench import hearing, labels, signing
from stations.bench.events import CheckPin
from stations.bench.kept import DutySet, Job, LockSet, QuestionSet, Session, SignedIn, SignedOut, TaskMoved
from stations.bench.state import Turn, WaitDuty, WaitPin
from stations.scanning.codes import Code
from stations.scanning.outcome import Kind, Outcome
from stations.work import people
from stations.work.facts import Put
from stations.work.people import Person
from stations.work.verdict import Finding, Reason

ON, OFF, IN = "on duty", "off duty", "sign in"
DUTY_CHOICES = (ON, OFF, IN)


def purpose(turn: Turn) -> str:
    """Say what a badge is asked for now: `sign-in`, `unlock`, `sign`, or empty where none is."""
    screen = turn.bench.screen()
    if screen == "signed-out":
        return "sign-in"
    if screen == "locked":
        return "unlock"
    if screen in ("task", "hold") and signing.duty_asked(turn.bench):
        return "sign"
    return ""


def badge(turn: Turn, code: Code, evidence: dict[str, Any]) -> Turn:
    """Take a badge where one is asked for."""
    why, task = purpose(turn), turn.bench.task()
    turn = turn.entry("scan", **evidence)
    if code.kind is not Kind.BADGE or code.outcome != "ok":
        return turn.judge([_no_badge(code)], "", dialog=None)
    person = people.by_badge(code.key or code.raw, turn.facts)
    if person is None:
        return turn.judge(people.badge_findings(None), "")
    turn = turn.entry("", badge_of=person.person)
    if why == "sign" and task is not None:
        return signing.badge(turn, person, task)
    findings = people.badge_findings(person)
    if findings:
        return turn.judge(findings, "")
    session = turn.bench.kept.session
    if why == "unlock" and session is not None and session.person != person.person:
        says = f"{session.person} is signed in here and has locked the station. {session.person} unlocks it."
        return turn.judge([Finding(reason=Reason.NOT_AUTHORISED, says=says)], "")
    waits = WaitPin(purpose="unlock" if why == "unlock" else "sign-in", person=person.person)
    return turn.quiet(f"{person.person}: enter your PIN.", dialog=waits)


_NOT_A_BADGE = Finding(reason=Reason.NOT_THAT_KIND, says="That is not a badge. Scan your badge.")


def not_a_badge(turn: Turn) -> Turn:
    """Refuse what was typed where a badge is asked for, and keep nothing of it: it may be a PIN."""
    return turn.entry("scan", source="keyed", raw="").judge([_NOT_A_BADGE], "", dialog=None)


def _no_badge(code: Code) -> Finding:
    if code.outcome in (Outcome.OK, Outcome.AMBIGUOUS_NDC):
        return _NOT_A_BADGE
    # Digits may be a PIN: they are not repeated.
    says = _NOT_A_BADGE.says if code.bare.isdigit() else hearing.told(code)
    return Finding(reason=Reason(code.outcome), says=says)


def pin_given(turn: Turn, pin: str) -> Turn:
    """Have a PIN compared, beside the funnel."""
    dialog = turn.bench.dialog
    if not isinstance(dialog, WaitPin):
        return turn.quiet(turn.bench.says or "Scan your badge first.")
    person = people.by_id(dialog.person, turn.facts)
    if dialog.checking or person is None:
        return turn
    turn = turn.quiet("Checking the PIN.", dialog=replace(dialog, checking=True))
    return turn.effect(CheckPin(person=person.person, pin=pin, pin_hash=person.pin_hash))


def pin_checked(turn: Turn, whose: str, *, right: bool) -> Turn:
    """Go on with what the PIN was asked for, or count the wrong one."""
    dialog = turn.bench.dialog
    person = people.by_id(whose, turn.facts)
    if not isinstance(dialog, WaitPin) or not dialog.checking or dialog.person != whose or person is None:
        return turn
    turn = turn.entry("session", person=whose, purpose=dialog.purpose, pin="right" if right else "wrong")
    if not right:
        return _wrong(turn, dialog, person)
    if person.pin_failures:
        turn = turn.change(rows=(_pin_row(turn, person.person, failures=0),))
    match dialog.purpose:
        case "sign":
            return signing.proved(turn, person)
        case "another":
            return signing.stepped_in(turn, person)
        case "unlock":
            was_locked = turn.bench.kept.session is not None and turn.bench.kept.session.locked
            turn = turn.change(LockSet(locked=False), *(() if was_locked else (QuestionSet(question=""),)))
            return turn.judge([], f"Unlocked by {person.person}.")
        case _:
            return _at_the_door(turn, person)


def _wrong(turn: Turn, dialog: WaitPin, person: Person) -> Turn:
    failures = person.pin_failures + 1
    left = turn.bench.settings.pins.tries - failures
    turn = turn.change(rows=(_pin_row(turn, person.person, failures=failures),))
    if left <= 0:
        says = f"Wrong PIN. {person.person} is locked now; a supervisor unlocks it."
        wrong = Finding(reason=Reason.WRONG_PIN, says="Wrong PIN.")
        return turn.judge([Finding(reason=Reason.PIN_LOCKED, says=says), wrong], "")
    tries = "1 try" if left == 1 else f"{left} tries"
    says = f"Wrong PIN. {tries} left before {person.person} is locked."
    return turn.judge([Finding(reason=Reason.WRONG_PIN, says=says)], "", dialog=replace(dialog, checking=False))


def _pin_row(turn: Turn, person: str, *, failures: int) -> Put:
    locked = failures >= turn.bench.settings.pins.tries
    return Put(register="pin", key=person, row={"person": person, "pin_failures": failures, "pin_locked": locked})


def _at_the_door(turn: Turn, person: Person) -> Turn:
    if person.duty == "pharmacist":
        says = f"{person.person}: on duty, off duty, or sign in?"
        return turn.quiet(says, dialog=WaitDuty(person=person.person, badge=person.badge))
    return _signed_in(turn, person)


def _signed_in(turn: Turn, person: Person) -> Turn:
    session = Session(
        person=person.person,
        badge=people.masked(person.badge),
        name=person.name,
        duty=person.duty,
        level=person.level,
        roles=person.roles,
        since=turn.at,
    )
    return turn.change(SignedIn(session=session)).judge([], f"Signed in: {person.person}.")


def duty_chosen(turn: Turn, dialog: WaitDuty, choice: str) -> Turn:
    """Take a pharmacist's word at the door."""
    word = choice.strip().casefold()
    word = DUTY_CHOICES[int(word) - 1] if word in ("1", "2", "3") else word
    if word == IN:
        person = people.by_id(dialog.person, turn.facts)
        return _signed_in(turn.entry("session", person=dialog.person), person) if person is not None else turn
    if word not in (ON, OFF):
        return turn.quiet(f"Choose one of: {', '.join(DUTY_CHOICES)}.")
    turn = turn.entry("duty", person=dialog.person, duty=word)
    turn = turn.change(DutySet(person=dialog.person, on=word == ON))
    return turn.quiet(f"{dialog.person} is {word}.", dialog=None)


def signed_out(turn: Turn) -> Turn:
    """End the session; an open task stays open, in its performer's name."""
    session, task = turn.bench.kept.session, turn.bench.task()
    if session is None:
        return turn.quiet("Nobody is signed in.")
    turn = turn.entry("session", by=session.person, signed="out")
    if task is not None:
        turn = turn.change(TaskMoved(task=task.id, state="held"))
    turn = turn.change(SignedOut(), QuestionSet(question=""))
    says = "Signed out." if task is None else f"Signed out. {task.title} stays open."
    gone = {"stopped": False, "verdict": None, "keying": False, "actor": "", "typed": "", "home": ()}
    return turn.quiet(says, dialog=None, offer=None, **gone)


def locked(turn: Turn) -> Turn:
    """Lock the station; the work stays where it is."""
    session = turn.bench.kept.session
    if session is None or session.locked:
        return turn.quiet("Nobody is signed in.")
    turn = turn.entry("session", signed="locked").change(LockSet(locked=True))
    says = f"Locked. {session.person} unlocks it with badge and PIN."
    return turn.quiet(says, dialog=None, offer=None, actor="", typed="")


def receipt(turn: Turn) -> Turn:
    """Print the shift's receipt: what ended and what is open here, what is due, and the record up to now.

    The head of the journal stands on the paper, and the entry of the receipt, which comes next, holds what is on the
    paper: each vouches for the other (21 CFR 11.10(e)).
    """
    bench = turn.bench
    ended = [
        _line(task.id, task.at, task.title, task.subject, _ENDS.get(task.state, task.state))
        for task in bench.kept.ended
    ]
    still = [_line(task.id, task.touched, task.title, task.subject, "open") for task in bench.kept.tasks]
    due = [line.title for line in bench.home if line.urgency in ("overdue", "today")]
    label = labels.next_label(turn)
    fields: dict[str, str | list[str]] = {
        **labels.stamp(turn, label),
        "title": "Shift receipt",
        "runs": [*ended, *still],
        "notes": [] if ended or still else ["No task was worked on."],
        "next_due": due[0] if due else "nothing is due",
        "journal_head": bench.head,
        "entries": f"{bench.entries:,}",
    }
    return labels.queued(turn, Job(id=label, template="T07", fields=fields)).quiet("Printing the receipt.")


_ENDS = {"done": "done", "done_with_deviation": "done with a deviation", "abandoned": "given up"}


def _line(task: str, at: dt.datetime, title: str, subject: str, how: str) -> str:
    """Say how one task stands, its code first."""
    about = f", {subject}" if subject else ""
    return f"{task} {at:%H:%M} {title}{about} - {how}"
