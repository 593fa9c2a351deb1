"""How does each line of a layout become ink?

A line becomes a block: marks that start at y = 0, the words they say, and the bar codes among them; blocks are stacked
into a label. Nothing is painted here. All lengths are in dots, 8 to the millimetre. What does not fit is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from printers.canvas import Box, Face, MarkOnPaper, Stamp, Words, line_height, width_of
from printers.label import (
    DOTS_PER_MM,
    Align,
    BlankLine,
    CodeLine,
    CodesLine,
    GapLine,
    LabelRefused,
    Line,
    ListLine,
    Mark,
    RuleLine,
    Symbology,
    TextLine,
    field_names,
)
from printers.lettering import can_be_wrapped, evenly_wrapped, fits, wrapped
from printers.symbols import Symbol, encode

MARGIN = 8
"""White on either side: the head's edge dots fail first, and a picture may be moved by up to seven dots in it."""
_LEADING = 4
_BAND_PADDING = 8
_CAPTION_COLUMN = 128
_CAPTION_BESIDE_FROM = 480
"""A caption stands beside its words where the line is at least this wide and the caption narrow, else above them."""
_AFTER_MARK = 8
_BESIDE_CODE = 24
_BETWEEN_CODES = 4 * DOTS_PER_MM
"""Added to the quiet zones: a scanner's line or field of view is wider than the code it is pointed at."""
_WRITING_HEIGHT = 72
"""9 mm to write in by hand."""
_BETWEEN_BLANKS = 24
_AFTER_BLANKS = 16
"""So that a caption is not taken for that of the next item."""
_FACE_DOTS = {1: 24, 2: 36, 3: 56}
_LAST_RESORT_FOR = 2
_LAST_RESORT_DOTS = 32
"""11.3 pt, where size 2 is the least and one word alone is too wide for it, as medroxyPROGESTERone is on 58 mm: a name
just under the 12 pt that ISMP asks for beats no quarantine label at all. Below it such a line is refused."""
_STEPS = (_FACE_DOTS[3], _FACE_DOTS[2], _LAST_RESORT_DOTS, _FACE_DOTS[1])
_CAPTION = Face(dots=20)

Values = Mapping[str, str | tuple[str, ...]]
"""Every field of a layout; an optional one that was not given is empty."""


class DoesNotFit(LabelRefused):
    """A line cannot be drawn in its room."""

    def __init__(self, fields: tuple[str, ...], reason: str) -> None:
        """`fields` are those that the line draws; none where it has words of its own only."""
        super().__init__(reason)
        self.fields = fields


@contextmanager
def _naming(line: Line) -> Iterator[None]:
    """Tell of which fields a refusal is; that of a line beside a code names its own."""
    try:
        yield
    except DoesNotFit:
        raise
    except LabelRefused as reason:
        raise DoesNotFit(field_names(line), str(reason)) from reason


class Block(Struct, frozen=True, kw_only=True):
    """Part of a label, its top at y = 0."""

    height: int
    marks: tuple[MarkOnPaper, ...] = ()
    text: tuple[str, ...] = ()
    """Lines of words in reading order."""
    symbols: tuple[tuple[int, int, Symbol], ...] = ()
    """Each bar code with its left and top, without quiet zone."""


