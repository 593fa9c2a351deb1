"""The letters on a label: which characters are let through, how the rest is spelled, where lines break."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from printers import lettering
from printers.label import LabelRefused
from printers.lettering import can_be_wrapped, evenly_wrapped, fits, spelled, wrapped

LETTERS = ImageFont.load_default(24)


def draws(character: str) -> bool:
    """Whether the letters of a label have this character at all, and not a box in its place."""
    missing = LETTERS.getmask("\ue000", mode="1")
    return bytes(LETTERS.getmask(character, mode="1")) != bytes(missing)


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


TEXTS = st.text(string.ascii_letters + "     ", max_size=60).map(lambda text: " ".join(text.split()))


@settings(max_examples=100)
@given(text=TEXTS, room=st.integers(8, 30))
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
        ("penicillin 5 million units", 16, ("penicillin", "5 million units")),
        ("inject 1 million IU", 14, ("inject", "1 million IU")),
        ("vitamin 400 IU", 9, ("vitamin", "400 IU")),
        ("folate 5 micrograms", 14, ("folate", "5 micrograms")),
        ("paste 30 grams", 9, ("paste", "30 grams")),
        ("take 1 tsp", 7, ("take", "1 tsp")),
        ("put 2 drops", 7, ("put", "2 drops")),
        ("take 1 tablet", 9, ("take", "1 tablet")),
        ("take 2 tablets", 9, ("take", "2 tablets")),
        ("take 30 capsules", 12, ("take", "30 capsules")),
        ("pack 4 vials", 8, ("pack", "4 vials")),
        ("pack 4 syringes", 11, ("pack", "4 syringes")),
        ("take 2 tabletops", 9, ("take 2", "tabletops")),
    ],
)
def test_a_number_stays_with_its_unit_and_a_not_with_its_word_where_there_is_room(
    text: str, room: int, lines: tuple[str, ...]
) -> None:
    assert wrapped(text, room, len) == lines


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("A4W - done", 6, ("A4W -", "done")),
        ("cabinet A4W - done", 11, ("cabinet", "A4W - done")),
        ("NEW - hydrALAZINE", 14, ("NEW -", "hydrALAZINE")),
        ("over -", 5, ("over", "-")),
        ("handed over -", 11, ("handed", "over -")),
        ("a - - b", 5, ("a - -", "b")),
        ("less -5 to go", 6, ("less", "-5 to", "go")),
    ],
)
def test_no_line_begins_with_a_dash_where_there_is_room(text: str, room: int, lines: tuple[str, ...]) -> None:
    assert wrapped(text, room, len) == lines


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("Keep at 2 \u00b0C to 8 \u00b0C", 17, ("Keep at", "2 \u00b0C to 8 \u00b0C")),
        ("100231 to 100240", 12, ("100231 to", "100240")),
        ("Kits 100231 to 100240", 16, ("Kits", "100231 to 100240")),
        ("up to 3 a day", 6, ("up to", "3 a", "day")),
        ("Keep at -25 \u00b0C to -15 \u00b0C", 20, ("Keep at", "-25 \u00b0C to -15 \u00b0C")),
        ("Freeze at -25 to -15 \u00b0C", 14, ("Freeze at", "-25 to -15 \u00b0C")),
    ],
)
def test_a_range_stays_whole_where_there_is_room(text: str, room: int, lines: tuple[str, ...]) -> None:
    assert wrapped(text, room, len) == lines


def test_a_date_stays_with_its_time_where_there_is_room() -> None:
    text = "Use before 2026-03-11 20:00"
    assert wrapped(text, 21, len) == ("Use before", "2026-03-11 20:00")
    assert wrapped(text, 15, len) == ("Use before", "2026-03-11", "20:00")
    assert not fits(text, 15, len)


@settings(max_examples=100)
@given(text=st.text("abcdefg25- /mL", max_size=40), room=st.integers(3, 20))
def test_what_can_be_wrapped_is_wrapped_and_what_cannot_is_refused(text: str, room: int) -> None:
    text = " ".join(text.split())
    if can_be_wrapped(text, room, len):
        wrapped(text, room, len)
        return
    with pytest.raises(LabelRefused, match="is wider than its line"):
        wrapped(text, room, len)


def test_a_strength_too_wide_for_a_line_is_parted_after_its_slash_and_its_numbers_keep_their_units() -> None:
    assert wrapped("heparin 25,000 units/250 mL bag", 16, len) == ("heparin", "25,000 units/", "250 mL bag")
    assert wrapped("25,000 units/250 mL", 12, len) == ("25,000", "units/250 mL")
    assert wrapped("1 g/1 mL/1 L", 8, len) == ("1 g/", "1 mL/1 L")


@pytest.mark.parametrize("word", ["LOTA/123456789", "25mg/250000000", "A/Placebocapsule"])
def test_a_slash_alone_is_no_place_to_part_a_word(word: str) -> None:
    with pytest.raises(LabelRefused, match="is wider than its line"):
        wrapped(word, 10, len)


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("25,000 units/250 mL", 19),
        ("heparin 25,000 units/250 mL", 19),
        ("QUARANTINE - DO NOT USE", 12),
        ("Do not use", 10),
        ("5\u00a0x\u00a0hydrALAZINE", 15),
        ("2 \u00b0C to 8 \u00b0C", 12),
        ("sulfamethoxazole-trimethoprim", 29),
    ],
)
def test_what_belongs_together_fits_where_it_is_wrapped_whole_and_not_in_less(text: str, room: int) -> None:
    assert fits(text, room, len)
    assert not fits(text, room - 1, len)


def test_a_text_of_no_words_fits_anywhere() -> None:
    assert fits("", 0, len)


@settings(max_examples=100)
@given(text=TEXTS, room=st.integers(8, 30))
def test_even_lines_are_as_few_and_hold_the_same_words_and_no_narrower_column_would_do(text: str, room: int) -> None:
    try:
        greedy = wrapped(text, room, len)
    except LabelRefused:
        with pytest.raises(LabelRefused):
            evenly_wrapped(text, room, len)
        return
    even = evenly_wrapped(text, room, len)
    assert (len(even), " ".join(even)) == (len(greedy), text)
    width = max(map(len, even), default=0)
    assert width <= max(map(len, greedy), default=0)
    if len(even) > 1 and fits(text, width - 1, len):
        assert len(wrapped(text, width - 1, len)) > len(even)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("hydrALAZINE 25 mg tablet", 20, ("hydrALAZINE", "25 mg tablet")),
        ("hydrALAZINE 25 mg tablet", 24, ("hydrALAZINE 25 mg tablet",)),
        ("Take 1 capsule by mouth every day", 30, ("Take 1 capsule by", "mouth every day")),
        ("a 25 mg", 5, ("a", "25 mg")),
        ("25,000 units/250 mL", 16, ("25,000 units/", "250 mL")),
        ("", 5, ("",)),
    ],
)
def test_no_word_stands_alone_under_a_full_line(text: str, room: int, lines: tuple[str, ...]) -> None:
    assert evenly_wrapped(text, room, len) == lines
