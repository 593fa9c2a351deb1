"""Labels as pictures and as bytes: what is on them, what is refused, and what a printer makes of it.

The golden files that the shipped labels are compared with are drawn by `golden_labels.py` alone.
"""

import pytest
from golden_labels import GOLDEN, files, is_pictured, shipped
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from on_paper import BY_PAPER, of_lines, printed

from printers.blocks import MARGIN
from printers.composing import compose
from printers.drawing import Drawing, Filled, draw
from printers.label import (
    BlankLine,
    CodeLine,
    Field,
    GapLine,
    LabelRefused,
    Layout,
    Line,
    ListLine,
    Mark,
    Paper,
    RuleLine,
    Symbology,
    TextLine,
    samples,
)
from printers.realtime import calmed

SHIPPED = shipped()
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
WHOLE = pytest.mark.parametrize("paper", list(Paper), ids=lambda paper: f"{paper:d}mm")


PLAIN = of_lines(TextLine(text="{it}"))


# The shipped labels -----------------------------------------------------------------------------------------------


@WHOLE
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_label_is_drawn_and_sent_as_the_golden_files_show(name: str, paper: Paper) -> None:
    drawing = draw(SHIPPED[name], samples(SHIPPED[name]), paper)
    picture, sent = files(SHIPPED[name], paper)
    assert picture.exists(), "look at the new label, then draw the golden files with golden_labels.py"
    assert is_pictured(drawing, picture)
    assert sent.read_bytes() == compose(drawing, BY_PAPER[paper])


def test_there_is_no_golden_file_of_a_label_that_is_not_shipped() -> None:
    kept = {file for layout in SHIPPED.values() for paper in layout.papers for file in files(layout, paper)}
    assert set(GOLDEN.iterdir()) <= kept


@WHOLE
@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_printed_is_what_was_previewed_but_for_strips_moved_aside(name: str, paper: Paper) -> None:
    drawing = draw(SHIPPED[name], samples(SHIPPED[name]), paper)
    assert printed(drawing, paper).rows == calmed(drawing).rows


def test_a_line_whose_optional_field_is_empty_is_left_out() -> None:
    layout = SHIPPED["T20"]
    fields = {name: value for name, value in samples(layout).items() if name != "verified_by"}
    without = draw(layout, fields, Paper.MM80)
    assert not any("Verified" in line for line in without.text)
    assert draw(layout, fields | {"verified_by": " "}, Paper.MM80) == without


MARK = {"duplicate": "1", "reprinted": "2026-03-10 09:00", "reason": "{torn}", "replaces": "K00010A2"}


@WHOLE
def test_a_reprint_says_so_across_its_top_and_the_label_stands_below_as_it_was(paper: Paper) -> None:
    layout = SHIPPED["T20"]
    first = draw(layout, samples(layout), paper)
    again = draw(layout, samples(layout), paper, above=Filled(layout=SHIPPED["T23"], fields=MARK))
    said = " ".join(again.text)
    assert said.startswith("DUPLICATE 1 - REPRINTED 2026-03-10 09:00 {torn} ")
    assert said.index("K00010A2") < said.index("TAMPER SEAL")
    assert again.rows.endswith(first.rows)


def test_the_mark_of_a_reprint_brings_no_code_of_its_own() -> None:
    layout = SHIPPED["T20"]
    whole_mark = Filled(layout=SHIPPED["T23"], fields=samples(SHIPPED["T23"]))
    assert SHIPPED["T23"].fields
    assert (
        draw(layout, samples(layout), Paper.MM80, above=whole_mark).codes
        == draw(layout, samples(layout), Paper.MM80).codes
    )


def test_a_mark_that_lacks_its_reason_is_refused() -> None:
    layout = SHIPPED["T20"]
    with pytest.raises(LabelRefused, match="T23, field reason: nothing was given"):
        draw(layout, samples(layout), Paper.MM80, above=Filled(layout=SHIPPED["T23"], fields={**MARK, "reason": ""}))


