"""A receipt printer at the other end of a pty: it takes what comes, and answers what it is asked."""

import contextlib
import os
import select
import threading
from pathlib import Path

QUESTIONS = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
IS_PRINTED = b"\x1dr\x01"
CLEAR = dict.fromkeys(QUESTIONS, b"\x12") | {IS_PRINTED: b"\0"}


class FarEnd:
    """A printer at the other end of a pty, in a thread of its own."""

    def __init__(self) -> None:
        self.end, self.near = os.openpty()
        self.path = Path(os.ttyname(self.near))
        self.taken = b""
        self.answers = dict(CLEAR)
        self.takes_at_most = 1 << 30
        """Bytes, after which it takes no more."""
        self.hangs_up = False
        """Whether its cable is then pulled out."""
        self._came = threading.Condition()
        self._stop, self._stopping = os.pipe()
        self._thread = threading.Thread(target=self._serve)
        self._closing = contextlib.ExitStack()
        for handle in (self.end, self.near, self._stop, self._stopping):
            self._closing.callback(os.close, handle)
        self._closing.callback(self._end)

    def start(self) -> None:
        """Take what comes, and answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop; it may have stopped before."""
        self._closing.close()

    def _end(self) -> None:
        os.write(self._stopping, b"!")
        if self._thread.ident:
            self._thread.join()

    def _serve(self) -> None:
        while self._stop not in select.select([self.end, self._stop], [], [])[0]:
            with self._came:
                self.taken += os.read(self.end, 64)
                self._came.notify_all()
            for question, answer in self.answers.items():
                if self.taken.endswith(question):
                    os.write(self.end, answer)
            if len(self.taken) >= self.takes_at_most:
                if self.hangs_up:
                    self.hang_up()
                return

    def hang_up(self) -> None:
        """Pull the cable out: close this end, whose number stays in use."""
        os.dup2(self._stop, self.end)

    def got(self, count: int) -> bytes:
        """Wait until so many bytes have come, and give all; a pty passes them on in its own time."""
        with self._came:
            self._came.wait_for(lambda: len(self.taken) >= count, 10.0)
            return self.taken

    @property
    def job(self) -> bytes:
        """What is to be printed of what came: the questions and the NULs before them are not."""
        data = self.taken
        for question in QUESTIONS:
            data = data.replace(bytes(8) + question, b"").replace(question, b"")
        return data
