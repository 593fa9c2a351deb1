"""How does home look: what should I do now?"""

from rich.cells import cell_len

from kiosk.screens.asking import Ask, Wants
from kiosk.screens.entry import entry, hint, options, yes_no
from kiosk.screens.hand import Hand
from kiosk.screens.lines import Glyphs, Ink, Line, fitted, indented, line, paragraph, shown, span, spread
from kiosk.screens.view import HomeChoice, View

_EMPTY = "Nothing is due. Work appears here when a shelf or cabinet runs low, or a check falls due."
_WIDE = 60
"""Below this width the reasons stand under what is due."""
_HEADS = {"overdue": "OVERDUE", "today": "TODAY", "open": "OPEN"}


def home(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """List the most urgent first, then what can be done on demand; every line can be clicked."""
    room = width - 4
    if view.ask.wants is not Wants.HOME:
        return indented(_question(view.ask, hand, room, glyphs), 2)
    due = [choice for choice in view.home if choice.urgency != "on demand"]
    demand = [choice for choice in view.home if choice.urgency == "on demand"]
    lines: list[Line] = [*_doubts(view.doubts, room, glyphs), (), *_due(due, hand, room, glyphs)]
    lines += [(), line("─" * min(room, 12), Ink.RULE), *_on_demand(demand, hand, room, glyphs)]
    below = [*yes_no(view.ask, room), *entry(view.ask, hand, room, 1, glyphs), *hint(view.ask, room)]
    spare = max(0, height - len(below))
    return indented([*lines[:spare], *([()] * (spare - len(lines))), *below], 2)


def _question(ask: Ask, hand: Hand, width: int, glyphs: Glyphs) -> list[Line]:
    """Ask one thing in the place of the list."""
    found = [(), *paragraph(ask.prompt, width, Ink.ITEM), ()]
    for told in (
        [line(ask.item, Ink.STRONG)] if ask.item else [],
        [one for detail in ask.details for one in paragraph(detail, width)],
        options(ask, hand, glyphs),
        yes_no(ask, width),
        entry(ask, hand, width, 1, glyphs),
    ):
        found += [*told, ()] if told else []
    return [*found, *hint(ask, width)]


def _doubts(doubts: tuple[str, ...], width: int, glyphs: Glyphs) -> list[Line]:
    """Tell of the label that is to be settled first, and how many more there are."""
    if not doubts:
        return []
    more = [line(f"and {len(doubts) - 1} more", Ink.TROUBLE)] if len(doubts) > 1 else []
    return [(), *paragraph(f"{glyphs.trouble} {doubts[0]}", width, Ink.TROUBLE), *more]


def _due(due: list[HomeChoice], hand: Hand, width: int, glyphs: Glyphs) -> list[Line]:
    if not due:
        return paragraph(_EMPTY, width, Ink.DIM)
    found: list[Line] = []
    last = ""
    for choice in due:
        head = _HEADS.get(choice.urgency, "") if choice.urgency != last else ""
        if head and last:
            found.append(())
        last = choice.urgency
        ink = Ink.TROUBLE if choice.urgency == "overdue" else Ink.DIM
        if width >= _WIDE:
            found.append(spread((span(f"{head:9}", ink), *_line(choice, hand, glyphs)), _why(choice), width))
        else:
            why = (span("   "), *_why(choice)) if choice.why else ()
            found += [*([line(head, ink)] if head else []), _line(choice, hand, glyphs), *([why] if why else [])]
    return found


def _line(choice: HomeChoice, hand: Hand, glyphs: Glyphs) -> Line:
    target = f"choose:{choice.pick}"
    marked = hand.selected == choice.pick
    words = f"{glyphs.now if marked else ' '} {choice.title} "
    return (span(f" {choice.key} ", Ink.KEY, target), span(words, Ink.CHOSEN if marked else Ink.STRONG, target))


def _why(choice: HomeChoice) -> Line:
    return (span(f"  {choice.why}", Ink.TEXT, f"choose:{choice.pick}"),) if choice.why else ()


def _on_demand(demand: list[HomeChoice], hand: Hand, width: int, glyphs: Glyphs) -> list[Line]:
    """Set what is done on demand in as many columns as fit."""
    if not demand:
        return [line("No checklist of your roles is known here.", Ink.DIM)]
    column = max(cell_len(shown(choice.title)) for choice in demand) + 9
    across = max(1, width // column)
    rows = [demand[at : at + across] for at in range(0, len(demand), across)]
    return [tuple(one for choice in row for one in fitted(_line(choice, hand, glyphs), column)) for row in rows]
