"""What is on the screen?

Bench in, view out: plain values that say what a person is told, before anybody decides how it looks. A view is pure;
the same bench at the same minute gives the same view. Laws that bind here: no patient data while nobody is signed in,
a blind count never tells what it should find, drug names keep their letters as they are.
"""

import datetime as dt
from collections.abc import Iterator

import msgspec

from kiosk.screens import labels
from kiosk.screens.asking import Ask, Wants, asked, held_package, wanted_name
from kiosk.screens.labels import Label, label_here
from kiosk.screens.lights import How, Light, ago, lights, printer_light, troubles
from kiosk.screens.preview import Preview
from kiosk.screens.steps import StepLine, step_lines, value_of
from stations.bench.commands import HELP
from stations.bench.state import Bench, WaitGivenUp, WaitLabel, WaitWhy
from stations.work.checklists import Print
from stations.work.people import LEVELS
from stations.work.tasks import Package, Place, places
from stations.work.verdict import CODE_FAULTS, FULL_SCREEN, Reason, Word

_AT_THE_DOOR = frozenset(
    {
        *CODE_FAULTS,
        Reason.NOT_THAT_KIND,
        Reason.NOT_AUTHORISED,
        Reason.BADGE_UNKNOWN,
        Reason.BADGE_INACTIVE,
        Reason.PIN_LOCKED,
        Reason.WRONG_PIN,
    },
)
"""Reasons that say nothing of the work: they may be told while nobody is signed in."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict as a person is told it."""

    word: Word
    reasons: tuple[str, ...] = ()
    """In plain words, worst first."""
    says: str = ""
    also: tuple[str, ...] = ()
    asked: str = ""
    """The thing asked for, where another one was scanned."""
    scanned: str = ""
    scanned_details: str = ""
    """NDC, lot and expiry of what was scanned."""

    @property
    def shape(self) -> str:
        """Told besides word, colour and sound, for eyes that see no colour."""
        return {Word.PASS: "✓", Word.HOLD: "▲", Word.STOP: "■■"}[self.word]

    @property
    def plain_shape(self) -> str:
        """The same on consoles with few glyphs."""
        return {Word.PASS: "OK", Word.HOLD: "!!", Word.STOP: "██"}[self.word]


class HomeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what should be done now."""

    key: str
    """The number, or for work on demand the letter, that picks it."""
    pick: int
    """Its place among all of them, from 1, as the bench knows it."""
    urgency: str
    title: str
    why: str


class OpenTask(msgspec.Struct, frozen=True, kw_only=True):
    """Work left open here, told to everybody who walks by."""

    title: str
    step: str
    who: str
    left: str


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A key that does something here."""

    key: str
    label: str


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one screen says."""

    screen: str
    place: str
    """The bench and the site."""
    clock: str
    who: str = ""
    title: str = ""
    about: str = ""
    """Beside the title: which line, who is on duty."""
    steps: tuple[StepLine, ...] = ()
    ask: Ask
    label: Label | None = None
    """Where this step prints one."""
    verdict: Told | None = None
    judged: int = 0
    """How many answers were judged so far."""
    says: str = ""
    """A sentence that is no verdict and not the prompt."""
    home: tuple[HomeChoice, ...] = ()
    open_tasks: tuple[OpenTask, ...] = ()
    reasons: tuple[str, ...] = ()
    """Coded reasons for which this step cannot be done as asked."""
    lights: tuple[Light, ...] = ()
    troubles: tuple[str, ...] = ()
    """What is wrong beside the work, a sentence with its mend each, what matters most first."""
    caution: str = ""
    """What should be looked after soon, with its mend."""
    printer: str = ""
    """Why nothing can be printed now, with its mend: told before anybody needs it."""
    doubts: tuple[str, ...] = ()
    """Labels that belong to no step and may not have come out, the one to settle first before the others."""
    commands: tuple[Command, ...] = ()
    help: str = ""


def view(
    bench: Bench,
    now: dt.datetime,
    *,
    by_keyboard: bool = False,
    has_scanner: bool = True,
    preview: Preview | None = None,
) -> View:
    """Say what is on the screen of that bench at that moment of the site's own time.

    `by_keyboard`: scans come through the keyboard, where only their pace tells them from typing. `has_scanner`: one is
    paired with this bench. `preview`: the label that this step prints, once it is drawn.
    """
    screen = bench.screen()
    ask = asked(bench, now)
    verdict = _told(bench, screen)
    title, about = _title(bench, screen)
    place, how = bench.place(), printer_light(bench.printer).how
    job = labels.job_here(bench, now) if screen == "task" else None
    doubts = labels.in_doubt(bench) if screen == "home" else ()
    return View(
        screen=screen,
        place=f"{bench.name} · {bench.settings.site}",
        clock=f"{now:%a} {now.day} {now:%b %Y}  {now:%H:%M}",
        who=_who(bench, screen),
        title=title,
        about=about,
        steps=tuple(step_lines(bench)) if screen in ("task", "hold", "stop") else (),
        ask=ask,
        label=label_here(job, preview) if job is not None else None,
        verdict=verdict,
        judged=bench.judged,
        says="" if _is_told(bench, verdict, ask) else bench.says,
        home=tuple(_home(bench)) if screen == "home" and ask.wants is Wants.HOME else (),
        open_tasks=tuple(_open_tasks(bench, now)) if screen in ("signed-out", "locked") else (),
        reasons=tuple(code.reason for code in place.step.reason_codes) if place and screen == "task" else (),
        lights=tuple(lights(bench, now, by_keyboard=by_keyboard, has_scanner=has_scanner)),
        troubles=troubles(bench),
        caution=bench.printer.says if how is How.SOON else "",
        printer=bench.printer.says if how is How.WRONG else "",
        doubts=doubts,
        commands=_commands(screen, place, is_in_doubt=bool(doubts) or isinstance(bench.dialog, WaitLabel)),
        help=labels.HELP if job is not None else HELP[screen],
    )


def _keys(*pairs: str) -> tuple[Command, ...]:
    return tuple(Command(key=key, label=label) for key, _, label in (pair.partition(" ") for pair in pairs))


_COMMANDS = {
    "signed-out": _keys("F1 help"),
    "locked": _keys("Esc back", "F9 sign out", "F1 help"),
    "home": _keys("Esc back", "F3 shift receipt", "F9 sign out", "F10 lock", "F1 help"),
    "hold": _keys("Esc back", "F2 hold", "F6 cancel", "F9 sign out", "F10 lock", "F1 help"),
    "stop": _keys("Esc back"),
    "out-of-order": (),
}


_IN_DOUBT = _keys("Esc back", "F3 reprint", "F6 give up", "F9 sign out", "F10 lock", "F1 help")
"""At home, where a label is in doubt: it is settled before a receipt is printed."""


def _commands(screen: str, place: Place | None, *, is_in_doubt: bool) -> tuple[Command, ...]:
    if screen == "home" and is_in_doubt:
        return _IN_DOUBT
    if screen != "task" or place is None:
        return _COMMANDS[screen]
    own = [
        *(["F3 reprint"] if isinstance(place.step, Print) else []),
        *(["F4 unable"] if place.step.reason_codes else []),
    ]
    return _keys("Esc back", "F2 hold", *own, "F6 cancel", "F9 sign out", "F10 lock", "F1 help")


def _is_told(bench: Bench, verdict: Told | None, ask: Ask) -> bool:
    """Whether the bench's sentence says nothing that does not stand elsewhere, full stops aside."""
    if ask.wants is Wants.PIN:
        return True
    if isinstance(bench.dialog, WaitWhy | WaitGivenUp) and ask.item and ask.item in bench.says:
        return True
    told = (verdict.says if verdict is not None else "", ask.prompt, *ask.details)
    return bench.says.rstrip(".?") in {text.rstrip(".?") for text in told}


