"""How do bytes get to a printer?

One file each way: `network`, `serial`, `lp` (the kernel's device for a USB printer), `usb` (without the kernel's
driver), `file`. A transport asks and sends; it decides nothing and never tries again. Whatever it does has a limit of
time: a printer that is out of paper can hold a write for ever.
"""

from typing import Protocol

from msgspec import Struct

from printers.status import Status


class Limits(Struct, frozen=True, kw_only=True):
    """How long a printer is waited for, in seconds. Custom; a busy printer answers within tenths."""

    connect: float = 3.0
    answer: float = 1.0
    """For the one byte that answers a question."""
    write: float = 8.0
    """Without a single byte being taken: a full buffer drains at the pace of the paper."""
    printed: float = 20.0
    """For the printer to say that everything is on paper, after the last byte was taken."""


class TransportBroken(Exception):
    """Sending ended early."""

    def __init__(self, sent: int, sentence: str) -> None:
        """Tell how many bytes may have left: 0 only where it is certain that none did."""
        super().__init__(sentence)
        self.sent = sent
        self.sentence = sentence


class Transport(Protocol):
    """A way to one printer, used from one thread at a time; between calls nothing is held open."""

    def status(self) -> Status:
        """Ask the printer; silence and a broken line are `Unanswered`, never an error."""

    def send(self, data: bytes) -> None:
        """Send a whole job, and return once it was taken.

        Where the job ends with `GS r 1`, wait for its one-byte answer first. Raises TransportBroken.
        """
