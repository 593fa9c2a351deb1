"""Does a count agree with the record, and what does a difference lead to?

Tolerance: none for controlled substances, else the larger of some units and some percent of the record (custom, to be
checked by a pharmacist; both are settings). A difference outside it is counted again by another person, then it is a
discrepancy.
"""

import msgspec

from stations.pharmacy.formulary import Item, item_named
from stations.work.facts import Facts, Put, Row, kept
from stations.work.settings import Counting
from stations.work.tasks import Result, Situation
from stations.work.verdict import Finding, Reason

EQUAL, WITHIN, DIFFERENT, DISCREPANCY = "equal", "within", "different", "discrepancy"


def read_number(text: str, settings: Counting) -> int | Finding:
    """Read a count as typed: ASCII digits, not negative, not absurd."""
    if not text.strip():
        return Finding(reason=Reason.BLANK, says="Nothing was entered. Enter the number counted.")
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return Finding(reason=Reason.IMPLAUSIBLE, says=f"{digits[:20]!r} is not a count. Enter a whole number.")
    if len(digits) > len(str(settings.most)) or int(digits) > settings.most:
        says = f"{digits[:12]} is more than {settings.most:,}. Count again."
        return Finding(reason=Reason.IMPLAUSIBLE, says=says)
    return int(digits)


def compare(number: int, expected: int | None, item: Item | None, tolerance: Counting | None) -> str:
    """Say `equal`, `within` the tolerance, if there is one, or `different`; unknown is never equal."""
    if number == expected:
        return EQUAL
    if expected is None:
        return DIFFERENT
    if tolerance is None or item is None or item.schedule:
        return DIFFERENT
    allowed = max(tolerance.tolerance_units, int(expected * tolerance.tolerance_percent / 100))
    return WITHIN if abs(number - expected) <= allowed else DIFFERENT


def as_discrepancy(result: Result) -> Result:
    """Return a count that was done again and still differs: it stands, as a discrepancy."""
    return msgspec.structs.replace(result, outcome=DISCREPANCY)


def stock_here(situation: Situation) -> Row | None:
    """Return the one stock row of the place this task counts."""
    place = situation.task.results[0] if situation.task.results else None
    rows = situation.facts.rows("stock_level", code=place.value) if place is not None else ()
    return rows[0] if len(rows) == 1 else None


def countable(place: Row, facts: Facts) -> list[Finding]:
    """Say what stands against counting at that place: it must hold one item on record."""
    rows = facts.rows("stock_level", code=str(place["code"]))
    if len(rows) == 1:
        return []
    has = "has no stock record" if not rows else f"holds {len(rows)} items"
    says = f"{place['name']} {has}. Scan a shelf or pocket that holds one item."
    return [Finding(reason=Reason.WRONG_LOCATION, says=says)]


def on_hand(situation: Situation) -> int | None:
    """Return what the record says is in the place this task counts."""
    row = stock_here(situation)
    return int(row["on_hand"]) if row is not None else None


def final(situation: Situation) -> Result | None:
    """Return the count that stands: the other person's recount where there was one."""
    return situation.task.result("recount") or situation.task.result("count")


def adjustment(situation: Situation) -> tuple[str, str]:
    """Compute the difference that would be written off or on: its text, and `none`, `small` or `over-limit`."""
    last = final(situation)
    if last is None:
        return "nothing to compare", "none"
    difference = _difference(last)
    if difference == 0:
        return "no difference", "none"
    text = f"{difference:+d} against the record of {last.fields['expected']}"
    row = stock_here(situation)
    item = item_named(str(row["item"]), situation.facts) if row is not None else None
    controlled = item is not None and bool(item.schedule)
    over = controlled or abs(difference) > situation.settings.counting.adjustment_limit
    return text, "over-limit" if over else "small"


def _difference(last: Result) -> int:
    """Return what was counted less what the record said at that moment."""
    return int(last.value) - int(last.fields.get("expected", last.value))


def counted_rows(situation: Situation) -> tuple[Put, ...]:
    """Return the stock row with the count that stands, and the ledger's line for a controlled substance."""
    row, last = stock_here(situation), final(situation)
    if row is None or last is None:
        return ()
    # The difference is what was counted and approved: the record may have moved since.
    change = _difference(last)
    number = int(row["on_hand"]) + change
    stock = {**kept(row), "on_hand": number, "counted": situation.at.isoformat(), "counted_by": last.by}
    puts = [Put(register="stock_level", key=str(row["stock"]), row=stock)]
    item = item_named(str(row["item"]), situation.facts)
    if item is not None and item.schedule and change:
        puts.append(_ledger(situation, item, row, change, number))
    return tuple(puts)


def _ledger(situation: Situation, item: Item, row: Row, change: int, balance: int) -> Put:
    task = situation.task
    line = {
        "line": f"{task.id}/1",
        "item": item.item,
        "schedule": item.schedule,
        "location": row["location"],
        "type": "adjust",
        "qty": change,
        "balance": balance,
        "ref": task.id,
        "performer": task.performer,
        "witness": "",
    }
    return Put(register="cs_ledger", key=f"{task.id}/1", row=line)
