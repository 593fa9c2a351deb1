r"""Was that typed by hand, or did a scanner type it?

Where no scanner can be held (a laptop, a remote terminal, one that nobody paired), a scan comes as key presses. What
tells it from a hand is its pace: characters milliseconds apart, then Enter. So every key is held back for as long as it
could belong to a scan, and then given on.

Laws:
* A scan never travels as a key press: it leaves here as a `Scan`, or as `Garbled` with its reason, never as keys.
* What was typed by hand is given on whole, in order, once, and at most `gap` after the key.
* What could be either is refused: the rest of a scan whose front was given on, or that broke off, is never taken.
* No clock: times are in the presses, or handed to `idle`.

A hand is never so fast: six different keys at a scanner's pace are none, nor is a command key (Ctrl and a letter, F1 to
F12) so close to another, which is how a hostile code would work the screens. One key that repeats because it is held
down is a hand's. A line of fewer than six characters is a scan only where it is a code we print ourselves, such as the
command sheet's digits.

>>> keys = [Press(key=one, character=one, at=number / 100) for number, one in enumerate("B0042173")]
>>> burst = Burst()
>>> [burst.press(press) for press in keys] == [()] * 8
True
>>> [found.text for found in burst.press(Press(key="enter", character="\r", at=0.08)) if isinstance(found, Scan)]
['B0042173']
>>> burst.press(Press(key="7", character="7", at=1.0)), [press.key for press in burst.idle(1.04)]
((), ['7'])
"""

import itertools
import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from stations.scanning.decoding.wedge import DATA_CONTROLS, Garbled, Scan
from stations.scanning.ours import is_ours
from stations.scanning.outcome import Outcome

KEYBOARD = "keyboard"
"""The device, and the source, of every scan that came as key presses."""
_ENDS = frozenset({"enter", "tab"})
_LINE_FEED = "ctrl+j"
_TOUCHES = frozenset({"backspace", "delete", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"})
"""Keys that a hand presses quickly after others, and that no scanner sends."""
_NEVER_HELD = frozenset({"escape"})
"""Terminals tell it late, so its time says nothing about what follows."""
_DATA_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "ctrl+d": "\x04",
        "ctrl+backslash": "\x1c",
        "ctrl+right_square_bracket": "\x1d",
        "ctrl+circumflex_accent": "\x1e",
        "ctrl+6": "\x1e",
        "ctrl+shift+6": "\x1e",
        "ctrl+underscore": "\x1f",
        "ctrl+minus": "\x1f",
        "ctrl+shift+minus": "\x1f",
    },
)
"""Control characters that structure data, by the keys as terminals name them where they give no character."""
_REPEATS = 16
"""So many of one key at a scanner's pace are a key held down: no code of that length is one character alone."""


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """One key, pressed once."""

    key: str
    """As Textual names it."""
    character: str | None
    """What it types, if anything."""
    at: float
    """Seconds, on any clock that never goes back."""

    @property
    def text(self) -> str:
        """What it adds to a scan: a printable character, or one that structures data (ISO/IEC 15434); else nothing."""
        one = self.character or ""
        if self.key.startswith("alt+"):
            return ""
        if len(one) == 1 and (one.isprintable() or one in DATA_CONTROLS):
            return one
        return _DATA_KEYS.get(self.key, "")


Given = tuple[Press | Scan | Garbled, ...]
"""What is known now, in the order in which it was pressed: keys typed by hand, scans, and what was refused."""


def refused(scan: Scan | Garbled, reason: Outcome, *, is_secret: bool = False) -> Garbled:
    """Give what is left of a scan that is not taken for this reason; of a secret, such as a PIN, no character."""
    return Garbled(
        reason=reason,
        device=scan.device,
        text="" if is_secret else scan.text,
        started=scan.started,
        ended=scan.ended,
        keys=scan.keys,
        longest_gap=scan.longest_gap,
        source=scan.source,
    )


