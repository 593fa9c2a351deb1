"""The letters on a label: which characters are let through, how the rest is spelled, where lines break."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from printers import lettering
from printers.canvas import draws
from printers.label import LabelRefused
from printers.lettering import spelled, wrapped


@settings(max_examples=60)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@example("caf\u00e9 50 \u00b5g")
@example("LOT\x1d21")
@example("\u200b")
def test_any_text_at_all_is_spelled_in_letters_that_can_be_drawn_or_refused(text: str) -> None:
    try:
        plain = spelled(text)
    except LabelRefused:
        return
    assert plain.isprintable() or lettering.GLUE in plain
    assert spelled(plain) == plain
    assert all(letter in {" ", lettering.GLUE} or draws(letter) for letter in plain)


@pytest.mark.parametrize("letter", sorted(spelled("".join(map(chr, range(0x20, 0x7F))) + " \u00b0\u00b1")))
def test_every_letter_that_is_let_through_can_be_drawn(letter: str) -> None:
    assert letter == " " or draws(letter)


@pytest.mark.parametrize("micro", ["\u00b5", "\u03bc"])
@pytest.mark.parametrize("unit", ["g", "L", "m", "M", "mol", "g/mL", "L."])
def test_both_micro_signs_are_written_out_before_a_unit(micro: str, unit: str) -> None:
    assert spelled(f"5 {micro}{unit}") == f"5 mc{unit}"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("50 \u00b5g", "50 mcg"),
        ("50 \u03bcg/mL", "50 mcg/mL"),
        ("5 \u00b5L", "5 mcL"),
        ("5\u03bcL x 3", "5mcL x 3"),
        ("10 \u00b5mol/L", "10 mcmol/L"),
        ("2 \u00b5M", "2 mcM"),
        ("a 0.22 \u00b5m filter", "a 0.22 mcm filter"),
        ("1\u00bd tablets", "1\u00a01/2 tablets"),
        ("\u00bd tablet", "1/2 tablet"),
        ("2\u20138 \u00b0C", "2-8 \u00b0C"),
        ("\u2265 3 \u00d7 10", ">= 3 x 10"),
        ("O\u2019Neil", "O'Neil"),
        ("Nu\u0301n\u0303ez", "Nunez"),
        ("Tylenol\u2122", "Tylenol"),
        ("  two   spaces ", "two spaces"),
        ("\u00a0", ""),
        ("hydrALAZINE", "hydrALAZINE"),
    ],
)
def test_look_alike_characters_are_written_in_plain_ones(text: str, plain: str) -> None:
    assert spelled(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "5 \u00b5",
        "\u03bc",
        "\u00b5-law",
        "\u00b5Gx",
        "a \u2260 b",
        "\u226f 3",
        "\u4e2d",
        "\u200bx",
        "\u202etxt",
        "\U0001f48a",
        "\ufb01x",
        "\u0301",
    ],
)
def test_what_has_no_spelling_is_refused_by_name(text: str) -> None:
    with pytest.raises(LabelRefused, match=r"U\+[0-9A-F]{4,5} \("):
        spelled(text)


@settings(max_examples=100)
@given(
    text=st.text(string.ascii_letters + "     ", max_size=60).map(lambda text: " ".join(text.split())),
    room=st.integers(8, 30),
)
def test_words_are_never_broken(text: str, room: int) -> None:
    try:
        lines = wrapped(text, room, len)
    except LabelRefused:
        assert any(len(word) > room for word in text.split())
        return
    assert " ".join(lines) == text
    assert all(len(line) <= room for line in lines)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("hydrALAZINE 25 mg tablet", 16, ("hydrALAZINE", "25 mg tablet")),
        ("heparin 25,000 units/250 mL bag", 26, ("heparin", "25,000 units/250 mL bag")),
        ("keep at 2-8 \u00b0C", 12, ("keep at", "2-8 \u00b0C")),
        ("take 3 gloves", 7, ("take 3", "gloves")),
        ("dose 25 mg", 4, ("dose", "25", "mg")),
        ("stay\u00a0close now", 11, ("stay close", "now")),
        ("QUARANTINE - DO NOT USE", 17, ("QUARANTINE -", "DO NOT USE")),
        ("NOT FOR RE-DISPENSING", 15, ("NOT FOR", "RE-DISPENSING")),
        ("It is not opened", 12, ("It is", "not opened")),
        ("Do not use", 7, ("Do not", "use")),
    ],
)
def test_a_number_stays_with_its_unit_and_a_not_with_its_word_where_there_is_room(
    text: str, room: int, lines: tuple[str, ...]
) -> None:
    assert wrapped(text, room, len) == lines
