"""A receipt printer on the network, as real ones behave: a TCP server on this machine, with paper to look at.

It takes bytes into a memory of its own and prints from there, one client at a time. What a break leaves half received
stays, whoever connects next; what it could not print is printed once it can. Real-time questions are answered at once,
`GS r 1` after printing only. A real-time question inside a picture is answered and counts as dots as well.
"""

import contextlib
import enum
import re
import select
import socket
import struct
import threading
from collections.abc import Callable
from typing import Self, cast

from printers.label import Paper
from printers.transports import Limits
from printers.virtual import Roll, Sheet, State

_PRINTING = {State.READY, State.NEAR_END}
_ANSWERS = {
    State.READY: "12 12 12 12",
    State.NEAR_END: "12 12 12 1e",
    State.OUT_OF_PAPER: "1a 32 12 7e",
    State.OFFLINE: "1a 12 12 12",
    State.COVER_OPEN: "1a 16 12 12",
    State.JAM: "1a 52 1a 12",
    State.ERROR: "1a 52 32 12",
}
"""What each state answers to `DLE EOT` 1 to 4."""
_CHANGED = bytes.fromhex("18 00 00 0f")
"""What is said unasked of a change (ASB); its last three bytes look like answers to `GS r`."""
_QUESTION = re.compile(rb"\x10\x04([\x01-\x04])")
_LEAD = re.compile(rb"(?:\0|\x10\x04[\x01-\x04])*")
"""What stands before a job: questions, and the white that ends a broken picture."""
_CHUNK = 4096
PATIENCE = 20.0
"""Seconds that pass in a hang alone."""
SOON = 0.02
"""Seconds for what is certain not to come."""
LATER = 0.5
"""Seconds for what comes with the next bytes, if at all."""
_CONFIRM = 3
"""Bytes of the question at a job's end, which waits for all before it to be taken."""


class Break(enum.StrEnum):
    """What may happen in the middle of a job, besides the states of a printer."""

    DROP = "drop"
    """The line is reset."""
    CLOSE = "close"
    """The printer closes the line in good order."""
    STALL = "stall"
    """It hangs: keeps the line and reads nothing more until it is told to be ready."""


class _Patience:
    """Limits of time that no slow machine overruns: long, until the printer broke off as it was told to."""

    connect = write = PATIENCE

    def __init__(self, printer: "NetworkPrinter") -> None:
        self._printer = printer

    @property
    def answer(self) -> float:
        return SOON if self._printer.is_stalled else PATIENCE

    @property
    def printed(self) -> float:
        if not self._printer.is_breaking:
            return PATIENCE
        return SOON if self._printer.has_broken() else LATER


class Interpreter(Roll):
    """Reads what real printers read between labels as well: questions, white, and commands cut short by a break."""

    def __init__(self, dots: int, confirm: Callable[[], None] = lambda: None) -> None:
        super().__init__(dots)
        self._confirm = confirm

    def feed(self, data: bytes) -> None:
        self._unread = (self._unread + data).lstrip(b"\0")
        while length := self._command_length():
            command, self._unread = self._unread[:length], self._unread[length:].lstrip(b"\0")
            self._obey(command)

    def all_sheets(self) -> tuple[Sheet, ...]:
        hanging = self.hanging()
        return (*self.sheets, *([hanging] if hanging else []))

    def _command_length(self) -> int:
        if not self._unread.startswith(b"\x10"):
            return super()._command_length()
        return 3 if len(self._unread) >= 3 else 0

    def _obey(self, command: bytes) -> None:
        is_empty_picture = command.startswith(b"\x1dv0") and len(command) == 8
        if command.startswith(b"\x1dr\x01"):
            self._confirm()
        elif not is_empty_picture and not _QUESTION.fullmatch(command):
            super()._obey(command)


