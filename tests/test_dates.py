"""A date means one day, the same in every system of codes, or none."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning.gs1 import dates

TODAY = dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("yymmdd", "today", "day"),
    [
        ("130200", "2012-06-01", "2013-02-28"),
        ("160200", "2015-06-01", "2016-02-29"),
        ("280200", "2026-03-10", "2028-02-29"),
        ("760101", "2026-03-10", "2076-01-01"),
        ("770101", "2026-03-10", "1977-01-01"),
        ("760101", "2025-12-31", "1976-01-01"),
        ("000101", "2049-12-31", "2000-01-01"),
        ("490101", "2099-01-01", "2149-01-01"),
        ("500101", "2099-01-01", "2050-01-01"),
        ("000101", "2060-01-01", "2100-01-01"),
        ("270431", "2026-03-10", None),
        ("270229", "2026-03-10", None),
        ("271301", "2026-03-10", None),
        ("270001", "2026-03-10", None),
        ("270000", "2026-03-10", None),
        ("270132", "2026-03-10", None),
    ],
)
def test_a_date_has_the_century_nearest_to_the_day_of_the_scan(yymmdd: str, today: str, day: str | None) -> None:
    found = dates.date_of(yymmdd, dt.date.fromisoformat(today))
    assert found == (dt.date.fromisoformat(day) if day else None)


@given(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_a_year_lies_49_years_back_to_50_ahead(today: dt.date, year: int) -> None:
    found = dates.date_of(f"{year:02}0101", today)
    assert found is None or -49 <= found.year - today.year <= 50
    assert found is not None or not 50 <= today.year <= 9949


@given(st.dates(dt.date(1980, 1, 1), dt.date(2070, 12, 31)))
@settings(max_examples=60, deadline=None)
def test_the_number_of_a_day_in_its_year_is_that_day(day: dt.date) -> None:
    assert dates.day_of_year(f"{day:%y%j}", TODAY) == day
    assert dates.date_of(f"{day:%y%m%d}", TODAY) == day
    assert dates.whole_date(f"{day:%Y%m%d}") == day


@pytest.mark.parametrize("yyjjj", ["26000", "26366", "28367", "26999"])
def test_a_year_has_no_more_days_than_it_has(yyjjj: str) -> None:
    assert dates.day_of_year(yyjjj, TODAY) is None
    assert dates.day_of_year("28366", TODAY) == dt.date(2028, 12, 31)


@pytest.mark.parametrize("eight", ["20270200", "20270229", "20271301", "00000101"])
def test_a_whole_date_is_a_day_of_the_calendar(eight: str) -> None:
    assert dates.whole_date(eight) is None


@pytest.mark.parametrize(("day", "is_believed"), [("2000-01-01", True), ("1999-12-31", False), ("2036-03-10", True)])
def test_an_expiry_is_believed_from_the_year_2000_to_some_years_ahead(day: str, is_believed: bool) -> None:  # noqa: FBT001 - from the table
    expiry = dt.date.fromisoformat(day)
    doubt = dates.doubt_about(expiry, TODAY, 10)
    assert (doubt is None) == is_believed
    assert doubt is None or doubt.expiry == expiry
    assert dates.doubt_about(dt.date(2036, 3, 11), TODAY, 10) is not None
