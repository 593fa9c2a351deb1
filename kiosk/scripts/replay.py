"""What happens when a script is run without a screen?

The same key events, engine, journal and registers as at a bench: a simulated scanner types every scan through the
decoder, a virtual printer takes the labels, the clock moves by the script alone. One answer an action.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk.sample import make_sample
from kiosk.scripts.expectations import Seen, check
from kiosk.scripts.script import Line
from kiosk.site import printer_profile, station_named
from kiosk.station import Station
from printers.virtual import VirtualPrinter
from stations.bench.events import (
    Chosen,
    CodeKeyed,
    Entered,
    Event,
    PinGiven,
    Pressed,
    ScannerReported,
    TaskPicked,
    TimePassed,
    UnableTold,
)
from stations.scanning.decoding.typist import keystrokes, lost

START = dt.datetime.fromisoformat("2026-03-10T08:00:00-07:00")
SCANNER = "simulated scanner"


class ScriptClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: dt.datetime) -> None:
        self.now = start

    def __call__(self) -> dt.datetime:
        """Return the time it stands at."""
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(seconds=seconds)


class Replay:
    """One run of a script over a throwaway data folder."""

    def __init__(self, site: Path, station: str | None = None) -> None:
        """Open a station of the folder `site`, which the run may change."""
        self._site, self._wanted = site, station
        self._clock = ScriptClock(START)
        _, file = station_named(site, station)
        self._printer = VirtualPrinter(printer_profile(site, file).paper)
        self._loses = False
        self._present = True
        self._seen = Seen()
        self.station = self._opened()

    def _opened(self) -> Station:
        station = Station(self._site, self._wanted, self._clock, transport=self._printer)
        station.settle()
        return station

    def run(self, lines: tuple[Line, ...]) -> Iterator[dict[str, Any]]:
        """Run each action and give its answer; a failed expectation does not stop the run."""
        for place, line in enumerate(lines):
            if place or line.action != "now":
                self._clock.move(1.0)
            yield self._answer(line)

    def close(self) -> None:
        """Close the station."""
        self.station.close()

    def _answer(self, line: Line) -> dict[str, Any]:
        if line.action == "expect":
            failed = check(line.words, self._seen, self.station)
            return self._told(line, None, ()) | failed
        judged, made, jobs = self.station.bench.judged, self.station.bench.kept.tasks_made, len(self.station.jobs)
        self._act(line)
        self.station.settle()
        bench = self.station.bench
        if bench.kept.tasks_made > made:
            self._seen.jobs_from = jobs
        crashed = line.action == "crash"
        if crashed or bench.judged == judged or bench.verdict is None:
            return self._told(line, None, ())
        self._seen.verdict = bench.verdict
        return self._told(line, str(bench.verdict.word), bench.verdict.reasons)

    def _told(self, line: Line, verdict: str | None, reasons: tuple[str, ...]) -> dict[str, Any]:
        bench = self.station.bench
        place = bench.place()
        return {
            "line": line.number,
            "action": line.shown,
            "verdict": verdict,
            "reasons": list(reasons),
            "screen": bench.screen(),
            "step": place.path if place is not None else None,
            "message": bench.says,
        }

    def _act(self, line: Line) -> None:
        match line.action:
            case "now":
                self._clock.now = dt.datetime.fromisoformat(line.text)
                self.station.post(TimePassed(at=self.station.now()))
            case "badge" | "scan":
                self._scan(line.text)
            case "printer":
                self._printer.set_state(line.words[0], int(line.words[1]) if len(line.words) > 1 else None)
                self.station.retry()
            case "scanner":
                self._scanner(line.text)
            case "wait":
                self._clock.move(int(line.text))
                self.station.post(TimePassed(at=self.station.now()))
            case "crash":
                self.station.crash()
                before = self.station.jobs
                self.station = self._opened()
                self.station.jobs[:0] = before
            case _:
                self.station.post(self._event(line))

    def _event(self, line: Line) -> Event:
        now = self.station.now()
        match line.action:
            case "pin":
                return PinGiven(at=now, pin=line.text)
            case "task":
                return TaskPicked(at=now, checklist=line.words[0], subject=line.words[1])
            case "key":
                return CodeKeyed(at=now, text=line.text)
            case "enter":
                return Entered(at=now, text=line.text)
            case "choose":
                return Chosen(at=now, text=line.text)
            case "unable":
                return UnableTold(at=now, reason=line.text)
            case _:
                return Pressed(at=now, word=line.text)

    def _scan(self, text: str) -> None:
        if not self._present:
            return
        start, type_it = self._clock.now.timestamp(), lost if self._loses else keystrokes
        try:
            self.station.keys(SCANNER, type_it(text, start))
        except ValueError:  # no key of a keyboard types it: it can only come from a scanner in serial mode
            self.station.bytes(SCANNER, text.encode("utf-8", "surrogatepass") + b"\r", lost=self._loses)
        self._loses = False

    def _scanner(self, state: str) -> None:
        if state == "lose":
            self._loses = True
            return
        self._present = state == "plug"
        says = "" if self._present else "The scanner is unplugged. Plug it in, or key the codes twice."
        event = ScannerReported(at=self.station.now(), device=SCANNER, present=self._present, says=says)
        self.station.post(event)


def throwaway(data: Path | None, keep: Path | None = None) -> Path:
    """Return a folder a run may change: a copy of `data`, else a fresh sample hospital, at `keep` if given."""
    folder = keep if keep is not None else Path(tempfile.mkdtemp(prefix="rxkiosk-"))
    if data is not None:
        shutil.copytree(data, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("lock"))
    else:
        make_sample(folder, START)
    return folder
