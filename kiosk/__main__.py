"""How does the program begin and end?

Composition root: reads the clock, finds the command, imports what it needs and no more, and turns every way to end
into an exit status. A person gets one sentence; what nobody expected goes, with its traceback, to a file, whichever
thread it happened on.
"""

import argparse
import datetime as dt
import importlib
import io
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from kiosk.commandline import Exit, UsageRefused, read


def main(argv: Sequence[str] | None = None) -> int:
    """Do what was asked and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        asked = read(sys.argv[1:] if argv is None else argv)
    except UsageRefused as error:
        return _told(Exit.USAGE, str(error))
    except SystemExit as error:  # argparse has shown its help
        return int(error.code or 0)
    end = _End(asked.data)
    with end:
        end.status = _command(asked.answer)(asked, _now)
    return end.status


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _command(answer: str) -> Callable[[argparse.Namespace, Callable[[], dt.datetime]], int]:
    module, _, name = answer.partition(":")
    found: Callable[[argparse.Namespace, Callable[[], dt.datetime]], int]
    found = getattr(importlib.import_module(module), name)
    return found


class _End:
    """Gives every way in which a command can end its status, and its sentence."""

    def __init__(self, data: Path | None) -> None:
        self.status: int = Exit.DONE
        self._data = data
        self._met_on_threads: list[str] = []
        """What happened on other threads than the command's own: a sentence each, of which the first is told."""
        self._excepthook = threading.excepthook

    def __enter__(self) -> None:
        """Let the command begin."""
        self._excepthook = threading.excepthook
        threading.excepthook = self._met

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        """Turn whatever ended the command into a status."""
        threading.excepthook = self._excepthook
        is_ended = self._turned(error)
        if self._met_on_threads:
            self.status = Exit.BUG
        return is_ended

    def _met(self, fault: threading.ExceptHookArgs) -> None:
        """Tell of a fault of another thread, once; the command goes on as far as it can."""
        from kiosk.faults import sentence_of  # noqa: PLC0415 - only where something went wrong
        from kiosk.site import default_folder  # noqa: PLC0415 - the same

        if fault.exc_value is None:
            return
        self._met_on_threads.append(sentence_of(fault.exc_value, self._data or default_folder()))
        if len(self._met_on_threads) == 1:
            _told(Exit.BUG, *self._met_on_threads)

    def _turned(self, error: BaseException | None) -> bool:
        if error is None:
            return True
        if isinstance(error, BrokenPipeError):
            # Whoever read has enough; the interpreter must not complain when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        elif isinstance(error, KeyboardInterrupt):
            self.status = Exit.INTERRUPTED
        elif isinstance(error, Exception):
            self.status = self._ended(error)
        else:
            return False
        return True

    def _ended(self, error: Exception) -> int:
        from kiosk.faults import sentence_of  # noqa: PLC0415 - only where something went wrong
        from kiosk.site import SiteRefused, default_folder  # noqa: PLC0415 - the same
        from kiosk.telling import Ended  # noqa: PLC0415 - the same
        from stations.records.journal import JournalBroken  # noqa: PLC0415 - the same
        from stations.records.lock import StationHeld  # noqa: PLC0415 - the same
        from stations.records.reading import ImportRefused  # noqa: PLC0415 - the same
        from stations.records.registers import RegistersNotSaved  # noqa: PLC0415 - the same

        match error:
            case Ended():
                return _told(error.status, *error.sentences)
            case ImportRefused():
                return _told(Exit.DATA, *error.sentences)
            case SiteRefused():
                return _told(Exit.DATA, str(error))
            case StationHeld() | RegistersNotSaved():
                return _told(Exit.DEVICE, str(error))
            case JournalBroken():
                return _told(Exit.JOURNAL, str(error))
            case OSError(filename=str() as name):
                return _told(Exit.DEVICE, f"{name}: {error.strerror}.")
            case _:
                return _told(Exit.BUG, sentence_of(error, self._data or default_folder()))


def _told(status: Exit, *sentences: str) -> int:
    from kiosk.telling import complain  # noqa: PLC0415 - only where something went wrong

    for sentence in sentences:
        complain(sentence)
    return status


if __name__ == "__main__":
    sys.exit(main())
