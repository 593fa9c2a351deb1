"""What does a GS1 element string say? Application identifiers, their data, and what must not be believed.

Laws:
* Never split by guess. A variable-length field ends at a separator or at the end, nowhere else; one that
  seems to have swallowed the next field is `separator-lost`.
* All or nothing: one unknown identifier, wrong check digit, impossible date or contradiction refuses the whole text.
* A message names one thing, in any order of its elements: a product, what a shipment holds, a place, a device, a
  person. Facts of a package without its product are a product's, to be joined with its other symbol (4.14).
* The day of the scan is an argument: it decides the century of a date (7.12).

Clauses are those of the GS1 General Specifications.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from stations.scanning import ndc, ours
from stations.scanning.gs1 import dates
from stations.scanning.gs1.identifiers import Identifier, fault_in, identifier_of, misfit
from stations.scanning.gs1.separators import Separators, swallowed
from stations.scanning.outcome import Fault, Kind, Outcome, Reading

GS: Final = "\x1d"
Elements = tuple[tuple[str, str], ...]
"""Application identifier and data, in the order of the symbol."""

_ALONE: Final = ("01", "02", "03", "8006", "8026")
"""A trade item, what it contains, one made to order, a piece of one: a message names one of them (4.14)."""
_NAMES: Final = {
    "01": Kind.PRODUCT,
    "00": Kind.SHIPMENT,
    "02": Kind.SHIPMENT,
    "414": Kind.LOCATION,
    "8004": Kind.DEVICE,
    "8017": Kind.BADGE,
    "8018": Kind.PATIENT,
}
"""Identifier → what it names."""
_FACT: Final = re.compile(
    r"1[013567]|2[012]|24[0-3]|25[01]|30|3[1-6][0-9]{2}|71[0-7]|7003|7004|7240|8005|8008|8012|8200"
)
"""Identifiers of what a package says besides its product."""
_INTERNAL: Final = re.compile(r"9[0-9]")
"""A company's internal data (3.9)."""


def read(text: str, today: dt.date, years_ahead: int = 10, known: Separators = Separators.UNKNOWN) -> Reading | Fault:
    """Read a message.

    `years_ahead` is how far an expiry may lie from `today` and still be believed at once; `known` is what is known of
    the scanner's separators before this message. A message that is well formed but names nothing a bench works with
    is `not-ours`.
    """
    elements = split(text)
    if isinstance(elements, Fault):
        return elements
    if known is Separators.UNKNOWN and GS in text.strip(GS):
        known = Separators.ARRIVED
    return _fault_of(elements, today) or _lost(elements, known, today) or meaning(elements, today, years_ahead)


def split(text: str) -> Elements | Fault:
    r"""Split a message into its elements; separators after a fixed-length field are legal (7.8.6).

    >>> split("010030999123456310LOT7A\x1d21S0001")
    (('01', '00309991234563'), ('10', 'LOT7A'), ('21', 'S0001'))
    """
    found: list[tuple[str, str]] = []
    rest = text.lstrip(GS)
    while rest:
        identifier = identifier_of(rest[:4])
        if identifier is None:
            return _unknown(rest)
        field, after = _field(rest, identifier)
        value = field[len(identifier.ai) :]
        if not identifier.holds(value):
            return misfit(identifier, value)
        found.append((identifier.ai, value))
        rest = after.lstrip(GS)
    if not found:
        return Fault(outcome=Outcome.TRUNCATED, message="The symbol says GS1 but holds no data.")
    return tuple(found)


def judged(elements: Elements, today: dt.date, years_ahead: int = 10) -> Reading | Fault:
    """Read elements that came apart, as those of a Digital Link do: nothing can run on there."""
    return _fault_of(elements, today) or meaning(elements, today, years_ahead)


def meaning(elements: Elements, today: dt.date, years_ahead: int) -> Reading | Fault:
    """Say what sound elements name."""
    said = dict(elements)
    kinds = {kind for ai, kind in _NAMES.items() if ai in said}
    if "01" in said:
        kinds.discard(Kind.SHIPMENT)  # a logistic unit that is itself a trade item bears both numbers (4.14.2)
    if len(kinds) > 1:
        both = " and ".join(f"a {kind}" for kind in sorted(kinds))
        return Fault(outcome=Outcome.UNREADABLE, message=f"The code names {both}; expected one thing.")
    kind = next(iter(kinds), None) or _nameless(said)
    if kind in (Kind.PRODUCT, Kind.SHIPMENT):
        return _package(kind, said, elements, today, years_ahead)
    if isinstance(kind, Fault):
        return kind
    return Reading(kind=kind, key=_key(said), elements=elements)


