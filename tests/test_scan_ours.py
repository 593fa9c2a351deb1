"""Codes we print ourselves say what they are, and a misread one says so."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning import ours
from stations.scanning.codes import as_dict, read

TODAY = dt.date(2026, 3, 10)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHECKLISTS = ("automation.refill-pick", "automation.cycle-count", "surveillance.waste")

bodies = st.text(ALPHABET, min_size=1, max_size=10)
letters = st.sampled_from(sorted(set(ours.KINDS) - {"C"}))


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("badge", "B0042173 B0051085 B006220Q B007331X B0084423 B009553A B010664Q B020101R B020202H B030303K"),
        ("badge", "B040404F B050505A B0606065 B070707Z"),
        ("location", "L03A12Z L03B07F LA4W12X LTOTE1V LQUAR1K"),
        ("device", "DA4WX DF01W DROB1Z"),
        ("label", "K00001942C"),
        ("document", "P00127X"),
    ],
)
def test_a_code_of_ours_says_what_it_names(kind: str, codes: str) -> None:
    for text in codes.split():
        for scan in (text, f"]C0{text}", f"]d1{text}", f"]Q1{text}"):
            code = read(scan, TODAY)
            assert (code.outcome, code.kind, code.own) == ("ok", kind, text)
            assert as_dict(code)["gtin"] is None


def test_the_check_character_is_that_of_the_standard() -> None:
    assert ours.check_character("A12425GABC1234002") == "M"


@given(letters, bodies)
@settings(max_examples=60, deadline=None)
def test_what_is_made_is_read_back(letter: str, body: str) -> None:
    text = ours.own_code(letter, body)
    assert (read(text, TODAY).own, read(text, TODAY).kind) == (text, ours.KINDS[letter])


@given(letters, bodies, st.integers(0, 11), st.sampled_from(ALPHABET))
@settings(max_examples=100, deadline=None)
def test_one_wrong_character_never_makes_another_code_of_ours(letter: str, body: str, at: int, other: str) -> None:
    text = ours.own_code(letter, body)
    at %= len(text)
    wrong = text[:at] + other + text[at + 1 :]
    assert wrong == text or not ours.is_ours(wrong)
    assert wrong == text or read(wrong, TODAY).own is None


def test_two_neighbours_swapped_hardly_ever_make_another_code_of_ours() -> None:
    # ISO/IEC 7064 promises nearly all of them for its hybrid systems, not all: B1001 and B1010 are both whole.
    chance = random.Random(7)  # noqa: S311 - the same codes each time
    missed = swapped = 0
    for _ in range(20_000):
        body = "".join(chance.choices(ALPHABET, k=chance.randint(1, 10)))
        text = ours.own_code(chance.choice("BLDKTPC"), body)
        at = chance.randrange(len(text) - 1)
        other = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        swapped += other != text
        missed += other != text and ours.is_ours(other)
    assert missed / swapped < 0.005
    assert ours.is_ours("B1001")
    assert ours.is_ours("B1010")


@pytest.mark.parametrize("text", ["B0042174", "L03A12Y", "P00127Y", "CCONFIRM", "C71"])
def test_a_misread_code_of_ours_is_told_and_keeps_the_kind_it_claims(text: str) -> None:
    code = read(text, TODAY)
    assert (code.outcome, code.kind, code.own) == ("check-digit", ours.KINDS[text[0]], None)


@pytest.mark.parametrize(
    "text", ["]E4B0042173", "]d2B0042173", "b0042173", " B0042173", "B", "B0042173B0042173", "A0042173"]
)
def test_what_is_not_printed_by_us_is_not_taken_for_ours(text: str) -> None:
    assert read(text, TODAY).own is None
    assert read(text, TODAY).outcome != "ok"


@pytest.mark.parametrize("word", ours.COMMANDS)
def test_every_word_of_the_command_sheet_comes_back(word: str) -> None:
    code = read(ours.command_code(word), TODAY)
    assert (code.outcome, code.kind, code.command) == ("ok", "command", word)


def test_the_command_sheet_has_every_word_a_person_can_press_and_every_digit() -> None:
    words = {"confirm", "back", "done", "cancel", "yes", "no", "reprint", "hold", "sign-out", "lock", "help"}
    assert set(ours.COMMANDS) == words | set("0123456789")
    assert len({ours.command_code(word) for word in ours.COMMANDS}) == len(ours.COMMANDS)


@pytest.mark.parametrize("checklist", CHECKLISTS)
def test_a_checklist_has_a_command_code_that_opens_it_and_no_other(checklist: str) -> None:
    text = ours.checklist_code(checklist)
    code = read(text, TODAY)
    assert (code.outcome, code.own, code.command) == ("ok", text, None)
    assert ours.checklist_of(text, CHECKLISTS) == checklist
    assert ours.checklist_of(text, set(CHECKLISTS) - {checklist}) is None


def test_a_command_that_is_on_no_sheet_is_unknown() -> None:
    code = read(ours.own_code("C", "LAUNCH"), TODAY)
    assert (code.outcome, code.kind, code.command) == ("unknown-code", "command", None)


@pytest.mark.parametrize(
    ("letter", "body"), [("A", "1"), ("BB", "1"), ("B", ""), ("B", "a"), ("B", "12345678901"), ("B", "1-2"), ("B", "٣")]
)
def test_no_code_is_made_of_what_cannot_stand_in_one(letter: str, body: str) -> None:
    with pytest.raises(ValueError, match="expected one"):
        ours.own_code(letter, body)


def test_no_command_code_is_made_of_a_word_nobody_can_press() -> None:
    with pytest.raises(ValueError, match="is no command; expected one of confirm"):
        ours.command_code("launch")


GERMAN = str.maketrans("YZ", "ZY")
FR_DIGITS_READ_AS_US = str.maketrans("1234567890AQZWM", "!@#$%^&*()QAWZ:")
US_READ_AS_FR = str.maketrans("1234567890AQZWM", "&é\"'(-è_çàQAWZ?")
"""The same keys on two keyboards: capital letters with shift, digits of the American one without."""


@pytest.mark.parametrize("code", ["B0042173", "L03A12Z", "DA4WX", "K00001942C", "P00127X", "CSIGNOUTK"])
def test_capital_and_small_letters_exchanged_are_explained(code: str) -> None:
    for scan in (code.lower(), f"]c0{code.lower()}", f"]D1{code.lower()}"):
        found = read(scan, TODAY)
        assert (found.outcome, found.kind, found.own) == ("unreadable", ours.KINDS[code[0]], None)
        assert "Caps Lock" in found.message
        assert code not in found.message


@pytest.mark.parametrize(
    ("scan", "says"),
    [
        ("B0042173".translate(FR_DIGITS_READ_AS_US), "types for a French keyboard and is read as a US"),
        ("L03A12Z".translate(FR_DIGITS_READ_AS_US), "types for a French keyboard and is read as a US"),
        ("B0042173".translate(US_READ_AS_FR), "types for a US keyboard and is read as a French"),
        (ours.own_code("L", "Y12").translate(GERMAN), "types for a US keyboard and is read as a German"),
        (ours.own_code("L", "Z12").translate(GERMAN), "types for a US keyboard and is read as a German"),
    ],
)
def test_a_code_typed_for_another_keyboard_is_explained(scan: str, says: str) -> None:
    code = read(scan, TODAY)
    assert (code.outcome, code.own) == ("unreadable", None)
    assert says in code.message
    assert "check card" in code.message


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("b0042174", "unknown-code"),
        ("block", "unknown-code"),
        ("L03A12Y", "check-digit"),
        ("B0042174", "check-digit"),
        ("xyb0042173", "unknown-code"),
        (ours.own_code("C", "LAUNCH").lower(), "unknown-code"),
        ("b0042173" * 3, "unknown-code"),
    ],
)
def test_nothing_is_said_of_the_scanner_that_the_check_character_does_not_prove(text: str, outcome: str) -> None:
    assert read(text, TODAY).outcome == outcome


@given(letters, bodies)
@settings(max_examples=100, deadline=None)
def test_a_code_of_ours_that_comes_as_printed_is_never_called_mistyped(letter: str, body: str) -> None:
    assert read(ours.own_code(letter, body), TODAY).outcome == "ok"
    wrong = read(ours.own_code(letter, body).swapcase(), TODAY)
    assert (wrong.outcome, wrong.own) != ("ok", None)
