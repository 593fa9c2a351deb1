"""What stands around every screen: who is here, the verdict, the lights, the keys?

`paint` gives the whole picture of a view at a size. The places of things do not move with what they say, so that an eye
finds the verdict where it was the last time.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from kiosk.screens import door, home, task
from kiosk.screens.asking import Wants
from kiosk.screens.hand import Hand
from kiosk.screens.letters import HEIGHT, large, large_shape, large_width
from kiosk.screens.lights import How, Light
from kiosk.screens.lines import (
    FULL,
    Glyphs,
    Ink,
    Line,
    Span,
    filled,
    fitted,
    indented,
    line,
    paragraph,
    span,
    spread,
    width_of,
)
from kiosk.screens.panels import help_panel, unable_panel
from kiosk.screens.stop import stop
from kiosk.screens.view import Told, View

_NARROW = 56
"""Below this width the site's name gives way."""
_WIDE = 72
"""From this width on the verdict's word is written large."""
_MOST_SAID = 2
"""Lines of a message above the verdict."""
_APART = 3
"""Columns between two lights."""
ROOMY = 30
"""From this height on words are written large and blocks are set apart."""


def paint(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs = FULL) -> tuple[Line, ...]:
    """Draw a view into exactly `height` lines of `width` columns."""
    view = _noted(view, hand)
    if view.screen == "stop" and not hand.panel:
        return tuple(stop(view, width, height))
    top = _top(view, width, roomy=height >= ROOMY)
    bottom = _bottom(view, hand, width, height, glyphs)
    room = height - len(top) - len(bottom)
    middle = filled(_middle(view, hand, width, room, glyphs), width, max(room, 0))
    return tuple([*top, *middle, *bottom][:height])


