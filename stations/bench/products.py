"""How is a package taken at a scan-product step?

Every package is scanned. Its code must lead to the item asked for; its expiry and serial must allow it; what the code
does not carry is read from the package and keyed twice. Only then does it count.
"""

import datetime as dt

from msgspec.structs import replace

from stations.bench import hearing, lacking, running
from stations.bench.kept import HoldSet, PackageTaken
from stations.bench.state import Offer, Turn, WaitExpiry, WaitLot, WaitPick
from stations.pharmacy import formulary, packages
from stations.pharmacy.formulary import Found
from stations.scanning.codes import Code
from stations.scanning.outcome import Kind, Outcome
from stations.work.checklists import ScanProduct
from stations.work.tasks import Hold, Package, Place, Result
from stations.work.verdict import CODE_FAULTS, Finding, Reason, Word, decide

_QUARANTINE = (Reason.EXPIRED, Reason.EXPIRES_TOO_SOON, Reason.RECALLED, Reason.QUARANTINED)
_A = {
    Kind.BADGE: "a badge",
    Kind.LOCATION: "a location",
    Kind.DEVICE: "a device",
    Kind.LABEL: "one of our labels",
    Kind.TASK: "a task",
    Kind.DOCUMENT: "a document",
    Kind.COMMAND: "a command",
    Kind.PRODUCT: "a product",
}


def not_that_kind(code: Code, expected: str, instead: str = "") -> Finding:
    """Say that a code names another kind of thing than the step asks for, and what to do instead."""
    says = f"That is {_A.get(code.kind, f'a {code.kind} code')}. {instead or f'Scan {expected}'}."
    return Finding(reason=Reason.NOT_THAT_KIND, says=says)


def fault_of(code: Code) -> Finding | None:
    """Return the reason for which the code itself cannot be used, if there is one."""
    if code.outcome in (Outcome.OK, Outcome.AMBIGUOUS_NDC):
        return None
    return Finding(reason=Reason(code.outcome), says=hearing.told(code))


def refuse(turn: Turn, *findings: Finding, offer: Offer | None = None) -> Turn:
    """Refuse a scan; after several unreadable ones in a row another way is offered."""
    unreadable = any(finding.reason in CODE_FAULTS for finding in findings)
    faults = turn.bench.faults + 1 if unreadable else 0
    turn = turn.judge(list(findings), "", faults=faults, offer=offer)
    if faults < turn.bench.settings.scanning.faults_before_help:
        return turn
    helped = "automation.scan-failure" in turn.bench.checklists
    way = "key its number twice, or open the scan-failure checklist" if helped else "key its number twice"
    return turn.quiet(f"{turn.bench.says} Unreadable again: {way}.")


def scanned(turn: Turn, place: Place, code: Code, source: str) -> Turn:
    """Take the scan of a package."""
    fault = fault_of(code)
    if fault is not None:
        return refuse(turn, fault, *_long_expired(turn, code))
    if code.kind is not Kind.PRODUCT:
        return refuse(turn, not_that_kind(code, "the package"))
    found = formulary.find(code, turn.facts)
    if found.choices:
        return _ask_which(turn, code, found.choices)
    return _judged(turn, place, code, found, source=source, extra=[])


def _long_expired(turn: Turn, code: Code) -> list[Finding]:
    """Say that a year not believed would also be one gone by."""
    if code.doubted_expiry is None or code.doubted_expiry >= turn.at.date():
        return []
    says = f"The expiry reads {code.doubted_expiry}, long gone: check the year on the package, and set it aside."
    return [Finding(reason=Reason.EXPIRED, says=says)]


def _ask_which(turn: Turn, code: Code, choices: tuple[str, ...]) -> Turn:
    pairs = tuple((ndc12, f"{formulary.label_of(ndc12, turn.facts)} · {ndc12}") for ndc12 in choices)
    says = f"{code.raw} can be {len(choices)} products. Pick the one on the package; a pharmacist confirms it."
    dialog = WaitPick(code=code, choices=pairs)
    return turn.judge([Finding(reason=Reason.AMBIGUOUS_NDC, says=says)], "", dialog=dialog)


