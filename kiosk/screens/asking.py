"""What is asked of the person now, what can they answer with, and what would Enter do?

One thing is asked at a time. Worked out from the bench alone, in the order in which the bench itself listens: a fault
of the station, a half-answered question, whose badge is wanted, then the step.
"""

import datetime as dt
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from kiosk.screens import labels
from kiosk.screens.done import work_done
from stations.bench import session, signing
from stations.bench.state import (
    AnyDialog,
    Bench,
    KeyAgain,
    Turn,
    WaitCancel,
    WaitDecision,
    WaitDuty,
    WaitExpiry,
    WaitGivenUp,
    WaitLabel,
    WaitLot,
    WaitPick,
    WaitPin,
    WaitSymbol,
    WaitTask,
    WaitWhy,
)
from stations.scanning.codes import visible
from stations.work.checklists import (
    BlindCount,
    Choice,
    Count,
    Pharmacist,
    Print,
    ScanIdentity,
    ScanLocation,
    ScanProduct,
    Signature,
    Text,
)
from stations.work.facts import NoFacts
from stations.work.tasks import Package, Place, Task, named


class Wants(StrEnum):
    """What a typed answer would be taken for."""

    BADGE = "badge"
    PIN = "pin"
    CODE = "code"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    DECISION = "decision"
    WHY = "why"
    LABEL = "label"
    HOME = "home"
    NOTHING = "nothing"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One of the choices shown."""

    words: str
    note: str = ""
    """What it leads to."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """The one thing asked now."""

    wants: Wants
    prompt: str
    item: str = ""
    """The thing expected, its name as it is written."""
    details: tuple[str, ...] = ()
    """What else is known of the thing expected."""
    done: int = 0
    wanted: int = 0
    """Packages so far, and how many there should be; 0 where none are counted."""
    hint: str = ""
    """What can be scanned or typed now, and what Enter would do."""
    options: tuple[Option, ...] = ()
    yes_no: str = ""
    """What yes would do, where a yes or no is open; else empty."""
    compare: tuple[tuple[str, str], ...] = ()
    """At a hold: what was asked and what was found, by name."""
    scanned: str = ""
    """Digits scanned from the command sheet and not confirmed yet; dots where a PIN is asked."""


_TYPE_BADGE = "Scan the badge, or type its code and press Enter."
_TYPE_CODE = "Scan it. Without a scanner: type the code, Enter, and once more."


def asked(bench: Bench, now: dt.datetime) -> Ask:
    """Say what that bench asks at that moment."""
    ask = _asked(bench, now)
    scanned = "•" * len(bench.typed) if ask.wants is Wants.PIN else bench.typed
    return replace(ask, scanned=scanned) if scanned else ask


def _asked(bench: Bench, now: dt.datetime) -> Ask:
    if bench.out_of_order:
        return Ask(wants=Wants.NOTHING, prompt="Out of order", details=(bench.out_of_order,), hint="Call a supervisor.")
    if bench.stopped:
        return Ask(wants=Wants.NOTHING, prompt="Put it back", hint="Then press Esc, or scan back.")
    if bench.dialog is not None:
        return _dialog(bench, bench.dialog)
    turn = Turn(bench=bench, facts=NoFacts(), at=now)
    badge = session.purpose(turn)
    ask = _badge(turn, badge) if badge else _work(bench, now)
    if bench.kept.question:
        return replace(
            ask, prompt=bench.kept.question, yes_no="It was done already", hint=f"{ask.prompt}: go on, or answer here."
        )
    if bench.offer is not None:
        does = {
            "quarantine": "Note it for the quarantine shelf",
            "link": "Request a link for this code",
            "override": f"Call a {bench.offer.reason} to decide",
        }
        return replace(ask, yes_no=does.get(bench.offer.what, bench.says))
    return ask


def _badge(turn: Turn, why: str) -> Ask:
    bench = turn.bench
    person = bench.kept.session.person if bench.kept.session is not None else ""
    if why == "sign-in":
        return Ask(wants=Wants.BADGE, prompt="Scan your badge", hint="Or type its code and press Enter.")
    if why == "unlock":
        prompt = f"Locked by {person}"
        return Ask(wants=Wants.BADGE, prompt=prompt, hint=f"{person}: scan your badge to go on.")
    task, place = bench.task(), bench.place()
    duty = signing.duty_asked(bench)
    who = {"anyone": "Another person", "performer": person}.get(duty, f"A {duty}")
    if task is not None and task.hold is not None:
        return Ask(
            wants=Wants.BADGE,
            prompt=f"{who} must decide",
            details=(task.hold.says,),
            compare=_compared(task, place),
            hint=_TYPE_BADGE,
        )
    step = place.step if place is not None else None
    prompt = step.asks if step is not None else ""
    if isinstance(step, Pharmacist | Signature):
        shown = (f"{who} signs: {step.meaning}.", *(work_done(task) if task is not None else ()))
        return Ask(wants=Wants.BADGE, prompt=prompt, details=shown, hint=_TYPE_BADGE)
    details = ("Not the person who did the work before.",)
    return Ask(
        wants=Wants.BADGE,
        prompt=prompt,
        details=details,
        hint="Whoever does this step: scan the badge, or type its code.",
    )


def _compared(task: Task, place: Place | None) -> tuple[tuple[str, str], ...]:
    hold = task.hold
    if hold is None or place is None:
        return ()
    asked_for = wanted_name(task, place)
    pairs = (("asked", asked_for),) if asked_for else ()
    if hold.package is None:
        return pairs
    return (*pairs, *held_package(hold.package), ("scanned text", visible(hold.package.raw)))


def held_package(package: Package) -> tuple[tuple[str, str], ...]:
    """Name what is known of a package, for eyes that compare it with the print on it."""
    pairs = (
        ("found", package.name),
        ("NDC", package.ndc12),
        ("GTIN", "" if package.ndc12 else package.gtin),
        ("lot", package.lot),
        ("expires", package.expiry.isoformat() if package.expiry is not None else ""),
        ("serial", package.serial),
    )
    return tuple(pair for pair in pairs if pair[1])


def wanted_name(task: Task, place: Place) -> str:
    """Return the name of the item a step asks for, its letters as they are."""
    step = place.step
    if not isinstance(step, ScanProduct):
        return ""
    owner = step.item.partition(".")[0]
    name = place.line.get("name", "") if owner == "line" else named(f"{owner}.name", task, place)
    return str(name) or named(step.item, task, place)


# A half-answered question ---------------------------------------------------------------------------------------------


def _dialog(bench: Bench, dialog: AnyDialog) -> Ask:
    match dialog:
        case WaitPin():
            if dialog.checking:
                return Ask(wants=Wants.NOTHING, prompt="Checking the PIN")
            hint = "Type it and press Enter. Esc goes back."
            return Ask(wants=Wants.PIN, prompt=f"{dialog.person}: your PIN", hint=hint)
        case WaitDecision():
            return _decision(bench, dialog)
        case WaitWhy():
            return _why(bench, dialog)
        case WaitDuty():
            notes = ("pharmacist at this bench", "leaves this bench", "to work here as a person")
            options = tuple(
                Option(words=words, note=note) for words, note in zip(session.DUTY_CHOICES, notes, strict=True)
            )
            return Ask(wants=Wants.CHOICE, prompt=f"{dialog.person}: on duty?", options=options, hint=_PICK)
        case WaitCancel():
            task = bench.task()
            title = task.title if task is not None else "the task"
            prompt = f"Give {title} up?"
            return Ask(wants=Wants.NOTHING, prompt=prompt, details=("What was recorded stays.",), yes_no="Give it up")
        case WaitLabel():
            return Ask(wants=Wants.NOTHING, prompt="Is this label good?", item=dialog.label, details=_LABEL_CHOICES)
        case WaitGivenUp():
            details = ("What came out of it, if anything, is void: throw it away.",)
            return Ask(
                wants=Wants.NOTHING,
                prompt="Give this label up?",
                item=dialog.label,
                details=details,
                yes_no="Give it up",
            )
        case _:
            return _thing_asked(bench, dialog)


_LABEL_CHOICES = ("Enter: it is whole and in its place.", "F3: print another.", "F6: make it void.", "Esc: leave it.")


def _why(bench: Bench, dialog: WaitWhy) -> Ask:
    does = {"approve": "approve", "reject": "reject", "reprint": "print again"}[dialog.what]
    label, becomes = labels.again(bench, dialog.label) if dialog.what == "reprint" else ("", ())
    return Ask(
        wants=Wants.WHY,
        prompt=f"{dialog.person}: why do you {does}?",
        item=label,
        details=becomes,
        hint="Say it in a few words and press Enter.",
    )


_PICK = "Type its number and press Enter, or click it."


def _decision(bench: Bench, dialog: WaitDecision) -> Ask:
    task = bench.task()
    held = task is not None and task.hold is not None
    notes = ("it is taken; you say why", "it is set aside; you say why")
    if not held:
        notes = ("you sign for it", "it is put right; you say why")
    options = tuple(Option(words=words, note=note) for words, note in zip(signing.CHOICES, notes, strict=True))
    return Ask(
        wants=Wants.DECISION,
        prompt=f"{dialog.person}: approve or reject?",
        details=(task.hold.says,) if task is not None and task.hold is not None else work_done(task) if task else (),
        compare=_compared(task, bench.place()) if task is not None else (),
        options=options,
        hint=_PICK,
    )


def _thing_asked(bench: Bench, dialog: KeyAgain | WaitLot | WaitExpiry | WaitPick | WaitSymbol | WaitTask) -> Ask:
    match dialog:
        case KeyAgain():
            return Ask(wants=Wants.CODE, prompt="Key it once more", item=visible(dialog.text), hint="Then press Enter.")
        case WaitLot():
            return _from_package(bench, dialog, "lot", Wants.TEXT, "As printed on the package")
        case WaitExpiry():
            return _from_package(bench, dialog, "expiry", Wants.DATE, "As 2027-02-28, or 2027-02 for the month")
        case WaitPick():
            options = tuple(Option(words=words) for _, words in dialog.choices)
            prompt = "Which one is on the package?"
            return Ask(
                wants=Wants.CHOICE, prompt=prompt, details=(visible(dialog.code.raw),), options=options, hint=_PICK
            )
        case WaitSymbol():
            code = dialog.code
            told = (f"lot {code.lot}" if code.lot else "", f"expires {code.expiry}" if code.expiry else "")
            prompt = "Scan the other symbol of the same package"
            return Ask(wants=Wants.CODE, prompt=prompt, details=(", ".join(filter(None, told)),), hint=_TYPE_CODE)
        case WaitTask():
            options = tuple(Option(words=words) for _, _, words in dialog.choices)
            return Ask(wants=Wants.CHOICE, prompt="What is to be done with it?", options=options, hint=_PICK)


def _from_package(bench: Bench, dialog: WaitLot | WaitExpiry, what: str, wants: Wants, shape: str) -> Ask:
    again = " once more" if dialog.first else ""
    task, package = bench.task(), dialog.package
    taken = task.taken(package.path) if task is not None else ()
    same = any(one.raw == package.raw and one.source == "keyed" for one in taken)
    return Ask(
        wants=wants,
        prompt=f"Enter the {what}{again}",
        item=package.name,
        hint=f"{shape}, then Enter, twice. Or scan the other symbol.",
        yes_no="The same as on the last package" if same else "",
    )


# The work itself ------------------------------------------------------------------------------------------------------


def _work(bench: Bench, now: dt.datetime) -> Ask:
    task, place = bench.task(), bench.place()
    if task is None or place is None:
        hint = "Type a number or letter and press Enter. Or scan a checklist, a pick list, a shelf, a package."
        return Ask(wants=Wants.HOME, prompt="What should I do now?", hint=hint)
    step = place.step
    match step:
        case ScanProduct():
            return _product(task, place, step, now, keying=bench.keying)
        case ScanLocation():
            item = place.line.get("shelf_name", "") if step.expected == "line.shelf" else ""
            item = str(item) or (named(step.expected, task, place) if step.expected else "")
            details = (f"Any {' or '.join(step.of)}.",) if step.of and not item else ()
            return Ask(wants=Wants.CODE, prompt=step.asks, item=item, details=details, hint=_TYPE_CODE)
        case ScanIdentity():
            return Ask(wants=Wants.CODE, prompt=step.asks, hint=_TYPE_CODE)
        case Count() | BlindCount():
            item = str(place.line.get("name", ""))
            return Ask(wants=Wants.NUMBER, prompt=step.asks, item=item, hint="Type the number and press Enter.")
        case Choice():
            options = tuple(Option(words=words) for words in step.options)
            return Ask(wants=Wants.CHOICE, prompt=step.asks, options=options, hint=_PICK)
        case Text():
            return Ask(wants=Wants.TEXT, prompt=step.asks, hint="Type it and press Enter.")
        case Print():
            return _label(bench, place, now)
        case _:
            return Ask(wants=Wants.NOTHING, prompt=step.asks)


def _product(task: Task, place: Place, step: ScanProduct, now: dt.datetime, *, keying: bool) -> Ask:
    ndc = str(place.line.get("ndc12", ""))
    first = (now.date() + dt.timedelta(days=step.not_before_days)).isoformat()
    details = (
        *((f"NDC {ndc}",) if ndc else ()),
        "any lot",
        *((f"not before {first}",) if step.not_before_days else ()),
    )
    repeat = named(step.repeat, task, place)
    hint = "Key the number printed on the package, Enter, and once more." if keying else _TYPE_CODE
    return Ask(
        wants=Wants.CODE,
        prompt=step.asks,
        item=wanted_name(task, place),
        details=details,
        done=len(task.taken(place.path)),
        wanted=max(1, int(repeat)) if repeat.isascii() and repeat.isdigit() else 1,
        hint=hint,
    )


def _label(bench: Bench, place: Place, now: dt.datetime) -> Ask:
    job = labels.job_here(bench, now)
    if job is None:
        return Ask(wants=Wants.LABEL, prompt=place.step.asks, hint=_TYPE_CODE)
    says = labels.state_words(job, bench.printer, bench.verdict.says if bench.verdict is not None else "")
    return Ask(wants=Wants.LABEL, prompt=place.step.asks, item=job.id, details=(says,), hint=labels.what_next(job))
