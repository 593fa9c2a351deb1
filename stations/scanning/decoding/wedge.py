"""What did the scanner type? Key events of one device, in; whole scans, out.

Laws:
* One decoder per device, so that two scanners never mix their characters or their shift keys.
* No clock: time is in the events, or handed to `idle`.
* A scan is whole or it is `Garbled`. After lost keys nothing is read until a terminator or a quiet gap.
* Where a terminator ends scans, no end of one is ever a scan: what follows a pause within it is refused, too, until a
  terminator has come or `QUIET` has passed. Only after lost keys and silence the next try is read.
* It never raises, whatever the events.

Decoding is on key down; auto-repeat is ignored; a scan ends when its terminator goes down, or, where the profile
says that none is sent, with silence. Each scan starts with CapsLock off, whatever the lamp says: under the grab nobody
changes the lamp, and whether a scanner heeds it only the check card shows.

>>> from stations.scanning.decoding.typist import keystrokes
>>> wedge = Wedge("left")
>>> [scan.text for event in keystrokes("]d2ab", 0.0) if (scan := wedge.feed(event))]
[']d2ab']
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec

from stations.scanning.decoding import keys
from stations.scanning.decoding.keyboard import SEPARATOR, Keyboard, Typed
from stations.scanning.decoding.keys import KeyEvent, LayoutName
from stations.scanning.outcome import Outcome

DATA_CONTROLS: Final = frozenset("\x04\x1c\x1d\x1e\x1f")
"""EOT FS GS RS US: the control characters that structure data (GS1, ISO/IEC 15434)."""
LINE_FEED_KEYS: Final = frozenset({keys.KEY_LINEFEED, keys.KEY_DOWN})
LINE_FEED_WITHIN: Final = 0.5
"""Share of the gap after a terminator in which a line feed belongs to it: a slow scanner has a longer gap."""
QUIET: Final = 2.0
"""Seconds without a key after which a new scan begins, however the last one ended: a radio link that is still to send
the rest does not keep it so long, and a person who was told to scan again takes as long. To be checked against a site's
scanners."""
NO_CHARACTER: Final = "\N{REPLACEMENT CHARACTER}"
"""What stands in the evidence for a key that types no character."""
TAPE_MOST: Final = 40_000
"""Events kept of one scan: more than the longest one has."""
TERMINATORS: Final = MappingProxyType(
    {
        "enter": frozenset({keys.KEY_ENTER, keys.KEY_KPENTER}),
        "tab": frozenset({keys.KEY_TAB}),
        "none": frozenset[int](),
    }
)
"""Terminator of a profile → the keys that are it."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one scanner types; learnt from the check card when it is paired."""

    layout: LayoutName = "us"
    separator: Annotated[str, msgspec.Meta(pattern=r"^(ctrl|alt|f8|none|text:[ -~]{1,16})$")] = "ctrl"
    """How GS arrives: as Ctrl+], Alt+029, F8, never, or as a text that stands for it. The first two are always
    understood, for they can mean nothing else."""
    terminator: Literal["enter", "tab", "none"] = "enter"
    aim: bool = True
    """Sends symbology identifiers (ISO/IEC 15424)."""
    gap: Annotated[float, msgspec.Meta(ge=0.1, le=1.0)] = 0.3
    """Seconds of silence that end a scan: given up, or whole where there is no terminator."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 4096
    """Most characters in one scan."""
    proved: bool = False
    """The whole check card was read: layout, case, separator, terminator, no loss."""

    @property
    def stand_in(self) -> str:
        """The text that stands for GS, empty where none does."""
        return self.separator.partition(":")[2]

    @property
    def sends_separators(self) -> bool:
        """Whether it is proved that GS arrives."""
        return self.proved and self.separator != "none"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What came in and how, whether or not it can be trusted."""

    text: str
    """The characters as sent, GS as U+001D, without the terminator."""
    device: str
    started: float
    """Seconds, of the first key."""
    ended: float
    """Seconds, of the terminator; of the last key where there is none."""
    keys: int
    """Keys pressed, modifiers among them, the terminator not."""
    longest_gap: float
    """Seconds between two presses, at most: a person types with more than about 0.035."""
    aim: bool = True
    """The device sends symbology identifiers, so that a leading `]` begins one."""
    sends_separators: bool = False
    """It is proved that the device sends GS, so that a scan without one holds none."""
    terminated: bool = True
    """False: ended by silence, which the profile allows, or for which it was given up."""
    source: Literal["scanner", "serial", "keyboard"] = "scanner"

    def refused(self, reason: Outcome) -> Garbled:
        """Give the same evidence as of a scan that is refused for this reason."""
        return Garbled(**{**msgspec.structs.asdict(self), "reason": reason})


