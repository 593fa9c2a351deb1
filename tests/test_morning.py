"""The script of a morning, done by hands: on the real program in a terminal, and on its screens in this process.

What `kiosk replay` does without a screen is done here with the scanner's keys and the keyboard. After each action the
glass must show what the headless run says is asked and judged then; every expectation of the script must hold for eyes
that know nothing but the glass. Nothing waits but for what is shown, or for the record where nothing changes on it.
"""

import asyncio
import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pyte
import pytest
from bench.hospital import SCANNER, pair_scanner
from bench.kiosk_process import clock_from
from bench.terminal import FRAME_BEGINS, FRAME_ENDS, PATIENCE_S, Terminal
from glass import ASKS_PIN, SCREENS, Glass, expect, marks
from textual.pilot import Pilot

from kiosk.sample import make_sample
from kiosk.screens.app import KioskApp
from kiosk.screens.burst import Burst
from kiosk.screens.surface import Surface
from kiosk.screens.view import View, view
from kiosk.scripts.expectations import Seen, check
from kiosk.scripts.replay import START, Replay
from kiosk.scripts.script import Line, read_script
from kiosk.station import Station
from printers.job import Job
from stations.bench.kept import AnyChange, JobSet
from stations.records.journal import Entry, entries
from stations.scanning.decoding.typist import keystrokes

SCRIPT = Path(__file__).parent / "scenarios" / "morning.scan"
JOURNAL = Path("stations") / "bench-3" / "journal"
Told = Sequence[tuple[Line, View]]
"""Each line of the script, and what the screens say after it where it was run without any."""

KEYS = {"back": ("escape", "\x1b"), "yes": ("y", "y"), "sign-out": ("f9", "\x1b[20~")}
"""For a word of the script the key: as Textual names it, as a terminal sends it."""


# What a person does ---------------------------------------------------------------------------------------------------


class Hands(Protocol):
    """Eyes, scanner and keyboard at one bench."""

    site: Path

    def glass(self) -> Glass:
        """Look."""

    async def scan(self, text: str) -> None:
        """Pull the trigger."""

    async def types(self, text: str) -> None:
        """Type it, then Enter."""

    async def presses(self, word: str) -> None:
        """Press the key that stands for the word."""

    async def until(self, is_so: Callable[[], bool]) -> bool:
        """Look on until it is so; false if it does not come to be."""

    def expects(self, words: tuple[str, ...]) -> None:
        """Look behind the glass, if there is a way."""


async def morning(hands: Hands, told: Told) -> None:
    """Do every line of the script and see all that is expected."""
    for line, after in told:
        if line.action == "expect":
            expect(hands.glass(), line)
            hands.expects(line.words)
        # Where no PIN is asked, nobody types one.
        elif line.action != "pin" or hands.glass().shows(ASKS_PIN):
            await act(hands, line, marks(after))


async def act(hands: Hands, line: Line, wanted: list[str]) -> None:
    """Do it, and wait for what it leads to."""
    if hands.glass().shows(*wanted):
        # The glass will not tell that this was taken; the record does.
        before = recorded(hands.site)
        await do(hands, line)
        assert await hands.until(lambda: recorded(hands.site) > before), f"{line.shown}: nothing was recorded"
    else:
        await do(hands, line)
    there = await hands.until(lambda: hands.glass().shows(*wanted))
    missing = [phrase for phrase in wanted if not hands.glass().shows(phrase)]
    assert there, f"line {line.number}, {line.shown}: {missing} expected, found:\n" + "\n".join(hands.glass().rows)


async def do(hands: Hands, line: Line) -> None:
    match line.action:
        case "badge" | "scan":
            await hands.scan(line.text)
        case "pin" | "enter" | "choose":
            await hands.types(line.text)
        case "task":
            await hands.types(hands.glass().number_of(*line.words))
        case "press":
            await hands.presses(line.text)
        case _:
            pytest.fail(f"{line.shown}: no hand for it")


def recorded(site: Path) -> int:
    """Count the entries that are on disk."""
    return sum(file.read_bytes().count(b"\n") for file in (site / JOURNAL).glob("*.jsonl"))


def record(site: Path) -> list[tuple[object, ...]]:
    """Tell what the morning left behind: what was done, by whom, how it was judged and why."""
    told = ("by", "step", "code", "gtin", "lot", "serial", "outcome", "verdict", "reasons", "says", "signer")
    found = [entry for entry in entries(site / JOURNAL) if not _is_starting(entry)]
    return [(entry.kind, *map(entry.data.get, told), *_labels(entry)) for entry in found]


def _labels(entry: Entry) -> list[tuple[str, str]]:
    return [(one["job"], one["state"]) for one in entry.data.get("labels", ())]


def _is_starting(entry: Entry) -> bool:
    return entry.kind in ("start", "device", "printer")


# The hospital, and the morning without a screen -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("morning") / "site"
    make_sample(folder, START)
    pair_scanner(folder)
    return folder


