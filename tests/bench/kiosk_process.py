"""The kiosk that is measured: the real one, with a scanner that types through a pipe.

Run as a program on a terminal: python -m tests.bench.kiosk_process SITE KEYS ORDERS ANSWERS [START]; the three after
the site are open descriptors. START is a moment, such as 2026-03-10T08:00:00-07:00, that the kiosk's clock shows at
first; without it the clock is the machine's own. An order is a line with a word and perhaps files; each gets one line
of JSON.
"""

import datetime as dt
import json
import os
import resource
import shutil
import struct
import sys
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from kiosk.commands.bench import spare_the_scanner
from kiosk.live.beside import Live
from kiosk.scanners.doors import Doors
from kiosk.screens.app import KioskApp
from kiosk.station import Clock, Station
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import Profile
from stations.scanning.devices.listing import Found

from .hospital import SCANNER

EVENT = struct.Struct("dHHi")
"""Time of CLOCK_MONOTONIC in seconds, type, code, value."""
_AT_ONCE = 64
_LOOK_S = 0.01


class Pipe:
    """An input device whose events come through a pipe."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self.longest_stall = 0.0
        """Seconds that an event waited at most before it was read."""
        self.is_held = threading.Event()
        """Set once what was typed before the kiosk held the device is thrown away."""

    def read(self) -> Sequence[KeyEvent]:
        try:
            events = tuple(self._events(os.read(self.fd, EVENT.size * _AT_ONCE)))
        except BlockingIOError:  # nothing waits
            return ()
        finally:
            self.is_held.set()
        now = time.monotonic()
        self.longest_stall = max([self.longest_stall, *(now - event.time for event in events)])
        return events

    @staticmethod
    def _events(data: bytes) -> Iterator[KeyEvent]:
        for moment, kind, code, value in EVENT.iter_unpack(data):
            yield KeyEvent(time=moment, type=kind, code=code, value=value)

    def active_keys(self) -> Collection[int]:
        return ()

    def grab(self) -> None:
        """Nobody else reads a pipe."""

    def ungrab(self) -> None:
        """The same."""

    def close(self) -> None:
        """The process ends with it."""


class Orders:
    """Does beside the kiosk what the measuring process asks for."""

    def __init__(self, station: Station, pipe: Pipe, orders: int, answers: int) -> None:
        self._station, self._pipe = station, pipe
        self._orders, self._answers = orders, answers
        self._saves, self._asks = threading.Event(), threading.Event()

    def follow(self) -> None:
        """Answer each order, until nobody asks any more."""
        threading.Thread(target=self._save, name="saves", daemon=True).start()
        threading.Thread(target=self._ask, name="asks", daemon=True).start()
        with os.fdopen(self._orders) as orders:
            for line in orders:
                word, *files = line.split()
                answer = json.dumps(self._done(word, files))
                os.write(self._answers, answer.encode() + b"\n")

    def _done(self, word: str, files: list[str]) -> float:
        match word:
            case "stall":
                stall, self._pipe.longest_stall = self._pipe.longest_stall, 0.0
                return stall
            case "held":
                self._pipe.is_held.wait()
                # What comes sooner after the grab may be the end of a scan that began before, and is refused as that.
                time.sleep(Profile().gap + _LOOK_S)
            case "memory":
                return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            case "save":
                self._saves.set()
            case "ask":
                self._asks.set()
            case "on-the-way":
                return sum(job.state in ("queued", "waiting", "sending") for job in self._station.bench.kept.jobs)
            case "import":
                return self._dropped([Path(file) for file in files])
        return 0.0

    def _dropped(self, files: list[Path]) -> float:
        """Drop files into the inbox and see them taken in."""
        start = time.monotonic()
        inbox = self._station.site / "inbox"
        dropped = [Path(shutil.copy(file, inbox / f"ndc-{file.name}")) for file in files]
        while any(path.exists() for path in dropped):
            time.sleep(_LOOK_S)
        if refused := list((self._station.site / "rejected").iterdir()):
            raise ValueError(f"the directory was refused: {refused[0].name}")
        return time.monotonic() - start

    def _save(self) -> None:
        """While asked to, save the register of used packages over and over, so that a save is always under way."""
        registers = self._station.runtime.registers
        while self._saves.wait():
            registers._kept["serial"].changed = True
            registers.save()

    def _ask(self) -> None:
        """While asked to, have the printer looked at over and over, so that something always waits for it."""
        while self._asks.wait():
            self._station.retry()
            time.sleep(_LOOK_S)


def clock_from(start: dt.datetime | None) -> Clock:
    """Give a clock that shows `start` now and runs on; without one, the machine's own."""
    ahead = start - dt.datetime.now(dt.UTC) if start is not None else dt.timedelta()
    return lambda: dt.datetime.now().astimezone() + ahead


def main() -> None:
    """Open the station as `kiosk run` does."""
    site, keys, orders, answers = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    clock = clock_from(dt.datetime.fromisoformat(sys.argv[5]) if len(sys.argv) > 5 else None)
    pipe = Pipe(keys)
    there = Found(
        path=SCANNER, name=SCANNER, phys=SCANNER, vendor=0, product=0, readable=True, looks_like_scanner=True, reason=""
    )
    doors = Doors(listed=lambda: [there], opened=lambda _: pipe)
    with Station(site, None, clock, live=True) as station:
        spare_the_scanner()
        station.start()
        threading.Thread(target=Orders(station, pipe, orders, answers).follow, name="orders", daemon=True).start()
        with Live(station, doors=doors):
            KioskApp(station).run()


if __name__ == "__main__":
    main()
