"""How do ink and letters become dots?

The one door to Pillow. Pictures have one bit a dot, as a thermal head has; letters are drawn by FreeType without grey,
in Aileron, a sans serif that Pillow carries with it, so that every machine draws the same label. Sizes are in dots.
"""

import functools
import io
from collections.abc import Iterable

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

_STRIKES = {20: 1, 24: 1, 32: 2, 36: 2, 56: 3}
"""Dots a bold letter is widened by, for each size: by striking it again, one dot on, as printers do."""

_INVERTED = bytes(range(255, -1, -1))


class Raster(Struct, frozen=True, kw_only=True):
    """A picture of one bit a dot."""

    width: int
    height: int
    rows: bytes
    """Top row first, ceil(width / 8) bytes a row, leftmost dot in the highest bit, 1 is ink."""


class Face(Struct, frozen=True, kw_only=True):
    """How letters look."""

    dots: int
    """Height of the em square: 8 dots are 1 mm, 34 dots are 12 pt."""
    bold: bool = False


class Words(Struct, frozen=True, kw_only=True):
    """Letters on one line, from the top left of their line."""

    x: int
    y: int
    text: str
    face: Face
    inverse: bool = False
    """White letters, to stand on a box of ink."""


class Box(Struct, frozen=True, kw_only=True):
    """A filled rectangle; with an outline given, only its frame."""

    x: int
    y: int
    width: int
    height: int
    outline: int = 0
    """Thickness of the frame in dots; 0 fills the rectangle."""
    inverse: bool = False
    """White, to stand on a box of ink."""


class Stamp(Struct, frozen=True, kw_only=True):
    """A bar code's modules, each drawn as a whole number of dots."""

    x: int
    y: int
    columns: int
    modules: bytes
    """Row by row, one byte a module, 0 is paper and any other ink."""
    module_width: int
    module_height: int


MarkOnPaper = Words | Box | Stamp


@functools.cache
def _font(dots: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(dots)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise ImportError(  # noqa: TRY004 - no argument is of a wrong type, a part of the library is missing
            f"Pillow was built without FreeType and has no letters of {dots} dots; install its wheel"
        )
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


def line_height(face: Face) -> int:
    """Give the dots from the top of one line to the top of the next."""
    return sum(_font(face.dots).getmetrics())


class _Glyph(Struct, frozen=True, kw_only=True):
    """Where a letter's ink lies, in dots from the point where it starts."""

    advance: int
    """To where the next letter starts, whichever it is: these letters are not kerned."""
    left: int
    right: int


@functools.cache
def _glyph(letter: str, dots: int) -> _Glyph:
    font = _font(dots)
    left, _, right, _ = font.getbbox(letter, mode="1")
    return _Glyph(advance=int(font.getlength(letter, mode="1")), left=int(left), right=int(right))


@functools.lru_cache(maxsize=4096)
def width_of(text: str, face: Face) -> int:
    """Measure the text on one line in dots, bold strikes included."""
    start = ink = 0
    for letter in text:
        glyph = _glyph(letter, face.dots)
        ink = max(ink, start + glyph.right)
        start += glyph.advance
    strikes = _STRIKES[face.dots] if face.bold else 0
    return _lead(text, face) + max(start, ink) + strikes


def _lead(text: str, face: Face) -> int:
    """Measure how far the first letter reaches out to the left of its place, as a j does."""
    return max(0, -_glyph(text[0], face.dots).left) if text else 0


def paint(width: int, height: int, marks: Iterable[MarkOnPaper]) -> Raster:
    """Draw the marks on white paper, in order."""
    picture = Image.new("1", (width, height), 0)
    pen = ImageDraw.Draw(picture)
    for mark in marks:
        match mark:
            case Words():
                _write(picture, mark)
            case Box():
                _fill(pen, mark)
            case Stamp():
                _stamp(picture, mark)
    return Raster(width=width, height=height, rows=picture.tobytes())


def _write(picture: Image.Image, words: Words) -> None:
    letters = _letters(words.text, words.face)
    picture.paste(0 if words.inverse else 1, (words.x, words.y), letters)


@functools.lru_cache(maxsize=512)
def _letters(text: str, face: Face) -> Image.Image:
    letters = Image.new("1", (width_of(text, face), line_height(face)), 0)
    pen = ImageDraw.Draw(letters)
    pen.fontmode = "1"
    pen.text((_lead(text, face), 0), text, fill=1, font=_font(face.dots))
    for _ in range(_STRIKES[face.dots] if face.bold else 0):
        letters.paste(1, (1, 0), letters.copy())
    return letters


def _fill(pen: ImageDraw.ImageDraw, box: Box) -> None:
    corners = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
    ink = 0 if box.inverse else 1
    if box.outline:
        pen.rectangle(corners, outline=ink, width=box.outline)
    else:
        pen.rectangle(corners, fill=ink)


def _stamp(picture: Image.Image, stamp: Stamp) -> None:
    rows = len(stamp.modules) // stamp.columns
    modules = Image.frombytes("L", (stamp.columns, rows), stamp.modules)
    size = (stamp.columns * stamp.module_width, rows * stamp.module_height)
    dots = modules.resize(size, Image.Resampling.NEAREST).point(bool, "1")
    picture.paste(dots, (stamp.x, stamp.y))


def picture_of(raster: Raster) -> Image.Image:
    """Give the raster as Pillow knows pictures: black ink on white paper."""
    return Image.frombytes("1", (raster.width, raster.height), raster.rows, "raw", "1;I")


def png(raster: Raster) -> bytes:
    """Give the raster as a PNG file."""
    file = io.BytesIO()
    picture_of(raster).save(file, format="PNG", dpi=(203, 203))
    return file.getvalue()


def grey_part(raster: Raster, corner: tuple[int, int], size: tuple[int, int], around: int) -> bytes:
    """Give part of the raster and what stands within some dots around it, one byte a dot: 0 is ink, 255 is paper.

    Outside the raster the paper is white: the roll is wider than the head, and nothing stands above or below.
    """
    (left, top), (width, height) = corner, size
    first, last = max(0, top - around), min(raster.height, top + height + around)
    stride = (raster.width + 7) // 8
    ink = Image.frombytes("1", (raster.width, last - first), raster.rows[first * stride : last * stride])
    upper = top - around - first
    part = ink.crop((left - around, upper, left + width + around, upper + height + 2 * around))
    return part.convert("L").tobytes().translate(_INVERTED)


def coverage(raster: Raster, columns: int, rows: int) -> bytes:
    """Measure the ink in each cell of a coarser grid: row by row, 0 is none and 255 all."""
    ink = Image.frombytes("1", (raster.width, raster.height), raster.rows).convert("L")
    return ink.resize((columns, rows), Image.Resampling.BOX).tobytes()
