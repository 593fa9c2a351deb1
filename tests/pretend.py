"""A station without disk, threads or devices for the tests of the screens: the real `step` over the sample hospital."""

import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from in_memory import InMemory, sample_hospital
from msgspec.structs import replace
from printing import LAYOUTS, slip, slip_bytes

from kiosk.definitions import Read
from kiosk.sample import PINS
from kiosk.screens.labels import job_here
from kiosk.screens.preview import Previews
from kiosk.screens.view import View, view
from printers.label import Paper
from printers.virtual import Sheet, VirtualPrinter
from stations.bench.events import (
    CheckPin,
    Chosen,
    CodeKeyed,
    DefinitionsRead,
    Effect,
    Entered,
    Event,
    JobReported,
    PinChecked,
    PinGiven,
    Pressed,
    PrintLabel,
    Record,
    ReleaseJob,
    Scanned,
)
from stations.bench.kept import Kept
from stations.bench.state import Bench, Printer
from stations.bench.step import step
from stations.scanning.codes import from_visible
from stations.scanning.decoding.wedge import Scan
from stations.scanning.ours import COMMANDS, command_code
from stations.work.checklists import Checklist, read_checklist
from stations.work.settings import Settings

CHECKLISTS = Path(__file__).parents[1] / "data" / "checklists"
START = dt.datetime(2026, 3, 10, 8, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
HYDRALAZINE = "]d201003099912345631727022810LOT7A<GS>21S{:04}"
HYDROXYZINE = "]d201003099912355601727022810LOT7C<GS>21S0301"
HYDRALAZINE_50 = "]d201003099912365671727012810LOT7B<GS>21S{:04}"
HEPARIN = "]d201003509991234581727012810LOT7H<GS>21S{:04}"


@functools.cache
def checklists() -> tuple[Checklist, ...]:
    return tuple(read_checklist(file.read_text(), file.name) for file in sorted(CHECKLISTS.rglob("*.toml")))


class Tapped(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the pretended tray."""

    name: str
    group: str
    text: str

    @property
    def id(self) -> str:
        return self.text


TRAY = (
    Tapped(name="badge of AT", group="people", text="B0042173"),
    Tapped(name="badge of P1", group="people", text="B020101R"),
    Tapped(name="hydrALAZINE 25 mg tablet", group="packages", text=HYDRALAZINE.format(1)),
    Tapped(name="hydrOXYzine 25 mg tablet", group="packages", text=HYDROXYZINE),
    Tapped(name="pick list of cabinet A4W", group="places", text="P00127X"),
    Tapped(name="shelf 03-A-12", group="places", text="L03A12Z"),
    Tapped(name="tote 1", group="places", text="LTOTE1V"),
    *(Tapped(name=f"command {word}", group="commands", text=command_code(word)) for word in COMMANDS),
)


class PretendDemo:
    """The demo's tray and paper, over a pretended station."""

    def __init__(self, station: "Pretend") -> None:
        self.tray = TRAY
        self.station = station
        self.printer = VirtualPrinter()
        self.printer.send(slip_bytes(slip()))

    def tap(self, item: str) -> None:
        self.station.scan(item)

    def paper(self) -> tuple[Sheet, ...]:
        return self.printer.paper()

    def printer_state(self, word: str) -> None:
        self.printer.set_state(word)


class Pretend:
    """A station as the screens see it; time passes one second an event."""

    def __init__(self, *, on_duty: bool = True, with_demo: bool = False) -> None:
        self.demo = PretendDemo(self) if with_demo else None
        self._at = START
        self.facts: InMemory = sample_hospital("items", "links", "devices", "locations", "stock", "picks", "staff")
        kept = Kept()
        if on_duty:
            kept = replace(kept, on_duty=("P1",))
        settings = Settings(site="Central Pharmacy")
        self.bench = Bench(
            station="bench-3",
            name="Bench 3",
            number=3,
            kept=kept,
            settings=settings,
            printer=Printer(answer="ready"),
        )
        self.posted: list[Event] = []
        self._listeners: list[Callable[[Bench], None]] = []
        self.answers_printer = True
        self.paper = Paper.MM80
        self.read = Read(checklists=(), settings=settings, layouts=LAYOUTS, refused=())
        self.post(DefinitionsRead(at=self._at, checklists=checklists(), settings=settings))
        self.posted.clear()

    def now(self) -> dt.datetime:
        return self._at

    def view(self) -> View:
        """What is on the screen once the label of the step is drawn."""
        job, previews = job_here(self.bench, self._at), Previews(self)
        if job is not None:
            previews.draw(job)
        return view(self.bench, self._at, preview=previews.known(job) if job is not None else None)

    def wait(self, **time: float) -> None:
        self._at += dt.timedelta(**time)

    def listen(self, listener: Callable[[Bench], None]) -> None:
        self._listeners.append(listener)

    def post(self, event: Event) -> None:
        self.posted.append(event)
        self._at += dt.timedelta(seconds=1)
        event = replace(event, at=self._at)
        self.bench, effects = step(self.bench, event, self.facts)
        for effect in effects:
            if isinstance(effect, Record):
                for row in effect.data.get("rows", ()):
                    self.facts.tables[row["register"]][row["key"]] = row["row"]
        for listener in self._listeners:
            listener(self.bench)
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case CheckPin():
                right = effect.pin in PINS and self._pins[effect.person] == effect.pin
                self.post(PinChecked(at=self._at, person=effect.person, right=right))
            case PrintLabel() if self.answers_printer:
                self.post(JobReported(at=self._at, job=effect.job, state="sending"))
            case ReleaseJob() if self.answers_printer:
                self.post(JobReported(at=self._at, job=effect.job, state="sent"))
            case _:
                pass

    @functools.cached_property
    def _pins(self) -> dict[str, str]:
        return dict(zip(self.facts.tables["staff"], PINS, strict=True))

    # What a person does -----------------------------------------------------------------------------------------------

    def scan(self, text: str) -> "Pretend":
        text = from_visible(text)
        keys = Scan(text=text, device="gun", started=0, ended=1, keys=len(text), longest_gap=0.01)
        self.post(Scanned(at=self._at, scan=keys))
        return self

    def key(self, text: str) -> "Pretend":
        self.post(CodeKeyed(at=self._at, text=text))
        return self

    def enter(self, text: str) -> "Pretend":
        self.post(Entered(at=self._at, text=text))
        return self

    def choose(self, text: str) -> "Pretend":
        self.post(Chosen(at=self._at, text=text))
        return self

    def press(self, word: str) -> "Pretend":
        self.post(Pressed(at=self._at, word=word))
        return self

    def person(self, badge: str, pin: str) -> "Pretend":
        self.scan(badge)
        self.post(PinGiven(at=self._at, pin=pin))
        return self

    def signed_in(self) -> "Pretend":
        return self.person("B0042173", "420173")

    def picking(self) -> "Pretend":
        """At the first line's packages of a refill pick."""
        return self.signed_in().scan("P00127X").scan("L03A12Z")
