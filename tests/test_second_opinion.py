"""Where another reader of GS1 reads the same text, it reads the same."""

from __future__ import annotations

import datetime as dt

import biip
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stations.scanning.codes import Code, read
from stations.scanning.ndc import check_digit, gtin14, gtin_of
from stations.scanning.outcome import Kind

GS = "\x1d"
TODAY = dt.date(2026, 3, 10)
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
LONG_ENOUGH = {"01": 14, "00": 18, "11": 6, "17": 6, "02": 14, "414": 13}

names = st.text(SET_82, min_size=1, max_size=20)
gtins = st.from_regex(r"[0-9]{10}", fullmatch=True).map(gtin_of)
days = st.dates(dt.date(2000, 1, 1), dt.date(2035, 12, 31)).map(lambda day: f"{day:%y%m%d}")
whole = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("01", "02"), gtins),
        **dict.fromkeys(("10", "21", "240", "91", "8004"), names),
        **dict.fromkeys(("11", "17"), days),
        "00": st.from_regex(r"[0-9]{17}", fullmatch=True).map(lambda digits: digits + check_digit(digits)),
        "30": st.from_regex(r"[0-9]{1,8}", fullmatch=True),
        "37": st.from_regex(r"[0-9]{1,8}", fullmatch=True),
        "715": st.from_regex(r"[0-9]{12}", fullmatch=True),
        "414": st.from_regex(r"[0-9]{12}", fullmatch=True).map(lambda digits: digits + check_digit(digits)),
        "7003": days.map(lambda day: f"{day}1630"),
    },
)


def joined(fields: dict[str, str], order: list[str]) -> str:
    parts = [ai + fields[ai] + ("" if ai in LONG_ENOUGH else GS) for ai in order]
    return "]d2" + "".join(parts).removesuffix(GS)


def in_window(found: dt.date | None, expiry: dt.date | None) -> bool:
    """Whether two readings of six digits agree but for the century, which hangs on the day of the reading."""
    return (found and found.strftime("%y%m%d")) == (expiry and expiry.strftime("%y%m%d"))


def agrees(code: Code, text: str) -> None:
    message = biip.parse(text).gs1_message
    assert message is not None, code
    other = {element.ai.ai: element for element in message.element_strings}
    values = {ai: element.value for ai, element in other.items()}
    assert dict(code.ais) == values
    if code.kind not in (Kind.PRODUCT, Kind.SHIPMENT):
        assert code.key is not None
        assert code.key in text
        return
    assert (code.lot, code.serial, code.contents) == (values.get("10"), values.get("21"), values.get("02"))
    assert code.gtin == values.get("01")
    if "01" in other:
        gtin = other["01"].gtin
        assert gtin is not None
        assert gtin14(gtin.value) == code.gtin
    expiry = other.get("17") or other.get("7003")
    read_by_other = expiry and (expiry.date or (expiry.datetime and expiry.datetime.date()))
    assert in_window(read_by_other or None, code.expiry)


@given(whole, st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_what_is_read_here_is_read_so_elsewhere(fields: dict[str, str], chance: object) -> None:
    order = sorted(fields)
    chance.shuffle(order)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    text = joined(fields, order)
    code = read(text, TODAY)
    assume(code.outcome == "ok" and code.ais)
    agrees(code, text)


@given(st.sampled_from([8, 12, 13, 14]), st.from_regex(r"[1-9][0-9]{13}", fullmatch=True))
@settings(max_examples=150, deadline=None)
def test_a_bare_number_is_the_same_number_elsewhere(length: int, digits: str) -> None:
    number = digits[: length - 1]
    number += check_digit(number)
    code = read(number, TODAY)
    assume(code.outcome == "ok")
    gtin = biip.parse(number).gtin
    assert gtin is not None
    assert gtin14(gtin.value) == code.gtin


@given(gtins, st.text("ABC0123", min_size=1, max_size=20), days)
@settings(max_examples=60, deadline=None)
def test_a_web_address_is_the_same_package_elsewhere(gtin: str, lot: str, day: str) -> None:
    text = f"https://id.example/01/{gtin}/10/{lot}?17={day}"
    link = biip.parse(text).gs1_digital_link_uri
    code = read(text, TODAY)
    assert link is not None
    values = {element.ai.ai: element.value for element in link.element_strings}
    assert (code.gtin, code.lot, dict(code.ais)) == (values["01"], values["10"], values)
