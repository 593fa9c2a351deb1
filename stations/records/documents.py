"""What does one register hold, and how is a row found without looking at all of them?

In memory a document stays the bytes it has in the file, and is decoded when it is asked for: 215,000 packages
are then 215,000 objects that the garbage collector never visits, a caller cannot change what is kept, and
saving copies bytes instead of encoding them. Beside them stand the number of each key and, for every indexed
field, the numbers of the rows with each value, so that a look-up never walks the table.

Loops over rows stay loops in Python and pause: nothing here holds the interpreter longer than a few
milliseconds while a scanner is read.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
import orjson

Row = Mapping[str, Any]
"""A document that cannot be changed: objects are read-only mappings, lists are tuples."""

BATCH = 256  # documents between two pauses, about 60 KB
_PAUSE = 0.00002  # seconds; asleep the interpreter's lock is free, however short the sleep
_PARTS = 32  # a dictionary of 200,000 that grows stops every thread for 10 ms; these grow one by one

_Held = dict[str, int | dict[int, None]]
"""Numbers of the rows with a value; one row, as nearly always in a big register, costs a number and no set."""
_Value = TypeVar("_Value")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """How one register is kept."""

    key: str
    """The field that names a row."""
    indexed: tuple[str, ...] = ()
    """Other fields that rows are looked up by."""
    home: str
    """`station`, or `site:<folder>` for one that the site's stations share."""
    big: bool = False
    """Read-mostly, changed only by imports; its rows are decoded each time they are read."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One element of an entry's `rows`."""

    register: str
    key: str
    row: dict[str, Any] | None
    """The whole row, or None to remove it."""


class Documents(MutableMapping[str, Any]):
    """The rows of one register by document number (as text: TinyDB's shape), key and indexed field.

    `key` and `indexed` are field names. `remember` keeps each row once decoded; a big register does not.
    """

    def __init__(self, key: str, indexed: Iterable[str], *, remember: bool) -> None:
        self._key = key
        # By number, from 1. A removed row leaves a gap, which the next reading of the file closes.
        self._raw: list[bytes | None] = [None]
        self._numbers: list[dict[str, int]] = [{} for _ in range(_PARTS)]
        self._held: dict[str, list[_Held]] = {field: [{} for _ in range(_PARTS)] for field in indexed}
        self._decoded: dict[int, tuple[bytes, Row]] | None = {} if remember else None

    def __getitem__(self, number: str) -> Row:
        row = self._row(int(number))
        if row is None:
            raise KeyError(number)
        return row

    def __setitem__(self, number: str, row: Row) -> None:
        key = text_of(row[self._key])
        if self.has(int(number)) and self.number_for(key) != int(number):
            del self[number]
        self._keep(key, row, _bytes(row), int(number))

    def __delitem__(self, number: str) -> None:
        key = text_of(self[number][self._key])
        self._forget(int(number))
        self._raw[int(number)] = None
        del _part(self._numbers, key)[key]

    def __iter__(self) -> Iterator[str]:
        return map(str, self._all())

    def __len__(self) -> int:
        return sum(map(len, self._numbers))

    def has(self, number: object) -> bool:
        """Whether a row has that number."""
        return isinstance(number, int) and 0 < number < len(self._raw) and self._raw[number] is not None

    def number_for(self, key: str) -> int:
        """Return the number of the row with that key, or the one it would get."""
        return _part(self._numbers, key).get(key, len(self._raw))

    def plain(self, number: int) -> dict[str, Any]:
        """Return a copy of a row that may be changed; the row may not. Raises KeyError."""
        raw = self._raw[number] if self.has(number) else None
        if raw is None:
            raise KeyError(number)
        row: dict[str, Any] = orjson.loads(raw)
        return row

    def named(self, key: str) -> Row | None:
        """Return the row with that key."""
        number = _part(self._numbers, key).get(key)
        return None if number is None else self._row(number)

    def matching(self, equals: Mapping[str, str]) -> Iterator[Row]:
        """Yield, in the order they were first put, the rows whose fields equal these texts.

        A list equals when one of its items does. An absent field, null and the empty text are one; they are
        in no index, so asking for the empty text reads every row, as does asking only for fields without one.
        """
        for number in self._candidates(equals):
            row = self._row(number)
            if row is not None and all(value in (texts_of(row.get(field)) or ("",)) for field, value in equals.items()):
                yield row

    def take(self, raw: bytes) -> None:
        """Keep a document as it stands in a file; raises ValueError, KeyError where it is none."""
        row = orjson.loads(raw)
        self._keep(text_of(row[self._key]), row, raw, len(self._raw))

    def snapshot(self) -> list[bytes | None]:
        """Return the documents by number as they are now, to be written while they change; copies none."""
        return self._raw.copy()

    def let_go(self) -> None:
        """Empty bit by bit: freeing 215,000 objects in one go would stop every other thread."""
        while self._raw:
            del self._raw[-BATCH:]
            breathe()
        parts: list[dict[str, Any]] = [*self._numbers]
        for held in self._held.values():
            parts += held
        for part in parts:
            part.clear()
            breathe()

    def _row(self, number: int) -> Row | None:
        raw = self._raw[number] if number < len(self._raw) else None
        if raw is None:
            return None
        if self._decoded is None:
            return frozen(orjson.loads(raw))
        known = self._decoded.get(number)
        # Another thread may put a row while this one decodes it: only the row of these bytes counts.
        if known is None or known[0] is not raw:
            known = self._decoded[number] = (raw, frozen(orjson.loads(raw)))
        return known[1]

    def _all(self) -> list[int]:
        return [number for number, raw in enumerate(self.snapshot()) if raw is not None]

    def _keep(self, key: str, row: Row, raw: bytes, number: int) -> None:
        number = _part(self._numbers, key).setdefault(key, number)
        if number < len(self._raw):
            self._forget(number)
            self._raw[number] = raw
        else:
            self._raw += [None] * (number - len(self._raw))
            self._raw.append(raw)
        for field, parts in self._held.items():
            for text in texts_of(row.get(field)):
                _hold(_part(parts, text), text, number)

    def _candidates(self, equals: Mapping[str, str]) -> list[int]:
        if self._key in equals:
            return [self.number_for(equals[self._key])]
        indexed = [(self._held[field], text) for field, text in equals.items() if text and field in self._held]
        found = [_part(parts, text).get(text, {}) for parts, text in indexed]
        if not found:
            return self._all()
        least = min(found, key=lambda numbers: 1 if isinstance(numbers, int) else len(numbers))
        return [least] if isinstance(least, int) else sorted(least)

    def _forget(self, number: int) -> None:
        """Take the row with that number out of the indexes, and out of what is decoded."""
        row = self._row(number)
        if row is None:
            return
        if self._decoded is not None:
            self._decoded.pop(number, None)
        for field, parts in self._held.items():
            for text in texts_of(row.get(field)):
                _release(_part(parts, text), text, number)