@pytest.fixture(scope="module")
def headless(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, Path]:
    """Run the script as `kiosk replay` does, and note what the screens would say."""
    site = Path(shutil.copytree(hospital, tmp_path_factory.mktemp("headless") / "site"))
    lines = read_script(SCRIPT.read_text(encoding="utf-8"))
    replay = Replay(site)
    station = replay.station
    told = [(line, view(station.bench, station.now())) for line, _ in zip(lines, replay.run(lines), strict=True)]
    replay.close()
    return told, site


@pytest.fixture
def site(hospital: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hospital, tmp_path / "site"))


# In a terminal --------------------------------------------------------------------------------------------------------


class AtTerminal:
    """The real program in a process of its own."""

    def __init__(self, site: Path, columns: int, rows: int) -> None:
        self.site = site
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._held = b""
        self.terminal = Terminal(site, columns, rows, start=START, watched_by=self._show)

    def _show(self, data: bytes) -> None:
        """Show whole frames, as the terminal promised."""
        self._held += data
        whole = self._held.rfind(FRAME_BEGINS)
        if whole <= self._held.rfind(FRAME_ENDS):
            whole = len(self._held)
        self._stream.feed(self._held[:whole])
        self._held = self._held[whole:]

    def glass(self) -> Glass:
        return Glass(self._screen.display)

    async def scan(self, text: str) -> None:
        self.terminal.scan(text)

    async def types(self, text: str) -> None:
        """Type as a hand does: a key when the last one shows, so that nobody takes it for a scanner."""
        for key in text:
            self._press(key)
        self.terminal.type("\r")

    def _press(self, key: str) -> None:
        before = self._screen.display
        self.terminal.type(key)
        assert self.terminal.until(lambda: self._screen.display != before), f"{key!r} does not show"

    async def presses(self, word: str) -> None:
        self.terminal.type(KEYS[word][1])

    async def until(self, is_so: Callable[[], bool]) -> bool:
        return self.terminal.until(is_so)

    def expects(self, words: tuple[str, ...]) -> None:
        """The process keeps its registers to itself until it has ended."""


def left_behind(site: Path, told: Told) -> dict[str, Any]:
    """Open the folder of a bench that has ended, and hold its registers, labels and journal against the script."""
    failed: dict[str, Any] = {}
    with Station(site, None, clock_from(START + dt.timedelta(hours=1))) as station:
        station.settle()
        station.jobs = [*_printed(site)]
        for line, _ in told:
            if line.action == "expect" and line.words[0] in ("register", "label", "journal"):
                failed |= {f"line {line.number}": found for found in [check(line.words, Seen(), station)] if found}
    return failed


def _printed(site: Path) -> Iterator[Job]:
    """Read from the journal what was handed to the printer."""
    for entry in entries(site / JOURNAL):
        for change in msgspec.convert(entry.data.get("changes", []), list[AnyChange]):
            if isinstance(change, JobSet) and change.job.state == "sent":
                yield Job(id=change.job.id, template=change.job.template, fields=change.job.fields)


def test_the_morning_is_done_in_a_terminal_with_scanner_and_keyboard(site: Path, headless: tuple[Told, Path]) -> None:
    told, alike = headless
    hands = AtTerminal(site, 80, 24)
    try:
        assert hands.terminal.until(lambda: hands.glass().shows(*SCREENS["signed-out"]))
        hands.terminal.done("held")
        asyncio.run(morning(hands, told))
    finally:
        status = hands.terminal.close()
    assert status == 0
    assert record(site) == record(alike)
    assert left_behind(site, told) == {}


# In this process ------------------------------------------------------------------------------------------------------


class AtPilot:
    """The real screens over a real station, both within reach."""

    def __init__(self, station: Station, app: KioskApp, pilot: Pilot[None]) -> None:
        self.site = station.site
        self._station, self._app, self._pilot = station, app, pilot
        self._seen = Seen()

    def glass(self) -> Glass:
        work = self._app.query_one("#work", Surface)
        return Glass([work.render_line(y).text for y in range(work.size.height)])

    async def scan(self, text: str) -> None:
        self._station.keys(SCANNER, keystrokes(text, time.monotonic()))

    async def types(self, text: str) -> None:
        await self._pilot.press(*text, "enter")

    async def presses(self, word: str) -> None:
        await self._pilot.press(KEYS[word][0])

    async def until(self, is_so: Callable[[], bool]) -> bool:
        end = time.monotonic() + PATIENCE_S
        while not (came := is_so()) and time.monotonic() < end:
            await self._pilot.pause()
        return came

    def expects(self, words: tuple[str, ...]) -> None:
        """Ask the station itself, too."""
        self._seen.verdict = self._station.bench.verdict
        assert check(words, self._seen, self._station) == {}


def test_the_morning_is_done_on_the_screens_over_a_station(site: Path, headless: tuple[Told, Path]) -> None:
    told, alike = headless

    async def run(station: Station) -> None:
        # Every key is a hand's: what presses them here does not wait between two as a hand would.
        app = KioskApp(station, burst=Burst(gap=0.0))
        async with app.run_test(size=(140, 45)) as pilot:
            await morning(AtPilot(station, app, pilot), told)

    with Station(site, None, clock_from(START), live=True) as station:
        station.start()
        asyncio.run(run(station))
    assert record(site) == record(alike)
    assert left_behind(site, told) == {}
