"""How are labels kept in a file, for a program that prints them later or for a look?"""

import os
from pathlib import Path

from printers.status import Status, Unanswered
from printers.transports import TransportBroken


class FileTransport:
    """A file that takes bytes and says nothing: each job is appended and on disk on return."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first job."""
        self._path = path

    def status(self) -> Status:
        """Say that a file cannot tell."""
        return Unanswered(sentence=f"{self._path} is a file and cannot tell how the printer is.", is_there=True)

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
            sentence = f"{self._path} took {sent} of {len(data)} bytes: {reason.strerror}."
            raise TransportBroken(sent, sentence) from reason
