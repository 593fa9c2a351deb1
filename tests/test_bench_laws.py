"""The laws of a bench, whatever happens to it, in whatever order: a machine that tries to break them."""

from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from at_bench import (
    BADGES,
    COUNT,
    HEPARIN,
    HYDRALAZINE,
    HYDRALAZINE_50,
    HYDROXYZINE,
    PICK,
    PINS,
    AtBench,
    checklists,
    sample_facts,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from in_memory import InMemory

from kiosk.screens.view import view
from kiosk.scripts.script import SCREENS
from stations.bench.events import (
    CheckPin,
    DefinitionsRead,
    Event,
    FileRefused,
    FileTaken,
    JobReported,
    JournalFailed,
    PinChecked,
    PinGiven,
    Pressed,
    PrinterReported,
    PrintLabel,
    ReleaseJob,
    Restarted,
    ScannerReported,
    TimePassed,
)
from stations.bench.kept import AnyChange, PackageTaken, StepAnswered
from stations.bench.signing import duty_asked
from stations.bench.state import (
    Bench,
    KeyAgain,
    Turn,
    WaitCancel,
    WaitDecision,
    WaitDuty,
    WaitExpiry,
    WaitLot,
    WaitPick,
    WaitPin,
    WaitTask,
    WaitWhy,
)
from stations.scanning.ours import COMMANDS, command_code
from stations.scanning.outcome import Outcome
from stations.work.checklists import (
    BlindCount,
    Checklist,
    Choice,
    Count,
    Print,
    ScanIdentity,
    ScanLocation,
    ScanProduct,
    Text,
    read_checklist,
)
from stations.work.settings import Settings
from stations.work.tasks import Place
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


_ANSWERS: Mapping[type, str] = {
    WaitDecision: "approve",
    WaitWhy: "looked at it",
    WaitLot: "LOT7A",
    WaitExpiry: "2027-02",
    WaitPick: "1",
    WaitTask: "1",
}


class Watched(AtBench):
    """A bench whose laws are looked at after everything that happens."""

    def __init__(self) -> None:
        self.pins: set[str] = set()
        self.proved: set[str] = set()
        self.unchecked: list[CheckPin] = []
        self.may_leave: dict[str, int] = {}
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
                self.may_leave[effect.job] = 1
            if isinstance(effect, ReleaseJob):
                assert self.entries[-1]["state"] == "sending", "what leaves stands in the record first"
                self.may_leave[effect.job] -= 1
                assert self.may_leave[effect.job] == 0, "a label left twice on the machine's own decision"

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
        least = most = Word.PASS
        for reason in map(Reason, verdict.reasons):
            table = word_of(reason)
            milder = Word.PASS if reason in (Reason.NO_PHARMACIST, Reason.RATIO) else table
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


class AnyBench(RuleBasedStateMachine):
    """Anything, at any time. Each rule is one thing that can happen; some go on with the work, so that it gets far."""

    def __init__(self) -> None:
        super().__init__()
        self.at = Watched()
        self.serial = 0

    @initialize(times=st.integers(0, 40), choice=st.sampled_from(TASKS))
    def somebody_has_worked_here(self, times: int, choice: tuple[str, str]) -> None:
        self.the_work_goes_on(times, choice)

    @rule(times=st.integers(1, 4), choice=st.sampled_from(TASKS))
    def some_work_is_done(self, times: int, choice: tuple[str, str]) -> None:
        self.the_work_goes_on(times, choice)

    @rule(times=st.integers(1, 20), choice=st.sampled_from(TASKS))
    def the_work_goes_on(self, times: int, choice: tuple[str, str]) -> None:
        for _ in range(times):
            self._goes_on(choice)

    @rule(text=st.sampled_from((*PACKAGES, *PLACES)))
    def something_known_is_scanned(self, text: str) -> None:
        self.at.scan(text)

    @rule(text=st.sampled_from(PACKAGES), keyed=st.booleans())
    def a_package_comes_where_one_is_asked(self, text: str, *, keyed: bool) -> None:
        for _ in range(12):
            place = self.at.bench.place()
            if place is not None and isinstance(place.step, ScanProduct) and self.at.bench.dialog is None:
                break
            self._goes_on((PICK, "P00127X"))
        if keyed:
            self.at.key(text)
            self.at.key(text)
        else:
            self.at.scan(text)

    @rule(person=st.sampled_from(sorted(BADGES)))
    def a_badge_is_scanned(self, person: str) -> None:
        self.at.badge(person)

    @rule(word=st.sampled_from(COMMANDS))
    def a_command_is_scanned(self, word: str) -> None:
        self.at.scan(command_code(word))

    @rule(word=st.sampled_from([word for word in COMMANDS if not word.isdigit()]))
    def a_command_is_pressed(self, word: str) -> None:
        self.at.press(word)

    @rule(text=st.sampled_from((*PACKAGES, *PLACES)))
    def a_code_is_keyed_twice(self, text: str) -> None:
        self.at.key(text)
        self.at.key(text)

    @rule(text=st.sampled_from(["0", "1", "2", "10", "23", "37", "40", "LOT7A", "2027-02", "well sealed", *WORDS]))
    def something_is_entered_or_chosen(self, text: str) -> None:
        self.at.enter(text)
        self.at.choose(text)

    @rule(reason=st.sampled_from(REASONS))
    def a_step_cannot_be_done(self, reason: str) -> None:
        self.at.unable(reason)

    @rule(how=st.sampled_from(["scan", "key", "enter", "choose", "press", "unable", "pin"]), text=HOSTILE)
    def a_hostile_text_comes(self, how: str, text: str) -> None:
        self.at.compare_pins()
        getattr(self.at, how)(text)
        self.at.task(PICK, text)
        self.at.task(text, text)

    @rule(reason=st.sampled_from(["lost-input", "control-character", "too-long", "truncated", "unreadable"]))
    def a_scan_is_damaged(self, reason: str) -> None:
        self.at.garbled(Outcome(reason))

    @rule(pin=st.sampled_from((*PINS.values(), *WRONG_PINS)), back=st.booleans())
    def a_pin_is_given(self, pin: str, *, back: bool) -> None:
        self.at.pin(pin)
        if back:
            self.at.press("back")
        self.at.compare_pins()

    @rule(state=st.sampled_from(["waiting", "sending", "printed", "failed", "unknown"]), says=HOSTILE)
    def the_printer_reports_a_job(self, state: str, says: str) -> None:
        for job in self.at.bench.kept.jobs:
            self.at.happens(JobReported(at=self.at.now, job=job.id, state=state, says=says))
        self.at.happens(JobReported(at=self.at.now, job=says, state=state))

    @rule(ready=st.booleans(), says=HOSTILE)
    def a_device_reports(self, says: str, *, ready: bool) -> None:
        self.at.happens(PrinterReported(at=self.at.now, ready=ready, says=says))
        self.at.happens(ScannerReported(at=self.at.now, device=says, present=ready, says=says))

    @rule(stricter=st.dictionaries(st.sampled_from(Reason), st.sampled_from(Word), max_size=4), known=st.booleans())
    def definitions_change(self, stricter: dict[Reason, Word], *, known: bool) -> None:
        read = (*checklists(), every_kind()) if known or not stricter else ()
        self.at.happens(DefinitionsRead(at=self.at.now, checklists=read, settings=Settings(stricter=stricter)))

    @rule(text=HOSTILE)
    def a_file_comes(self, text: str) -> None:
        report = {"taken": 1, "refused": [{"says": "a cell"}]}
        taken = FileTaken(at=self.at.now, ticket=text, what="staff", files=("a-staff.csv",), sha256="a", report=report)
        self.at.happens(taken)
        self.at.happens(FileRefused(at=self.at.now, file=text, says=text))

    @rule(seconds=st.integers(-3600, 3600) | st.integers(0, 40).map(lambda days: days * 86_400))
    def time_passes(self, seconds: int) -> None:
        self.at.wait(seconds)
        self.at.happens(TimePassed(at=self.at.now))

    @rule(text=st.none() | HOSTILE)
    def the_power_goes(self, text: str | None) -> None:
        """Perhaps after the record could not be written: then nothing was done any more."""
        if text is not None:
            self.at.happens(JournalFailed(at=self.at.now, says=text))
            for happens in (self.at.scan, self.at.enter, self.at.choose, self.at.press, self.at.pin, self.at.key):
                assert happens(text) is None
                assert self.at.screen == "out-of-order"
                assert self.at.effects == ()
        self.at.again()
        self.at.unchecked.clear()
        self.at.happens(Restarted(at=self.at.now, notes=("torn bytes set aside",)))

    # The work itself --------------------------------------------------------------------------------------------------

    def _goes_on(self, choice: tuple[str, str]) -> None:
        """Do what is asked, as somebody would who knows their work."""
        at, place = self.at, self.at.bench.place()
        session = at.bench.kept.session
        if self._answers_dialog():
            return
        if at.screen == "stop":
            at.press("back")
        elif at.screen == "signed-out":
            at.badge("AT")
        elif at.screen == "locked" and session is not None:
            at.badge(session.person)
        elif at.screen == "home":
            at.task(*choice)
        elif place is not None:
            self._does(place)

    def _answers_dialog(self) -> bool:
        at, dialog = self.at, self.at.bench.dialog
        if dialog is None:
            return False
        if isinstance(dialog, WaitPin):
            at.pin(PINS[dialog.person])
            at.compare_pins()
        elif isinstance(dialog, KeyAgain):
            at.key(dialog.text)
        elif isinstance(dialog, WaitCancel):
            at.press("no")
        elif isinstance(dialog, WaitDuty):
            at.choose("on duty" if self.serial % 2 else "sign in")
        else:
            at.enter(_ANSWERS[type(dialog)])
        return True

    def _does(self, place: Place) -> None:
        at, step = self.at, place.step
        duty = duty_asked(Turn(bench=at.bench, facts=at.facts, at=at.now))
        self.serial += 1
        if duty:
            at.badge(self._who(duty))
        elif isinstance(step, ScanIdentity):
            at.scan("P00127X")
        elif isinstance(step, ScanProduct):
            at.scan(MADE_OF[place.line["item"]].format(self.serial))
        elif isinstance(step, ScanLocation):
            at.scan(place.line.get("shelf") or ("LTOTE1V" if "tote" in step.of else BLIND_PLACES[0]))
        elif isinstance(step, Count | BlindCount):
            at.enter(str(self.serial % 60))
        elif isinstance(step, Choice):
            at.choose(str(1 + self.serial % 2))
        elif isinstance(step, Text):
            at.enter("a dent")
        elif isinstance(step, Print):
            self._prints()

    def _who(self, duty: str) -> str:
        """Somebody of that duty who has not worked on the task."""
        task, session = self.at.bench.task(), self.at.bench.kept.session
        if duty == "performer" and session is not None:
            return session.person
        fit = {"pharmacist": ("P1", "P2"), "supervisor": ("SV",)}.get(duty, ("T2", "CT", "P2", "L1"))
        done = task.performers if task is not None else ()
        return next((person for person in fit if person not in done), fit[0])

    def _prints(self) -> None:
        at = self.at
        for job in at.bench.kept.jobs:
            for state in ("sending", "printed"):
                at.happens(JobReported(at=at.now, job=job.id, state=state))
            at.scan(job.id)


TestAnyBench = AnyBench.TestCase
TestAnyBench.settings = settings(
    max_examples=100, stateful_step_count=50, suppress_health_check=list(HealthCheck), deadline=None
)
