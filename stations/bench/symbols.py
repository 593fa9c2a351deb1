"""How do two symbols of one package become one: the product on one, lot and expiry on the other?

Either may be scanned first, inside one step. They are joined only where they fit: a second symbol that names a link
must name this one (ANSI/HIBC 2.6, link character), and what both carry must be the same. Nothing is overwritten.
"""

from msgspec.structs import replace

from stations.bench import products
from stations.bench.state import Turn, WaitExpiry, WaitLot, WaitSymbol
from stations.scanning.codes import Code, joins, read
from stations.work.tasks import Package, Place
from stations.work.verdict import Finding, Reason


def second(turn: Turn, place: Place, code: Code) -> Turn:
    """Take a symbol that says something of a package and not which product it is."""
    if not (code.lot or code.expiry or code.serial):
        says = "This symbol says neither product nor lot. Scan another symbol of the package."
        return products.refuse(turn, Finding(reason=Reason.NOT_THAT_KIND, says=says))
    dialog = turn.bench.dialog
    if not isinstance(dialog, WaitLot | WaitExpiry):
        says = f"This symbol carries {_told(code)}, not the product. Scan the other symbol of the same package."
        return turn.quiet(says, dialog=WaitSymbol(code=code))
    # It was taken once, so what was not suspected then is not suspected now.
    package, first = dialog.package, read(dialog.package.raw, turn.at.date(), sends_separators=True)
    if not joins(first, code) or not _agrees(package, code):
        return products.refuse(turn, _stranger())
    joined = replace(
        package,
        lot=package.lot or code.lot or "",
        expiry=package.expiry or code.expiry,
        serial=package.serial or code.serial or "",
        at=turn.at,
    )
    return products.complete(turn.quiet("", dialog=None), place, joined, list(dialog.findings))


def first_waits(turn: Turn, code: Code) -> tuple[Code, Finding | None]:
    """Return what a product's symbol says together with the symbol scanned before it, or why they do not fit."""
    dialog = turn.bench.dialog
    if not isinstance(dialog, WaitSymbol):
        return code, None
    other = dialog.code
    pairs = ((code.lot, other.lot), (code.expiry, other.expiry), (code.serial, other.serial))
    if not joins(code, other) or any(mine and its and mine != its for mine, its in pairs):
        return code, _stranger()
    return (
        replace(
            code,
            lot=code.lot or other.lot,
            expiry=code.expiry or other.expiry,
            expiry_precision=code.expiry_precision or other.expiry_precision,
            serial=code.serial or other.serial,
        ),
        None,
    )


def _agrees(package: Package, code: Code) -> bool:
    pairs = ((package.lot, code.lot), (package.expiry, code.expiry), (package.serial, code.serial))
    return all(not mine or not its or mine == its for mine, its in pairs)


def _stranger() -> Finding:
    says = "These two symbols are not of one package. Scan both symbols of the package in your hand."
    return Finding(reason=Reason.UNREADABLE, says=says)


def _told(code: Code) -> str:
    parts = (
        f"lot {code.lot}" if code.lot else "",
        f"expiry {code.expiry}" if code.expiry else "",
        f"serial {code.serial}" if code.serial else "",
    )
    return ", ".join(part for part in parts if part)
