"""What would a real printer have done with these bytes?

A printer without a printer: it takes the states that real ones take, and interprets what it is sent into paper, row by
row. It understands the few commands that `printers.printer` composes; any other byte is kept as a stray, and so is a
real-time command inside a picture, for a real printer would have acted on it.
"""

import enum
import re
import threading

from printers.canvas import Raster, coverage, png
from printers.label import Paper
from printers.status import NEAR_END, Fault, NotReady, Ready, Status, Unanswered, faulty
from printers.transports import TransportBroken

__all__ = ["Glyphs", "Roll", "Sheet", "State", "VirtualPrinter", "blocks", "png"]

_LINE_FEED_DOTS = 30
_REALTIME = re.compile(rb"\x10[\x04\x05\x14].?", re.DOTALL)
_RASTER = b"\x1dv0"
_RASTER_HEADER = 8
_FIXED = {b"\x1b@": 2, b"\x1bd": 3, b"\x1bJ": 3, b"\x1dr": 3, b"\n": 1}
"""Commands of fixed length, and that length in bytes."""
_CUT = b"\x1dV"
_CUTS_WITH_FEED = b"AB"
_INK_FROM, _INK_FROM_COARSE = 72, 40
"""A cell of a coarse picture counts as ink from this share of 255, so that thin strokes survive."""
_COARSE_DOTS = 12
"""Cells of so many dots across are coarse: a letter's stroke is a sixth of one."""


class State(enum.StrEnum):
    """What the virtual printer may be told to be."""

    READY = "ready"
    NEAR_END = "near-end"
    OUT_OF_PAPER = "out-of-paper"
    OFFLINE = "offline"
    COVER_OPEN = "cover-open"
    JAM = "jam"
    ERROR = "error"
    DROP_AFTER = "drop-after"
    """Ready, but the line breaks after so many more bytes."""


class Sheet(Raster, frozen=True, kw_only=True):
    """A piece of paper as a person would see it."""

    cut: bool
    """False for the piece that still hangs in the printer."""


class Glyphs(enum.StrEnum):
    """Characters to show paper with, by what a terminal can draw."""

    QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
    """Two dots across and two down in one character."""
    HALVES = " ▀▄█"
    """One across and two down; the Linux console has these."""
    ASCII = " '.#"
    """The same for terminals that have nothing else."""


class Roll:
    """Interprets a stream of bytes into rows of dots, however the stream is cut into pieces."""

    def __init__(self, dots: int) -> None:
        self._stride = dots // 8
        self._dots = dots
        self._unread = b""
        self._rows: list[bytes] = []
        self.sheets: list[Sheet] = []
        self.strays = b""

    def feed(self, data: bytes) -> None:
        """Interpret every whole command."""
        self._unread += data
        while length := self._command_length():
            command, self._unread = self._unread[:length], self._unread[length:]
            self._obey(command)

    def tear(self) -> None:
        """End the stream: print the whole rows of a half-received picture, forget the rest."""
        if self._unread.startswith(_RASTER) and len(self._unread) > _RASTER_HEADER:
            self._print(self._unread)
        self._unread = b""

    def hanging(self) -> Sheet | None:
        """Give the piece that is not cut off."""
        return self._sheet(cut=False) if self._rows else None

    def _command_length(self) -> int:
        """Bytes of the command at the head of what is unread; 0 until it has come whole."""
        head = self._unread
        if head.startswith(_RASTER):
            length = _RASTER_HEADER
            if len(head) >= length:
                length += int.from_bytes(head[4:6], "little") * int.from_bytes(head[6:8], "little")
        elif head.startswith(_CUT):
            length = 4 if head[2:3] and head[2] in _CUTS_WITH_FEED else 3
        elif head in (b"\x1b", b"\x1d", b"\x1dv"):
            length = len(head) + 1
        else:
            length = next((size for start, size in _FIXED.items() if head.startswith(start)), 1)
        return length if len(head) >= length > 0 else 0

    def _obey(self, command: bytes) -> None:
        match command[:2]:
            case b"\x1dv":
                self._print(command)
            case b"\x1dV":
                self._feed_dots(command[3] if len(command) > len(b"\x1dV0") else 0)
                self.sheets.append(self._sheet(cut=True))
                self._rows = []
            case b"\x1bd":
                self._feed_dots(command[2] * _LINE_FEED_DOTS)
            case b"\x1bJ":
                self._feed_dots(command[2])
            case b"\n":
                self._feed_dots(_LINE_FEED_DOTS)
            case b"\x1b@" | b"\x1dr" | b"\0":  # a printer passes over NUL
                pass
            case _:
                self.strays += command

    def _print(self, command: bytes) -> None:
        data = command[_RASTER_HEADER:]
        self.strays += b"".join(_REALTIME.findall(data))
        width = int.from_bytes(command[4:6], "little")
        for start in range(0, len(data) - width + 1, max(1, width)):
            self._rows.append(data[start : start + width][: self._stride].ljust(self._stride, b"\0"))

    def _feed_dots(self, dots: int) -> None:
        self._rows += [bytes(self._stride)] * dots

    def _sheet(self, *, cut: bool) -> Sheet:
        return Sheet(width=self._dots, height=len(self._rows), rows=b"".join(self._rows), cut=cut)


