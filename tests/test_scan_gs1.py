"""An element string is believed whole or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning.codes import Code, read
from stations.scanning.gs1 import identifiers
from stations.scanning.ndc import check_digit, gtin_of

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


@pytest.mark.parametrize("ai", ["11", "12", "13", "15", "16", "17"])
def test_an_impossible_date_refuses_the_code_whatever_it_means(ai: str) -> None:
    assert gs(f"{ITEM}{ai}270230").outcome == "invalid-date"


@pytest.mark.parametrize("ai", ["11", "13", "15"])
def test_no_other_date_is_taken_for_an_expiry(ai: str) -> None:
    assert (gs(f"{ITEM}{ai}270228").expiry, gs(f"{ITEM}{ai}270228").outcome) == (None, "ok")


@pytest.mark.parametrize(
    ("value", "outcome"),
    [("270228", "ok"), ("270228270301", "ok"), ("270228270230", "invalid-date"), ("270200", "invalid-date")],
)
def test_both_ends_of_a_harvest_date_are_days(value: str, outcome: str) -> None:
    assert gs(f"{ITEM}7007{value}").outcome == outcome


def test_an_expiry_with_a_time_says_the_day_and_the_time() -> None:
    code = gs(f"{ITEM}70032603101630")
    assert (code.expiry, code.expiry_time, code.expiry_precision) == (dt.date(2026, 3, 10), dt.time(16, 30), "day")
    assert gs(f"{ITEM}70032603102460").outcome == "invalid-date"
    assert gs(f"{ITEM}70032603001630").outcome == "invalid-date"
    assert gs(f"{ITEM}17280200~70032802291630").expiry == dt.date(2028, 2, 29)
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


# What a message names ---------------------------------------------------------------------------------------------

SSCC = "106141412345678908"
GLN = "0614141000012"
GSRN = "061414112345678902"


@pytest.mark.parametrize(
    ("text", "kind", "key", "quantity"),
    [
        (f"00{SSCC}", "shipment", SSCC, None),
        (f"00{SSCC}02003099912345633712~10LOT7A", "shipment", SSCC, 12),
        (f"3712~00{SSCC}0200309991234563", "shipment", SSCC, 12),
        ("020030999123456337120", "shipment", None, 120),
        ("0200309991234563", "shipment", None, None),
        (f"00{SSCC}400PO-7~42090048", "shipment", SSCC, None),
        (f"414{GLN}", "location", GLN, None),
        (f"414{GLN}254W4/12", "location", f"{GLN}-W4/12", None),
        (f"254W4/12~414{GLN}", "location", f"{GLN}-W4/12", None),
        ("80040614141FRIDGE1", "device", "0614141FRIDGE1", None),
        ("8004061414121171727", "device", "061414121171727", None),
        (f"8018{GSRN}", "patient", GSRN, None),
        (f"8018{GSRN}~801912", "patient", GSRN, None),
        (f"8017{GSRN}", "badge", GSRN, None),
    ],
)
def test_a_number_of_something_else_than_a_product_says_what_it_names(
    text: str, kind: str, key: str | None, quantity: int | None
) -> None:
    code = gs(text)
    assert (code.outcome, code.kind, code.key, code.quantity) == ("ok", kind, key, quantity), code.message
    assert (code.own, code.gtin, code.names_product) == (None, None, False)


def test_what_a_shipment_holds_is_no_product_in_the_hand() -> None:
    code = gs(f"00{SSCC}02003099912345633712~10LOT7A~17270228")
    assert (code.contents, code.lot, code.expiry) == ("00309991234563", "LOT7A", dt.date(2027, 2, 28))
    assert (code.gtin, code.names_product) == (None, False)
    assert read(SSCC, TODAY).key == SSCC


def test_a_logistic_unit_that_is_itself_a_product_is_that_product() -> None:
    assert gs(f"00{SSCC}{ITEM}").gtin == "00309991234563"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (f"{ITEM}414{GLN}", "unreadable"),
        (f"{ITEM}8018{GSRN}", "unreadable"),
        (f"8017{GSRN}~8018{GSRN}", "unreadable"),
        (f"414{GLN}8004FRIDGE1", "unreadable"),
        (f"{ITEM}8006003099912345630102", "unreadable"),
        ("254W4", "not-ours"),
        ("3712", "not-ours"),
        ("8006003099912345630102", "not-ours"),
        (f"410{GLN}", "not-ours"),
        (f"253{GLN}DOC1", "not-ours"),
        ("0300309991234563", "not-ours"),
        ("91INTERNAL", "not-ours"),
        ("90B0042173~91L03A12Z", "not-ours"),
    ],
)
def test_what_names_two_things_or_nothing_here_is_refused(text: str, outcome: str) -> None:
    code = gs(text)
    assert (code.outcome, code.key, code.own, code.ais) == (outcome, None, None, ())


NUMBERED = [
    *(("00", 18, ""), ("01", 14, ""), ("02", 14, "3712"), ("03", 14, ""), ("253", 13, "DOC1"), ("255", 13, "1")),
    *((ai, 13, "") for ai in ("410", "411", "412", "413", "414", "415", "416", "417")),
    *(("402", 17, ""), ("8006", 14, "0102"), ("8017", 18, ""), ("8018", 18, ""), ("8026", 14, "0102")),
]


@pytest.mark.parametrize(("ai", "length", "more"), NUMBERED)
def test_every_check_digit_is_verified(ai: str, length: int, more: str) -> None:
    payload = "614141234567891234"[: length - 1]
    right = check_digit(payload)
    for digit in "0123456789":
        assert (gs(f"{ai}{payload}{digit}{more}").outcome == "check-digit") == (digit != right)
    assert gs(f"{ai}{'0' * length}{more}").outcome == "check-digit"
    assert gs(f"80030614141234567{check_digit('614141234567')}").outcome == "not-ours"
    assert gs(f"80030{'614141234567'}{int(check_digit('614141234567')) ^ 1}").outcome == "check-digit"


@pytest.mark.parametrize(
    ("text", "lot", "expiry", "serial", "quantity"),
    [
        ("1727020010LOT7A", "LOT7A", "2027-02-28", None, None),
        ("10LOT7A~17270200", "LOT7A", "2027-02-28", None, None),
        ("21S0001", None, None, "S0001", None),
        ("30100", None, None, None, 100),
        ("70032603101630", None, "2026-03-10", None, None),
        ("11250101~240REF-7~91X", None, None, None, None),
        ("3103000125", None, None, None, None),
    ],
)
def test_facts_of_a_package_without_its_product_ask_for_the_other_symbol(
    text: str, lot: str | None, expiry: str | None, serial: str | None, quantity: int | None
) -> None:
    code = gs(text)
    assert (code.outcome, code.kind, code.names_product) == ("ok", "product", False)
    found = (code.lot, str(code.expiry) if code.expiry else None, code.serial, code.quantity)
    assert found == (lot, expiry, serial, quantity)
    assert "the other symbol of the package" in code.message


def test_a_national_number_alone_names_the_product() -> None:
    code = gs("715050999012345")
    assert (code.outcome, code.ndc12, code.gtin, code.names_product) == ("ok", "050999-0123-45", None, True)
    assert not gs("715X1").names_product


@pytest.mark.parametrize("text", ["90B0042173", "91B0042173", "99B0042173~91XYZ", "91L03A12Z", "92K00001942C"])
def test_our_own_code_may_travel_as_internal_data(text: str) -> None:
    code = gs(text)
    own = next(part[2:] for part in text.split("~") if part[2:] != "XYZ")
    assert (code.outcome, code.own, code.key) == ("ok", own, own)
    assert gs(f"91{own[:-1]}{'0' if own[-1] != '0' else '1'}").own is None
    assert gs(f"{text}~10LOT7A").own is None


# What is known of the scanner's separators ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unknown", "proved"),
    [
        (f"{ITEM}1728020010240211305", "separator-lost", "ok"),
        (f"{ITEM}10LOT7A3012", "separator-lost", "ok"),
        (f"{ITEM}10LOT7A240X", "separator-lost", "ok"),
        (f"{ITEM}10AB21S0001", "separator-lost", "ok"),
        (f"{ITEM}10ABC21S0001", "separator-lost", "separator-lost"),
        (f"{ITEM}10A17280200", "separator-lost", "separator-lost"),
        (f"{ITEM}10LOT3712", "ok", "ok"),
        ("020030999123456310LOT3712", "separator-lost", "separator-lost"),
        (f"{ITEM}10LOT7A21S001", "separator-lost", "ok"),
        (f"{ITEM}10LOT7A21S0001", "separator-lost", "separator-lost"),
        (f"{ITEM}21S000110LOT", "separator-lost", "separator-lost"),
        (f"{ITEM}21S000110LO", "separator-lost", "ok"),
        (f"{ITEM}10LOT7A17280200", "separator-lost", "separator-lost"),
        (f"{ITEM}10LOT7A17280200" + "21S", "separator-lost", "ok"),
        (f"10LOT7A{ITEM}", "separator-lost", "separator-lost"),
        (f"{ITEM}10{'A' * 25}", "separator-lost", "separator-lost"),
    ],
)
def test_a_scanner_proved_to_send_separators_is_suspected_only_of_what_a_maker_left_out(
    text: str, unknown: str, proved: str
) -> None:
    assert gs(text).outcome == unknown
    assert read(f"]d2{text}", TODAY, sends_separators=True).outcome == proved


@given(st.text("0123456789", min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_lot_of_digits_is_read_as_it_stands_or_refused(lot: str) -> None:
    code = read(f"]d2{ITEM}1727020010{lot}", TODAY, sends_separators=True)
    assert (code.outcome, code.lot) in {("ok", lot), ("separator-lost", None)}
    assert len(lot) > 9 or code.outcome == "ok"


def test_a_hostile_text_is_answered_as_fast_as_any_other() -> None:
    assert gs("4302" + "%AA%AA" * 600).outcome == "separator-lost"
    assert gs("4302" + "%AA%AA" * 11).outcome == "not-ours"


def test_no_pattern_of_the_table_reads_one_character_in_two_ways() -> None:
    """Two ways to read a percent sign double the work with each: a hostile text would hold the bench for ever."""
    found = [identifiers.identifier_of(f"{number:04}") for number in range(10_000)]
    patterns = {each.pattern.pattern for each in found if each is not None}
    assert len(patterns) > 100
    assert not [pattern for pattern in patterns if "|%[" in pattern]
    assert [pattern for pattern in patterns if "%" in pattern]
