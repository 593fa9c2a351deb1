"""What happened at this station, in which order, and is the record still what was written?

Door to the journal's folder. One line an entry (see `chain`), appended and fsynced before anything is shown
or printed. Lines lie in `YYYY-MM-DD.jsonl`, by the UTC day of their `ts`, but never in an earlier file than
the line before: `seq` orders, not the clock.

Laws: record before reveal, and a journal that cannot write says so (4): an entry is returned only when it is
on disk, and after a failed append either the disk is as it was before or nothing more is appended. Trouble
with the disk is a sentence (9). Time arrives as an argument (1). One process appends; any number may read.
"""

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import msgspec

from stations.records.chain import FIRST_PREV, Chain, Entry, can_be_torn
from stations.records.disk import make_folder, sync_folder

__all__ = ["FIRST_PREV", "Broken", "Entry", "Journal", "JournalBroken", "Torn", "Verified", "entries", "verify"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.jsonl")
_SEQ = re.compile(rb'\{"seq":(\d{1,18}),')
_NEAR = 16_384  # bytes; below this, reading on is quicker than seeking
_REPORT_EVERY = 4_096  # entries
_CLOSED = -1


class JournalBroken(Exception):
    """The journal cannot be written, or is not what was written; one sentence says what and where."""


class Torn(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes at the journal's end that an interrupted append left; set aside at opening."""

    file: str
    """Where they are now, in the journal's folder."""
    source: str
    """The file whose end they were."""
    seq: int
    """Of the entry that was being written."""
    size: int
    """Bytes."""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Every line is what was written, in the order it was written."""

    entries: int
    head: str


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first line that is not what was written."""

    file: str
    line: int
    """From 1; 0 where lines are missing after the last one."""
    seq: int
    """Of the entry that was expected there."""
    sentence: str


class _Damage(JournalBroken):
    def __init__(self, path: Path, line: int, seq: int, found: str) -> None:
        super().__init__(f"{path}, line {line}, where seq {seq} was expected: the line {found}.")
        self.broken = Broken(file=path.name, line=line, seq=seq, sentence=str(self))


class Journal:
    """The one that appends. Open it while holding the station's lock."""

    torn: tuple[Torn, ...]
    """What was set aside at opening; the caller notes each in an entry."""

    def __init__(self, folder: Path, chain: Chain, torn: tuple[Torn, ...]) -> None:
        self.torn = torn
        self._folder = folder
        self._chain = chain
        self._handle = _CLOSED
        self._path = folder
        self._size = 0
        self._refuses: str | None = None

    @classmethod
    def open(cls, folder: Path, station: str) -> Self:
        """Open the journal of `station` in `folder`, made if need be.

        Only the last file is verified in full, and that it follows the one before: a start must stay quick
        with years of files (`verify` reads them all). Torn last bytes are moved to `torn-<seq>-<n>.bin`.
        Raises JournalBroken where the last file is damaged before its end, or the folder cannot be written.
        """
        try:
            make_folder(folder)
            files = _files(folder)
            chain, torn = _check_end([file for file in files if file.stat().st_size], station)
            journal = cls(folder, chain, torn)
            if files:
                journal._take_up(files[-1])
        except OSError as error:
            raise JournalBroken(f"the journal in {folder} cannot be opened: {error.strerror}.") from error
        return journal

    @property
    def head(self) -> str:
        """Hash of the last entry; 64 zeros for an empty journal."""
        return self._chain.head

    @property
    def last_seq(self) -> int:
        """Seq of the last entry; 0 for an empty journal."""
        return self._chain.seq or 0

    def append(self, kind: str, data: Mapping[str, Any], now: datetime) -> Entry:
        """Write one entry and return it, as it will be read back, once it is on disk.

        `data`: JSON values with text keys, none of them `hash`, and finite numbers; else ValueError, and
        nothing is written. `now` carries the site's offset. Raises JournalBroken where the disk is full,
        the file is gone or was changed by another, or the folder is read-only.
        """
        if self._refuses is not None:
            raise JournalBroken(self._refuses)
        line = self._chain.compose(kind, data, now)
        entry = self._chain.check(line)
        self._turn_to(now)
        self._write(line)
        self._chain.advance(entry)
        return entry

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Yield the entries with a seq above `after`; see the function of the same name."""
        return entries(self._folder, after)

    def close(self) -> None:
        """Let go of the file; nothing can be appended any more."""
        self._refuses = f"the journal in {self._folder} is closed; it was expected to be open."
        if self._handle != _CLOSED:
            os.close(self._handle)
            self._handle = _CLOSED

    def _turn_to(self, now: datetime) -> None:
        """Begin the file of that day, unless the day is not after the file last written."""
        path = self._folder / f"{now.astimezone(UTC):%Y-%m-%d}.jsonl"
        if self._handle != _CLOSED and path.name <= self._path.name:
            return
        try:
            self._take_up(path)
        except OSError as error:
            raise JournalBroken(f"{path} cannot be begun: {error.strerror}.") from error

    def _take_up(self, path: Path) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        if self._handle != _CLOSED:
            os.close(self._handle)
        self._handle, self._path, self._size = handle, path, os.fstat(handle).st_size

    def _write(self, line: bytes) -> None:
        self._check_untouched()
        try:
            _write_whole(self._handle, line)
        except OSError as error:
            self._take_back()
            raise JournalBroken(f"{self._path} cannot be written: {error.strerror}.") from error
        try:
            os.fsync(self._handle)
            if not self._size:
                sync_folder(self._folder)
        except OSError as error:
            self._take_back()
            # A second fsync may succeed though the first lost the bytes: what is on disk is unknown.
            self._refuses = f"{self._path} could not be brought to disk: {error.strerror}; start again to check it."
            raise JournalBroken(self._refuses) from error
        self._size += len(line)

    def _check_untouched(self) -> None:
        here = os.fstat(self._handle)
        try:
            there = self._path.stat()
        except OSError as error:
            raise JournalBroken(f"{self._path} is gone: {error.strerror}.") from error
        if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
            raise JournalBroken(f"{self._path} is another file than the one the station holds.")
        if here.st_size != self._size:
            found = f"{self._path} has {here.st_size} bytes, expected {self._size}"
            raise JournalBroken(f"{found}: something else wrote to it.")

    def _take_back(self) -> None:
        """Cut off what a failed append left; refuse to go on where that fails too."""
        try:
            os.ftruncate(self._handle, self._size)
            os.fsync(self._handle)
        except OSError as error:
            self._refuses = f"{self._path} ends in half an entry that cannot be removed: {error.strerror}."


def entries(folder: Path, after: int = 0) -> Iterator[Entry]:
    """Yield the entries in `folder` with a seq above `after`, in order, each checked against the one before.

    Takes no lock and reads no earlier file than it must, so that following the end is cheap. A last line
    without its end is still being written and is left out. Raises JournalBroken at a damaged line.
    """
    files = [file for file in _files(folder) if file.stat().st_size]
    first = _first_needed(files, after)
    chain = Chain(None) if after == 0 else Chain(None, None)
    for index, path in enumerate(files[first:], start=first):
        with path.open("rb") as file:
            start = _offset_near(file, after) if index == first and after else 0
            for entry in _walk(file, path, chain, start=start, growing=path == files[-1]):
                if entry.seq > after:
                    yield entry


def verify(
    folder: Path, head: str | None = None, progress: Callable[[int, int], None] | None = None
) -> Verified | Broken:
    """Read every line of the journal in `folder`: is each one what was written, and none missing?

    Finds any changed, removed, inserted or exchanged byte or line. That the newest lines were cut off shows
    only against a `head` noted before: it must be the hash of some entry. `progress` is told (bytes read,
    bytes in all). Raises OSError where a file cannot be read.
    """
    files = _files(folder)
    total, done = sum(file.stat().st_size for file in files), 0
    chain, seen = Chain(None), head in (None, FIRST_PREV)
    try:
        for path in files:
            with path.open("rb") as file:
                for entry in _walk(file, path, chain):
                    seen = seen or entry.hash == head
                    if progress is not None and entry.seq % _REPORT_EVERY == 0:
                        progress(done + file.tell(), total)
                done += file.tell()
    except _Damage as damage:
        return damage.broken
    if progress is not None:
        progress(done, total)
    return Verified(entries=chain.seq or 0, head=chain.head) if seen else _cut_off(files, chain, f"{head}")


def _cut_off(files: list[Path], chain: Chain, head: str) -> Broken:
    seq = chain.seq or 0
    return Broken(
        file=files[-1].name if files else "",
        line=0,
        seq=seq + 1,
        sentence=f"the journal ends with seq {seq} and the hash {chain.head}; no entry has the noted hash {head},"
        " so entries were cut off.",
    )


def _walk(file: BinaryIO, path: Path, chain: Chain, *, start: int = 0, growing: bool = False) -> Iterator[Entry]:
    """Yield what `file` holds from byte `start`; raise _Damage at the first line that does not fit."""
    file.seek(start)
    # readline and not iteration: iterating forbids asking where the file stands.
    for number, line in enumerate(iter(file.readline, b""), start=1):
        if growing and not line.endswith(b"\n"):
            return
        expected = 0 if chain.seq is None else chain.seq + 1
        try:
            entry = chain.take(line)
        except ValueError as error:
            before = path.read_bytes()[:start].count(b"\n")
            raise _Damage(path, before + number, expected, str(error)) from error
        yield entry


def _files(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError):
        return sorted(file for file in folder.iterdir() if _DAY.fullmatch(file.name))
    return []


def _first_needed(files: list[Path], after: int) -> int:
    for index in range(len(files) - 1, 0, -1) if after else ():
        with files[index].open("rb") as file:
            start = _SEQ.match(file.read(32))
        if start is not None and int(start[1]) <= after + 1:
            return index
    return 0


def _offset_near(file: BinaryIO, after: int) -> int:
    """Find by halving the start of a line not far before the first with a seq above `after`."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _NEAR:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        start = file.tell()
        found = _SEQ.match(file.read(32))
        if found is not None and int(found[1]) <= after and start < high:
            low = start
        else:
            high = middle
    return low


def _check_end(filled: list[Path], station: str) -> tuple[Chain, tuple[Torn, ...]]:
    """Verify the last file that holds anything; set torn bytes at its end aside."""
    chain = Chain(station)
    if not filled:
        return chain, ()
    if len(filled) > 1:
        chain = _chain_from_end_of(filled[-2], station)
    good, path = 0, filled[-1]
    with path.open("rb") as file:
        for number, line in enumerate(iter(file.readline, b""), start=1):
            try:
                chain.take(line)
            except ValueError as error:
                rest = line + file.read()
                if not can_be_torn(rest):
                    raise _Damage(path, number, (chain.seq or 0) + 1, str(error)) from error
                return chain, (_set_aside(path, good, rest, (chain.seq or 0) + 1),)
            good += len(line)
    return chain, ()


def _chain_from_end_of(path: Path, station: str) -> Chain:
    with path.open("rb") as file:
        line, size = b"", file.seek(0, os.SEEK_END)
        while size and b"\n" not in line[:-1]:
            step = min(size, _NEAR)
            size -= step
            file.seek(size)
            line = file.read(step) + line
    chain = Chain(station, None)
    try:
        chain.take(line[line.rfind(b"\n", 0, -1) + 1 :])
    except ValueError as error:
        number = path.read_bytes().count(b"\n", 0, -1) + 1
        raise _Damage(path, number, 0, str(error)) from error
    return chain


def _set_aside(source: Path, good: int, rest: bytes, seq: int) -> Torn:
    """Copy first, then cut: a power cut in between leaves the bytes twice, never not at all."""
    number = 1
    while (target := source.with_name(f"torn-{seq}-{number}.bin")).exists():
        number += 1
    with target.open("xb") as file:
        file.write(rest)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(source.parent)
    with source.open("r+b") as file:
        file.truncate(good)
        os.fsync(file.fileno())
    return Torn(file=target.name, source=source.name, seq=seq, size=len(rest))


def _write_whole(handle: int, line: bytes) -> None:
    """Write in one call: a reader beside us must not see half a line that a second call would complete."""
    written = os.write(handle, line)
    if written < len(line):
        raise OSError(errno.ENOSPC, f"only {written} of {len(line)} bytes found room")
