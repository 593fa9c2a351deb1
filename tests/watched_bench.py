"""A bench whose laws are looked at after everything that happens to it, and what the tests of the laws bring along."""

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from at_bench import (
    COUNT,
    HEPARIN,
    HYDRALAZINE,
    HYDRALAZINE_50,
    HYDROXYZINE,
    PICK,
    PINS,
    AtBench,
    sample_facts,
)
from hypothesis import strategies as st
from in_memory import InMemory

from kiosk.screens.view import view
from kiosk.scripts.script import SCREENS
from stations.bench.events import (
    CheckPin,
    Event,
    PinChecked,
    PinGiven,
    Pressed,
    PrintLabel,
    ReleaseJob,
    Restarted,
)
from stations.bench.kept import AnyChange, PackageTaken, StepAnswered
from stations.bench.state import (
    Bench,
    WaitDecision,
    WaitExpiry,
    WaitLot,
    WaitPick,
    WaitTask,
    WaitWhy,
)
from stations.scanning.ours import command_code
from stations.work.checklists import (
    BlindCount,
    Checklist,
    read_checklist,
)
from stations.work.verdict import FULL_SCREEN, Reason, Verdict, Word, word_of

EVERY_KIND = """
id = "automation.every-kind"
version = 1
title = "Every kind of step"
role = "automation"
about = "For the tests."

[[step]]
id = "place"
kind = "scan-location"
asks = "Scan a place"

[[step]]
id = "other-place"
kind = "scan-location"
asks = "Another person scans a place"
by = "another"

[[step]]
id = "seen"
kind = "choice"
asks = "What do you see?"
options = ["nothing", "damage", "dust"]
by = "another"
reason_codes = [{ reason = "cannot tell", then = "skip" }]

[[step]]
id = "damage"
kind = "text"
asks = "Say what is damaged"
min_length = 5
max_length = 40
when = { step = "seen", outcome = ["damage"] }

[[step]]
id = "counted"
kind = "count"
asks = "Count"
expect = "on-hand"
tolerance = "site"

[[step]]
id = "own"
kind = "signature"
asks = "Sign"
meaning = "performed"

[[step]]
id = "theirs"
kind = "signature"
asks = "Another person signs"
meaning = "reviewed"
signer = "anyone"

[[step]]
id = "supervisor"
kind = "signature"
asks = "A supervisor signs"
meaning = "approved"
signer = "supervisor"

[[step]]
id = "seal"
kind = "print"
asks = "Scan the seal"
label = "T20"
fields = "seal"
"""
SECRET = 73519
"""What the record says is in the places that are counted blind; nobody enters it."""
BLIND_PLACES = ("L05A05W", "L05A04Y", "LVLT011")
PIN_DIGITS = 6
WRONG_PINS = ("937465", "864209", "99", "")
PACKAGES = (
    *(text.format(serial) for text in (HYDRALAZINE, HYDRALAZINE_50, HEPARIN) for serial in range(1, 5)),
    HYDROXYZINE,
    "00309991235560",
    "]d201003099912345631727022810LOT7A",  # no serial
    "]d201003099912345631726040810LOT2X<GS>21S0701",  # expires too soon for a cabinet
    "]d201003099912345631726050910LOT5X<GS>21S0801",  # expires soon
    "]d201003099912345631725020010LOT5A<GS>21S0002",  # expired
    "]C101303099912345641727022810LOT9",  # a carton
    "]d201003509991255681727022810LOT3M<GS>21S0501",  # another maker
    "]e00100309991234563",  # neither lot nor expiry
    "]d2010030999123456310LOT7A<GS>21S0009",  # no expiry
    "]d201003999999999911727022810LOT7A<GS>21S0001",  # not linked
    "]d201003099912345641727022810LOT7A",  # wrong check digit
    "0999123456",  # two products
)
PLACES = ("L03A12Z", "L03A13X", "L04C021", "L03B07F", "LTOTE1V", "DA4WX", "LQUAR1K", "P00127X", *BLIND_PLACES)
TASKS = (
    *((PICK, subject) for subject in ("A4W", "P00127X", "DA4WX", "")),
    *((COUNT, subject) for subject in ("05-A-05", "L03A12Z", "LVLT011", "")),
    *(("automation.every-kind", subject) for subject in ("", "L05A05W", "03-A-12")),
)
REASONS = ("will not read", "not enough on the shelf", "cannot tell", "1", "2", "")
WORDS = ("approve", "reject", "on duty", "off duty", "sign in", "damage", "nothing", "not recorded", "unexplained")
HOSTILE = st.text(
    st.sampled_from("\x00\x07\x1b\x1d\n\r\t[](){}<>\"'`$|;&=+-@%\\/aZ09é中\ud800\u202e 1"), max_size=30
) | st.sampled_from(
    ["=cmd|' /C calc'!A0", "[bold red]PASS[/]", "../../etc/passwd", "9" * 400, "-1", "1e9", "²", "hash"]
)


