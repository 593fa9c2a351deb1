r"""Is this CSV file what it should be, cell by cell?

A hospital's own files are UTF-8, with or without a byte order mark, a comma between cells, CRLF or LF after lines, a
cell in double quotes where it holds a comma or a quote (RFC 4180, without line breaks inside cells). The first line
names exactly the documented columns, in their order. A cell is what its column says, with no space around it; text
that looks like a formula is text.

>>> read_word("shelf", "tote")("tote")
'tote'
>>> read_number(0, 99)("1O0")
Traceback (most recent call last):
...
stations.records.csv_files.CellRefused: a whole number from 0 to 99
"""

import contextlib
import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

import msgspec

from stations.records.reading import Pace, Refusals, Source, lines, shown
from stations.scanning import ndc, ours

LARGEST = 32 << 20
"""Bytes of one file."""
_MARK = "\ufeff"
_LONGEST = 200
_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")
_HIBC = re.compile(r"[A-Z][0-9A-Z]{3}[0-9A-Z]{1,18}[0-9]")
_NDC12 = re.compile(r"[0-9]{6}-[0-9]{4}-[0-9]{2}")
_INITIALS = re.compile(r"[A-Z0-9]{1,8}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CellRefused(ValueError):
    """A cell that is not what its column says; the text names what was expected."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a file."""

    name: str
    read: Callable[[str], Any]
    """Turns the text of a cell into a value, or raises CellRefused."""
    empty: Any = None
    """What an empty cell means; None: a cell must not be empty."""
    later: bool = False
    """Added at the end by a later version: a file of an earlier one has no such column, and every cell is empty."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file, its cells read."""

    file: str
    number: int
    cells: Mapping[str, Any]
    refusals: Refusals

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401 - a cell holds what its column reads
        return self.cells[column]

    def refuse_line(self, found: str, expected: str) -> None:
        """Note that the line as a whole does not go with the rest."""
        self.refusals.add(f"{self.file}, line {self.number}: found {found}, expected {expected}.")

    def refuse_beside(self, column: str, expected: str) -> None:
        """Note that a cell does not go with what the registers say, unless the file was taken before."""
        if not self.refusals.taken_before:
            self.refuse(column, expected)

    def refuse(self, column: str, expected: str) -> None:
        """Note that a cell does not go with the rest."""
        where = f"{self.file}, line {self.number}, column {column}"
        self.refusals.add(f"{where}: found {shown(str(self.cells[column]))}, expected {expected}.")


def read_lines(source: Source, columns: Sequence[Column], refusals: Refusals, pace: Pace) -> Iterator[Line]:
    """Yield the lines whose cells are all right; the others are noted in `refusals`.

    Raises ImportRefused where the file is no CSV text, or its first line is not the expected one.
    """
    wanted = [column.name for column in columns]
    head: list[str] | None = None
    for number, text in lines(source, "utf-8", refusals, pace):
        found = _cells(source, number, text.removeprefix(_MARK) if head is None else text, refusals)
        if head is None:
            head = found
            if head == [column.name for column in columns if not column.later]:
                wanted = head
            elif head != wanted:
                _refuse_head(source, head, wanted, refusals)
        elif len(found) != len(wanted):
            where = f"{source.name}, line {number}"
            refusals.add(f"{where}: found {len(found)} cells, expected {len(wanted)}: {','.join(wanted)}.")
        else:
            cells = _read_cells(f"{source.name}, line {number}", columns, found, refusals)
            if len(cells) == len(columns):
                yield Line(file=source.name, number=number, cells=cells, refusals=refusals)
    if head is None:
        refusals.stop(f"{source.name}: found an empty file, expected a first line {','.join(wanted)}.")


def _cells(source: Source, number: int, text: str, refusals: Refusals) -> list[str]:
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        refusals.stop(f"{source.name}, line {number}: found {error}, expected cells as RFC 4180 quotes them.")


def _refuse_head(source: Source, head: Sequence[str], wanted: Sequence[str], refusals: Refusals) -> None:
    found = shown(",".join(head))
    odd = next((name for name in head if name not in wanted), None)
    lacking = next((name for name in wanted if name not in head), None)
    why = f" (it has {shown(odd)})" if odd is not None else f" (it lacks {lacking})" if lacking is not None else ""
    refusals.stop(f"{source.name}, line 1: found {found}{why}, expected {','.join(wanted)}.")


def _read_cells(where: str, columns: Sequence[Column], texts: Sequence[str], refusals: Refusals) -> dict[str, Any]:
    """Read the cells of a line; those that are not what they should be are noted and left out."""
    cells: dict[str, Any] = {}
    for column, text in zip(columns, chain(texts, repeat("")), strict=False):
        try:
            cells[column.name] = _cell(column, text)
        except CellRefused as error:
            refusals.add(f"{where}, column {column.name}: found {shown(text)}, expected {error}.")
    return cells


def _cell(column: Column, text: str) -> Any:  # noqa: ANN401 - a cell holds what its column reads
    if text != text.strip() or not text.isprintable():
        raise CellRefused("printable characters with no space around them")
    if not text:
        if column.empty is None:
            raise CellRefused("a value")
        return column.empty
    return column.read(text)


# What a cell can be --------------------------------------------------------------------------------------------------


def read_text(text: str) -> str:
    """Take any words, up to 200 characters."""
    if len(text) > _LONGEST:
        raise CellRefused(f"at most {_LONGEST} characters")
    return text


def read_id(text: str) -> str:
    """Take an id: `hydralazine-25-tab`."""
    if _ID.fullmatch(text) is None or len(text) > _LONGEST:
        raise CellRefused("an id of small letters and digits, with single hyphens or full stops between them")
    return text


def read_initials(text: str) -> str:
    """Take a person's short id: one to eight of A-Z and 0-9."""
    if _INITIALS.fullmatch(text) is None:
        raise CellRefused("one to eight of A-Z and 0-9")
    return text


def read_word(*words: str) -> Callable[[str], str]:
    """Take one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise CellRefused(f"one of {', '.join(words)}")
        return text

    return read


def read_flag(text: str) -> bool:
    """Take `yes` or `no`."""
    if text not in ("yes", "no"):
        raise CellRefused("yes or no")
    return text == "yes"


def read_number(least: int, most: int) -> Callable[[str], int]:
    """Take a whole number in ASCII digits."""

    def read(text: str) -> int:
        if not ndc.is_digits(text) or len(text) > len(str(most)) or not least <= int(text) <= most:
            raise CellRefused(f"a whole number from {least} to {most}")
        return int(text)

    return read


def read_decimal(text: str) -> float:
    """Take a number of up to nine digits, a full stop and four more."""
    if _DECIMAL.fullmatch(text) is None:
        raise CellRefused("a number such as 4.25")
    return float(text)


def read_date(text: str) -> str:
    """Take a day, `2026-03-10`; registers keep it as this text."""
    if _DATE.fullmatch(text) is not None:
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(text).isoformat()
    raise CellRefused("a day such as 2026-03-10")


def read_own(letter: str) -> Callable[[str], str]:
    """Take one of our own codes of that type letter, its check character right (ISO/IEC 7064 MOD 37,36)."""

    def read(text: str) -> str:
        if not text.startswith(letter) or not ours.is_ours(text):
            raise CellRefused(f"{letter}, up to ten of 0-9 and A-Z, and their check character")
        return text

    return read


def read_gtin(text: str) -> str:
    """Take a GTIN as fourteen digits, its check digit right (GS1 General Specifications 7.9)."""
    if len(text) != len("00309991234563") or not ndc.has_check_digit(text):
        raise CellRefused("a GTIN of fourteen digits with its check digit")
    return text


def read_hibc(text: str) -> str:
    """Take what a HIBC primary code names: labeler, product and unit digit, as `H123RX0451` (ANSI/HIBC 2.6)."""
    if _HIBC.fullmatch(text) is None:
        raise CellRefused("labeler, product and unit digit of a HIBC as H123RX0451")
    return text


def read_ndc12(text: str) -> str:
    """Take an NDC in the 12-digit form: `000999-1234-56`."""
    if _NDC12.fullmatch(text) is None:
        raise CellRefused("an NDC as 000999-1234-56")
    return text


def read_list(read: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    """Take several values with a semicolon between them, each once."""

    def read_all(text: str) -> tuple[Any, ...]:
        parts = text.split(";")
        if len(set(parts)) < len(parts):
            raise CellRefused("each value once")
        return tuple(read(part) for part in parts)

    return read_all
