"""A bench whose power goes at any moment: the process that is cut off, and the one that forks it.

Run as a program it reads one order a line and answers with what a life of the bench told and how it ended. Each life is
a process of its own over a real folder, with the funnel, the saver, the PIN's hash and the printer on their threads. It
is forked from one that has imported everything and has no thread, so that two hundred lives take seconds.
"""

import datetime as dt
import itertools
import os
import random
import signal
import stat
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

import msgspec
from person import BEGINS, Clock, Made, Morning, Paper, Person, Shown, read_morning

from kiosk.sample import make_sample
from kiosk.scripts.replay import START
from kiosk.station import Station
from stations import runtime
from stations.records.registers import Row

BETWEEN_LIVES = dt.timedelta(minutes=5)
SAVE_EVERY_S = 0.005
"""The registers are saved all the time, so that a cut meets a save as often as it meets an entry."""
REGISTERS = ("serial", "stock_level", "pick_list", "pick_line", "quarantine", "staff")
"""Those that a morning changes."""


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """When the power goes: by itself never."""

    lines: int | None = None
    """After so many lines were read from the bench."""
    spins: int = 0
    """So many idle turns after that."""
    fsync: int | None = None
    """At the fsync of this number, from 1, of the life."""
    how: Literal["before", "after", "torn"] = "before"
    """Torn: before it, and some of the bytes it was to bring to disk are gone."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One life of the bench."""

    site: str
    life: int
    """Counts the lives over one folder: the clock goes on from one to the next."""
    cut: Cut
    made: tuple[int, ...] = ()
    """The mistakes the person remembers, by their lines in the script: each is made once in a morning."""


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True, tag="rebuilt"):
    """What the bench found at its start, before anything happened."""

    seq: int
    kept: msgspec.Raw
    registers: dict[str, list[Row]]


class Over(msgspec.Struct, frozen=True, kw_only=True, tag="over"):
    """The morning is over and the station closed."""

    fsyncs: int


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag="fault"):
    """The life ended as no cut explains."""

    says: str


Told = Rebuilt | Shown | Made | Over | Fault
Story = tuple[Told, ...]


class Syncs:
    """Stands in for `os.fsync`: counts, and cuts the power at the one that is wanted."""

    def __init__(self, cut: Cut, site: Path, chance: random.Random) -> None:
        self.count = 0
        self._cut, self._chance = cut, chance
        self._real, self._guard = os.fsync, threading.Lock()
        found = [path.stat() for path in site.rglob("*") if path.is_file()]
        self._synced = {file.st_ino: file.st_size for file in found}

    def __call__(self, handle: int) -> None:
        with self._guard:
            self.count += 1
            ends = self.count == self._cut.fsync
        if ends and self._cut.how == "torn":
            self._tear(handle)
        if ends and self._cut.how != "after":
            os.kill(os.getpid(), signal.SIGKILL)
        self._real(handle)
        if ends:
            os.kill(os.getpid(), signal.SIGKILL)
        file = os.fstat(handle)
        self._synced[file.st_ino] = file.st_size

    def _tear(self, handle: int) -> None:
        file = os.fstat(handle)
        if stat.S_ISREG(file.st_mode):
            safe = min(self._synced.get(file.st_ino, 0), file.st_size)
            os.ftruncate(handle, self._chance.randint(safe, file.st_size))


def live(order: Order, morning: Morning, tell: Callable[[Told], None]) -> None:
    """Open the station, tell what it found, and do the rest of the morning."""
    site = Path(order.site)
    syncs = Syncs(order.cut, site, random.Random(f"{order.cut}"))  # noqa: S311 - where a file is torn
    os.fsync = syncs  # type: ignore[assignment]  # everything here syncs by a handle
    runtime.SAVE_EVERY_S = SAVE_EVERY_S
    clock, paper = Clock(BEGINS + order.life * BETWEEN_LIVES), Paper(site / "paper")
    station = Station(site, None, clock, transport=paper, live=True)
    registers = {name: list(station.runtime.registers.rows(name)) for name in REGISTERS}
    kept = msgspec.Raw(msgspec.json.encode(station.bench.kept))
    tell(Rebuilt(seq=station.runtime.journal.last_seq, kept=kept, registers=registers))
    person = Person(station, clock, paper, order.made, tell)
    station.listen(person.see)
    station.start()
    person.work(morning)
    station.close()
    tell(Over(fsyncs=syncs.count))


def story(order: Order, morning: Morning) -> Story:
    """Fork a life, cut it off when it is time, and give all it told; a line that was cut in two was not told."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        _be_born(order, morning, into)
    os.close(into)
    told: list[Told] = []
    with os.fdopen(out, "rb") as pipe:
        _cut(child, order.cut, len(told))
        for line in _whole(pipe):
            told.append(msgspec.json.decode(line, type=Told))
            _cut(child, order.cut, len(told))
    os.waitpid(child, 0)
    return tuple(told)


def _be_born(order: Order, morning: Morning, into: int) -> None:
    """Live and end; nothing of the process that was forked goes on in this one."""

    def tell(told: Told) -> None:
        os.write(into, msgspec.json.encode(told, enc_hook=dict) + b"\n")

    try:
        live(order, morning, tell)
    except BaseException:  # noqa: BLE001 - whatever it is, it is the answer
        tell(Fault(says=traceback.format_exc()))
    finally:
        os._exit(0)


def _cut(child: int, cut: Cut, lines: int) -> None:
    if cut.lines == lines:
        for _ in itertools.repeat(None, cut.spins):
            pass
        os.kill(child, signal.SIGKILL)


def _whole(pipe: IO[bytes]) -> Iterator[bytes]:
    return (line for line in pipe if line.endswith(b"\n"))


def serve() -> None:
    """Make a sample hospital in the folder named as argument, then answer each order with its story."""
    first = Path(sys.argv[1])
    make_sample(first, START)
    with tempfile.TemporaryDirectory() as again:
        make_sample(Path(again) / "site", START)
        morning = read_morning(Path(again) / "site")
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        answer = story(msgspec.json.decode(line, type=Order), morning)
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
