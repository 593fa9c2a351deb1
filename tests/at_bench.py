"""One bench for tests of what it decides: the real `step` over the sample hospital, without disk, threads or devices.

Every entry goes through JSON as the journal does it, its rows into the registers, its changes into what is kept. So
each test that works at this bench shows, too, that what is rebuilt from the entries is what was kept.
"""

import datetime as dt
import functools
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from in_memory import InMemory, sample_hospital
from msgspec.structs import replace

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
    Record,
    Scanned,
    TaskPicked,
    UnableTold,
)
from stations.bench.kept import DutySet, Kept, apply, fold
from stations.bench.state import Bench
from stations.bench.step import step
from stations.records.chain import Chain
from stations.records.documents import changes_in
from stations.scanning.codes import from_visible
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Outcome
from stations.work.checklists import Checklist, read_checklist
from stations.work.settings import Settings
from stations.work.verdict import Verdict

CHECKLISTS = Path(__file__).parents[1] / "data" / "checklists"
START = dt.datetime(2026, 3, 10, 8, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
BADGES = {
    "AT": "B0042173",
    "CT": "B0051085",
    "P1": "B020101R",
    "P2": "B020202H",
    "SV": "B030303K",
    "T2": "B040404F",
    "L1": "B050505A",
    "X1": "B0606065",
    "X2": "B070707Z",
}
PINS = {
    "AT": "420173",
    "CT": "510285",
    "P1": "201518",
    "P2": "202629",
    "SV": "303730",
    "T2": "404841",
    "L1": "505952",
    "X1": "606063",
    "X2": "707174",
}
HYDRALAZINE = "]d201003099912345631727022810LOT7A<GS>21S{:04}"
HYDRALAZINE_50 = "]d201003099912365671727022810LOT8B<GS>21S{:04}"
HEPARIN = "]d201003509991234581727022810LOT9C<GS>21S{:04}"
HYDROXYZINE = "]d201003099912355601727022810LOT7C<GS>21S0301"
SHELF, PICK, COUNT = "L03A12Z", "automation.refill-pick", "automation.cycle-count"


@functools.cache
def checklists() -> tuple[Checklist, ...]:
    return tuple(read_checklist(file.read_text(), file.name) for file in sorted(CHECKLISTS.rglob("*.toml")))


@functools.cache
def _sample() -> InMemory:
    return sample_hospital()


def sample_facts() -> InMemory:
    """The sample hospital's registers, a copy of one's own."""
    facts = InMemory()
    facts.tables = {name: dict(rows) for name, rows in _sample().tables.items()}
    return facts


class AtBench:
    """Works at a bench and watches that its record adds up to what it keeps."""

    def __init__(
        self,
        *,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        on_duty: tuple[str, ...] = ("P1",),
        more: tuple[Checklist, ...] = (),
        facts: InMemory | None = None,
        answers_pins: bool = True,
    ) -> None:
        self.facts = facts if facts is not None else sample_facts()
        self.now = START
        self.kept = Kept()
        for person in on_duty:
            self.kept = apply(self.kept, DutySet(person=person, on=True))
        self.bench = Bench(station="bench-3", name="Bench 3", kept=self.kept)
        self.entries: list[dict[str, Any]] = []
        self.effects: tuple[Effect, ...] = ()
        self._answers_pins = answers_pins
        self._chain = Chain("bench-3")
        self.happens(DefinitionsRead(at=self.now, checklists=(*checklists(), *more), settings=settings))

    def happens(self, event: Event) -> Verdict | None:
        """Step the bench; return the verdict if one was given."""
        judged = self.bench.judged
        self.bench, self.effects = step(self.bench, event, self.facts)
        for number, effect in enumerate(self.effects):
            if isinstance(effect, Record):
                assert number == 0, "the entry comes before everything it leads to"
                self._record(effect, event.at)
        assert self.kept == self.bench.kept, "what the entries add up to is what is kept"
        if self._answers_pins:
            for effect in self.effects:
                if isinstance(effect, CheckPin):
                    right = PINS.get(effect.person) == effect.pin
                    self.happens(PinChecked(at=self.now, person=effect.person, right=right))
        return self.bench.verdict if self.bench.judged != judged else None

    def _record(self, record: Record, at: dt.datetime) -> None:
        entry = self._chain.take(self._chain.compose(record.kind, record.data, at))
        self.entries.append({"kind": entry.kind, **entry.data})
        self.kept = fold(self.kept, (entry.data,))
        for change in changes_in(entry.data.get("rows", [])):
            if change.row is None:
                self.facts.tables[change.register].pop(change.key, None)
            else:
                self.facts.tables[change.register][change.key] = change.row

    def wait(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    def scan(self, text: str) -> Verdict | None:
        self.wait(1)
        scan = Scan(text=from_visible(text), device="left", started=0.0, ended=0.1, keys=9, longest_gap=0.01)
        return self.happens(Scanned(at=self.now, scan=scan))

    def garbled(self, reason: Outcome, text: str = "]d2010") -> Verdict | None:
        self.wait(1)
        scan = Garbled(reason=reason, device="left", text=text, started=0.0, ended=0.1, keys=9, longest_gap=0.01)
        return self.happens(Scanned(at=self.now, scan=scan))

    def badge(self, person: str) -> Verdict | None:
        return self.scan(BADGES[person])

    def pin(self, pin: str) -> Verdict | None:
        self.wait(1)
        return self.happens(PinGiven(at=self.now, pin=pin))

    def proves(self, person: str) -> Verdict | None:
        """Badge and PIN, one after the other."""
        return self.badge(person) or self.pin(PINS[person])

    def key(self, text: str) -> Verdict | None:
        self.wait(1)
        return self.happens(CodeKeyed(at=self.now, text=text))

    def enter(self, text: str) -> Verdict | None:
        self.wait(1)
        return self.happens(Entered(at=self.now, text=text))

    def choose(self, text: str) -> Verdict | None:
        self.wait(1)
        return self.happens(Chosen(at=self.now, text=text))

    def press(self, word: str) -> Verdict | None:
        self.wait(1)
        return self.happens(Pressed(at=self.now, word=word))

    def unable(self, reason: str) -> Verdict | None:
        self.wait(1)
        return self.happens(UnableTold(at=self.now, reason=reason))

    def task(self, checklist: str, subject: str = "") -> Verdict | None:
        self.wait(1)
        return self.happens(TaskPicked(at=self.now, checklist=checklist, subject=subject))

    def printer(self, state: str, says: str = "The printer says so.", *, job: str = "") -> Verdict | None:
        """Let the printer report a job, else the newest."""
        self.wait(1)
        job = job or self.bench.kept.jobs[-1].id
        known = self.bench.kept.job(job)
        duplicate = known.duplicate if known is not None else 0
        return self.happens(JobReported(at=self.now, job=job, duplicate=duplicate, state=state, says=says))

    @property
    def step(self) -> str:
        place = self.bench.place()
        return place.path if place is not None else ""

    @property
    def screen(self) -> str:
        return self.bench.screen()

    def at_a_package(self, person: str = "AT") -> "AtBench":
        """Sign in, open the pick list of cabinet A4W, stand at the shelf of its first line."""
        self.proves(person)
        self.task(PICK, "A4W")
        self.scan(SHELF)
        assert self.step == "line[1].package"
        return self

    def at_the_pharmacist(self) -> "AtBench":
        """Pick everything; the pharmacist is asked."""
        self.at_a_package()
        for shelf, package, number, left in (
            (SHELF, HYDRALAZINE, 3, "37"),
            ("L03A13X", HYDRALAZINE_50, 2, "23"),
            ("L04C021", HEPARIN, 2, "10"),
        ):
            if not self.step.endswith("package"):
                self.scan(shelf)
            for serial in range(number):
                self.scan(package.format(serial + 1))
            self.enter(left)
        self.scan("LTOTE1V")
        assert self.step == "pharmacist"
        return self

    def at_the_seal(self) -> "AtBench":
        """Everything picked and checked; the seal is queued."""
        self.at_the_pharmacist()
        self.proves("P1")
        self.choose("approve")
        assert self.step == "seal"
        return self

    def again(self) -> "AtBench":
        """Another bench, as it is after a power cut: only what was kept is left."""
        self.bench = replace(
            Bench(station="bench-3", name="Bench 3", kept=self.kept),
            checklists=self.bench.checklists,
            settings=self.bench.settings,
        )
        return self


def changes_of(entry: dict[str, Any]) -> set[str]:
    """Name the kinds of change an entry made."""
    return {change["change"] for change in msgspec.convert(entry.get("changes", []), list[dict[str, Any]])}


def at_a_package(facts: InMemory | None = None) -> AtBench:
    return AtBench(facts=facts).at_a_package()


def entered(at: AtBench, *answers: str) -> Verdict | None:
    """Enter one after the other; return the last verdict."""
    verdict = None
    for answer in answers:
        verdict = at.enter(answer) or verdict
    return verdict


def keyed(at: AtBench, code: str) -> Verdict | None:
    """Key a code twice."""
    return at.key(code) or at.key(code)
