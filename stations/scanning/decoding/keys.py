"""Which key is it? The kernel's key events, and what each key types on the keyboards that scanners imitate.

The numbers are those of Linux `input-event-codes.h`, written here so that decoding needs no evdev. Codes are
positions, not characters: the console's keymap has no say in what a scanner means.

>>> LAYOUTS["us"][KEY_RIGHTBRACE], LAYOUTS["de"][10]
((']', '}'), ('9', ')', ']'))
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec

EV_SYN: Final = 0
EV_KEY: Final = 1
EV_MSC: Final = 4
MSC_SCAN: Final = 4
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
KEY_J: Final = 36
KEY_LEFTSHIFT: Final = 42
KEY_RIGHTSHIFT: Final = 54
KEY_LEFTALT: Final = 56
KEY_SPACE: Final = 57
KEY_CAPSLOCK: Final = 58
KEY_F8: Final = 66
KEY_NUMLOCK: Final = 69
KEY_SCROLLLOCK: Final = 70
KEY_KPDOT: Final = 83
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


LayoutName = Literal["us", "uk", "de", "fr"]
Layout = Mapping[int, tuple[str, ...]]
"""Key code → (plain, shifted[, with AltGr]). A dead key types a combining character, see `DEAD`."""

DEAD: Final[Mapping[str, str]] = MappingProxyType(
    {"\u0300": "`", "\u0301": "\N{ACUTE ACCENT}", "\u0302": "^", "\u0303": "~", "\u0308": "\N{DIAERESIS}"}
)
"""What a dead key types → the character it gives with the space that follows."""

KEYPAD_DIGITS: Final[Mapping[int, str]] = MappingProxyType(
    {71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0"}
)
"""Key code → digit, whatever NumLock says; also for characters typed as Alt + decimal number."""

_KEYPAD: Final[Layout] = {
    **{code: (digit, digit) for code, digit in KEYPAD_DIGITS.items()},
    55: ("*", "*"),
    74: ("-", "-"),
    78: ("+", "+"),
    98: ("/", "/"),
}

_US: Final[Layout] = {
    **_KEYPAD,
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
    83: (".", "."),
}

_UK: Final[Layout] = {
    **_US,
    3: ("2", '"'),
    4: ("3", "£"),
    5: ("4", "$", "€"),
    40: ("'", "@"),
    41: ("`", "¬", "¦"),
    43: ("#", "~"),
    18: ("e", "E", "é"),
    22: ("u", "U", "ú"),
    23: ("i", "I", "í"),
    24: ("o", "O", "ó"),
    30: ("a", "A", "á"),
}

_DE: Final[Layout] = {
    **{code: levels for code, levels in _US.items() if code != KEY_KPDOT},
    3: ("2", '"', "²"),
    4: ("3", "§", "³"),
    7: ("6", "&"),
    8: ("7", "/", "{"),
    9: ("8", "(", "["),
    10: ("9", ")", "]"),
    11: ("0", "=", "}"),
    12: ("ß", "?", "\\"),
    13: ("\u0301", "\u0300"),
    16: ("q", "Q", "@"),
    18: ("e", "E", "€"),
    21: ("z", "Z"),
    26: ("ü", "Ü"),
    27: ("+", "*", "~"),
    39: ("ö", "Ö"),
    40: ("ä", "Ä"),
    41: ("\u0302", "°"),
    43: ("#", "'"),
    44: ("y", "Y"),
    50: ("m", "M", "µ"),
    51: (",", ";"),
    52: (".", ":"),
    53: ("-", "_"),
    86: ("<", ">", "|"),
}

_FR: Final[Layout] = {
    **_US,
    2: ("&", "1"),
    3: ("é", "2", "\u0303"),
    4: ('"', "3", "#"),
    5: ("'", "4", "{"),
    6: ("(", "5", "["),
    7: ("-", "6", "|"),
    8: ("è", "7", "\u0300"),
    9: ("_", "8", "\\"),
    10: ("ç", "9", "^"),
    11: ("à", "0", "@"),
    12: (")", "°", "]"),
    13: ("=", "+", "}"),
    16: ("a", "A"),
    17: ("z", "Z"),
    18: ("e", "E", "€"),
    26: ("\u0302", "\u0308"),
    27: ("$", "£", "¤"),
    30: ("q", "Q"),
    39: ("m", "M"),
    40: ("ù", "%"),
    41: ("²", ""),
    43: ("*", "µ"),
    44: ("w", "W"),
    50: (",", "?"),
    51: (";", "."),
    52: (":", "/"),
    53: ("!", "§"),
    86: ("<", ">"),
}

LAYOUTS: Final[Mapping[LayoutName, Layout]] = MappingProxyType(
    {
        "us": MappingProxyType(_US),
        "uk": MappingProxyType(_UK),
        "de": MappingProxyType(_DE),
        "fr": MappingProxyType(_FR),
    }
)
"""The keyboards of Windows, which scanners imitate, by name. A keypad key that types another mark on some machines
(the comma of a German keypad) is left out, so that it is refused instead of guessed."""
