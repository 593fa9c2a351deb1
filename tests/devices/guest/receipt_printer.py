"""What does a receipt printer do with what it is sent, and how does one come to a USB port of the guest?

`ReceiptPrinter` keeps and answers, wherever its bytes come from. Run as a program, it is one at USB, from the kernel's
own device side (Linux Documentation/usb/gadget_printer.rst): it comes up in this same guest as /dev/usb/lp0. It is
pulled out when the program is told to end. Under /run/printer, `state` is the word for how it is to be, `shown` tells
when it is, and `taken` gets what it printed.

    receipt_printer.py VENDOR PRODUCT SERIAL
"""

import errno
import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

_QUESTION: Final = b"\x10\x04"
"""DLE EOT, then 1 to 4: printer, cause of off-line, error, paper."""
_IS_PRINTED: Final = b"\x1dr\x01"
"""GS r 1 is answered when what came before is on paper."""
CLEAR: Final = 0x12
ANSWERS: Final = {
    "ready": (CLEAR, CLEAR, CLEAR, CLEAR),
    "near-end": (CLEAR, CLEAR, CLEAR, 0x1E),
    "out-of-paper": (0x1A, 0x32, CLEAR, 0x7E),
    "cover-open": (0x1A, 0x16, CLEAR, CLEAR),
    "stalled": (CLEAR, CLEAR, CLEAR, CLEAR),
}
"""What is answered in each state; in any other nothing is."""
PORT_STATUS: Final = {"out-of-paper": 0x38, "out-of-paper-silent": 0x38, "offline-silent": 0x08}
"""The byte of GET_PORT_STATUS (USB Printing Devices 1.1, 4.2.2), where it is not 0x18: all is well."""
FILL: Final = b"\x11" * 64
"""XON, which answers nothing. What fits into the 64 bytes that dummy_hcd keeps for a reader is done before
usb_f_printer has noted that it was begun: its lists are then broken, and in the end the kernel is (Linux 6.1)."""
_SET_PORT_STATUS: Final = 0xC0016722
_GADGET: Final = Path("/sys/kernel/config/usb_gadget/printer")
FUNCTION, CHOSEN = _GADGET / "functions/printer.0", _GADGET / "configs/c.1/printer.0"
FOLDERS: Final = (_GADGET, _GADGET / "strings/0x409", _GADGET / "configs/c.1", FUNCTION)
AT_ONCE: Final = 8192
"""Bytes of the kernel's pieces; one that was read in part would outlive the cable."""
_PLACE: Final = Path("/run/printer")


class ReceiptPrinter:
    """Keeps what is to be printed, without the questions in it."""

    def __init__(self) -> None:
        self.state = "ready"
        self.taken = b""
        self._unread = b""

    def take(self, data: bytes) -> bytes:
        """Take bytes, however they are cut; give what is answered. NUL before a question prints nothing."""
        self._unread += data
        answers = b""
        while (start := self._unread.find(_QUESTION)) >= 0 and len(self._unread) > start + 2:
            answers += self._answer(self._unread[start + 2])
            self.taken += self._unread[:start].rstrip(b"\0")
            self._unread = self._unread[start + 3 :]
        if not self._unread.endswith((b"\x10", _QUESTION)):
            self.taken, self._unread = self.taken + self._unread, b""
            answers += b"\0" if self.taken.endswith(_IS_PRINTED) and self.state in ANSWERS else b""
        return answers

    def _answer(self, which: int) -> bytes:
        answers = ANSWERS.get(self.state, ())
        return bytes(answers[which - 1 : which])


def plugged(vendor: str, product: str, serial: str) -> int:
    """Plug one in; give its end of the cable."""
    for folder in FOLDERS:
        folder.mkdir()
    # The kernel cuts the text two characters short.
    (FUNCTION / "pnp_string").write_text("MFG:Made-Up;MDL:Receipt 80;CLS:PRINTER;CMD:ESC/POS;  ")
    (FUNCTION / "q_len").write_text("1")
    CHOSEN.symlink_to(FUNCTION)
    (_GADGET / "idVendor").write_text(f"0x{vendor}")
    (_GADGET / "idProduct").write_text(f"0x{product}")
    (_GADGET / "strings/0x409/serialnumber").write_text(serial)
    (_GADGET / "UDC").write_text("dummy_udc.1")
    while True:
        try:
            return os.open("/dev/g_printer0", os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            if error.errno not in {errno.ENODEV, errno.ENOENT, errno.ENXIO}:  # not yet configured by the host's side
                raise
            time.sleep(0.05)


def pulled() -> None:
    """Pull it out, and take it apart: the kernel's printer keeps what is no more there from one cable to the next."""
    (_GADGET / "UDC").write_text("\n")
    CHOSEN.unlink()
    for folder in reversed(FOLDERS):
        folder.rmdir()


def serve(cable: int, printer: ReceiptPrinter) -> None:
    """Take and answer for ever; stalled, it still answers, and takes one piece of what is to be printed."""
    shown, stuck_from = "", 0
    while True:
        printer.state = (_PLACE / "state").read_text().strip() or printer.state
        if printer.state != shown:
            shown, stuck_from = printer.state, len(printer.taken)
            fcntl.ioctl(cable, _SET_PORT_STATUS, PORT_STATUS.get(shown, 0x18))
            (_PLACE / "shown").write_text(shown)
        if shown == "stalled" and len(printer.taken) > stuck_from:
            time.sleep(0.02)
        else:
            turn(cable, printer)


def turn(cable: int, printer: ReceiptPrinter) -> None:
    """Take what is there and answer it."""
    before = len(printer.taken)
    try:
        answers = printer.take(os.read(cable, AT_ONCE))
        if answers:
            os.write(cable, FILL + answers)
    except OSError:  # nothing there or nobody who reads, or the host's side configures it anew
        time.sleep(0.02)
    with (_PLACE / "taken").open("ab") as kept:
        kept.write(printer.taken[before:])


def main() -> None:
    """Plug in, serve, and pull out when told to end."""
    _PLACE.mkdir(exist_ok=True)
    (_PLACE / "taken").write_bytes(b"")
    (_PLACE / "state").write_text("ready")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        cable = plugged(*sys.argv[1:])
        try:
            serve(cable, ReceiptPrinter())
        finally:
            os.close(cable)
    finally:
        pulled()


if __name__ == "__main__":
    main()
