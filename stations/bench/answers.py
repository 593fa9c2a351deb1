"""What is a typed or chosen answer worth: a count, a choice, words, a reason why not?"""

from stations.bench import doubts, lacking, products, running, session, signing
from stations.bench.kept import CountMissed
from stations.bench.state import Turn, WaitDecision, WaitDuty, WaitExpiry, WaitLot, WaitPick, WaitTask, WaitWhy
from stations.pharmacy import counts, words
from stations.pharmacy.formulary import item_named
from stations.work.checklists import BlindCount, Choice, Count, Text
from stations.work.tasks import Place, Result, Situation
from stations.work.verdict import Finding, Reason


def entered(turn: Turn, text: str) -> Turn:
    """Take a number, words or a date that was typed, for whatever is asked now."""
    place, dialog = turn.bench.place(), turn.bench.dialog
    if isinstance(dialog, WaitWhy):
        return _why(turn, dialog, text)
    if isinstance(dialog, WaitPick | WaitTask | WaitDuty | WaitDecision):
        return chosen(turn, text)
    if place is not None and isinstance(dialog, WaitLot):
        return lacking.lot_entered(turn, place, dialog, text)
    if place is not None and isinstance(dialog, WaitExpiry):
        return lacking.expiry_entered(turn, place, dialog, text)
    if place is None or turn.bench.screen() != "task":
        return chosen(turn, text) if turn.bench.screen() == "home" else turn.quiet("Nothing is to be entered now.")
    if _is_for_another(turn, place):
        return turn.quiet(_ANOTHER)
    match place.step:
        case Count() | BlindCount():
            return _counted(turn, place, text)
        case Text():
            return _written(turn, place, text)
        case Choice():
            return chosen(turn, text)
        case _:
            return turn.quiet(f"Nothing is to be entered here. {place.step.asks}.")


_ANOTHER = "Another person does this step: scan their badge."


def _is_for_another(turn: Turn, place: Place) -> bool:
    return place.step.by == "another" and not turn.bench.actor


def _why(turn: Turn, dialog: WaitWhy, text: str) -> Turn:
    why = text.strip()
    if len(why) < signing.SHORTEST_REASON or not any(character.isalnum() for character in why):
        return turn.quiet("Say why in a few words.")
    if dialog.what == "reprint":
        return doubts.reprint(turn, dialog.label, why)
    return signing.explained(turn, dialog.what, dialog.person, why)


def _counted(turn: Turn, place: Place, text: str) -> Turn:
    situation, step = turn.situation(place), place.step
    if situation is None or not isinstance(step, Count | BlindCount):
        return turn
    settings = situation.settings.counting
    turn = turn.entry("step", step=place.path)
    found = counts.read_number(text, settings)
    if isinstance(found, Finding):
        return turn.entry("", value=text[:40]).judge([found], "")
    expected = words.EXPECTS[step.expect](situation)
    item = item_named(_counted_item(place, situation.named("line.item"), situation), turn.facts)
    outcome = counts.compare(found, expected, item, settings if step.tolerance == "site" else None)
    return _compared(turn, place, found, outcome, expected)


def _counted_item(place: Place, of_line: str, situation: Situation) -> str:
    row = counts.stock_here(situation) if not place.group else None
    return str(row["item"]) if row is not None else of_line


def _compared(turn: Turn, place: Place, number: int, outcome: str, expected: int | None) -> Turn:
    task = turn.bench.task()
    if task is None:
        return turn
    blind = isinstance(place.step, BlindCount)
    result = Result(
        path=place.path,
        kind="blind-count" if blind else "count",
        value=str(number),
        outcome=outcome,
        by=turn.by,
        at=turn.at,
        source="entered",
        fields={"expected": str(expected)} if expected is not None else {},
    )
    if outcome != counts.DIFFERENT:
        return running.answered(turn.judge([], f"Counted {number:,}."), place, result)
    again = any(missed.path == place.path for missed in task.tries)
    if blind:
        says = "The count differs from the record. Another person counts again."
        if place.step.by == "another":
            says = "Both counts differ from the record: a discrepancy is open. Say what may have caused it."
            result = counts.as_discrepancy(result)
        turn = turn.judge([Finding(reason=Reason.COUNT_MISMATCH, says=says)], "")
        return running.answered(turn, place, result)
    record = f"the record says {expected:,}" if expected is not None else "the record knows no number"
    says = f"Counted {number:,}, {record}."
    if not again:
        turn = turn.judge([Finding(reason=Reason.COUNT_MISMATCH, says=f"{says} Count again.")], "")
        return turn.entry("", value=result.value).change(CountMissed(task=task.id, result=result))
    turn = turn.judge([Finding(reason=Reason.COUNT_MISMATCH, says=f"{says} A discrepancy is recorded.")], "")
    return running.answered(turn, place, counts.as_discrepancy(result))


