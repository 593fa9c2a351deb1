"""How is a printer spoken with over one open line, without ever waiting for ever?

A socket, a serial line and the kernel's node of a USB printer are one file descriptor each: bytes go in, bytes come
out, and any of it may stop at any time. What they share stands here: waits that end, a question and its one byte, and
a job that is sent once and seen printed.

* Every wait ends by a limit. Sending may take long, as paper does; taking no byte at all for a while is the limit.
* What came before a question is no answer to it, and is dropped.
* A byte that was handed to the kernel may be on paper; a count of 0 says that certainly none is.
"""

import contextlib
import errno
import fcntl
import math
import os
import select
import stat
import struct
import termios
import time
from collections.abc import Callable
from typing import Protocol

from printers.status import (
    QUESTIONS,
    NotReady,
    Sieve,
    Status,
    Unanswered,
    is_printed_answer,
    is_realtime_answer,
    told,
)
from printers.transports import Limits, TransportBroken

PRINTED = b"\x1dr\x01"
"""`GS r 1` at the end of a job: answered with one byte once everything before it is on paper."""
_LEAD = bytes(8)
"""Goes before a question. A job that broke off inside a command would have its printer take the question for the rest
of the command, such as the size of a picture; nothing is longer than this, and a printer ignores NUL elsewhere."""
_SILENT = Unanswered(sentence="The printer does not answer; check that it is switched on and nobody else prints on it.")
_GONE = Unanswered(sentence="The line to the printer broke while it was asked; check its cable.")
_READ_BYTES = 4096
_LOOK_SECONDS = 0.002
"""How often the kernel's queue is looked at: nothing tells when it has run empty."""


class TransportStalled(TransportBroken):
    """The line holds, but the printer takes nothing: it may be out of paper with its memory full."""


class Line(Protocol):
    """What a question and a job need of a way to a printer, whether it is a file descriptor or not."""

    limits: Limits
    is_ended: bool
    """The other side went away; nothing more will come."""

    def drain(self) -> None:
        """Drop what has come so far."""

    def read(self, seconds: float) -> bytes:
        """Give whatever has come, at the latest after so long; empty then, and at the end of the line."""

    def write(self, data: bytes) -> None:
        """Send everything; raises TransportBroken. `limits.write` seconds without a byte being taken are too long."""

    def ask(self, question: bytes, matches: Callable[[int], bool], seconds: float) -> bytes:
        """Send a question, and give the one byte that came after it and matches; empty where none did in time."""


