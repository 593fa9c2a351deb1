"""How long from the scanner's last key to the painted frame, on a bench that is at work?"""

import contextlib
import datetime as dt
import itertools
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kiosk.site import SAMPLE_STATION
from stations.scanning.ours import command_code

from .hospital import GTIN, LIST, OTHER_GTIN, SHELF
from .terminal import Terminal

BADGE, PIN = "B0042173", "420173"
NEXT_S = 0.03
"""Between a verdict and the first key of the next scan: sooner than any hand."""
HAND_S = 0.1
"""Between two keys of a hand: a scanner is much faster, and is told from it by that."""
_F3 = "\x1bOR"
"""What a terminal sends for it."""
_SMALL = 2048
"""Bytes that a printer which hangs has taken before it stops."""
STOPS_EVERY = 5
"""One wrong drug to so many right ones."""


class Measured(msgspec.Struct, kw_only=True):
    """What was measured on one terminal; seconds, but for bytes of memory."""

    size: str
    first_frame: float
    alone: list[float] = []
    """From key to frame, the registers saved every two seconds as at any bench."""
    saving: list[float] = []
    """The same, while a register of 20,000 rows is saved without a pause."""
    stops: list[float] = []
    """The same, for a wrong drug that fills the screen."""
    stall: float = 0.0
    memory: float = 0.0


class Importing(msgspec.Struct, kw_only=True):
    """What was measured while the drug directory was imported in the same process."""

    took: float
    frames: list[float]
    stall: float
    memory: float


class Hanging(msgspec.Struct, kw_only=True):
    """What was measured while a printer hung."""

    frames: list[float]
    stall: float


def at_work(site: Path, columns: int, rows: int, scans: int) -> Measured:
    """Pick packages on a terminal of that size."""
    with Terminal(site, columns, rows) as terminal:
        measured = Measured(size=f"{columns}x{rows}", first_frame=terminal.shown("press Enter") - terminal.started)
        _begin(terminal)
        numbers = itertools.count(1)
        measured.alone = list(_passes(terminal, itertools.islice(numbers, scans)))
        terminal.done("save")
        measured.saving = list(_passes(terminal, itertools.islice(numbers, scans)))
        measured.stops = list(_stops(terminal, itertools.islice(numbers, scans // STOPS_EVERY)))
        measured.stall, measured.memory = terminal.done("stall"), terminal.done("memory")
    return measured


def while_importing(site: Path, files: tuple[Path, ...]) -> Importing:
    """Pick packages while the drug directory is imported once more."""
    with Terminal(site, 80, 24) as terminal:
        terminal.shown("press Enter")
        _begin(terminal)
        terminal.ask("import", *map(str, files))
        frames: list[float] = []
        numbers = itertools.count(1)
        while (took := terminal.answer()) is None:
            frames += _passes(terminal, itertools.islice(numbers, 1))
        stall, memory = terminal.done("stall"), terminal.done("memory")
    return Importing(took=took, frames=frames, stall=stall, memory=memory)


def while_a_printer_hangs(site: Path, scans: int) -> Hanging:
    """Pick packages while a label is on its way to a printer that takes the call and then is silent."""
    with a_printer_that_hangs() as port:
        file = site / "stations" / SAMPLE_STATION / "station.toml"
        text = file.read_text(encoding="utf-8")
        lines = f'kind = "network"\nhost = "127.0.0.1"\nport = {port}'
        file.write_text(text.replace('kind = "virtual"', lines), encoding="utf-8")
        with Terminal(site, 80, 24) as terminal:
            terminal.shown("press Enter")
            _sign_in(terminal)
            terminal.type(_F3)
            terminal.shown("on the way")
            terminal.done("ask")
            _go_picking(terminal)
            frames = list(_passes(terminal, iter(range(1, scans + 1))))
            stall = terminal.done("stall")
            if not terminal.done("on-the-way"):
                raise ValueError("no label was on its way any more: the printer did not hang")
    return Hanging(frames=frames, stall=stall)


@contextlib.contextmanager
def a_printer_that_hangs() -> Iterator[int]:
    """Give the port of a printer that takes every call, and then neither reads nor answers."""
    calls: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)

        def take_calls() -> None:
            with contextlib.suppress(OSError):  # the server is closed
                while True:
                    calls.append(server.accept()[0])

        thread = threading.Thread(target=take_calls, name="a printer that hangs", daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for call in calls:
        call.close()


def _begin(terminal: Terminal) -> None:
    _sign_in(terminal)
    _go_picking(terminal)


def _sign_in(terminal: Terminal) -> None:
    terminal.rest(1.0)
    terminal.scan(BADGE)
    terminal.shown("goes back")
    for key in f"{PIN}\r":
        terminal.type(key)
        terminal.rest(HAND_S)
    terminal.shown("Signed in")


def _go_picking(terminal: Terminal) -> None:
    """Open the pick list, go to the shelf; then forget what starting cost the scanner."""
    terminal.scan(LIST)
    terminal.shown("is open")
    terminal.scan(SHELF)
    terminal.shown("0 of")
    terminal.rest(0.5)
    terminal.done("stall")


def _passes(terminal: Terminal, numbers: Iterator[int]) -> Iterator[float]:
    """Scan the right package."""
    return (_timed(terminal, _code(GTIN, number), f"L{number:05d}") for number in numbers)


def _stops(terminal: Terminal, numbers: Iterator[int]) -> Iterator[float]:
    """Scan the wrong drug, and put it back."""
    for number in numbers:
        yield _timed(terminal, _code(OTHER_GTIN, number), f"L{number:05d}")
        terminal.scan(command_code("back"))
        terminal.shown("Scan every package")


def _timed(terminal: Terminal, code: str, shows: str) -> float:
    terminal.rest(NEXT_S)
    ended = terminal.scan(code)
    return terminal.shown(shows) - ended


def _code(gtin: str, number: int) -> str:
    """A package's code with a lot and a serial of its own: the lot tells its verdict on the terminal from any other."""
    expiry = dt.datetime.now().astimezone().date() + dt.timedelta(days=400)
    return f"]d201{gtin}17{expiry:%y%m%d}10L{number:05d}\x1d21S{number:05d}"
