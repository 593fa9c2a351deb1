"""What can a rule look up, and what can it leave behind?

`Facts` is the read-only, indexed view of the registers that rules see; `Put` is a row a rule wants kept. Registers
change only by folding recorded entries, so a `Put` is a wish until its entry is on disk.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

Row = Mapping[str, Any]
T = TypeVar("T")


class Facts(Protocol):
    """The registers as a rule sees them; every look-up by key or indexed field takes constant time."""

    def row(self, register: str, key: str) -> Row | None:
        """Return the current row with that key, or None."""

    def rows(self, register: str, **equals: str) -> Sequence[Row]:
        """Return the current rows whose fields equal all the given values, in the order they were made."""


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """A register row to keep, whole; None removes the row."""

    register: str
    key: str
    row: dict[str, Any] | None


def typed(row: Row, kind: type[T]) -> T:
    """Read a register's row as a value; fields the value does not name are left aside."""
    return msgspec.convert(dict(row), kind, strict=False)


_MADE = frozenset({"seq", "created_ts", "created_by", "station_id"})


def kept(row: Row) -> dict[str, Any]:
    """Return a row's own fields, to be changed, without what the register notes of the entry that made it."""
    return {field: _thawed(value) for field, value in row.items() if field not in _MADE}


def _thawed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {key: _thawed(inner) for key, inner in value.items()}
    return [_thawed(inner) for inner in value] if isinstance(value, list | tuple) else value


class WithRows:
    """The registers as they will be once some rows are kept: what a later rule of the same event looks at."""

    def __init__(self, facts: Facts, puts: Sequence[Put]) -> None:
        """Later rows win over earlier ones, and all over `facts`."""
        self._facts = facts
        self._puts = {(put.register, put.key): put.row for put in puts}

    def row(self, register: str, key: str) -> Row | None:
        """Return the row as it will be."""
        if (register, key) in self._puts:
            return self._puts[register, key]
        return self._facts.row(register, key)

    def rows(self, register: str, **equals: str) -> Sequence[Row]:
        """Return the rows as they will be, new ones last."""
        here = {key: row for (name, key), row in self._puts.items() if name == register}
        if not here:
            return self._facts.rows(register, **equals)
        gone = [self._facts.row(register, key) for key in here]
        before = [row for row in self._facts.rows(register, **equals) if row not in gone]
        fits = [
            row
            for row in here.values()
            if row is not None and all(str(row.get(field)) == value for field, value in equals.items())
        ]
        return [*before, *fits]


class NoFacts:
    """Registers without a single row: what is known before a data folder is open."""

    def row(self, register: str, key: str) -> Row | None:  # noqa: ARG002 - the protocol's shape
        """Return None: nothing is known."""
        return None

    def rows(self, register: str, **equals: str) -> Sequence[Row]:  # noqa: ARG002 - the protocol's shape
        """Return no rows: nothing is known."""
        return ()
