"""One funnel over a real folder, without threads unless a test starts them, and what happens to it."""

from pathlib import Path
from typing import Any

from at_bench import BADGES, HYDRALAZINE, PICK, PINS, SHELF

from kiosk.definitions import Definitions
from kiosk.scripts.replay import START
from stations.bench.events import (
    CancelJob,
    CheckPin,
    Event,
    PinChecked,
    PinGiven,
    PrintLabel,
    ReleaseJob,
    Scanned,
    TaskPicked,
)
from stations.bench.kept import Kept, fold
from stations.bench.state import Bench
from stations.records.journal import entries
from stations.records.tables import TABLES
from stations.runtime import Runtime
from stations.scanning.codes import from_visible
from stations.scanning.decoding.wedge import Scan
from stations.scanning.ours import own_code

STATION = "bench-3"
SCENARIOS = Path(__file__).parent / "scenarios"
AT = START


class Outside:
    """The world beside one funnel: PINs are compared at once, printing is only asked for."""

    def __init__(self) -> None:
        self.runtime: Runtime | None = None
        self.asked: list[PrintLabel | ReleaseJob | CancelJob | str] = []

    def check_pin(self, effect: CheckPin) -> None:
        assert self.runtime is not None
        right = PINS[effect.person] == effect.pin
        self.runtime.post(PinChecked(at=AT, person=effect.person, right=right))

    def print_label(self, effect: PrintLabel) -> None:
        self.asked.append(effect)

    def release(self, effect: ReleaseJob) -> None:
        self.asked.append(effect)

    def cancel(self, effect: CancelJob) -> None:
        self.asked.append(effect)

    def retry(self) -> None:
        self.asked.append("retry")


class Broken(Outside):
    """A world that has a fault of its own."""

    def check_pin(self, effect: CheckPin) -> None:
        message = f"cannot compare the PIN of {effect.person}"
        raise RuntimeError(message)


def opened(site: Path, outside: Outside | None = None) -> Runtime:
    """Open the bench of a site without threads, its definitions read."""
    beside = outside or Outside()
    runtime = Runtime(Bench(station=STATION, name="Bench 3"), site, beside)
    beside.runtime = runtime
    runtime.post(Definitions(site).read().event(AT))
    runtime.drain()
    return runtime


def scan(text: str) -> Scanned:
    shown = from_visible(text)
    return Scanned(at=AT, scan=Scan(text=shown, device="left", started=0.0, ended=0.1, keys=9, longest_gap=0.01))


def happen(runtime: Runtime, *events: Event) -> Bench:
    for event in events:
        runtime.post(event)
        runtime.drain()
    return runtime.bench


SIGNED_IN = (scan(BADGES["AT"]), PinGiven(at=AT, pin=PINS["AT"]))
AT_A_PACKAGE = (*SIGNED_IN, TaskPicked(at=AT, checklist=PICK, subject="A4W"), scan(SHELF))
WORK = (*AT_A_PACKAGE, scan(HYDRALAZINE.format(1)), scan(HYDRALAZINE.format(2)))


def lose_everything_in_memory(runtime: Runtime) -> None:
    runtime.journal.close()


def rows(runtime: Runtime) -> dict[str, list[dict[str, Any]]]:
    return {name: [dict(row) for row in runtime.registers.rows(name)] for name in TABLES}


def recorded(site: Path) -> Kept:
    """What the entries on disk add up to."""
    return fold(Kept(), (entry.data for entry in entries(site / "stations" / STATION / "journal")))


def more_staff(site: Path) -> Path:
    path = site / "staff-more.csv"
    lines = (Path(__file__).parents[1] / "data" / "sample" / "staff.csv").read_text().splitlines()
    path.write_text("\n".join((lines[0], ",".join(("A2", own_code("B", "004219"), *lines[1].split(",")[2:])))) + "\n")
    return path


def undamaged(folder: Path) -> None:
    assert (folder / "checkpoint.json").exists()


def no_checkpoint(folder: Path) -> None:
    (folder / "checkpoint.json").unlink()