def every_kind() -> Checklist:
    return read_checklist(EVERY_KIND, "automation/every-kind.toml")


def hospital_with_a_secret() -> InMemory:
    facts = sample_facts()
    for key, row in list(facts.tables["stock_level"].items()):
        if row["code"] in BLIND_PLACES:
            facts.tables["stock_level"][key] = {**row, "on_hand": SECRET}
    return facts


RANK = {word: rank for rank, word in enumerate(Word)}
ONLY_AT_THE_DOOR = {"signed-in", "signed-out", "lock-set", "duty-set", "question-set", "task-moved"}
OF_PEOPLE = ("scan", "step", "task", "signature", "session", "quarantine", "request", "duty", "restart")
MADE_OF = {
    "hydralazine-25-tab": "]d201003099912345631727022810LOT7A<GS>21N{:04}",
    "hydralazine-50-tab": "]d201003099912365671727022810LOT8B<GS>21N{:04}",
    "heparin-25000-250-bag": "]d201003509991234581727022810LOT9C<GS>21N{:04}",
}


ANSWERS: Mapping[type, str] = {
    WaitDecision: "approve",
    WaitWhy: "looked at it",
    WaitLot: "LOT7A",
    WaitExpiry: "2027-02",
    WaitPick: "1",
    WaitTask: "1",
}

UNDER_WAY = ("queued", "waiting", "sending", "failed", "unknown")
"""States of a label that somebody or something still has to do with."""


