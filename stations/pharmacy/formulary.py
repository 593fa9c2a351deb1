"""Which item is this package, and is it the one asked for?

A GTIN or an NDC leads to an item by the table of links alone; arithmetic on a code only proposes, in words, what a
link request could say. Names keep their tall-man letters.
"""

import msgspec

from stations.scanning import ndc
from stations.scanning.codes import Code, visible
from stations.scanning.outcome import Outcome
from stations.work.facts import Facts, Put, typed
from stations.work.verdict import Finding, Reason, Word

UNIT = "unit"
"""The package level that is handed out: what a step asks for unless it says otherwise."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A product the pharmacy stocks, whoever makes it: one drug, strength, form and route."""

    item: str
    drug: str
    """The generic name in lower case: what makes two items the same drug."""
    name: str
    """As people read it, with tall-man letters: `hydrALAZINE 25 mg tablet`."""
    strength: str
    form: str
    route: str
    ndc12: str = ""
    """The product usually bought; another maker's is told."""
    schedule: str = ""
    """Controlled substance schedule, `CII` to `CV`, or empty."""
    high_alert: bool = False


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What a code on a package stands for."""

    link: str
    item: str
    gtin: str = ""
    ndc12: str = ""
    hibc: str = ""
    """Labeler, product and unit digit of a HIBC primary code (ANSI/HIBC 2.6)."""
    package_level: str = UNIT
    pack_qty: int = 1
    """Units in the package."""
    status: str = "active"
    """`requested`, `verified`, `active` or `retired`; only an active link is used."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the table says of a code."""

    item: Item | None = None
    link: Link | None = None
    choices: tuple[str, ...] = ()
    """Twelve-digit NDCs between which a person must choose."""
    finding: Finding | None = None


def item_named(item: str, facts: Facts) -> Item | None:
    """Return the item with that id."""
    row = facts.row("item", item)
    return typed(row, Item) if row is not None else None


def find(code: Code, facts: Facts) -> Found:
    """Look a product's code up in the table of links; never guess."""
    if code.ndc_candidates and code.outcome is Outcome.AMBIGUOUS_NDC:
        return _find_bare(code, facts)
    if code.hibc:
        return _found(_active("hibc", code.hibc, facts), code, facts)
    by_gtin = _active("gtin", code.gtin, facts)
    by_ndc = _active("ndc12", code.ndc12, facts) if _may_go_by_ndc(code, facts) else None
    if by_gtin is not None and by_ndc is not None and by_gtin.item != by_ndc.item:
        says = f"The GTIN is linked to {by_gtin.item}, the NDC to {by_ndc.item}: one link is wrong. Call a pharmacist."
        return Found(finding=Finding(reason=Reason.UNKNOWN_CODE, says=says))
    return _found(by_gtin or by_ndc, code, facts)


def _may_go_by_ndc(code: Code, facts: Facts) -> bool:
    """Say whether the NDC may name a package whose GTIN is not linked.

    A GTIN that was requested or retired is known not to be ready; one with an indicator digit other than 0 is another
    packaging level than the NDC's unit (GS1 General Specifications 2.1.6).
    """
    if not code.gtin:
        return True
    links = facts.rows("ndc_link", gtin=code.gtin)
    return any(row["status"] == "active" for row in links) or (code.gtin.startswith("0") and not links)


def _find_bare(code: Code, facts: Facts) -> Found:
    known = tuple(
        ndc12
        for ndc12 in code.ndc_candidates
        if facts.rows("ndc_link", ndc12=ndc12) or facts.row("directory", ndc12) is not None
    )
    # Twelve digits may be a UPC-A as well, whose link names a product by itself.
    as_upc = _active("gtin", ndc.gtin14(code.bare), facts) if ndc.has_check_digit(code.bare) else None
    choices = tuple(dict.fromkeys((*known, as_upc.ndc12) if as_upc is not None else known))
    if len(choices) > 1:
        return Found(choices=choices)
    return _found(as_upc or (_active("ndc12", known[0], facts) if known else None), code, facts)


def find_ndc(ndc12: str, code: Code, facts: Facts) -> Found:
    """Look up the product a person picked among several readings of a bare NDC."""
    return _found(_active("ndc12", ndc12, facts), code, facts)


def _active(field: str, value: str | None, facts: Facts) -> Link | None:
    if not value:
        return None
    links = [typed(row, Link) for row in facts.rows("ndc_link", **{field: value})]
    active = [link for link in links if link.status == "active"]
    unit = [link for link in active if link.package_level == UNIT]
    return next(iter(unit or active), None)


