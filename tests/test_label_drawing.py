"""Labels as pictures and as bytes: what is on them, what is refused, and what a printer makes of it.

The golden files under `golden/labels` are what the shipped labels look like (`.png`) and what is sent to print them
(`.bin`). After a change that was meant, look at the new pictures after drawing them again with

    KIOSK_DRAW_GOLDEN=1 pytest tests/test_label_drawing.py
"""

import os
from pathlib import Path

import pytest
from printing import PROFILES
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printers.canvas import Raster, grey_part
from printers.drawing import Drawing, draw, png
from printers.label import (
    BlankLine,
    Field,
    GapLine,
    LabelRefused,
    Layout,
    Line,
    ListLine,
    Mark,
    Paper,
    RuleLine,
    TextLine,
    samples,
)
from printers.layout import load
from printers.composing import compose
from printers.realtime import calmed
from printers.virtual import VirtualPrinter

LABELS = Path(__file__).parents[1] / "data" / "labels"
GOLDEN = Path(__file__).parent / "golden" / "labels"
SHIPPED = {path.stem: load(path) for path in sorted(LABELS.glob("*.toml"))}
BY_PAPER = {Paper.MM80: PROFILES["roll-80"], Paper.MM58: PROFILES["roll-58"]}
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
WHOLE = pytest.mark.parametrize("paper", list(Paper), ids=lambda paper: f"{paper:d}mm")


def printed(drawing: Drawing, paper: Paper) -> Raster:
    """The label as a printer would have put it on paper, without the feed after it."""
    printer = VirtualPrinter(paper)
    printer.send(compose(drawing, BY_PAPER[paper]))
    (sheet,) = printer.paper()
    assert printer.strays() == b""
    assert not any(sheet.rows[len(drawing.rows) :])
    return Raster(width=sheet.width, height=drawing.height, rows=sheet.rows[: len(drawing.rows)])


def codes_on(raster: Raster) -> list[tuple[str, str]]:
    grey = grey_part(raster, (0, 0), (raster.width, raster.height), 40)
    picture = Image.frombytes("L", (raster.width + 80, raster.height + 80), grey)
    return [(found.symbology_identifier, found.text) for found in zxingcpp.read_barcodes(picture)]


def of_lines(*lines: Line, sample: str | tuple[str, ...] = "x", max_length: int = 400) -> Layout:
    """A definition with one field, `it`."""
    field = Field(name="it", sample=sample, max_length=max_length)
    return Layout(id="X1", title="X", papers=tuple(Paper), fields=(field,), lines=lines)


PLAIN = of_lines(TextLine(text="{it}"))


# The shipped labels -----------------------------------------------------------------------------------------------


@WHOLE
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_label_is_drawn_and_sent_as_the_golden_files_show(name: str, paper: Paper) -> None:
    drawing = draw(SHIPPED[name], samples(SHIPPED[name]), paper)
    data = compose(drawing, BY_PAPER[paper])
    picture, sent = GOLDEN / f"{name}-{paper:d}.png", GOLDEN / f"{name}-{paper:d}.bin"
    if "KIOSK_DRAW_GOLDEN" in os.environ:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(png(drawing))
        sent.write_bytes(data)
    with Image.open(picture) as golden:
        assert (golden.mode, golden.size) == ("1", (drawing.width, drawing.height))
        assert golden.tobytes("raw", "1;I") == drawing.rows
    assert sent.read_bytes() == data


@WHOLE
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_the_code_of_a_shipped_label_reads_back_from_the_paper(name: str, paper: Paper) -> None:
    layout = SHIPPED[name]
    drawing = draw(layout, samples(layout), paper)
    assert [content for _, content in codes_on(printed(drawing, paper))] == [content for _, content in drawing.codes]
    contents = [content for _, content in drawing.codes]
    assert samples(layout).get("label_id", contents[0]) in contents


@WHOLE
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_printed_is_what_was_previewed_but_for_strips_moved_aside(name: str, paper: Paper) -> None:
    drawing = draw(SHIPPED[name], samples(SHIPPED[name]), paper)
    assert printed(drawing, paper).rows == calmed(drawing).rows


@WHOLE
def test_a_tamper_seal_says_from_to_items_counts_and_seal_in_this_order(paper: Paper) -> None:
    said = " ".join(draw(SHIPPED["T20"], samples(SHIPPED["T20"]), paper).text)
    wanted = [
        "TAMPER SEAL",
        "Central pharmacy",
        "Cabinet A4W",
        "3 x hydrALAZINE 25 mg tablet",
        "7 packages",
        "S-0004127",
    ]
    wanted += ["K00010A2", "AT", "BENCH-1", "2026-03-10 08:14", "P1"]
    places = [said.find(part) for part in wanted]
    assert -1 not in places
    assert places == sorted(places)


@WHOLE
def test_a_job_slip_says_what_was_done_what_is_due_and_the_head_of_the_record(paper: Paper) -> None:
    layout = SHIPPED["T07"]
    said = " ".join(draw(layout, samples(layout), paper).text)
    for part in (
        "Shift receipt",
        "07:02 Refill pick A4W - done",
        "deviation: 2 of 3 found",
        "2026-03-11 07:00",
        "K00011CT",
    ):
        assert part in said
    assert str(samples(layout)["journal_head"]) in said.replace(" ", "")


