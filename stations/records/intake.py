"""How does a file from outside become rows, once and for good?

A file is read beside the bench, kept under `done/<sha256>-<name>`, told of in an entry, and only then taken in. When
registers are rebuilt the kept file is read again at the same place in the order of entries, with the same outcome.
"""

import contextlib
import gc
import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from stations.records.disk import put_in_place, write_beside
from stations.records.imports import Import, ImportRefused, Progress, read_import
from stations.records.journal import Entry
from stations.records.reading import Source
from stations.records.registers import Prepared, Registers


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Spare every thread the collections that 200,000 new rows set off: each looks at them all and finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were read and wait for their entry."""

    found: Import
    prepared: tuple[Prepared, ...]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading says of itself, for the entry and for a person."""

    ticket: str
    what: str
    files: tuple[str, ...]
    sha256: str
    report: dict[str, Any]


class Intake:
    """Reads files for one station's registers."""

    def __init__(self, site: Path, registers: Registers) -> None:
        """Use the site's `done` folder."""
        self._done = site / "done"
        self._registers = registers
        self._waiting: dict[str, Waiting] = {}
        self._tickets = itertools.count(1)
        self._guard = threading.Lock()

    def read(self, kind: str, files: Sequence[Path], progress: Progress | None = None) -> Taken:
        """Read the files of one import and keep them; raise ImportRefused, and then nothing was taken."""
        with _no_collection():
            found = read_import(kind, files, self._registers, progress)
            try:
                names = tuple(self._keep(source) for source in found.files)
                prepared = self._prepared(found)
            except (OSError, ValueError) as error:
                found.let_go()
                raise ImportRefused(f"{files[0].name}: cannot be kept: {error}.") from error
        with self._guard:
            ticket = f"{kind}-{next(self._tickets)}"
            self._waiting[ticket] = Waiting(found=found, prepared=prepared)
        report = msgspec.to_builtins(found.report) | {"gone": self._gone(found)}
        return Taken(ticket=ticket, what=kind, files=names, sha256=found.sha256, report=report)

    def _gone(self, found: Import) -> int:
        """Count the rows that a register which is replaced whole has now and will not have any more."""
        before = sum(self._registers.count(register) for register in found.replaced)
        return max(0, before - found.report.changed - found.report.unchanged) if found.replaced else 0

    def take_in(self, ticket: str, entry: Entry) -> None:
        """Let the registers hold what was read; its entry is on disk."""
        with self._guard:
            waiting = self._waiting.pop(ticket)
        self._put(waiting, entry)

    def again(self, entry: Entry) -> None:
        """While rebuilding: take in what an `imported` entry told of, from the kept files.

        Raises ImportRefused where a kept file is gone or is not what it was.
        """
        if entry.data["what"] == "ndc" and self._registers.stamped("directory") >= entry.seq:
            return
        files = [self._done / name for name in entry.data["files"]]
        found = read_import(str(entry.data["what"]), files, self._registers, again=True)
        if found.sha256 != entry.data["sha256"]:
            raise ImportRefused(f"{files[0]}: is not the file that entry {entry.seq} tells of.")
        self._put(Waiting(found=found, prepared=self._prepared(found)), entry)

    def _prepared(self, found: Import) -> tuple[Prepared, ...]:
        """Build what replaces whole registers, and free what it was built from: the funnel has no time for that."""
        prepared = tuple(self._registers.prepare(register, rows) for register, rows in found.replaced.items())
        found.let_go()
        return prepared

    def _put(self, waiting: Waiting, entry: Entry) -> None:
        for prepared in waiting.prepared:
            self._registers.swap(prepared, entry.seq)
        if waiting.found.puts:
            rows = msgspec.to_builtins(waiting.found.puts)
            self._registers.fold(replace(entry, data={"by": entry.data.get("by", ""), "rows": rows}))

    def _keep(self, source: Source) -> str:
        name = f"{source.sha256}-{source.name}"
        kept = self._done / name
        if not kept.exists():
            put_in_place(write_beside(kept, [source.data]), kept, keep=False)
        return name