def _found(link: Link | None, code: Code, facts: Facts) -> Found:
    item = item_named(link.item, facts) if link is not None else None
    if item is None:
        return Found(finding=Finding(reason=Reason.UNKNOWN_CODE, says=_unknown(code, facts)))
    return Found(item=item, link=link)


def _unknown(code: Code, facts: Facts) -> str:
    shown = code.gtin or code.ndc12 or code.hibc or visible(code.raw[:40])
    if code.gtin and any(row["status"] in ("requested", "verified") for row in facts.rows("ndc_link", gtin=code.gtin)):
        return f"{shown} has been requested and waits for a pharmacist. It cannot be used before."
    listed = listing(code, facts)
    hint = f" The directory lists it as {listed}." if listed else ""
    return f"{shown} is not in the formulary.{hint} Say yes to request a link; set the package aside."


def listing(code: Code, facts: Facts) -> str:
    """Say what the drug directory calls the NDC that the code may hold; a proposal, never a match."""
    rows = facts.rows("directory", digits=code.ndc10) if code.ndc10 else ()
    row = rows[0] if rows else (facts.row("directory", code.ndc12) if code.ndc12 else None)
    return f"{row['name']} ({row['labeler']})" if row is not None else ""


def label_of(ndc12: str, facts: Facts) -> str:
    """Say how a twelve-digit NDC reads to a person who must pick by the package's text."""
    link = _active("ndc12", ndc12, facts)
    item = item_named(link.item, facts) if link is not None else None
    if item is not None:
        return item.name
    row = facts.row("directory", ndc12)
    return str(row["name"]) if row is not None else ndc12


def match(found: Found, wanted: Item, *, packs: bool, same_ndc: bool, quantity: int | None = None) -> list[Finding]:
    """Compare the item in hand with the item asked for; no difference gives no finding.

    `quantity` is what the code itself says of the units in the package (AI 30).
    """
    item, link = found.item, found.link
    if item is None or link is None:
        return [found.finding] if found.finding is not None else []
    if item.item != wanted.item:
        alert = " High-alert drug." if item.high_alert or wanted.high_alert else ""
        says = f"Asked for {wanted.name}. This is {item.name}.{alert}"
        return [Finding(reason=_difference(item, wanted), says=says)]
    findings = []
    if link.package_level != UNIT and not packs:
        says = f"This is the {link.package_level} of {link.pack_qty}. Open it and scan each {wanted.form} pack."
        findings.append(Finding(reason=Reason.WRONG_PACK, says=says))
    elif quantity is not None and quantity != link.pack_qty:
        says = (
            f"The code says {quantity:,} units in this package, the record says {link.pack_qty:,}. Call a pharmacist."
        )
        findings.append(Finding(reason=Reason.WRONG_PACK, says=says))
    if wanted.ndc12 and link.ndc12 and link.ndc12 != wanted.ndc12:
        says = f"Same item, another maker: NDC {link.ndc12}, usually {wanted.ndc12}."
        graver = Word.STOP if same_ndc else Word.PASS
        findings.append(Finding(reason=Reason.DIFFERENT_NDC, says=says, at_least=graver))
    return findings


def quantity_findings(said: int | None, recorded: int) -> list[Finding]:
    """Say whether a code counts other units in its package (AI 30) than the record does."""
    if said is None or said == recorded:
        return []
    says = f"The code says {said:,} units in this package, the record {recorded:,}. Call a pharmacist."
    return [Finding(reason=Reason.WRONG_PACK, says=says)]


def _difference(item: Item, wanted: Item) -> Reason:
    if item.drug != wanted.drug:
        return Reason.WRONG_ITEM
    if item.strength != wanted.strength:
        return Reason.WRONG_STRENGTH
    if item.form != wanted.form:
        return Reason.WRONG_FORM
    return Reason.WRONG_ROUTE if item.route != wanted.route else Reason.WRONG_ITEM


def request(code: Code, by: str, facts: Facts) -> tuple[Put, ...]:
    """Return the link request for an unknown code: a pharmacist verifies it, a technician cannot."""
    key = code.gtin or code.ndc12 or code.hibc or visible(code.raw[:64])
    row = {
        "link": key,
        "item": "",
        "gtin": code.gtin or "",
        "ndc12": code.ndc12 or "",
        "hibc": code.hibc or "",
        "package_level": "",
        "pack_qty": 0,
        "status": "requested",
        "requested_by": by,
        "proposal": listing(code, facts),
    }
    return () if facts.row("ndc_link", key) is not None else (Put(register="ndc_link", key=key, row=row),)
