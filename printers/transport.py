"""How do bytes get to a printer, and what is the printer at the other end?

A transport asks and sends; it decides nothing and never tries again. Each new way (network, USB, serial) is one more
file with one more class of this shape. Whatever it does has a limit of time: a printer that is out of paper can hold a
write for ever.
"""

import os
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from printers.job import Status, Unanswered
from printers.label import Paper


class Profile(Struct, frozen=True, kw_only=True):
    """What a make of printer can do."""

    name: str
    paper: Paper
    cutter: bool
    """Without one the paper is fed past the tear bar instead."""
    status: bool
    """It answers questions; a job then waits for a good answer, and is confirmed after printing."""
    fragment_rows: int = 240
    """Rows of dots sent as one picture; cheap printers lose their place in long ones. 1 to 255."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(name="roll-80", paper=Paper.MM80, cutter=True, status=True),
        Profile(name="roll-58", paper=Paper.MM58, cutter=False, status=True, fragment_rows=120),
        Profile(name="roll-80-silent", paper=Paper.MM80, cutter=True, status=False),
        Profile(name="roll-58-silent", paper=Paper.MM58, cutter=False, status=False, fragment_rows=120),
    )
}
"""By name; the silent ones are for printers that never answer."""


class TransportBroken(Exception):
    """Sending ended early."""

    def __init__(self, sent: int, sentence: str) -> None:
        """Tell how many bytes may have left: 0 only where it is certain that none did."""
        super().__init__(sentence)
        self.sent = sent
        self.sentence = sentence


class Transport(Protocol):
    """A way to one printer, used from one thread at a time."""

    def status(self) -> Status:
        """Ask the printer; silence and a broken line are `Unanswered`, never an error."""

    def send(self, data: bytes) -> None:
        """Send a whole job, and return once it was taken.

        Where the job ends with `GS r 1`, wait for its one-byte answer first. Raises TransportBroken.
        """


class FileTransport:
    """A file, or a device node that takes bytes and says nothing: each job is appended and on disk on return."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first job."""
        self._path = path

    def status(self) -> Status:
        """Say that a file cannot tell."""
        return Unanswered(sentence=f"{self._path} is a file and cannot tell how the printer is")

    def send(self, data: bytes) -> None:
        """Append and sync; raises TransportBroken."""
        sent = 0
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            try:
                while sent < len(data):
                    sent += os.write(handle, data[sent:])
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as reason:
            sentence = f"{self._path} took {sent} of {len(data)} bytes: {reason.strerror}"
            raise TransportBroken(sent, sentence) from reason
