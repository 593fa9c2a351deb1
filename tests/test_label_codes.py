"""Bar codes on a label: read back from the paper, of the size the standards ask, and pictures that hold no command."""

import pytest
from printing import PROFILES
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printers.canvas import Raster, grey_part
from printers.drawing import Drawing, draw
from printers.label import (
    CodeLine,
    Field,
    LabelRefused,
    Layout,
    Line,
    Paper,
    Symbology,
    TextLine,
)
from printers.composing import compose
from printers.realtime import calmed
from printers.symbols import confirm, encode
from printers.profile import Profile
from printers.virtual import VirtualPrinter

BY_PAPER = {Paper.MM80: PROFILES["roll-80"], Paper.MM58: PROFILES["roll-58"]}
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


# Bar codes --------------------------------------------------------------------------------------------------------

ELEMENTS = "(01)00309991234563(17)270228(10)LOT7A"
CODES = [
    (Symbology.QR, "K00010A2", "]Q1"),
    (Symbology.CODE128, "K00010A2", "]C0"),
    (Symbology.CODE128, "Abc-12/3 x", "]C0"),
    (Symbology.GS1_128, "(01)00309991234563", "]C1"),
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


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        ((Symbology.QR, "K00011CT"), r"reads back as \]Q1 'K00011CT'"),
        ((Symbology.CODE128, "K00010A2"), r"reads back as \]C0 'K00010A2'"),
        (None, "reads back as nothing"),
    ],
)
def test_a_code_that_does_not_read_back_as_meant_is_refused(drawn: tuple[Symbology, str] | None, told: str) -> None:
    meant = encode(Symbology.QR, "K00010A2")
    lines: tuple[Line, ...] = (CodeLine(field="it", symbology=drawn[0]),) if drawn else (TextLine(text="{it}"),)
    picture = draw(of_lines(*lines), {"it": drawn[1] if drawn else "x"}, Paper.MM80)
    grey = grey_part(picture, (0, 0), (picture.width, picture.height), 0)
    with pytest.raises(LabelRefused, match=told):
        confirm(meant, grey, picture.width)


def test_a_label_whose_code_reads_back_otherwise_than_written_is_refused() -> None:
    layout = of_lines(CodeLine(field="it", symbology=Symbology.GS1_DATAMATRIX))
    with pytest.raises(LabelRefused, match=r"reads back as \]d2 '\(01\)00309991234563'"):
        draw(layout, {"it": "[01]00309991234563"}, Paper.MM80)


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
