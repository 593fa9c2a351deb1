"""Every text has one honest answer: what it is, or why it cannot be used."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest
from bench import texts
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning import codes, ndc
from stations.scanning.codes import Code, as_dict, from_visible, joins, read, visible
from stations.scanning.outcome import Kind, Outcome

GS = "\x1d"
TODAY = dt.date(2026, 3, 10)
CANDIDATES = ("000999-1234-56", "009991-0234-56", "009991-2345-06")
PARTS = st.sampled_from(
    [
        *("]d2", "]C1", "]C0", "]E0", "01", "00309991234563", "17", "270200", "10", "LOT7A", "21", GS, "0999123456"),
        *("NDC ", "-", "B0042173", "+A123BJC5D6E71G", "]", "\ud800", "٣", "\x00", "\n", "7003", "715", "310"),
        *("https://id.example/", "/", "?", "=", "%41", "+", "$$", "+$$", "*", "b0042173", "\u202e", "[b]", "=1+1"),
    ]
)
anything = (
    st.text(max_size=60)
    | st.lists(PARTS, max_size=8).map("".join)
    | st.characters(codec=None, exclude_categories=()).map(lambda each: each * 3)
)
days = st.dates() | st.just(TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "]d201003099912345631727020010LOT7A<GS>21S0001",
            {"gtin": "00309991234563", "expiry": "2027-02-28", "lot": "LOT7A", "serial": "S0001"}
            | {"symbology": "]d2", "ndc10": "0999123456", "ndc_candidates": list(CANDIDATES)}
            | {"expiry_precision": "day", "kind": "product"},
        ),
        (
            "]d2010030999123456321S0001<GS>1728020010LOT7A",
            {"gtin": "00309991234563", "expiry": "2028-02-29", "lot": "LOT7A", "serial": "S0001"}
            | {"symbology": "]d2", "ndc10": "0999123456", "ndc_candidates": list(CANDIDATES)}
            | {"expiry_precision": "day", "kind": "product"},
        ),
        (
            "]d201003099912345641727020010LOT7A",
            {"outcome": "check-digit", "kind": "product", "symbology": "]d2"},
        ),
        (
            "]E00309991234563",
            {"gtin": "00309991234563", "symbology": "]E0", "ndc10": "0999123456", "kind": "product"}
            | {"ndc_candidates": list(CANDIDATES)},
        ),
        (
            "]e00100309991234563",
            {"gtin": "00309991234563", "symbology": "]e0", "ndc10": "0999123456", "kind": "product"}
            | {"ndc_candidates": list(CANDIDATES)},
        ),
        (
            "]C1013030999123456410LOT9",
            {"gtin": "30309991234564", "lot": "LOT9", "symbology": "]C1", "ndc10": "0999123456", "kind": "product"}
            | {"ndc_candidates": list(CANDIDATES)},
        ),
        (
            "]d20100614141000012715050999012345<GS>17330401",
            {"gtin": "00614141000012", "ndc12": "050999-0123-45", "expiry": "2033-04-01", "symbology": "]d2"}
            | {"expiry_precision": "day", "kind": "product"},
        ),
        (
            "]d201003099912345631726023110L",
            {"outcome": "invalid-date", "kind": "product", "symbology": "]d2"},
        ),
        (
            "0999123456",
            {"outcome": "ambiguous-ndc", "kind": "product", "ndc10": "0999123456"}
            | {"ndc_candidates": list(CANDIDATES)},
        ),
        ("01003099912345631710LOT7A21S0001", {"outcome": "invalid-date", "kind": "product"}),
        (
            "]A0+A99912345/$$52001510X3/16D20111212/S77DE1G45-",
            {"kind": "product", "symbology": "]A0", "lot": "10X3", "serial": "77DE1G45"}
            | {"expiry": "2020-01-15", "expiry_precision": "day", "hibc": "A99912345", "indicator": 5},
        ),
    ],
)
def test_a_text_has_exactly_these_fields_and_null_for_the_rest(text: str, expected: dict[str, object]) -> None:
    raw = from_visible(text)
    answer = as_dict(read(raw, TODAY))
    message = answer.pop("message")
    indicator = {"indicator": int(str(expected["gtin"])[0])} if "gtin" in expected else {}
    assert answer == dict.fromkeys(answer, None) | {"raw": raw, "outcome": "ok"} | indicator | expected
    assert isinstance(message, str)
    assert message.endswith(".")
    assert list(answer) == [
        *("raw", "kind", "symbology", "gtin", "ndc10", "ndc12", "ndc_candidates"),
        *("lot", "expiry", "expiry_precision", "serial", "quantity", "outcome"),
        *("hibc", "link_character", "indicator", "key", "contents", "expiry_time"),
    ]


@pytest.mark.parametrize(
    ("written", "ndc10", "ndc12"),
    [
        ("0999-1234-56", "0999123456", "000999-1234-56"),
        ("09991-234-56", "0999123456", "009991-0234-56"),
        ("09991-2345-6", "0999123456", "009991-2345-06"),
        ("00999-1234-56", None, "000999-1234-56"),
        ("09991-0234-56", None, "009991-0234-56"),
        ("050999-0123-45", None, "050999-0123-45"),
        ("309991-123-45", None, "309991-0123-45"),
        ("309991-1234-5", None, "309991-1234-05"),
        ("NDC 0999-1234-56", "0999123456", "000999-1234-56"),
        ("ndc: 0999 1234 56", "0999123456", "000999-1234-56"),
        (" 0999-1234-56 ", "0999123456", "000999-1234-56"),
    ],
)
def test_a_hyphenated_ndc_is_certain(written: str, ndc10: str | None, ndc12: str) -> None:
    code = read(written, TODAY)
    assert (code.outcome, code.kind, code.ndc10, code.ndc12) == ("ok", Kind.PRODUCT, ndc10, ndc12)
    assert code.ndc_candidates == ()


@pytest.mark.parametrize(
    ("digits", "found"),
    [
        ("0999123456", CANDIDATES),
        ("NDC 0999123456", CANDIDATES),
        ("]C00999123456", CANDIDATES),
        ("30999112345", ("030999-1123-45", "309991-0123-45", "309991-1234-05")),
        ("NDC 050999012345", ("050999-0123-45",)),
        ("]C0050999012345", ("050999-0123-45",)),
        ("036000291452", ("036000-2914-52",)),
        ("000999123456", ("000999-1234-56",)),
        ("]C0036000291452", ("036000-2914-52",)),
    ],
)
def test_bare_digits_of_an_ndc_are_never_settled_by_themselves(digits: str, found: tuple[str, ...]) -> None:
    code = read(digits, TODAY)
    assert (code.outcome, code.ndc_candidates, code.ndc12, code.gtin) == ("ambiguous-ndc", found, None, None)


def test_twelve_bare_digits_are_a_upc_only_where_they_can_be_no_ndc() -> None:
    assert "or the UPC 036000291452" in read("036000291452", TODAY).message
    assert read("]E00036000291452", TODAY).gtin == "00036000291452"
    assert read("612345678907", TODAY).gtin == "00612345678907"
    assert "or a misread UPC" in read("050999012345", TODAY).message


@pytest.mark.parametrize("digits", ["01234565", "00000116", "11234562"])
def test_eight_bare_digits_that_may_be_a_short_upc_are_not_taken_for_an_ean(digits: str) -> None:
    code = read(digits, TODAY)
    assert (code.outcome, code.gtin) == ("unreadable", None)
    assert "UPC-E" in code.message
    assert read(f"]E0{digits}", TODAY).outcome == "truncated"


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("0123450", "01200000345"),
        ("0123451", "01210000345"),
        ("0123452", "01220000345"),
        ("0123453", "01230000045"),
        ("0123454", "01234000005"),
        ("0123455", "01234500005"),
        ("1123459", "11234500009"),
        ("2123456", ""),
    ],
)
def test_a_short_upc_stands_for_one_whole_upc_and_has_its_check_digit(short: str, whole: str) -> None:
    found = {ndc.upc_a_of(short + digit) for digit in "0123456789"}
    assert found == ({None, whole + ndc.check_digit(whole)} if whole else {None})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("]d20130309991234564", "a higher packaging level (3) of the product with GTIN 30309991234564"),
        ("]d20190309991234566", "a variable quantity of the product with GTIN"),
        ("]d20100309991234563", "This is the product with GTIN"),
        ("+A99912345/$$52001510X3/16D20111212/S77DE1G45-", "a higher packaging level (5) of"),
        ("106141412345678908", "the shipment 106141412345678908."),
        ("]C1020030999123456337120", "holds 120 of GTIN 00309991234563"),
    ],
)
def test_the_sentence_says_which_level_of_packaging_it_is(text: str, says: str) -> None:
    assert says in read(text, TODAY).message


@pytest.mark.parametrize("written", ["0999-123-456", "099-1234-56", "0999-1234-5", "09991-234-5", "0999--1234-56"])
def test_a_number_in_no_shape_of_an_ndc_is_not_taken_for_one(written: str) -> None:
    assert read(written, TODAY).outcome == "unknown-code"


GTINS = [
    *("309991234563", "00309991234563", "10309991234560", "30309991234564", "50309991234568"),
    *("00309991235560", "30309991235561", "00309991236567", "30309991236568"),
    *("350999123458", "00350999123458", "10350999123455", "30350999123459", "50350999123453"),
    *("00350999124455", "30350999124456", "00309992200017", "30309992200018", "00350999700017"),
    *("30350999700018", "00350999310025", "30350999310026", "00614141000012"),
]


@pytest.mark.parametrize("number", GTINS)
def test_a_gtin_is_read_in_whatever_symbol_carries_it(number: str) -> None:
    gtin = ndc.gtin14(number)
    for text in (number, gtin, f"]I1{gtin}", f"]e001{gtin}", f"]C101{gtin}", f"]d201{gtin}", f"01{gtin}"):
        code = read(text, TODAY)
        assert (code.outcome, code.gtin) == ("ok", gtin), text
    if gtin.startswith("00"):
        assert read(f"]E0{gtin[1:]}", TODAY).gtin == gtin


@given(st.sampled_from(GTINS), st.integers(0, 13), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_one_wrong_digit_of_a_gtin_is_always_told(number: str, place: int, change: int) -> None:
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    may_be_an_ndc = len(wrong) == 12 and wrong[0] in "01"
    assert read(wrong, TODAY).outcome == ("ambiguous-ndc" if may_be_an_ndc else "check-digit")
    assert read(f"]d201{ndc.gtin14(wrong)}10LOT7A", TODAY).outcome == "check-digit"


@pytest.mark.parametrize(
    ("text", "outcome", "kind"),
    [
        ("", "unreadable", "unknown"),
        ("   ", "unreadable", "unknown"),
        ("]d2", "unreadable", "unknown"),
        ("9" * 4097, "too-long", "unknown"),
        ("ab\x03cd", "control-character", "unknown"),
        ("ab\x7f", "control-character", "unknown"),
        ("àà&é", "unreadable", "unknown"),
        ("٠٩٩٩١٢٣٤٥٦", "unreadable", "unknown"),
        ("\ud800", "unreadable", "unknown"),
        ("hello", "unknown-code", "unknown"),
        ("LISINOPRIL", "unknown-code", "unknown"),
        ("123", "unknown-code", "unknown"),
        ("]X", "unknown-code", "unknown"),
        ("]", "unknown-code", "unknown"),
        ("]d1TESTING", "unknown-code", "unknown"),
        ("https://www.example/news/15", "not-ours", "unknown"),
        ("[)>\x1e06\x1d9N110375286414\x1e\x04", "not-ours", "unknown"),
        ("106141412345678909", "check-digit", "shipment"),
        ("]C100106141412345678909", "check-digit", "shipment"),
        ("]C10200309991234564", "check-digit", "shipment"),
        ("+A123BJC5D6E71H", "check-digit", "product"),
        ("]C191INTERNAL", "not-ours", "unknown"),
        ("00000000", "check-digit", "product"),
        ("000000000000", "check-digit", "product"),
        ("]E00000000000000", "check-digit", "product"),
        ("309991234564", "check-digit", "product"),
        ("]C096385074", "unknown-code", "unknown"),
        ("]C00100309991234563", "not-ours", "unknown"),
        ("]d10100309991234563172702001010LOT7A", "not-ours", "unknown"),
        ("]E0309991234563", "truncated", "product"),
        ("]E0B0042173", "unreadable", "product"),
        ("]E00309991234564", "check-digit", "product"),
        ("]E402345673", "ok", "product"),
        ("]I1123456", "truncated", "product"),
        ("96385074", "ok", "product"),
        ("96385075", "check-digit", "product"),
    ],
)
def test_what_names_nothing_here_is_told_as_such(text: str, outcome: str, kind: str) -> None:
    code = read(text, TODAY)
    assert (code.outcome, code.kind) == (outcome, kind)


def test_one_symbology_identifier_is_read_and_only_at_the_start() -> None:
    assert read("]C1]C10100309991234563", TODAY).outcome == "unreadable"
    assert read("]d20100309991234563", TODAY, aim=False).outcome == "unknown-code"
    assert read("]d20100309991234563", TODAY, aim=False).symbology is None


@given(anything, days, st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_text_on_any_day_makes_it_raise(text: str, today: dt.date, aim: bool) -> None:  # noqa: FBT001 -- drawn
    code = read(text, today, aim=aim)
    assert code.raw == text
    assert code.message
    assert code.outcome in set(Outcome)
    assert set(as_dict(code)) >= {"raw", "kind", "gtin", "outcome", "message"}
    assert code.message.isprintable()
    assert read(text, today, aim=aim, sends_separators=True).message


def test_codes_broken_in_every_way_keep_what_every_answer_promises() -> None:
    *_, found = texts.read_all(4_000)
    assert found.texts == 4_000
    assert {"ok", "check-digit", "separator-lost", "truncated", "ambiguous-ndc"} <= found.outcomes.keys()


@given(anything)
@settings(max_examples=200, deadline=None)
def test_a_refused_text_gives_no_data_of_itself(text: str) -> None:
    code = read(text, TODAY)
    data: tuple[object, ...] = (code.gtin, code.ndc12, code.lot, code.expiry, code.serial, code.quantity, code.own)
    data += (code.key, code.hibc, code.link_character, code.contents, code.indicator)
    assert code.outcome == "ok" or data == (None,) * len(data)
    assert code.outcome in ("ok", "ambiguous-ndc") or (code.ndc10, code.ndc_candidates, code.ais) == (None, (), ())


def test_separators_are_shown_to_people_and_taken_from_them() -> None:
    assert visible(f"10A{GS}21B\x07é") == r"10A<GS>21B\x07é"
    assert from_visible("10A<GS>21B{GS}30") == f"10A{GS}21B{GS}30"
    assert read("]d20100309991234563" + "10A<GS>21B", TODAY).serial is None


def test_reading_a_badge_does_not_load_the_gs1_tables() -> None:
    program = (
        "import sys, datetime\n"
        "from stations.scanning.codes import read, warm\n"
        "assert read('B0042173', datetime.date(2026, 3, 10)).outcome == 'ok'\n"
        "assert 'biip' not in sys.modules and 'evdev' not in sys.modules\n"
        "warm()\n"
        "assert 'biip' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_tables_can_be_loaded_before_the_first_scan() -> None:
    codes.warm()
    assert read("]d20100309991234563", TODAY).outcome == "ok"


@pytest.mark.parametrize("wrong", ["099912345", "09991234567", "099912345A", "٠٩٩٩١٢٣٤٥٦"])
def test_a_gtin_is_made_of_ten_digits_only(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected 10 digits"):
        ndc.gtin_of(wrong)


def test_a_gtin_and_the_ndc_in_it_lead_to_each_other() -> None:
    assert [ndc.gtin_of("0999123456", level) for level in (0, 1, 3, 5)] == GTINS[1:5]
    assert {ndc.ndc10_in_gtin(gtin) for gtin in GTINS[1:5]} == {"0999123456"}
    with pytest.raises(ValueError, match="expected 0 to 9"):
        ndc.gtin_of("0999123456", 10)
    with pytest.raises(ValueError, match="expected 10, 11 or 12 digits"):
        ndc.candidates("099912345")
    with pytest.raises(ValueError, match="expected the shape"):
        ndc.ndc12_of("0999123456")


# Two symbols of one package ---------------------------------------------------------------------------------------


def at(text: str) -> Code:
    return read(text, TODAY)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("00309991234563", "]C11727022810LOT7A", True),
        ("]e00100309991234563", "]C11727022810LOT7A", True),
        ("]d2010030999123456310LOT7A", "]C11727022810LOT7A", True),
        ("]d2010030999123456310LOT7B", "]C11727022810LOT7A", False),
        ("]d20100309991234563172702" + "27", "]C11727022810LOT7A", False),
        ("]d2010030999123456321S1", "]C121S2", False),
        ("]d2010030999123456330" + "12", "]C130" + "13", False),
        ("]d20100309991234563" + "70032603101630", "]C170032603101700", False),
        ("]C1715050999012345", "]C110LOT7A", True),
        ("0999-1234-56", "]C110LOT7A", True),
        ("0999123456", "]C110LOT7A", True),
        ("00309991234563", "00309991234563", False),
        ("]C110LOT7A", "]C121S1", False),
        ("00309991234564", "]C110LOT7A", False),
        ("00309991234563", "]C117270231", False),
        ("B0042173", "]C110LOT7A", False),
        ("B0042173", "00309991234563", False),
        ("106141412345678908", "00309991234563", False),
        ("00309991234564", "00309991234563", False),
        ("]C1414" + "0614141000012", "00309991234563", False),
        ("106141412345678908", "]C110LOT7A", False),
        ("]d201003099912345631777022810A", "]C110A", False),
        ("+H123RX04515", "+$$3270331LOT7A5J", True),
        ("+H123RX04515", "+$$3270331LOT7AX4", False),
        ("+H123RX0451/$LOT7A3", "+$$3270331LOT7A5J", True),
        ("+H123RX0451/$LOT7B4", "+$$3270331LOT7A5J", False),
        ("+H123RX04515", "]C110LOT7A", False),
        ("00309991234563", "+$$3270331LOT7A5J", False),
    ],
)
def test_symbols_join_only_where_nothing_speaks_against_it(one: str, other: str, may: bool) -> None:  # noqa: FBT001 - from the table
    assert joins(at(one), at(other)) is may
    assert joins(at(other), at(one)) is may


def test_an_expiry_that_is_not_believed_is_told_apart_from_one_that_is() -> None:
    code = at("]d201003099912345631777022810LOT7A")
    assert (code.outcome, code.expiry, code.doubted_expiry) == ("check-year", None, dt.date(1977, 2, 28))
    assert at("]d20100309991234563").doubted_expiry is None