def test_each_item_of_a_list_may_be_white_on_a_band_of_its_own() -> None:
    line = ListLine(field="it", size=2, bold=True, inverse=True, mark=Mark.DASH)
    layout = of_lines(line, sample=("x",))
    one, two = (draw(layout, {"it": items}, Paper.MM58) for items in (["HIGH ALERT"], ["HIGH ALERT", "HAZARDOUS"]))
    plain = draw(of_lines(structs.replace(line, inverse=False), sample=("x",)), {"it": ["HIGH ALERT"]}, Paper.MM58)
    assert two.text == ("HIGH ALERT", "HAZARDOUS")
    assert two.rows.startswith(one.rows[: len(one.rows) // 2])
    assert ink(one) > one.width * one.height // 3 > 3 * ink(plain) // 2


def test_a_list_may_leave_room_to_write_under_each_item() -> None:
    layout = of_lines(ListLine(field="it", blanks=("Counted", "Unit")), sample=("x",))
    assert draw(layout, {"it": ["one", "two"]}, Paper.MM58).text == ("one", "Counted", "Unit", "two", "Counted", "Unit")


def test_a_caption_that_is_wide_stands_above_its_words_and_never_on_them() -> None:
    wide, narrow = (
        draw(of_lines(TextLine(text="{it}", caption=caption)), {"it": "x"}, Paper.MM80)
        for caption in ("Beyond-use date and time", "Use by")
    )
    assert wide.text == ("Beyond-use date and time", "x")
    assert narrow.text == ("Use by x",)
    assert wide.height > narrow.height


def ink(drawing: Drawing) -> int:
    return int.from_bytes(drawing.rows).bit_count()


def test_a_value_that_was_given_is_never_left_out_with_another() -> None:
    fields = tuple(Field(name=name, sample="x", max_length=9, optional=True) for name in ("lot", "serial", "id"))
    lines: tuple[Line, ...] = (
        TextLine(text="{lot} {serial}"),
        CodeLine(field="id", symbology=Symbology.QR, beside=(TextLine(text="{serial}"),)),
    )
    layout = Layout(id="X1", title="X", papers=tuple(Paper), fields=fields, lines=(RuleLine(), *lines))
    assert draw(layout, {}, Paper.MM80).text == ()
    assert draw(layout, {"lot": "7", "serial": "8"}, Paper.MM80).text == ("7 8",)
    assert draw(layout, {"serial": "8", "id": "K1"}, Paper.MM80).text == ("K1", "8")
    with pytest.raises(LabelRefused, match="X1, field lot: it is not shown while serial is empty"):
        draw(layout, {"lot": "7"}, Paper.MM80)
    with pytest.raises(LabelRefused, match=r"X1, field serial: it is not shown while (lot|id) is empty"):
        draw(layout, {"serial": "8", "lot": " "}, Paper.MM80)


# Sizes and edges --------------------------------------------------------------------------------------------------

DRUG = TextLine(text="{it}", size=3, least=2, bold=True)
DRUGS = ListLine(field="it", size=2, least=1, bold=True, mark=Mark.BOX)


def drawn_line(line: TextLine | ListLine, text: str, paper: Paper = Paper.MM58) -> Drawing:
    is_list = isinstance(line, ListLine)
    return draw(of_lines(line, sample=("x",) if is_list else "x"), {"it": [text] if is_list else text}, paper)


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("text", ["diphenhydrAMINE", "25,000 units/250 mL", "QUARANTINE - DO NOT USE"])
def test_what_is_too_wide_for_its_line_is_set_in_the_next_smaller_size_that_the_line_allows(
    text: str, *, inverse: bool
) -> None:
    line, smaller = (structs.replace(DRUG, size=size, inverse=inverse) for size in (3, 2))
    assert drawn_line(line, text) == drawn_line(smaller, text)
    assert text.split(maxsplit=1)[0] in drawn_line(line, text).text[0]
    assert drawn_line(line, "hydrALAZINE").height > drawn_line(smaller, "hydrALAZINE").height


def test_a_line_without_a_least_size_keeps_its_own_and_is_refused_or_wrapped() -> None:
    line = structs.replace(DRUG, least=None)
    assert drawn_line(line, "25,000 units/250 mL").text == ("25,000 units/", "250 mL")
    with pytest.raises(LabelRefused, match="'diphenhydrAMINE' is wider than its line"):
        drawn_line(line, "diphenhydrAMINE")


@pytest.mark.parametrize("inverse", [False, True])
def test_a_word_alone_too_wide_for_size_2_is_set_a_little_smaller_where_2_is_the_least(*, inverse: bool) -> None:
    line = structs.replace(DRUG, inverse=inverse)
    small = drawn_line(line, "methylTESTOSTERone 10 mg")
    assert small.text == ("methylTESTOSTERone", "10 mg")
    smallest = drawn_line(structs.replace(line, size=1, least=1), "methylTESTOSTERone 10")
    assert smallest.height < small.height < drawn_line(line, "diphenhydrAMINE hydrALAZINE").height
    for other in (structs.replace(line, least=None), structs.replace(line, size=2, least=None)):
        with pytest.raises(LabelRefused, match="'methylTESTOSTERone' is wider than its line"):
            drawn_line(other, "methylTESTOSTERone")


def test_what_is_too_wide_for_the_last_resort_too_is_refused() -> None:
    with pytest.raises(LabelRefused, match="'medroxyPROGESTERones' is wider than its line"):
        drawn_line(DRUG, "medroxyPROGESTERones")


def test_a_date_goes_down_a_size_rather_than_lose_its_time() -> None:
    assert drawn_line(DRUG, "2026-03-11 20:00").text == ("2026-03-11 20:00",)
    assert drawn_line(structs.replace(DRUG, least=None), "2026-03-11 20:00").text == ("2026-03-11", "20:00")


@pytest.mark.parametrize("mark", Mark)
@pytest.mark.parametrize("lead", [False, True])
def test_an_item_of_a_list_that_is_too_wide_goes_down_in_size_and_the_others_do_not(mark: Mark, *, lead: bool) -> None:
    line, smaller = (structs.replace(DRUGS, size=size, mark=mark, lead=lead) for size in (2, 1))
    wide, short = "1,000,000 units/1,000 mL: daily", "hydrALAZINE 25 mg: daily"
    assert drawn_line(line, wide).text == drawn_line(smaller, wide).text
    assert "1,000,000 units/1,000 mL" in drawn_line(line, wide).text[0]
    both = draw(of_lines(line, sample=("x",)), {"it": [short, wide]}, Paper.MM58)
    assert both.rows.startswith(drawn_line(line, short).rows[: -MARGIN * Paper.MM58.dots // 8])


def test_large_words_are_wrapped_evenly_and_small_ones_to_save_paper() -> None:
    text = "Take 1 capsule by mouth every day with water"
    large, small = (drawn_line(TextLine(text="{it}", size=size), text).text for size in (2, 1))
    assert large == ("Take 1 capsule", "by mouth every", "day with water")
    assert small == ("Take 1 capsule by mouth every", "day with water")


@WHOLE
@pytest.mark.parametrize("heavy", [False, True])
def test_a_rule_to_the_edges_prints_every_dot_across_and_another_leaves_the_margins(
    paper: Paper, *, heavy: bool
) -> None:
    across, within = (
        draw(of_lines(RuleLine(heavy=heavy, to_edges=to_edges), TextLine(text="{it}")), {"it": "x"}, paper)
        for to_edges in (True, False)
    )
    stride, margin = paper.dots // 8, bytes(MARGIN // 8)
    inked = b"\xff" * stride
    assert rows_of(across, stride).count(inked) == (4 if heavy else 2)
    assert inked not in rows_of(within, stride)
    assert rows_of(within, stride).count(margin + inked[: stride - 2 * len(margin)] + margin) == (4 if heavy else 2)


def rows_of(drawing: Drawing, stride: int) -> list[bytes]:
    return [drawing.rows[start : start + stride] for start in range(0, len(drawing.rows), stride)]


def test_what_an_item_is_about_stands_bold_on_lines_of_its_own() -> None:
    line = ListLine(field="it", size=2, lead=True)
    led = drawn_line(line, "tamsulosin 0.4 mg: at bedtime. Next due: 21:00", Paper.MM80)
    assert led.text == ("tamsulosin 0.4 mg:", "at bedtime. Next due: 21:00")
    bold = drawn_line(structs.replace(line, lead=False, bold=True), "tamsulosin 0.4 mg:", Paper.MM80)
    same = (bold.height - 2 * MARGIN) * Paper.MM80.dots // 8
    assert led.rows[:same] == bold.rows[:same]


@pytest.mark.parametrize("item", ["tamsulosin 0.4 mg", "ratio 1:10", "due:"])
def test_an_item_that_is_about_nothing_is_written_as_any_other(item: str) -> None:
    line = ListLine(field="it", size=2, lead=True, mark=Mark.DASH)
    assert drawn_line(line, item) == drawn_line(structs.replace(line, lead=False), item)


# Nothing is lost --------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(data=st.data())
def test_a_field_of_any_shipped_label_is_drawn_whole_or_refused(data: st.DataObject) -> None:
    layout = SHIPPED[data.draw(st.sampled_from(sorted(SHIPPED)))]
    field = data.draw(st.sampled_from([field for field in layout.fields if not field.group]))
    text = data.draw(st.text(PRINTABLE, min_size=1, max_size=field.max_length))
    value = (text,) if field.is_list else text
    try:
        drawing = draw(layout, {**samples(layout), field.name: value}, data.draw(st.sampled_from(Paper)))
    except LabelRefused:
        return
    said = " ".join(drawing.text).split() + [content for _, content in drawing.codes]
    assert all(any(word in whole for whole in said) for word in text.split())


@settings(max_examples=60)
@given(texts=st.dictionaries(st.sampled_from(["from", "to", "seal_no", "total"]), st.text(PRINTABLE, max_size=40)))
@WHOLE
def test_what_wraps_keeps_its_words_in_order(paper: Paper, texts: dict[str, str]) -> None:
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
