"""How do two symbols of one package become one: the product on one, lot and expiry on the other?

Either may be scanned first, inside one step and within a short time. They are joined only where they fit: a second
symbol that names a link must name this one (ANSI/HIBC 2.6, link character), and what both carry must be the same.
Nothing is overwritten.
"""

import datetime as dt
from typing import Any

import msgspec
from msgspec.structs import replace

from stations.bench import products
from stations.bench.state import Turn, WaitExpiry, WaitLot, WaitSymbol
from stations.pharmacy import formulary
from stations.scanning.codes import Code, joins, read
from stations.scanning.outcome import Kind
from stations.work.tasks import Package, Place
from stations.work.verdict import Finding, Reason


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a symbol, or a package so far, tells beside the product; None where it tells nothing."""

    lot: str | None
    expiry: dt.date | None
    expiry_time: dt.time | None
    serial: str | None


def scanned(turn: Turn, place: Place, code: Code, source: str) -> Turn:
    """Take the scan of a package, or of one of its two symbols."""
    if products.fault_of(code) is not None or code.kind is not Kind.PRODUCT:
        return products.scanned(turn, place, code, source)
    if not code.names_product:
        return _rest(turn, place, code, source)
    waits = turn.bench.dialog
    if not isinstance(waits, WaitSymbol) or not _is_in_time(turn, waits.at):
        return products.scanned(turn, place, code, source)
    facts = _merged(_facts_of(code), _facts_of(waits.code)) if joins(code, waits.code) else None
    if facts is None:
        return products.refuse(turn, _STRANGERS)
    whole = replace(
        code,
        **_as_fields(facts),
        expiry_precision=code.expiry_precision or waits.code.expiry_precision,
        quantity=waits.code.quantity if code.quantity is None else code.quantity,
    )
    return products.scanned(turn, place, whole, "keyed" if "keyed" in (source, waits.source) else source)


def _rest(turn: Turn, place: Place, code: Code, source: str) -> Turn:
    """Take a symbol that says something of a package and not which product it is."""
    if not (code.lot or code.expiry or code.serial):
        says = "This symbol says neither product nor lot. Scan another symbol of the package."
        return products.refuse(turn, Finding(reason=Reason.NOT_THAT_KIND, says=says))
    dialog = turn.bench.dialog
    if not isinstance(dialog, WaitLot | WaitExpiry) or not _is_in_time(turn, dialog.package.at):
        says = f"This symbol carries {_told(code)}, not the product. Scan the other symbol of the same package."
        turn = turn.entry("", asked="product")
        return turn.quiet(says, dialog=WaitSymbol(code=code, source=source, at=turn.at), offer=None)
    # It was taken once, so what was not suspected then is not suspected now.
    first = read(dialog.package.raw, turn.at.date(), sends_separators=True)
    facts = _merged(_facts_of(dialog.package), _facts_of(code)) if joins(first, code) else None
    if facts is None or dialog.first not in ("", code.lot, str(code.expiry)):
        return products.refuse(turn, _STRANGERS)
    package = dialog.package
    other_pack = formulary.quantity_findings(code.quantity, package.units)
    if other_pack:
        return products.refuse(turn, *other_pack)
    joined = replace(
        package,
        **{name: value or "" if name in ("lot", "serial") else value for name, value in _as_fields(facts).items()},
        source="keyed" if "keyed" in (source, package.source) else source,
        at=turn.at,
    )
    return products.complete(turn.quiet("", dialog=None), place, joined, list(dialog.findings))


_STRANGERS = Finding(
    reason=Reason.UNREADABLE,
    says="These two symbols are not of one package. Scan both symbols of the package in your hand.",
)


def _is_in_time(turn: Turn, then: dt.datetime) -> bool:
    most = dt.timedelta(seconds=turn.bench.settings.scanning.symbols_within_s)
    return dt.timedelta() <= turn.at - then <= most


def _facts_of(told: Code | Package) -> Facts:
    return Facts(lot=told.lot or None, expiry=told.expiry, expiry_time=told.expiry_time, serial=told.serial or None)


def _merged(one: Facts, other: Facts) -> Facts | None:
    """Put together what two tell of one package; None where they contradict one another."""
    both = {name: (getattr(one, name), getattr(other, name)) for name in Facts.__struct_fields__}
    if any(None not in pair and pair[0] != pair[1] for pair in both.values()):
        return None
    return Facts(**{name: mine if mine is not None else its for name, (mine, its) in both.items()})


def _as_fields(facts: Facts) -> dict[str, Any]:
    return msgspec.structs.asdict(facts)


def _told(code: Code) -> str:
    parts = (
        f"lot {code.lot}" if code.lot else "",
        f"expiry {code.expiry}" if code.expiry else "",
        f"serial {code.serial}" if code.serial else "",
    )
    return ", ".join(part for part in parts if part)