class Touched(MutableMapping[int, dict[str, Any]]):
    """Documents by number, as one change sees them; what it asked for or set is kept until `apply`."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._rows: dict[int, dict[str, Any] | None] = {}

    def __getitem__(self, number: int) -> dict[str, Any]:
        if number not in self._rows:
            self._rows[number] = self._documents.plain(number)
        row = self._rows[number]
        if row is None:
            raise KeyError(number)
        return row

    def __setitem__(self, number: int, row: dict[str, Any]) -> None:
        self._rows[number] = row

    def __delitem__(self, number: int) -> None:
        self._rows[number] = None

    def __contains__(self, number: object) -> bool:
        if number in self._rows:
            return self._rows[number] is not None
        return self._documents.has(number)

    def __iter__(self) -> Iterator[int]:
        numbers = dict.fromkeys([*map(int, self._documents), *self._rows])
        return (number for number in numbers if number in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def apply(self) -> None:
        """Bring what was touched into the documents."""
        for number, row in self._rows.items():
            if row is not None:
                self._documents[str(number)] = row
            elif self._documents.has(number):
                del self._documents[str(number)]


def breathe() -> None:
    """Let other threads run; called after every `BATCH` documents of a long loop."""
    time.sleep(_PAUSE)


def frozen(row: dict[str, Any]) -> Row:
    """Make a row that cannot be changed: read-only mappings and tuples all the way down.

    >>> frozen({"lots": ["A1", "B2"]})
    mappingproxy({'lots': ('A1', 'B2')})
    """
    return MappingProxyType({field: _frozen(value) for field, value in row.items()})


def changes_in(rows: object) -> list[Change]:
    """Read an entry's `rows`; raise ValueError with a sentence where they are not changes."""
    try:
        return msgspec.convert(rows, list[Change])
    except msgspec.ValidationError as error:
        raise ValueError(f"an entry's rows cannot be read: {error}.") from error


def text_of(value: object) -> str:
    """Write a value as people and scripts compare it.

    >>> text_of(24), text_of(True), text_of(None), text_of("A4W")
    ('24', 'true', '', 'A4W')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts_of(value: object) -> tuple[str, ...]:
    """Return the texts under which a field's value is found; none for an empty one."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(text for item in value for text in texts_of(item)))
    return () if value is None else (text_of(value),)


def _bytes(row: Row) -> bytes:
    try:
        # A copy, because the encoder's own bytes keep the room of the longest row it expects.
        return memoryview(orjson.dumps(row, default=_plain)).tobytes()
    except TypeError as error:
        raise ValueError(f"a row cannot be written as JSON: {error}.") from error


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _part(parts: list[dict[str, _Value]], text: str) -> dict[str, _Value]:
    return parts[hash(text) % _PARTS]


def _hold(held: _Held, text: str, number: int) -> None:
    found = held.setdefault(text, number)
    if isinstance(found, dict):
        found[number] = None
    elif found != number:
        held[text] = {found: None, number: None}


def _release(held: _Held, text: str, number: int) -> None:
    found = held[text]
    if isinstance(found, int):
        del held[text]
    else:
        del found[number]
        if not found:
            del held[text]


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return frozen(value)
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
