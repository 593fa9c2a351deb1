"""What does a package lack in its code, and how is it read from the package instead?

Lot and expiry are keyed twice alike, or scanned from the package's other symbol, or taken from the last package at a
person's word. What the code does tell is never overwritten.
"""

import datetime as dt
import re

from msgspec.structs import replace

from stations.bench import products
from stations.bench.state import Turn, WaitExpiry, WaitLot
from stations.scanning.codes import visible
from stations.scanning.gs1 import dates
from stations.work.tasks import Package, Place

_SHAPES = (
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"), "%Y-%m-%d"),
    (re.compile(r"[0-9]{8}"), "%Y%m%d"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}"), "%Y-%m"),
    (re.compile(r"[0-9]{1,2}/[0-9]{4}"), "%m/%Y"),
)
"""How an expiry is written: whole days first, then months."""


def ask(turn: Turn, place: Place, package: Package, what: str, dialog: WaitLot | WaitExpiry) -> Turn:
    """Ask for what the code does not carry; `what` says it, with its form after a comma."""
    last = last_like(turn, place, package)
    same = f" Or press yes: the same as the last, lot {last.lot}, {last.expiry}." if last is not None else ""
    lacks = f"{package.name}: the code carries no {what.partition(',')[0]}."
    says = f"{lacks} Scan its other symbol, or enter the {what}, twice.{same}"
    turn = turn.entry("", asked="lot" if isinstance(dialog, WaitLot) else "expiry")
    return turn.quiet(says, dialog=dialog, faults=0, offer=None)


def last_like(turn: Turn, place: Place, package: Package) -> Package | None:
    """Return the last package of this step with the same code, whose lot and expiry were keyed and may be this one's.

    What is known of this one, from its other symbol or already keyed, must be the same.
    """
    task = turn.bench.task()
    taken = task.taken(place.path) if task is not None else ()
    last = next((one for one in reversed(taken) if one.raw == package.raw and one.source == "keyed"), None)
    if last is None or package.lot not in ("", last.lot) or package.expiry not in (None, last.expiry):
        return None
    return last


def same_as_last(turn: Turn, place: Place, dialog: WaitLot | WaitExpiry) -> Turn:
    """Take lot and expiry from the last package of the same code, at a person's word."""
    package = dialog.package
    last = last_like(turn, place, package)
    if last is None:
        return turn.quiet("There is no package before this one with the same code and lot.")
    turn = turn.entry("scan", step=place.path, raw=visible(package.raw), source="keyed", same_as_last=True)
    same = replace(package, lot=last.lot, expiry=last.expiry, source="keyed", at=turn.at)
    return products.complete(turn.quiet("", dialog=None), place, same, list(dialog.findings))


def lot_entered(turn: Turn, place: Place, dialog: WaitLot, text: str) -> Turn:
    """Take the lot, keyed twice alike."""
    lot = text.strip()
    if not lot or len(lot) > 20 or not lot.isascii() or not lot.isprintable():  # noqa: PLR2004 - GS1 AI (10): 20
        return turn.quiet("A lot has 1 to 20 letters, digits or signs. Enter it as printed.", dialog=dialog)
    if not dialog.first:
        return turn.quiet(f"Lot {lot}. Enter it again.", dialog=replace(dialog, first=lot))
    if dialog.first != lot:
        return turn.quiet(f"{dialog.first} and {lot} differ. Enter the lot again.", dialog=replace(dialog, first=""))
    package = replace(dialog.package, lot=lot, source="keyed", at=turn.at)
    turn = turn.entry("scan", step=place.path, raw=visible(package.raw), source="keyed", lot=lot)
    return products.complete(turn.quiet("", dialog=None), place, package, list(dialog.findings))


def expiry_entered(turn: Turn, place: Place, dialog: WaitExpiry, text: str) -> Turn:
    """Take the expiry, keyed twice alike."""
    expiry = read_expiry(text)
    years = turn.bench.settings.expiry.years_ahead
    if expiry is not None and dates.doubt_about(expiry, turn.at.date(), years) is not None:
        return turn.quiet(f"{expiry} is not believed: check the year and enter it again.", dialog=dialog)
    if expiry is None:
        says = f"{text.strip()[:20]!r} is not a date. Enter the expiry as 2027-02-28, or 2027-02 for the month."
        return turn.quiet(says, dialog=dialog)
    shown = expiry.isoformat()
    if not dialog.first:
        return turn.quiet(f"Expires {shown}. Enter it again.", dialog=replace(dialog, first=shown))
    if dialog.first != shown:
        says = f"{dialog.first} and {shown} differ. Enter the expiry again."
        return turn.quiet(says, dialog=replace(dialog, first=""))
    package = replace(dialog.package, expiry=expiry, source="keyed", at=turn.at)
    turn = turn.entry("scan", step=place.path, raw=visible(package.raw), source="keyed", expiry=shown)
    return products.complete(turn.quiet("", dialog=None), place, package, list(dialog.findings))


def read_expiry(text: str) -> dt.date | None:
    """Read an expiry as printed; a month alone is its last day (USP <7>).

    >>> read_expiry("2027-02"), read_expiry("02/2028"), read_expiry("20270228"), read_expiry("202711")
    (datetime.date(2027, 2, 28), datetime.date(2028, 2, 29), datetime.date(2027, 2, 28), None)
    """
    shown = text.strip()
    written = next((how for shape, how in _SHAPES if shape.fullmatch(shown)), None)
    if written is None:
        return None
    try:
        date = dt.datetime.strptime(shown, written).replace(tzinfo=dt.UTC).date()
    except ValueError:  # the calendar is the judge of which days there are
        return None
    return date if "%d" in written else dates.last_of_month(date)