def picked(turn: Turn, place: Place, dialog: WaitPick, ndc12: str) -> Turn:
    """Take the product a person picked by the package's text; a pharmacist confirms it."""
    turn = turn.entry("scan", step=place.path, picked=ndc12, **hearing.evidence(dialog.code, "keyed"))
    found = formulary.find_ndc(ndc12, dialog.code, turn.facts)
    name = formulary.label_of(ndc12, turn.facts)
    says = f"{dialog.code.raw} was read as {name}. A pharmacist must confirm it."
    doubt = Finding(reason=Reason.AMBIGUOUS_NDC, says=says)
    return _judged(turn, place, replace(dialog.code, ndc12=ndc12), found, source="keyed", extra=[doubt])


def _judged(turn: Turn, place: Place, code: Code, found: Found, *, source: str, extra: list[Finding]) -> Turn:
    step, situation = place.step, turn.situation(place)
    if situation is None or not isinstance(step, ScanProduct):
        return turn
    if found.item is None:
        finding = found.finding or Finding(reason=Reason.UNKNOWN_CODE, says=code.message)
        return refuse(turn, finding, offer=Offer(what="link", code=code))
    wanted = formulary.item_named(situation.named(step.item), turn.facts)
    if wanted is None:
        says = f"The item asked for here, {situation.named(step.item)}, is not in the formulary. Call a pharmacist."
        return refuse(turn, Finding(reason=Reason.UNKNOWN_CODE, says=says))
    package = Package(
        path=place.path,
        item=found.item.item,
        name=found.item.name,
        gtin=code.gtin or "",
        ndc12=found.link.ndc12 if found.link is not None else "",
        lot=code.lot or "",
        expiry=code.expiry,
        expiry_time=code.expiry_time,
        serial=code.serial or "",
        units=found.link.pack_qty if found.link is not None else 1,
        source=source,
        raw=code.raw,
        at=turn.at,
    )
    findings = formulary.match(found, wanted, packs=step.packs, same_ndc=step.same_ndc, quantity=code.quantity)
    if found.item.item != wanted.item and (found.item.high_alert or wanted.high_alert):
        turn = hearing.flagged(turn, "high-alert drug scanned for another, or another for it")
    minimum = situation.settings.scanning.human_minimum_ms
    findings += packages.pace_findings(package, turn.bench.last, minimum)
    if packages.is_hurried(package, turn.bench.last, minimum):
        turn = hearing.flagged(turn, "proxy scanning? two packages faster than a hand takes them")
    turn = turn.quiet(turn.bench.says, last=package)
    return complete(turn, place, package, [*extra, *findings])


def complete(turn: Turn, place: Place, package: Package, findings: list[Finding]) -> Turn:
    """Ask for what the code does not carry, then judge and take the package."""
    told = tuple(findings)
    findings = _with_accepted(package, [*findings, *_own_findings(turn, place, package)])
    word = decide(findings, stricter=turn.bench.settings.stricter).word
    if word is Word.PASS and not package.lot:
        return lacking.ask(turn, place, package, "lot", WaitLot(package=package, findings=told))
    if word is Word.PASS and package.expiry is None:
        dialog = WaitExpiry(package=package, findings=told)
        return lacking.ask(turn, place, package, "expiry, as 2027-02-28 or 2027-02", dialog)
    if word is Word.STOP:
        return refuse(turn, *findings, offer=_offer(turn, package, findings, told))
    if word is Word.HOLD:
        return _held(turn, place, package, findings, told)
    return _taken(turn, place, package, findings)


def _own_findings(turn: Turn, place: Place, package: Package) -> list[Finding]:
    """Say what stands against the package as far as it is known: looked at again at every answer about it."""
    task = turn.bench.task()
    found = packages.serial_findings(package, task, turn.facts) if task is not None else []
    if package.expiry is not None:
        hour = packages.hour_findings(package.expiry, package.expiry_time, turn.at)
        found += hour or _expiry(turn, place, package.expiry)
    if package.source == "keyed":
        found.append(Finding(reason=Reason.KEYED, says="Keyed, not scanned."))
    return found


def _with_accepted(package: Package, findings: list[Finding]) -> list[Finding]:
    """Mark what was accepted by a person with the right to: it is told, and the same person is not asked twice."""
    return [replace(finding, accepted=finding.reason in package.approved) for finding in findings]


def _expiry(turn: Turn, place: Place, expiry: dt.date) -> list[Finding]:
    floor = place.step.not_before_days if isinstance(place.step, ScanProduct) else 0
    soon = turn.bench.settings.expiry.soon_days
    return packages.expiry_findings(expiry, turn.at.date(), floor_days=floor, soon_days=soon)