class Wire:
    """One open file descriptor; whoever opened it closes it."""

    def __init__(self, handle: int, limits: Limits) -> None:
        """Make it non-blocking."""
        os.set_blocking(handle, False)
        self._handle = handle
        self._is_socket = stat.S_ISSOCK(os.fstat(handle).st_mode)
        self._sieve = Sieve()
        self.limits = limits
        self.is_ended = False
        """The other side went away; nothing more will come."""

    def drain(self) -> None:
        """Drop what has come so far; of a printer that never stops, what comes within `limits.answer` seconds."""
        deadline = time.monotonic() + self.limits.answer
        while self.read(0) and time.monotonic() < deadline:
            pass

    def read(self, seconds: float) -> bytes:
        """Give whatever has come, at the latest after so long; empty then, and at the end of the line.

        Blocks of status that nobody asked for are left out.
        """
        deadline = time.monotonic() + seconds
        while not self.is_ended:
            left = deadline - time.monotonic()
            events = self._poll(select.POLLIN, left)
            data = self._sieve.passed(self._come(events)) if events else b""
            if data or left <= 0:
                return data
        return b""

    def write(self, data: bytes) -> None:
        """Send everything, and wait until the kernel holds none of it back; raises TransportBroken.

        `limits.write` seconds without a byte being taken are too long. What the kernel holds back would be printed when
        paper is loaded, perhaps long after the job was given up.
        """
        self._hand_over(data, self.limits.write)
        self._empty(data, self.limits.write)

    def ask(self, question: bytes, matches: Callable[[int], bool], seconds: float) -> bytes:
        """Send a question, and give the one byte that came after it and matches; empty where none did in time."""
        self.drain()
        with contextlib.suppress(TransportBroken):  # no answer either; `is_ended` tells why
            self._hand_over(question, seconds)
            deadline = time.monotonic() + seconds
            while not self.is_ended and (left := deadline - time.monotonic()) > 0:
                answer = next(filter(matches, self.read(left)), None)
                if answer is not None:
                    return bytes((answer,))
        return b""

    def _hand_over(self, data: bytes, limit: float) -> None:
        """Give everything to the kernel."""
        sent, since = 0, time.monotonic()
        try:
            while sent < len(data):
                if not self._poll(select.POLLOUT, limit) or time.monotonic() - since > limit:
                    raise _stalled(sent, sent - self._held(), data, limit)
                if taken := self._take(data[sent:]):
                    sent, since = sent + taken, time.monotonic()
                else:
                    time.sleep(_LOOK_SECONDS)  # a driver may call itself ready and yet take nothing
        except OSError as reason:
            # The kernel's driver for USB printers says EIO of a transfer that may have left in part.
            sent += len(data) - sent if reason.errno == errno.EIO else 0
            self.is_ended = True
            raise _broke(sent, sent, data) from reason

    def _empty(self, data: bytes, limit: float) -> None:
        """Wait until the other side has taken what was sent."""
        held, since = self._held(), time.monotonic()
        while held:
            if self._poll(0, _LOOK_SECONDS):
                self.is_ended = True
                raise _broke(len(data), len(data) - held, data)
            before, held = held, self._held()
            if held != before:
                since = time.monotonic()
            elif time.monotonic() - since >= limit:
                raise _stalled(len(data), len(data) - held, data, limit)
        if not self._poll(select.POLLOUT, limit):
            raise _stalled(len(data), len(data), data, limit)

    def _take(self, data: bytes) -> int:
        """Hand over what the kernel takes now."""
        try:
            return os.write(self._handle, data)
        except BlockingIOError:
            return 0

    def _come(self, events: int) -> bytes:
        """Read what is there. Nothing is the end of a socket, but not of a USB printer, which may send nothing."""
        try:
            data = os.read(self._handle, _READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            self.is_ended = True
            return b""
        self.is_ended = not data and (self._is_socket or not events & select.POLLIN)
        return data

    def _held(self) -> int:
        """Count the bytes that the other side has not taken; 0 where the kernel cannot tell."""
        try:
            count: int = struct.unpack("i", fcntl.ioctl(self._handle, termios.TIOCOUTQ, bytes(4)))[0]
        except OSError:
            return 0
        return count

    def _poll(self, events: int, seconds: float) -> int:
        """Wait for what is asked for, or for trouble; 0 after so long."""
        poll = select.poll()
        poll.register(self._handle, events)
        happened = poll.poll(max(0, math.ceil(1000 * seconds)))
        return happened[0][1] if happened else 0


def status_over(wire: Line) -> Status:
    """Ask the printer how it is: one question, one byte, four times. Silence and a broken line are `Unanswered`."""
    answers = b""
    for question in QUESTIONS:
        answer = wire.ask(question if answers else _LEAD + question, is_realtime_answer, wire.limits.answer)
        if not answer:
            return _GONE if wire.is_ended else _SILENT
        answers += answer
    return told(answers)


def deliver(wire: Line, data: bytes, *, answers: bool) -> None:
    """Send a whole job and, where the printer answers, see it printed; raises TransportBroken.

    A printer that answers is asked on this very line first: where it does not answer now, nothing of the job leaves.
    """
    if not answers:
        wire.write(data)
        return
    status = status_over(wire)
    if isinstance(status, NotReady | Unanswered):
        raise TransportBroken(0, status.sentence)
    wire.write(data.removesuffix(PRINTED))
    if data.endswith(PRINTED) and not wire.ask(PRINTED, is_printed_answer, wire.limits.printed):
        raise TransportBroken(len(data), _unconfirmed(wire))


def explained(broken: TransportBroken, status: Status) -> TransportBroken:
    """Add to a job's end what the printer says when asked anew, where that is a fault."""
    if not isinstance(status, NotReady):
        return broken
    return TransportBroken(broken.sent, _because(broken.sentence, status))


def _unconfirmed(wire: Line) -> str:
    """Say why a printer did not confirm a job that it took."""
    if wire.is_ended:
        return "The line to the printer broke before it said that the label is printed."
    what = f"The printer did not say within {wire.limits.printed:g} s that the label is printed."
    status = status_over(wire)
    return _because(what, status) if isinstance(status, NotReady | Unanswered) else what


def _because(what: str, status: NotReady | Unanswered) -> str:
    """Join what happened and its cause into one sentence."""
    return f"{what.removesuffix('.')}: {status.sentence[0].lower()}{status.sentence[1:]}"


def _stalled(sent: int, taken: int, data: bytes, seconds: float) -> TransportStalled:
    return TransportStalled(sent, f"The printer took {taken} of {len(data)} bytes and no more for {seconds:g} s.")


def _broke(sent: int, taken: int, data: bytes) -> TransportBroken:
    return TransportBroken(sent, f"The line to the printer broke after {taken} of {len(data)} bytes.")