def test_a_line_whose_optional_field_is_empty_is_left_out() -> None:
    layout = SHIPPED["T20"]
    fields = {name: value for name, value in samples(layout).items() if name != "verified_by"}
    without = draw(layout, fields, Paper.MM80)
    assert not any("Verified" in line for line in without.text)
    assert draw(layout, fields | {"verified_by": " "}, Paper.MM80) == without


def test_a_reprint_says_so_across_its_top() -> None:
    layout = SHIPPED["T20"]
    first = draw(layout, samples(layout), Paper.MM58)
    again = draw(layout, samples(layout), Paper.MM58, marker="DUPLICATE 1 - REPRINTED 2026-03-10 09:00 {torn}")
    assert " ".join(again.text).startswith("DUPLICATE 1 - REPRINTED 2026-03-10 09:00 {torn} TAMPER SEAL")
    assert again.rows.endswith(first.rows)


# Nothing is lost --------------------------------------------------------------------------------------------------


@WHOLE
@settings(max_examples=60)
@given(
    texts=st.dictionaries(
        st.sampled_from(["label_id", "from", "to", "seal_no", "total"]), st.text(PRINTABLE, max_size=40)
    )
)
def test_a_field_is_drawn_whole_or_refused(paper: Paper, texts: dict[str, str]) -> None:
    layout = SHIPPED["T20"]
    try:
        drawing = draw(layout, {**samples(layout), **texts}, paper)
    except LabelRefused:
        return
    said = " ".join(drawing.text)
    for text in texts.values():
        assert " ".join(text.split()) in said


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_control_characters_never_reach_the_wire(code: int) -> None:
    with pytest.raises(LabelRefused, match=f"U\\+{code:04X}"):
        draw(PLAIN, {"it": f"LOT{chr(code)}21"}, Paper.MM80)


@WHOLE
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("inverse", [False, True])
def test_letters_stay_within_the_margins(paper: Paper, size: int, *, inverse: bool) -> None:
    words = "j gjpqy AWAY Wj fl ij " * 4
    drawing = draw(of_lines(TextLine(text="{it}", size=size, bold=True, inverse=inverse)), {"it": words}, paper)
    stride = drawing.width // 8
    assert not any(drawing.rows[::stride])
    assert not any(drawing.rows[stride - 1 :: stride])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "it: nothing was given"),
        ({"it": "  "}, "it: nothing was given"),
        ({"it": "x", "that": "y"}, "no field 'that'; it has it"),
        ({"it": ["x"]}, "a list was given, one text was expected"),
        ({"it": "x" * 31}, "has 31 characters, at most 30"),
        ({"it": "W" * 30}, "wider than its line"),
    ],
)
def test_values_that_do_not_fit_the_definition_are_refused(fields: dict[str, str | list[str]], told: str) -> None:
    with pytest.raises(LabelRefused, match=told):
        draw(of_lines(TextLine(text="{it}", size=2), max_length=30), fields, Paper.MM58)


@pytest.mark.parametrize(
    ("given_items", "told"),
    [("x", "one text was given, a list was expected"), ([], "nothing was given"), (["x", " "], "items is blank")],
)
def test_lists_that_do_not_fit_the_definition_are_refused(given_items: str | list[str], told: str) -> None:
    with pytest.raises(LabelRefused, match=told):
        draw(of_lines(ListLine(field="it"), sample=("x",)), {"it": given_items}, Paper.MM58)


def test_too_many_items_are_refused() -> None:
    with pytest.raises(LabelRefused, match="61 items were given, at most 60"):
        draw(of_lines(ListLine(field="it"), sample=("x",)), {"it": ["x"] * 61}, Paper.MM58)


def test_a_line_that_may_not_break_is_refused_rather_than_broken() -> None:
    unbroken = of_lines(TextLine(text="{it}", size=3, wrap=False))
    assert draw(unbroken, {"it": "one two"}, Paper.MM58).text == ("one two",)
    with pytest.raises(LabelRefused, match="does not fit on one line"):
        draw(unbroken, {"it": "one two three four"}, Paper.MM58)


def test_a_label_is_refused_on_paper_it_was_not_laid_out_for() -> None:
    narrow = Layout(id="X1", title="X", papers=(Paper.MM58,), fields=(), lines=(RuleLine(),))
    with pytest.raises(LabelRefused, match="X1 is not laid out for paper of 80 mm"):
        draw(narrow, {}, Paper.MM80)


@WHOLE
def test_every_kind_of_line_takes_its_place_from_the_top_down(paper: Paper) -> None:
    lines: tuple[Line, ...] = (
        TextLine(text="Head", caption="Above"),
        RuleLine(heavy=True),
        GapLine(mm=10),
        ListLine(field="it", mark=Mark.BOX),
        ListLine(field="it", mark=Mark.DASH),
        BlankLine(captions=("Signed", "On")),
    )
    drawing = draw(of_lines(*lines, sample=("x",)), {"it": ["one", "two"]}, paper)
    assert " ".join(drawing.text) == "Above Head one two one two Signed On"
    shorter = draw(of_lines(*(line for line in lines if not isinstance(line, GapLine))), {"it": "x"}, paper)
    assert drawing.height > shorter.height
