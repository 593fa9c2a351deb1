"""An element string is believed whole or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning import gs1
from stations.scanning.codes import Code, read
from stations.scanning.ndc import gtin_of

GS = "\x1d"
TODAY = dt.date(2026, 3, 10)
ITEM = "0100309991234563"
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

names = st.text(SET_82, min_size=1, max_size=20)
expiries = st.dates(TODAY, dt.date(2035, 12, 31))
ndcs = st.from_regex(r"[0-9]{10}", fullmatch=True)


def gs(text: str, today: dt.date = TODAY) -> Code:
    return read("]d2" + text.replace("~", GS), today)


def joined(elements: list[tuple[str, str]]) -> str:
    """Write elements as a symbol does: a separator after each but the last that is not of predefined length."""
    ends = [GS if ai not in {"01", "17", "11"} else "" for ai, _ in elements[:-1]] + [""]
    return "".join(ai + value + end for (ai, value), end in zip(elements, ends, strict=True))


@given(ndcs, names, names, expiries, st.permutations(["01", "10", "17", "21"]))
@settings(max_examples=100, deadline=None)
def test_a_package_comes_back_as_it_was_written(
    ndc10: str, lot: str, serial: str, expiry: dt.date, order: list[str]
) -> None:
    values = {"01": gtin_of(ndc10), "10": lot, "17": f"{expiry:%y%m%d}", "21": serial}
    code = read("]d2" + joined([(ai, values[ai]) for ai in order]), TODAY)
    assert (code.outcome, code.gtin, code.lot, code.expiry, code.serial) == (
        *("ok", values["01"], lot, expiry, serial),
    )
    assert dict(code.ais) == values
    assert [ai for ai, _ in code.ais] == order


@given(names, names, expiries, st.permutations(["10", "17", "21"]))
@settings(max_examples=150, deadline=None)
def test_a_package_whose_separators_are_lost_is_never_read_wrong(
    lot: str, serial: str, expiry: dt.date, order: list[str]
) -> None:
    values = {"10": lot, "17": f"{expiry:%y%m%d}", "21": serial}
    whole = joined([("01", "00309991234563"), *((ai, values[ai]) for ai in order)])
    code = read("]d2" + whole.replace(GS, ""), TODAY)
    assert GS not in whole or code.outcome != "ok"


@given(names, st.sampled_from(["10", "21", "240", "91"]))
@settings(max_examples=100, deadline=None)
def test_a_lone_variable_field_is_read_right_or_not_at_all(value: str, ai: str) -> None:
    code = gs(f"{ITEM}{ai}{value}")
    assert code.outcome in ("ok", "separator-lost")
    assert code.ais in ((("01", "00309991234563"), (ai, value)), ())


@pytest.mark.parametrize(
    "text",
    [
        f"{ITEM}1727020010LOT7A21S0001",
        f"{ITEM}21S00011728020010LOT7A",
        f"{ITEM}10LOT7A17280200",
        f"{ITEM}10LOT7A715050999012345",
        f"{ITEM}10LOT7A3012",
        f"{ITEM}10LOT7A7003280310" + "0800",
        f"10LOT7A{ITEM}",
        f"{ITEM}10LOT7A21S0001~17280200",
        f"{ITEM}10ABCDEFGHIJKLMNOPQRSTU",
        f"{ITEM}10{'A' * 25}21S0001",
        f"{ITEM}305" + "21S0001",
        "01003099912345631728020010LOT7A21S0001",
    ],
)
def test_a_field_that_ran_on_is_told_and_never_split(text: str) -> None:
    code = gs(text)
    assert (code.outcome, code.lot, code.serial, code.expiry) == ("separator-lost", None, None, None)


@pytest.mark.parametrize(
    ("text", "lot", "serial"),
    [
        (f"{ITEM}1728020010LOT2117~21S0001", "LOT2117", "S0001"),
        (f"{ITEM}~1728020010LOT7A~~21S0001~", "LOT7A", "S0001"),
        (f"~{ITEM}10ab-12/3", "ab-12/3", None),
        (f"{ITEM}21S01017280200~10LOT~17280200", "LOT", "S01017280200"),
        (f"{ITEM}10LOT~10LOT", "LOT", None),
        (f"{ITEM}10A21", "A21", None),
        (f"{ITEM}1728020010A3012~21S0001", "A3012", "S0001"),
    ],
)
def test_a_field_that_only_looks_strange_is_read_as_it_stands(text: str, lot: str, serial: str | None) -> None:
    code = gs(text)
    assert (code.outcome, code.lot, code.serial) == ("ok", lot, serial)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (f"{ITEM}10LOT~10LAT", "unreadable"),
        (f"{ITEM}17270200~17280200", "unreadable"),
        (f"{ITEM}0200309991234563", "unreadable"),
        (f"{ITEM}17280310~70032803110800", "unreadable"),
        (f"{ITEM}XX1", "unreadable"),
        (f"{ITEM}05123", "unreadable"),
        (f"{ITEM}10LOT 7", "unreadable"),
        (f"{ITEM}10LOT#7", "unreadable"),
        ("010030999123456A", "unreadable"),
        (f"{ITEM}30A", "unreadable"),
        (f"{ITEM}10", "truncated"),
        (f"{ITEM}10~21S1", "truncated"),
        (f"{ITEM}1", "truncated"),
        (f"{ITEM}1728", "truncated"),
        (f"{ITEM}1728~10LOT", "truncated"),
        ("0100309991", "truncated"),
        ("~~", "truncated"),
        (f"{ITEM}7003280310", "unreadable"),
        (f"{ITEM}171300LOT", "invalid-date"),
        ("0100309991234564", "check-digit"),
    ],
)
def test_one_fault_refuses_the_whole_text(text: str, outcome: str) -> None:
    code = gs(text)
    assert (code.outcome, code.gtin, code.ais) == (outcome, None, ())


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
    found = gs1.date_of(yymmdd, dt.date.fromisoformat(today))
    assert found == (dt.date.fromisoformat(day) if day else None)


@given(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_a_year_lies_49_years_back_to_50_ahead(today: dt.date, year: int) -> None:
    found = gs1.date_of(f"{year:02}0101", today)
    assert found is None or -49 <= found.year - today.year <= 50
    assert found is not None or not 50 <= today.year <= 9949


@pytest.mark.parametrize("ai", ["11", "12", "13", "15", "16", "17"])
def test_an_impossible_date_refuses_the_code_whatever_it_means(ai: str) -> None:
    assert gs(f"{ITEM}{ai}270230").outcome == "invalid-date"


@pytest.mark.parametrize("ai", ["11", "13", "15"])
def test_no_other_date_is_taken_for_an_expiry(ai: str) -> None:
    assert (gs(f"{ITEM}{ai}270228").expiry, gs(f"{ITEM}{ai}270228").outcome) == (None, "ok")


@pytest.mark.parametrize(
    ("value", "outcome"), [("270228", "ok"), ("270228270301", "ok"), ("270228270230", "invalid-date")]
)
def test_both_ends_of_a_harvest_date_are_days(value: str, outcome: str) -> None:
    assert gs(f"{ITEM}7007{value}").outcome == outcome


def test_an_expiry_with_a_time_says_the_day_and_the_time() -> None:
    code = gs(f"{ITEM}70032603101630")
    assert (code.expiry, code.expiry_time, code.expiry_precision) == (dt.date(2026, 3, 10), dt.time(16, 30), "day")
    assert gs(f"{ITEM}70032603102460").outcome == "invalid-date"
    assert gs(f"{ITEM}17260310").expiry_time is None


@pytest.mark.parametrize(
    ("expiry", "outcome"),
    [("360310", "ok"), ("360311", "check-year"), ("991231", "check-year"), ("000101", "ok"), ("770101", "check-year")],
)
def test_an_expiry_far_from_today_is_asked_for_again(expiry: str, outcome: str) -> None:
    assert gs(f"{ITEM}17{expiry}").outcome == outcome


def test_how_far_ahead_an_expiry_may_lie_is_a_setting() -> None:
    assert read(f"]d2{ITEM}17360311", TODAY, years_ahead=11).outcome == "ok"
    assert read(f"]d2{ITEM}17360229", dt.date(2024, 2, 29), years_ahead=12).outcome == "ok"


@pytest.mark.parametrize(
    ("value", "ndc12"),
    [("050999012345", "050999-0123-45"), ("050999-0123-45", "050999-0123-45"), ("50999012345", None), ("X1", None)],
)
def test_a_national_number_is_an_ndc_only_where_its_shape_is_certain(value: str, ndc12: str | None) -> None:
    code = gs(f"0100614141000012715{value}")
    assert (code.outcome, code.ndc12) == ("ok", ndc12)


def test_a_count_of_units_is_a_number() -> None:
    assert gs(f"{ITEM}30100").quantity == 100
    assert gs(ITEM).quantity is None


def test_a_text_without_identifier_is_gs1_only_where_it_begins_with_a_whole_item() -> None:
    assert read(f"{ITEM}10LOT7A", TODAY).lot == "LOT7A"
    assert read(f"{GS}10LOT7A{GS}{ITEM}", TODAY).lot == "LOT7A"
    assert read("10LOT7A", TODAY).outcome == "unknown-code"
    assert read("17270200", TODAY).outcome in ("check-digit", "ok")
    assert read("17270200", TODAY).expiry is None
