"""How do bytes get to a printer over the network (raw TCP, port 9100)?

Connected anew for each question and each job, for such a printer serves one at a time and lets the others wait in
silence. Each way in which a connection fails has a mend of its own, and is told with it.
"""

import contextlib
import errno
import queue
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

from printers.status import Status, Unanswered
from printers.transports import Limits, TransportBroken
from printers.transports.wire import TransportStalled, Wire, deliver, explained, status_over

_KEEPING, _DISCARDING = struct.pack("ii", 0, 0), struct.pack("ii", 1, 0)
"""Values of SO_LINGER: what was not taken when the line is closed is still sent, or thrown away."""
_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_Addresses = list[tuple[socket.AddressFamily, Any]]
"""Where to connect to; the shape of an address differs by family."""


class NetworkTransport:
    """A printer with an address."""

    def __init__(self, host: str, port: int, *, answers: bool, limits: Limits) -> None:
        """Nothing is connected before the first call."""
        self._host, self._port, self._answers, self._limits = host, port, answers, limits
        self._where = f"{host}:{port}"

    def status(self) -> Status:
        """Ask the printer; one that never answers is connected to all the same, to see whether it is there."""
        try:
            with self._wire() as wire:
                if not self._answers:
                    says = f"The printer at {self._where} is there, but cannot tell how it is."
                    return Unanswered(sentence=says, is_there=True)
                return _told(wire)
        except TransportBroken as broken:
            return Unanswered(sentence=broken.sentence)

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        try:
            with self._wire() as wire:
                deliver(wire, data, answers=self._answers)
        except TransportStalled as stalled:
            if not self._answers:
                raise
            raise explained(stalled, self.status()) from stalled

    @contextlib.contextmanager
    def _wire(self) -> Iterator[Wire]:
        """Connect, and close when done; after trouble, what was not taken never will be."""
        with self._connected() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARDING)
            yield Wire(line.fileno(), self._limits)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _KEEPING)

    def _connected(self) -> socket.socket:
        """Connect to the first of the printer's addresses that takes it; raises TransportBroken, with 0 sent."""
        deadline = time.monotonic() + self._limits.connect
        trouble: OSError = TimeoutError()
        addresses = self._addresses()
        for left, (family, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                return _line(family, address, max(0.001, deadline - time.monotonic()) / left)
            except OSError as reason:
                trouble = reason
        raise TransportBroken(0, self._sentence(trouble)) from trouble

    def _addresses(self) -> _Addresses:
        """Look the printer's name up, which by itself has no limit of time; raises TransportBroken."""
        found: queue.SimpleQueue[_Addresses | None] = queue.SimpleQueue()
        asking = threading.Thread(target=_look_up, args=(self._host, self._port, found), daemon=True)
        asking.start()
        try:
            addresses = found.get(timeout=self._limits.connect)
        except queue.Empty:
            addresses = None
        if not addresses:
            sentence = f"The printer's name {self._host} is not known to this network; correct it or use its address."
            raise TransportBroken(0, sentence)
        return addresses

    def _sentence(self, trouble: OSError) -> str:
        """Say why there is no connection, and what mends it."""
        if isinstance(trouble, ConnectionRefusedError):
            return f"The printer at {self._where} refuses the connection; see whether it is the printer's own address."
        if trouble.errno in _NO_WAY:
            return f"There is no way to the printer at {self._where}; check the network cables."
        if isinstance(trouble, TimeoutError):
            return f"Nothing answers at {self._where}; check that the printer is switched on and its network cable."
        return f"The printer at {self._where} cannot be connected to: {trouble.strerror}."


def _told(wire: Wire) -> Status:
    """Ask; silence is trouble with the line here, so that a question that still waits in it is taken back."""
    status = status_over(wire)
    if isinstance(status, Unanswered):
        raise TransportBroken(0, status.sentence)
    return status


def _line(family: socket.AddressFamily, address: Any, seconds: float) -> socket.socket:  # noqa: ANN401 - by family
    """Connect to one address; raises OSError."""
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(address)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        line.close()
        raise
    return line


def _look_up(host: str, port: int, found: queue.SimpleQueue[_Addresses | None]) -> None:
    """Put every address of a name, in the system's order of preference; none where it has no meaning."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.put([(family, address) for family, _, _, _, address in answers])
    except (OSError, UnicodeError):
        found.put(None)
