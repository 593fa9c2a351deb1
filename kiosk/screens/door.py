"""How does the door look: signed out, locked, out of order?"""

from kiosk.screens.entry import entry, hint, options, yes_no
from kiosk.screens.hand import Hand
from kiosk.screens.letters import HEIGHT, large_lines
from kiosk.screens.lines import Glyphs, Ink, Line, centred, fitted, indented, line, paragraph, span, width_of
from kiosk.screens.view import OpenTask, View

SCREENS = ("signed-out", "locked")
"""Those on which whoever walks by reads how the printer is, before it is needed."""
_WIDE = 64
_TALL = 24


def door(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Draw what is asked in the middle, large, and what is open below it."""
    open_tasks = [*_printer(view, width, glyphs), *_open(view.open_tasks, width, max(2, height - 10))]
    room = height - len(open_tasks)
    asked = _asked(view, hand, width, room, glyphs)
    before = max(1, (room - len(asked)) // 2)
    return [*([()] * before), *asked, *([()] * (room - before - len(asked))), *open_tasks]


def _printer(view: View, width: int, glyphs: Glyphs) -> list[Line]:
    """Say why nothing can be printed, or what printing will soon lack."""
    if view.screen not in SCREENS or not (view.printer or view.caution):
        return []
    sign, ink = (glyphs.trouble, Ink.TROUBLE) if view.printer else (glyphs.caution, Ink.CAUTION)
    return [*indented(paragraph(f"{sign} {view.printer or view.caution}", width - 6, ink, 2), 3), ()]


def _asked(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    ask, roomy = view.ask, height >= HEIGHT + 6
    big = large_lines(ask.prompt, width - 4, 2 if height >= _TALL else 1) if roomy else ()
    ink = Ink.TROUBLE if view.screen == "out-of-order" else Ink.ITEM
    prompt = [line(one, ink) for one in big] or paragraph(ask.prompt, width - 8, ink)
    found = [*_block(prompt, width), ()]
    found += [centred(one, width) for detail in ask.details for one in paragraph(detail, width - 8)]
    if ask.options:
        found += [*_block(options(ask, hand, glyphs), width), ()]
    found += _block(yes_no(ask, width - 8), width)
    typed = entry(ask, hand, width - 8, height - len(found) - 3, glyphs)
    found += [*_block(typed, width), ()] if typed else []
    return [*found, *_block(hint(ask, width - 8), width)]


def _block(lines: list[Line], width: int) -> list[Line]:
    """Set lines in the middle as one block, so that what belongs together stays in line."""
    widest = max((width_of(one) for one in lines), default=0)
    return [centred(fitted(one, widest), width) for one in lines]


def _open(tasks: tuple[OpenTask, ...], width: int, most: int) -> list[Line]:
    if not tasks:
        return []
    found: list[Line] = []
    for at, task in enumerate(tasks[:most]):
        head = "Open here" if not at else ""
        spans = [span(f"   {head:12}", Ink.DIM), span(f"{task.title:22.22}  ", Ink.STRONG)]
        rest = f"{task.step:13}  {task.who:6}  {task.left}" if width >= _WIDE else f"{task.who}  {task.left}"
        found.append(fitted((*spans, span(rest)), width))
    if len(tasks) > most:
        found[-1] = line(f"   and {len(tasks) - most + 1} more", Ink.DIM)
    return [*found, ()]
