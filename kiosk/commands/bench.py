"""How is a bench opened on a terminal, and left as it was found?

The screens come last and go first: whatever happens between, scanners, watch, funnel and lock are given back, and only
then does the command end.
"""

import argparse
import gc
import sys
import tempfile
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.demo import Demo, shipped_tray
from kiosk.live.beside import Live
from kiosk.sample import make_sample
from kiosk.site import check_folder, default_folder
from kiosk.station import Station
from kiosk.telling import Clock, Ended, complain
from printers.virtual import VirtualPrinter

_SWITCH_S = 0.001
"""After so long a thread that computes gives way to one that waits; several may compute before a scanner's turn."""


def run(asked: argparse.Namespace, clock: Clock) -> int:
    """Open this station's screens."""
    _need_a_terminal("kiosk run")
    site = asked.data or default_folder()
    check_folder(site)
    with Station(site, asked.station, clock, live=True) as station:
        _shown(station)
    return Exit.DONE


def demo(_: argparse.Namespace, clock: Clock) -> int:
    """Open the sample hospital in a folder that goes with it."""
    _need_a_terminal("kiosk demo")
    complain("Making the sample hospital …")
    with tempfile.TemporaryDirectory(prefix="rxkiosk-demo-") as name:
        make_sample(Path(name, "site"), clock())
        printer = VirtualPrinter()
        with Station(Path(name, "site"), None, clock, transport=printer, live=True) as station:
            _shown(station, Demo(station, printer, shipped_tray()))
    return Exit.DONE


def _shown(station: Station, demo: Demo | None = None) -> None:
    # A third of a second, and not for a refusal.
    from kiosk.screens.app import KioskApp, is_plain_terminal  # noqa: PLC0415
    from kiosk.screens.keyboard import Keyboard  # noqa: PLC0415

    spare_the_scanner()
    station.start()
    with Live(station) as live:
        # In the demo the tray on the screen is the scanner.
        has_scanner = live.has_scanners if demo is None else lambda: True
        keyboard = Keyboard(takes_scans=station.file.keyboard_scans, has_scanner=has_scanner)
        app = KioskApp(station, demo=demo, plain=is_plain_terminal(), keyboard=keyboard)
        app.run()
    if app.fault is not None:
        raise app.fault


def spare_the_scanner() -> None:
    """Let nothing hold the interpreter for more than 5 ms: the kernel holds only ten characters of a scan."""
    # What is there now stays until the end: collections need not look at it again.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_S)


def _need_a_terminal(command: str) -> None:
    # Textual draws on standard error, so that one must be the terminal, too.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        found = "found input or output that is no terminal"
        raise Ended(Exit.USAGE, f"{command} shows screens and reads keys: {found}, expected a terminal for all.")
