"""What does a label look like, dot by dot?

A layout and its values become one picture, drawn in software, so that the preview is what prints on every make of
printer. The laws here: nothing is cut off or dropped (what does not fit is refused, with a sentence); text from
outside passes `lettering.spelled`; every bar code is read back from the finished picture before it is handed out.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from printers.blocks import MARGIN, Block, Values, is_filled, placed, stacked
from printers.canvas import Raster, grey_part, paint, png
from printers.label import CodeLine, CodesLine, Field, LabelRefused, Layout, Paper, Symbology
from printers.lettering import spelled
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
        marks = replace(
            above.layout, lines=tuple(x for x in above.layout.lines if not isinstance(x, CodeLine | CodesLine))
        )
        blocks = [*_blocks(marks, above.fields, paper), *blocks]
    label = stacked(blocks)
    raster = paint(paper.dots, label.height + MARGIN, label.marks)
    for left, top, symbol in label.symbols:
        _confirm(raster, left, top, symbol)
    return Drawing(
        width=raster.width,
        height=raster.height,
        rows=raster.rows,
        text=label.text,
        codes=tuple((symbol.symbology, symbol.content) for _, _, symbol in label.symbols),
    )


def _blocks(layout: Layout, fields: Mapping[str, str | Sequence[str]], paper: Paper) -> list[Block]:
    if paper not in layout.papers:
        raise LabelRefused(f"{layout.id} is not laid out for paper of {paper:d} mm")
    values = _checked(layout, fields)
    return [placed(line, values, paper.dots) for line in layout.lines if is_filled(line, values)]


def _confirm(raster: Raster, left: int, top: int, symbol: Symbol) -> None:
    picture = grey_part(raster, (left, top), (symbol.width, symbol.height), symbol.quiet)
    confirm(symbol, picture, symbol.width + 2 * symbol.quiet)


def _checked(layout: Layout, fields: Mapping[str, str | Sequence[str]]) -> Values:
    known = sorted(field.name for field in layout.fields)
    unknown = next((name for name in fields if name not in known), None)
    if unknown is not None:
        raise LabelRefused(f"{layout.id} has no field {unknown!r}; it has {', '.join(known)}")
    return {field.name: _value(layout.id, field, fields.get(field.name, ())) for field in layout.fields}


def _value(label: str, field: Field, given: str | Sequence[str]) -> str | tuple[str, ...]:
    place = f"{label}, field {field.name}"
    if given and field.is_list == isinstance(given, str):
        found, wanted = ("one text", "a list") if field.is_list else ("a list", "one text")
        raise LabelRefused(f"{place}: {found} was given, {wanted} was expected")
    texts = tuple(_item(place, field, text) for text in ([given] if isinstance(given, str) else given))
    if len(texts) > field.max_items:
        raise LabelRefused(f"{place}: {len(texts)} items were given, at most {field.max_items} are allowed")
    if field.is_list and not all(texts):
        raise LabelRefused(f"{place}: one of its items is blank")
    if not field.optional and not any(texts):
        raise LabelRefused(f"{place}: nothing was given, a value was expected")
    return texts if field.is_list else "".join(texts)


def _item(place: str, field: Field, text: str) -> str:
    try:
        plain = spelled(text)
    except LabelRefused as reason:
        raise LabelRefused(f"{place}: {reason}") from reason
    if len(plain) > field.max_length:
        raise LabelRefused(f"{place}: {plain!r} has {len(plain)} characters, at most {field.max_length} are allowed")
    return _grouped(plain, field.group) if field.group else plain


def _grouped(text: str, size: int) -> str:
    return " ".join(text[start : start + size] for start in range(0, len(text), size))
