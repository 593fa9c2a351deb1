r"""Could a picture's dots be taken for a command?

Printers obey real-time commands wherever they occur in what they receive, inside pictures too: `10 04 n` answers with a
stray byte, `10 05 n` recovers, `10 14 n` opens a drawer or clears the buffer (Epson, DLE EOT, DLE ENQ, DLE DC4). So a
picture must not hold them. Where it does, the strip of rows concerned, between the white rows above and below it, is
moved sideways by a few dots in its white margin; no dot is added, lost or moved against its neighbours in the strip.

>>> picture = Raster(width=32, height=1, rows=bytes.fromhex("00100400"))
>>> calmed(picture).rows.hex()
'00080200'
"""

import itertools
import re

from printers.canvas import Raster
from printers.label import LabelRefused

_COMMAND = re.compile(rb"\x10[\x04\x05\x14]")
_SHIFTS = sorted((shift for shift in range(-7, 8) if shift), key=lambda shift: (abs(shift), -shift))


def calmed(raster: Raster) -> Raster:
    """Make a picture in which a printer finds no real-time command.

    Raises LabelRefused where moving does not help.
    """
    if not _COMMAND.search(raster.rows):
        return raster
    stride = (raster.width + 7) // 8
    rows = b"".join(_moved(strip, stride) for strip in _strips(raster.rows, stride))
    if _COMMAND.search(rows):
        raise LabelRefused("the label's dots hold a printer command that moving them does not break up")
    return Raster(width=raster.width, height=raster.height, rows=rows)


def _strips(rows: bytes, stride: int) -> list[bytes]:
    """Cut the rows before each white one."""
    white = bytes(stride)
    starts = [start for start in range(0, len(rows), stride) if rows[start : start + stride] == white]
    edges = sorted({0, *starts, len(rows)})
    return [rows[start:end] for start, end in itertools.pairwise(edges)]


def _moved(strip: bytes, stride: int) -> bytes:
    """Move the strip by as few dots as break up every command in it; leave it where none do."""
    if not _COMMAND.search(strip):
        return strip
    number = int.from_bytes(strip)
    for shift in _SHIFTS:
        if not _has_margin(strip, stride, shift):
            continue
        moved = (number >> shift if shift > 0 else number << -shift).to_bytes(len(strip))
        if not _COMMAND.search(moved):
            return moved
    return strip


def _has_margin(strip: bytes, stride: int, shift: int) -> bool:
    """Whether every row has white dots to move into, right (positive) or left."""
    if shift > 0:
        return not any(last & ((1 << shift) - 1) for last in strip[stride - 1 :: stride])
    return not any(first >> (8 + shift) for first in strip[::stride])