def _middle(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
    if hand.panel == "help":
        return help_panel(view, width, height)
    if hand.panel == "unable":
        return unable_panel(view, hand, width)
    match view.screen:
        case "home":
            return home.home(view, hand, width, height, glyphs)
        case "task" | "hold":
            return task.task(view, hand, width, height, glyphs)
        case _:
            return door.door(view, hand, width, height, glyphs)


def _noted(view: View, hand: Hand) -> View:
    """Say what became of what was typed: where a PIN is asked beside its prompt, else as the message."""
    if not hand.note:
        return view
    if view.ask.wants is Wants.PIN:
        return replace(view, ask=replace(view.ask, details=(hand.note,)))
    return replace(view, says=f"{hand.note} {view.says}".strip())


def _top(view: View, width: int, *, roomy: bool) -> list[Line]:
    clock = view.clock if width >= width_of((span(view.place + view.who + view.clock),)) + 8 else view.clock[-5:]
    right = [span(f"{view.who}   ", Ink.BAND)] if view.who else []
    place = view.place if width >= _NARROW else view.place.partition(" · ")[0]
    band = spread([span(f" {place}", Ink.BAND)], [*right, span(f"{clock} ", Ink.BAND)], width, Ink.BAND)
    if not view.title and not view.about:
        return [band]
    about = [span(f"  {view.about} ", Ink.DIM)]
    title = spread([span(f" {view.title}", Ink.STRONG)], about, width)
    blank = [fitted((), width)] if roomy else []
    return [band, *blank, title, *blank, line("─" * width, Ink.RULE)]


def _bottom(view: View, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    roomy = height >= ROOMY
    told = _verdict(view, hand, width, glyphs, height=HEIGHT + 2 if roomy else HEIGHT)
    return [*told, _lights(view, width, glyphs), *_commands(view, width)]


# The verdict and the message ------------------------------------------------------------------------------------------

INK_OF = {"PASS": Ink.PASS, "HOLD": Ink.HOLD, "STOP": Ink.STOP}


def _verdict(view: View, hand: Hand, width: int, glyphs: Glyphs, *, height: int) -> list[Line]:
    """Draw the verdict, and above it what else is said; without one the message stands in its place."""
    told = view.verdict
    if told is None:
        says = indented(_message(view, hand, width - 4, glyphs, height - 1), 2)
        return [line("─" * width, Ink.RULE), *filled(says, width, height - 1)]
    # What was said since is no reason of the verdict, so it stands outside its block and its colour.
    message = _message(view, hand, width - 3, glyphs, _MOST_SAID)
    said = filled(indented(message, 1), width, len(message))
    ink = INK_OF[told.word]
    if width < _WIDE:
        block = filled(indented(_small(told, width - 2, ink, glyphs, height), 1, ink), width, height, ink)
        return [*said, *block]
    shape = large_shape(told.shape)
    side = len(shape[0]) + large_width(told.word) + 8
    word = [(span(f"  {sign}  ", ink), span(one, ink)) for sign, one in zip(shape, large(told.word), strict=True)]
    above: list[Line] = [()] * ((height - HEIGHT + 2) // 2)
    left = filled([*above, *word], side, height, ink)
    room = width - side
    says = _sentences(told, room - 2, ink, height)
    right = filled([*above[: height - len(says)], *says], room, height, ink)
    return [*said, *(fitted((*one, *other), width, ink) for one, other in zip(left, right, strict=True))]


def _message(view: View, hand: Hand, width: int, glyphs: Glyphs, most: int) -> list[Line]:
    """Say what there is to say; else the worst trouble with its mend, unless help lists them all."""
    if view.says:
        return paragraph(view.says, width, Ink.STRONG, most)
    if hand.panel == "help":
        return []
    told = (view.verdict.says if view.verdict is not None else "", *view.ask.details)
    at_the_door = (view.printer, view.caution) if view.screen in door.SCREENS else ()
    worst = next((says for says in view.troubles if says not in at_the_door), "")
    if worst:
        known = any((worst.partition(": ")[2] or worst) in says for says in told)
        return [] if known else paragraph(f"{glyphs.trouble} {worst}", width, Ink.TROUBLE, most)
    soon = "" if view.caution in at_the_door else view.caution
    return paragraph(f"{glyphs.caution} {soon}", width, Ink.CAUTION, most) if soon else []


def _shape(told: Told, glyphs: Glyphs) -> str:
    return told.plain_shape if glyphs.is_plain else told.shape


def _small(told: Told, width: int, ink: Ink, glyphs: Glyphs, height: int) -> list[Line]:
    head = f"{_shape(told, glyphs)} {told.word}"
    first = (span(head, ink), span("   " + ", ".join(told.reasons), ink))
    return [first, *_sentences(told, width, ink, height - 1, with_reasons=False)]


def _sentences(told: Told, width: int, ink: Ink, most: int, *, with_reasons: bool = True) -> list[Line]:
    """Say the worst, then what is to be done, then the rest, as far as there is room."""
    found = [line(", ".join(told.reasons), ink)] if with_reasons and told.reasons else []
    for part in (told.says, *told.also):
        found += paragraph(part, width, ink, max(1, most - len(found)))
    return found[:most]


# Lights and keys ------------------------------------------------------------------------------------------------------


def _lights(view: View, width: int, glyphs: Glyphs) -> Line:
    """Show as many lights as fit whole, what matters most first, and how many more there are."""
    every = [_light(light, glyphs) for light in view.lights]
    for shown in range(len(every), 0, -1):
        ink = Ink.DIM if all(light.is_well for light in view.lights[shown:]) else Ink.TROUBLE
        more = [span(f"+{len(every) - shown}", ink)] if shown < len(every) else []
        spans = [span(" "), *(one for light in every[:shown] for one in (light, span(" " * _APART))), *more]
        if width_of(spans) - (0 if more else _APART) <= width:
            return fitted(spans if more else spans[:-1], width)
    return fitted([span(" "), *every[:1]], width)


def _light(light: Light, glyphs: Glyphs) -> Span:
    sign, ink = {
        How.WELL: (glyphs.well, Ink.WELL),
        How.PLAIN: (glyphs.untold, Ink.DIM),
        How.SOON: (glyphs.caution, Ink.CAUTION),
        How.WRONG: (glyphs.trouble, Ink.TROUBLE),
    }[light.how]
    return span(f"{sign} {light.about}{f': {light.says}' if light.says else ''}", ink)


def _commands(view: View, width: int) -> list[Line]:
    """Offer the keys, on a second line what the first does not hold."""
    lines: list[list[Span]] = [[span(" ")]]
    padded = sum(len(command.key) + len(command.label) + 5 for command in view.commands) < width
    pad = " " if padded else ""
    for command in view.commands:
        target = f"key:{ {'Esc': 'escape'}.get(command.key, command.key.lower()) }"
        spans = [span(f"{pad}{command.key}{pad}", Ink.KEY, target), span(f" {command.label}  ", Ink.DIM, target)]
        if width_of((*lines[-1], *spans)) > width + 2:
            lines.append([span(" ")])
        lines[-1] += spans
    return [fitted(spans, width) for spans in lines]
