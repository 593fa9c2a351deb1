"""A bench whose power goes at any moment: the process that is cut off, and the person who stands before it.

Run as a program it reads one order a line and answers with what a life of the bench told and how it ended. Each life is
a process of its own over a real folder, with the funnel, the saver, the PIN's hash and the printer on their threads. It
is forked from one that has imported everything and has no thread, so that two hundred lives take seconds.
"""

import datetime as dt
import hashlib
import itertools
import os
import queue
import random
import signal
import stat
import sys
import tempfile
import threading
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
from stations.bench.state import Bench, WaitDecision, WaitPin, WaitWhy
from stations.records.registers import Row
from stations.scanning.codes import read
from stations.scanning.typist import keystrokes

MORNING = Path(__file__).parent / "scenarios" / "morning.scan"
BEGINS = dt.datetime.fromisoformat("2026-03-10T16:59:15-07:00")
"""Shortly before the UTC day ends, so that the journal turns to its next file within the morning."""
BETWEEN_LIVES = dt.timedelta(minutes=5)
SAVE_EVERY_S = 0.005
"""The registers are saved all the time, so that a cut meets a save as often as it meets an entry."""
HANGS_AFTER_S = 30.0
REGISTERS = ("serial", "stock_level", "pick_list", "pick_line", "quarantine", "staff")
"""Those that a morning changes."""
LIST = "P00127X"


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


class Shown(msgspec.Struct, frozen=True, kw_only=True, tag="shown"):
    """What a person saw, once it was published."""

    seq: int
    """Of the last entry then."""
    judged: int
    verdict: str
    reasons: tuple[str, ...]
    screen: str
    step: str
    question: str


class Made(msgspec.Struct, frozen=True, kw_only=True, tag="made"):
    """The person is about to make a mistake of the morning."""

    line: int


class Over(msgspec.Struct, frozen=True, kw_only=True, tag="over"):
    """The morning is over and the station closed."""

    fsyncs: int


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag="fault"):
    """The life ended as no cut explains."""

    says: str


Told = Rebuilt | Shown | Made | Over | Fault
Story = tuple[Told, ...]
Tell = Callable[[Told], None]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something the person does at a place of the morning."""

    line: Line
    is_mistake: bool


Morning = dict[str, list[Act]]
"""By the step asked, or the screen where none is: what is done there, in the order of the script."""


def read_morning(folder: Path) -> Morning:
    """Run the script once over the hospital in `folder`, and note where each of its acts is at home."""
    replay = Replay(folder)
    lines = read_script(MORNING.read_text(encoding="utf-8"))
    morning: Morning = {}
    place, is_theirs = "signed-out", True
    for line, answer in zip(lines, replay.run(lines), strict=True):
        refused = answer["verdict"] == "STOP"
        if line.action == "badge":
            is_theirs = not refused
        if line.action not in ("expect", "press") and place != "stop" and (line.action != "pin" or is_theirs):
            morning.setdefault(place, []).append(Act(line=line, is_mistake=refused))
        place = "stop" if answer["screen"] == "stop" else answer["step"] or answer["screen"]
    replay.close()
    return morning


class Clock:
    """A second for each look at it, so that every event has a time of its own."""

    def __init__(self, start: dt.datetime) -> None:
        self.last = start
        self._guard = threading.Lock()

    def __call__(self) -> dt.datetime:
        with self._guard:
            self.last += dt.timedelta(seconds=1)
            return self.last


class Paper:
    """A printer that notes the first byte of a job and its last in a file, which no cut empties."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def status(self) -> Status:
        return Ready(near_end=False)

    def send(self, data: bytes) -> None:
        label = hashlib.sha256(data).hexdigest().encode()
        with self._path.open("ab", buffering=0) as paper:
            paper.write(b"begun %b\n" % label)
            paper.write(b"whole %b\n" % label)

    def came_out(self) -> bool:
        """Whether the last label is whole."""
        return self._path.exists() and self._path.read_bytes().rpartition(b"\nwhole ")[2].count(b"\n") == 1


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