def _written(turn: Turn, place: Place, text: str) -> Turn:
    step, said = place.step, text.strip()
    if not isinstance(step, Text):
        return turn
    turn = turn.entry("step", step=place.path)
    if not any(character.isalnum() for character in said):
        return turn.judge([Finding(reason=Reason.BLANK, says="Nothing was written. Say it in words.")], "")
    if len(said) < step.min_length:
        says = f"{len(said)} characters; at least {step.min_length} are needed."
        return turn.judge([Finding(reason=Reason.TOO_SHORT, says=says)], "")
    if len(said) > step.max_length:
        says = f"{len(said)} characters; at most {step.max_length} fit."
        return turn.judge([Finding(reason=Reason.TOO_LONG, says=says)], "")
    result = Result(path=place.path, kind="text", value=said, by=turn.by, at=turn.at, source="entered")
    return running.answered(turn.judge([], "Written down."), place, result)


def chosen(turn: Turn, text: str) -> Turn:
    """Take a choice by its words or its number from 1, for whatever is asked now."""
    match turn.bench.dialog:
        case WaitDuty() as dialog:
            return session.duty_chosen(turn, dialog, text)
        case WaitDecision() as dialog:
            return signing.decided(turn, text, dialog.person)
        case WaitPick() as dialog:
            return _product_chosen(turn, dialog, text)
        case WaitTask() as dialog:
            return _task_chosen(turn, dialog, text)
        case _:
            return _chosen_at_home(turn, text) if turn.bench.screen() == "home" else _option_chosen(turn, text)


def _product_chosen(turn: Turn, dialog: WaitPick, text: str) -> Turn:
    place = turn.bench.place()
    index = _index(text, tuple(words for _, words in dialog.choices), tuple(ndc for ndc, _ in dialog.choices))
    if index is None or place is None:
        return turn.quiet("Pick one of the products shown.")
    return products.picked(turn, place, dialog, dialog.choices[index][0])


def _task_chosen(turn: Turn, dialog: WaitTask, text: str) -> Turn:
    index = _index(text, tuple(words for _, _, words in dialog.choices))
    if index is None:
        return turn.quiet("Pick one of the checklists shown.")
    checklist, subject, _ = dialog.choices[index]
    return running.pick(turn.quiet("", dialog=None), checklist, subject)


def _option_chosen(turn: Turn, text: str) -> Turn:
    place = turn.bench.place()
    if place is None or turn.bench.screen() != "task" or not isinstance(place.step, Choice):
        return turn.quiet("There is nothing to choose now.")
    if _is_for_another(turn, place):
        return turn.quiet(_ANOTHER)
    index = _index(text, place.step.options)
    if index is None:
        return turn.quiet(f"Choose one of: {', '.join(place.step.options)}.")
    option = place.step.options[index]
    result = Result(
        path=place.path, kind="choice", value=option, outcome=option, by=turn.by, at=turn.at, source="entered"
    )
    turn = turn.entry("step", step=place.path)
    return running.answered(turn.judge([], f"{option}."), place, result)


def _chosen_at_home(turn: Turn, text: str) -> Turn:
    lines = turn.bench.home
    index = _index(text, tuple(line.title for line in lines), tuple(line.checklist for line in lines))
    if index is None:
        return turn.quiet("Pick a line by its number, or scan its code.")
    line = lines[index]
    task = next((task for task in turn.bench.kept.tasks if task.id == line.task), None)
    return running.take_up(turn, task) if task is not None else running.pick(turn, line.checklist, line.subject)


def _index(text: str, *names: tuple[str, ...]) -> int | None:
    said = text.strip().casefold()
    if said.isascii() and said.isdigit():
        number = int(said[:6]) - 1
        return number if 0 <= number < len(names[0]) else None
    for listed in names:
        exact = [index for index, name in enumerate(listed) if name.casefold() == said]
        if len(exact) == 1:
            return exact[0]
    starts = [index for index, name in enumerate(names[0]) if said and name.casefold().startswith(said)]
    return starts[0] if len(starts) == 1 else None


def unable(turn: Turn, reason: str) -> Turn:
    """Take a coded reason for which the step cannot be done as asked."""
    place, task = turn.bench.place(), turn.bench.task()
    if place is None or task is None or turn.bench.screen() != "task":
        return turn.quiet("There is no step to be unable to do.")
    if _is_for_another(turn, place):
        return turn.quiet(_ANOTHER)
    codes = place.step.reason_codes
    index = _index(reason, tuple(code.reason for code in codes))
    if index is None:
        known = ", ".join(code.reason for code in codes)
        return turn.quiet(f"Reasons here: {known}." if known else "This step cannot be left out.")
    code = codes[index]
    turn = turn.entry("scan", step=place.path, source="unable", why=code.reason)
    if code.then == "key":
        return turn.quiet(f"{code.reason}: key the number printed on the package, twice.", keying=True, dialog=None)
    taken = len(task.taken(place.path))
    result = Result(
        path=place.path,
        kind="unable",
        value=str(taken) if taken else code.reason,
        outcome="skipped",
        by=turn.by,
        at=turn.at,
        source="unable",
        note=code.reason,
    )
    turn = turn.quiet(f"{code.reason}: noted as a deviation.", dialog=None, offer=None)
    return running.answered(turn, place, result)
