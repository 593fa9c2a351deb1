"""Who stands before the bench in a test of power cuts: does a morning from wherever the bench says it is.

The acts are those of the script `morning.scan`, found again by the step at which each was done there. What is wrong in
them is done once; a person remembers that over every cut, as the paper in the printer's tray remembers what came out.
"""

import datetime as dt
import hashlib
import queue
import random
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk.scripts.replay import SCANNER, Replay
from kiosk.scripts.script import Line, read_script
from kiosk.station import Station
from printers.status import Ready, Status
from stations.bench.events import Chosen, Entered, PinGiven, Pressed, TaskPicked
from stations.bench.state import Bench, WaitDecision, WaitPin, WaitWhy
from stations.scanning.codes import read
from stations.scanning.decoding.typist import keystrokes

MORNING = Path(__file__).parent / "scenarios" / "morning.scan"
BEGINS = dt.datetime.fromisoformat("2026-03-10T16:59:15-07:00")
"""Shortly before the UTC day ends, so that the journal turns to its next file within the morning."""
LIST = "P00127X"
"""The list that is picked: sealed, it ends the morning."""
HANGS_AFTER_S = 30.0


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


Tell = Callable[[Shown | Made], None]


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
        return Ready()

    def send(self, data: bytes) -> None:
        label = hashlib.sha256(data).hexdigest().encode()
        with self._path.open("ab", buffering=0) as paper:
            paper.write(b"begun %b\n" % label)
            paper.write(b"whole %b\n" % label)

    def came_out(self) -> bool:
        """Whether the last label is whole."""
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return any(line.startswith(b"whole") for line in lines[-1:])


class Person:
    """Does the morning at a bench, from wherever the bench says it is."""

    def __init__(self, station: Station, clock: Clock, paper: Paper, made: tuple[int, ...], tell: Tell) -> None:
        """`made` are the mistakes made already, by their lines in the script."""
        self._station, self._clock, self._paper, self._tell = station, clock, paper, tell
        self._made = set(made)
        self._chance = random.Random(f"{clock.last}")  # noqa: S311 - a person's mood, not a secret
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
        picked = self._station.runtime.registers.row("pick_list", LIST)
        if picked is not None and picked["state"] == "sealed" and bench.screen() in ("signed-out", "home"):
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
        # After an interruption whoever is signed in may scan their badge at any step, and then gives their PIN.
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
        wants = ["badge", "scan", "enter", "task"]
        if isinstance(bench.dialog, WaitPin | WaitDecision):
            wants = ["pin" if isinstance(bench.dialog, WaitPin) else "choose"]
        for act in acts:
            serial = read(act.line.text, BEGINS.date()).serial if act.line.action == "scan" else None
            if (
                act.line.action not in wants
                or act.line.number in self._made
                or (serial in taken and not act.is_mistake)
            ):
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


def _is_busy(bench: Bench) -> bool:
    """Whether a PIN is being compared or a label is on its way."""
    checks = isinstance(bench.dialog, WaitPin) and bench.dialog.checking
    return checks or any(job.state in ("queued", "waiting", "sending") for job in bench.kept.jobs)