def _field(rest: str, identifier: Identifier) -> tuple[str, str]:
    """Cut the first field off, and give what comes after it."""
    field, _, after = rest.partition(GS)
    if identifier.fixed is None:
        return field, after
    end = len(identifier.ai) + identifier.fixed
    return field[:end], rest[min(end, len(field)) :]


def _unknown(rest: str) -> Fault:
    if len(rest) < 4 and ndc.is_digits(rest):  # noqa: PLR2004 -- the longest identifier
        return Fault(
            outcome=Outcome.TRUNCATED, message=f"The text ends with {rest!r}, within an application identifier."
        )
    return Fault(
        outcome=Outcome.UNREADABLE,
        message=f"No application identifier begins {rest[:4]!r}, so nothing in this code is believed.",
    )


def _fault_of(elements: Elements, today: dt.date) -> Fault | None:
    """Look for what no grammar sees: check digits, dates, contradictions."""
    for ai, value in elements:
        fault = fault_in(ai, value, today)
        if fault is not None:
            return fault
    return _contradiction(elements, today)


def _contradiction(elements: Elements, today: dt.date) -> Fault | None:
    seen: dict[str, str] = {}
    for ai, value in elements:
        if seen.setdefault(ai, value) != value:
            return _unreadable(f"AI {ai} is there twice, as {seen[ai]!r} and as {value!r}; expected one value.")
    if sum(ai in seen for ai in _ALONE) > 1:
        return _unreadable("The code names two trade items; expected one.")
    if "37" in seen and "01" in seen:
        return _unreadable("AI 37 counts what AI 02 names; found it beside AI 01.")
    if "17" in seen and "7003" in seen and dates.date_of(seen["17"], today) != dates.date_of(seen["7003"], today):
        return _unreadable("AI 17 and AI 7003 give two expiry dates; expected one.")
    return None


def _unreadable(sentence: str) -> Fault:
    return Fault(outcome=Outcome.UNREADABLE, message=sentence)


def _lost(elements: Elements, known: Separators, today: dt.date) -> Fault | None:
    """Look for a swallowed field, where one of a package can have been swallowed."""
    said = dict(elements)
    named = {kind for ai, kind in _NAMES.items() if ai in said}
    if named - {Kind.PRODUCT, Kind.SHIPMENT} or _is_internal(elements):
        return None
    return swallowed(elements, known, today)


def _is_internal(elements: Elements) -> bool:
    return all(_INTERNAL.fullmatch(ai) for ai, _ in elements)


def own_code(elements: Elements) -> str | None:
    """Give the one code of ours among internal data; its check character proves it whole."""
    found = [value for _, value in elements if ours.is_ours(value)]
    return found[0] if len(found) == 1 else None


def _nameless(said: dict[str, str]) -> Kind | Fault:
    """Say what a message is that names nothing by number."""
    other = next((ai for ai in said if not _FACT.fullmatch(ai) and not _INTERNAL.fullmatch(ai)), None)
    if other is None:
        return Kind.PRODUCT if any(map(_FACT.fullmatch, said)) else Kind.UNKNOWN
    sentence = {
        "254": "This symbol holds part of a location's number, not the number: scan the other label of the place.",
        "37": "This symbol counts what a shipment holds and does not name the shipment: scan its other label.",
    }.get(other, f"AI {other} names nothing a bench works with: scan another code.")
    return Fault(outcome=Outcome.NOT_OURS, message=sentence)


def _key(said: dict[str, str]) -> str | None:
    """Give the number by which registers know a thing that is not a product."""
    if "414" in said:
        return "-".join(said[ai] for ai in ("414", "254") if ai in said)
    return next((said[ai] for ai in ("00", "8004", "8017", "8018") if ai in said), None)


def _package(kind: Kind, said: dict[str, str], elements: Elements, today: dt.date, years_ahead: int) -> Reading | Fault:
    stamp = said.get("17") or said.get("7003", "")
    expiry = dates.date_of(stamp, today) if stamp else None
    doubt = dates.doubt_about(expiry, today, years_ahead) if expiry is not None else None
    count = said.get("30" if kind is Kind.PRODUCT else "37")
    return doubt or Reading(
        kind=kind,
        key=_key(said) if kind is Kind.SHIPMENT else None,
        gtin=said.get("01"),
        contents=said.get("02"),
        lot=said.get("10"),
        expiry=expiry,
        expiry_precision="day" if expiry else None,
        expiry_time=dates.time_of(said["7003"][6:]) if "7003" in said else None,
        serial=said.get("21"),
        quantity=None if count is None else int(count),
        ndc12=_national(said.get("715", "")),
        elements=elements,
    )


def _national(value: str) -> str | None:
    if ndc.segments(value) is not None:
        return ndc.ndc12_of(value)
    is_whole = ndc.is_digits(value) and len(ndc.SHAPES.get(len(value), ())) == 1
    return ndc.candidates(value)[0] if is_whole else None
