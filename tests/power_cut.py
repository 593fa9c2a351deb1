"""A bench whose power goes at any moment: the process that is cut off, and the person who stands before it.

Run as a program it reads one order a line and answers with what a life of the bench showed and how it ended. Each life
is a process of its own over a real folder: the funnel, the saver, the PIN's hash and the printer on their threads. It
is forked from one that has imported everything and has no threads, so that two hundred lives take seconds.
"""

import datetime as dt
import itertools
import os
import queue
import random
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from kiosk.replay import SCANNER, START, Replay
from kiosk.sample import make_sample
from kiosk.script import Line, read_script
from kiosk.station import Station
from printers.job import Ready, Status
from stations import runtime
from stations.bench.events import Chosen, Entered, PinGiven, Pressed, TaskPicked
from stations.bench.labels import job_here
from stations.bench.state import Bench, Turn, WaitDecision, WaitPin, WaitWhy
from stations.scanning.codes import read
from stations.scanning.typist import keystrokes
from stations.work.facts import NoFacts

MORNING = Path(__file__).parent / "scenarios" / "morning.scan"
SAVE_EVERY_S = 0.005
"""Registers are saved all the time, so that a cut meets a save as often as it meets an entry."""
HANGS_AFTER_S = 30.0


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """When the power goes."""

    lines: int = 0
    """After so many lines were read from the bench; 0: never."""
    spins: int = 0
    """So many idle turns later."""
    fsync: int = 0
    """At the n-th fsync of this life; 0: never."""
    how: Literal["before", "after", "torn"] = "before"
    """Before it, after it, or before it with some of the bytes that were to be synced gone."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One life of the bench."""

    site: str
    life: int
    """Counts the lives in one folder: the clock goes on from life to life."""
    cut: Cut
    made: tuple[int, ...] = ()
    """The mistakes that the person remembers having made, by their lines in the script."""


class Shown(msgspec.Struct, frozen=True, kw_only=True, tag="shown"):
    """What a published bench showed."""

    seq: int
    """Of the last entry when it was published."""
    judged: int
    verdict: str
    reasons: tuple[str, ...]
    says: str
    screen: str
    step: str
    question: str


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True, tag="rebuilt"):
    """What the bench found at start, before anything new happened."""

    seq: int
    kept: msgspec.Raw
    registers: dict[str, list[dict[str, Any]]]


class Made(msgspec.Struct, frozen=True, kw_only=True, tag="made"):
    """The person is about to make a mistake of the morning."""

    line: int


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag="fault"):
    """The life ended in a way no cut explains."""

    says: str


Told = Shown | Rebuilt | Made | Fault


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a life told, and whether it was cut off."""

    told: tuple[Told, ...]
    cut: bool
    fsyncs: int
    """How many there were, where the life came to its end."""


REGISTERS = ("serial", "stock_level", "pick_list", "quarantine", "staff")


class Paper:
    """A printer that notes the first byte of each job and its last, in a file that no power cut empties."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def status(self) -> Status:
        return Ready()

    def send(self, data: bytes) -> None:
        with self._path.open("ab", buffering=0) as paper:
            paper.write(b"begun %d\n" % hash_of(data))
            paper.write(b"ended %d\n" % hash_of(data))


def hash_of(data: bytes) -> int:
    return int.from_bytes(__import__("hashlib").sha256(data).digest()[:8], "big")
