"""How does a task look: the steps at the left, the one thing asked in the middle?"""

from kiosk.screens.asking import Ask, Wants
from kiosk.screens.entry import entry, hint, options, yes_no
from kiosk.screens.hand import Hand
from kiosk.screens.labels import Label
from kiosk.screens.letters import HEIGHT, large_lines
from kiosk.screens.lines import Glyphs, Ink, Line, Span, beside, filled, fitted, indented, line, paragraph, span, spread
from kiosk.screens.paper import label_lines
from kiosk.screens.steps import Mark, StepLine
from kiosk.screens.view import View

NARROW = 68
"""Below this width the steps give way to what is asked."""
_ROOMY = 22
_MOST_LARGE = 3
"""Rows of large letters that a name may take."""


def task(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Draw a task, or the hold that stands in its way."""
    if width < NARROW:
        return indented(_asked(view, hand, width - 4, height, glyphs), 2)
    side = min(34, max(24, width // 4))
    left = filled(_steps(view.steps, side, height, glyphs), side, height)
    room = width - side - 3
    right = filled(indented(_asked(view, hand, room - 4, height, glyphs), 2), room, height)
    return beside(left, right, Span(text=" │ ", ink=Ink.RULE))


_LOOKS = {
    Mark.DONE: Ink.DONE,
    Mark.NOW: Ink.NOW,
    Mark.TO_DO: Ink.DIM,
    Mark.LEFT_OUT: Ink.DIM,
}


def _steps(steps: tuple[StepLine, ...], width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """List the steps around the present one."""
    now = max((at for at, step in enumerate(steps) if step.mark is Mark.NOW), default=0)
    room = height - 1
    first = max(0, min(now - room // 2, len(steps) - room))
    signs = {Mark.DONE: glyphs.done, Mark.NOW: glyphs.now, Mark.TO_DO: glyphs.to_do, Mark.LEFT_OUT: glyphs.left_out}
    found: list[Line] = [()]
    for step in steps[first : first + room]:
        ink = _LOOKS[step.mark]
        is_head = step.mark is Mark.NOW and step is not steps[now]
        sign = " " if is_head else signs[step.mark]
        label = span(f" {'  ' if step.is_inner else ''}{sign} {step.label}  ", Ink.STRONG if is_head else ink)
        found.append(spread([label], [span(step.value[: width - 4], ink)] if step.value else [], width))
    return found


def _asked(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Draw the prompt, the thing expected, what can be answered; the hint keeps to the bottom."""
    ask = view.ask
    if view.label is not None and ask.wants is Wants.LABEL:
        return _label(view, view.label, hand, width, height, glyphs)
    space: list[Line] = [(), ()] if height >= _ROOMY else [()]
    answers = [*options(ask, hand, glyphs), *yes_no(ask, width)]
    shown = [
        *_details(ask, width),
        *_progress(ask, width),
        *(fitted((span(f"{name:14}", Ink.DIM), span(value, Ink.STRONG)), width) for name, value in ask.compare),
    ]
    # Where there is much to read and a decision to make, the choices must not be what falls off.
    first, second = (answers, shown) if ask.wants is Wants.DECISION else (shown, answers)
    after = [*first, *([()] if first and second else []), *second]
    below = hint(ask, width)
    above = [*space, *_prompt(ask, width, roomy=height >= _ROOMY), *space]
    kept = HEIGHT if ask.wants is Wants.NUMBER else 1
    above += [*_thing(ask, width, height - len(above) - len(after) - len(below) - kept - 1), *after]
    room = height - len(above) - len(below) - 1
    typed = entry(ask, hand, width, room, glyphs)
    if typed:
        above += [*([()] if room > len(typed) else []), *typed]
    above = _squeezed(above, height - len(below))
    return [*above[: height - len(below)], *([()] * max(0, height - len(above) - len(below))), *below][:height]


def _label(view: View, label: Label, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Draw the prompt and the label as it will come out; how far it is and what can be answered keep to the bottom."""
    ask = view.ask
    above = [(), *_prompt(ask, width, roomy=False), *([()] if height >= _ROOMY else [])]
    says = [one for detail in ask.details for one in paragraph(detail, width, Ink.STRONG, 3)]
    typed = entry(ask, hand, width, 1, glyphs)
    below = [*says, *yes_no(ask, width), *typed, *hint(ask, width)]
    room = max(0, height - len(above) - len(below))
    roomy = [()] if height >= _ROOMY else []
    shown = [*label_lines(label, width, room - len(roomy), glyphs), *roomy]
    return [*above, *shown, *([()] * (room - len(shown))), *below][:height]


def _squeezed(lines: list[Line], height: int) -> list[Line]:
    """Leave out as many empty lines as there are too many lines, the last ones first: an answer must not fall off."""
    found = list(reversed(lines))
    while len(found) > height and () in found:
        found.remove(())
    return found[::-1]


def _prompt(ask: Ask, width: int, *, roomy: bool) -> list[Line]:
    big = large_lines(ask.prompt, width, 2) if roomy and not ask.item and not ask.compare else ()
    return [line(one, Ink.ITEM) for one in big] or paragraph(
        ask.prompt, width, Ink.ITEM if not ask.item else Ink.STRONG
    )


def _thing(ask: Ask, width: int, height: int) -> list[Line]:
    """Draw the thing expected, as large as fits, its letters as they are."""
    if not ask.item:
        return []
    big = large_lines(ask.item, width, min(_MOST_LARGE, max(0, height // HEIGHT)))
    return [*([line(one, Ink.ITEM) for one in big] or paragraph(ask.item, width, Ink.ITEM, 3)), ()]


def _details(ask: Ask, width: int) -> list[Line]:
    if sum(map(len, ask.details)) + 3 * len(ask.details) <= width:
        return [line("   ".join(ask.details))] if ask.details else []
    return [one for detail in ask.details for one in paragraph(detail, width, most=3)]


def _progress(ask: Ask, width: int) -> list[Line]:
    if ask.wanted <= 1:
        return []
    cells = min(30, width - 16)
    full = cells * min(ask.done, ask.wanted) // ask.wanted
    count = span(f"  {ask.done:,} of {ask.wanted:,}", Ink.ITEM)
    return [(), (span("█" * full, Ink.WELL), span("░" * (cells - full), Ink.DIM), count)]
