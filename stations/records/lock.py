"""Who writes this station? One process at a time, and the next one is told which.

Door to `flock(2)`: the kernel lets go of the lock when the process that holds it ends, however it ends, so a
lock file left behind by a power cut locks nothing. A child started by fork shares the lock until it runs
another program. The file stays when the lock is released: removing it would let two processes lock two files
of one name.
"""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from stations.records.disk import make_folder


class StationHeld(Exception):
    """Another process writes this station; one sentence names it."""


class StationLock:
    """The right to write a station, held from `take` to `release`."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle: int | None = handle

    @classmethod
    def take(cls, path: Path, started: str) -> Self:
        """Lock the file `path`, made if need be, and write into it this process's id and when it `started`.

        Raises StationHeld where another process, or this one, holds it; OSError where it cannot be made.
        """
        make_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"pid {os.getpid()}, started {started}\n".encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "a process that is starting"
            os.close(handle)
            raise StationHeld(f"the station in {path.parent} is held by {holder}.") from error
        except OSError:
            os.close(handle)
            raise
        return cls(path, handle)

    def release(self) -> None:
        """Let another process write the station; doing it twice is once."""
        if self._handle is not None:
            with contextlib.closing(os.fdopen(self._handle, "r+b")) as file:
                file.truncate(0)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