class NetworkPrinter:
    """A context manager; everything but `host` and `port` may be used from any thread while it is entered."""

    def __init__(
        self, paper: Paper = Paper.MM58, *, answers: bool = True, memory: int = 1 << 20, noise: bytes = b""
    ) -> None:
        """`memory`: bytes it holds unprinted before it reads no more; `noise`: what it says before each answer.

        One that answers also says by itself when its state changes in the middle of a job.
        """
        self._answers, self._memory, self._noise = answers, memory, noise
        self._lock = threading.Condition()
        self._interpreter = Interpreter(paper.dots, self._confirm)
        self._state = State.READY
        self._taken, self._unprinted = bytearray(), b""
        self._armed: tuple[int, Break | State] | None = None
        self._is_stalled, self._held_up = False, b""
        self._is_closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0)
        self._wake, self._waker = socket.socketpair()
        self._wake.settimeout(0)
        self._line: socket.socket | None = None
        self._lead: bytes | None = b""
        """What came on this line before a job; none once one began."""
        self._tail = b""
        self.broke = threading.Event()
        """Set where what `after` asked for has happened."""
        self.host, self.port = self._listener.getsockname()
        self._thread = threading.Thread(target=self._serve, name="network printer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Read what has come, and stop."""
        self._is_closing = True
        self._waker.send(b"!")
        self._thread.join()
        for line in (self._line, self._listener, self._wake, self._waker):
            if line is not None:
                line.close()

    def set_state(self, word: str) -> None:
        """Put it in a state; `ready` also ends a stall, and prints what waits in its memory."""
        with self._lock:
            self._state = State(word)
            self._armed = None
            self.broke.clear()
            held_up, self._held_up, self._is_stalled = self._held_up, b"", False
            self._absorb(held_up)
        self._waker.send(b"!")

    def after(self, n: int, what: str) -> None:
        """Have that happen once, when the next job's first `n` bytes were taken: a break, or a state's word."""
        with self._lock:
            self.broke.clear()
            self._armed = (n, Break(what) if what in set(Break) else State(what))

    @property
    def is_breaking(self) -> bool:
        """Whether it is to break off, or has and was not mended."""
        with self._lock:
            return self._armed is not None or self.broke.is_set()

    def has_broken(self) -> bool:
        """Wait for the break that was asked for; false where it comes only with a job's last few bytes."""
        with self._lock:
            near = self._lock.wait_for(self._is_near, PATIENCE)
            assert near, "the job ended before the byte at which it was to break off"
            return self.broke.is_set()

    @property
    def is_stalled(self) -> bool:
        """Whether it hangs."""
        with self._lock:
            return self._is_stalled

    def limits(self) -> Limits:
        """Give limits of time for a transport that follow what this printer does, for jobs that it breaks off."""
        return cast("Limits", _Patience(self))

    def sheets(self) -> tuple[Sheet, ...]:
        """Everything on paper, oldest first; the last piece may still hang in the printer."""
        with self._lock:
            return self._interpreter.all_sheets()

    def taken(self) -> bytes:
        """Every byte it ever read, questions too."""
        with self._lock:
            return bytes(self._taken)

    # In the server's thread ---------------------------------------------------------------------------------------

    def _serve(self) -> None:
        is_stirred = True
        while is_stirred or not self._is_closing:
            poll = select.poll()
            poll.register(self._wake, select.POLLIN)
            if self._line is None:
                poll.register(self._listener, select.POLLIN)
            elif not self._is_stalled:
                poll.register(self._line, select.POLLIN if self._has_room() else 0)
            events = poll.poll(0 if self._is_closing else None)
            for handle, event in events:
                self._stir(handle, event)
            is_stirred = bool(events)

    def _stir(self, handle: int, event: int) -> None:
        if handle == self._wake.fileno():
            self._wake.recv(_CHUNK)
        elif handle == self._listener.fileno():
            self._line, _ = self._listener.accept()
            self._lead, self._tail = b"", b""
        elif event & select.POLLIN:
            self._read()
        else:
            self._hang_up()

    def _has_room(self) -> bool:
        """A question is read though the memory is full."""
        return self._lead is not None or len(self._unprinted) < self._memory

    def _read(self) -> None:
        assert self._line is not None
        try:
            data = self._line.recv(_CHUNK)
            # A sender sees at once what was taken; the kernel would wait for more to come.
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except ConnectionResetError:
            data = b""
        if data:
            with self._lock:
                self._take(data)
                self._lock.notify_all()
        else:
            self._hang_up()

    def _hang_up(self, *, reset: bool = False) -> None:
        with self._lock:
            if self._line is not None:
                if reset:
                    self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._line.close()
            self._line = None

    # Under the lock -----------------------------------------------------------------------------------------------

    def _take(self, data: bytes) -> None:
        """Take bytes of the line up to where something is to happen, and what comes after it."""
        before = self._before_job(data)
        self._absorb(data[:before])
        data = data[before:]
        if self._armed is None or not data:
            self._absorb(data)
            return
        left, what = self._armed
        self._absorb(data[:left])
        self._armed = (left - len(data[:left]), what)
        if left <= len(data):
            self._armed = None
            self._happen(what, data[left:])

    def _is_near(self) -> bool:
        return self._armed is None or self._armed[0] <= _CONFIRM

    def _before_job(self, data: bytes) -> int:
        """Count the bytes that do not yet belong to a job."""
        if self._lead is None:
            return 0
        lead = self._lead + data
        met = _LEAD.match(lead)
        end = met.end() if met else 0
        if lead[end:] in (b"", b"\x10", b"\x10\x04"):
            self._lead = lead[end:]
            return len(data)
        before = max(0, end - len(self._lead))
        self._lead = None
        return before

    def _happen(self, what: Break | State, rest: bytes) -> None:
        match what:
            case Break.DROP:
                self._hang_up(reset=True)
            case Break.CLOSE:
                self._empty_line()
                self._hang_up()
            case Break.STALL:
                self._is_stalled, self._held_up = True, rest
            case _:
                self._state = State(what)
                self._say(_CHANGED)
                self._absorb(rest)
        self.broke.set()

    def _empty_line(self) -> None:
        """Read what is there and forget it: closing would else reset the line."""
        assert self._line is not None
        self._line.settimeout(0)
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while self._line.recv(_CHUNK):
                pass

    def _absorb(self, data: bytes) -> None:
        """Answer the questions in these bytes, and print them if it can."""
        self._taken += data
        seen = self._tail + data
        for question in _QUESTION.finditer(seen):
            self._say(self._noise + bytes.fromhex(_ANSWERS[self._state])[question[1][0] - 1 :][:1])
        self._tail = seen[-2:]
        self._unprinted += data
        if self._state in _PRINTING:
            unprinted, self._unprinted = self._unprinted, b""
            self._interpreter.feed(unprinted)

    def _confirm(self) -> None:
        """Say that everything before is on paper, to whoever is connected now."""
        self._say(self._noise + (b"\x03" if self._state is State.NEAR_END else b"\x00"))

    def _say(self, answer: bytes) -> None:
        if self._line is not None and self._answers:
            with contextlib.suppress(OSError):  # the other side may have gone, as it may from any printer
                self._line.send(answer)
