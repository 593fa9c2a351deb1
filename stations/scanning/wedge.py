"""What did the scanner type? Key events of one device, in; whole scans, out.

Laws:
* One decoder per device, so that two scanners never mix their characters or their shift keys.
* No clock: time is in the events, or handed to `idle`.
* A scan is whole or it is `Garbled`. After lost keys nothing is read until a terminator or a quiet gap.
* It never raises, whatever the events.

Decoding is on key down; auto-repeat is ignored; a scan ends when a terminator goes down.

>>> from stations.scanning.typist import keystrokes
>>> wedge = Wedge("left")
>>> [scan.text for event in keystrokes("]d2ab", 0.0) if (scan := wedge.feed(event))]
[']d2ab']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from stations.scanning import keys
from stations.scanning.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection

DATA_CONTROLS: Final = frozenset("\x04\x1c\x1d\x1e\x1f")
"""EOT FS GS RS US: the control characters that structure data (GS1, ISO/IEC 15434)."""
LINE_FEED_KEYS: Final = frozenset({keys.KEY_LINEFEED, keys.KEY_DOWN})
LINE_FEED_WITHIN: Final = 0.05
"""Seconds after a terminator in which a line feed belongs to it."""
CONTROL_KEYS: Final = frozenset(
    {
        keys.KEY_ESC,
        keys.KEY_BACKSPACE,
        keys.KEY_TAB,
        keys.KEY_ENTER,
        keys.KEY_KPENTER,
        keys.KEY_LINEFEED,
        keys.KEY_DELETE,
    }
)
SILENT_KEYS: Final = frozenset({keys.KEY_NUMLOCK, keys.KEY_SCROLLLOCK})
MODIFIERS: Final = keys.SHIFTS | keys.CTRLS | keys.ALTS | keys.METAS
ALT_DIGITS_MOST: Final = 4
ALT_CODE_MOST: Final = 255


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """How one scanner types; learnt when it is paired."""

    layout: Mapping[int, tuple[str, str]] = keys.LAYOUT_US
    """Key code → (plain, shifted)."""
    terminators: frozenset[int] = frozenset({keys.KEY_ENTER, keys.KEY_KPENTER})
    """Keys that end a scan; add `KEY_TAB` for a scanner that sends Tab."""
    gap: float = 0.3
    """Seconds of silence after which an unfinished scan is given up."""
    limit: int = 4096
    """Most characters in one scan."""
    gs_key: int | None = None
    """A key that stands for GS, for scanners that send F8; Ctrl+] and Alt+029 are always understood."""
    gs_literal: str = ""
    """A text that stands for GS; empty for none, since every printable character is legal in a lot."""


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One whole scan."""

    text: str
    """The characters as sent, GS as U+001D, without the terminator."""
    device: str
    started: float
    """Seconds, of the first key."""
    ended: float
    """Seconds, of the terminator."""
    keys: int
    """Keys pressed, modifiers among them, the terminator not."""
    longest_gap: float
    """Seconds between two presses, at most: a person types with more than about 0.035."""


