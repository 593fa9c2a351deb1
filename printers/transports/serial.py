"""How do bytes get to a printer on a serial line?

The line carries 8 bits, no parity, 1 stop bit, as they are. Laws:

* The line is held: another program that respects that gets EBUSY, and so does this one where another holds it.
* Linux knows no flow control by DTR, which most receipt printers are set to: the printer drops its DTR, this end sees
  its DSR go. So that lamp is looked at before each few bytes, and never more of them wait in the kernel than a printer
  still takes after it has said "wait". RTS and XON are the kernel's own affair.
* A question is not held back by "wait": a printer answers it out of paper, too, and says "wait" for just that.
* What is still in the kernel when time has run out is thrown away: closing would wait for it, for half a minute.
"""

import contextlib
import enum
import errno
import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from printers.status import Status, Unanswered
from printers.transports import Limits, TransportBroken
from printers.transports.trouble import why
from printers.transports.wire import Wire, deliver, status_over


class Flow(enum.StrEnum):
    """How a printer on a serial line says "wait"."""

    DTR = "dtr"
    RTS = "rts"
    XON = "xon"
    NONE = "none"


_BAUDS: Final = {baud: getattr(termios, f"B{baud}") for baud in (9600, 19200, 38400, 57600, 115200)}
_LAMPS: Final = {Flow.DTR: termios.TIOCM_DSR, Flow.RTS: termios.TIOCM_CTS}
"""The line of this end that the printer's goes to."""
_AHEAD_BYTES: Final = {Flow.DTR: 64, Flow.RTS: 1024}
"""At most so many are handed to the kernel at once, and as many may wait there. A printer takes 128 more after it has
said "wait" (Epson TM series, 4 KB receive buffer); with RTS the kernel stops by itself."""
_LOOK_SECONDS: Final = 0.004
"""How often the lamp and the kernel's queue are looked at: about the time of 16 bytes at 38,400 baud."""

Lamps = Callable[[int], int]
"""Gives the modem lines of an open line as bits (`TIOCMGET`); raises OSError where it has none."""


def lamps(handle: int) -> int:
    """Read the modem lines."""
    lit: int = struct.unpack("i", fcntl.ioctl(handle, termios.TIOCMGET, bytes(4)))[0]
    return lit


class SerialTransport:
    """A printer on a serial line."""

    def __init__(
        self, path: Path, baud: int, flow: Flow, *, answers: bool, limits: Limits, lamps: Lamps = lamps
    ) -> None:
        """Nothing is opened before the first call; `answers` says that the printer answers questions."""
        self._path, self._baud, self._flow = path, baud, flow
        self._answers, self._limits, self._lamps = answers, limits, lamps

    def status(self) -> Status:
        """Ask the printer; the line of one that never answers is opened all the same, to see whether it is there."""
        try:
            with self._opened() as line:
                says = f"The printer at {self._path} is there, but cannot tell how it is."
                status = status_over(line) if self._answers else Unanswered(sentence=says, is_there=True)
                if isinstance(status, Unanswered) and not line.may_send():
                    return Unanswered(sentence=self._waits())
                return status
        except OSError as error:
            return Unanswered(sentence=why(str(self._path), error))

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        may_have_left = 0
        try:
            with self._opened() as line:
                may_have_left = len(data)
                self._deliver(line, data)
                line.check()
        except OSError as error:
            raise TransportBroken(may_have_left, why(str(self._path), error)) from error

    def _deliver(self, line: "_Line", data: bytes) -> None:
        """Send a job; where the printer says "wait" from the start, tell what that may mean."""
        try:
            deliver(line, data, answers=self._answers)
        except TransportBroken as broken:
            if broken.sent or line.may_send():
                raise
            raise TransportBroken(0, self._waits()) from broken

    def _waits(self) -> str:
        """Say that the printer says "wait" from the start, which a cable that lacks the line says, too."""
        return (
            f"The printer at {self._path} says that it is not ready; switch it on, see to its paper and its cable, or "
            f"correct flow in station.toml, which is {self._flow}."
        )

    @contextlib.contextmanager
    def _opened(self) -> Iterator["_Line"]:
        """Open and hold the line, and let it go; raises OSError."""
        handle = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            _hold(handle)
            _set(handle, self._baud, self._flow)
            line = _Line(handle, self._limits, self._flow, self._lamps)
            try:
                yield line
            finally:
                line.let_go()
        finally:
            os.close(handle)


