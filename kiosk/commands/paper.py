"""How does a label look on a terminal, and in a file?

On a terminal ink is blocks, as coarse as the terminal needs it; below stand the label's words, for whoever cannot read
them off. In a file several labels are one long paper, as they would hang out of the printer.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence

from kiosk.telling import say
from printers.canvas import Raster, png
from printers.drawing import Drawing
from printers.label import DOTS_PER_MM
from printers.virtual import Glyphs, Sheet, blocks

_COLUMNS_ELSEWHERE = 80
"""Columns where there is no terminal to tell how wide it is."""
_BETWEEN_MM = 8
"""White between two labels of one picture: as far as a cutter stands from the head."""
_FEW_GLYPHS = ("linux", "vt100", "vt220", "dumb")
"""Terminals, by TERM, whose letters lack the quarters of a block."""


def shown(drawings: Iterable[Drawing]) -> None:
    """Show labels on the terminal, each with its words below it."""
    for drawing in drawings:
        paper_shown([Sheet(width=drawing.width, height=drawing.height, rows=drawing.rows, cut=True)])
        for line in drawing.text:
            say(line)


def paper_shown(sheets: Iterable[Sheet]) -> None:
    """Show paper on the terminal, piece below piece; never wider than the terminal, nor than it is sharp."""
    columns = shutil.get_terminal_size((_COLUMNS_ELSEWHERE, 0)).columns
    kind = glyphs()
    for sheet in sheets:
        for line in blocks(sheet, min(columns, sheet.width // 2), kind):
            say(line.rstrip())


def glyphs() -> Glyphs:
    """Tell by which characters standard output can show paper."""
    try:
        Glyphs.QUADRANTS.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return Glyphs.ASCII
    return Glyphs.HALVES if os.environ.get("TERM") in _FEW_GLYPHS else Glyphs.QUADRANTS


def picture(drawings: Sequence[Drawing]) -> bytes:
    """Give the PNG of labels one below the other; all are equally wide."""
    width = drawings[0].width
    gap = bytes(width // 8 * _BETWEEN_MM * DOTS_PER_MM)
    height = sum(drawing.height for drawing in drawings) + _BETWEEN_MM * DOTS_PER_MM * (len(drawings) - 1)
    return png(Raster(width=width, height=height, rows=gap.join(drawing.rows for drawing in drawings)))
