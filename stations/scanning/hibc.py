"""What does a HIBC code say? Labeler, product and level; lot, expiry, serial and quantity (ANSI/HIBC 2.6).

A primary symbol names the product, a secondary one the rest, and a concatenated one both, divided by `/`. Laws:
* The check character, modulo 43 over everything before it, is verified first, always.
* All or nothing: a field of no known form, too long, or said twice in two ways refuses the whole code.
* A separate secondary symbol belongs to the primary whose check character it carries as its link character.
* An expiry of a month is its last day; two-digit years and doubtful ones are judged as everywhere.

>>> said = read("+A99912345/$$52001510X3/16D20111212/S77DE1G45-", dt.date(2026, 3, 10))
>>> said.hibc, str(said.expiry), said.lot, said.serial
('A99912345', '2020-01-15', '10X3', '77DE1G45')
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, Literal

import msgspec

from stations.scanning.gs1 import dates
from stations.scanning.outcome import Fault, Kind, Outcome, Reading

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_PRIMARY: Final = re.compile(r"[A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9]")
"""Labeler (LIC), its product number, unit of measure."""
_NAME: Final = re.compile(r"[0-9A-Z.-]{1,18}")
"""A lot or serial."""
_CLAIM: Final = re.compile(r"\+(?:[A-Z][0-9A-Z]|\$|[0-9]{5})")
_LEAST: Final = len("+$AXC")

_PART: Final = re.compile(
    r"""
      \$\$(?P<is_serial>\+?) (?:8(?P<q2>[0-9]{2}) | 9(?P<q5>[0-9]{5}))? (?P<flagged>.*)
    | \$\+(?P<plus>.*) | \$(?P<dollar>.*) | (?P<day>[0-9]{5})(?P<after>.*)
    | S(?P<s>.*) | 14D(?P<d14>[0-9]{8}) | 16D(?P<d16>[0-9]{8}) | Q(?P<q>[0-9]{1,5})
    """,
    re.VERBOSE,
)
"""What stands between slashes, told apart by how it begins."""
_FLAGGED: Final = re.compile(
    r"""
      (?P<mmyy>[01][0-9]{3}) | 2(?P<mmddyy>[0-9]{6}) | 3(?P<yymmdd>[0-9]{6})
    | 4(?P<yymmddhh>[0-9]{8}) | 5(?P<yyjjj>[0-9]{5}) | 6(?P<yyjjjhh>[0-9]{7}) | (?P<none>7)
    """,
    re.VERBOSE,
)
"""An expiry, told apart by its first digit; 7 says that there is none."""


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one part says."""

    lot: str | None = None
    serial: str | None = None
    quantity: int | None = None
    day: dt.date | None = None
    """An expiry to the day."""
    month: dt.date | None = None
    """The last day of a month of expiry."""
    time: dt.time | None = None


def check_character(text: str) -> str:
    """Give the modulo 43 check character of a text of HIBC's alphabet, its leading `+` included.

    >>> check_character("+H123RX0451")
    '5'
    """
    return ALPHABET[sum(map(_VALUES.__getitem__, text)) % 43]


def is_hibc(text: str) -> bool:
    """Whether a text claims to be one: a plus sign and a labeler, a flag or a day of the year."""
    return _CLAIM.match(text) is not None


def read(text: str, today: dt.date, years_ahead: int = 10) -> Reading | Fault:
    """Read a primary, secondary or concatenated code, from its plus sign to its check character.

    `years_ahead` is how far an expiry may lie from `today` and still be believed at once.
    """
    strange = next((character for character in text if character not in _VALUES), None)
    if strange is not None:
        return _unreadable(f"A HIBC code cannot hold {strange!a}; expected 0-9, A-Z, - . $ / + % or space.")
    if len(text) < _LEAST:
        return Fault(outcome=Outcome.TRUNCATED, message=f"The HIBC code ends too early; found {text!r}.")
    expected = check_character(text[:-1])
    if text[-1] != expected:
        message = f"The HIBC code has the check character {text[-1]!r}; expected {expected!r}: scan it again."
        return Fault(outcome=Outcome.CHECK_DIGIT, message=message)
    if not text[1].isalpha():
        separate = Reading(kind=Kind.PRODUCT, link_character=text[-2])
        return _joined(text[1:-2].split("/"), separate, today, years_ahead)
    number, *parts = text[1:-1].split("/")
    if _PRIMARY.fullmatch(number) is None:
        return _unreadable(f"The HIBC code names {number[:40]!r}; expected labeler, product number and unit digit.")
    return _joined(parts, Reading(kind=Kind.PRODUCT, hibc=number), today, years_ahead)