class VirtualPrinter:
    """A transport whose printer is in memory; safe to look at from another thread."""

    def __init__(self, paper: Paper = Paper.MM80) -> None:
        self._lock = threading.Lock()
        self._roll = Roll(paper.dots)
        self._state = State.READY
        self._left: int | None = None
        """Bytes until the line breaks; none where it holds."""
        self._is_down = False

    def set_state(self, word: str, n: int | None = None) -> None:
        """Put the printer in a state; `n` is the bytes after which the line drops.

        Mends a broken line. Raises ValueError for an unknown word, or for a number too few or too many.
        """
        if word not in set(State):
            raise ValueError(f"{word!r} is no state of a printer; there are {', '.join(State)}")
        state = State(word)
        if (state is State.DROP_AFTER) != (n is not None and n >= 0):
            raise ValueError(f"a number of bytes belongs to drop-after alone; {word} {n} was found")
        with self._lock:
            self._state, self._left, self._is_down = state, n, False

    def status(self) -> Status:
        """As a printer of this state would answer."""
        with self._lock:
            if self._is_down:
                return Unanswered(sentence="The printer does not answer; check its cable.")
            if self._state.value in set(Fault):
                return faulty(Fault(self._state.value))
            return NEAR_END if self._state is State.NEAR_END else Ready()

    def send(self, data: bytes) -> None:
        """Print; raises TransportBroken where the line drops, and with nothing sent where the printer is not ready."""
        status = self.status()
        if isinstance(status, NotReady | Unanswered):
            raise TransportBroken(0, status.sentence)
        with self._lock:
            taken = len(data) if self._left is None else min(len(data), self._left)
            self._roll.feed(data[:taken])
            if self._left is not None:
                self._left -= taken
            if taken < len(data):
                self._roll.tear()
                self._is_down = True
                raise TransportBroken(taken, f"The line to the printer broke after {taken} of {len(data)} bytes.")

    def paper(self) -> tuple[Sheet, ...]:
        """Give everything printed so far, oldest first; the last piece may still hang in the printer."""
        with self._lock:
            hanging = self._roll.hanging()
            return (*self._roll.sheets, *([hanging] if hanging else []))

    def strays(self) -> bytes:
        """Give what a real printer would have printed as letters or obeyed unasked; empty when all is well."""
        with self._lock:
            return self._roll.strays


def blocks(sheet: Sheet, columns: int, glyphs: Glyphs = Glyphs.QUADRANTS) -> list[str]:
    """Show the sheet as lines of `columns` characters twice as high as wide; ink as blocks on the colour of paper."""
    across = 2 if glyphs is Glyphs.QUADRANTS else 1
    width = columns * across
    height = 2 * max(1, round(sheet.height * columns / sheet.width / 2))
    least = _INK_FROM_COARSE if sheet.width >= _COARSE_DOTS * width else _INK_FROM
    is_ink = [level >= least for level in coverage(sheet, width, height)]
    return [_block_line(is_ink[top : top + 2 * width], across, glyphs) for top in range(0, width * height, 2 * width)]


def _block_line(is_ink: list[bool], across: int, glyphs: Glyphs) -> str:
    """One line of characters from two rows of cells; a cell's weight is its bit in the glyph's place."""
    upper, lower = is_ink[: len(is_ink) // 2], is_ink[len(is_ink) // 2 :]
    line = ""
    for left in range(0, len(upper), across):
        cells = (*upper[left : left + across], *lower[left : left + across])
        line += glyphs[sum(1 << place for place, ink in enumerate(cells) if ink)]
    return line