class Garbled(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that cannot be trusted."""

    reason: Outcome
    """`lost-input`, `control-character`, `too-long`, `truncated` or `unreadable`."""
    device: str
    text: str
    """What was read before it went wrong: evidence, never data."""
    started: float
    ended: float
    keys: int
    longest_gap: float


class Wedge:
    """The decoder of one device. Feed it every event of that device, in order."""

    def __init__(self, device: str, profile: Profile = Profile()) -> None:  # noqa: B008 -- a frozen value
        self.device = device
        self.profile = profile
        self._held: set[int] = set()
        self._caps = False
        self._alt_code = ""
        self._discarding = False
        self._touched = 0.0
        self._terminated = float("-inf")
        self._characters: list[str] = []
        self._void: Outcome | None = None
        self._started = 0.0
        self._pressed = 0.0
        self._keys = 0
        self._longest_gap = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether a scan has begun and not ended, so that silence would mean something."""
        return bool(self._characters or self._alt_code) or self._void is not None

    def wants_held(self, event: keys.KeyEvent) -> bool:
        """Whether this event ends what was dropped, so that `feed` needs to know which keys are down."""
        return self._discarding and event.type == keys.EV_SYN and event.code == keys.SYN_REPORT

    def feed(self, event: keys.KeyEvent, held: Collection[int] = ()) -> Scan | Garbled | None:
        """Take one event; give the scan that it ends, or the one that had silently died before it.

        `held` are the key codes that are down now; they count only where `wants_held` says so, after a
        SYN_DROPPED, when releases may have been lost (Linux `event-codes.rst`).
        """
        if event.type == keys.EV_SYN:
            return self._synchronise(event, held)
        if event.type != keys.EV_KEY or event.value not in (keys.UP, keys.DOWN):
            return None
        given_up = self.idle(event.time)
        if event.time - self._touched > self.profile.gap:
            self._clear()
        ended = self._key(event)
        self._touched = event.time
        return given_up or ended

    def idle(self, now: float) -> Garbled | None:
        """Give up an unfinished scan when the device has been silent for longer than the gap."""
        if not self.is_busy or now - self._touched <= self.profile.gap:
            return None
        return self._garbled(self._void or Outcome.TRUNCATED, self._touched)

    def _synchronise(self, event: keys.KeyEvent, held: Collection[int]) -> Garbled | None:
        if event.code == keys.SYN_DROPPED:
            given_up = self.idle(event.time)
            self._lose(event.time)
            self._discarding = True
            return given_up
        if self.wants_held(event):
            self._discarding = False
            self._held = set(held) & MODIFIERS
            self._caps = False
            self._alt_code = ""
        return None

    def _key(self, event: keys.KeyEvent) -> Scan | Garbled | None:
        if self._discarding:
            self._lose(event.time)
        elif event.value == keys.UP:
            self._release(event)
        elif event.code in self.profile.terminators:
            return self._terminate(event.time)
        else:
            self._press(event)
        return None

    def _press(self, event: keys.KeyEvent) -> None:
        if self._keys:
            self._longest_gap = max(self._longest_gap, event.time - self._pressed)
        elif not self.is_busy:
            self._started = event.time
        self._keys += 1
        self._pressed = event.time
        if event.code in MODIFIERS:
            self._held.add(event.code)
        elif event.code == keys.KEY_CAPSLOCK:
            self._caps = not self._caps
        elif event.code not in SILENT_KEYS:
            self._type(event.code, event.time)

    def _release(self, event: keys.KeyEvent) -> None:
        self._held.discard(event.code)
        if event.code in keys.ALTS and not self._held & keys.ALTS and self._alt_code:
            code, self._alt_code = self._alt_code, ""
            if len(code) > ALT_DIGITS_MOST or int(code) > ALT_CODE_MOST:
                self._spoil(Outcome.UNREADABLE)
            else:
                self._append(chr(int(code)))

    def _type(self, code: int, now: float) -> None:
        """Decode a key that is neither modifier nor terminator, under the modifiers held."""
        if self._held & keys.METAS:
            self._spoil(Outcome.CONTROL_CHARACTER)
        elif self._held & keys.ALTS:
            self._alt(code)
        elif self._held & keys.CTRLS:
            self._control(code, now)
        elif code == self.profile.gs_key:
            self._append("\x1d")
        elif code in LINE_FEED_KEYS and self._follows_terminator(now):
            return
        elif code in self.profile.layout:
            self._append(self._character(*self.profile.layout[code]))
        else:
            self._spoil(Outcome.CONTROL_CHARACTER if code in CONTROL_KEYS else Outcome.UNREADABLE)

    def _character(self, plain: str, shifted: str) -> str:
        shift = bool(self._held & keys.SHIFTS)
        return shifted if shift ^ (self._caps and plain.isalpha()) else plain

    def _alt(self, code: int) -> None:
        digit = keys.KEYPAD_DIGITS.get(code)
        if digit is None:
            self._spoil(Outcome.CONTROL_CHARACTER)
        elif len(self._alt_code) <= ALT_DIGITS_MOST:
            self._alt_code += digit

    def _control(self, code: int, now: float) -> None:
        character = control_character(*self.profile.layout.get(code, ("", "")))
        if character == "\n" and self._follows_terminator(now):
            return
        if character is None:
            self._spoil(Outcome.CONTROL_CHARACTER)
        else:
            self._append(character)

    def _follows_terminator(self, now: float) -> bool:
        return not self.is_busy and now - self._terminated <= LINE_FEED_WITHIN

    def _append(self, character: str) -> None:
        if is_control(character) and character not in DATA_CONTROLS:
            self._spoil(Outcome.CONTROL_CHARACTER)
        elif self._void is not None:
            return
        elif len(self._characters) >= self.profile.limit:
            self._spoil(Outcome.TOO_LONG)
        else:
            self._characters.append(character)

    def _spoil(self, reason: Outcome) -> None:
        if self._void is None:
            self._void = reason

    def _lose(self, now: float) -> None:
        if not self.is_busy:
            self._started = now
        self._void = Outcome.LOST_INPUT
        self._touched = now

    def _terminate(self, now: float) -> Scan | Garbled | None:
        self._terminated = now
        if self._alt_code:
            self._spoil(Outcome.UNREADABLE)
        if self._void is not None:
            return self._garbled(self._void, now)
        if not self._characters:
            self._forget()
            return None
        scan = Scan(
            text=self._text(),
            device=self.device,
            started=self._started,
            ended=now,
            keys=self._keys,
            longest_gap=self._longest_gap,
        )
        self._forget()
        return scan

    def _garbled(self, reason: Outcome, now: float) -> Garbled:
        garbled = Garbled(
            reason=reason,
            device=self.device,
            text=self._text(),
            started=self._started,
            ended=now,
            keys=self._keys,
            longest_gap=self._longest_gap,
        )
        self._clear()
        return garbled

    def _text(self) -> str:
        text = "".join(self._characters)
        return text.replace(self.profile.gs_literal, "\x1d") if self.profile.gs_literal else text

    def _forget(self) -> None:
        self._characters = []
        self._void = None
        self._keys = 0
        self._longest_gap = 0.0

    def _clear(self) -> None:
        """Start afresh. CapsLock is off then: a scanner toggles it only around its own data."""
        self._forget()
        self._alt_code = ""
        self._caps = False


def is_control(character: str) -> bool:
    """Whether it is a C0 control character or DEL (ECMA-48)."""
    return character < " " or character == "\x7f"


def control_character(plain: str, shifted: str) -> str | None:
    r"""Give the character that Ctrl makes of a key: its code & 0x1F, whatever Shift says (ECMA-48, 8.2).

    >>> control_character("]", "}"), control_character("6", "^"), control_character("7", "&")
    ('\x1d', '\x1e', None)
    """
    if plain and plain in "abcdefghijklmnopqrstuvwxyz[\\]":
        return chr(ord(plain) & 0x1F)
    if shifted and shifted in "@^_":
        return chr(ord(shifted) & 0x1F)
    return None
