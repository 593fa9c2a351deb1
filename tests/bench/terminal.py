"""A terminal and a scanner in one hand: both ends of a scan are measured by one clock.

The terminal says that it takes frames whole (synchronized output, DEC private mode 2026), so the end of a frame is
told by the program that paints it and need not be guessed from silence.
"""

import contextlib
import datetime as dt
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from stations.scanning.decoding.keys import DOWN, EV_KEY, KEY_ENTER
from stations.scanning.decoding.typist import keystrokes

from .kiosk_process import EVENT

ROOT = Path(__file__).parents[2]
KEY_GAP_S = 0.001
"""Between two key events of the scanner: the polling interval of a full-speed USB device."""
PATIENCE_S = 20.0
_ASKS, _SAYS = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z$]")


class Late(Exception):
    """The terminal did not show in time what was expected."""


class Terminal:
    """A kiosk on a terminal of so many columns and rows."""

    def __init__(
        self,
        site: Path,
        columns: int,
        rows: int,
        *,
        start: dt.datetime | None = None,
        watched_by: Callable[[bytes], object] = len,
    ) -> None:
        """`start`: what the kiosk's clock shows at first, if not the time. `watched_by` is given all that is shown."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        keys, self._keys = os.pipe()
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        self._watched_by = watched_by
        theirs = (keys, orders, answers)
        moment = [start.isoformat()] if start is not None else []
        command = [sys.executable, "-m", "tests.bench.kiosk_process", str(site), *map(str, theirs), *moment]
        kind = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "", "LINES": ""}
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **kind},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=theirs,
            start_new_session=True,
        )
        for handle in (slave, *theirs):
            os.close(handle)
        self._seen = b""

    def ask(self, *words: str) -> None:
        """Have something done beside the kiosk."""
        os.write(self._orders, " ".join(words).encode() + b"\n")

    def answer(self) -> float | None:
        """Give the answer to what was asked, if it has come."""
        if not select.select([self._answers], [], [], 0)[0]:
            return None
        return float(json.loads(os.read(self._answers, 1_000)))

    def done(self, *words: str) -> float:
        """Have something done and wait for its answer; the terminal is read on meanwhile."""
        self.ask(*words)
        while (answer := self.answer()) is None:
            self._read(0.01)
        return answer

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        os.write(self._master, text.encode())

    def scan(self, text: str) -> float:
        """Type a code with the scanner and return when its last key, the terminator, went down."""
        self._seen = b""
        ended = 0.0
        for event in keystrokes(text, 0.0):
            if not ended:
                self._read(KEY_GAP_S)
            now = time.monotonic()
            os.write(self._keys, EVENT.pack(now, event.type, event.code, event.value))
            if (event.type, event.code, event.value) == (EV_KEY, KEY_ENTER, DOWN):
                ended = now
        return ended

    def shown(self, wanted: str) -> float:
        """Wait for the end of the frame that shows these words, and return when it came."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            came = self._read(0.05)
            found = self._seen.find(wanted.encode())
            if found >= 0 and self._seen.find(FRAME_ENDS, found) >= 0:
                return came
        said = _CONTROL.sub(b" ", self._seen[-3_000:]).decode(errors="replace")
        raise Late(f"{wanted!r} was expected on the terminal, found: {' '.join(said.split())}")

    def until(self, is_so: Callable[[], bool]) -> bool:
        """Read on until it is so; false if it does not come to be."""
        end = time.monotonic() + PATIENCE_S
        while not (came := is_so()) and time.monotonic() < end:
            self._read(0.05)
        return came

    def rest(self, seconds: float) -> None:
        """Read on for a while, as a person takes the next package."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(left)

    def _read(self, within_s: float) -> float:
        """Read what is there, or comes in time; return when."""
        if not select.select([self._master], [], [], within_s)[0]:
            return time.monotonic()
        try:
            data = os.read(self._master, 65_536)
        except OSError as error:
            raise Late(f"the kiosk ended: {self._seen.decode(errors='replace')}") from error
        came = time.monotonic()
        if _ASKS in data:
            os.write(self._master, _SAYS)
        self._seen += data
        self._watched_by(data)
        return came

    def close(self) -> int:
        """End the kiosk as a shutdown would, and return its exit status."""
        self._process.terminate()
        with contextlib.suppress(Late):  # it lets the terminal go a little before it ends
            while self._process.poll() is None:
                self._read(0.1)
        status = self._process.wait(PATIENCE_S)
        for handle in (self._master, self._keys, self._orders, self._answers):
            os.close(handle)
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
