"""How is a file from outside read: whole, within bounds, line by line, without holding up a scanner?

Laws: bad input is a value, told in one sentence that names file, line, column, what was found and what was expected;
after the first thing that makes a file no text of its kind nothing more of it is looked at. No call into C lasts
long: between short batches of lines the interpreter is free for others.

A file is what its bytes say, never what its name says, so a file kept as `done/<sha256>-<name>` reads as it did when
it was dropped.
"""

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from stations.records.documents import BATCH, breathe

LONGEST_LINE = 65_536
"""Bytes; the longest line in FDA's files has under 5,000."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BLOCK = 1 << 20  # bytes looked through in one go: a fraction of a millisecond
_MOST_SENTENCES = 20
_SHOWN = 40

Progress = Callable[[int, int], None]
"""Is told the lines read so far, and how many there are."""


class ImportRefused(ValueError):
    """A file of which nothing was taken."""

    sentences: tuple[str, ...]
    """Each says what was found and what was expected, and where."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file's bytes as they were when they were read, so that what is checked is what is taken."""

    name: str
    """As it may be shown: what cannot be printed is replaced."""
    data: bytes
    sha256: str
    """Of the bytes (FIPS 180-4), hex; the file is kept under `done/<sha256>-<name>`."""


class Refusals:
    """What is wrong with the files of one import, up to a number that a person will still read."""

    def __init__(self, *, taken_before: bool = False) -> None:
        self._sentences: list[str] = []
        self.taken_before = taken_before
        """The files were taken once: what the registers say by now is no reason to refuse them."""

    def add(self, sentence: str) -> None:
        """Note one thing that is wrong; raise ImportRefused when there is no use in going on."""
        self._sentences.append(sentence)
        if len(self._sentences) == _MOST_SENTENCES:
            self._sentences.append(f"There may be more: reading stopped after {_MOST_SENTENCES} of these.")
            self.settle()

    def stop(self, sentence: str) -> NoReturn:
        """Note what makes the rest unreadable, and raise ImportRefused."""
        raise ImportRefused(*self._sentences, sentence)

    def settle(self) -> None:
        """Raise ImportRefused if anything was noted."""
        if self._sentences:
            raise ImportRefused(*self._sentences)


class Pace:
    """Counts lines, lets other threads run, and tells how far the reading is."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total, self._progress = total, progress
        self._lines = 0

    def step(self) -> None:
        """Count one line more; tell of it and pause once a batch."""
        self._lines += 1
        if self._lines % BATCH == 0:
            self._progress(self._lines, self._total)
            breathe()

    def finish(self) -> None:
        """Tell the last number."""
        self._progress(self._lines, self._total)


def read_source(path: Path, most: int) -> Source:
    """Read a file of at most `most` bytes whole; raise ImportRefused for one that cannot be read or is larger."""
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # One byte more than there should be: room for the most there may be takes milliseconds to get and to free.
            data = file.read(size + 1) if size <= most else b""
    except (OSError, ValueError) as error:
        says = error.strerror if isinstance(error, OSError) else str(error)
        raise ImportRefused(f"{name}: cannot be read: {says}.") from error
    if size > most or len(data) > most:
        raise ImportRefused(f"{name}: found {max(size, len(data)):,} bytes, expected at most {most:,}.")
    return Source(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def count_lines(sources: Sequence[Source]) -> int:
    """Return how many lines the sources have together, a torn last one not counted."""
    total = 0
    for source in sources:
        for start in range(0, len(source.data), _BLOCK):
            total += source.data.count(b"\n", start, start + _BLOCK)
            breathe()
    return total


def lines(source: Source, encoding: str, refusals: Refusals, pace: Pace) -> Iterator[tuple[int, str]]:
    """Yield each line's number from 1 and its text without CRLF or LF.

    Raises ImportRefused at the first line that is too long, holds a control character other than tab, or is not in
    that encoding.
    """
    file = io.BytesIO(source.data)
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        pace.step()
        where = f"{source.name}, line {number}"
        if len(raw) > LONGEST_LINE:
            refusals.stop(f"{where}: found more than {LONGEST_LINE:,} bytes, expected a line shorter than that.")
        body = raw.removesuffix(b"\n").removesuffix(b"\r")
        control = _CONTROLS.search(body)
        if control is not None:
            found = f"the control character 0x{control[0][0]:02X}"
            refusals.stop(f"{where}: found {found}, expected text in {encoding}.")
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            found = f"the byte 0x{body[error.start]:02X} at place {error.start + 1}"
            refusals.stop(f"{where}: found {found}, expected text in {encoding}.")
        yield number, text


def let_go(held: list[Any] | set[Any] | dict[Any, Any]) -> None:
    """Empty what holds many values bit by bit, so that freeing them holds nobody up."""
    while held:
        for _ in range(min(BATCH, len(held))):
            if isinstance(held, dict):
                held.popitem()
            else:
                held.pop()
        breathe()


def printable(text: str) -> str:
    """Return a text with U+FFFD for every character that cannot be printed."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def shown(text: str) -> str:
    r"""Return a text from a file as a sentence may show it: short, and with nothing unprintable.

    >>> shown("a\x1b[2J")
    "'a\\x1b[2J'"
    """
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
