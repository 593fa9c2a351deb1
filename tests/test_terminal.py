"""The real program on a real terminal, worked with the keyboard alone, and left whole.

A pseudo-terminal stands in for the glass; `pyte` draws what a person would see on it.
"""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

COLUMNS, ROWS = 80, 24
PATIENCE_S = 20.0
"""A hang is told apart from slow work by this much; nothing waits for it to pass."""
ESCAPE = "\x1b"


class Glass:
    """What a person at the terminal sees and types."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes = b""

    def types(self, text: str, *, then: str = "\r") -> None:
        os.write(self._handle, f"{text}{then}".encode())

    def sees(self, *words: str) -> None:
        """Wait until all of these words are on the screen at once."""
        until = time.monotonic() + PATIENCE_S
        while not all(word in self.text for word in words):
            assert time.monotonic() < until, f"{words} expected, found:\n" + "\n".join(self._screen.display)
            assert self.reads(), f"the program ended before it showed {words}: {self.bytes[-500:]!r}"

    def reads(self) -> bool:
        """Take what is there, or comes soon; false where nobody writes any more."""
        if select.select([self._handle], [], [], 0.1)[0]:
            try:
                data = os.read(self._handle, 65_536)
            except OSError:  # the other side was closed
                return False
            self.bytes += data
            self._stream.feed(data)
        return True

    @property
    def text(self) -> str:
        """All words of the screen, one space between any two."""
        return " ".join(" ".join(self._screen.display).split())


class Kiosk:
    """The demo, running on a terminal of its own."""

    def __init__(self, home: Path) -> None:
        handle, self.terminal = pty.openpty()
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.modes = termios.tcgetattr(self.terminal)
        self.glass, self._handle = Glass(handle), handle
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "demo"],
            env={**os.environ, "TERM": "xterm-256color", "TMPDIR": str(home)},
            stdin=self.terminal,
            stdout=self.terminal,
            stderr=self.terminal,
            start_new_session=True,
        )

    def end(self, number: signal.Signals) -> int:
        """Send the signal and give the exit status."""
        self.process.send_signal(number)
        until = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < until, "the program does not end"
            self.glass.reads()
        while select.select([self._handle], [], [], 0)[0]:
            self.glass.reads()
        return self.process.returncode

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self.terminal)
        os.close(self._handle)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    home = tmp_path / "temporary"
    home.mkdir()
    kiosk = Kiosk(home)
    yield kiosk
    kiosk.close()


def test_a_package_is_picked_with_the_keyboard_alone(kiosk: Kiosk) -> None:
    glass = kiosk.glass
    glass.sees("Scan your badge")
    glass.types("B0042173")
    glass.sees("enter your PIN")
    glass.types("420173")
    glass.sees("Refill pick, A4W")
    glass.types("1")
    glass.sees("Go to the shelf")
    glass.types("L03A12Z")
    glass.sees("once more")
    glass.types("L03A12Z")
    glass.sees("Scan every package", "0 of 3")
    raise AssertionError("\n".join(glass._screen.display))
