"""What does this key type, with what is held and what came before it?

Laws:
* Modifiers act by their own coming and going; after lost keys the kernel says which are down.
* A key types a character, nothing yet, or a fault. No key is guessed at.

CapsLock turns letters alone, on the French digit row, too. A dead key is its character only where a space follows. The
left Alt begins a decimal number; the right one is AltGr for a key that has a third level.

>>> keyboard = Keyboard("de")
>>> keyboard.press(keys.KEY_RIGHTALT), keyboard.press(10)
('', ']')
"""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from stations.scanning.decoding import keys
from stations.scanning.outcome import Outcome

MODIFIERS: Final = keys.SHIFTS | keys.CTRLS | keys.ALTS | keys.METAS
SILENT_KEYS: Final = frozenset({keys.KEY_NUMLOCK, keys.KEY_SCROLLLOCK})
CONTROL_KEYS: Final = MappingProxyType(
    {
        keys.KEY_ESC: "\x1b",
        keys.KEY_BACKSPACE: "\b",
        keys.KEY_TAB: "\t",
        keys.KEY_ENTER: "\r",
        keys.KEY_KPENTER: "\r",
        keys.KEY_LINEFEED: "\n",
        keys.KEY_DELETE: "\x7f",
    }
)
"""Keys that type a control character by themselves."""
CONTROL_PLACES: Final = MappingProxyType({26: "\x1b", 43: "\x1c", keys.KEY_RIGHTBRACE: "\x1d", 7: "\x1e"})
"""Keys that make a control character with Ctrl by where they are, whatever is written on them."""
ALT_DIGITS_MOST: Final = 4
ALT_CODE_MOST: Final = 255

SEPARATOR: Final = "\x1d"

Typed = str | Outcome
"""A character, `""` for none yet, or what is wrong."""


class Keyboard:
    """The keyboard that one scanner imitates: its layout, and which keys are down."""

    def __init__(self, layout: keys.LayoutName, *, f8_is_separator: bool = False) -> None:
        self._layout = keys.LAYOUTS[layout]
        if f8_is_separator:
            self._layout = {**self._layout, keys.KEY_F8: (SEPARATOR, SEPARATOR)}
        self._held: set[int] = set()
        self._alt_code = ""
        self._is_alt_idle = False
        self._dead = ""
        self.caps = False

    @property
    def is_halfway(self) -> bool:
        """Whether a character has begun and not ended."""
        return bool(self._alt_code or self._dead)

    @property
    def is_held(self) -> bool:
        """Whether a modifier is down."""
        return bool(self._held)

    def press(self, code: int) -> Typed:
        """Take a key that goes down, CapsLock and terminators apart."""
        if code in MODIFIERS:
            self._is_alt_idle = self._is_alt_idle or code in keys.ALTS
            self._held.add(code)
            return ""
        if code in SILENT_KEYS:
            return ""
        self._is_alt_idle = False
        return self._completed(self._type(code, self._layout.get(code, ())))

    def release(self, code: int) -> Typed:
        """Take a key that goes up; the last Alt ends a decimal number, and is unreadable where it held none."""
        was_held = code in self._held
        self._held.discard(code)
        if not was_held or code not in keys.ALTS or self._held & keys.ALTS:
            return ""
        number, self._alt_code = self._alt_code, ""
        if not number:
            return Outcome.UNREADABLE if self._is_alt_idle else ""
        if len(number) > ALT_DIGITS_MOST or int(number) > ALT_CODE_MOST:
            return Outcome.UNREADABLE
        return self._completed(chr(int(number)))

    def hold(self, held: Collection[int]) -> None:
        """Learn which keys are down, after some events were lost."""
        self._held = set(held) & MODIFIERS
        self._alt_code = self._dead = ""

    def rest(self) -> None:
        """Begin afresh between two scans. What is held stays held."""
        self._alt_code = self._dead = ""
        self.caps = False

    def _type(self, code: int, levels: tuple[str, ...]) -> Typed:
        if self._held & keys.METAS:
            return Outcome.CONTROL_CHARACTER
        if self._held & keys.ALTS:
            return self._with_alt(code, levels)
        if self._held & keys.CTRLS:
            return control_character(code, levels[:2]) or Outcome.CONTROL_CHARACTER
        if not levels:
            return CONTROL_KEYS.get(code, Outcome.UNREADABLE)
        plain, shifted = levels[:2]
        turns = self.caps and plain != shifted == plain.upper()
        return (shifted if bool(self._held & keys.SHIFTS) ^ turns else plain) or Outcome.UNREADABLE

    def _with_alt(self, code: int, levels: tuple[str, ...]) -> Typed:
        if levels[2:] and keys.KEY_RIGHTALT in self._held and keys.KEY_LEFTALT not in self._held and not self._alt_code:
            return self._with_altgr(levels[2])
        digit = keys.KEYPAD_DIGITS.get(code)
        if digit is None:
            return Outcome.CONTROL_CHARACTER
        if len(self._alt_code) <= ALT_DIGITS_MOST:
            self._alt_code += digit
        return ""

    def _with_altgr(self, character: str) -> Typed:
        if self._held & keys.SHIFTS:
            return Outcome.UNREADABLE
        if self._held & keys.CTRLS:
            return control_character(-1, (character,)) or Outcome.CONTROL_CHARACTER
        return character

    def _completed(self, typed: Typed) -> Typed:
        """Join a dead key and the space after it."""
        if not typed or isinstance(typed, Outcome):
            return typed
        dead, self._dead = self._dead, keys.DEAD.get(typed, "")
        if dead:
            return dead if typed == " " else Outcome.UNREADABLE
        return "" if self._dead else typed


def control_character(code: int, levels: tuple[str, ...]) -> str | None:
    r"""Give the character that Ctrl makes of a key, whatever Shift says: that of its label & 0x1F (ECMA-48, 8.2).

    A key without such a label makes the one of its place, as on the keyboards of Windows.

    >>> control_character(27, ("]", "}")), control_character(7, ("6", "^")), control_character(8, ("7", "&"))
    ('\x1d', '\x1e', None)
    >>> control_character(27, ("+", "*"))
    '\x1d'
    """
    plain = levels[0] if levels else ""
    if plain and plain in "abcdefghijklmnopqrstuvwxyz[\\]":
        return chr(ord(plain) & 0x1F)
    label = next((level for level in levels if level and level in "@^_"), None)
    return chr(ord(label) & 0x1F) if label else CONTROL_PLACES.get(code)
