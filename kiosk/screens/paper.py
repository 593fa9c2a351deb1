"""How does a label look on the screen: as it will come out, and what it says?

The paper is scaled to the room there is, its proportions kept. Small letters do not survive that, so its words stand
beside it.
"""

import functools

from kiosk.screens.labels import Label
from kiosk.screens.lines import Glyphs, Ink, Line, filled, fitted, line, paragraph, span
from printers.virtual import Glyphs as PaperGlyphs
from printers.virtual import Sheet, blocks

_LEAST, _MOST = 8, 96
"""Columns of a picture that is worth its room, and that a picture gains nothing beyond."""
_WORDS = 24
"""Columns that the words beside it have at least, where there is room for both."""
_APART = 2


def label_lines(label: Label, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Draw a label into at most that room: its template and id, then the paper with its words beside it."""
    head = _head(label, width)
    room = height - len(head)
    if room < 1:
        return head[:height]
    if label.sheet is None:
        return [*head, *[one for says in label.says for one in paragraph(says, width, Ink.TROUBLE)][:room]]
    columns = _columns(label.sheet, width - _WORDS - _APART, room)
    if columns < _LEAST:
        return [*head, *_words(label, width, room)]
    picture = [line(row, Ink.PAPER) for row in scaled(label.sheet, columns, glyphs.paper)]
    words = _words(label, width - columns - _APART, room)
    rows = max(len(picture), len(words))
    gap = span(" " * _APART)
    left, right = filled(picture, columns, rows), filled(words, width - columns - _APART, rows)
    return [*head, *((*one, gap, *other) for one, other in zip(left, right, strict=True))]


def _head(label: Label, width: int) -> list[Line]:
    about = [span(f"{label.template} · {label.id}", Ink.ITEM)]
    if label.duplicate:
        about.append(span(f"   DUPLICATE {label.duplicate}", Ink.CAUTION))
    return [fitted((*about, span(f"   {label.title}", Ink.DIM)) if label.title else about, width)]


def _words(label: Label, width: int, height: int) -> list[Line]:
    """Write what stands on the paper; where that is more than fits, say so."""
    found = [one for says in label.says for one in paragraph(says, width)]
    if len(found) <= height:
        return found
    return [*found[: height - 1], line(f"… {len(found) - height + 1} more lines", Ink.DIM)]


def _columns(sheet: Sheet, width: int, height: int) -> int:
    """Give the most columns in which the whole paper fits into that room, a character being twice as high as wide."""
    by_height = int(2 * (height + 0.5) * sheet.width / sheet.height)
    fits = (columns for columns in range(min(width, by_height, _MOST), 0, -1) if _rows(sheet, columns) <= height)
    return next(fits, 0)


def _rows(sheet: Sheet, columns: int) -> int:
    return max(1, round(sheet.height * columns / sheet.width / 2))


@functools.lru_cache(maxsize=8)
def scaled(sheet: Sheet, columns: int, glyphs: PaperGlyphs) -> tuple[str, ...]:
    """Give the paper in lines of so many characters; the same one is scaled once."""
    return tuple(blocks(sheet, columns, glyphs))
