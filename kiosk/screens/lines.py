"""What is a line on the screen made of, and how do words come to fit it?

A line is spans: words, the ink they are written in, and what a click on them means. Every text passes `shown`: what a
bar code says is hostile, so control characters, marks that turn the direction of writing and marks of no width show as
what they are. Widths are columns of a terminal; a letter may take two.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace
from rich.cells import cell_len, set_cell_size

from printers.virtual import Glyphs as PaperGlyphs
from stations.scanning.codes import visible


class Ink(StrEnum):
    """What words are written in; a theme gives each its colours."""

    TEXT = "text"
    DIM = "dim"
    STRONG = "strong"
    BAND = "band"
    RULE = "rule"
    NOW = "now"
    DONE = "done"
    ITEM = "item"
    KEY = "key"
    CHOSEN = "chosen"
    ENTRY = "entry"
    TROUBLE = "trouble"
    CAUTION = "caution"
    WELL = "well"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    HOLD = "hold"
    STOP = "stop"
    PAPER = "paper"
    DEMO = "demo"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Words in one ink."""

    text: str
    ink: Ink = Ink.TEXT
    target: str = ""
    """What a click on it means; empty for nothing."""


Line = tuple[Span, ...]


class Glyphs(msgspec.Struct, frozen=True, kw_only=True):
    """The few signs that not every console has."""

    done: str = "✓"
    now: str = "▶"
    to_do: str = " "
    left_out: str = "-"
    well: str = "●"
    trouble: str = "▲"
    caution: str = "△"
    untold: str = "·"
    """Before a status that says nothing yet."""
    dot: str = "●"
    is_plain: bool = False
    paper: PaperGlyphs = PaperGlyphs.QUADRANTS
    """What labels are drawn with."""


FULL = Glyphs()
PLAIN = Glyphs(done="√", now="→", trouble="!!", caution="!", is_plain=True, paper=PaperGlyphs.HALVES)
"""For the Linux console: what its fonts have."""
LETTERS = replace(PLAIN, paper=PaperGlyphs.ASCII)
"""For old terminals whose fonts have no blocks; labels are drawn with letters."""


def shown(text: str) -> str:
    r"""Make every character of a text show and take its place.

    >>> shown("a\u202eb\x1b[1m\u0301"), shown("hydrALAZINE [bold]")
    ('a\\u202eb\\x1b[1m\\u0301', 'hydrALAZINE [bold]')
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if cell_len(one) else ascii(one)[1:-1] for character in text for one in visible(character))


def span(text: str, ink: Ink = Ink.TEXT, target: str = "") -> Span:
    """Write a text; the only way in which one gets onto the screen."""
    return Span(text=shown(text), ink=ink, target=target)


def line(text: str = "", ink: Ink = Ink.TEXT, target: str = "") -> Line:
    """Write one line of one ink."""
    return (span(text, ink, target),) if text else ()


def width_of(spans: Iterable[Span]) -> int:
    """Columns that the spans take."""
    return sum(cell_len(one.text) for one in spans)


def fitted(spans: Sequence[Span], width: int, ink: Ink = Ink.TEXT) -> Line:
    """Cut or pad to exactly that width; where something is cut off, the last character says so."""
    found: list[Span] = []
    left = width
    for one in spans:
        size = cell_len(one.text)
        if size > left:
            text = set_cell_size(one.text, max(left - 1, 0)) + "…" if left else ""
            found.append(Span(text=text, ink=one.ink, target=one.target))
            left = 0
            break
        found.append(one)
        left -= size
    if left:
        found.append(Span(text=" " * left, ink=ink))
    return tuple(found)


def spread(left: Sequence[Span], right: Sequence[Span], width: int, ink: Ink = Ink.TEXT) -> Line:
    """Set one part at the left and one at the right; the right one stays whole, what is at the left is cut."""
    room = max(0, width - width_of(right))
    return fitted((*fitted(left, room, ink), *right), width, ink)


def centred(spans: Sequence[Span], width: int, ink: Ink = Ink.TEXT) -> Line:
    """Set in the middle."""
    before = max(0, (width - width_of(spans)) // 2)
    return fitted((Span(text=" " * before, ink=ink), *spans), width, ink)


def wrapped(text: str, width: int, most: int = 99) -> list[str]:
    """Break a text between words into at most that many lines; a word too long is broken anywhere."""
    lines = [""]
    for word in shown(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width:
            lines[-1] = longer
            continue
        pieces = _pieces(word, width)
        lines[-1:] = [lines[-1], *pieces] if lines[-1] else pieces
    if len(lines) > most:
        lines = [*lines[: most - 1], set_cell_size(lines[most - 1], width - 1).rstrip() + "…"]
    return lines


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if cell_len(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def paragraph(text: str, width: int, ink: Ink = Ink.TEXT, most: int = 99, target: str = "") -> list[Line]:
    """Write a text over as many lines as it takes, at most `most`."""
    return [line(one, ink, target) for one in wrapped(text, max(8, width), most)] if text else []


def filled(lines: Sequence[Line], width: int, height: int, ink: Ink = Ink.TEXT) -> list[Line]:
    """Cut or pad to exactly that size."""
    padded = [fitted(one, width, ink) for one in lines[:height]]
    return [*padded, *([fitted((), width, ink)] * (height - len(padded)))]


def indented(lines: Iterable[Line], by: int = 1, ink: Ink = Ink.TEXT) -> list[Line]:
    """Leave room at the left."""
    margin = Span(text=" " * by, ink=ink)
    return [(margin, *one) for one in lines]


def beside(left: Sequence[Line], right: Sequence[Line], between: Span) -> list[Line]:
    """Set two blocks of equal height side by side."""
    return [(*one, between, *other) for one, other in zip(left, right, strict=True)]
