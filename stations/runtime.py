"""How does a station run: one queue, one order, one thread?

Everything that happens is posted; one thread steps the bench, records the entry, and only then publishes the new bench
and carries the effects out. Where recording fails the new bench is dropped and the old one is told. What is slow or
outside (a PIN's hash, a file, a printer) runs beside the funnel and comes back as an event. Here stands the only broad
`except`: a fault of the program keeps the last recorded bench, is noted, and shows out-of-order.
"""

import contextlib
import datetime as dt
import queue
import threading
import traceback
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace

from stations.bench.events import (
    CancelJob,
    CheckPin,
    Effect,
    Event,
    JournalFailed,
    PrintLabel,
    Record,
    ReleaseJob,
    Restarted,
    RetryPrinter,
    StepFailed,
    TakeIn,
)
from stations.bench.kept import Kept, fold
from stations.bench.state import Bench
from stations.bench.step import step
from stations.records.disk import put_in_place, write_beside
from stations.records.intake import Intake
from stations.records.journal import Entry, Journal, JournalBroken
from stations.records.registers import Registers, RegistersNotSaved
from stations.records.tables import TABLES

SAVE_EVERY_S = 2.0
"""Registers are saved behind, at most this often."""


class Outside(Protocol):
    """What a station asks of the world outside it; nothing here waits."""

    def check_pin(self, effect: CheckPin) -> None:
        """Compare a PIN with its hash, and post `PinChecked`."""

    def print_label(self, effect: PrintLabel) -> None:
        """Queue a label."""

    def release(self, effect: ReleaseJob) -> None:
        """Let a label's first byte leave."""

    def cancel(self, effect: CancelJob) -> None:
        """Take a label out of the queue."""

    def retry(self) -> None:
        """Ask the printer again."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal added up to at one entry; spares reading it whole at start.

    In its file a line with the SHA-256 of all that follows stands first: one that was damaged is not used.
    """

    seq: int
    head: str
    """The entry's hash: a checkpoint of another journal is not used."""
    kept: Kept


