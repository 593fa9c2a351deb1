"""A HIBC code is believed whole, on the word of its check character, or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning import hibc
from stations.scanning.codes import Code, read

TODAY = dt.date(2026, 3, 10)
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

names = st.text(LETTERS + "-.", min_size=1, max_size=18)
labelers = st.from_regex(r"[A-Z][0-9A-Z]{3}", fullmatch=True)
products = st.text(LETTERS, min_size=1, max_size=18)
expiries = st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))


def whole(body: str) -> str:
    return body + hibc.check_character(body)


def scan(body: str) -> Code:
    """Read a code that is written without its check character."""
    return read(whole(body), TODAY)


def second(body: str, link: str = "5") -> Code:
    """Read a separate secondary code, written without link and check character."""
    return scan(body + link)


PRINTED = [
    ("+A99912345/$$52001510X3/16D20111212/S77DE1G45-", "A99912345", "10X3", "77DE1G45", "2020-01-15"),
    ("+H123RX04515", "H123RX0451", None, None, None),
    ("+H123RX0451/$$3270331LOT7AI", "H123RX0451", "LOT7A", None, "2027-03-31"),
    ("+$$3270331LOT7A5J", None, "LOT7A", None, "2027-03-31"),
    ("+A123BJC5D6E71G", "A123BJC5D6E71", None, None, None),
]


@pytest.mark.parametrize(("text", "number", "lot", "serial", "expiry"), PRINTED)
def test_a_printed_code_is_read(
    text: str, number: str | None, lot: str | None, serial: str | None, expiry: str
) -> None:
    for whole_text in (text, f"]A0{text}", f"]C0{text}", f"]d1{text}", f"]Q1{text}", f"*{text}*"):
        code = read(whole_text, TODAY)
        assert (code.outcome, code.kind, code.names_product) == ("ok", "product", number is not None)
        assert (code.hibc, code.lot, code.serial) == (number, lot, serial)
        assert str(code.expiry or None) == str(expiry)


@pytest.mark.parametrize("text", [row[0] for row in PRINTED])
def test_every_single_wrong_character_is_found(text: str) -> None:
    for place in range(1, len(text)):
        for other in hibc.ALPHABET.replace(text[place], ""):
            assert read(text[:place] + other + text[place + 1 :], TODAY).outcome != "ok"


@pytest.mark.parametrize(
    ("part", "lot", "serial", "expiry", "precision", "quantity"),
    [
        ("$LOT7A", "LOT7A", None, None, None, None),
        ("$+S0001", None, "S0001", None, None, None),
        ("$$0227LOT7A", "LOT7A", None, "2027-02-28", "month", None),
        ("$$0228LOT7A", "LOT7A", None, "2028-02-29", "month", None),
        ("$$1226", None, None, "2026-12-31", "month", None),
        ("$$2022827LOT7A", "LOT7A", None, "2027-02-28", "day", None),
        ("$$3270228LOT7A", "LOT7A", None, "2027-02-28", "day", None),
        ("$$427022823LOT7A", "LOT7A", None, "2027-02-28", "day", None),
        ("$$527059LOT7A", "LOT7A", None, "2027-02-28", "day", None),
        ("$$62705923LOT7A", "LOT7A", None, "2027-02-28", "day", None),
        ("$$7LOT7A", "LOT7A", None, None, None, None),
        ("$$824", None, None, None, None, 24),
        ("$$8243270228LOT7A", "LOT7A", None, "2027-02-28", "day", 24),
        ("$$8240227LOT7A", "LOT7A", None, "2027-02-28", "month", 24),
        ("$$8247LOT7A", "LOT7A", None, None, None, 24),
        ("$$900100", None, None, None, None, 100),
        ("$$900100527059LOT7A", "LOT7A", None, "2027-02-28", "day", 100),
        ("$$+0227S0001", None, "S0001", "2027-02-28", "month", None),
        ("$$+3270228S0001", None, "S0001", "2027-02-28", "day", None),
        ("$$+7S0001", None, "S0001", None, None, None),
        ("27059LOT7A", "LOT7A", None, "2027-02-28", "day", None),
        ("27059", None, None, "2027-02-28", "day", None),
        ("$$0227LOT7A/S77", "LOT7A", "77", "2027-02-28", "month", None),
        ("$$0227LOT7A/14D20270215", "LOT7A", None, "2027-02-15", "day", None),
        ("$LOT7A/14D20270228/16D20250101/S77/Q500", "LOT7A", "77", "2027-02-28", "day", 500),
        ("$$824/Q24", None, None, None, None, 24),
        ("$LOT/$+S1", "LOT", "S1", None, None, None),
    ],
)
def test_each_form_of_secondary_data_is_read_alone_and_behind_its_product(
    part: str, lot: str | None, serial: str | None, expiry: str | None, precision: str | None, quantity: int | None
) -> None:
    for code, number, link in ((second(f"+{part}"), None, "5"), (scan(f"+H123RX0451/{part}"), "H123RX0451", None)):
        assert (code.outcome, code.hibc, code.link_character) == ("ok", number, link), code.message
        assert (code.lot, code.serial, code.quantity) == (lot, serial, quantity)
        assert (str(code.expiry) if code.expiry else None, code.expiry_precision) == (expiry, precision)


@pytest.mark.parametrize(("part", "hour"), [("$$427022823LOT", 23), ("$$62705905LOT", 5), ("$$427022800LOT", 0)])
def test_an_expiry_with_an_hour_tells_the_hour(part: str, hour: int) -> None:
    assert second(f"+{part}").expiry_time == dt.time(hour)
    assert second("+$$3270228LOT").expiry_time is None


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("+$$1327LOT5", "invalid-date"),
        ("+$$0027LOT5", "invalid-date"),
        ("+$$2023027LOT5", "invalid-date"),
        ("+$$3270229LOT5", "invalid-date"),
        ("+$$3270200LOT5", "invalid-date"),
        ("+$$427022824LOT5", "invalid-date"),
        ("+$$527366LOT5", "invalid-date"),
        ("+$$527000LOT5", "invalid-date"),
        ("+$$62705924LOT5", "invalid-date"),
        ("+27366LOT5", "invalid-date"),
        ("+H123RX0451/14D20270229", "invalid-date"),
        ("+H123RX0451/16D20270200", "invalid-date"),
        ("+$$377022815", "check-year"),
        ("+$$364022815", "check-year"),
        ("+$$5", "truncated"),
        ("+$5", "truncated"),
        ("+$+5", "truncated"),
        ("+$$75", "truncated"),
        ("+H123RX0451/S", "truncated"),
        ("+$$32702LOT5", "unreadable"),
        ("+$$2022LOT5", "unreadable"),
        ("+$$LOT5", "unreadable"),
        ("+$$8A45", "unreadable"),
        ("+$$8248LOT5", "unreadable"),
        ("+$LOT 75", "unreadable"),
        ("+$LOT+75", "unreadable"),
        (f"+${'A' * 19}5", "unreadable"),
        ("+H123RX0451/", "unreadable"),
        ("+H123RX0451/X7", "unreadable"),
        ("+H123RX0451/14D2027022", "unreadable"),
        ("+H123RX0451/Q", "unreadable"),
        ("+H123RX0451/Q123456", "unreadable"),
        ("+H1231", "unreadable"),
        ("+H123RX045A", "unreadable"),
        (f"+H123{'9' * 20}", "unreadable"),
        ("+H123RX.51", "unreadable"),
        ("+H123RX0451/$LOT7A/$LOT7B", "unreadable"),
        ("+H123RX0451/$+S1/S2", "unreadable"),
        ("+H123RX0451/$$824/Q25", "unreadable"),
        ("+H123RX0451/$$0227L/14D20270301", "unreadable"),
        ("+H123RX0451/$$3270228L/14D20270227", "unreadable"),
    ],
)
def test_one_fault_refuses_the_whole_code(body: str, outcome: str) -> None:
    code = scan(body)
    assert (code.outcome, code.hibc, code.lot, code.expiry, code.link_character) == (outcome, *(None,) * 4), (
        code.message
    )


@pytest.mark.parametrize(
    "text", ["+h123rx04515", "+H123rX04515", "+$$3270331LOT#A5J", "+H123RX0451é", "+A99912345/$$5\x1d5"]
)
def test_a_character_that_hibc_does_not_have_refuses_the_code(text: str) -> None:
    assert read(text, TODAY).outcome in ("unreadable", "unknown-code")
    assert read(text, TODAY).hibc is None


def test_a_code_that_says_the_same_twice_is_read() -> None:
    assert scan("+H123RX0451/$LOT7A/$LOT7A").lot == "LOT7A"


@given(labelers, products, st.integers(0, 9), names, names, expiries, st.integers(0, 99999), st.integers(0, 6))
@settings(max_examples=120, deadline=None)
def test_a_package_comes_back_as_it_was_written(  # noqa: PLR0913, PLR0917 - one argument a field
    labeler: str, product: str, unit: int, lot: str, serial: str, expiry: dt.date, count: int, form: int
) -> None:
    number = f"{labeler}{product}{unit}"
    written = ("3%y%m%d", "2%m%d%y", "5%y%j", "4%y%m%d12", "6%y%j12", "%m%y", "3%y%m%d")[form]
    part = f"$$9{count:05}{expiry:{written}}{lot}"
    code = scan(f"+{number}/{part}/S{serial}")
    assert (code.outcome, code.hibc, code.lot, code.serial, code.quantity) == ("ok", number, lot, serial, count)
    assert code.expiry is not None
    assert (code.expiry.year, code.expiry.month) == (expiry.year, expiry.month)
    assert code.expiry == expiry or (code.expiry_precision == "month" and (code.expiry + dt.timedelta(days=1)).day == 1)
    link = whole(f"+{number}")[-1]
    separate = second(f"+{part}", link)
    assert (separate.lot, separate.quantity, separate.link_character, separate.hibc) == (lot, count, link, None)


@given(st.text(hibc.ALPHABET, max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_text_of_the_alphabet_with_a_right_check_character_is_read_or_refused_with_a_reason(body: str) -> None:
    code = scan(f"+{body}")
    assert code.message
    assert code.outcome == "ok" or (code.hibc, code.lot, code.serial, code.expiry) == (None, None, None, None)
