"""What does a command do: confirm, back, done, cancel, yes, no, reprint, hold, sign-out, lock, help?"""

from stations.bench import doubts, labels, lacking, products, running, session
from stations.bench.answers import entered
from stations.bench.kept import QuestionSet
from stations.bench.state import Turn, WaitCancel, WaitExpiry, WaitGivenUp, WaitLabel, WaitLot, WaitPin
from stations.pharmacy import formulary, packages

HELP = {
    "signed-out": "Scan your badge, then enter your PIN. A pharmacist does the same to come on duty.",
    "locked": "The person named here unlocks with badge and PIN.",
    "home": "Pick a line by its number, or scan a checklist, a pick list, a shelf or a package; a label confirms it.",
    "task": "Scan or enter what is asked in the middle. Hold sets the task aside, cancel gives it up.",
    "print": (
        "Tear off the label and scan it. Confirm asks the printer again; reprint prints another and makes the first "
        "one void; hold sets the task aside."
    ),
    "stop": "Put it back, then press or scan back.",
    "hold": "The person named scans their badge, enters their PIN and decides.",
    "out-of-order": "Call a supervisor.",
}


def pressed(turn: Turn, word: str) -> Turn:
    """Carry out a command, wherever it means something; elsewhere say what would help.

    Digits scanned before it are an answer when they are confirmed, and forgotten when anything else is pressed.
    """
    after = _pressed(turn, word)
    going_on = bool(after.kind) and word not in ("lock", "yes", "no")
    return after.change(QuestionSet(question="")) if going_on and after.bench.kept.question else after


def _pressed(turn: Turn, word: str) -> Turn:
    typed, turn = turn.bench.typed, turn.quiet(turn.bench.says, typed="")
    match word:
        case "confirm" if typed:
            return session.pin_given(turn, typed) if isinstance(turn.bench.dialog, WaitPin) else entered(turn, typed)
        case "back":
            return _back(turn)
        case "sign-out" if not turn.bench.stopped:
            return session.signed_out(turn)
        case "help":
            return turn.quiet(_help(turn))
        case _ if turn.bench.kept.session is None or turn.bench.kept.session.locked:
            return turn.quiet("Scan your badge first.")
        case _ if turn.bench.stopped:
            return turn.quiet(turn.back_first())
        case "lock":
            return session.locked(turn)
        case "yes" | "no":
            return _yes_or_no(turn, yes=word == "yes")
        case "hold":
            return running.set_aside(turn, "The task is on hold; it stays in the list.")
        case _:
            return _at_work(turn, word)


def _help(turn: Turn) -> str:
    screen = turn.bench.screen()
    return HELP["print" if screen == "task" and labels.job_here(turn) is not None else screen]


def _at_work(turn: Turn, word: str) -> Turn:
    task = turn.bench.task()
    is_about_a_label = doubts.is_about_a_label(turn)
    match word:
        case "reprint":
            return doubts.reprint_asked(turn) if task is not None or is_about_a_label else session.receipt(turn)
        case "cancel" if is_about_a_label and isinstance(turn.bench.dialog, WaitLabel | None):
            return doubts.give_up_asked(turn)
        case "confirm" if is_about_a_label:
            return doubts.looked_at(turn)
        case "cancel" if turn.bench.dialog is not None:
            return _back(turn)
        case "cancel" if task is not None:
            back = " Put everything back first." if turn.bench.kept.definitions[task.sha256].undoes else ""
            says = f"Give {task.title} up?{back} What was recorded stays. Yes or no."
            return turn.quiet(says, dialog=WaitCancel())
        case "confirm" if labels.job_here(turn) is not None:
            return doubts.retry(turn)
        case "confirm" | "done" if turn.bench.kept.question:
            return _yes_or_no(turn, yes=True)
        case _:
            return turn.quiet("There is nothing to confirm here." if word == "confirm" else _help(turn))


def _back(turn: Turn) -> Turn:
    if turn.bench.stopped:
        place = turn.bench.place()
        turn = turn.entry("back", step=place.path if place is not None else "")
        return turn.quiet("", stopped=False, verdict=None)
    if turn.bench.dialog is not None or turn.bench.offer is not None or turn.bench.actor or turn.bench.keying:
        return turn.quiet("", dialog=None, offer=None, actor="", keying=False, typed="")
    return turn.quiet("", typed="")


def _yes_or_no(turn: Turn, *, yes: bool) -> Turn:
    dialog, offer = turn.bench.dialog, turn.bench.offer
    if turn.bench.kept.question and not isinstance(dialog, WaitCancel | WaitGivenUp):
        turn = turn.entry("restart", question=turn.bench.kept.question, answer="yes" if yes else "no")
        says = "Scan or enter it now all the same, so that it is checked." if yes else "Go on with this step."
        return turn.change(QuestionSet(question="")).quiet(says)
    if isinstance(dialog, WaitGivenUp):
        return doubts.given_up(turn, dialog.label) if yes else turn.quiet("The label stays in doubt.", dialog=None)
    if isinstance(dialog, WaitCancel):
        return running.abandoned(turn) if yes else turn.quiet("The task goes on.", dialog=None)
    place = turn.bench.place()
    if isinstance(dialog, WaitLot | WaitExpiry) and yes and place is not None:
        return lacking.same_as_last(turn, place, dialog)
    if offer is None:
        return turn.quiet("There is no question to answer.")
    if not yes:
        return turn.quiet("", offer=None)
    return _offer_taken(turn)


def _offer_taken(turn: Turn) -> Turn:
    offer, task = turn.bench.offer, turn.bench.task()
    if offer is None:
        return turn
    if offer.what == "override":
        return products.overridden(turn, offer)
    if offer.package is not None and task is not None:
        rows = packages.set_aside(offer.package, offer.reason, task, turn.by)
        turn = turn.entry("quarantine", reason=offer.reason, item=offer.package.item, lot=offer.package.lot)
        return turn.change(rows=rows).quiet("Noted. Put it on the quarantine shelf.", offer=None)
    if offer.code is not None:
        asked = formulary.request(offer.code, turn.by, turn.facts)
        if not asked:
            return turn.quiet("A link was already requested for this code.", offer=None)
        turn = turn.entry("request", link=asked[0].key).change(rows=asked)
        return turn.quiet("A link is requested. A pharmacist verifies it; set the package aside.", offer=None)
    return turn.quiet("", offer=None)