class Watched(AtBench):
    """A bench whose laws are looked at after everything that happens."""

    def __init__(self) -> None:
        self.pins: set[str] = set()
        self.proved: set[str] = set()
        self.unchecked: list[CheckPin] = []
        self.may_leave: dict[tuple[str, int], int] = {}
        super().__init__(facts=hospital_with_a_secret(), more=(every_kind(),), answers_pins=False)

    def happens(self, event: Event) -> Verdict | None:
        before, told = self.bench, len(self.entries)
        if isinstance(event, PinGiven) and event.pin.isdigit():
            self.pins.add(event.pin)
        if isinstance(event, PinChecked) and event.right:
            self.proved.add(event.person)
        verdict = super().happens(event)
        for entry in self.entries[told:]:
            self._look_at_entry(before, entry)
        self._look_at_effects()
        self._look_at_bench(before, event)
        if verdict is not None:
            self._look_at_verdict(verdict)
        return verdict

    def _look_at_entry(self, before: Bench, entry: Mapping[str, Any]) -> None:
        text = orjson.dumps(entry).decode()
        assert not [pin for pin in self.pins if len(pin) == PIN_DIGITS and pin in text], "a PIN stands in an entry"
        changes = msgspec.convert(entry.get("changes", []), list[AnyChange])
        for change in changes:
            if isinstance(change, StepAnswered) and change.result.kind in ("pharmacist", "signature"):
                self._look_at_signature(before, change)
            if isinstance(change, PackageTaken):
                assert entry["verdict"] == "PASS", "only what passed is taken"
        if entry["kind"] in OF_PEOPLE and before.screen() in ("signed-out", "locked"):
            made = {type(change).__struct_config__.tag for change in changes}
            assert made <= ONLY_AT_THE_DOOR, "nobody is signed in, and yet work was done"
            assert {row["register"] for row in entry.get("rows", [])} <= {"pin"}

    def _look_at_signature(self, before: Bench, change: StepAnswered) -> None:
        task = next(task for task in before.kept.tasks if task.id == change.task)
        signer, session = change.result.by, before.kept.session
        if change.result.path == "own":
            assert session is not None
            assert signer == session.person
            return
        assert signer in self.proved, "somebody signed without a PIN"
        assert signer not in (task.performer, *task.performers), "somebody signed for their own work"
        if change.result.kind == "pharmacist":
            assert signer in ("P1", "P2")
            assert signer in before.kept.on_duty

    def _look_at_effects(self) -> None:
        for effect in self.effects:
            if isinstance(effect, CheckPin):
                self.unchecked.append(effect)
            if isinstance(effect, PrintLabel):
                self.may_leave[effect.job, effect.duplicate] = 1
            if isinstance(effect, ReleaseJob):
                assert self.entries[-1]["labels"][-1]["state"] == "sending", "what leaves stands in the record first"
                self.may_leave[effect.job, effect.duplicate] -= 1
                assert self.may_leave[effect.job, effect.duplicate] == 0, (
                    "a label left twice on the machine's own decision"
                )

    def _look_at_bench(self, before: Bench, event: Event) -> None:
        bench = self.bench
        assert bench.screen() in SCREENS
        shown = view(bench, self.now)
        place, task = bench.place(), bench.task()
        if place is not None and isinstance(place.step, BlindCount):
            heard = (bench.says, bench.verdict, bench.home, shown)
            assert str(SECRET) not in repr(heard), "a blind count is told what it should find"
        if before.stopped and not bench.stopped:
            back = isinstance(event, Pressed) and event.word in ("back", "sign-out")
            assert back or self.scanned in map(command_code, ("back", "sign-out")) or isinstance(event, Restarted)
        if before.stopped and bench.stopped and task is not None:
            assert task == before.task(), "work went on behind a full-screen stop"
        for one in bench.kept.tasks:
            self._look_at_lines(bench, one.id)
        under_way = {key: row["state"] for key, row in self.facts.tables["label"].items() if row["state"] in UNDER_WAY}
        assert under_way == {job.id: job.state for job in bench.kept.jobs if job.state != "sent"}, "a label is lost"

    def _look_at_lines(self, bench: Bench, name: str) -> None:
        task = next(task for task in bench.kept.tasks if task.id == name)
        named = [(package.gtin, package.serial) for package in task.packages if package.serial]
        assert len(named) == len(set(named)), "one package counts twice"
        for group, lines in task.lines.items():
            for number, line in enumerate(lines, 1):
                taken = task.taken(f"{group}[{number}].package")
                assert len(taken) <= int(line["quantity"])
                assert {package.item for package in taken} <= {line["item"]}

    def _look_at_verdict(self, verdict: Verdict) -> None:
        stricter = self.bench.settings.stricter
        packages = [package for task in self.bench.kept.tasks for package in task.packages]
        accepted = {reason for package in packages for reason in package.approved}
        softened = {Reason.NO_PHARMACIST, Reason.RATIO, *map(Reason, accepted)}
        least = most = Word.PASS
        for reason in map(Reason, verdict.reasons):
            table = word_of(reason)
            milder = Word.PASS if reason in softened else table
            least = max(least, milder, stricter.get(reason, Word.PASS), key=RANK.__getitem__)
            most = max(most, table, stricter.get(reason, Word.PASS), key=RANK.__getitem__)
        assert RANK[least] <= RANK[verdict.word] <= RANK[most], "a verdict is that of its worst reason"
        assert bool(verdict.signer) or verdict.word is not Word.HOLD, "a hold nobody may decide"
        if FULL_SCREEN & set(map(Reason, verdict.reasons)):
            assert verdict.signer == ""

    scanned = ""

    def scan(self, text: str) -> Verdict | None:
        self.scanned = text
        try:
            return super().scan(text)
        finally:
            self.scanned = ""

    def compare_pins(self) -> None:
        """Let every comparison that is under way come back."""
        while self.unchecked:
            asked = self.unchecked.pop(0)
            right = PINS.get(asked.person) == asked.pin
            self.happens(PinChecked(at=self.now, person=asked.person, right=right))
