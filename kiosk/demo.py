"""How does somebody try the bench with nothing but a terminal?

A tray of bar codes stands in for the scanner: what is tapped goes through the same key events. A virtual printer stands
in for the paper roll. The hospital is the sample one, its dates relative to today, in a folder that goes with the demo.
"""

import datetime as dt
import time
import tomllib
from collections.abc import Sequence

import msgspec

from kiosk.site import shipped
from kiosk.station import Station
from printers.virtual import Sheet, VirtualPrinter
from stations.bench.signing import duty_asked
from stations.bench.state import Bench
from stations.scanning.codes import from_visible
from stations.scanning.decoding.typist import keystrokes
from stations.work.checklists import Print, ScanProduct

SCANNER = "simulated scanner"
GROUPS = ("people", "places", "packages", "trouble", "labels")
"""The order they lie in: work begins with a badge."""


class TrayItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing of the tray."""

    id: str
    group: str
    name: str
    text: str
    """What the scanner sends; `<GS>` is the separator, `{expiry}`, `{month}` and `{serial}` are filled in at a tap."""
    expires_in_days: int = 0
    """From the day of the demo."""
    first_serial: int = 0
    about: str = ""


def filled(item: TrayItem, today: dt.date, taps: int) -> str:
    r"""Give what a scanner sends for a thing that was tapped so often before.

    >>> pen = TrayItem(id="p", group="packages", name="pen", text="17{month}<GS>21S{serial}", first_serial=7)
    >>> filled(pen, dt.date(2026, 3, 10), 2)
    '17260300\x1d21S0009'
    """
    expiry = today + dt.timedelta(days=item.expires_in_days)
    text = item.text.replace("{expiry}", f"{expiry:%y%m%d}").replace("{month}", f"{expiry:%y%m}00")
    return from_visible(text.replace("{serial}", f"{item.first_serial + taps:04d}"))


def shipped_tray() -> tuple[TrayItem, ...]:
    """Read the sample hospital's tray, badges first."""
    text = (shipped() / "sample" / "tray.toml").read_text(encoding="utf-8")
    items = msgspec.convert(tomllib.loads(text)["code"], tuple[TrayItem, ...])
    return tuple(sorted(items, key=lambda item: GROUPS.index(item.group)))


def fitting(bench: Bench) -> str:
    """Name the group of things that the present step asks for."""
    place = bench.place()
    if bench.screen() in ("signed-out", "locked") or duty_asked(bench):
        return "people"
    match place.step if place is not None else None:
        case ScanProduct():
            return "packages"
        case Print():
            return "labels"
        case _:
            return "places"


class Demo:
    """The tray and the paper beside a station whose scanner and printer are simulated."""

    def __init__(self, station: Station, printer: VirtualPrinter, tray: Sequence[TrayItem]) -> None:
        """Lay the tray out beside a station that prints on that printer."""
        self._shipped = tuple(tray)
        self._station, self._printer = station, printer
        self._taps: dict[str, int] = {}

    @property
    def tray(self) -> tuple[TrayItem, ...]:
        """Everything that can be scanned: what fits the present step first, labels once they are printed."""
        ids = dict.fromkeys(job.id.partition("#")[0] for job in self._station.jobs)
        labels = tuple(TrayItem(id=label, group="labels", name=f"label {label}", text=label) for label in ids)
        first = fitting(self._station.bench)
        return tuple(sorted((*self._shipped, *reversed(labels)), key=lambda item: item.group != first))

    def tap(self, item_id: str) -> None:
        """Scan the thing with that id."""
        item = next(item for item in self.tray if item.id == item_id)
        text = filled(item, self._station.now().date(), self._taps.get(item.id, 0))
        self._taps[item.id] = self._taps.get(item.id, 0) + 1
        self._station.keys(SCANNER, keystrokes(text, time.monotonic()))

    def paper(self) -> tuple[Sheet, ...]:
        """Give what was printed so far, oldest first."""
        return self._printer.paper()

    def printer_state(self, word: str) -> None:
        """Put the printer in a state, and let it look again."""
        self._printer.set_state(word)
        self._station.retry()
