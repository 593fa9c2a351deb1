"""Which application identifier is it, and can its data be what they claim to be?

The table is biip's, with what it lets through refused: a wrong check digit, a day that no calendar has. Each data
field is judged alone here (GS1 General Specifications 3); what a whole message says is `gs1`'s question.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Final

import msgspec

from stations.scanning import ndc
from stations.scanning.gs1 import dates
from stations.scanning.outcome import Fault, Outcome

CHECKED: Final = {
    **dict.fromkeys(("00", "01", "02", "03", "402", "8006", "8017", "8018", "8026"), 0),
    **dict.fromkeys(("253", "255", "410", "411", "412", "413", "414", "415", "416", "417"), 0),
    "8003": 1,
}
"""Identifiers whose data begin with a number that ends in a check digit (7.9) → where that number begins."""
_CHECKED_LENGTHS: Final = {"00": 18, "402": 17, "8017": 18, "8018": 18, "01": 14, "02": 14, "03": 14} | dict.fromkeys(
    ("8006", "8026"), 14
)
"""How long it is; 13, a GLN's length, where nothing is said."""
_MONTHS: Final = frozenset({"11", "12", "13", "15", "16", "17"})
"""Identifiers whose data are YYMMDD and where day 00 stands for the last (3.4.2-3.4.7)."""
_DAYS: Final = frozenset({"4324", "4325", "4326", "7003", "7006", "7007", "7011", "8008"})
"""Identifiers whose data begin with the YYMMDD of a day."""
_TIMED: Final = {"7003": 6, "7011": 6, "8008": 6}
"""Identifiers with a time of the day behind the date → where it begins."""
_CHARACTERS: Final = re.compile(r"""[!"%-?A-Z_a-z]*""")
"""GS1 AI encodable character set 82 (7.11)."""
_ENCODED: Final = r"(?:[!%-?A-Z_a-z\x22]|%[0-9A-Fa-f][0-9A-Fa-f]%[0-9A-Fa-f][0-9A-Fa-f])"
_ONE: Final = r"[!%-?A-Z_a-z\x22]"


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """One application identifier, as biip's table has it."""

    ai: str
    fixed: int | None
    """Characters of data where the length is predefined (7.8.5), so that no separator need follow."""
    pattern: re.Pattern[str]
    """What identifier and data look like together."""

    def holds(self, value: str) -> bool:
        """Whether the data have the right length and characters."""
        return bool(value) and self.pattern.fullmatch(self.ai + value) is not None


@functools.lru_cache(maxsize=4096)
def identifier_of(start: str) -> Identifier | None:
    """Find the identifier that a text begins with, of its first four characters."""
    from biip import ParseError  # noqa: PLC0415 -- loads 0.2 s of tables: not before the first screen is painted
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier  # noqa: PLC0415 -- the same

    try:
        found = GS1ApplicationIdentifier.extract(start)
    except ParseError:
        return None
    fixed = None if found.separator_required else int(found.format.rpartition("N")[2])
    # Two ways to read one percent sign: a hostile text would take the pattern for ever. The wider of the two decides.
    return Identifier(ai=found.ai, fixed=fixed, pattern=re.compile(found.pattern.replace(_ENCODED, _ONE), re.ASCII))


def exact(ai: str) -> Identifier | None:
    """Find the identifier of just this name."""
    found = identifier_of(ai[:4])
    return found if found is not None and found.ai == ai else None


def misfit(identifier: Identifier, value: str) -> Fault:
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
    if ai in _MONTHS:
        return _no_date(ai, value)
    if fixed is None and _begins_well(identifier, value):
        return Fault(
            outcome=Outcome.SEPARATOR_LOST,
            message=f"AI {ai} holds {value[:40]!r}, more than fits: the separator after it is lost.",
        )
    return Fault(outcome=Outcome.UNREADABLE, message=f"AI {ai} cannot hold {value[:40]!r}.")


def fault_in(ai: str, value: str, today: dt.date) -> Fault | None:
    """Judge data whose form is right: their check digit, their date, their time."""
    if ai in CHECKED:
        number = value[CHECKED[ai] :][: _CHECKED_LENGTHS.get(ai, 13)]
        if not ndc.has_check_digit(number):
            return ndc.wrong_check_digit(number, f"AI {ai}")
    if (ai in _MONTHS or ai in _DAYS) and not _is_dated(ai, value, today):
        return _no_date(ai, value)
    return None


def _begins_well(identifier: Identifier, value: str) -> bool:
    beginning = re.compile(identifier.pattern.pattern.removesuffix("$"), re.ASCII).match(identifier.ai + value)
    return beginning is not None and beginning.end() > len(identifier.ai)


def _no_date(ai: str, value: str) -> Fault:
    return Fault(
        outcome=Outcome.INVALID_DATE,
        message=f"AI {ai} holds {value[:12]!r}, which is no date; expected YYMMDD{'HHMM' if ai == '7003' else ''}.",
    )


def _is_dated(ai: str, value: str, today: dt.date) -> bool:
    days = (value[:6], value[6:12]) if ai == "7007" else (value[:6],)
    if ai in _DAYS and any(day.endswith("00") for day in days):
        return False
    time = value[_TIMED[ai] :] if ai in _TIMED else ""
    is_timed = not time or dates.time_of(time[:4].ljust(4, "0")) is not None
    return is_timed and all(dates.date_of(day, today) is not None for day in days if day)
