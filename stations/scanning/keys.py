"""Which key is it? The kernel's key events, and what each key types on a US keyboard.

The numbers are those of Linux `input-event-codes.h`, written here so that decoding needs no evdev. Codes are
positions, not characters: the console's keymap has no say in what a scanner means.

>>> LAYOUT_US[KEY_RIGHTBRACE]
(']', '}')
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

EV_SYN: Final = 0
EV_KEY: Final = 1
SYN_REPORT: Final = 0
SYN_DROPPED: Final = 3

UP: Final = 0
DOWN: Final = 1
REPEAT: Final = 2

KEY_ESC: Final = 1
KEY_BACKSPACE: Final = 14
KEY_TAB: Final = 15
KEY_RIGHTBRACE: Final = 27
KEY_ENTER: Final = 28
KEY_LEFTCTRL: Final = 29
KEY_A: Final = 30
KEY_LEFTSHIFT: Final = 42
KEY_RIGHTSHIFT: Final = 54
KEY_LEFTALT: Final = 56
KEY_SPACE: Final = 57
KEY_CAPSLOCK: Final = 58
KEY_F8: Final = 66
KEY_NUMLOCK: Final = 69
KEY_SCROLLLOCK: Final = 70
KEY_KPENTER: Final = 96
KEY_RIGHTCTRL: Final = 97
KEY_RIGHTALT: Final = 100
KEY_LINEFEED: Final = 101
KEY_DOWN: Final = 108
KEY_DELETE: Final = 111
KEY_LEFTMETA: Final = 125
KEY_RIGHTMETA: Final = 126

SHIFTS: Final = frozenset({KEY_LEFTSHIFT, KEY_RIGHTSHIFT})
CTRLS: Final = frozenset({KEY_LEFTCTRL, KEY_RIGHTCTRL})
ALTS: Final = frozenset({KEY_LEFTALT, KEY_RIGHTALT})
METAS: Final = frozenset({KEY_LEFTMETA, KEY_RIGHTMETA})


class KeyEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One `struct input_event`, as the kernel gives it."""

    time: float
    """Seconds of a clock that never runs backwards."""
    type: int
    code: int
    value: int
    """For EV_KEY: 0 up, 1 down, 2 auto-repeat."""


LAYOUT_US: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        2: ("1", "!"),
        3: ("2", "@"),
        4: ("3", "#"),
        5: ("4", "$"),
        6: ("5", "%"),
        7: ("6", "^"),
        8: ("7", "&"),
        9: ("8", "*"),
        10: ("9", "("),
        11: ("0", ")"),
        12: ("-", "_"),
        13: ("=", "+"),
        16: ("q", "Q"),
        17: ("w", "W"),
        18: ("e", "E"),
        19: ("r", "R"),
        20: ("t", "T"),
        21: ("y", "Y"),
        22: ("u", "U"),
        23: ("i", "I"),
        24: ("o", "O"),
        25: ("p", "P"),
        26: ("[", "{"),
        27: ("]", "}"),
        30: ("a", "A"),
        31: ("s", "S"),
        32: ("d", "D"),
        33: ("f", "F"),
        34: ("g", "G"),
        35: ("h", "H"),
        36: ("j", "J"),
        37: ("k", "K"),
        38: ("l", "L"),
        39: (";", ":"),
        40: ("'", '"'),
        41: ("`", "~"),
        43: ("\\", "|"),
        44: ("z", "Z"),
        45: ("x", "X"),
        46: ("c", "C"),
        47: ("v", "V"),
        48: ("b", "B"),
        49: ("n", "N"),
        50: ("m", "M"),
        51: (",", "<"),
        52: (".", ">"),
        53: ("/", "?"),
        57: (" ", " "),
        86: ("\\", "|"),
        55: ("*", "*"),
        74: ("-", "-"),
        78: ("+", "+"),
        98: ("/", "/"),
        71: ("7", "7"),
        72: ("8", "8"),
        73: ("9", "9"),
        75: ("4", "4"),
        76: ("5", "5"),
        77: ("6", "6"),
        79: ("1", "1"),
        80: ("2", "2"),
        81: ("3", "3"),
        82: ("0", "0"),
        83: (".", "."),
    }
)
"""Key code → (plain, shifted). Keypad digits are digits whatever NumLock says."""

KEYPAD_DIGITS: Final[Mapping[int, str]] = MappingProxyType(
    {code: LAYOUT_US[code][0] for code in (71, 72, 73, 75, 76, 77, 79, 80, 81, 82)}
)
"""Key code → digit, for characters typed as Alt + decimal number."""
