"""How do bytes get to a USB printer past the kernel's driver?"""

from pathlib import Path

from printers.status import Status, Unanswered
from printers.transports import Limits, TransportBroken


class UsbTransport:
    """A USB printer, by its numbers."""

    def __init__(self, vendor: int, product: int, serial: str, *, answers: bool, limits: Limits) -> None:
        """Nothing is opened before the first call."""

    def status(self) -> Status:
        """Ask the printer."""
        return Unanswered(sentence="")

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        raise TransportBroken(0, "")
