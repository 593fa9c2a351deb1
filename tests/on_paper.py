"""What the tests of labels share: the paper as a printer leaves it, and what a scanner finds on it."""

import zxingcpp
from PIL import Image
from printing import PROFILES

from printers.canvas import Raster, grey_part
from printers.composing import compose
from printers.drawing import Drawing
from printers.label import Field, Layout, Line, Paper
from printers.virtual import VirtualPrinter

BY_PAPER = {Paper.MM80: PROFILES["roll-80"], Paper.MM58: PROFILES["roll-58"]}
MARGIN = {Paper.MM80: 32, Paper.MM58: 40}
"""Dots of white that the roll has on either side of what a head of 203 dpi prints: 80 - 72 mm and 58 - 48 mm."""


def printed(drawing: Drawing, paper: Paper) -> Raster:
    """The label as a printer would have put it on paper, without the feed after it."""
    printer = VirtualPrinter(paper)
    printer.send(compose(drawing, BY_PAPER[paper]))
    (sheet,) = printer.paper()
    assert printer.strays() == b""
    assert not any(sheet.rows[len(drawing.rows) :])
    return Raster(width=sheet.width, height=drawing.height, rows=sheet.rows[: len(drawing.rows)])


def codes_on(raster: Raster) -> list[tuple[str, str]]:
    """Every code on the whole paper, margins of the roll included: symbology identifier and content, from the top."""
    margin = MARGIN[Paper.MM80 if raster.width == Paper.MM80.dots else Paper.MM58]
    grey = grey_part(raster, (0, 0), (raster.width, raster.height), margin)
    picture = Image.frombytes("L", (raster.width + 2 * margin, raster.height + 2 * margin), grey)
    found = sorted(zxingcpp.read_barcodes(picture), key=lambda code: code.position.top_left.y)
    return [(code.symbology_identifier, code.text) for code in found]


def of_lines(*lines: Line, sample: str | tuple[str, ...] = "x", max_length: int = 400) -> Layout:
    """A definition with one field, `it`."""
    field = Field(name="it", sample=sample, max_length=max_length)
    return Layout(id="X1", title="X", papers=tuple(Paper), fields=(field,), lines=lines)
