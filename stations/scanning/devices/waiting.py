"""Has a device sent something, has it fallen silent, or is it time to stop?

Laws:
* One thread, one descriptor. The thread does nothing but wait and do what it was given.
* It can be stopped from any thread, its own too, before it starts, twice, and while it waits.
* It leaves no descriptor open, whether it was stopped or its work ended by itself.
* A device that hangs up with nothing left to read is gone: ENODEV, never an endless turn.
"""

from __future__ import annotations

import enum
import errno
import os
import select
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Heard(enum.Enum):
    """What ended a wait."""

    SOMETHING = enum.auto()
    """There is something to read."""
    SILENCE = enum.auto()
    """Nothing came in the time allowed."""
    STOP = enum.auto()
    """Somebody closed."""


class Waiting:
    """A thread that runs `work`, which waits by `hear` and returns when it hears `Heard.STOP`."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._work = work
        self._closing = threading.Event()
        self._changing = threading.Lock()
        self._wake: tuple[int, int] | None = os.pipe()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_closing(self) -> bool:
        """Whether somebody closed."""
        return self._closing.is_set()

    def start(self) -> None:
        """Begin, once; nothing begins after `close`."""
        if not self.is_closing:
            self._thread.start()

    def close(self) -> None:
        """Stop the work, and wait for it to end unless called from within it."""
        with self._changing:
            self._closing.set()
            if self._wake is not None:
                os.write(self._wake[1], b"\0")
        if self._thread.ident is None:
            self._forget()
        elif self._thread is not threading.current_thread():
            self._thread.join()

    def pause(self, seconds: float) -> bool:
        """Let time pass; give whether somebody closed meanwhile."""
        return self._closing.wait(seconds)

    def hear(self, descriptor: int, seconds: float | None) -> Heard:
        """Wait until there is something to read, for `seconds` at most, for ever where None.

        Raises OSError, ENODEV, where the device has hung up and nothing is left to read.
        """
        wake = self._wake
        if self.is_closing or wake is None:
            return Heard.STOP
        asked = select.poll()
        asked.register(descriptor, select.POLLIN)
        asked.register(wake[0], select.POLLIN)
        told = dict(asked.poll(None if seconds is None else max(0.0, seconds) * 1000))
        if wake[0] in told:
            return Heard.STOP
        if not told:
            return Heard.SILENCE
        if told[descriptor] & _GONE and not told[descriptor] & select.POLLIN:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return Heard.SOMETHING

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._forget()

    def _forget(self) -> None:
        with self._changing:
            if self._wake is not None:
                for end in self._wake:
                    os.close(end)
                self._wake = None


class Grace:
    """The time after a device was held in which what comes may be the end of something that began unheard."""

    def __init__(self, over: Callable[[], None], clock: Callable[[], float]) -> None:
        """`over` is called once, when that time is over."""
        self._over, self._clock = over, clock
        self._until: float | None = None

    def begin(self, seconds: float) -> None:
        """Begin: the device is held."""
        self._until = self._clock() + seconds

    def patience(self, gap: float | None) -> float | None:
        """Give the seconds after which silence means something: the gap of a scan under way, or the rest of the grace.

        None where it never does.
        """
        rest = None if self._until is None else self._until - self._clock()
        return min((each for each in (rest, gap) if each is not None), default=None)

    def look(self) -> None:
        """Tell where it is over."""
        if self._until is not None and self._clock() >= self._until:
            self._until = None
            self._over()