class _Line(Wire):
    """A serial line that heeds the printer's "wait"."""

    def __init__(self, handle: int, limits: Limits, flow: Flow, lamps: Lamps) -> None:
        super().__init__(handle, limits)
        self._lamp, self._ahead = _LAMPS.get(flow, 0), _AHEAD_BYTES.get(flow, 0)
        self._lamps = lamps
        self._is_question = False

    def may_send(self) -> bool:
        """Whether the printer does not say "wait"; a line without modem lines, or one that is gone, never does."""
        if not self._lamp:
            return True
        try:
            return bool(self._lamps(self._handle) & self._lamp)
        except OSError:
            return True

    def check(self) -> None:
        """Raise OSError where the line was pulled out: what it held then is gone, and looks as if it had been taken."""
        os.write(self._handle, b"")

    def let_go(self) -> None:
        """Throw away what the kernel still holds. TIOCEXCL would outlast us where another had it open."""
        with contextlib.suppress(OSError, termios.error):  # a line that is gone holds nothing and nobody
            if self._held():
                termios.tcflush(self._handle, termios.TCOFLUSH)
            fcntl.ioctl(self._handle, termios.TIOCNXCL)

    def ask(self, question: bytes, matches: Callable[[int], bool], seconds: float) -> bytes:
        """Ask as on any line; a question is not held back."""
        self._is_question = True
        try:
            return super().ask(question, matches, seconds)
        finally:
            self._is_question = False

    def _take(self, data: bytes) -> int:
        return super()._take(data[: self._ahead] if self._lamp else data)

    def _poll(self, events: int, seconds: float) -> int:
        """Wait as any line does; to write, also until the printer takes more and the kernel has little left."""
        deadline = time.monotonic() + seconds
        while events & select.POLLOUT and self._lamp and not self._is_question:
            if self._held() < self._ahead and self.may_send():
                break
            if time.monotonic() >= deadline:
                return 0
            if happened := super()._poll(0, _LOOK_SECONDS):
                return happened
        return super()._poll(events, max(0.0, deadline - time.monotonic()))

    def _come(self, events: int) -> bytes:
        """Read what is there; a line that was pulled out gives nothing, and says so besides."""
        data = super()._come(events)
        self.is_ended = self.is_ended or (not data and bool(events & (select.POLLHUP | select.POLLERR)))
        return data


def _hold(handle: int) -> None:
    """Keep others out: by a lock those that look for one, by TIOCEXCL every other user's; raises OSError."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from error
    fcntl.ioctl(handle, termios.TIOCEXCL)


def _set(handle: int, baud: int, flow: Flow) -> None:
    """Let every byte through as it is (POSIX.1-2017, 11.2), at this pace, with this flow control; raises OSError."""
    try:
        attributes = termios.tcgetattr(handle)
        attributes[0] = termios.IGNBRK | (termios.IXON if flow is Flow.XON else 0)
        attributes[1] = 0
        attributes[2] = termios.CS8 | termios.CREAD | termios.CLOCAL | (termios.CRTSCTS if flow is Flow.RTS else 0)
        attributes[3] = 0
        attributes[4] = attributes[5] = _BAUDS[baud]
        attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 1, 0
        termios.tcsetattr(handle, termios.TCSANOW, attributes)
    except termios.error as error:  # no kind of OSError, but made of the same two
        raise OSError(*error.args) from error
