"""How do bytes get to a printer over the network (raw TCP, port 9100)?"""

from printers.status import Status, Unanswered
from printers.transports import Limits, TransportBroken


class NetworkTransport:
    """A printer with an address; connected anew for each question and each job, for it serves one at a time."""

    def __init__(self, host: str, port: int, *, answers: bool, limits: Limits) -> None:
        """Nothing is connected before the first call."""
        self._host, self._port, self._answers, self._limits = host, port, answers, limits

    def status(self) -> Status:
        """Ask the printer."""
        return Unanswered(sentence="")

    def send(self, data: bytes) -> None:
        """Send a whole job; raises TransportBroken."""
        raise TransportBroken(0, "")
