"""Who signs, for what, and with which meaning?

A signature is another person's badge and PIN, then approve or reject (21 CFR 11.50, 11.200). Nobody verifies their own
work: that is said at the badge, before a PIN is asked.
"""

from msgspec.structs import replace

from stations.bench import products, running
from stations.bench.kept import HoldSet
from stations.bench.state import Bench, Turn, WaitDecision, WaitPin, WaitWhy
from stations.work import people
from stations.work.checklists import Pharmacist, Signature
from stations.work.people import Person
from stations.work.tasks import Place, Result, Task
from stations.work.verdict import Finding, Reason, signer_named

CHOICES = ("approve", "reject")
SHORTEST_REASON = 3


def duty_asked(bench: Bench) -> str:
    """Say whose signature is asked now: `pharmacist`, `supervisor`, `anyone`, `performer`, or empty for none."""
    task, place = bench.task(), bench.place()
    if task is None:
        return ""
    if task.hold is not None:
        return task.hold.signer or "pharmacist"
    if place is None:
        return ""
    if isinstance(place.step, Pharmacist):
        return "pharmacist"
    if isinstance(place.step, Signature):
        return place.step.signer
    return "anyone" if place.step.by == "another" and not bench.actor else ""


def badge(turn: Turn, person: Person, task: Task) -> Turn:
    """Take the badge of somebody who is to sign, or to do a step in the performer's place."""
    place = turn.bench.place()
    duty = duty_asked(turn.bench)
    turn = turn.entry("scan", task=task.id, step=place.path if place is not None else "")
    findings = people.badge_findings(person)
    if duty == "performer" and not findings:
        return _own_signature(turn, person, task)
    if duty != "performer":
        performers = (task.performer, *task.performers)
        findings += people.signer_findings(person, duty=duty, on_duty=turn.bench.kept.on_duty, performers=performers)
    stands_in = task.hold is None and place is not None and place.step.by == "another"
    if stands_in:
        needs = running.needs_of(turn.bench.kept.definitions[task.sha256])
        findings += people.start_findings(person, needs, on_duty=True, today=turn.at.date())
    if findings:
        return turn.judge(findings, "")
    waits = WaitPin(purpose="another" if stands_in else "sign", person=person.person)
    return turn.quiet(f"{person.person}: enter your PIN.", dialog=waits)


def _own_signature(turn: Turn, person: Person, task: Task) -> Turn:
    """Take the performer's own badge; in the session they unlocked with badge and PIN it is enough (21 CFR 11.200)."""
    place, session = turn.bench.place(), turn.bench.kept.session
    if place is None or session is None or person.person != session.person:
        says = f"{task.performer} signs here with their own badge."
        return turn.judge([Finding(reason=Reason.NOT_AUTHORISED, says=says)], "")
    return _signed(turn, place, person, outcome="approved", why="")


def proved(turn: Turn, person: Person) -> Turn:
    """Ask for the decision, now that the PIN was right."""
    return turn.quiet(f"{person.person}: approve or reject?", dialog=WaitDecision(person=person.person))


def stepped_in(turn: Turn, person: Person) -> Turn:
    """Let a second person do the present step."""
    return turn.quiet(f"{person.person} does this step.", dialog=None, actor=person.person)


def decided(turn: Turn, choice: str, person: str) -> Turn:
    """Take approve or reject; a rejection and every override ask why."""
    task = turn.bench.task()
    word = choice.strip().lower()
    word = CHOICES[int(word) - 1] if word in ("1", "2") else word
    if task is None or word not in CHOICES:
        return turn.quiet("Choose approve or reject.")
    if word == "reject" or task.hold is not None:
        says = f"{person}: enter the reason why you {word}."
        return turn.quiet(says, dialog=WaitWhy(what="reject" if word == "reject" else "approve", person=person))
    return explained(turn, "approve", person, "")


def explained(turn: Turn, what: str, person: str, why: str) -> Turn:
    """Carry the decision out, with its reason."""
    task, place = turn.bench.task(), turn.bench.place()
    signer = people.by_id(person, turn.facts)
    if task is None or place is None or signer is None:
        return turn.quiet("There is nothing to decide.", dialog=None)
    approved = what == "approve"
    if task.hold is not None:
        return _hold_decided(turn, task, place, signer, approved=approved, why=why)
    if approved:
        return _signed(turn, place, signer, outcome="approved", why=why)
    turn = _signature(turn, place, signer, "rejected", why)
    return turn.quiet(f"{person} rejected it: {why}. Put it right, then ask again.", dialog=None)


def _hold_decided(turn: Turn, task: Task, place: Place, signer: Person, *, approved: bool, why: str) -> Turn:
    hold = task.hold
    turn = _signature(turn, place, signer, "override" if approved else "rejected", why)
    turn = turn.change(HoldSet(task=task.id, hold=None)).entry("", held=list(hold.reasons) if hold is not None else [])
    if not approved or hold is None or hold.package is None:
        return turn.quiet(f"{signer.person} rejected it: {why}. Set it aside.", dialog=None)
    accepted = tuple(reason for reason in hold.reasons if signer_named(reason) == hold.signer)
    package = replace(hold.package, approved=(*hold.package.approved, *accepted))
    return products.complete(turn.quiet("", dialog=None), place, package, list(hold.findings))


def _signature(turn: Turn, place: Place, signer: Person, meaning: str, why: str) -> Turn:
    return turn.entry(
        "signature",
        step=place.path,
        signer=signer.person,
        name=signer.name,
        licence=signer.licence_no,
        meaning=meaning,
        method="badge and PIN",
        why=why,
    )


def _signed(turn: Turn, place: Place, signer: Person, *, outcome: str, why: str) -> Turn:
    step = place.step
    meaning = step.meaning if isinstance(step, Pharmacist | Signature) else "performed"
    kind = "pharmacist" if isinstance(step, Pharmacist) else "signature"
    turn = _signature(turn, place, signer, meaning, why)
    turn = turn.judge([], f"{signer.person} {meaning} it.")
    result = Result(
        path=place.path,
        kind=kind,
        value=f"{meaning} by {signer.person}",
        outcome=outcome,
        by=signer.person,
        at=turn.at,
        source="signed",
        note=why,
    )
    return running.answered(turn, place, result)
