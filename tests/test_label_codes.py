"""Bar codes on a label: read back from the paper, of the size the standards ask, and pictures that hold no command."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from on_paper import BY_PAPER, codes_on, of_lines, printed

from printers.canvas import Raster, grey_part
from printers.composing import compose
from printers.drawing import Drawing, draw
from printers.label import CodeLine, CodesLine, LabelRefused, Paper, Symbology, TextLine
from printers.profile import Profile
from printers.realtime import calmed
from printers.symbols import Symbol, confirm, encode
from printers.virtual import VirtualPrinter

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
WHOLE = pytest.mark.parametrize("paper", list(Paper), ids=lambda paper: f"{paper:d}mm")


# Bar codes --------------------------------------------------------------------------------------------------------

ELEMENTS = "(01)00309991234563(17)270228(10)LOT7A"
CODES = [
    (Symbology.QR, "K00010A2", "]Q1"),
    (Symbology.CODE128, "K00010A2", "]C0"),
    (Symbology.CODE128, "Abc-12/3 x", "]C0"),
    (Symbology.CODE128, "1234567890123", "]C0"),
    (Symbology.CODE128, "12345a6789012", "]C0"),
    (Symbology.CODE128, "}~ !#", "]C0"),
    (Symbology.GS1_128, "(01)00309991234563", "]C1"),
    (Symbology.GS1_128, "(10)LOT7a(21)00017", "]C1"),
    (Symbology.GS1_128, "(17)270228(10)A-7/b", "]C1"),
    (Symbology.GS1_DATAMATRIX, ELEMENTS, "]d2"),
    (Symbology.GS1_DATAMATRIX, "(10)LOT7A(21)S0001", "]d2"),
]


@WHOLE
@pytest.mark.parametrize(("symbology", "content", "identifier"), CODES)
@pytest.mark.parametrize("beside", [(), (TextLine(text="beside"),)], ids=["alone", "beside"])
def test_each_symbology_reads_back_from_the_paper(
    paper: Paper, symbology: Symbology, content: str, identifier: str, beside: tuple[TextLine, ...]
) -> None:
    layout = of_lines(CodeLine(field="it", symbology=symbology, beside=beside))
    try:
        drawing = draw(layout, {"it": content}, paper)
    except LabelRefused:
        assert beside
        assert symbology in {Symbology.CODE128, Symbology.GS1_128}
        return
    assert drawing.codes == ((symbology, content),)
    assert content.replace(" ", "") in "".join(drawing.text).replace(" ", "")
    assert codes_on(printed(drawing, paper)) == [(identifier, content)]


@pytest.mark.parametrize(
    ("symbology", "content", "modules", "module_dots"),
    [
        (Symbology.QR, "K00010A2", 21, 4),
        (Symbology.CODE128, "K" * 14, 11 * 14 + 35, 2),
        (Symbology.GS1_128, "(01)00309991234563", 134, 2),
        (Symbology.GS1_DATAMATRIX, ELEMENTS, 20, 3),
    ],
)
def test_modules_are_whole_dots_of_the_size_the_standards_ask(
    symbology: Symbology, content: str, modules: int, module_dots: int
) -> None:
    symbol = encode(symbology, content)
    assert (symbol.columns, symbol.module_width) == (modules, module_dots)
    assert symbol.width == modules * module_dots
    if symbology is Symbology.GS1_128:
        assert symbol.height >= 102  # 12.7 mm


@pytest.mark.parametrize(("count", "paper"), [(15, Paper.MM58), (24, Paper.MM80)])
def test_a_code_that_is_too_wide_is_refused_and_one_that_just_fits_is_not(count: int, paper: Paper) -> None:
    layout = of_lines(CodeLine(field="it", symbology=Symbology.CODE128))
    assert draw(layout, {"it": "K" * (count - 1)}, paper).codes
    with pytest.raises(LabelRefused, match="dots wide, and there is room for"):
        draw(layout, {"it": "K" * count}, paper)


@pytest.mark.parametrize(
    ("symbology", "content"),
    [(Symbology.GS1_DATAMATRIX, "0100309991234563"), (Symbology.CODE128, "50 \u00b0C"), (Symbology.QR, "x" * 400)],
)
def test_content_that_a_symbology_cannot_hold_is_refused(symbology: Symbology, content: str) -> None:
    with pytest.raises(LabelRefused):
        draw(of_lines(CodeLine(field="it", symbology=symbology)), {"it": content}, Paper.MM58)


LINES = st.text(PRINTABLE, min_size=1, max_size=14)


@settings(max_examples=60)
@given(content=LINES)
def test_any_printable_content_of_a_line_code_reads_back_or_is_refused(content: str) -> None:
    layout = of_lines(CodeLine(field="it", symbology=Symbology.CODE128, letters=False))
    try:
        drawing = draw(layout, {"it": content}, Paper.MM80)
    except LabelRefused:
        assert content != " ".join(content.split()) or content.isspace()
        return
    assert codes_on(printed(drawing, Paper.MM80)) == [("]C0", content)]


@pytest.mark.parametrize("content", ["LOT\u20137", "LOT\u00a07", "Nu\u00f1ez", "A  B", " A", "A ", "5 \u00b5g"])
def test_what_a_code_holds_is_never_written_otherwise(content: str) -> None:
    line = CodeLine(field="it", symbology=Symbology.CODE128)
    with pytest.raises(LabelRefused, match=r"what a bar code holds is never changed|printable ASCII only"):
        draw(of_lines(line), {"it": content}, Paper.MM80)


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        ((Symbology.QR, "K00011CT"), r"reads back as \]Q1 'K00011CT'"),
        ((Symbology.CODE128, "K00010A2"), r"reads back as \]C0 'K00010A2'"),
        (None, "reads back as nothing"),
    ],
)
def test_a_code_that_does_not_read_back_as_meant_is_refused(drawn: tuple[Symbology, str] | None, told: str) -> None:
    other = encode(*drawn) if drawn else encode(Symbology.QR, "x")
    picture = _alone(other) if drawn else bytes([255]) * len(_alone(other))
    meant = replace(other, symbology=Symbology.QR, content="K00010A2")
    with pytest.raises(LabelRefused, match=told):
        confirm(meant, picture)


@pytest.mark.parametrize("where", [0, 7, 60, -1])
def test_a_code_with_something_in_its_quiet_zone_is_refused(where: int) -> None:
    symbol = encode(Symbology.QR, "K00010A2")
    picture = bytearray(_alone(symbol))
    confirm(symbol, bytes(picture))
    picture[where * (symbol.width + 2 * symbol.quiet) if where > 0 else where] = 0
    with pytest.raises(LabelRefused, match="within 16 dots of the qr code of 'K00010A2', where white was expected"):
        confirm(symbol, bytes(picture))


@WHOLE
@pytest.mark.parametrize("symbology", list(Symbology))
def test_a_code_between_bands_and_in_words_keeps_its_quiet_zone(paper: Paper, symbology: Symbology) -> None:
    content = "(10)7" if symbology.value.startswith("gs1") else "K7"
    band = TextLine(text="Wj" * 8, inverse=True)
    alone = CodeLine(field="it", symbology=symbology)
    within = CodeLine(field="it", symbology=symbology, beside=(TextLine(text="jjj", size=3, bold=True),) * 3)
    drawing = draw(of_lines(band, alone, band, within, band), {"it": content}, paper)
    assert [found for _, found in codes_on(printed(drawing, paper))] == [content, content]


def _alone(symbol: Symbol) -> bytes:
    drawing = draw(of_lines(CodeLine(field="it", symbology=symbol.symbology)), {"it": symbol.content}, Paper.MM80)
    left = (drawing.width - symbol.width) // 2
    return grey_part(drawing, (left, symbol.quiet), (symbol.width, symbol.height), symbol.quiet)


@settings(max_examples=60)
@given(
    rows=st.binary(min_size=12, max_size=12),
    corner=st.tuples(st.integers(0, 15), st.integers(0, 5)),
    around=st.integers(0, 7),
)
def test_part_of_a_picture_is_its_dots_and_white_where_the_paper_ends(
    rows: bytes, corner: tuple[int, int], around: int
) -> None:
    picture = Raster(width=16, height=6, rows=rows)
    (left, top), size = corner, (16 - corner[0], 6 - corner[1])
    ink = {divmod(dot, 16)[::-1] for dot in range(96) if rows[dot // 8] & 0x80 >> dot % 8}
    across, down = (range(start - around, start + length + around) for start, length in zip(corner, size, strict=True))
    assert grey_part(picture, (left, top), size, around) == bytes(
        0 if (x, y) in ink else 255 for y in down for x in across
    )


def test_a_label_whose_code_reads_back_otherwise_than_written_is_refused() -> None:
    layout = of_lines(CodeLine(field="it", symbology=Symbology.GS1_DATAMATRIX))
    with pytest.raises(LabelRefused, match=r"reads back as \]d2 '\(01\)00309991234563'"):
        draw(layout, {"it": "[01]00309991234563"}, Paper.MM80)


# Many codes in a list -------------------------------------------------------------------------------------------------

RUNS = ("K00010A2 Refill pick A4W", "K00011CT Cycle count", "K00019AD")


@WHOLE
@pytest.mark.parametrize("letters", [True, False])
def test_each_item_of_a_list_of_codes_scans_back_with_its_words_beside_it(paper: Paper, *, letters: bool) -> None:
    layout = of_lines(CodesLine(field="it", symbology=Symbology.QR, letters=letters), sample=RUNS)
    drawing = draw(layout, {"it": RUNS}, paper)
    assert codes_on(printed(drawing, paper)) == [("]Q1", item.split()[0]) for item in RUNS]
    said = " ".join(drawing.text)
    spoken = ["Refill pick A4W", "K00010A2", "Cycle count", "K00011CT", "K00019AD"]
    assert said == " ".join(spoken if letters else spoken[::2][:2])


def test_there_are_four_millimetres_and_the_quiet_zones_between_the_codes_of_a_list() -> None:
    layout = of_lines(CodesLine(field="it", symbology=Symbology.QR, letters=False), sample=("K1", "K2"))
    drawing = draw(layout, {"it": ["K00010A2", "K00011CT"]}, Paper.MM58)
    stride = drawing.width // 8
    inked = [any(drawing.rows[start : start + stride]) for start in range(0, len(drawing.rows), stride)]
    first_end = inked.index(False, inked.index(True))
    assert inked.index(True, first_end) - first_end == 4 * 8 + 2 * 16


def test_the_words_beside_a_code_of_a_list_wrap_and_are_never_broken() -> None:
    layout = of_lines(CodesLine(field="it", symbology=Symbology.QR, size=2), sample=("x",))
    drawing = draw(layout, {"it": ["K00010A2 Temperature excursion"]}, Paper.MM58)
    assert drawing.text == ("Temperature", "excursion", "K00010A2")
    with pytest.raises(LabelRefused, match="wider than its line"):
        draw(layout, {"it": ["K00010A2 Temperatureexcursion"]}, Paper.MM58)


def test_the_words_beside_a_code_of_a_list_are_spelled_and_its_content_is_not() -> None:
    layout = of_lines(CodesLine(field="it", symbology=Symbology.QR), sample=("x",))
    assert draw(layout, {"it": ["K00010A2 50 \u00b5g"]}, Paper.MM80).text == ("50 mcg", "K00010A2")
    with pytest.raises(LabelRefused, match="never changed"):
        draw(layout, {"it": ["K\u20131 words"]}, Paper.MM80)


# Real-time commands in pictures -----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    strips=st.lists(
        st.lists(st.sampled_from([b"\x00\x10\x04\x00", b"\x00\x10\x14\x00", b"\x00\x10\x05\x00", b"\x00\x3c\x42\x00"])),
        max_size=5,
    )
)
def test_a_picture_never_holds_a_command_and_keeps_every_dot(strips: list[list[bytes]]) -> None:
    rows = b"".join(b"".join(strip) + bytes(4) for strip in strips)
    raster = Raster(width=32, height=len(rows) // 4, rows=rows)
    calm = calmed(raster)
    assert not any(command in calm.rows for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert [row.bit_count() for row in by_rows(calm)] == [row.bit_count() for row in by_rows(raster)]


def test_a_picture_is_moved_by_as_few_dots_as_will_do() -> None:
    held = Raster(width=32, height=1, rows=bytes.fromhex("00100400"))
    assert calmed(held).rows.hex() == "00080200"


@pytest.mark.parametrize("profile", BY_PAPER.values(), ids=lambda profile: profile.name)
def test_no_picture_leaves_with_a_command_in_it(profile: Profile) -> None:
    rows = b"\x00\x10\x04\x01".ljust(profile.paper.dots // 8, b"\0")
    printer = VirtualPrinter(profile.paper)
    printer.send(compose(Drawing(width=profile.paper.dots, height=1, rows=rows, text=(), codes=()), profile))
    assert printer.strays() == b""
    assert printer.paper()[0].rows.startswith(b"\x00\x08\x02\x00")


def by_rows(raster: Raster) -> list[int]:
    stride = raster.width // 8
    return [int.from_bytes(raster.rows[start : start + stride]) for start in range(0, len(raster.rows), stride)]


def test_a_picture_that_cannot_be_moved_is_refused() -> None:
    full = Raster(width=32, height=1, rows=b"\x81\x10\x04\x81")
    with pytest.raises(LabelRefused, match="printer command"):
        calmed(full)
