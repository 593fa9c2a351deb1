"""The laws of a bench, whatever happens to it, in whatever order: a machine that tries to break them."""

from typing import get_args

from at_bench import (
    BADGES,
    COUNT,
    PICK,
    PINS,
    checklists,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from watched_bench import (
    ANSWERS,
    BLIND_PLACES,
    HOSTILE,
    MADE_OF,
    PACKAGES,
    PLACES,
    REASONS,
    TASKS,
    WORDS,
    WRONG_PINS,
    Watched,
    every_kind,
)

from stations.bench.events import (
    Answer,
    DefinitionsRead,
    FileRefused,
    FileTaken,
    JobReported,
    JournalFailed,
    LabelAsked,
    PrinterReported,
    Restarted,
    ScannerReported,
    TimePassed,
)
from stations.bench.signing import duty_asked
from stations.bench.state import (
    KeyAgain,
    WaitCancel,
    WaitDuty,
    WaitPin,
)
from stations.scanning.ours import COMMANDS, command_code
from stations.scanning.outcome import Outcome
from stations.work.checklists import (
    BlindCount,
    Choice,
    Count,
    Print,
    ScanIdentity,
    ScanLocation,
    ScanProduct,
    Text,
)
from stations.work.settings import Settings
from stations.work.tasks import Place
from stations.work.verdict import Reason, Word


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

    @rule(person=st.none() | st.sampled_from(sorted(BADGES)), choice=st.sampled_from(TASKS))
    def somebody_tries_to_sign(self, person: str | None, choice: tuple[str, str]) -> None:
        """Whoever is asked for it or not, the performer among them, with their right PIN."""
        session = self.at.bench.kept.session
        for _ in range(20):
            if duty_asked(self.at.bench):
                break
            self._goes_on(choice)
        who = person or (session.person if session is not None else "AT")
        self.at.badge(who)
        self.at.pin(PINS[who])
        self.at.compare_pins()
        self.at.choose("approve")
        self.at.enter("because")

    @rule(
        word=st.sampled_from(["yes", "hold", "cancel", "confirm", "reprint"]),
        text=st.sampled_from((*PACKAGES, *PLACES, *WORDS)),
    )
    def the_bench_is_locked(self, word: str, text: str) -> None:
        self.at.press("lock")
        for act in (self.at.scan, self.at.enter, self.at.choose, self.at.unable):
            act(text)
        self.at.scan(command_code(word))
        self.at.press(word)
        self.at.task(COUNT, "L03A12Z")

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

    @rule(state=st.sampled_from(["waiting", "sending", "sent", "failed", "unknown"]), says=HOSTILE)
    def the_printer_reports_a_job(self, state: str, says: str) -> None:
        for job in self.at.bench.kept.jobs:
            report = JobReported(at=self.at.now, job=job.id, duplicate=job.duplicate, state=state, says=says)
            self.at.happens(report)
        self.at.happens(JobReported(at=self.at.now, job=says, state=state))

    @rule(text=HOSTILE, copies=st.integers(1, 99))
    def a_label_is_asked_for(self, text: str, copies: int) -> None:
        fields: dict[str, str | list[str]] = {"reason": text, "items": [text]}
        stamped = ("label_id", "time")
        asked = LabelAsked(
            at=self.at.now, ticket=text, template="T02", fields=fields, stamped=stamped, copies=copies, by="user:x"
        )
        self.at.happens(asked)

    @rule(answer=st.sampled_from(get_args(Answer)), ready=st.booleans(), says=HOSTILE)
    def a_device_reports(self, says: str, answer: Answer, *, ready: bool) -> None:
        self.at.happens(PrinterReported(at=self.at.now, answer=answer, says=says))
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
            at.enter(ANSWERS[type(dialog)])
        return True

    def _does(self, place: Place) -> None:
        at, step = self.at, place.step
        duty = duty_asked(at.bench)
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
            for state in ("sending", "sent"):
                at.happens(JobReported(at=at.now, job=job.id, duplicate=job.duplicate, state=state))
            at.scan(job.id)


TestAnyBench = AnyBench.TestCase
TestAnyBench.settings = settings(
    max_examples=100, stateful_step_count=50, suppress_health_check=list(HealthCheck), deadline=None
)
