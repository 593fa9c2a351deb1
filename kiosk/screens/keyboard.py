"""What of the terminal's keys reaches the screens?

Every key passes `Burst` before a binding or a widget can see it. What was typed by hand goes on as it came, at most
some 60 ms later; a scan goes to the app as a scan.
"""

import functools
from abc import abstractmethod
from collections.abc import Callable

import msgspec
from textual import events
from textual.app import App

from kiosk.screens.burst import Burst, Given
from kiosk.screens.press import Press
from stations.scanning.decoding.wedge import Garbled, Scan

_ON_ITS_WAY_S = 0.005
"""How long a key may be under way from the terminal: silence is sure only after that."""


class Keyboard(msgspec.Struct, frozen=True, kw_only=True):
    """What a bench does with scans that come through its keyboard."""

    takes_scans: bool = True
    has_scanner: Callable[[], bool] = lambda: True
    """Whether a scanner is paired; without one the keyboard is the only way for a scan."""


class KeyboardApp(App[None], inherit_bindings=False):
    """An app whose keyboard may be a scanner."""

    def __init__(self, burst: Burst, *, plain: bool) -> None:
        """`burst` tells scans from typing, at its own pace; `plain` is for terminals with few colours."""
        super().__init__(ansi_color=True if plain else None)
        self._burst = burst
        self._is_waiting = False
        """Whether silence is being waited for, after held keys."""

    @abstractmethod
    def scanned(self, scan: Scan | Garbled) -> None:
        """Take what was scanned through the keyboard."""

    async def on_event(self, event: events.Event) -> None:
        """Hold a key back while it may belong to a scan; let everything else through."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        # The time is that of the terminal's thread: an app that was busy meanwhile must not take a hand for a scanner.
        await self._told(self._burst.press(Press(key=event.key, character=event.character, at=event.time)))
        if not self._is_waiting:
            self._wait(event.time)

    async def _told(self, given: Given) -> None:
        for found in given:
            if isinstance(found, Press):
                await super().on_event(events.Key(found.key, found.character))
            else:
                self.scanned(found)

    def _wait(self, since: float) -> None:
        """Wait until held keys can be nothing but typed; `since` is about now, on the clock of the keys."""
        until = self._burst.until
        self._is_waiting = until is not None
        if until is not None:
            self.set_timer(until - since + _ON_ITS_WAY_S, functools.partial(self._fell_silent, until))

    async def _fell_silent(self, until: float) -> None:
        await self._told(self._burst.idle(until + _ON_ITS_WAY_S))
        self._wait(until + _ON_ITS_WAY_S)
