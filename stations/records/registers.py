"""What do the entries add up to: who works here, what lies where, what is due?

Door to TinyDB. Each register is one TinyDB database with one table, in its own file; storage and table are
ours by TinyDB's extension points, because its own storage rewrites the file in place for each insert and its
own table reads every document for each look-up. Registers change only by folding entries of the journal, or
by an import that replaces one whole, so they can always be rebuilt.

Laws: a scan never waits for a register to be saved: `fold` changes memory, `save` runs behind it on another
thread and writes a copy. Each file says which entry it contains, so that at start only later ones are folded.
A damaged file falls back to its last good copy, and says so; it is never half read (6, 9).

One thread folds and swaps; one thread at a time saves; any thread reads. Rows are bytes until they are read,
so the garbage collector has next to nothing to visit: `gc.freeze()` once after opening is all it wants.
"""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, cast

import msgspec
import tinydb
import tinydb.table
from tinydb.storages import Storage

from stations.records.chain import Entry
from stations.records.documents import BATCH, Change, Documents, Row, Table, Touched, breathe, changes_in, text_of
from stations.records.saved import RegisterFile, Stamp

__all__ = ["Prepared", "RegisterTable", "Registers", "RegistersNotSaved", "Row", "Table"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HOME = re.compile(r"station|site:[a-z][a-z0-9_]*")
_STAMPS = "_stamps"
_LAG = 256  # entries after which the stamps are worth saving though no row changed
_REPORT_EVERY = 4_096  # rows


class RegistersNotSaved(Exception):
    """A register's file could not be written; memory and the file before it are as they were."""


class RegisterStorage(Storage):
    """Keeps one register's documents in memory, and knows what its file lacks of them."""

    def __init__(self, path: Path, name: str, table: Table) -> None:
        self.file, self.name, self.table = RegisterFile(path, name), name, table
        self.documents = self.fresh()
        self.outdated: list[Documents] = []
        self.changed = False
        self._ready: tuple[Path, Stamp] | None = None

    def fresh(self) -> Documents:
        """Return documents without a row, shaped for this register."""
        return Documents(self.table.key, self.table.indexed, remember=not self.table.big)

    def read(self) -> dict[str, dict[str, Any]]:
        """Answer TinyDB with the documents themselves, which it only reads."""
        return {self.name: cast("dict[str, Any]", self.documents)}

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Take all documents anew from TinyDB, as when it drops a table."""
        documents = self.fresh()
        documents.update(data.get(self.name, {}))
        self.exchange(documents)
        self.changed = True

    def load(self, *, tidy: bool) -> list[str]:
        """Read the file; return a sentence for each damaged one. `tidy` removes what an import left unfinished."""
        for unused in self.file.path.parent.glob(f"{self.file.path.name}.import-*") if tidy else ():
            unused.unlink()
        self.documents, damage = self.file.read(self.fresh)
        return damage

    def exchange(self, documents: Documents, ready: tuple[Path, Stamp] | None = None) -> None:
        """Hold other documents from now on; `ready` is their file, to be moved into place by `settle`."""
        self.outdated.append(self.documents)
        superseded, self._ready = self._ready, ready
        self.documents, self.changed = documents, False
        if superseded is not None:
            superseded[0].unlink(missing_ok=True)

    def settle(self) -> None:
        """Finish an exchange on disk, and free what it left in memory. Raises OSError."""
        ready = self._ready
        if ready is not None:
            self.file.place(*ready)
            if self._ready is ready:
                self._ready = None
        while self.outdated:
            self.outdated.pop().let_go()

    @property
    def settled(self) -> bool:
        """Whether the file holds what memory holds."""
        return not self.changed and self._ready is None


class RegisterTable(tinydb.table.Table):
    """A TinyDB table whose changes touch only the documents they name."""

    @property
    def documents(self) -> Documents:
        """The rows as they are now."""
        return self._kept.documents

    def put(self, key: str, row: Row) -> None:
        """Keep `row` whole under `key`."""
        number = self.documents.number_for(key)
        self._update_table(lambda table: table.__setitem__(number, dict(row)))

    def drop(self, key: str) -> None:
        """Remove the row with that key, if there is one."""
        if self.documents.named(key) is not None:
            self.remove(doc_ids=[self.documents.number_for(key)])

    @property
    def _kept(self) -> RegisterStorage:
        return cast("RegisterStorage", self._storage)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        # All of TinyDB's writes come through here; what raises half-way has changed nothing.
        touched = Touched(self.documents)
        updater(cast("dict[int, Mapping[str, Any]]", touched))
        self._kept.changed = True
        touched.apply()
        self.clear_cache()


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A register's next content, written beside its file; made by `prepare`, used by `swap`."""

    register: str
    documents: Documents
    file: Path
    stamp: Stamp


class Registers:
    """All registers of a station: its own, and those it shares with the site."""

    lost: tuple[str, ...]
    """Registers that had a file and no good one: empty now, to be rebuilt from the journal and `done/`."""
    remarks: tuple[str, ...]
    """A sentence for every damaged file met at opening."""

    def __init__(self, station: str, kept: Mapping[str, RegisterStorage], stamps: RegisterStorage) -> None:
        self.lost, self.remarks = (), ()
        self._station = station
        self._kept = dict(kept)
        self._stamps = stamps
        self._tables: dict[str, RegisterTable] = {}
        for name, storage in self._kept.items():
            database = _Database(storage=lambda storage=storage: storage)
            self._tables[name] = cast("RegisterTable", database.table(name))
        self._base = dict.fromkeys(self._kept, 0)
        self._seq = self._told = 0
        self._imports = itertools.count(1)
        self._folding, self._saving = threading.Lock(), threading.Lock()

    @classmethod
    def open(cls, site: Path, station: Path, tables: Mapping[str, Table], *, tidy: bool = True) -> Self:
        """Read every register of the station whose folder is `station`, in the site's data folder `site`.

        Only the station's one writer may `tidy`; whoever looks at a station that works leaves its files alone.

        Fold all entries after `oldest_stamp` next. Raises ValueError for a name or home that cannot be a
        file name; a damaged file is no error but is told in `remarks` and perhaps `lost`.
        """
        kept = {name: RegisterStorage(_path(site, station, name, table), name, table) for name, table in tables.items()}
        stamps = RegisterStorage(
            station / "registers" / f"{_STAMPS}.json", _STAMPS, Table(key="register", home="station")
        )
        registers = cls(station.name, kept, stamps)
        registers._load(tidy=tidy)
        return registers

    def row(self, register: str, key: str) -> Row | None:
        """Return the row with that key. Raises KeyError for a register that is not declared."""
        return self._tables[register].documents.named(key)

    def rows(self, register: str, **equals: str) -> Sequence[Row]:
        """Return the rows whose fields equal these texts, in the order they were first put.

        One key or indexed field among them is enough not to read the whole register; see `Documents.matching`
        for lists and empty fields.
        """
        return list(self._tables[register].documents.matching(equals))

    def count(self, register: str) -> int:
        """Return how many rows there are."""
        return len(self._tables[register])

    def check(self, rows: object) -> None:
        """Raise ValueError where `rows` is not what an entry's `rows` may be; ask before recording it."""
        for change in changes_in(rows):
            if change.register not in self._kept:
                raise ValueError(f"an entry's row names the register {change.register!r}, which is not declared.")
            if self._kept[change.register].table.big:
                raise ValueError(f"the register {change.register} is replaced by imports, never changed by a row.")
            field = self._kept[change.register].table.key
            if change.row is not None and text_of(change.row.get(field, change.key)) != change.key:
                raise ValueError(f"{change.register}: a row's {field} is not its key {change.key!r}.")

    def fold(self, entry: Entry) -> None:
        """Let memory contain `entry`: put or remove each of its `rows`, whole.

        A row put gets `seq`, `created_ts`, `created_by` and `station_id` from the entry where it has none. An
        entry that a register contains already changes nothing there; a register that is no longer declared is
        passed over, so that an old journal can still be folded. Raises ValueError before it changes anything.
        """
        changes = changes_in(entry.data.get("rows", []))
        with self._folding:
            if entry.seq <= self._seq:
                return
            for change in changes:
                if change.register in self._kept and entry.seq > self._base[change.register]:
                    self._apply(change, entry)
            self._seq = entry.seq

    def stamped(self, register: str) -> int:
        """Return the seq of the last entry that the register, as it is in memory, contains.

        At start, an import told of by an entry above it is to be read again and swapped in before that entry
        is folded.
        """
        return max(self._base[register], self._seq)

    @property
    def oldest_stamp(self) -> int:
        """Seq after which entries are to be folded at start."""
        return max(self._seq, min(self._base.values(), default=0))

    @property
    def newest_stamp(self) -> int:
        """Greatest seq any register contains; above the journal's last one, the registers are another's."""
        return max(self._seq, *self._base.values(), 0)

    @property
    def dirty(self) -> bool:
        """Whether a save has something to do, or is doing it."""
        if self._saving.locked():
            return True
        return self._seq - self._told >= _LAG or not all(kept.settled for kept in self._kept.values())

    def save(self, *, stop_after_ms: int | None = None) -> tuple[str, ...]:
        """Write the changed registers behind the work; return their names. Call it from one thread of its own.

        After `stop_after_ms` no further register is begun, but one is always written. Folding and reading go
        on meanwhile. Raises RegistersNotSaved where the disk refuses; what is in memory stays to be saved.
        """
        end = None if stop_after_ms is None else time.monotonic() + stop_after_ms / 1000
        saved: list[str] = []
        with self._saving:
            for name, kept in self._kept.items():
                if kept.settled and not kept.outdated:
                    continue
                if saved and end is not None and time.monotonic() >= end:
                    return tuple(saved)
                self._save_one(name, kept)
                saved.append(name)
            self._save_stamps()
        return tuple(saved)

    def prepare(self, register: str, rows: Iterable[Row], progress: Callable[[int], None] | None = None) -> Prepared:
        """Build a register's next content beside the present one, in memory and on disk; slow, on any thread.

        Raises ValueError for a row without its key or two rows with one key, OSError for the disk; and then
        nothing has changed. `progress` is told the rows taken so far.
        """
        kept = self._kept[register]
        documents, number = kept.fresh(), 0
        for number, row in enumerate(rows, start=1):
            key = text_of(row.get(kept.table.key))
            if not key or documents.named(key) is not None:
                found = f"the key {key!r} of an earlier row" if key else f"no {kept.table.key}"
                raise ValueError(f"{register}, row {number} has {found}; expected one of its own.")
            documents[str(number)] = row
            if number % BATCH == 0:
                breathe()
            if progress is not None and number % _REPORT_EVERY == 0:
                progress(number)
        if progress is not None:
            progress(number)
        seqs = kept.file.stamp.seqs | {self._station: self.stamped(register)}
        file, stamp = kept.file.beside(documents.snapshot(), seqs, f"import-{next(self._imports)}")
        return Prepared(register=register, documents=documents, file=file, stamp=stamp)

    def swap(self, prepared: Prepared, stamp: int) -> None:
        """Let the register hold what was prepared, at once; `save` moves its file into place.

        `stamp` is the seq of the entry that tells of the import: record it, swap, and only then fold it.
        """
        with self._folding:
            self._kept[prepared.register].exchange(prepared.documents, (prepared.file, prepared.stamp))
            self._tables[prepared.register].clear_cache()
            self._base[prepared.register] = max(self._base[prepared.register], stamp)

    def discard(self, prepared: Prepared) -> None:
        """Remove the file of what was prepared and will not be swapped in."""
        prepared.file.unlink(missing_ok=True)

    def replace(
        self, register: str, rows: Iterable[Row], stamp: int, *, progress: Callable[[int], None] | None = None
    ) -> None:
        """Prepare, swap and save in one: the whole register is these rows, in memory and on disk, or is not.

        Raises what `prepare` and `save` raise.
        """
        self.swap(self.prepare(register, rows, progress), stamp)
        self.save()

    def _load(self, *, tidy: bool) -> None:
        remarks: list[str] = []
        for name, kept in self._kept.items():
            found = kept.load(tidy=tidy)
            remarks += found
            if found and not kept.file.stamp.sha256:
                self.lost += (name,)
        # The stamps only spare work: without a good one the registers' own, older seqs count.
        remarks += self._stamps.load(tidy=tidy)
        self.remarks = tuple(remarks)
        for name, kept in self._kept.items():
            seq = kept.file.stamp.seqs.get(self._station, 0)
            told = self._stamps.documents.named(name)
            same = told is not None and told["sha256"] == kept.file.stamp.sha256
            self._base[name] = max(seq, told["seq"]) if told is not None and same else seq
        self._told = self.oldest_stamp

    def _apply(self, change: Change, entry: Entry) -> None:
        table = self._tables[change.register]
        if change.row is None:
            table.drop(change.key)
            return
        made = {
            "seq": entry.seq,
            "created_ts": entry.ts,
            "created_by": entry.data.get("by"),
            "station_id": entry.station,
        }
        table.put(change.key, {self._kept[change.register].table.key: change.key} | made | change.row)

    def _save_one(self, name: str, kept: RegisterStorage) -> None:
        changed = False
        try:
            kept.settle()
            with self._folding:
                if not kept.changed:
                    return
                snapshot, kept.changed = kept.documents.snapshot(), False
                seqs = kept.file.stamp.seqs | {self._station: self.stamped(name)}
                changed = True
            kept.file.save(snapshot, seqs)
        except OSError as error:
            kept.changed = kept.changed or changed
            raise RegistersNotSaved(f"{kept.file.path} cannot be written: {error.strerror}.") from error

    def _save_stamps(self) -> None:
        """Note beside unchanged registers how far they go, so that a start need not fold a year for them."""
        with self._folding:
            told = self._seq
            for name, kept in self._kept.items():
                if kept.settled:
                    seq = self.stamped(name)
                    row = {"register": name, "sha256": kept.file.stamp.sha256, "seq": seq}
                    self._stamps.documents[str(self._stamps.documents.number_for(name))] = row
            snapshot = self._stamps.documents.snapshot()
        try:
            self._stamps.file.save(snapshot, {})
        except OSError as error:
            raise RegistersNotSaved(f"{self._stamps.file.path} cannot be written: {error.strerror}.") from error
        self._told = told


class _Database(tinydb.TinyDB):
    table_class = RegisterTable


def _path(site: Path, station: Path, name: str, table: Table) -> Path:
    if not _NAME.fullmatch(name) or not _HOME.fullmatch(table.home):
        raise ValueError(f"register {name!r} with home {table.home!r}: expected small letters, digits and _.")
    folder = station / "registers" if table.home == "station" else site / table.home.removeprefix("site:")
    return folder / f"{name}.json"