def _joined(parts: list[str], base: Reading, today: dt.date, years_ahead: int) -> Reading | Fault:
    """Add to a reading what the parts say, each thing once or twice alike."""
    whole = _Said()
    for part in parts:
        said = _said(part, today)
        if isinstance(said, Fault):
            return said
        for name in _Said.__struct_fields__:
            old, new = getattr(whole, name), getattr(said, name)
            if new is not None and old not in (None, new):
                return _unreadable(f"The HIBC code gives two values of {name}, {old} and {new}; expected one.")
            whole = whole if new is None else msgspec.structs.replace(whole, **{name: new})
    return _dated(whole, base, today, years_ahead)


def _dated(said: _Said, base: Reading, today: dt.date, years_ahead: int) -> Reading | Fault:
    """Settle the expiry, of which a code may give the month in one place and the day in another."""
    day, month = said.day, said.month
    if day is not None and month is not None and (day.year, day.month) != (month.year, month.month):
        return _unreadable(f"The HIBC code gives two expiry dates, {day} and the month of {month}; expected one.")
    expiry = day or month
    precision: Literal["day", "month"] = "day" if day else "month"
    doubt = dates.doubt_about(expiry, today, years_ahead) if expiry is not None else None
    return doubt or msgspec.structs.replace(
        base,
        lot=said.lot,
        serial=said.serial,
        quantity=said.quantity,
        expiry=expiry,
        expiry_precision=precision if expiry is not None else None,
        expiry_time=said.time,
    )


def _said(part: str, today: dt.date) -> _Said | Fault:
    """Read one part."""
    found = _PART.fullmatch(part)
    if found is None:
        return _unreadable(f"The HIBC code holds {part[:40]!r}, a field of no known form.")
    if found["flagged"] is not None:
        return _flagged(found, today)
    if found["day"] is not None:
        expiry = dates.day_of_year(found["day"], today)
        return _named(found["after"], "lot", _Said(day=expiry)) if expiry else _no_date(part)
    if found["d14"] or found["d16"]:
        day = dates.whole_date(found["d14"] or found["d16"])
        return _no_date(part) if day is None else _Said(day=day if found["d14"] else None)
    if found["q"]:
        return _Said(quantity=int(found["q"]))
    is_lot = found["dollar"] is not None
    name = found["dollar"] or found["plus"] or found["s"]
    return _named(name, "lot" if is_lot else "serial", _Said()) if name else _too_early(part)


def _flagged(found: re.Match[str], today: dt.date) -> _Said | Fault:
    """Read what begins with two dollar signs: quantity, expiry, lot or serial, in this order."""
    count, rest = found["q2"] or found["q5"], found["flagged"]
    base = _Said(quantity=int(count)) if count else _Said()
    if not rest:
        return base if count else _too_early(found[0])
    flag = _FLAGGED.match(rest)
    if flag is None:
        return _unreadable(f"The HIBC code holds {found[0][:40]!r}; expected a whole date after its flag.")
    name = rest[flag.end() :]
    if flag["none"] and not name and not count:
        return _too_early(found[0])
    expiry = _expiry(flag, today)
    if expiry is None:
        return _no_date(found[0])
    merged = msgspec.structs.replace(expiry, quantity=base.quantity)
    return _named(name, "serial" if found["is_serial"] else "lot", merged)


def _expiry(flag: re.Match[str], today: dt.date) -> _Said | None:
    """Give the expiry behind a flag; None where there is no such day or hour."""
    if flag["none"]:
        return _Said()
    if flag["mmyy"]:
        month = dates.date_of(f"{flag['mmyy'][2:]}{flag['mmyy'][:2]}00", today)
        return _Said(month=month) if month else None
    if flag["yyjjj"] or flag["yyjjjhh"]:
        day = dates.day_of_year(flag["yyjjj"] or flag["yyjjjhh"], today)
    else:
        american = flag["mmddyy"]
        digits = american[4:] + american[:4] if american else flag["yymmdd"] or flag["yymmddhh"]
        day = None if digits[4:6] == "00" else dates.date_of(digits, today)
    hour = (flag["yymmddhh"] or flag["yyjjjhh"] or "")[-2:]
    time = dates.time_of(f"{hour}00") if hour else None
    return _Said(day=day, time=time) if day and bool(hour) == (time is not None) else None


def _named(name: str, what: Literal["lot", "serial"], said: _Said) -> _Said | Fault:
    """Add a lot or a serial, which may be left out behind a date or a quantity."""
    if not name:
        return said
    if _NAME.fullmatch(name) is None:
        return _unreadable(f"The HIBC code gives the {what} {name[:40]!r}; expected 1 to 18 of 0-9, A-Z, - and point.")
    return msgspec.structs.replace(said, lot=name) if what == "lot" else msgspec.structs.replace(said, serial=name)


def _unreadable(sentence: str) -> Fault:
    return Fault(outcome=Outcome.UNREADABLE, message=sentence)


def _too_early(part: str) -> Fault:
    return Fault(outcome=Outcome.TRUNCATED, message=f"The HIBC code holds {part!r} and nothing behind it.")


def _no_date(part: str) -> Fault:
    return Fault(outcome=Outcome.INVALID_DATE, message=f"The HIBC code holds {part[:40]!r}, which gives no such date.")
