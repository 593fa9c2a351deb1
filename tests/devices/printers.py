"""How is a receipt printer plugged into the machine, looked at and pulled out again: at USB, and on a serial line?"""

import socket
import threading
from typing import Final

from .guest.receipt_printer import ReceiptPrinter
from .image import PRINTER
from .machine import Machine

NODE: Final = "/dev/usb/lp0"
LINE_NODE: Final = "/dev/ttyUSB0"
NAMED: Final = "/dev/printer-label"
"""The name that the rule gives either."""
SERIAL: Final = "J0001"
_PLACE: Final = "/run/printer"
_PORT: Final = "7"


class UsbPrinter:
    """A printer at USB, of the printer class, that the guest's own kernel plays."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._process = 0

    def plug(self) -> None:
        """Plug it in, ready, and wait until udev has finished it."""
        self._process = self._machine.start("python3", "-I", "/receipt_printer.py", *PRINTER, SERIAL)
        self._machine.until(lambda: self._machine.is_there(NODE), NODE)
        self._machine.run("udevadm", "settle")

    def pull(self) -> None:
        """Pull it out, and wait until it is gone; it may have been out before."""
        if self._process:
            self._machine.run("kill", str(self._process))
            self._machine.wait(self._process)
            self._process = 0
            self._machine.until(lambda: not self._machine.is_there(NODE), f"{NODE} is gone")

    def become(self, state: str) -> None:
        """Put it into a state; it looks 50 times a second."""
        self._machine.write(f"{_PLACE}/state", state)
        self._machine.until(lambda: self._machine.run("cat", f"{_PLACE}/shown").out == state, f"the printer is {state}")

    def taken(self) -> bytes:
        """Give the bytes that it took to print, since it was plugged in."""
        return bytes.fromhex(self._machine.run("od", "-An", "-v", "-tx1", f"{_PLACE}/taken").out)


class LinePrinter:
    """A printer at the far end of a serial cable: QEMU's `usb-serial`, whose chip the driver ftdi_sio knows."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.printer = ReceiptPrinter()
        self._end: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="line printer")

    def plug(self) -> None:
        """Plug the cable in, the printer on, and wait until udev has finished it."""
        self._end = self._machine.far_end_of_line()
        self._machine.order("device_add", driver="usb-serial", id="line", chardev="line", port=_PORT)
        self._thread.start()
        self._machine.until(lambda: self._machine.is_there(LINE_NODE), LINE_NODE)
        self._machine.run("udevadm", "settle")

    def pull(self) -> None:
        """Pull the cable out; it may have been out before."""
        if self._end is None:
            return
        self._machine.order("device_del", id="line")
        self._machine.until(lambda: not self._machine.is_there(LINE_NODE), f"{LINE_NODE} is gone")
        self._end.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._end.close()
        self._end = None

    def _serve(self) -> None:
        assert self._end is not None
        while data := self._end.recv(256):
            answers = self.printer.take(data)
            if answers:
                self._end.sendall(answers)