class Person:
    """Does the morning at a bench, from wherever the bench says it is."""

    def __init__(self, station: Station, clock: Clock, paper: Paper, order: Order, tell: Tell) -> None:
        self._station, self._clock, self._paper, self._tell = station, clock, paper, tell
        self._made = set(order.made)
        self._chance = random.Random(f"{order.site} {order.life}")  # noqa: S311 - a person's mood, not a secret
        self._seen: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        self._bench = station.bench

    def see(self, bench: Bench) -> None:
        """Take a published bench, on the funnel's thread, and tell what it shows."""
        verdict, place = bench.verdict, bench.place()
        self._tell(
            Shown(
                seq=self._station.runtime.journal.last_seq,
                judged=bench.judged,
                verdict=verdict.word if verdict is not None else "",
                reasons=verdict.reasons if verdict is not None else (),
                screen=bench.screen(),
                step=place.path if place is not None else "",
                question=bench.kept.question,
            )
        )
        self._seen.put(bench)

    def work(self, morning: Morning) -> None:
        """Do what is asked until the list is sealed and nobody is signed in."""
        self._wait(self._clock.last)
        while (act := self._next(morning)) is not None:
            before = self._clock.last
            act()
            self._wait(before + dt.timedelta(seconds=1))

    def _wait(self, since: dt.datetime) -> None:
        """Look on until what was done at `since` is shown, and nothing is under way that needs no person."""
        while self._bench.at is None or self._bench.at < since or _is_busy(self._bench):
            self._bench = self._seen.get(timeout=HANGS_AFTER_S)

    def _next(self, morning: Morning) -> Callable[[], None] | None:
        """Choose what to do about what is shown; None when the morning is over."""
        bench = self._bench
        place = bench.place()
        is_sealed = self._rows("pick_list", list=LIST, state="sealed")
        if is_sealed and bench.screen() in ("signed-out", "home"):
            return None if bench.screen() == "signed-out" else self._press("sign-out")
        if bench.stopped:
            return self._press("back")
        if bench.kept.question and self._chance.random() < 2 / 3:
            return self._press(self._chance.choice(("yes", "no")))
        if bench.offer is not None and bench.offer.what == "quarantine":
            return self._press("yes")
        if isinstance(bench.dialog, WaitWhy):
            return lambda: self._station.post(Entered(at=self._clock(), text="the power went"))
        if place is not None and (in_doubt := self._in_doubt(bench)) is not None:
            return in_doubt
        here = morning[place.path if place is not None else bench.screen()]
        # After an interruption the badge of whoever is signed in may be scanned at any step; their PIN is that of the door.
        return self._do(self._wanted(bench, [*here, *morning["signed-out"]]))

    def _in_doubt(self, bench: Bench) -> Callable[[], None] | None:
        """Print again what the paper does not show whole."""
        state = bench.kept.jobs[0].state if bench.kept.jobs else ""
        if state == "failed":
            return self._press("confirm")
        return self._press("reprint") if state == "unknown" and not self._paper.came_out() else None

    def _wanted(self, bench: Bench, acts: list[Act]) -> Act:
        """Choose the next of the acts that fit: mistakes once, packages that are not taken yet."""
        task, place = bench.task(), bench.place()
        taken = {package.serial for package in task.taken(place.path)} if task is not None and place is not None else ()
        wants = {WaitPin: ("pin",), WaitDecision: ("choose",)}.get(type(bench.dialog), ("badge", "scan", "enter", "task"))
        for act in acts:
            serial = read(act.line.text, BEGINS.date()).serial if act.line.action == "scan" else None
            if act.line.action not in wants or act.line.number in self._made or (serial in taken and not act.is_mistake):
                continue
            return act
        at = place.path if place is not None else "no step"
        message = f"{bench.screen()}, {at}: {bench.says!r}: none of {[act.line.shown for act in acts]} fits"
        raise LookupError(message)

    def _do(self, act: Act) -> Callable[[], None]:
        if act.is_mistake:
            self._made.add(act.line.number)
            self._tell(Made(line=act.line.number))
        station, line, now = self._station, act.line, self._clock
        match line.action:
            case "pin":
                return lambda: station.post(PinGiven(at=now(), pin=line.text))
            case "choose":
                return lambda: station.post(Chosen(at=now(), text=line.text))
            case "enter":
                return lambda: station.post(Entered(at=now(), text=line.text))
            case "task":
                return lambda: station.post(TaskPicked(at=now(), checklist=line.words[0], subject=line.words[1]))
            case _:
                return lambda: station.keys(SCANNER, keystrokes(line.text, now.last.timestamp()))

    def _press(self, word: str) -> Callable[[], None]:
        return lambda: self._station.post(Pressed(at=self._clock(), word=word))

    def _rows(self, register: str, **equals: str) -> list[Row]:
        rows = self._station.runtime.registers.rows(register)
        return [row for row in rows if all(row[field] == value for field, value in equals.items())]


def _is_busy(bench: Bench) -> bool:
    """Whether a PIN is being compared or a label is on its way."""
    checks = isinstance(bench.dialog, WaitPin) and bench.dialog.checking
    return checks or any(job.state in ("queued", "waiting", "sending") for job in bench.kept.jobs)


def live(order: Order, morning: Morning, tell: Tell) -> None:
    """Open the station, tell what it found, and do the rest of the morning."""
    site = Path(order.site)
    syncs = Syncs(order.cut, site, random.Random(f"{order.cut}"))  # noqa: S311 - where a file is torn
    os.fsync = syncs
    runtime.SAVE_EVERY_S = SAVE_EVERY_S
    clock, paper = Clock(BEGINS + order.life * BETWEEN_LIVES), Paper(site / "paper")
    station = Station(site, None, clock, transport=paper, live=True)
    registers = {name: list(station.runtime.registers.rows(name)) for name in REGISTERS}
    kept = msgspec.Raw(msgspec.json.encode(station.bench.kept))
    tell(Rebuilt(seq=station.runtime.journal.last_seq, kept=kept, registers=registers))
    person = Person(station, clock, paper, order, tell)
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


def _whole(pipe: Any) -> Iterator[bytes]:  # noqa: ANN401 - any binary stream
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
