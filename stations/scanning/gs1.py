"""What does a GS1 element string say? Application identifiers, their data, and what must not be believed.

Syntax and the table of application identifiers are biip's; what it lets through is refused here.
Laws:
* Never split by guess. A variable-length field ends at a separator or at the end, nowhere else; one that
  seems to have swallowed the next field is `separator-lost`.
* All or nothing: one unknown identifier, wrong check digit or impossible date refuses the whole text.
* The day of the scan is an argument: it decides the century of a date (GS1 General Specifications 7.12).

A lost separator shows only where the text swallowed begins with an identifier that the message lacks. Where a
separator did arrive the scanner sends them, so then only a missing GTIN, lot, expiry or serial is suspected.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from typing import Final

import msgspec

from stations.scanning import ndc
from stations.scanning.outcome import Fault, Outcome

GS: Final = "\x1d"
Elements = tuple[tuple[str, str], ...]
"""Application identifier and data, in the order of the symbol."""

CHECKED: Final = frozenset({"00", "01", "02", "03"})
"""Identifiers whose data end in a check digit (7.9)."""
DATED: Final = frozenset({"11", "12", "13", "15", "16", "17", "4326", "7003", "7006", "7007", "7011", "8008"})
"""Identifiers whose data begin with YYMMDD."""
ALONE: Final = ("01", "02", "03")
"""A trade item, what it contains, one made to order: a message names one of them (4.14)."""

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
    "240": re.compile(r".{1,30}"),
    "241": re.compile(r".{1,30}"),
    "715": re.compile(r"[0-9]{12}"),
}
"""Identifiers met on drug packs, and what their data look like."""
_CHARACTERS: Final = re.compile(r"""[!"%-?A-Z_a-z]*""")
"""GS1 AI encodable character set 82 (7.11)."""


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """One application identifier, as biip's table has it."""

    ai: str
    fixed: int | None
    """Characters of data where the length is predefined (7.8.5), so that no separator need follow."""
    pattern: re.Pattern[str]
    """What identifier and data look like together."""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says of a trade item."""

    elements: Elements
    gtin: str
    lot: str | None
    expiry: dt.date | None
    """Usable through the end of this day; day 00 is the last of the month (3.4.7)."""
    expiry_time: dt.time | None
    """With AI 7003 only: not usable from this time of that day."""
    serial: str | None
    quantity: int | None
    ndc12: str | None
    """Of AI 715, where that is twelve digits or has hyphens."""


def read(text: str, today: dt.date, years_ahead: int = 10) -> Product | Fault:
    """Read a message that names a trade item.

    `years_ahead` is how far an expiry may lie from `today` and still be believed at once. A message that is
    well formed but names no trade item is `not-ours`.
    """
    elements = split(text)
    if isinstance(elements, Fault):
        return elements
    return _fault_in(elements, GS in text.strip(GS), today) or _product(dict(elements), elements, today, years_ahead)


def split(text: str) -> Elements | Fault:
    r"""Split a message into its elements; separators after a fixed-length field are legal (7.8.6).

    >>> split("010030999123456310LOT7A\x1d21S0001")
    (('01', '00309991234563'), ('10', 'LOT7A'), ('21', 'S0001'))
    """
    found: list[tuple[str, str]] = []
    rest = text.lstrip(GS)
    while rest:
        identifier = _identifier(rest[:4])
        if identifier is None:
            return _unknown(rest)
        field, _, after = rest.partition(GS)
        if identifier.fixed is not None:
            end = len(identifier.ai) + identifier.fixed
            field, after = field[:end], rest[min(end, len(field)) :]
        value = field[len(identifier.ai) :]
        if identifier.pattern.fullmatch(field) is None or not value:
            return _misfit(identifier, value)
        found.append((identifier.ai, value))
        rest = after.lstrip(GS)
    if not found:
        return Fault(outcome=Outcome.TRUNCATED, message="The symbol says GS1 but holds no data.")
    return tuple(found)


def date_of(yymmdd: str, today: dt.date) -> dt.date | None:
    """Give the date of six digits seen on `today`; None where there is no such day.

    Day 00 is the last of the month. The year lies 49 years back to 50 ahead (7.12).

    >>> str(date_of("280200", dt.date(2026, 3, 10)))
    '2028-02-29'
    """
    year = _year(int(yymmdd[:2]), today)
    month, day = int(yymmdd[2:4]), int(yymmdd[4:6])
    try:
        return dt.date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError:  # the calendar is the judge of which days there are
        return None


def warm() -> None:
    """Load biip, which costs about 0.2 s, so that no scan waits for it."""
    _identifier("01")


@functools.lru_cache(maxsize=4096)
def _identifier(start: str) -> Identifier | None:
    """Find the identifier that a text begins with, of its first four characters."""
    from biip import ParseError  # noqa: PLC0415 -- loads 0.2 s of tables: not before the first screen is painted
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier  # noqa: PLC0415 -- the same

    try:
        found = GS1ApplicationIdentifier.extract(start)
    except ParseError:
        return None
    fixed = None if found.separator_required else int(found.format.rpartition("N")[2])
    return Identifier(ai=found.ai, fixed=fixed, pattern=re.compile(found.pattern, re.ASCII))


def _year(two_digits: int, today: dt.date) -> int:
    century, this_year = divmod(today.year, 100)
    ahead = two_digits - this_year
    if ahead > 50:  # noqa: PLR2004 -- the window of 7.12
        century -= 1
    elif ahead < -49:  # noqa: PLR2004 -- the window of 7.12
        century += 1
    return century * 100 + two_digits


def _unknown(rest: str) -> Fault:
    if len(rest) < 4 and ndc.is_digits(rest):  # noqa: PLR2004 -- the longest identifier
        return Fault(
            outcome=Outcome.TRUNCATED, message=f"The text ends with {rest!r}, within an application identifier."
        )
    return Fault(
        outcome=Outcome.UNREADABLE,
        message=f"No application identifier begins {rest[:4]!r}, so nothing in this code is believed.",
    )


def _misfit(identifier: Identifier, value: str) -> Fault:
    """Say why data do not fit their identifier."""
    ai, fixed = identifier.ai, identifier.fixed
    if _CHARACTERS.fullmatch(value) is None:
        return Fault(
            outcome=Outcome.UNREADABLE,
            message=f"AI {ai} holds a character that GS1 does not allow; found {value[:40]!r}.",
        )
    if not value or (fixed is not None and len(value) < fixed):
        return Fault(
            outcome=Outcome.TRUNCATED,
            message=f"AI {ai} ends too early; found {value!r}, expected {fixed or 'one or more'} characters.",
        )
    if ai in DATED and fixed is not None:
        return _no_date(ai, value)
    if fixed is None and _begins_well(identifier, value):
        return Fault(
            outcome=Outcome.SEPARATOR_LOST,
            message=f"AI {ai} holds {value[:40]!r}, more than fits: the separator after it is lost.",
        )
    return Fault(outcome=Outcome.UNREADABLE, message=f"AI {ai} cannot hold {value[:40]!r}.")


def _begins_well(identifier: Identifier, value: str) -> bool:
    beginning = re.compile(identifier.pattern.pattern.removesuffix("$"), re.ASCII).match(identifier.ai + value)
    return beginning is not None and beginning.end() > len(identifier.ai)


def _no_date(ai: str, value: str) -> Fault:
    return Fault(
        outcome=Outcome.INVALID_DATE,
        message=f"AI {ai} holds {value[:10]!r}, which is no date; expected YYMMDD.",
    )


def _fault_in(elements: Elements, has_separator: bool, today: dt.date) -> Fault | None:  # noqa: FBT001 -- a fact
    """Look for what no grammar sees: check digits, dates, contradictions, a swallowed field."""
    for ai, value in elements:
        if ai in CHECKED and not ndc.has_check_digit(value):
            return wrong_check_digit(value, f"AI {ai}")
        if ai in DATED and not _is_dated(ai, value, today):
            return _no_date(ai, value)
    return _contradiction(elements) or _swallowed(elements, has_separator, today)


def wrong_check_digit(number: str, where: str) -> Fault:
    """Say that a GTIN or SSCC is wrong, and what its last digit would have to be."""
    return Fault(
        outcome=Outcome.CHECK_DIGIT,
        message=f"{where} holds {number}, whose check digit is {number[-1]}; expected {ndc.check_digit(number[:-1])}.",
    )


def _is_dated(ai: str, value: str, today: dt.date) -> bool:
    days = (value[:6], value[6:12]) if ai == "7007" else (value[:6],)
    has_time = ai != "7003" or _time_of(value[6:]) is not None
    return has_time and all(date_of(day, today) is not None for day in days if day)


def _time_of(hhmm: str) -> dt.time | None:
    try:
        return dt.time(int(hhmm[:2]), int(hhmm[2:]))
    except ValueError:  # the standard library is the judge of which times there are
        return None


def _contradiction(elements: Elements) -> Fault | None:
    seen: dict[str, str] = {}
    for ai, value in elements:
        if seen.setdefault(ai, value) != value:
            return Fault(
                outcome=Outcome.UNREADABLE,
                message=f"AI {ai} is there twice, as {seen[ai]!r} and as {value!r}; expected one value.",
            )
    if sum(ai in seen for ai in ALONE) > 1:
        return Fault(outcome=Outcome.UNREADABLE, message="The code names two trade items; expected one.")
    if "17" in seen and "7003" in seen and seen["17"] != seen["7003"][:6]:
        return Fault(outcome=Outcome.UNREADABLE, message="AI 17 and AI 7003 give two expiry dates; expected one.")
    return None


def _swallowed(elements: Elements, has_separator: bool, today: dt.date) -> Fault | None:  # noqa: FBT001 -- a fact
    present = {ai for ai, _ in elements}
    missing = frozenset(_DRUG if has_separator else _SUSPECTS) - present
    for ai, value in elements:
        identifier = _identifier(ai)
        if identifier is None or identifier.fixed is not None:
            continue
        start = next((at for at in range(1, len(value)) if _parts(identifier, value, at, missing, today)), None)
        if start is not None:
            return Fault(
                outcome=Outcome.SEPARATOR_LOST,
                message=f"AI {ai} holds {value!r}, which may be {value[:start]!r} and more: no separator ends it.",
            )
    return None


def _parts(identifier: Identifier, value: str, at: int, missing: frozenset[str], today: dt.date) -> bool:
    """Whether the data could end at this place, and what follows be elements that the message lacks."""
    return (
        _reads_on(value[at:], missing, today) and identifier.pattern.fullmatch(identifier.ai + value[:at]) is not None
    )


def _reads_on(tail: str, missing: frozenset[str], today: dt.date) -> bool:
    """Whether the whole tail reads as one or more elements that the message lacks."""
    for ai in missing:
        if not tail.startswith(ai):
            continue
        identifier = _identifier(ai)
        data = tail[len(ai) :]
        width = len(data) if identifier is None or identifier.fixed is None else identifier.fixed
        if not _is_sound(ai, data[:width], today):
            continue
        if len(data) == width or _reads_on(data[width:], missing, today):
            return True
    return False


def _is_sound(ai: str, value: str, today: dt.date) -> bool:
    if _SUSPECTS[ai].fullmatch(value) is None:
        return False
    if ai in CHECKED:
        return ndc.has_check_digit(value)
    return ai not in DATED or _is_dated(ai, value, today)


def _product(said: dict[str, str], elements: Elements, today: dt.date, years_ahead: int) -> Product | Fault:
    if "01" not in said:
        return _no_trade_item(said)
    stamp = said.get("17") or said.get("7003", "")
    expiry = date_of(stamp, today) if stamp else None
    if expiry is not None and not _is_near(expiry, today, years_ahead):
        return Fault(
            outcome=Outcome.CHECK_YEAR,
            message=f"The expiry reads {expiry}, far from today, {today}: look at the package and scan again.",
        )
    count = said.get("30")
    return Product(
        elements=elements,
        gtin=said["01"],
        lot=said.get("10"),
        expiry=expiry,
        expiry_time=_time_of(said["7003"][6:]) if "7003" in said else None,
        serial=said.get("21"),
        quantity=None if count is None else int(count),
        ndc12=_national(said.get("715", "")),
    )


def _is_near(expiry: dt.date, today: dt.date, years_ahead: int) -> bool:
    latest = (today.year + years_ahead, today.month, today.day)
    return expiry.year >= 2000 and (expiry.year, expiry.month, expiry.day) <= latest  # noqa: PLR2004 -- no older pack is in use


def _national(value: str) -> str | None:
    if ndc.segments(value) is not None:
        return ndc.ndc12_of(value)
    is_whole = ndc.is_digits(value) and len(ndc.SHAPES.get(len(value), ())) == 1
    return ndc.candidates(value)[0] if is_whole else None


def _no_trade_item(said: dict[str, str]) -> Fault:
    if "00" in said or "02" in said:
        sentence = "This names a shipping container, not a product: scan the package itself."
    elif said.keys() <= _SUSPECTS.keys() | {"37"}:
        sentence = "This symbol holds no GTIN: scan the other symbol of the package."
    else:
        sentence = f"AI {next(iter(said))} names nothing a bench works with: scan the package itself."
    return Fault(outcome=Outcome.NOT_OURS, message=sentence)