def _offer(turn: Turn, package: Package, findings: list[Finding], told: tuple[Finding, ...]) -> Offer | None:
    """Offer what may follow a STOP: the quarantine shelf, or the one person who may decide otherwise."""
    reason = next((str(finding.reason) for finding in findings if finding.reason in _QUARANTINE), "")
    if reason:
        return Offer(what="quarantine", package=package, reason=reason)
    signer = decide(findings, stricter=turn.bench.settings.stricter).signer
    return Offer(what="override", package=package, reason=signer, findings=told) if signer else None


def overridden(turn: Turn, offer: Offer) -> Turn:
    """Call the person who may decide otherwise: the package is held until they have."""
    task, place = turn.bench.task(), turn.bench.place()
    if task is None or place is None or offer.package is None:
        return turn
    found = [*offer.findings, *_own_findings(turn, place, offer.package)]
    verdict = decide(_with_accepted(offer.package, found), stricter=turn.bench.settings.stricter)
    hold = Hold(
        path=offer.package.path,
        reasons=verdict.reasons,
        says=verdict.says,
        signer=offer.reason,
        package=offer.package,
        findings=offer.findings,
    )
    turn = turn.entry("hold", reasons=list(verdict.reasons), signer=offer.reason)
    return turn.change(HoldSet(task=task.id, hold=hold)).quiet(f"A {offer.reason} decides.", offer=None)


def _held(turn: Turn, place: Place, package: Package, findings: list[Finding], told: tuple[Finding, ...]) -> Turn:
    turn = turn.judge(findings, "", faults=0)
    verdict = turn.bench.verdict
    task = turn.bench.task()
    if verdict is None or task is None:
        return turn
    hold = Hold(
        path=place.path,
        reasons=verdict.reasons,
        says=verdict.says,
        signer=verdict.signer,
        package=package,
        findings=told,
    )
    return turn.change(HoldSet(task=task.id, hold=hold))


def _taken(turn: Turn, place: Place, package: Package, findings: list[Finding]) -> Turn:
    situation = turn.situation(place)
    if situation is None or not isinstance(place.step, ScanProduct):
        return turn
    number = len(situation.task.taken(place.path)) + 1
    wanted = wanted_number(situation.named(place.step.repeat))
    shown = f"{package.name}, lot {package.lot}, expires {package.expiry}. {number} of {wanted}."
    turn = turn.change(
        PackageTaken(task=situation.task.id, package=package),
        rows=packages.remember(package, situation.task, turn.facts),
    )
    turn = turn.judge(findings, shown, faults=0)
    if number < wanted:
        return turn.quiet(turn.bench.says, keying=False)
    verdict = turn.bench.verdict
    result = Result(
        path=place.path,
        kind="scan-product",
        value=str(number),
        reasons=verdict.reasons if verdict is not None else (),
        by=turn.by,
        at=turn.at,
        source=package.source,
    )
    return running.answered(turn, place, result)


def wanted_number(text: str) -> int:
    """Read how many packages a step wants; at least one."""
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1


def looked_up(turn: Turn, code: Code, source: str) -> Turn:
    """Say what a package scanned at home is, and what stands against using it."""
    fault = fault_of(code)
    if fault is not None:
        return refuse(turn, fault)
    if not code.names_product:
        says = "This symbol does not say which product it is. Scan the other symbol of the package."
        return refuse(turn, Finding(reason=Reason.NOT_THAT_KIND, says=says))
    found = formulary.find(code, turn.facts)
    if found.choices:
        says = f"{code.raw} can be {len(found.choices)} products."
        return turn.judge([Finding(reason=Reason.AMBIGUOUS_NDC, says=says)], "")
    if found.item is None or found.link is None:
        finding = found.finding or Finding(reason=Reason.UNKNOWN_CODE, says=code.message)
        return refuse(turn, finding, offer=Offer(what="link", code=code))
    findings = [] if source == "scanned" else [Finding(reason=Reason.KEYED, says="Keyed, not scanned.")]
    if code.expiry is not None:
        soon = turn.bench.settings.expiry.soon_days
        hour = packages.hour_findings(code.expiry, code.expiry_time, turn.at)
        findings += hour or packages.expiry_findings(code.expiry, turn.at.date(), floor_days=0, soon_days=soon)
    pack = (
        "" if found.link.package_level == formulary.UNIT else f", {found.link.package_level} of {found.link.pack_qty}"
    )
    until = f", lot {code.lot or 'not in the code'}, expires {code.expiry}" if code.expiry else ""
    return turn.judge(findings, f"{found.item.name}{pack}{until}.", faults=0)
