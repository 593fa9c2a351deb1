r"""How would a scanner type this text? The key events of a simulated scanner, for every way of typing there is.

Laws: the tables of keys below are written from the rows of the keyboards, never from the decoder's tables, so that an
error in either one shows when the two meet.

>>> [(event.code, event.value) for event in keystrokes("a", 0.0) if event.type]
[(30, 1), (30, 0), (28, 1), (28, 0)]
>>> [event.code for event in keystrokes("]", 0.0, typing=Typing(layout="de", terminator="none")) if event.value]
[100, 10]
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from stations.scanning.decoding.keys import (
    DOWN,
    EV_KEY,
    EV_MSC,
    EV_SYN,
    KEY_CAPSLOCK,
    KEY_DOWN,
    KEY_ENTER,
    KEY_F8,
    KEY_J,
    KEY_LEFTALT,
    KEY_LEFTCTRL,
    KEY_LEFTSHIFT,
    KEY_RIGHTALT,
    KEY_RIGHTCTRL,
    KEY_RIGHTSHIFT,
    KEY_SPACE,
    KEY_TAB,
    MSC_SCAN,
    REPEAT,
    SYN_DROPPED,
    SYN_REPORT,
    UP,
    KeyEvent,
)

GS: Final = "\x1d"


class Typing(msgspec.Struct, frozen=True, kw_only=True):
    """How a simulated scanner types."""

    layout: Literal["us", "uk", "de", "fr"] = "us"
    separator: str = "ctrl"
    """GS as Ctrl+], as Alt+029 (`alt`), as F8 (`f8`), not at all (`none`), or as a text (`text:{GS}`)."""
    terminator: Literal["enter", "tab", "none", "enter ctrl-j", "enter down"] = "enter"
    """The last two are CR LF."""
    alt_codes: bool = False
    """Every character as Alt + decimal number."""
    alt_width: int = 3
    """Least digits of such a number."""
    keypad: bool = False
    """Digits on the keypad."""
    caps_lock: Literal["no", "data", "scan"] = "no"
    """Pressed before the data, and again after them or after the terminator."""
    repeats: bool = False
    """The kernel repeats each key once."""
    scan_codes: bool = False
    """The kernel tells the scan code before each key, as it does for a real device."""
    keeps_shift: bool = False
    """Shift stays down from one character to the next that needs it."""
    right: bool = False
    """Shift and Ctrl of the right side."""


US: Final = Typing()

Press = tuple[int, int]
"""A key, and DOWN or UP."""


class Stroke(msgspec.Struct, frozen=True):
    """One key, the modifier held while it is pressed, and whether it is dead, so that a space must follow."""

    key: int
    modifier: int | None = None
    is_dead: bool = False


# Each keyboard row by row: the code of the leftmost key, what its keys type, with Shift, and with AltGr. A blank is a
# key that types nothing of use. The key left of Z has a code far from its neighbours'.
_ROWS: Final[Mapping[str, tuple[tuple[int, str, str, str], ...]]] = {
    "us": (
        (2, "1234567890-=", "!@#$%^&*()_+", ""),
        (16, "qwertyuiop[]", "QWERTYUIOP{}", ""),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~', ""),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?", ""),
    ),
    "uk": (
        (2, "1234567890-=", '!"£$%^&*()_+', "   €        "),
        (16, "qwertyuiop[]", "QWERTYUIOP{}", "  é   úíó   "),
        (30, "asdfghjkl;'`", "ASDFGHJKL:@¬", "á          ¦"),
        (43, "#zxcvbnm,./", "~ZXCVBNM<>?", ""),
        (86, "\\", "|", ""),
    ),
    "de": (
        (2, "1234567890ß ", '!"§$%&/()=?`', " ²³   {[]}\\ "),
        (16, "qwertzuiopü+", "QWERTZUIOPÜ*", "@ €        ~"),
        (30, "asdfghjklöä^", "ASDFGHJKLÖÄ°", ""),
        (43, "#yxcvbnm,.-", "'YXCVBNM;:_", "       µ   "),
        (86, "<", ">", "|"),
    ),
    "fr": (
        (2, "&é\"'(-è_çà)=", "1234567890°+", " ~#{[|`\\^@]}"),
        (16, "azertyuiop $", "AZERTYUIOP¨£", "  €        ¤"),
        (30, "qsdfghjklmù²", "QSDFGHJKLM% ", ""),
        (43, "*wxcvbn,;:!", "µWXCVBN?./§", ""),
        (86, "<", ">", ""),
    ),
}
_DEAD: Final = {"us": "", "uk": "", "de": "`^", "fr": "~`¨"}
# Windows makes these control characters by place: NUL, ESC, FS, GS, RS; the others by letter, and US by underscore.
_CTRL_PLACES: Final = {"\x00": 3, "\x1b": 26, "\x1c": 43, "\x1d": 27, "\x1e": 7}
_KEYPAD: Final = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}
_RIGHT: Final = {KEY_LEFTSHIFT: KEY_RIGHTSHIFT, KEY_LEFTCTRL: KEY_RIGHTCTRL}
_ENDS: Final[Mapping[str, tuple[Stroke, ...]]] = {
    "enter": (Stroke(KEY_ENTER),),
    "tab": (Stroke(KEY_TAB),),
    "none": (),
    "enter ctrl-j": (Stroke(KEY_ENTER), Stroke(KEY_J, KEY_LEFTCTRL)),
    "enter down": (Stroke(KEY_ENTER), Stroke(KEY_DOWN)),
}


@functools.cache
def _strokes(layout: str) -> Mapping[str, Stroke]:
    """Give the stroke of every character that a keyboard types; a live key is taken before a dead one."""
    strokes = {" ": Stroke(KEY_SPACE)}
    for first, *levels in _ROWS[layout]:
        for modifier, row in zip((None, KEY_LEFTSHIFT, KEY_RIGHTALT), levels, strict=True):
            for code, character in enumerate(row, start=first):
                strokes.setdefault(character, Stroke(code, modifier, character in _DEAD[layout]))
    for control in map(chr, range(0x20)):
        letter = chr(ord(control) | 0x60)
        key = _CTRL_PLACES.get(control) or strokes["_" if control == "\x1f" else letter].key
        strokes[control] = Stroke(key, KEY_LEFTCTRL)
    return MappingProxyType(strokes)


def keystrokes(text: str, start: float, *, gap: float = 0.002, typing: Typing = US) -> tuple[KeyEvent, ...]:
    """Give the events of a scanner that types `text` and its terminator.

    `start` is the time of the first event and `gap` the time between one key event and the next, both in
    seconds. Raises ValueError for a character that cannot be typed in this way.
    """
    return tuple(_timed(_presses(text, typing), start, gap, typing))


def lost(text: str, start: float, *, gap: float = 0.002, typing: Typing = US) -> tuple[KeyEvent, ...]:
    """Give the same events with the middle third lost, as the kernel tells it when its ring is full.

    The ring then holds SYN_DROPPED and the newest event, here the end of a report (Linux `evdev.c`).
    """
    reports = _reports(keystrokes(text, start, gap=gap, typing=typing))
    first, last = len(reports) // 3, len(reports) - len(reports) // 3
    newest = reports[last - 1][-1]
    dropped = KeyEvent(time=newest.time, type=EV_SYN, code=SYN_DROPPED, value=0)
    return (*itertools.chain(*reports[:first]), dropped, newest, *itertools.chain(*reports[last:]))


def _reports(events: Iterable[KeyEvent]) -> list[list[KeyEvent]]:
    reports: list[list[KeyEvent]] = [[]]
    for event in events:
        reports[-1].append(event)
        if event.type == EV_SYN:
            reports.append([])
    return reports[:-1]


def _presses(text: str, typing: Typing) -> list[Press]:
    caps = [(KEY_CAPSLOCK, DOWN), (KEY_CAPSLOCK, UP)]
    data = list(itertools.chain.from_iterable(_pressed(character, typing) for character in spelt(text, typing)))
    if typing.caps_lock != "no":
        data = caps + data + (caps if typing.caps_lock == "data" else [])
    end = [press for stroke in _ENDS[typing.terminator] for press in _struck(stroke, typing)]
    presses = data + end + (caps if typing.caps_lock == "scan" else [])
    return list(_merged(presses)) if typing.keeps_shift else presses


def spelt(text: str, typing: Typing) -> str:
    """Give the characters that are typed for a text: what stands for GS instead of GS."""
    way, _, stand_in = typing.separator.partition(":")
    return text.replace(GS, stand_in) if way in {"none", "text"} else text


def _pressed(character: str, typing: Typing) -> list[Press]:
    """Give the presses of one character."""
    if typing.alt_codes or (character == GS and typing.separator == "alt"):
        digits = [_KEYPAD[digit] for digit in str(ord(character)).zfill(typing.alt_width)]
        taps = [(code, value) for code in digits for value in (DOWN, UP)]
        return [(KEY_LEFTALT, DOWN), *taps, (KEY_LEFTALT, UP)]
    if character == GS and typing.separator == "f8":
        return _struck(Stroke(KEY_F8), typing)
    if typing.keypad and character in _KEYPAD:
        return _struck(Stroke(_KEYPAD[character]), typing)
    stroke = _strokes(typing.layout).get(character)
    if stroke is None:
        raise ValueError(
            f"The character {character!r} is on no key of a {typing.layout.upper()} keyboard; "
            "expected printable ASCII or a control code."
        )
    if typing.caps_lock != "no" and character.isascii() and character.isalpha():
        stroke = Stroke(stroke.key, None if stroke.modifier == KEY_LEFTSHIFT else KEY_LEFTSHIFT)
    return _struck(stroke, typing)


def _struck(stroke: Stroke, typing: Typing) -> list[Press]:
    presses = [(stroke.key, DOWN), (stroke.key, UP)]
    if stroke.modifier is not None:
        modifier = _RIGHT.get(stroke.modifier, stroke.modifier) if typing.right else stroke.modifier
        presses = [(modifier, DOWN), *presses, (modifier, UP)]
    return presses + [(KEY_SPACE, DOWN), (KEY_SPACE, UP)] * stroke.is_dead


def _merged(presses: list[Press]) -> Iterator[Press]:
    """Leave out each release of Shift that its next press follows at once."""
    shifts = {KEY_LEFTSHIFT, KEY_RIGHTSHIFT}
    skipped = False
    for press, following in itertools.zip_longest(presses, presses[1:]):
        is_release = press[0] in shifts and press[1] == UP and following == (press[0], DOWN)
        if not is_release and not skipped:
            yield press
        skipped = is_release


def _timed(presses: Iterable[Press], start: float, gap: float, typing: Typing) -> Iterator[KeyEvent]:
    moments = (start + gap * count for count in itertools.count())
    for (code, value), now in zip(presses, moments, strict=False):
        if typing.scan_codes:
            yield KeyEvent(time=now, type=EV_MSC, code=MSC_SCAN, value=0x70000 + code)
        for each in (value, REPEAT) if typing.repeats and value == DOWN else (value,):
            yield KeyEvent(time=now, type=EV_KEY, code=code, value=each)
            yield KeyEvent(time=now, type=EV_SYN, code=SYN_REPORT, value=0)