class Scan(Evidence, frozen=True, kw_only=True):
    """One whole scan."""


class Garbled(Evidence, frozen=True, kw_only=True):
    """A scan that cannot be trusted.

    Its text is evidence, never data: all that was read, control characters among it, up to the limit. U+FFFD stands for
    a key that types no character and for bytes that are none.
    """

    reason: Outcome
    """`lost-input`, `control-character`, `too-long`, `truncated` or `unreadable`."""


class Wedge:
    """The decoder of one device. Feed it every event of that device, in order."""

    def __init__(self, device: str, profile: Profile = Profile()) -> None:  # noqa: B008 -- a frozen value
        self.device = device
        self.profile = profile
        self._terminators = TERMINATORS[profile.terminator]
        self._keyboard = Keyboard(profile.layout, f8_is_separator=profile.separator == "f8")
        self._follows_a_scan = False
        self._discarding = False
        self._touched = 0.0
        self._terminated = float("-inf")
        self._characters: list[str] = []
        self._void: Outcome | None = None
        self._is_rest = False
        self._started = 0.0
        self._pressed = 0.0
        self._keys = 0
        self._longest_gap = 0.0
        self._events: list[KeyEvent] = []
        self._ended_events: tuple[KeyEvent, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether a scan has begun and not ended, so that silence would mean something."""
        has_turned_caps = self._keyboard.caps and not self._follows_a_scan
        return bool(self._characters) or self._keyboard.is_halfway or has_turned_caps or self._void is not None

    @property
    def tape(self) -> tuple[KeyEvent, ...]:
        """The events of the scan under way, else of the last one that ended; the first `TAPE_MOST` of them."""
        return tuple(self._events) if self.is_busy else self._ended_events

    def wants_held(self, event: KeyEvent) -> bool:
        """Whether this event ends what was dropped, so that `feed` needs to know which keys are down."""
        return self._discarding and event.type == keys.EV_SYN and event.code == keys.SYN_REPORT

    def hold(self, held: Collection[int]) -> None:
        """Learn which keys are down before the first event: of their going down no event will tell."""
        self._keyboard.hold(held)

    def feed(self, event: KeyEvent, held: Collection[int] = ()) -> Scan | Garbled | None:
        """Take one event; give the scan that it ends, or the one that had ended in silence before it.

        `held` are the key codes that are down now; they count only where `wants_held` says so, after a
        SYN_DROPPED, when releases may have been lost (Linux `event-codes.rst`).
        """
        is_key = event.type == keys.EV_KEY and event.value in (keys.UP, keys.DOWN)
        is_loss = event.type == keys.EV_SYN and event.code == keys.SYN_DROPPED
        if not is_key and not is_loss:
            self._record(event)
            if self.wants_held(event):
                self._discarding = False
                self._keyboard.hold(held)
            return None
        silent = None if is_loss else self.idle(event.time)  # where events were lost there was perhaps no silence
        if not self.is_busy and event.time - self._touched > self.profile.gap:
            self._clear()
        if not is_loss and event.time - self._touched > QUIET:
            self._is_rest = False
        self._record(event)
        self._discarding = self._discarding or is_loss
        ended = self._key(event)
        self._touched = event.time
        return silent or ended

    def idle(self, now: float) -> Scan | Garbled | None:
        """End a scan when the device has been silent for longer than the gap: as whole where no terminator is sent."""
        if not self.is_busy or now - self._touched <= self.profile.gap:
            return None
        if self._terminators or self._keyboard.is_held:
            self._spoil(Outcome.TRUNCATED)
        return self._end(self._touched, terminated=False)

    def _record(self, event: KeyEvent) -> None:
        if len(self._events) < TAPE_MOST:
            self._events.append(event)

    def _key(self, event: KeyEvent) -> Scan | Garbled | None:
        if self._discarding:
            self._lose(event.time)
        elif event.value == keys.UP:
            typed = self._keyboard.release(event.code)
            if self.is_busy or not isinstance(typed, Outcome):
                self._append(typed)
        elif event.code in self._terminators:
            return self._terminate(event.time)
        else:
            self._press(event)
        return None

    def _lose(self, now: float) -> None:
        if not self.is_busy:
            self._started = now
        self._void = Outcome.LOST_INPUT

    def _press(self, event: KeyEvent) -> None:
        if self._keys:
            self._longest_gap = max(self._longest_gap, event.time - self._pressed)
        elif not self.is_busy:
            self._started = event.time
        self._keys += 1
        self._pressed = event.time
        if event.code == keys.KEY_CAPSLOCK:
            self._turn_caps(event)
        else:
            typed = "\n" if event.code in LINE_FEED_KEYS else self._keyboard.press(event.code)
            is_paired = (
                typed == "\n"
                and not self.is_busy
                and event.time - self._terminated <= LINE_FEED_WITHIN * self.profile.gap
            )
            if is_paired:
                self._drop()
            else:
                self._append(typed)

    def _turn_caps(self, event: KeyEvent) -> None:
        """Turn CapsLock.

        Right after a scan it may be that scan's last act or the next one's first. Both leave it on for the next one:
        a scanner that turns it off after one scan turns it on before the other.
        """
        if self._follows_a_scan and not self.is_busy:
            self._drop()
            self._record(event)
            self._started, self._pressed, self._keys = event.time, event.time, 1
            self._keyboard.caps = True
        else:
            self._keyboard.caps = not self._keyboard.caps

    def _append(self, typed: Typed) -> None:
        if not typed:
            return
        if isinstance(typed, Outcome):
            self._spoil(typed)
        elif is_control(typed) and typed not in DATA_CONTROLS:
            self._spoil(Outcome.CONTROL_CHARACTER)
        if len(self._characters) >= self.profile.limit:
            self._spoil(Outcome.TOO_LONG)
        else:
            self._characters.append(NO_CHARACTER if isinstance(typed, Outcome) else typed)

    def _spoil(self, reason: Outcome) -> None:
        if self._void is None:
            self._void = reason

    def _terminate(self, now: float) -> Scan | Garbled | None:
        self._terminated = now
        if not self.is_busy:
            self._drop()
            self._is_rest = False
            return None
        return self._end(now, terminated=True)

    def _end(self, now: float, *, terminated: bool) -> Scan | Garbled:
        if self._is_rest:
            self._spoil(Outcome.TRUNCATED)
        if self._keyboard.is_halfway:
            self._spoil(Outcome.UNREADABLE)
        whole = self._scan(now, terminated=terminated)
        found = whole if self._void is None else whole.refused(self._void)
        self._ended_events = tuple(self._events)
        self._clear()
        self._follows_a_scan = True
        # Where the kernel lost keys it lost the terminator with them: what comes after silence is the next try.
        is_lost = isinstance(found, Garbled) and found.reason is Outcome.LOST_INPUT
        self._is_rest = bool(self._terminators) and not terminated and not is_lost
        return found

    def _scan(self, now: float, *, terminated: bool) -> Scan:
        return Scan(
            text=with_separators("".join(self._characters), self.profile),
            device=self.device,
            started=self._started,
            ended=now,
            keys=self._keys,
            longest_gap=self._longest_gap,
            aim=self.profile.aim,
            sends_separators=self.profile.sends_separators,
            terminated=terminated,
        )

    def _drop(self) -> None:
        """Forget what has been pressed since the last scan: it is no part of the next one."""
        self._characters = []
        self._void = None
        self._keys = 0
        self._longest_gap = 0.0
        self._events = []

    def _clear(self) -> None:
        self._drop()
        self._keyboard.rest()
        self._follows_a_scan = False


def with_separators(text: str, profile: Profile) -> str:
    """Read what stands for GS as GS."""
    return text.replace(profile.stand_in, SEPARATOR) if profile.stand_in else text


def is_control(character: str) -> bool:
    """Whether it is a control character: C0, DEL or C1 (Unicode category Cc)."""
    return unicodedata.category(character) == "Cc"
