"""What did the scanner on this serial line send? The one door to serial lines.

A scanner in serial mode (CDC-ACM) sends its text as bytes: no layout, no modifier keys, and it never reaches a console.

Laws:
* One thread per line reads and decodes, nothing else. What it finds it hands to `post`, which must not wait.
* The line is held: another program that respects that gets EBUSY, and so does this one where another holds it.
* A scan that may have begun before the line was opened is told as lost input, never as a shorter scan.
* Trouble with a device is one `ScannerLost` with a sentence, never an exception in a thread. What was under way
  is dropped.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import termios
import time
from typing import TYPE_CHECKING, Final

from stations.scanning.decoding.line import Line
from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.devices.trouble import ScannerLost, Trouble, trouble_of
from stations.scanning.devices.waiting import Grace, Heard, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.scanning.decoding.keys import KeyEvent

SPEED: Final = termios.B115200
"""A scanner that is its own serial line (CDC-ACM) ignores it; a converter needs one."""
AT_ONCE: Final = 4096
"""Bytes asked for in one read: the most that a line of the kernel keeps (Linux `n_tty.c`)."""


def open_line(path: str) -> int:
    """Open a serial line for this program alone: raw, 115,200 baud, 8 bits, no parity; give its descriptor.

    What waits to be read is thrown away: nobody knows when it was scanned. Raises OSError: EBUSY where another
    program holds the line, ENOTTY where it is none.
    """
    line = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _hold(line)
        _make_raw(line)
    except OSError:
        os.close(line)
        raise
    except termios.error as error:  # no kind of OSError, but made of the same two
        os.close(line)
        raise OSError(*error.args) from error
    return line


def _hold(line: int) -> None:
    """Keep others out: by a lock those that look for one, by TIOCEXCL every other user's."""
    try:
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from error
    fcntl.ioctl(line, termios.TIOCEXCL)


def _let_go(line: int) -> None:
    """Close a line; TIOCEXCL would outlast us where somebody had opened it before."""
    with contextlib.suppress(OSError):  # a line that is gone holds nobody out
        fcntl.ioctl(line, termios.TIOCNXCL)
    os.close(line)


def _make_raw(line: int) -> None:
    """Let every byte through as it is (POSIX.1-2017, 11.2), and let the modem's lines be."""
    attributes = termios.tcgetattr(line)
    attributes[0] = termios.IGNBRK
    attributes[1] = 0
    attributes[2] = termios.CS8 | termios.CREAD | termios.CLOCAL
    attributes[3] = 0
    attributes[4] = attributes[5] = SPEED
    attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(line, termios.TCSANOW, attributes)
    termios.tcflush(line, termios.TCIFLUSH)


def try_hold(path: str, *, open_by: Callable[[str], int] = open_line) -> OSError | None:
    """Open and hold a line and let it go at once; give what stands against it, None where nothing does."""
    try:
        _let_go(open_by(path))
    except OSError as error:
        return error
    return None


class LineReader:
    """One serial line and the thread that reads it.

    In that thread `post` is called with each scan, and once with a `ScannerLost` if the line cannot be opened, held or
    read. Before, `held` is told when scans can be relied on.
    """

    def __init__(
        self,
        device: str,
        post: Callable[[Scan | Garbled | ScannerLost, tuple[KeyEvent, ...]], None],
        profile: Profile = Profile(),  # noqa: B008 -- a frozen value
        *,
        held: Callable[[Trouble | None], None] = lambda _: None,
        open_by: Callable[[str], int] = open_line,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Call `post` and `held` as a `Reader` does: of a line there are no key events, and no lamps."""
        self.device = device
        self._post = post
        self._gap = profile.gap
        self._line = Line(device, profile)
        self._open_by = open_by
        self._clock = clock
        self._held_since: float | None = None
        """Until the first byte: when the line was opened, in seconds."""
        self._grace = Grace(lambda: held(None), clock)
        self._waiting = Waiting(f"scanner {device}", self._run)

    def start(self) -> None:
        """Open, hold and read in a thread of its own."""
        self._waiting.start()

    def close(self) -> None:
        """Stop reading and give the line back. It may be called again, before `start`, and from any thread."""
        self._waiting.close()

    def _run(self) -> None:
        try:
            line = self._open_by(self.device)
            try:
                self._held_since = self._clock()
                self._grace.begin(self._gap)
                while self._turn(line):
                    pass
            finally:
                _let_go(line)
        except OSError as error:
            self._post(ScannerLost(device=self.device, trouble=trouble_of(error)), ())

    def _turn(self, line: int) -> bool:
        """Wait for bytes and decode them; end a scan that falls silent. False where it is time to stop."""
        heard = self._waiting.hear(line, self._grace.patience(self._gap if self._line.is_busy else None))
        self._grace.look()
        if heard is Heard.SILENCE:
            self._tell(self._line.idle(self._clock()))
        elif heard is Heard.SOMETHING:
            self._decode(_read(line))
        return heard is not Heard.STOP

    def _decode(self, data: bytes) -> None:
        now = self._clock()
        if data and self._held_since is not None:
            if now - self._held_since <= self._gap:
                self._line.doubt(now)
            self._held_since = None
        for found in self._line.feed(data, now):
            self._tell(found)

    def _tell(self, found: Scan | Garbled | None) -> None:
        if found is not None:
            self._post(found, ())


def _read(line: int) -> bytes:
    """Read what waits, nothing where nothing does. Raises OSError; ENODEV where the line has hung up."""
    try:
        data = os.read(line, AT_ONCE)
    except BlockingIOError:
        return b""
    if not data:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
    return data
