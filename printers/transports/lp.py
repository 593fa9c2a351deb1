"""How do bytes get to a USB printer through the kernel's driver (Linux `usblp.c`)?

Its node is no ordinary file, and these laws follow from that:

* The driver takes a write of up to 8192 bytes at once and sends it afterwards; closing the node drops what is still on
  its way. So the node is closed when the last piece has arrived, or when a limit of time has run out.
* A piece that was taken counts as sent, for any part of it may be on paper.
* Only one program at a time may open it: another gets EBUSY, and so does this one.
* The port has a status of its own besides the printer's answers (USB Printing Devices 1.1, 4.2.2): a printer that
  answers nothing may still say there that it is out of paper. Its "all is well" is believed only of such a printer:
  one that ought to answer and is silent is not ready.
"""

import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from printers.status import Fault, NotReady, Ready, Status, Unanswered, faulty
from printers.transports import Limits, TransportBroken
from printers.transports.trouble import why
from printers.transports.wire import Wire, deliver, explained, status_over

_LPGETSTATUS: Final = 0x060B
_OUT_OF_PAPER, _ONLINE, _NO_ERROR = 0x20, 0x10, 0x08


class LpTransport:
    """A USB printer, by its device node."""

    def __init__(
        self, path: Path, *, answers: bool, limits: Limits, port: Callable[[int], Status] | None = None
    ) -> None:
        """Nothing is opened before the first call.

        `answers` says that the printer answers questions; `port` asks the port of an open printer.
        """
        self._path, self._answers, self._limits = path, answers, limits
        self._port = port or port_status

    def status(self) -> Status:
        """Ask the printer, and where it does not answer its port."""
        try:
            with self._opened() as handle:
                asked = status_over(Wire(handle, self._limits)) if self._answers else None
                return _worse(asked, self._port(handle))
        except OSError as error:
            return Unanswered(sentence=why(str(self._path), error))

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        may_have_left = 0
        try:
            with self._opened() as handle:
                may_have_left = len(data)
                try:
                    deliver(Wire(handle, self._limits), data, answers=self._answers)
                except TransportBroken as broken:
                    raise explained(broken, self._port(handle)) from broken
                os.write(handle, b"")  # only now does the driver say that the printer was pulled out meanwhile
        except OSError as error:
            raise TransportBroken(may_have_left, why(str(self._path), error)) from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            yield handle
        finally:
            os.close(handle)


def _worse(asked: Status | None, port: Status) -> Status:
    """Choose between what the printer said, where it was asked, and what its port says."""
    if asked is None or (isinstance(asked, Unanswered) and isinstance(port, NotReady)):
        return port
    return asked


def port_status(handle: int) -> Status:
    """Ask the port of an open printer, which takes the driver up to five seconds; some printers have no answer."""
    try:
        told = fcntl.ioctl(handle, _LPGETSTATUS, bytes(4))
    except OSError:
        return Unanswered(sentence="The printer cannot tell how it is.", is_there=True)
    return port_told(int.from_bytes(told, sys.byteorder))


def port_told(byte: int) -> Status:
    """Decode a port's status; of several faults the one that a person can mend comes first.

    >>> port_told(0x18), port_told(0x28).fault, port_told(0x08).fault, port_told(0x10).fault
    (Ready(), <Fault.OUT_OF_PAPER: 'out-of-paper'>, <Fault.OFFLINE: 'offline'>, <Fault.ERROR: 'error'>)
    """
    if byte & _OUT_OF_PAPER:
        return faulty(Fault.OUT_OF_PAPER)
    if not byte & _ONLINE:
        return faulty(Fault.OFFLINE)
    return Ready() if byte & _NO_ERROR else faulty(Fault.ERROR)
