"""Which day does this date mean, and can that be believed of an expiry?

Codes write years with two digits and months without a day. One rule for all of them:
* A year lies 49 years back to 50 ahead of the day of the scan (GS1 General Specifications 7.12).
* Day 00, and a month alone, mean the last day of that month (GS1 General Specifications 3.4.7, USP <7>).
* A day that no calendar has is no date: None, never the nearest one.
* An expiry before 2000, or too many years ahead, is asked for again.

>>> today = dt.date(2026, 3, 10)
>>> str(date_of("280200", today)), str(day_of_year("20015", today)), date_of("260231", today)
('2028-02-29', '2020-01-15', None)
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Final

from stations.scanning.outcome import Fault, Outcome

FIRST_YEAR: Final = 2000
"""No pack from before this year is in use."""


def date_of(yymmdd: str, today: dt.date) -> dt.date | None:
    """Give the date of six digits seen on `today`; None where there is no such day. Day 00 is the month's last."""
    return _date(_year(int(yymmdd[:2]), today), int(yymmdd[2:4]), int(yymmdd[4:6]))


def day_of_year(yyjjj: str, today: dt.date) -> dt.date | None:
    """Give the date of a year's two digits and the number of the day in it, 001 to 366.

    >>> day_of_year("25366", dt.date(2026, 3, 10))
    """
    year, number = _year(int(yyjjj[:2]), today), int(yyjjj[2:5])
    first = _date(year, 1, 1)
    is_in_year = 1 <= number <= (366 if calendar.isleap(year) else 365)
    return first + dt.timedelta(days=number - 1) if first is not None and is_in_year else None


def whole_date(yyyymmdd: str) -> dt.date | None:
    """Give the date of eight digits; day 00 is none."""
    day = int(yyyymmdd[6:8])
    return _date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), day) if day else None


def last_of_month(day: dt.date) -> dt.date:
    """Give the last day of that day's month, which a month alone stands for (USP <7>)."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def time_of(hhmm: str) -> dt.time | None:
    """Give the time of four digits, 0000 to 2359."""
    try:
        return dt.time(int(hhmm[:2]), int(hhmm[2:4]))
    except ValueError:  # the standard library is the judge of which times there are
        return None


def doubt_about(expiry: dt.date, today: dt.date, years_ahead: int) -> Fault | None:
    """Say so where an expiry is too far from `today` to be believed after one scan."""
    latest = (today.year + years_ahead, today.month, today.day)
    if expiry.year >= FIRST_YEAR and (expiry.year, expiry.month, expiry.day) <= latest:
        return None
    return Fault(
        outcome=Outcome.CHECK_YEAR,
        message=f"The expiry reads {expiry}, far from today, {today}: look at the package and scan again.",
        expiry=expiry,
    )


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day or calendar.monthrange(year, month)[1])
    except ValueError:  # the calendar is the judge of which days there are
        return None


def _year(two_digits: int, today: dt.date) -> int:
    century, this_year = divmod(today.year, 100)
    ahead = two_digits - this_year
    if ahead > 50:  # noqa: PLR2004 -- the window of 7.12
        century -= 1
    elif ahead < -49:  # noqa: PLR2004 -- the window of 7.12
        century += 1
    return century * 100 + two_digits
