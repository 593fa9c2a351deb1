"""How do bytes get to a USB printer past the kernel's driver? The one door to pyusb, and through it to libusb.

For printers that the kernel's driver does not take, or cannot be read through. Laws:

* The printer is borrowed: the kernel's driver is detached for a question or a job, and given it back afterwards.
* Its pipes are found in its descriptor, for makers number them differently (USB 2.0, 9.6.6).
* Every transfer has a limit of time, and its count is believed: what libusb says was moved before time ran out has
  left, the rest has not. An error without a count may have moved all of it.
* pyusb is imported at the first call, in the printer's own thread.
"""

import contextlib
import ctypes.util
import errno
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from printers.status import Sieve, Status, Unanswered
from printers.transports import Limits, TransportBroken
from printers.transports.trouble import why
from printers.transports.wire import TransportStalled, deliver, status_over

_PRINTER, _VENDOR_SPECIFIC = 0x07, 0xFF
"""bInterfaceClass of what may take bytes to print."""
_OUT, _IN = 0x00, 0x80
"""Bit of bEndpointAddress."""
_KINDS, _BULK = 0x03, 0x02
"""Bits of bmAttributes."""
_PIECE_BYTES: Final = 4096
_DRAIN_SECONDS: Final = 0.01
"""What a printer has to say waits for at most a few frames of a millisecond."""
_NO_LIBRARY: Final = (
    "USB printers cannot be reached, for libusb is missing or does not start; install the package libusb-1.0-0."
)
_NO_WAY_IN: Final = "takes no bytes to print; name another one in station.toml"


Device = Any
"""A device of pyusb's, which has no types."""
Interface = Any
"""An interface of such a device."""


class Bus(Struct, frozen=True, kw_only=True):
    """What is used of pyusb; any of it may raise its errors, which are kinds of OSError."""

    plugged: Callable[[int, int], Sequence[Device]]
    """Finds the devices with this vendor and product."""
    claim: Callable[[Device, int], None]
    """Keeps an interface, by its number, from others."""
    release: Callable[[Device, int], None]
    close: Callable[[Device], None]


def libusb() -> Bus | None:
    """Reach the real bus; None where libusb is missing or does not start."""
    import usb.backend.libusb1  # noqa: PLC0415 - paid for by the printer's thread, where there is such a printer
    import usb.core  # noqa: PLC0415 - the same
    import usb.util  # noqa: PLC0415 - the same

    backend = usb.backend.libusb1.get_backend(find_library=_library)
    if backend is None:
        return None

    def plugged(vendor: int, product: int) -> Sequence[Device]:
        return list(usb.core.find(find_all=True, backend=backend, idVendor=vendor, idProduct=product))

    claim, release, close = usb.util.claim_interface, usb.util.release_interface, usb.util.dispose_resources
    return Bus(plugged=plugged, claim=claim, release=release, close=close)


class UsbTransport:
    """A USB printer, by its numbers."""

    def __init__(
        self,
        vendor: int,
        product: int,
        serial: str,
        *,
        answers: bool,
        limits: Limits,
        bus: Callable[[], Bus | None] = libusb,
    ) -> None:
        """Nothing is opened before the first call.

        `serial` is empty where there is but one of the model; `answers` says that the printer answers questions.
        """
        self._vendor, self._product, self._serial = vendor, product, serial
        self._answers, self._limits = answers, limits
        self._reached = bus
        self._name = f"{vendor:04x}:{product:04x}{f' {serial}' if serial else ''}"

    def status(self) -> Status:
        """Ask the printer; for one that never answers, look whether it is there."""
        try:
            if not self._answers:
                self._found(self._bus())
                says = f"The printer at {self._name} is there, but cannot tell how it is."
                return Unanswered(sentence=says, is_there=True)
            with self._borrowed() as pipes:
                return status_over(pipes)
        except OSError as error:
            return Unanswered(sentence=why(self._name, error))
        except TransportBroken as broken:
            return Unanswered(sentence=broken.sentence)

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        may_have_left = 0
        try:
            with self._borrowed() as pipes:
                may_have_left = len(data)
                deliver(pipes, data, answers=self._answers)
        except OSError as error:
            raise TransportBroken(may_have_left, why(self._name, error)) from error

    def _bus(self) -> Bus:
        bus = self._reached()
        if bus is None:
            raise TransportBroken(0, _NO_LIBRARY)
        return bus

    def _found(self, bus: Bus) -> Device:
        """Find the one printer that is meant; raises OSError, and TransportBroken with 0 sent."""
        found = bus.plugged(self._vendor, self._product)
        if self._serial:
            found = [device for device in found if _serial_of(device) == self._serial]
        if not found:
            raise FileNotFoundError(errno.ENOENT, "")
        if len(found) > 1:
            how = "are plugged in; name one by its serial number in station.toml, or keep one"
            raise TransportBroken(0, f"{len(found)} printers {self._name} {how}.")
        return found[0]

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator["_Pipes"]:
        """Take the printer from the kernel's driver, and give it back; raises OSError, TransportBroken with 0 sent."""
        bus = self._bus()
        device = self._found(bus)
        with contextlib.ExitStack() as undo:
            undo.callback(bus.close, device)
            way = _way_in(device)
            if way is None:
                raise TransportBroken(0, f"The device at {self._name} {_NO_WAY_IN}.")
            number = way.bInterfaceNumber
            if _has_driver(device, number):
                device.detach_kernel_driver(number)
                undo.callback(_unless_gone, device.attach_kernel_driver, number)
            bus.claim(device, number)
            undo.callback(_unless_gone, bus.release, device, number)
            if way.bAlternateSetting:
                device.set_interface_altsetting(number, way.bAlternateSetting)
            yield _Pipes(device, way, self._limits)


