"""How do bytes get to a printer on a serial line?"""

import enum
from pathlib import Path

from printers.status import Status, Unanswered
from printers.transports import Limits, TransportBroken


class Flow(enum.StrEnum):
    """How a printer on a serial line says "wait"."""

    DTR = "dtr"
    RTS = "rts"
    XON = "xon"
    NONE = "none"


class SerialTransport:
    """A printer on a serial line."""

    def __init__(self, path: Path, baud: int, flow: Flow, *, answers: bool, limits: Limits) -> None:
        """Nothing is opened before the first call."""

    def status(self) -> Status:
        """Ask the printer."""
        return Unanswered(sentence="")

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        raise TransportBroken(0, "")
