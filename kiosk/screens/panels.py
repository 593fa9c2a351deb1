"""What do the panels show that a person opens over a screen: help, and why a step cannot be done?"""

from kiosk.screens.hand import Hand
from kiosk.screens.lines import Ink, Line, fitted, indented, line, paragraph, span
from kiosk.screens.view import View
from stations.scanning.ours import COMMANDS, command_code

_KEYS = (
    ("Enter", "hands in what was typed; with nothing typed it confirms"),
    ("Esc", "back: clears what was typed, leaves a question"),
    ("F2 F3 F4", "hold the task, print again, unable to do the step"),
    ("F5 F6", "done, cancel"),
    ("F9 F10 F12", "sign out, lock, light or dark"),
)


def help_panel(view: View, width: int, height: int) -> list[Line]:
    """Explain the screen, its keys, and the command sheet's codes for a station without one."""
    room = width - 4
    found: list[Line] = [(), *paragraph(view.help, room, Ink.ITEM), (), *_troubles(view, room, height - 6)]
    found += [fitted((span(f"{keys:12}", Ink.STRONG), span(does)), room) for keys, does in _KEYS]
    found += [(), line("Command sheet, each word's code:", Ink.DIM)]
    words = [word for word in COMMANDS if not word.isdigit()]
    column = 24
    across = max(1, room // column)
    for at in range(0, len(words), across):
        row = words[at : at + across]
        found.append(tuple(span(f"{word:10}{command_code(word):{column - 10}}") for word in row))
    return indented([*found[: height - 1], line("F1 or Esc closes this.", Ink.DIM)], 2)


def _troubles(view: View, width: int, height: int) -> list[Line]:
    """Tell every trouble with its mend, the newest first, and how many more there are than fit."""
    found: list[Line] = []
    for at, says in enumerate(view.troubles):
        told = paragraph(says, width, Ink.TROUBLE)
        if found and len(found) + len(told) >= height:
            return [*found, line(f"and {len(view.troubles) - at} more", Ink.TROUBLE), ()]
        found += told
    found += paragraph(view.caution, width, Ink.CAUTION) if view.caution else []
    return [*found, ()] if found else []


def unable_panel(view: View, hand: Hand, width: int) -> list[Line]:
    """List the coded reasons for which the step cannot be done as asked."""
    found: list[Line] = [(), *paragraph("Why can it not be done?", width - 4, Ink.ITEM), ()]
    for number, reason in enumerate(view.reasons, 1):
        ink = Ink.CHOSEN if hand.selected == number else Ink.STRONG
        found.append((span(f" {number} ", Ink.KEY, f"unable:{reason}"), span(f"  {reason} ", ink, f"unable:{reason}")))
    found += [(), line(f" {hand.typed}_ ", Ink.ENTRY), ()]
    return indented([*found, line("Type its number and press Enter, or click it. Esc goes back.", Ink.DIM)], 2)
