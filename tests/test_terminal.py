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
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from kiosk.screens.letters import large

COLUMNS, ROWS = 80, 24
PATIENCE_S = 20.0
"""A hang is told apart from slow work by this much; nothing waits for it to pass."""
ESCAPE = "\x1b"
TAKEN = [
    (b"\x1b[?1049h", b"\x1b[?1049l"),
    (b"\x1b[?25l", b"\x1b[?25h"),
    (b"\x1b[?1000h", b"\x1b[?1000l"),
    (b"\x1b[?2004h", b"\x1b[?2004l"),
]
"""The other screen, the hidden cursor, the mouse, bracketed paste: how each is taken and given back."""


class Glass:
    """What a person at the terminal sees and types."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes = b""

    def types(self, text: str, *, then: str = "\r") -> None:
        """Type as a hand does: a key when the last one shows, so that nobody takes it for a scanner."""
        for key in text:
            self._presses(key)
        os.write(self._handle, then.encode())

    def _presses(self, key: str) -> None:
        before = self.text
        os.write(self._handle, key.encode())
        self._waits(lambda: self.text != before, f"something after {key!r}")

    def scans(self, text: str) -> None:
        """Scan with a scanner that nobody paired: it types into the terminal, much faster than a hand."""
        os.write(self._handle, f"{text}\r".encode())

    def sees(self, *words: str) -> None:
        """Wait until all of these words are on the screen at once, as text or in large letters."""
        self._waits(lambda: all(word in self.text or self._is_large(word) for word in words), str(words))

    def _waits(self, is_so: Callable[[], bool], wanted: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < until, f"{wanted} expected, found:\n" + "\n".join(self._screen.display)
            assert self.reads(), f"the program ended before it showed {wanted}: {self.bytes[-500:]!r}"

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

    def _is_large(self, word: str) -> bool:
        rows, shown = large(word), self._screen.display
        tops = [(y, line.find(rows[0])) for y, line in enumerate(shown[: len(shown) - len(rows)]) if rows[0] in line]
        return any(all(shown[y + row].startswith(text, x) for row, text in enumerate(rows)) for y, x in tops)

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


def signed_in(kiosk: Kiosk) -> Glass:
    """Badge and PIN, typed."""
    glass = kiosk.glass
    glass.sees("Scan your badge")
    glass.types("B0042173")
    glass.sees("AT:", "PIN")
    glass.types("420173")
    glass.sees("PASS", "Signed in: AT.", "Refill pick, A4W")
    return glass


def keyed(glass: Glass, code: str) -> None:
    """A code is typed twice alike."""
    glass.types(code)
    glass.sees("Key it once more", code)
    glass.types(code)


def test_a_package_is_picked_with_the_keyboard_alone(kiosk: Kiosk) -> None:
    glass = signed_in(kiosk)
    glass.types("1")
    glass.sees("Go to the shelf", "03-A-12")
    keyed(glass, "L03A12Z")
    glass.sees("Scan every package", "0 of 3")
    keyed(glass, "0999-1235-56")
    glass.sees("STOP", "asked hydrALAZINE 25 mg tablet", "scanned hydrOXYzine 25 mg tablet", "Put it back")
    glass.types(ESCAPE, then="")
    glass.sees("Scan every package", "0 of 3")
    keyed(glass, "0999-1234-56")
    glass.sees("Enter the lot")
    glass.types("LOT7A")
    glass.sees("once more")
    glass.types("LOT7A")
    glass.sees("Enter the expiry")
    glass.types("2029-02-28")
    glass.sees("once more")
    glass.types("2029-02-28")
    glass.sees("PASS", "keyed", "1 of 3")


def test_an_unpaired_scanner_types_nothing_and_its_scans_count(kiosk: Kiosk) -> None:
    glass = kiosk.glass
    glass.sees("Scan your badge")
    glass.scans("B0042173")
    glass.sees("AT:", "PIN", "keyboard scans (less safe)")
    glass.types("420173")
    glass.sees("Signed in: AT.")
    glass.scans("P00127X")
    glass.sees("Go to the shelf", "03-A-12")
    glass.scans("L03A12Z")
    glass.sees("Scan every package", "0 of 3")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_whole(kiosk: Kiosk, number: signal.Signals, tmp_path: Path) -> None:
    glass = signed_in(kiosk)
    assert termios.tcgetattr(kiosk.terminal) != kiosk.modes
    assert kiosk.end(number) == 0
    assert termios.tcgetattr(kiosk.terminal) == kiosk.modes
    for taken, given_back in TAKEN:
        assert 0 <= glass.bytes.rfind(taken) < glass.bytes.rfind(given_back)
    assert list((tmp_path / "temporary").iterdir()) == []
