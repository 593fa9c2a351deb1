"""How does a STOP for a wrong drug look? It fills the screen and waits for back."""

from kiosk.screens.letters import HEIGHT, large, large_lines, large_shape, large_width
from kiosk.screens.lines import Ink, Line, filled, fitted, indented, line, paragraph, span
from kiosk.screens.view import Told, View

_ROOMY = 34
_MARGIN = 4
_LABELS = ("asked    ", "scanned  ")


def stop(view: View, width: int, height: int) -> list[Line]:
    """Draw the whole screen in the ink of STOP."""
    told = view.verdict
    if told is None:
        return filled([], width, height, Ink.STOP)
    room = width - 2 * _MARGIN
    scale = 2 if height >= _ROOMY and room >= large_width(told.word, 2) + 40 else 1
    head = [(), *_word(told, scale)]
    below = [*(paragraph(view.says, room, Ink.STOP, 2) if view.says else []), *_back(view, room)]
    middle = _pair(told, room, height - len(head) - len(below) - 1)
    spare = height - len(head) - len(middle) - len(below) - 1
    lines = [*head, *middle, *([()] * max(0, spare)), *below]
    return filled(indented(lines, _MARGIN, Ink.STOP), width, height, Ink.STOP)


def _word(told: Told, scale: int) -> list[Line]:
    """Write the word large, its two squares before it and why behind it."""
    rows = zip(large_shape(told.shape, scale), large(told.word, scale), strict=True)
    reasons = ", ".join(told.reasons)
    beside = len(large(told.word, scale)) // 2 - 1
    return [
        line(f"{sign}  {one}{f'     {reasons}' if at == beside else ''}", Ink.STOP)
        for at, (sign, one) in enumerate(rows)
    ]


def _pair(told: Told, width: int, height: int) -> list[Line]:
    """Set what was asked above what was scanned, large where both fit, so that the difference stands out."""
    if not told.asked or not told.scanned:
        return paragraph(told.says, width, Ink.STOP)
    room = width - len(_LABELS[0])
    names = (told.asked, told.scanned)
    big = [large_lines(name, room, 2) for name in names]
    fits = all(big) and sum(map(len, big)) + 1 <= height
    spaced = sum(map(len, big)) + HEIGHT <= height
    found: list[Line] = [()] if spaced or not fits else []
    for label, name, rows in zip(_LABELS, names, big, strict=True):
        words = [line(row, Ink.STOP) for row in rows] if fits else paragraph(name, room, Ink.STOP, 2)
        for at, one in enumerate(words):
            found.append((span(" " * len(label) if at else label, Ink.STOP), *one))
        found += [()] if spaced or not fits else []
    return [*found, line(" " * len(_LABELS[0]) + told.scanned_details, Ink.STOP)]


def _back(view: View, width: int) -> list[Line]:
    says = f"  {view.ask.prompt}. {view.ask.hint}"
    back = (span(" Esc ", Ink.KEY, "key:escape"), span(says, Ink.STOP, "key:escape"))
    return [fitted(back, width, Ink.STOP)]
