r"""Was that typed by hand, or did a scanner type it?

Where no scanner can be held (a laptop, a remote terminal, one that nobody paired), a scan comes as key presses. What
tells it from a hand is its pace. So every key is held back while it could belong to a scan, and then given on.

No hand does this:
* two keys and Enter, each at most 15 ms after the one before, whatever the keys are;
* four keys in a row 15 ms apart at most, six at most 35 ms, eight at most 50 ms; at the two slower paces a key that
  repeats counts once where it comes first, for it may be held down;
* four keys and Enter, each at most 35 ms after the one before; a key that repeats counts once there;
* a command key (Ctrl and a letter, F1 to F12) at most 35 ms from another key or from Enter, which is how a hostile code
  would work the screens.

Laws:
* What no hand does is never given on: it leaves as a `Scan`, or as `Garbled` with its reason. A code of ours whose keys
  are 50 ms apart at most is a scan, too, however short.
* What was typed by hand is given on whole, in order, once, and at most 50 ms after the last key it could belong to.
* What could be either is refused and told: the rest of a scan whose front was given on, six or more characters of one
  repeating key with Enter 35 ms behind, and for 2 s after a scan that broke off the next line of a scanner, an Enter
  alone, and any keys with Enter that are 35 ms apart at most. What follows a scan that broke off within 0.3 s is
  dropped with it.
* No clock: times are in the presses, or handed to `idle`.

What cannot be told is given on: a line of fewer keys than that, at 16 to 50 ms; so few keys that come more than 50 ms
before the rest of their scan; sixteen repeats of one key, more than 15 ms apart, as of a key held down. Arrows and the
like that come first are given on at once, for alone they enter nothing.

>>> keys = [Press(key=one, character=one, at=number / 100) for number, one in enumerate("B0042173")]
>>> burst = Burst()
>>> [burst.press(press) for press in keys] == [()] * 8
True
>>> [found.text for found in burst.press(Press(key="enter", character="\r", at=0.08)) if isinstance(found, Scan)]
['B0042173']
>>> burst.press(Press(key="7", character="7", at=1.0)), [press.key for press in burst.idle(1.06)]
((), ['7'])
"""

import enum
import math
from itertools import pairwise

from kiosk.screens.press import ENDS, LINE_FEED, NEVER_HELD, TOUCHES, Press
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.ours import is_ours
from stations.scanning.outcome import Outcome

KEYBOARD = "keyboard"
"""The device, and the source, of every scan that came as key presses."""
_SURE_S, _PACE_S = 0.015, 0.035
"""Seconds from key to key: a pace that even two fingers do not reach, and a scanner's usual one."""
_MOST_SURE, _MOST_FAST, _MOST_SLOW = 4, 6, 8
"""Keys in a row that no hand types at the sure pace, at the usual one, and at the slowest that is looked at."""
_REPEATS = 16
"""So many of one key, slower than the sure pace, are a key held down."""


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


class State(enum.StrEnum):
    """What the next key is taken as."""

    QUIET = "quiet"
    """Nothing is held back: it begins something."""
    HELD = "held"
    """Keys are held back: it belongs to them, for a silence of `gap` would have told what they are."""
    PASSING = "passing"
    """A hand holds a key down, or moves about: the same key again is given on at once."""
    DROPPING = "dropping"
    """A scan broke off: it is the rest of it, until a terminator or a silence of `quiet`."""
    ENDED = "ended"
    """A line has just ended: one more terminator belongs to it."""


