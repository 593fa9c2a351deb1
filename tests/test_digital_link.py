"""A web address is data like any other: it names a package whole, or it names nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning.codes import Code, read
from stations.scanning.ndc import gtin_of

TODAY = dt.date(2026, 3, 10)
ITEM = "https://id.example/01/00309991234563"
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

names = st.text(SET_82, min_size=1, max_size=20)
ndcs = st.from_regex(r"[0-9]{10}", fullmatch=True)
expiries = st.dates(TODAY, dt.date(2035, 12, 31))


def link(text: str) -> Code:
    return read(text, TODAY)


def encoded(value: str) -> str:
    return "".join(character if character.isalnum() else f"%{ord(character):02X}" for character in value)


@pytest.mark.parametrize(
    ("text", "lot", "serial", "expiry"),
    [
        (ITEM, None, None, None),
        (f"{ITEM}/", None, None, None),
        (f"{ITEM}/10/LOT7A", "LOT7A", None, None),
        (f"{ITEM}/10/LOT7A/21/S0001", "LOT7A", "S0001", None),
        (f"{ITEM}/22/2A/10/LOT7A/21/S0001?17=270228", "LOT7A", "S0001", "2027-02-28"),
        (f"{ITEM}/10/LOT7A?17=270200", "LOT7A", None, "2027-02-28"),
        (f"{ITEM}?17=270228&10=LOT7A", "LOT7A", None, "2027-02-28"),
        (f"{ITEM}?17=270228;10=LOT7A", "LOT7A", None, "2027-02-28"),
        (f"{ITEM}?linkType=gs1:pip&17=270228&debug", None, None, "2027-02-28"),
        (f"{ITEM}?%31%37=270228", None, None, "2027-02-28"),
        (f"{ITEM}/10/LOT7A#10/LOT7B", "LOT7A", None, None),
        (f"{ITEM}/10/A%2FB%2f7", "A/B/7", None, None),
        (f"{ITEM}/10/A%2541", "A%41", None, None),
        (f"{ITEM}/10/A+7", "A+7", None, None),
        (f"{ITEM}/10/01/21/01", "01", "01", None),
        ("http://id.example/01/00309991234563/10/LOT7A", "LOT7A", None, None),
        ("HTTPS://ID.EXAMPLE:8080/01/00309991234563/10/LOT7A", "LOT7A", None, None),
        ("https://shop.example/a/b/01/00309991234563/10/LOT7A", "LOT7A", None, None),
        ("https://id.example/01/309991234563/10/LOT7A", "LOT7A", None, None),
        ("https://id.example/01/0309991234563/10/LOT7A", "LOT7A", None, None),
    ],
)
def test_an_address_of_a_package_is_read(text: str, lot: str | None, serial: str | None, expiry: str | None) -> None:
    for scan in (text, f"]Q1{text}", f"]d1{text}"):
        code = link(scan)
        assert (code.outcome, code.kind, code.gtin) == ("ok", "product", "00309991234563"), code.message
        assert (code.lot, code.serial, str(code.expiry) if code.expiry else None) == (lot, serial, expiry)


def test_what_an_address_says_of_a_package_is_all_taken() -> None:
    code = link("https://id.example/01/00614141000012?715=050999012345&7003=2603101630&30=12")
    assert (code.ndc12, code.expiry, code.expiry_time, code.quantity) == (
        *("050999-0123-45", dt.date(2026, 3, 10), dt.time(16, 30), 12),
    )
    assert link("https://id.example/01/30309991234564").indicator == 3


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("https://id.example/01/00309991234564", "check-digit"),
        ("https://id.example/01/309991234564", "check-digit"),
        (f"{ITEM}?17=270231", "invalid-date"),
        (f"{ITEM}?17=27022", "truncated"),
        (f"{ITEM}?17=", "truncated"),
        (f"{ITEM}?17", "truncated"),
        (f"{ITEM}?17=770228", "check-year"),
        (f"{ITEM}?17=270228&17=270301", "unreadable"),
        (f"{ITEM}/10/LOT7A?10=LOT7B", "unreadable"),
        (f"{ITEM}?17=270228&7003=2703011200", "unreadable"),
        (f"{ITEM}/21/S1/10/LOT7A", "unreadable"),
        (f"{ITEM}/10/A/10/A", "unreadable"),
        (f"{ITEM}/17/270228", "unreadable"),
        (f"{ITEM}/01/00309991234563", "unreadable"),
        (f"{ITEM}?21=S1", "unreadable"),
        (f"{ITEM}?01=00309991234563", "unreadable"),
        (f"{ITEM}?414=0614141000012", "unreadable"),
        (f"{ITEM}?999=1", "unreadable"),
        (f"{ITEM}?1=1", "unreadable"),
        (f"{ITEM}/10/LOT%7", "unreadable"),
        (f"{ITEM}/10/LOT%GG", "unreadable"),
        (f"{ITEM}/10/LOT%20A", "unreadable"),
        (f"{ITEM}/10/LOT%1D21S1", "unreadable"),
        (f"{ITEM}/10/LOT%C3%A9", "unreadable"),
        (f"{ITEM}/10/{'A' * 21}", "separator-lost"),
        (f"{ITEM}/10//21/S1", "truncated"),
    ],
)
def test_one_fault_refuses_the_whole_address(text: str, outcome: str) -> None:
    code = link(text)
    assert (code.outcome, code.gtin, code.lot, code.expiry) == (outcome, None, None, None), code.message


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/2027/01/15",
        "https://example.com/01/15",
        "https://example.com/",
        "https://example.com",
        "https://",
        "https://?17=270228",
        "https:///01/00309991234563",
        "https://id.example/gtin/00309991234563",
        "https://id.example/AQnYUc1gmiOdA",
        "https://id.example/01/00309991234563/reviews/all",
        "https://id.example/01/00309991234563/10",
        "https://id.example/01/00309991234563 /10/A",
        "https://id.example/?01=00309991234563",
        "https://id.example/414/0614141000012",
    ],
)
def test_an_address_that_names_no_package_is_not_ours(text: str) -> None:
    assert (link(text).outcome, link(text).gtin) == ("not-ours", None)


@pytest.mark.parametrize("scheme", ["ftp", "javascript", "file", "urn", "mailto"])
def test_no_other_scheme_is_read(scheme: str) -> None:
    assert link(f"{scheme}://id.example/01/00309991234563").outcome == "unknown-code"


@given(ndcs, names, names, expiries)
@settings(max_examples=100, deadline=None)
def test_a_package_comes_back_as_it_was_written(ndc10: str, lot: str, serial: str, expiry: dt.date) -> None:
    gtin = gtin_of(ndc10)
    code = link(f"https://id.example/x/01/{gtin}/10/{encoded(lot)}/21/{encoded(serial)}?17={expiry:%y%m%d}")
    assert (code.outcome, code.gtin, code.lot, code.serial, code.expiry) == ("ok", gtin, lot, serial, expiry)


@given(st.text("/?&=;#%01273456789AL:", max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_address_makes_it_raise_or_guess(rest: str) -> None:
    for start in ("https://id.example/", f"{ITEM}/", f"{ITEM}?"):
        code = link(start + rest)
        assert code.outcome == "ok" or (code.gtin, code.lot, code.expiry, code.ais) == (None, None, None, ())
