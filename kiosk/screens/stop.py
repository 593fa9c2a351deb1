"""How does a STOP for a wrong drug look? It fills the screen and waits for back."""

from kiosk.screens.letters import large, large_lines, large_shape, large_width
from kiosk.screens.lines import Ink, Line, filled, fitted, indented, line, paragraph, span
from kiosk.view import Told, View

_ROOMY = 34
_BOTH = "asked    ", "scanned  "


def stop(view: View, width: int, height: int) -> list[Line]:
    """Draw the whole screen in the ink of STOP."""
    told = view.verdict
    if told is None:
        return filled([], width, height, Ink.STOP)
    scale = 2 if height >= _ROOMY and width >= large_width(told.word, 2) + 30 else 1
    found: list[Line] = [(), *_word(told, scale), ()]
    reasons = ", ".join(told.reasons)
    big = large_lines(reasons, width - 8, 1) if scale > 1 else ()
    found += [*([line(one, Ink.STOP) for one in big] or [line(reasons, Ink.STOP)]), ()]
    found += _pair(told, width - 8, roomy=height >= _ROOMY)
    below = _below(view, width - 8)
    spare = height - len(found) - len(below) - 1
    return filled(indented([*found, *([()] * max(0, spare)), *below], 4, Ink.STOP), width, height, Ink.STOP)


def _word(told: Told, scale: int) -> list[Line]:
    """Write the word large, its two squares before it."""
    word = large(told.word, scale)
    shape = large_shape(told.shape, scale)
    return [line(f"{sign}  {one}", Ink.STOP) for sign, one in zip(shape, word, strict=True)]


def _pair(told: Told, width: int, *, roomy: bool) -> list[Line]:
    """Set what was asked above what was scanned, so that the difference stands out."""
    if not told.asked or not told.scanned:
        return paragraph(told.says, width, Ink.STOP)
    found: list[Line] = []
    for label, name in zip(_BOTH, (told.asked, told.scanned), strict=True):
        big = large_lines(name, width - len(label), 2) if roomy else ()
        rows = [line(one, Ink.STOP) for one in big] or paragraph(name, width - len(label), Ink.STOP, 2)
        for at, one in enumerate(rows):
            found.append((span(label if not at else " " * len(label), Ink.STOP), *one))
        found.append(())
    found.append(line(" " * len(_BOTH[0]) + told.scanned_details, Ink.STOP))
    return found


def _below(view: View, width: int) -> list[Line]:
    back = (
        span(" Esc ", Ink.KEY, "key:escape"),
        span(f"  {view.ask.prompt}. {view.ask.hint}", Ink.STOP, "key:escape"),
    )
    return [fitted(back, width, Ink.STOP)]
