"""Who is this, and may they do it?

A person is a row of the `staff` register. A badge finds the person, a PIN proves them; roles, level and competencies
open a checklist; duty and independence open a signature. Everything here answers with findings, never with a decision.
"""

import datetime as dt

import msgspec

from stations.work.facts import Facts, typed
from stations.work.verdict import Finding, Reason

LEVELS = {1: "I", 2: "II", 3: "III"}
MEANINGS = ("performed", "witnessed", "verified", "reviewed", "approved", "evaluated")
"""What a signature can mean (21 CFR 11.50(a)(3))."""


class Competency(msgspec.Struct, frozen=True, kw_only=True):
    """A competency as held."""

    id: str
    valid_to: dt.date | None = None
    """The last day on which it holds; None: no end."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff, as far as the bench needs to know them."""

    person: str
    """The short id that stands on screens and labels."""
    badge: str
    name: str
    duty: str = "technician"
    """`technician`, `pharmacist` or `supervisor`."""
    roles: tuple[str, ...] = ()
    level: int = 1
    """The career ladder's level, 1 to 3; specialties are worked at level 3."""
    competencies: tuple[Competency, ...] = ()
    status: str = "active"
    """`active`, `leave` or `terminated`."""
    licence_no: str = ""
    pin_hash: str = ""
    """A memory-hard hash with its parameters; empty until the owner has chosen a PIN."""
    pin_failures: int = 0
    """Wrong PINs in a row; kept beside the staff row, so that no hash of a PIN ever stands in an entry."""
    pin_locked: bool = False


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What a checklist needs of whoever runs it."""

    role: str
    level: int
    competencies: tuple[str, ...] = ()
    dispensing: bool = False
    """A dispensing checklist needs a pharmacist on duty (16 CCR 1793.7)."""


def by_badge(code: str, facts: Facts) -> Person | None:
    """Find the person whose badge that is: a code of ours, or a GSRN (GS1 General Specifications 2.5)."""
    rows = (facts.rows("staff", badge=code) or facts.rows("staff", gs1=code)) if code else ()
    return by_id(str(rows[0]["person"]), facts) if rows else None


def by_id(person: str, facts: Facts) -> Person | None:
    """Find a person by the short id."""
    row, counted = facts.row("staff", person), facts.row("pin", person) or {}
    if row is None:
        return None
    locked = bool(row.get("pin_locked") or counted.get("pin_locked"))
    return typed({**row, **counted, "pin_locked": locked}, Person)


def masked(badge: str) -> str:
    """Show enough of a badge to recognise one's own.

    >>> masked("B0042173")
    'B004…173'
    """
    return f"{badge[:4]}…{badge[-3:]}"


def badge_findings(person: Person | None) -> list[Finding]:
    """Say what stands against the badge itself."""
    if person is None:
        return [Finding(reason=Reason.BADGE_UNKNOWN, says="Nobody here has this badge. Ask a supervisor.")]
    if person.status != "active":
        says = "This badge is not active any more. Ask a supervisor."
        return [Finding(reason=Reason.BADGE_INACTIVE, says=says)]
    if person.pin_locked:
        says = f"The PIN of {person.person} is locked after too many wrong tries. A supervisor unlocks it."
        return [Finding(reason=Reason.PIN_LOCKED, says=says)]
    if not person.pin_hash:
        says = f"{person.person} has no PIN yet. A supervisor sets one up."
        return [Finding(reason=Reason.PIN_LOCKED, says=says)]
    return []


def start_findings(person: Person, needs: Needs, *, on_duty: bool, today: dt.date) -> list[Finding]:
    """Say what stands against this person's starting or going on with such a checklist on that day."""
    found = []
    if needs.role not in person.roles:
        says = f"This is {needs.role} work; {person.person} does not hold that role."
        found.append(Finding(reason=Reason.NOT_YOUR_ROLE, says=says))
    if person.level < needs.level:
        says = f"Needs level {LEVELS[needs.level]}; {person.person} is level {LEVELS[person.level]}."
        found.append(Finding(reason=Reason.LEVEL_TOO_LOW, says=says))
    found.extend(_competency_findings(person, needs.competencies, today))
    if not on_duty:
        says = "No pharmacist is on duty. A pharmacist scans their badge at the signed-out screen."
        found.append(Finding(reason=Reason.NO_PHARMACIST, says=says, advisory=not needs.dispensing))
    return found


def _competency_findings(person: Person, wanted: tuple[str, ...], today: dt.date) -> list[Finding]:
    held = {competency.id: competency for competency in person.competencies}
    found = []
    for name in wanted:
        has = held.get(name)
        if has is None:
            says = f"Needs the competency {name}; {person.person} does not have it."
            found.append(Finding(reason=Reason.NO_COMPETENCY, says=says))
        elif has.valid_to is not None and has.valid_to < today:
            says = f"The competency {name} of {person.person} ended on {has.valid_to.isoformat()}."
            found.append(Finding(reason=Reason.COMPETENCY_EXPIRED, says=says))
    return found


def signer_findings(
    signer: Person,
    *,
    duty: str,
    on_duty: tuple[str, ...],
    performers: tuple[str, ...],
    other_signers: tuple[str, ...] = (),
) -> list[Finding]:
    """Say what stands against this person's signing: nobody verifies their own work, and the duty must fit.

    `duty` is `pharmacist`, `supervisor` or `anyone`; `performers` did what is signed.
    """
    found = []
    if signer.person in performers:
        says = f"{signer.person} did this work and cannot sign for it. Another person must."
        found.append(Finding(reason=Reason.SELF_SIGN, says=says))
    if signer.person in other_signers:
        says = f"{signer.person} has already signed here in another part. A third person must."
        found.append(Finding(reason=Reason.SAME_PERSON, says=says))
    if duty not in ("anyone", signer.duty):
        says = f"A {duty} must sign this; {signer.person} is a {signer.duty}."
        found.append(Finding(reason=Reason.NOT_AUTHORISED, says=says))
    elif duty == "pharmacist" and signer.person not in on_duty:
        says = f"{signer.person} is not on duty. Come on duty at the signed-out screen first."
        found.append(Finding(reason=Reason.NOT_AUTHORISED, says=says))
    return found
