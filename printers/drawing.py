"""What does a label look like, dot by dot?

A layout and its values become one picture, drawn in software, so that the preview is what prints on every make of
printer. The laws here: nothing is cut off or dropped (what does not fit is refused, with a sentence); text from
outside passes `lettering.spelled`; what a bar code holds is never changed; every bar code is read back from the
finished picture before it is handed out.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from printers.blocks import MARGIN, Block, Values, is_filled, placed, stacked
from printers.canvas import Raster, grey_part, paint, png
from printers.label import CodeLine, CodesLine, Field, LabelRefused, Layout, Paper, Symbology, shown_together
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
        blocks = [*_blocks(above.layout, above.fields, paper, is_scanned=False), *blocks]
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


def _blocks(
    layout: Layout, fields: Mapping[str, str | Sequence[str]], paper: Paper, *, is_scanned: bool = True
) -> list[Block]:
    if paper not in layout.papers:
        raise LabelRefused(f"{layout.id} is not laid out for paper of {paper:d} mm")
    values = _checked(layout, fields)
    _refuse_hidden(layout, values)
    lines = [line for line in layout.lines if is_scanned or not isinstance(line, CodeLine | CodesLine)]
    return [placed(line, values, paper.dots) for line in lines if is_filled(line, values)]


def _refuse_hidden(layout: Layout, values: Values) -> None:
    """Refuse to leave out a value that was given because another one of its line was not."""
    given = frozenset(name for name, value in values.items() if value)
    together = [names for line in layout.lines for names in shown_together(line)]
    shown = frozenset[str]().union(*(names for names in together if names <= given))
    hidden = next((field.name for field in layout.fields if field.name in given - shown), None)
    if hidden is not None:
        empty = min((sorted(names - given) for names in together if hidden in names), key=len)
        raise LabelRefused(f"{layout.id}, field {hidden}: it is not shown while {' and '.join(empty)} is empty")


def _confirm(raster: Raster, left: int, top: int, symbol: Symbol) -> None:
    confirm(symbol, grey_part(raster, (left, top), (symbol.width, symbol.height), symbol.quiet))


def _checked(layout: Layout, fields: Mapping[str, str | Sequence[str]]) -> Values:
    known = sorted(field.name for field in layout.fields)
    unknown = next((name for name in fields if name not in known), None)
    if unknown is not None:
        raise LabelRefused(f"{layout.id} has no field {unknown!r}; it has {', '.join(known)}")
    codes = {line.field: line for line in layout.lines if isinstance(line, CodeLine | CodesLine)}
    values = {
        field.name: _value(layout.id, field, fields.get(field.name, ()), codes.get(field.name))
        for field in layout.fields
    }
    _refuse_choice(layout, values)
    return values


def _refuse_choice(layout: Layout, values: Values) -> None:
    """Refuse none and more than one of the fields of which the label must carry one."""
    chosen = [name for name in layout.one_of if values[name]]
    if layout.one_of and len(chosen) != 1:
        found = f"{' and '.join(chosen)} were given" if chosen else "nothing was given"
        raise LabelRefused(f"{layout.id}: {found}, exactly one of {' and '.join(layout.one_of)} was expected")


def _value(
    label: str, field: Field, given: str | Sequence[str], code: CodeLine | CodesLine | None
) -> str | tuple[str, ...]:
    place = f"{label}, field {field.name}"
    if given and field.is_list == isinstance(given, str):
        found, wanted = ("one text", "a list") if field.is_list else ("a list", "one text")
        raise LabelRefused(f"{place}: {found} was given, {wanted} was expected")
    texts = tuple(_item(place, field, text, code) for text in ([given] if isinstance(given, str) else given))
    if len(texts) > field.max_items:
        raise LabelRefused(f"{place}: {len(texts)} items were given, at most {field.max_items} are allowed")
    if field.is_list and not all(texts):
        raise LabelRefused(f"{place}: one of its items is blank")
    if not field.optional and not any(texts):
        raise LabelRefused(f"{place}: nothing was given, a value was expected")
    return texts if field.is_list else "".join(texts)


def _item(place: str, field: Field, text: str, code: CodeLine | CodesLine | None) -> str:
    try:
        plain = spelled(text)
    except LabelRefused as reason:
        raise LabelRefused(f"{place}: {reason}") from reason
    if code and plain and _content(plain, code) != _content(text, code):
        raise LabelRefused(f"{place}: {text!r} would be written {plain!r}, and what a bar code holds is never changed")
    if len(plain) > field.max_length:
        raise LabelRefused(f"{place}: {plain!r} has {len(plain)} characters, at most {field.max_length} are allowed")
    return _grouped(plain, field.group) if field.group else plain


def _content(text: str, code: CodeLine | CodesLine) -> str:
    """Give the part of an item that its bar code holds."""
    return text.partition(" ")[0] if isinstance(code, CodesLine) else text


def _grouped(text: str, size: int) -> str:
    return " ".join(text[start : start + size] for start in range(0, len(text), size))