class Burst:
    """Tells scans from typing, for one keyboard."""

    def __init__(self, *, gap: float = 0.05, quiet: float = 0.3, anew: float = 2.0, limit: int = 4096) -> None:
        """Set the pace, in seconds.

        `gap`: between two keys of a scanner at most, and how long a key is held back; with 0 every key is a hand's.
        `quiet`, `anew`: how long the rest of a scan that broke off is dropped, and waited for. `limit`: keys of a scan.
        """
        self._gap, self._quiet, self._anew, self._limit = gap, quiet, anew, limit
        self._sure, self._pace = min(_SURE_S, gap), min(_PACE_S, gap)
        self.state = State.QUIET
        """What the next key is taken as, if it comes at once."""
        self._run: list[Press] = []
        """Held back: every key within `gap` of the one before."""
        self._last = self._before = Press(key="", character=None, at=-math.inf)
        """The last two keys, whatever became of them."""
        self._passing = ""
        self._typed = -math.inf
        """When a key of a line that is not entered yet was last given on."""
        self._broken = -math.inf
        """When the last key of a scan came that broke off and whose terminator has not come."""

    @property
    def until(self) -> float | None:
        """When `idle` will have something to say; None where nothing is held back."""
        return self._last.at + self._gap if self._run else None

    def press(self, press: Press) -> Given:
        """Take a key; give what is known now."""
        before = self.idle(press.at)
        step = {
            State.QUIET: self._begin,
            State.HELD: self._hold,
            State.PASSING: self._pass,
            State.DROPPING: self._drop,
            State.ENDED: self._after,
        }[self.state]
        after = step(press)
        self._before, self._last = self._last, press
        return (*before, *after)

    def idle(self, now: float) -> Given:
        """Give what is known because no key has come until `now`."""
        if now - self._last.at <= self._gap:
            return ()
        given: Given = ()
        if self._run:
            given = self._broken_off(Outcome.TRUNCATED) if self._is_machine() else self._by_hand(*self._run)
        if self.state is not State.DROPPING or now - self._broken > self._quiet:
            self.state = State.QUIET
        return given

    # One key, by state ------------------------------------------------------------------------------------------------

    def _begin(self, press: Press) -> Given:
        if press.key in ENDS:
            return self._enter_alone(press)
        if self._works_screens(self._last, press):
            self._run = [press]
            return self._broken_off(Outcome.CONTROL_CHARACTER)
        if press.key in NEVER_HELD:
            return self._by_hand(press)
        if press.key in TOUCHES:
            return self._by_hand(press, passing=press.key)
        self._run, self.state = [press], State.HELD
        return ()

    def _hold(self, press: Press) -> Given:
        if press.key in ENDS:
            return self._end(press)
        self._run.append(press)
        if len(self._run) > self._limit:
            return self._broken_off(Outcome.TOO_LONG)
        is_held_down = len(self._run) == _REPEATS and {one.key for one in self._run} == {press.key}
        return self._by_hand(*self._run, passing=press.key) if is_held_down and not self._is_machine() else ()

    def _pass(self, press: Press) -> Given:
        return self._by_hand(press, passing=press.key) if press.key == self._passing else self._begin(press)

    def _drop(self, press: Press) -> Given:
        if press.key in ENDS:
            self._ended(State.ENDED)
        elif press.at - self._last.at <= self._gap:
            self._broken = press.at
        return ()

    def _after(self, press: Press) -> Given:
        return () if press.key in ENDS or press.key == LINE_FEED else self._begin(press)

    # Enter and Tab ----------------------------------------------------------------------------------------------------

    def _enter_alone(self, press: Press) -> Given:
        """Take one with nothing held back before it: a hand's, but for what a scanner may have begun."""
        is_behind_repeats = self.state is State.PASSING and self._last.text and press.at - self._last.at <= self._pace
        is_rest = press.at - self._broken <= self._anew and self._typed < self._broken
        if is_rest or is_behind_repeats or self._is_sure(press):
            self._ended(State.ENDED)
            return (self._garbled([press], Outcome.TRUNCATED, press.at),)
        return self._by_hand(press)

    def _end(self, press: Press) -> Given:
        """Take one behind keys that are held back: it ends a scan, or is pressed by a hand like what stands before."""
        run, text = self._run, "".join(one.text for one in self._run)
        is_command = self._works_screens(run[-1], press)
        is_machine = is_command or self._is_machine() or self._is_sure(press) or is_ours(text)
        is_quick = len(text) == len(run) and press.at - run[-1].at <= self._pace
        is_after_broken = run[0].at - self._broken <= self._anew
        is_line = is_quick and all(after.at - before.at <= self._pace for before, after in pairwise(run))
        is_short_line = is_line and (is_after_broken or self._in_a_row(self._pace) >= _MOST_SURE)
        is_fast = is_quick and self._in_a_row(self._pace, repeats=True) >= _MOST_FAST
        if not (is_machine or is_fast or is_short_line):
            return self._by_hand(*run, press)
        is_rest = run[0].at - self._typed <= self._quiet or is_after_broken
        self._ended(State.ENDED)
        if len(text) < len(run):
            return (self._garbled(run, Outcome.CONTROL_CHARACTER, press.at),)
        if is_rest or not is_machine:
            return (self._garbled(run, Outcome.TRUNCATED if is_rest else Outcome.UNREADABLE, press.at),)
        return (_scan(run, press.at),)

    # What no hand does ------------------------------------------------------------------------------------------------

    def _is_machine(self) -> bool:
        """Whether what is held back was typed by no hand, whatever comes after it."""
        return (
            any(self._works_screens(*pair) for pair in pairwise(self._run))
            or self._in_a_row(self._sure, repeats=True) >= _MOST_SURE
            or self._in_a_row(self._pace) >= _MOST_FAST
            or self._in_a_row(self._gap) >= _MOST_SLOW
        )

    def _in_a_row(self, apart: float, *, repeats: bool = False) -> int:
        """Count the most held keys in a row that are at most so far apart.

        Without `repeats` a key that repeats counts once where it comes first: before a key held down repeats, there is
        a pause.
        """
        most = count = 1
        is_one_key = True
        for before, after in pairwise(self._run):
            if after.at - before.at > apart:
                count, is_one_key = 1, True
                continue
            is_one_key = is_one_key and after.key == before.key
            count += repeats or not is_one_key
            most = max(most, count)
        return most

    def _works_screens(self, before: Press, after: Press) -> bool:
        """Whether one of two keys is a command's, and the other one so close that no hand pressed both."""
        is_command = (before.is_command and before.key not in NEVER_HELD) or after.is_command
        return is_command and before.key != after.key and after.at - before.at <= self._pace

    def _is_sure(self, end: Press) -> bool:
        """Whether two keys and Enter come at the sure pace."""
        return max(end.at - self._last.at, self._last.at - self._before.at) <= self._sure

    # What it is -------------------------------------------------------------------------------------------------------

    def _by_hand(self, *given: Press, passing: str = "") -> Given:
        self._run, self._passing = [], passing
        self.state = State.PASSING if passing else State.QUIET
        for press in given:
            if press.key in ENDS:
                self._ended(State.QUIET)
            elif not press.is_command:
                self._typed = press.at
        return given

    def _ended(self, state: State) -> None:
        """End a line: neither what was typed nor what broke off has a rest any more."""
        self._run, self.state = [], state
        self._typed = self._broken = -math.inf

    def _broken_off(self, reason: Outcome) -> Given:
        """Refuse what is held back, and what still comes of it."""
        run, self._run = self._run, []
        self._broken, self.state = run[-1].at, State.DROPPING
        is_text = all(one.text for one in run)
        return (self._garbled(run, reason if is_text else Outcome.CONTROL_CHARACTER, run[-1].at),)

    def _garbled(self, run: list[Press], reason: Outcome, ended: float) -> Garbled:
        return refused(_scan(run, ended), reason)


def _scan(run: list[Press], ended: float) -> Scan:
    return Scan(
        text="".join(one.text for one in run),
        device=KEYBOARD,
        started=run[0].at,
        ended=ended,
        keys=len(run),
        longest_gap=max((after.at - before.at for before, after in pairwise(run)), default=0.0),
        source="keyboard",
    )
