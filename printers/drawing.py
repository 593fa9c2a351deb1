"""What does a label look like, dot by dot?

A layout and its values become one picture, drawn in software, so that the preview is what prints on every make of
printer. The laws here: nothing is cut off or dropped (what does not fit is refused, with a sentence); text from
outside passes `printers.filling`; what a bar code holds is never changed; every bar code is read back from the
finished picture before it is handed out.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from printers.blocks import MARGIN, Block, DoesNotFit, is_filled, placed, stacked
from printers.canvas import Raster, grey_part, paint, png
from printers.filling import checked
from printers.label import CodeLine, CodesLine, LabelRefused, Layout, Paper, Symbology
from printers.symbols import Symbol, confirm

__all__ = ["Drawing", "Filled", "LabelRefused", "Paper", "draw", "png"]


class Drawing(Raster, frozen=True, kw_only=True):
    """A finished label: the picture, and what it says."""

    text: tuple[str, ...]
    """Every drawn line of words, in reading order."""
    codes: tuple[tuple[Symbology, str], ...]
    """Every bar code, as its symbology and content."""


class Filled(Struct, frozen=True, kw_only=True):
    """A layout with what fills it."""

    layout: Layout
    fields: Mapping[str, str | Sequence[str]]


def draw(
    layout: Layout, fields: Mapping[str, str | Sequence[str]], paper: Paper, *, above: Filled | None = None
) -> Drawing:
    """Draw a label.

    `fields` gives a text for each plain field and a sequence of texts for each list; optional ones may be missing.
    `above` is another label that stands over this one, such as the mark of a reprint, without its bar codes: those of
    the label itself are the only ones that count.
    Raises LabelRefused where a value is missing, unknown, too long, not drawable or too wide.
    """
    blocks = _blocks(layout, fields, paper)
    if above is not None:
        blocks = [*_blocks(above.layout, above.fields, paper, is_scanned=False), *blocks]
    label = stacked(blocks)
    raster = paint(paper.dots, label.height + MARGIN, label.marks)
    for left, top, symbol in label.symbols:
        _confirm(layout, raster, (left, top), symbol)
    return Drawing(
        width=raster.width,
        height=raster.height,
        rows=raster.rows,
        text=label.text,
        codes=tuple((symbol.symbology, symbol.content) for _, _, symbol in label.symbols),
    )


def _blocks(
    layout: Layout, fields: Mapping[str, str | Sequence[str]], paper: Paper, *, is_scanned: bool = True
) -> list[Block]:
    if paper not in layout.papers:
        raise LabelRefused(f"{layout.id} is not laid out for paper of {paper:d} mm")
    values = checked(layout, fields)
    lines = [line for line in layout.lines if is_scanned or not isinstance(line, CodeLine | CodesLine)]
    try:
        return [placed(line, values, paper.dots) for line in lines if is_filled(line, values)]
    except DoesNotFit as reason:
        raise LabelRefused(f"{_place(layout, reason.fields)}: {reason}") from reason


def _place(layout: Layout, fields: Sequence[str]) -> str:
    """Name what is refused: "T05, field name"."""
    if not fields:
        return layout.id
    return f"{layout.id}, {'field' if len(fields) == 1 else 'fields'} {' and '.join(fields)}"


def _confirm(layout: Layout, raster: Raster, corner: tuple[int, int], symbol: Symbol) -> None:
    try:
        confirm(symbol, grey_part(raster, corner, (symbol.width, symbol.height), symbol.quiet))
    except LabelRefused as reason:
        raise LabelRefused(f"{layout.id}: {reason}") from reason
