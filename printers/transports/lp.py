"""How do bytes get to a USB printer through the kernel's driver (usblp)?"""

from pathlib import Path

from printers.status import Status, Unanswered
from printers.transports import Limits, TransportBroken


class LpTransport:
    """A USB printer, by its device node."""

    def __init__(self, path: Path, *, answers: bool, limits: Limits) -> None:
        """Nothing is opened before the first call."""

    def status(self) -> Status:
        """Ask the printer."""
        return Unanswered(sentence="")

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        raise TransportBroken(0, "")