class Room(Struct, frozen=True, kw_only=True):
    """The span across the paper that a block may use."""

    left: int
    width: int

    def start(self, width: int, align: Align) -> int:
        """Find the left edge of something this wide."""
        spare = self.width - width
        return self.left + {Align.LEFT: 0, Align.CENTER: spare // 2, Align.RIGHT: spare}[align]

    def after(self, dots: int) -> "Room":
        """Leave its first dots out."""
        return Room(left=self.left + dots, width=self.width - dots)


def is_filled(line: Line, values: Values) -> bool:
    """Whether every field that the line names has a value; a line that names none is always drawn."""
    return all(values[name] for name in field_names(line))


def placed(line: Line, values: Values, paper_dots: int) -> Block:
    """Make the block of one line of a layout; raises DoesNotFit."""
    with _naming(line):
        return _placed(line, values, paper_dots)


def _placed(line: Line, values: Values, paper_dots: int) -> Block:
    room = Room(left=MARGIN, width=paper_dots - 2 * MARGIN)
    match line:
        case TextLine():
            return _text(line, values, room)
        case RuleLine():
            return _rule(line, Room(left=0, width=paper_dots) if line.to_edges else room)
        case GapLine():
            return Block(height=line.mm * DOTS_PER_MM)
        case ListLine():
            return _list(line, values, room)
        case BlankLine():
            return _blanks(line.captions, room)
        case CodeLine(beside=()):
            return _code(line, values, Room(left=0, width=paper_dots))
        case CodeLine():
            return _code_and_text(line, values, room)
        case CodesLine():
            return _codes(line, values, room)


def stacked(blocks: Iterable[Block]) -> Block:
    """Put blocks one under the other."""
    height = 0
    marks: list[MarkOnPaper] = []
    text: list[str] = []
    symbols: list[tuple[int, int, Symbol]] = []
    for block in blocks:
        marks += [replace(mark, y=mark.y + height) for mark in block.marks]
        text += block.text
        symbols += [(left, top + height, symbol) for left, top, symbol in block.symbols]
        height += block.height
    return Block(height=height, marks=tuple(marks), text=tuple(text), symbols=tuple(symbols))


def _overlaid(*blocks: Block) -> Block:
    """Put blocks side by side or one on the other: all start at the same height."""
    return Block(
        height=max(block.height for block in blocks),
        marks=tuple(mark for block in blocks for mark in block.marks),
        text=tuple(words for block in blocks for words in block.text),
        symbols=tuple(symbol for block in blocks for symbol in block.symbols),
    )


def _lowered(block: Block, dots: int) -> Block:
    return stacked((Block(height=dots), block))


def _words(text: str, face: Face, room: Room, align: Align = Align.LEFT) -> Block:
    """Write a paragraph, wrapped to the room; evenly, but for the smallest letters, which are there to save paper."""
    step = line_height(face)
    wrap = wrapped if face.dots <= _FACE_DOTS[1] else evenly_wrapped
    lines = wrap(text, room.width, partial(width_of, face=face))
    marks = tuple(
        Words(x=room.start(width_of(line, face), align), y=row * step, text=line, face=face)
        for row, line in enumerate(lines)
    )
    return Block(height=len(lines) * step + _LEADING, marks=marks, text=lines)


def _text(line: TextLine, values: Values, room: Room) -> Block:
    if line.inverse:
        return _band(_paragraph(line, values, _within_band(room)), room)
    if not line.caption:
        return _paragraph(line, values, room)
    caption = _words(line.caption, _CAPTION, room)
    is_beside = room.width >= _CAPTION_BESIDE_FROM and width_of(line.caption, _CAPTION) < _CAPTION_COLUMN
    if not is_beside:
        return stacked((Block(height=_LEADING), caption, _paragraph(line, values, room)))
    words = _paragraph(line, values, room.after(_CAPTION_COLUMN))
    face = next(mark.face for mark in words.marks if isinstance(mark, Words))
    on_one_baseline = _lowered(caption, line_height(face) - line_height(_CAPTION) - face.dots // 12)
    block = _overlaid(on_one_baseline, words)
    first, *others = words.text
    return replace(block, height=words.height, text=(f"{line.caption} {first}", *others))


def _paragraph(line: TextLine, values: Values, room: Room) -> Block:
    text = line.text.format_map(values)
    block = _words(text, _fitting(line, text, room), room, line.align)
    if not line.wrap and len(block.text) > 1:
        raise LabelRefused(f"{text!r} does not fit on one line, where it may not be broken; shorten it")
    return block


def _fitting(line: TextLine | ListLine, text: str, room: Room) -> Face:
    """Choose the largest size allowed at which all that belongs together has room; the least where none has."""
    largest, least = _FACE_DOTS[line.size], _FACE_DOTS[line.least or line.size]
    is_bold = line.bold or (isinstance(line, ListLine) and line.lead)
    faces = [Face(dots=dots, bold=is_bold) for dots in _STEPS if least <= dots <= largest]
    fitting = next((face for face in faces if fits(text, room.width, partial(width_of, face=face))), faces[-1])
    if line.least == _LAST_RESORT_FOR and not can_be_wrapped(text, room.width, partial(width_of, face=fitting)):
        fitting = Face(dots=_LAST_RESORT_DOTS, bold=is_bold)
    return replace(fitting, bold=line.bold)


def _within_band(room: Room) -> Room:
    return Room(left=room.left + _BAND_PADDING, width=room.width - 2 * _BAND_PADDING)


def _band(words: Block, room: Room) -> Block:
    """Turn words that fit within a band into white ones on black."""
    block = _lowered(words, _BAND_PADDING)
    letters = tuple(_inverted(mark) for mark in block.marks)
    height = block.height + _BAND_PADDING - _LEADING
    band = Box(x=room.left, y=0, width=room.width, height=height)
    return Block(height=height + 2 * _LEADING, marks=(band, *letters), text=block.text)


def _inverted(mark: MarkOnPaper) -> MarkOnPaper:
    return mark if isinstance(mark, Stamp) else replace(mark, inverse=True)


def _rule(line: RuleLine, room: Room) -> Block:
    thickness = 4 if line.heavy else 2
    bar = Box(x=room.left, y=2 * _LEADING, width=room.width, height=thickness)
    return Block(height=thickness + 4 * _LEADING, marks=(bar,))


def _list(line: ListLine, values: Values, room: Room) -> Block:
    written = [_blanks(line.blanks, room), Block(height=_AFTER_BLANKS)] if line.blanks else []
    items = [_banded(item, line, room) if line.inverse else _item(item, line, room) for item in values[line.field]]
    return stacked(block for item in items for block in (item, *written))


def _banded(item: str, line: ListLine, room: Room) -> Block:
    return _band(_item(item, line, _within_band(room)), room)


def _item(item: str, line: ListLine, room: Room) -> Block:
    side = _FACE_DOTS[line.size] * 3 // 5
    words_room = room.after(0 if line.mark is Mark.NONE else side + _AFTER_MARK)
    face = _fitting(line, item, words_room)
    middle = line_height(face) * 11 // 20
    signs = {
        Mark.NONE: (),
        Mark.DASH: (Box(x=room.left, y=middle, width=side * 2 // 3, height=3),),
        Mark.BOX: (Box(x=room.left, y=max(0, middle - side // 2), width=side, height=side, outline=2),),
    }[line.mark]
    words = _led(item, face, words_room) if line.lead else _words(item, face, words_room)
    return replace(words, marks=(*signs, *words.marks))


def _led(item: str, face: Face, room: Room) -> Block:
    """Write what an item is about in bold on lines of its own, and the rest under it."""
    lead, colon, rest = item.partition(": ")
    if not colon:
        return _words(item, face, room)
    bold = replace(face, bold=True)
    return stacked((_words(f"{lead}:", bold, room), _words(rest, face, room), Block(height=_AFTER_MARK)))


def _blanks(captions: Sequence[str], room: Room) -> Block:
    share = (room.width + _BETWEEN_BLANKS) // len(captions)
    rooms = [Room(left=room.left + number * share, width=share - _BETWEEN_BLANKS) for number in range(len(captions))]
    return _overlaid(*map(_blank, captions, rooms))


def _blank(caption: str, room: Room) -> Block:
    ruled = Box(x=room.left, y=_WRITING_HEIGHT, width=room.width, height=2)
    block = _lowered(_words(caption, _CAPTION, room), _WRITING_HEIGHT + _LEADING)
    return replace(block, marks=(ruled, *block.marks))


def _one(values: Values, field: str) -> str:
    value = values[field]
    if not isinstance(value, str):
        raise LabelRefused(f"the field {field} is a list, and a bar code holds one text")
    return value


def _code(line: CodeLine, values: Values, room: Room) -> Block:
    """Place a code alone, its content under it; at the edge of the paper the roll's own margin is its quiet zone."""
    symbol = _symbol(line.symbology, _one(values, line.field), room)
    align = line.align or Align.CENTER
    stamp = _stamped(symbol, room.start(symbol.width, align))
    return stacked((stamp, _words(symbol.readable, _CAPTION, room, align))) if line.letters else stamp


def _code_and_text(line: CodeLine, values: Values, room: Room) -> Block:
    """Place a code at the left and a column of words beside it, its content first."""
    symbol = _symbol(line.symbology, _one(values, line.field), room)
    column = room.after(symbol.width + max(symbol.quiet, _BESIDE_CODE))
    lines = [_beside(words, values, column) for words in line.beside if is_filled(words, values)]
    if line.letters:
        lines.insert(0, _words(symbol.readable, Face(dots=_FACE_DOTS[1], bold=True), column))
    words = _lowered(stacked(lines), symbol.quiet // 2)
    return _overlaid(_stamped(symbol, room.left), words)


def _beside(words: TextLine, values: Values, room: Room) -> Block:
    with _naming(words):
        return _text(words, values, room)


def _codes(line: CodesLine, values: Values, room: Room) -> Block:
    return stacked(_code_of_item(item, line, room) for item in values[line.field])


def _code_of_item(item: str, line: CodesLine, room: Room) -> Block:
    """Place the code of an item at the left, its words beside it, and white under it.

    Where an item is a code and no words, its content in letters stands for them.
    """
    content, _, words = item.partition(" ")
    symbol = _symbol(line.symbology, content, room)
    column = room.after(symbol.width + max(symbol.quiet, _BESIDE_CODE))
    title = words or (content if line.letters else "")
    lines = [_words(title, Face(dots=_FACE_DOTS[line.size], bold=True), column)] if title else []
    if words and line.letters:
        lines.append(_words(symbol.readable, _CAPTION, column))
    beside = _lowered(stacked(lines), symbol.quiet)
    return stacked((_overlaid(_stamped(symbol, room.left), beside), Block(height=_BETWEEN_CODES)))


def _symbol(symbology: Symbology, content: str, room: Room) -> Symbol:
    symbol = encode(symbology, content)
    if symbol.width > room.width:
        raise LabelRefused(
            f"the {symbology} code of {content!r} is {symbol.width} dots wide, and there is room for {room.width}"
        )
    return symbol


def _stamped(symbol: Symbol, left: int) -> Block:
    stamp = Stamp(
        x=left,
        y=symbol.quiet,
        columns=symbol.columns,
        modules=symbol.modules,
        module_width=symbol.module_width,
        module_height=symbol.module_height,
    )
    height = symbol.height + 2 * symbol.quiet
    return Block(height=height, marks=(stamp,), symbols=((left, symbol.quiet, symbol),))
