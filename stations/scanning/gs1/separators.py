"""Did a separator get lost on the way?

A variable-length field ends at a separator or at the end of the message (GS1 General Specifications 7.8.6). A scanner
that drops separators makes it run on into the next field, and nothing in the text says so. Law: never split by guess;
a field that seems to have swallowed what the message lacks is refused, however it may read.

How much is suspected depends on what is known of the scanner:
* Nothing: whatever is met on drug packs, down to a count.
* A separator came with this message: only what belongs to every drug package, a GTIN, lot, expiry or serial; and the
  count that belongs to every content (AI 37 to AI 02).
* The scanner has been proved to send them: then a maker left one out in print, and lot and serial are suspected only
  where both would be as long as a maker's are. A shorter run of digits such as 21 stands in any long lot by chance.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from typing import Final

from stations.scanning.gs1.identifiers import fault_in, identifier_of
from stations.scanning.outcome import Fault, Outcome

_DRUG: Final = frozenset({"01", "10", "17", "21"})
_SUSPECTS: Final[dict[str, re.Pattern[str]]] = {
    "01": re.compile(r"[0-9]{14}"),
    "11": re.compile(r"[0-9]{6}"),
    "13": re.compile(r"[0-9]{6}"),
    "15": re.compile(r"[0-9]{6}"),
    "17": re.compile(r"[0-9]{6}"),
    "7003": re.compile(r"[0-9]{10}"),
    "10": re.compile(r".{1,20}"),
    "21": re.compile(r".{1,20}"),
    "30": re.compile(r"[0-9]{1,8}"),
    "37": re.compile(r"[0-9]{1,8}"),
    "240": re.compile(r".{1,30}"),
    "241": re.compile(r".{1,30}"),
    "715": re.compile(r"[0-9]{12}"),
}
"""Identifiers met on drug packs and their cases, and what their data look like."""
_SHORTEST_BEFORE: Final = 3
_SHORTEST_LOT, _SHORTEST_SERIAL = 3, 5
"""Characters that makers use at least, where a scanner is proved; to be checked against a site's packages."""


class Separators(enum.Enum):
    """What is known of the separators of a message."""

    UNKNOWN = enum.auto()
    ARRIVED = enum.auto()
    """One came with this message."""
    PROVED = enum.auto()
    """This scanner sends each of them."""


def swallowed(elements: tuple[tuple[str, str], ...], known: Separators, today: dt.date) -> Fault | None:
    """Look for a field that may have swallowed elements that the message lacks."""
    present = {ai for ai, _ in elements}
    usual = _SUSPECTS.keys() - {"37"} if known is Separators.UNKNOWN else _DRUG
    missing = (usual | {"37"} if "02" in present else usual) - present
    for ai, value in elements:
        identifier = identifier_of(ai)
        if identifier is None or identifier.fixed is not None:
            continue
        for at in range(1, len(value)):
            if (
                _may_end(value, at, known)
                and _reads_on(value[at:], missing, known, today)
                and identifier.holds(value[:at])
            ):
                return Fault(
                    outcome=Outcome.SEPARATOR_LOST,
                    message=f"AI {ai} holds {value!r}, which may be {value[:at]!r} and more: no separator ends it.",
                )
    return None


def _may_end(value: str, at: int, known: Separators) -> bool:
    """Whether what stands before this place is long enough for a lot or serial that another one follows."""
    return known is not Separators.PROVED or at >= _SHORTEST_BEFORE or not value.startswith(("10", "21"), at)


def _reads_on(tail: str, missing: frozenset[str] | set[str], known: Separators, today: dt.date) -> bool:
    """Whether the whole tail reads as one or more elements that the message lacks."""
    for ai in missing:
        if not tail.startswith(ai):
            continue
        identifier = identifier_of(ai)
        data = tail[len(ai) :]
        width = len(data) if identifier is None or identifier.fixed is None else identifier.fixed
        if not _is_sound(ai, data[:width], known, today):
            continue
        if len(data) == width or _reads_on(data[width:], missing, known, today):
            return True
    return False


def _is_sound(ai: str, value: str, known: Separators, today: dt.date) -> bool:
    if _SUSPECTS[ai].fullmatch(value) is None or fault_in(ai, value, today) is not None:
        return False
    shortest = {"10": _SHORTEST_LOT, "21": _SHORTEST_SERIAL}.get(ai, 1) if known is Separators.PROVED else 1
    return len(value) >= shortest
