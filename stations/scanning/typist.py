r"""How would a scanner type this text? The key events of a simulated scanner.

Laws: the table of keys below is written from the rows of a US keyboard, never from the decoder's table, so
that an error in either one shows when the two meet. It types what the kernel would tell, MSC_SCAN left out.

>>> [(event.code, event.value) for event in keystrokes("a", 0.0) if event.type]
[(30, 1), (30, 0), (28, 1), (28, 0)]
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from stations.scanning.keys import (
    DOWN,
    EV_KEY,
    EV_SYN,
    KEY_ENTER,
    KEY_LEFTCTRL,
    KEY_LEFTSHIFT,
    KEY_SPACE,
    SYN_DROPPED,
    SYN_REPORT,
    UP,
    KeyEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Stroke = tuple[int, int | None]
"""A key, and the modifier held while it is pressed."""

# A US keyboard, row by row: the code of the leftmost key, what its keys type, what they type with Shift.
_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
# C0 control characters in order of their code, 0 to 31: the key that makes each together with Ctrl.
_WITH_CTRL: Final = "2abcdefghijklmnopqrstuvwxyz[\\]6-"


def _strokes() -> dict[str, Stroke]:
    strokes: dict[str, Stroke] = {" ": (KEY_SPACE, None)}
    for first, plain, shifted in _ROWS:
        for code, (lower, upper) in enumerate(zip(plain, shifted, strict=True), start=first):
            strokes[lower] = (code, None)
            strokes[upper] = (code, KEY_LEFTSHIFT)
    for control, key in enumerate(_WITH_CTRL):
        strokes[chr(control)] = (strokes[key][0], KEY_LEFTCTRL)
    return strokes


_STROKES: Final = _strokes()


def keystrokes(text: str, start: float, *, gap: float = 0.002) -> tuple[KeyEvent, ...]:
    """Give the events of a scanner that types `text` and Enter.

    `start` is the time of the first event and `gap` the time between one key event and the next, both in
    seconds. Control characters are typed with Ctrl, so GS is Ctrl+]. Raises ValueError for a character that a
    US keyboard cannot type.
    """
    return tuple(_timed([*map(_stroke, text), (KEY_ENTER, None)], start, gap))


def lost(text: str, start: float, *, gap: float = 0.002) -> tuple[KeyEvent, ...]:
    """Give the same events with the middle third lost, as the kernel tells it when its ring is full.

    The ring then holds SYN_DROPPED and the newest event, here the end of a report (Linux `evdev.c`).
    """
    events = keystrokes(text, start, gap=gap)
    first, last = len(events) // 3, len(events) - len(events) // 3
    now = events[last - 1].time
    dropped = KeyEvent(time=now, type=EV_SYN, code=SYN_DROPPED, value=0)
    return (*events[:first], dropped, _report(now), *events[last:])


def _stroke(character: str) -> Stroke:
    stroke = _STROKES.get(character)
    if stroke is None:
        raise ValueError(
            f"The character {character!r} is on no key of a US keyboard; expected printable ASCII or a control code."
        )
    return stroke


def _timed(strokes: list[Stroke], start: float, gap: float) -> Iterator[KeyEvent]:
    moments = (start + gap * count for count in itertools.count())
    for key, modifier in strokes:
        presses = [(key, DOWN), (key, UP)]
        if modifier is not None:
            presses = [(modifier, DOWN), *presses, (modifier, UP)]
        for (code, value), now in zip(presses, moments, strict=False):
            yield KeyEvent(time=now, type=EV_KEY, code=code, value=value)
            yield _report(now)


def _report(now: float) -> KeyEvent:
    return KeyEvent(time=now, type=EV_SYN, code=SYN_REPORT, value=0)
