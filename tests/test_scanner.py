"""A reader thread turns a device's events into scans, and its troubles into sentences."""

from __future__ import annotations

import errno
import os
import queue
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from stations.scanning import keys, scanner
from stations.scanning.keys import EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, KeyEvent
from stations.scanning.scanner import EvdevDevice, Reader, ScannerLost, list_devices, why
from stations.scanning.typist import keystrokes
from stations.scanning.wedge import Garbled, Profile, Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

EVENT = struct.Struct("llHHi")
NODE = "/dev/input/event7"
PATIENCE = 10.0


class Pipe:
    """A device whose node is a pipe: what is written into it is what the kernel tells."""

    def __init__(self) -> None:
        self.fd, self.into = os.pipe()
        os.set_blocking(self.fd, False)
        self.done: list[str] = []
        self.held: list[frozenset[int]] = []
        self.refusal: OSError | None = None

    def type(self, events: Sequence[KeyEvent]) -> None:
        """Let the kernel tell these events, a second a whole number of seconds."""
        for event in events:
            seconds, rest = divmod(event.time, 1)
            os.write(self.into, EVENT.pack(int(seconds), int(rest * 1e6), event.type, event.code, event.value))

    def unplug(self) -> None:
        """Take the device away."""
        os.close(self.into)

    def read(self) -> Sequence[KeyEvent]:
        """Give what was written, and ENODEV where the other end is gone."""
        try:
            told = os.read(self.fd, EVENT.size * 64)
        except BlockingIOError:
            return ()
        if not told:
            raise OSError(errno.ENODEV, "No such device")
        return [
            KeyEvent(time=seconds + micros / 1e6, type=kind, code=code, value=value)
            for seconds, micros, kind, code, value in EVENT.iter_unpack(told)
        ]

    def active_keys(self) -> Collection[int]:
        """Give the next of the answers that were laid down."""
        return self.held.pop(0) if self.held else frozenset()

    def grab(self) -> None:
        """Note it, or refuse it."""
        if self.refusal:
            raise self.refusal
        self.done.append("grab")

    def ungrab(self) -> None:
        """Note it."""
        self.done.append("ungrab")

    def close(self) -> None:
        """Note it and close the reading end."""
        self.done.append("close")
        os.close(self.fd)


class Bench:
    """A reader on a pipe, and what it posted."""

    def __init__(self, profile: Profile = Profile()) -> None:  # noqa: B008 -- a frozen value
        self.pipe = Pipe()
        self.posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
        self.reader = Reader(NODE, self.posted.put, profile, open_by=lambda _: self.pipe)

    def next(self) -> Scan | Garbled | ScannerLost:
        """Wait for what is posted next."""
        return self.posted.get(timeout=PATIENCE)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Let the reader's thread run until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, "the reader's thread did not get there"
            threading.Event().wait(0.001)

    def start(self) -> None:
        """Start, and wait until the device is grabbed and drained."""
        self.reader.start()
        self.wait_until(lambda: "grab" in self.pipe.done)
        self.pipe.type(keystrokes("drained", time.monotonic()))
        found = self.next() if not self.posted.empty() else None
        while found is None or getattr(found, "text", "") != "drained":
            if found is None or not self.posted.empty():
                found = self.next()
                continue
            self.pipe.type(keystrokes("drained", time.monotonic()))
            found = self.next()


@pytest.fixture
def bench() -> Iterator[Bench]:
    standing = set(threading.enumerate())
    made = Bench()
    yield made
    made.reader.close()
    assert set(threading.enumerate()) <= standing