class Runtime:
    """One station's funnel, over its folder. The caller holds the station's lock."""

    def __init__(self, bench: Bench, site: Path, outside: Outside) -> None:
        """Open journal and registers and rebuild the bench; raises JournalBroken where the record is damaged."""
        self._folder = site / "stations" / bench.station
        self._outside = outside
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[Bench], None]] = []
        self._thread: threading.Thread | None = None
        self._saver: threading.Thread | None = None
        self._closing = threading.Event()
        self._busy = threading.Lock()
        self._noted = ""
        self.journal = Journal.open(self._folder / "journal", bench.station)
        self.registers = Registers.open(site, self._folder, TABLES)
        self.intake = Intake(site, self.registers)
        self._refuse_a_cut_journal(self.registers.newest_stamp)
        self._notes = (*(f"torn bytes set aside in {torn.file}" for torn in self.journal.torn), *self.registers.remarks)
        self.bench = replace(bench, kept=self._rebuild(), entries=self.journal.last_seq, head=self.journal.head)

    def _refuse_a_cut_journal(self, known: int) -> None:
        """Refuse to go on where something saved after its entries knows of more of them than the journal holds."""
        last = self.journal.last_seq
        if known > last:
            self.journal.close()
            raise JournalBroken(
                f"the journal in {self._folder / 'journal'} ends at entry {last}, but what was saved after it contains "
                f"entry {known}: its end is missing. Restore it, or call whoever keeps the record."
            )

    def _rebuild(self) -> Kept:
        checkpoint = self._checkpoint()
        after = min(checkpoint.seq, self.registers.oldest_stamp)
        kept = checkpoint.kept
        for entry in self.journal.entries(after):
            if entry.kind == "imported" and entry.seq > self.registers.oldest_stamp:
                self.intake.again(entry)
            self.registers.fold(entry)
            if entry.seq > checkpoint.seq:
                kept = fold(kept, (entry.data,))
        return kept

    def _checkpoint(self) -> Checkpoint:
        nothing = Checkpoint(seq=0, head="", kept=Kept())
        try:
            seal, _, body = (self._folder / "checkpoint.json").read_bytes().partition(b"\n")
            found = msgspec.json.decode(body, type=Checkpoint)
        except (OSError, msgspec.DecodeError):
            return nothing
        if seal != sha256(body).hexdigest().encode() or found.seq < 1:
            return nothing
        self._refuse_a_cut_journal(found.seq)
        entry = next(iter(self.journal.entries(found.seq - 1)), None)
        return found if entry is not None and entry.hash == found.head else nothing

    def restarted(self, at: dt.datetime) -> None:
        """Tell the bench that the program has started; posted first, after the definitions."""
        self.post(Restarted(at=at, notes=self._notes))

    def post(self, event: Event) -> None:
        """Let something have happened; from any thread, never waits."""
        self._queue.put(event)

    def listen(self, listener: Callable[[Bench], None]) -> None:
        """Call `listener` with every published bench, on the funnel's thread; it must not wait."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Run the funnel and the saver on threads of their own."""
        self._thread = threading.Thread(target=self._run, name="funnel", daemon=True)
        self._saver = threading.Thread(target=self._save_behind, name="saver", daemon=True)
        self._thread.start()
        self._saver.start()

    def drain(self) -> bool:
        """Without threads: take what was posted until nothing is left; say whether there was anything."""
        found = False
        while True:
            try:
                event = self._queue.get_nowait()
            except queue.Empty:
                return found
            found = True
            if event is not None:
                self._take(event)

    def close(self) -> None:
        """Finish what was posted, save the registers, let go of the journal."""
        self._closing.set()
        self._queue.put(None)
        for thread in (self._thread, self._saver):
            if thread is not None:
                thread.join()
        self.drain()
        try:
            self.save()
        finally:
            self.journal.close()

    def save(self) -> None:
        """Save the registers and the checkpoint now; raises RegistersNotSaved or OSError where the disk refuses."""
        self.registers.save()
        with self._busy:
            bench = self.bench
            checkpoint = Checkpoint(seq=self.journal.last_seq, head=self.journal.head, kept=bench.kept)
        if bench.out_of_order:
            return  # an entry may be on disk that this bench does not contain: the next start adds the journal up
        body = msgspec.json.encode(checkpoint)
        path = self._folder / "checkpoint.json"
        chunks = [sha256(body).hexdigest().encode(), b"\n", body]
        put_in_place(write_beside(path, chunks), path, keep=False)

    def _run(self) -> None:
        while True:
            event = self._queue.get()
            if event is None:
                return
            self._take(event)

    def _save_behind(self) -> None:
        while not self._closing.wait(SAVE_EVERY_S):
            if self.registers.dirty:
                try:
                    self.save()
                except (OSError, RegistersNotSaved) as error:
                    self._note(error)

    def _take(self, event: Event) -> None:
        try:
            with self._busy:
                bench, effects = step(self.bench, event, self.registers)
                self.bench, effects = self._recorded(event, bench, effects)
            self._publish()
            for effect in effects:
                self._carry_out(effect)
        except Exception as error:  # noqa: BLE001 - the only one: whatever it is, the recorded bench stays
            self._note(error)
            with self._busy:
                self.bench, _ = step(self.bench, StepFailed(at=event.at, says=str(error)), self.registers)
            self._publish()

    def _publish(self) -> None:
        for listener in self._listeners:
            listener(self.bench)

    def _recorded(self, event: Event, bench: Bench, effects: tuple[Effect, ...]) -> tuple[Bench, tuple[Effect, ...]]:
        """Put the entry on disk; where that fails, the old bench is told and nothing else is done."""
        record = next((effect for effect in effects if isinstance(effect, Record)), None)
        if record is None:
            return bench, effects
        self.registers.check(record.data.get("rows", []))
        try:
            entry = self.journal.append(record.kind, record.data, event.at)
        except JournalBroken as error:
            return step(self.bench, JournalFailed(at=event.at, says=str(error)), self.registers)
        self._folded(entry, effects)
        bench = replace(bench, entries=entry.seq, head=entry.hash)
        return bench, tuple(effect for effect in effects if not isinstance(effect, Record | TakeIn))

    def _folded(self, entry: Entry, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, TakeIn):
                self.intake.take_in(effect.ticket, entry)
        self.registers.fold(entry)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case CheckPin():
                self._outside.check_pin(effect)
            case PrintLabel():
                self._outside.print_label(effect)
            case ReleaseJob():
                self._outside.release(effect)
            case CancelJob():
                self._outside.cancel(effect)
            case RetryPrinter():
                self._outside.retry()
            case Record() | TakeIn():
                pass

    def _note(self, error: BaseException) -> None:
        """Put a fault where an engineer finds it, the same one once; a person never sees it."""
        text = "".join(traceback.format_exception(error))
        if text == self._noted:
            return
        self._noted = text
        folder = self._folder / "faults"
        # Where the disk is full there is no room for the fault either; the bench says that it stopped.
        with contextlib.suppress(OSError):
            folder.mkdir(exist_ok=True)
            number = len(list(folder.iterdir())) + 1
            (folder / f"fault-{number:04d}.txt").write_text(text, encoding="utf-8", errors="replace")


__all__ = ["Checkpoint", "Outside", "Runtime"]