class _Pipes:
    """The two ways of a borrowed printer; one that has no way back never answers."""

    def __init__(self, device: Device, interface: Interface, limits: Limits) -> None:
        self._device = device
        self._out, self._in = _pipe(interface, _OUT), _pipe(interface, _IN)
        self._sieve = Sieve()
        self.limits = limits
        self.is_ended = False

    def drain(self) -> None:
        """Drop what has come so far."""
        while self.read(_DRAIN_SECONDS):
            pass

    def read(self, seconds: float) -> bytes:
        """Give whatever has come, at the latest after so long; empty then, and when the printer is gone.

        Blocks of status that nobody asked for are left out.
        """
        deadline = time.monotonic() + seconds
        while not self.is_ended:
            left = deadline - time.monotonic()
            data = self._sieve.passed(self._come(left))
            if data or left <= 0:
                return data
        return b""

    def write(self, data: bytes) -> None:
        """Send everything; raises TransportBroken. `limits.write` seconds without a byte being taken are too long."""
        self._send(data, self.limits.write)

    def ask(self, question: bytes, matches: Callable[[int], bool], seconds: float) -> bytes:
        """Send a question, and give the one byte that came after it and matches; empty where none did in time."""
        self.drain()
        with contextlib.suppress(TransportBroken):  # no answer either; `is_ended` tells why
            self._send(question, seconds)
            deadline = time.monotonic() + seconds
            while came := self.read(deadline - time.monotonic()):
                answer = next((byte for byte in came if matches(byte)), None)
                if answer is not None:
                    return bytes((answer,))
        return b""

    def _send(self, data: bytes, limit: float) -> None:
        sent = 0
        while sent < len(data):
            piece = data[sent : sent + _PIECE_BYTES]
            try:
                sent += self._device.write(self._out.bEndpointAddress, piece, _ms(limit))
            except OSError as error:
                if error.errno == errno.ETIMEDOUT:
                    told = f"The printer took {sent} of {len(data)} bytes and no more for {limit:g} s."
                    raise TransportStalled(sent, told) from error
                self.is_ended = True
                told = f"The line to the printer broke after {sent} of {len(data)} bytes."
                raise TransportBroken(sent + len(piece), told) from error

    def _come(self, seconds: float) -> bytes:
        """Read once; a printer may send nothing, which is no answer either."""
        if self._in is None:
            time.sleep(max(0.0, seconds))
            return b""
        try:
            came: bytes = self._device.read(self._in.bEndpointAddress, self._in.wMaxPacketSize, _ms(seconds)).tobytes()
        except OSError as error:
            self.is_ended = error.errno != errno.ETIMEDOUT
            return b""
        return came


def _way_in(device: Device) -> Interface | None:
    """Choose the interface that takes bytes: one of the printer class goes first, then one with a way back."""
    ways = [
        interface
        for interface in device.get_active_configuration()
        if interface.bInterfaceClass in {_PRINTER, _VENDOR_SPECIFIC} and _pipe(interface, _OUT)
    ]
    return max(ways, key=lambda way: (way.bInterfaceClass == _PRINTER, bool(_pipe(way, _IN))), default=None)


def _pipe(interface: Interface, direction: int) -> Any:  # noqa: ANN401 - an endpoint, of the untyped library
    """Find the bulk endpoint of a direction; None where there is none."""
    bulk = (endpoint for endpoint in interface if endpoint.bmAttributes & _KINDS == _BULK)
    return next((endpoint for endpoint in bulk if endpoint.bEndpointAddress & _IN == direction), None)


def _has_driver(device: Device, interface: int) -> bool:
    """Whether a driver of the kernel has the interface; never, on a system that cannot tell."""
    try:
        return bool(device.is_kernel_driver_active(interface))
    except NotImplementedError:
        return False


def _unless_gone(give_back: Callable[..., None], *what: object) -> None:
    """Give something back, unless the printer was pulled out; what became of the job is not changed by that."""
    with contextlib.suppress(OSError):
        give_back(*what)


def _serial_of(device: Device) -> str:
    """Read a device's number; raises PermissionError where it may not be opened."""
    try:
        return device.serial_number or ""
    except ValueError as error:  # pyusb's word for that
        raise PermissionError(errno.EACCES, "") from error


def _library(name: str) -> str | None:
    """Name libusb. On Linux by its soname: to search for it there would start other programs."""
    return "libusb-1.0.so.0" if sys.platform == "linux" else ctypes.util.find_library(name)


def _ms(seconds: float) -> int:
    """Give a limit as libusb takes it, to which 0 is for ever."""
    return max(1, round(1000 * seconds))