class Burst:
    """Tells scans from typing, for one keyboard."""

    def __init__(self, *, gap: float = 0.035, least: int = 6, quiet: float = 0.3, limit: int = 4096) -> None:
        """Set the pace.

        `gap`: seconds between two keys of a scanner at most, and how long a key is held back. `least`: characters that
        no hand types so fast. `quiet`: seconds without a key after which a scan that broke off is over. `limit`: most
        keys in one scan.
        """
        self._gap, self._least, self._quiet, self._limit = gap, least, quiet, limit
        self._run: list[Press] = []
        """Held back: every key within `gap` of the one before."""
        self._last = self._typed = self._ended = self._dropped = -math.inf
        """When the last key came, a character of an unfinished line was given on, a scan ended, a broken one came."""
        self._repeating = ""

    @property
    def until(self) -> float | None:
        """When `idle` will have something to say; None where nothing is held back."""
        return self._last + self._gap if self._run else None

    def press(self, press: Press) -> Given:
        """Take a key; give what is known now."""
        before = self.idle(press.at)
        after = () if self._is_dropped(press) else self._pressed(press)
        self._last = press.at
        return (*before, *after)

    def idle(self, now: float) -> Given:
        """Give what is known because no key has come until `now`."""
        if now - self._last <= self._gap:
            return ()
        self._repeating = ""
        if not self._run:
            return ()
        return self._broken_off(Outcome.TRUNCATED) if self._is_machine() else self._by_hand()

    def _is_dropped(self, press: Press) -> bool:
        """Whether it belongs to what was refused, or is one more terminator of what has ended."""
        if press.key in (*_ENDS, _LINE_FEED) and not self._run and press.at - self._ended <= self._gap:
            return True
        if press.at - self._dropped > self._quiet:
            return False
        if press.key in _ENDS:
            self._dropped, self._ended = -math.inf, press.at
        elif press.at - self._last <= self._gap:
            self._dropped = press.at
        return True

    def _pressed(self, press: Press) -> Given:
        if press.key in _ENDS:
            return self._end(press)
        if press.key == self._repeating:
            return self._by_hand(press)
        if press.key in _TOUCHES and not self._is_machine():
            return self._by_hand(press)
        if press.key in _NEVER_HELD and not self._run:
            return self._by_hand(press)
        self._run.append(press)
        if len(self._run) == _REPEATS and self._is_one_key():
            self._repeating = press.key
            return self._by_hand()
        return self._broken_off(Outcome.TOO_LONG) if len(self._run) > self._limit else ()

    def _end(self, press: Press) -> Given:
        """Take Enter or Tab: they end a scan, or are pressed by a hand like what stands before them."""
        is_code = self._is_machine() or is_ours(self._text())
        if not is_code and not self._has_command():
            return self._by_hand(press)
        found: Scan | Garbled
        if self._has_command():
            found = self._garbled(Outcome.CONTROL_CHARACTER, press.at)
        elif self._run[0].at - self._typed <= self._quiet:
            found = self._garbled(Outcome.TRUNCATED, press.at)
        else:
            found = self._scan(press.at)
        self._run, self._ended = [], press.at
        return (found,)

    # What is held back ------------------------------------------------------------------------------------------------

    def _is_machine(self) -> bool:
        """Whether no hand is so fast."""
        return not self._is_one_key() and (len(self._run) >= self._least or self._has_command())

    def _is_one_key(self) -> bool:
        return len({press.key for press in self._run}) <= 1

    def _has_command(self) -> bool:
        return any(not press.text for press in self._run)

    def _text(self) -> str:
        return "".join(press.text for press in self._run)

    # What it is -------------------------------------------------------------------------------------------------------

    def _by_hand(self, *more: Press) -> Given:
        given = (*self._run, *more)
        self._run = []
        for press in given:
            if press.key in _ENDS:
                self._typed = -math.inf
            elif press.text:
                self._typed = press.at
        return given

    def _broken_off(self, reason: Outcome) -> Given:
        """Refuse what is held back, and what still comes of it."""
        found = self._garbled(Outcome.CONTROL_CHARACTER if self._has_command() else reason, self._run[-1].at)
        self._dropped, self._run = self._run[-1].at, []
        return (found,)

    def _scan(self, ended: float) -> Scan:
        return Scan(
            text=self._text(),
            device=KEYBOARD,
            started=self._run[0].at,
            ended=ended,
            keys=len(self._run),
            longest_gap=self._longest_gap(),
            source="keyboard",
        )

    def _garbled(self, reason: Outcome, ended: float) -> Garbled:
        return Garbled(
            reason=reason,
            device=KEYBOARD,
            text=self._text(),
            started=self._run[0].at,
            ended=ended,
            keys=len(self._run),
            longest_gap=self._longest_gap(),
            source="keyboard",
        )

    def _longest_gap(self) -> float:
        return max((after.at - before.at for before, after in itertools.pairwise(self._run)), default=0.0)