def _who(bench: Bench, screen: str) -> str:
    session = bench.kept.session
    if session is None or screen == "out-of-order":
        return ""
    with_another = f" with {bench.actor}" if bench.actor else ""
    rank = f"level {LEVELS.get(session.level, session.level)}" if session.duty == "technician" else session.duty
    return f"{session.person}{with_another} · {rank}"


def _title(bench: Bench, screen: str) -> tuple[str, str]:
    session, task, place = bench.kept.session, bench.task(), bench.place()
    on_duty = ", ".join(bench.kept.on_duty)
    duty = f"pharmacist on duty: {on_duty}" if on_duty else "no pharmacist on duty"
    if screen in ("signed-out", "locked"):
        return "", duty
    if task is not None and screen in ("task", "hold", "stop"):
        subject = next(
            (value_of(result) for result in task.results[:1] if result.kind.startswith("scan-")), task.subject
        )
        title = f"{task.title} · {subject}" if subject else task.title
        return title, f"line {place.number} of {place.of}" if place is not None and place.of else ""
    if session is not None and screen == "home":
        return " · ".join(role.capitalize() for role in session.roles) or "No role", duty
    return "", ""


# The verdict ----------------------------------------------------------------------------------------------------------

_PLAIN = {
    "not-ours": "not our code",
    "not-that-kind": "another kind of code",
    "check-digit": "wrong check digit",
    "next-package": "same package again",
    "duplicate-serial": "package already used",
    "ambiguous-ndc": "several products fit",
    "different-ndc": "another maker",
    "expires-too-soon": "expires too soon",
    "self-sign": "own work",
    "no-pharmacist": "no pharmacist on duty",
    "keyed": "keyed, not scanned",
    "wrong-pin": "wrong PIN",
    "pin-locked": "PIN locked",
    "print-unconfirmed": "label not confirmed",
    "irb-expired": "IRB approval expired",
}


def _told(bench: Bench, screen: str) -> Told | None:
    verdict = bench.verdict
    if verdict is None or screen == "out-of-order":
        return None
    if screen in ("signed-out", "locked") and not (set(verdict.reasons) & _AT_THE_DOOR):
        return None
    pair = bench.last if verdict.reasons and verdict.reasons[0] in FULL_SCREEN else None
    place, task = bench.place(), bench.task()
    return Told(
        word=verdict.word,
        reasons=tuple(_PLAIN.get(reason, reason.replace("-", " ")) for reason in verdict.reasons),
        says=verdict.says,
        also=verdict.also,
        asked=wanted_name(task, place) if pair is not None and task is not None and place is not None else "",
        scanned=pair.name if pair is not None else "",
        scanned_details=_details(pair) if pair is not None else "",
    )


def _details(package: Package) -> str:
    return "   ".join(" ".join(pair) for pair in held_package(package)[1:])


# Home, the door -------------------------------------------------------------------------------------------------------


def _home(bench: Bench) -> Iterator[HomeChoice]:
    number, letter = 0, 0
    for pick, line in enumerate(bench.home, 1):
        if line.urgency == "on demand":
            key, letter = (chr(ord("A") + letter) if letter < 26 else ""), letter + 1  # noqa: PLR2004 - the alphabet
        else:
            number += 1
            key = str(number)
        yield HomeChoice(key=key, pick=pick, urgency=line.urgency, title=line.title, why=line.why)


def _open_tasks(bench: Bench, now: dt.datetime) -> Iterator[OpenTask]:
    """Tell what is left open; never its subject, which may be a patient."""
    for task in bench.kept.tasks:
        every = list(places(bench.kept.definitions[task.sha256], task))
        ended = {result.path for result in task.results}
        done = sum(place.path in ended for place in every)
        step = f"step {min(done + 1, len(every))} of {len(every)}"
        yield OpenTask(title=task.title, step=step, who=task.performer, left=f"left {ago(now - task.touched)}")
