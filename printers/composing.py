"""Which bytes make the printer draw this?

The one door to python-escpos, of which only the composing is used: it collects bytes in memory. What it sends by itself
has no limits of time, and what it asks is answered wrongly by silence; `printers.transports` does both. A label is
composed whole: reset, its picture in fragments, feed and cut.
"""

import functools
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

from printers.drawing import Drawing
from printers.label import Paper
from printers.profile import Profile
from printers.realtime import calmed

_MODELS = {Paper.MM80: "TM-T20II", Paper.MM58: "POS-5890"}
"""The library's models by width; a model of unknown width makes it write to standard output."""
_CONFIRM = b"\x1dr\x01"
"""GS r 1: the printer answers with one byte, once everything before it is on paper."""
_RASTER = b"\x1dv0\x00"
_FULL_CUT = b"\x1dVA\x00"
_TEAR_LINES = 4
_SHOWN = (
    "abc XYZ 0123 \N{DEGREE SIGN} \N{PLUS-MINUS SIGN} \N{LATIN SMALL LETTER E WITH ACUTE} \N{GREEK SMALL LETTER ALPHA}"
)
_IMPORTING = threading.Lock()


@functools.cache
def _composer() -> Callable[..., Any]:
    """Import the library's printer that only collects bytes: late, since that takes half a second.

    The import sets up the root logger and leaves a folder of pickles behind; neither outlives this call.
    """
    logging.getLogger("escpos").setLevel(logging.WARNING)
    quiet = logging.NullHandler()
    logging.getLogger().addHandler(quiet)
    pickles = os.environ.pop("ESCPOS_CAPABILITIES_PICKLE_DIR", None)
    try:
        from escpos import capabilities  # noqa: PLC0415 - half a second, paid by the printer's thread
        from escpos.printer import Dummy  # noqa: PLC0415 - the same
    finally:
        logging.getLogger().removeHandler(quiet)
        if pickles is not None:
            os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = pickles
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    composer: Callable[..., Any] = Dummy
    return composer


def compose(drawing: Drawing, profile: Profile, copies: int = 1, *, after_break: bool = False) -> bytes:
    """Give the ESC/POS bytes of a label: reset, the picture in fragments, feed and cut, for each copy.

    `after_break`: what was sent before broke off, and the printer may still wait for the rest of a picture. It is given
    nothing but white to end it, and what it printed of the old label is cut off.
    Raises ValueError where the drawing is not as wide as the paper, LabelRefused where its dots would be commands.
    """
    if drawing.width != profile.paper.dots:
        raise ValueError(f"the drawing is {drawing.width} dots wide, {profile.name} prints {profile.paper.dots}")
    rows = calmed(drawing).rows
    with _IMPORTING:
        composer = _composer()
    out = composer(profile=_MODELS[profile.paper])
    out.hw("INIT")
    reset = _taken(out)
    _end(out, profile)
    ending = _taken(out)
    label = b"".join(_pictures(rows, drawing.width // 8, profile.fragment_rows)) + ending
    mended = bytes(drawing.width // 8 * profile.fragment_rows) + reset + ending if after_break else b""
    return mended + reset + label * copies + (_CONFIRM if profile.status else b"")


def test_page(drawing: Drawing, profile: Profile) -> bytes:
    """Give the bytes of a test page: what labels never use, the printer's own letters, and the picture below them.

    The ruler is as long as the profile says a line is, the letters after it those of its code page: a ruler that wraps,
    or a letter that is another one on paper, shows a profile that does not fit. Raises as `compose` does.
    """
    with _IMPORTING:
        composer = _composer()
    out = composer(profile=_MODELS[profile.paper])
    out.hw("INIT")
    out._raw(b"\x1bt" + bytes([profile.code_page_number]))  # noqa: SLF001 - the library guesses the number by its model
    ruler = "".join(str(column % 10) for column in range(1, profile.columns + 1))
    for line in (profile.title, f"{profile.name}: {profile.columns} columns, {profile.code_page}", ruler, _SHOWN):
        for start in range(0, len(line), profile.columns):
            text = line[start : start + profile.columns]
            out._raw(text.encode(profile.code_page, "replace") + b"\n")  # noqa: SLF001 - one page, never switched inside
    return _taken(out) + compose(drawing, profile)


def _pictures(rows: bytes, stride: int, most: int) -> Iterator[bytes]:
    """Give the rows as pictures of at most so many rows (GS v 0).

    Byte for byte as `image` of the library does, which converts each twice and takes tenfold the time of all else.
    """
    for top in range(0, len(rows), stride * most):
        part = rows[top : top + stride * most]
        yield _RASTER + stride.to_bytes(2, "little") + (len(part) // stride).to_bytes(2, "little") + part


def _taken(out: Any) -> bytes:  # noqa: ANN401 - an object of the untyped library
    """Take what was composed so far."""
    data: bytes = out.output
    out.clear()
    return data


def _end(out: Any, profile: Profile) -> None:  # noqa: ANN401 - an object of the untyped library
    """Feed past the cutter and cut, or feed past the tear bar."""
    match profile.cut:
        case "partial":
            out.cut(feed=False)
        case "full":
            out._raw(_FULL_CUT)  # noqa: SLF001 - its own cut is a partial one, whatever it is asked for
        case "none":
            out.print_and_feed(_TEAR_LINES)
