"""What is one line of the journal, and does it follow the line before?

A line is one JSON object, its keys in this order, and then a newline:

    {"seq":1,"ts":"2026-03-10T15:00:00.000Z","offset":"-07:00","station":"…","kind":"…","data":{…},
     "prev":"<64 hex>","hash":"<64 hex>"}

`hash` is the SHA-256 (FIPS 180-4) of the line's bytes up to and not including `,"hash"`; the first `prev` is
64 zeros. `,"hash"` stands nowhere else in a line, so a stranger needs no more than fifty lines of his own to
tell whether a byte was changed.

Pure: no disk, no clock (1). Text from a bar code may be anything, and stays data (10).

>>> chain = Chain("bench-1")
>>> line = chain.compose("signed-in", {"by": "B0042173"}, datetime(2026, 3, 10, 8, tzinfo=UTC))
>>> chain.take(line).seq, chain.seq
(1, 1)
>>> Chain("bench-1").take(line.replace(b"B0042173", b"B0051085"))  # doctest: +ELLIPSIS
Traceback (most recent call last):
ValueError: is not what was written: its bytes have the hash ...
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import orjson

FIRST_PREV = "0" * 64
_SEAL = len(b',"hash":"') + 64 + len(b'"}\n')
_KEYS = ("seq", "ts", "offset", "station", "kind", "data", "prev", "hash")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journal."""

    seq: int
    """1, 2, 3 … at this station."""
    ts: str
    """UTC, ISO 8601 with milliseconds and `Z`."""
    offset: str
    """Of the site's zone when it was written, like `-07:00`."""
    station: str
    kind: str
    data: dict[str, Any]
    """JSON values, as read back from the line."""
    prev: str
    """Hash of the entry before; 64 zeros for the first."""
    hash: str


class Chain:
    """Where the journal has got to: makes the next line, or takes one line after the other and checks it.

    `station` None takes that of the first line. `seq` None begins in the middle: the first line is trusted
    to follow the one before it.
    """

    def __init__(self, station: str | None, seq: int | None = 0, head: str = FIRST_PREV) -> None:
        self.station, self.seq, self.head = station, seq, head

    def compose(self, kind: str, data: Mapping[str, Any], now: datetime) -> bytes:
        """Make the line that would come next; `take` it once it is on disk.

        Raises ValueError where `data` holds anything but JSON values with text keys and finite numbers, or
        a key `hash`, or where `now` carries no offset.
        """
        line = {
            "seq": (self.seq or 0) + 1,
            "ts": _utc(now),
            "offset": _offset(now),
            "station": self.station,
            "kind": kind,
            "data": data,
            "prev": self.head,
        }
        try:
            body = orjson.dumps(line, default=_plain)[:-1]
        except TypeError as error:
            raise ValueError(f"an entry of kind {kind!r} cannot be written as JSON: {error}.") from error
        _check_data(data, "data")
        # A list may hold a scanned text `hash`: escaped, it is the same text and cannot be taken for the seal.
        body = body.replace(b',"hash"', b',"\\u0068ash"')
        return body + b',"hash":"%b"}\n' % sha256(body).hexdigest().encode()

    def take(self, line: bytes) -> Entry:
        """Check the line that comes next and advance to it; raises what `check` raises."""
        entry = self.check(line)
        self.advance(entry)
        return entry

    def check(self, line: bytes) -> Entry:
        """Read the line that comes next; raise ValueError with the end of a sentence that begins "the line"."""
        entry = _read(line)
        if self.seq is not None and entry.seq != self.seq + 1:
            raise ValueError(f"carries seq {entry.seq}, expected {self.seq + 1}")
        if self.seq is not None and entry.prev != self.head:
            raise ValueError(f"follows an entry with hash {entry.prev}, the one before it has {self.head}")
        if self.station is not None and entry.station != self.station:
            raise ValueError(f"was written by station {entry.station!r}, expected {self.station!r}")
        return entry

    def advance(self, entry: Entry) -> None:
        """Take note that `entry` is now the last one."""
        self.station, self.seq, self.head = entry.station, entry.seq, entry.hash


def can_be_torn(rest: bytes) -> bool:
    r"""Whether `rest`, from a bad line to the journal's end, is what one interrupted append can leave.

    >>> can_be_torn(b'{"seq":7,"ts":"20'), can_be_torn(b'{"seq":7,\0\0\0\n'), can_be_torn(b'{"seq":7}\n')
    (True, True, False)
    """
    if not rest.endswith(b"\n"):
        return b"\n" not in rest
    if b"\n" in rest[:-1]:
        return False
    try:
        orjson.loads(rest)
    except orjson.JSONDecodeError:
        return True
    return False


def _read(line: bytes) -> Entry:
    if not line.endswith(b"\n"):
        raise ValueError("has no end")
    digest = sha256(line[:-_SEAL]).hexdigest()
    if line[-_SEAL:] != b',"hash":"%b"}\n' % digest.encode():
        raise ValueError(f"is not what was written: its bytes have the hash {digest}")
    fields = orjson.loads(line)
    if tuple(fields) != _KEYS:
        raise ValueError(f"has the keys {', '.join(fields)}, expected {', '.join(_KEYS)}")
    return msgspec.convert(fields, Entry)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _check_data(value: object, where: str) -> None:
    if isinstance(value, Mapping):
        if "hash" in value:
            raise ValueError(f"{where} has a key 'hash', which only the end of a journal line may have.")
        for key, item in value.items():
            _check_data(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _check_data(item, f"{where}[{number}]")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}, expected a finite number.")


def _utc(now: datetime) -> str:
    if now.utcoffset() is None:
        raise ValueError(f"the time {now.isoformat()} has no offset; expected that of the site's zone.")
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _offset(now: datetime) -> str:
    shape = f"{now:%z}"
    return f"{shape[:3]}:{shape[3:5]}"
