"""What runs beside a bench that is open for work?

Its scanners, a look at the printer now and then, the watch on the definitions and on the inbox, and time that passes.
Everything here hands events to the funnel and never waits for it; a fault on one of these threads stops the station
rather than going unseen.
"""

import gc
import queue
import threading
from pathlib import Path
from typing import Self

from kiosk.faults import write_down
from kiosk.live.inbox import Inbox
from kiosk.marks import mark_of
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.held import Scanners
from kiosk.station import Station
from stations.bench.events import StepFailed, TimePassed
from stations.records.watch import Watch

LOOK_EVERY_S = 1.0
"""How often settings and paired scanners are looked at: they lie beside the journals, where nothing may be watched."""
_PASSES_EVERY_S = 10.0
"""How often time passes for the bench, and the printer is asked how it is: a dead one is known before it is needed."""
_QUIET_S = 0.5
"""For how long a file found at start must not change before it counts as complete."""
_DEFINITIONS = ("roles", "checklists", "labels")
_DEVICES = "devices"
"""The folder in which the nodes of new devices appear."""


class Live:
    """The threads beside a station, from `start` to `close`."""

    def __init__(
        self,
        station: Station,
        *,
        look_every_s: float = LOOK_EVERY_S,
        doors: Doors = DOORS,
    ) -> None:
        """`doors` lead to the machine's scanners."""
        self._station, self._look_every_s = station, look_every_s
        self._settings = station.site / "settings.toml"
        self._scanners = Scanners(station, doors=doors)
        folders = {name: station.site / name for name in (*_DEFINITIONS, "inbox")} | {_DEVICES: doors.nodes}
        self._excepthook = threading.excepthook
        self._watch = Watch(folders, self._changed)
        self._inbox = Inbox(station)
        self._dropped: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._edited, self._closing = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("definitions", self._look_after_definitions), ("inbox", self._look_after_inbox))
        ]

    def has_scanners(self) -> bool:
        """Whether any scanner is paired with this bench."""
        return self._scanners.are_paired

    def start(self) -> None:
        """Begin."""
        self._watch.start()
        threading.excepthook = self._stopped
        self._scanners.follow()
        self._station.retry()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop and wait for everything that was begun."""
        self._closing.set()
        self._station.leave()
        self._edited.set()
        self._dropped.put(None)
        self._watch.close()
        for thread in self._threads:
            thread.join()
        self._scanners.close()
        threading.excepthook = self._excepthook

    def _changed(self, name: str, path: Path) -> None:
        if name == "inbox":
            self._dropped.put(path)
        elif name == _DEVICES:
            self._scanners.look()
        else:
            self._edited.set()

    def _look_after_definitions(self) -> None:
        seen, passed = mark_of(self._settings), 0.0
        while True:
            edited = self._edited.wait(self._look_every_s)
            self._edited.clear()
            if self._closing.is_set():
                return
            mark = mark_of(self._settings)
            if edited or mark != seen:
                seen = mark
                self._station.reload()
            self._scanners.follow()
            passed += self._look_every_s
            if passed >= _PASSES_EVERY_S:
                passed = 0.0
                self._station.post(TimePassed(at=self._station.now()))
                self._station.retry()

    def _look_after_inbox(self) -> None:
        found = {path: mark_of(path) for path in self._inbox.waiting()}
        if found and self._closing.wait(_QUIET_S):
            return
        for path, mark in found.items():
            # One that still grows is told by the watch when it is closed.
            if mark_of(path) == mark:
                self._inbox.take(path)
        while (dropped := self._dropped.get()) is not None and not self._closing.is_set():
            self._inbox.take(dropped)
            # What came stays: a collection that looks at a whole directory again would hold every thread up.
            gc.freeze()

    def _stopped(self, fault: threading.ExceptHookArgs) -> None:
        """Stop the station on a fault of any thread; a traceback on the screens helps nobody."""
        if fault.exc_value is not None:
            write_down(fault.exc_value, self._station.site)
        self._station.post(StepFailed(at=self._station.now(), says=f"{fault.exc_type.__name__} in a thread"))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
