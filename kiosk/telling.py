r"""How does a command speak to a person, and to the programs behind a pipe?

Answers go to standard output, sentences about trouble and progress to standard error. Text from a bar code is hostile:
every character that does not print is written out, so that none reaches the terminal, and a cell of a CSV file never
begins as a formula would.

>>> list(aligned(("item", "on hand"), [("A\x1b[2J", 3)]))
['item      on hand', 'A\\x1b[2J  3']
"""

import csv
import datetime as dt
import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from kiosk.commandline import Exit
from stations.scanning.codes import visible

Clock = Callable[[], dt.datetime]
"""Gives the time, with its offset."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHOW_AFTER_S, _SHOW_EVERY_S = 1.0, 0.2
_BAR = 30


class Ended(Exception):
    """A command cannot do what was asked."""

    def __init__(self, status: Exit, *sentences: str) -> None:
        """Each sentence says what was found, what was expected, and where; each gets a line of its own."""
        super().__init__("\n".join(sentences))
        self.status, self.sentences = status, sentences


def say(line: str) -> None:
    """Write one line to standard output, and let whoever reads a pipe have it at once."""
    sys.stdout.write(visible(line) + "\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Write one JSON value on a line of its own, in ASCII."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def complain(sentence: str) -> None:
    """Write one sentence to standard error."""
    sys.stderr.write(visible(sentence) + "\n")
    sys.stderr.flush()


def aligned(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Give a table as lines of text, each column as wide as its widest cell."""
    table = [tuple(map(visible, head)), *(tuple(_cell(cell) for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def csv_line(cells: Iterable[object]) -> str:
    r"""Give one line of a CSV file (RFC 4180), without its end.

    A text that a spreadsheet would run as a formula gets an apostrophe before it; numbers are left alone.

    >>> csv_line(["=1+1", -2, 'a "b", c', None])
    '\'=1+1,-2,"a ""b"", c",'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(_safe(cell) for cell in cells)
    return line.getvalue()


def rows_said(columns: Sequence[str], rows: Sequence[Mapping[str, object]], how: str) -> None:
    """Write rows as `text`, `csv` or `json`."""
    if how == "json":
        for row in rows:
            say_json({column: row.get(column) for column in columns})
        return
    cells = [[row.get(column) for column in columns] for row in rows]
    lines = aligned(columns, cells) if how == "text" else map(csv_line, [columns, *cells])
    for line in lines:
        say(line)


def _cell(value: object) -> str:
    return "" if value is None else visible(str(value))


def _safe(value: object) -> str:
    text = _cell(value)
    return f"'{text}" if isinstance(value, str) and value.startswith(_FORMULA) else text


class Progress:
    """Shows on standard error how far something is, once it takes longer than a second.

    On a terminal a bar that is drawn over; elsewhere a line for every tenth, so that a log stays readable.
    """

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._clock = what, clock
        self._started = self._shown = clock()
        self._tenth = 0
        self._drawn = False

    def __call__(self, done: int, total: int) -> None:
        """Tell how many of how many are done."""
        now, tenth = self._clock(), 10 * done // total if total else 0
        if now - self._started < _SHOW_AFTER_S or now - self._shown < _SHOW_EVERY_S:
            return
        self._shown = now
        if sys.stderr.isatty():
            full = _BAR * done // total if total else 0
            self._draw(f"\r{self._what} [{'#' * full}{'.' * (_BAR - full)}] {done:,} of {total:,}")
        elif tenth > self._tenth:
            self._tenth = tenth
            complain(f"{self._what}: {done:,} of {total:,}")

    def begin(self) -> None:
        """Count the time from now: what was waited for before is not what is shown."""
        self._started = self._shown = self._clock()

    def dot(self) -> None:
        """Tell that it still goes on, where nobody knows how far it is."""
        if sys.stderr.isatty():
            self._draw("." if self._drawn else f"{self._what} .")

    def close(self) -> None:
        """End the line that was drawn."""
        if self._drawn:
            self._draw("\n")
            self._drawn = False

    def _draw(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
        self._drawn = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
