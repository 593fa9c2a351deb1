"""How are files taken in, whether or not the kiosk is running?

One process writes a station. Where none does, the files are taken here; where the kiosk runs, it is asked through the
inbox and its answer awaited. Either way all or nothing, and a report of rows taken, changed, unchanged and refused.
"""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kiosk.commandline import Exit
from kiosk.live.inbox import ANSWER, ANSWER_WITHIN_S, REQUEST, Answer, NotRecorded, Request, take_in, write_json
from kiosk.site import default_folder, station_named
from kiosk.station import Station
from kiosk.telling import Clock, Ended, Progress, say
from printers.virtual import State, VirtualPrinter
from stations.records.lock import StationHeld

LOOK_EVERY_S = 0.1
_REFUSED_SHOWN = 20


def take(asked: argparse.Namespace, clock: Clock) -> int:
    """Take the files, or let the running kiosk take them."""
    site = asked.data or default_folder()
    name, _ = station_named(site, asked.station)
    files = tuple(path.absolute() for path in asked.files)
    request = Request(kind=asked.kind, files=tuple(map(str, files)))
    report = None
    while report is None:
        try:
            station = Station(site, name, clock, transport=_out_of_reach())
        except StationHeld as held:
            report = _asked(site, name, request, held)
        else:
            report = _taken(station, asked.kind, files)
    _tell(report)
    return Exit.DONE


def _out_of_reach() -> VirtualPrinter:
    """Return a printer that prints nothing: labels that wait are the kiosk's to print, where somebody sees them."""
    printer = VirtualPrinter()
    printer.set_state(State.OFFLINE)
    return printer


def _taken(station: Station, kind: str, files: Sequence[Path]) -> Mapping[str, Any]:
    with station, Progress(f"reading {kind}") as progress:
        station.settle()
        try:
            return take_in(station, kind, files, progress).report
        except NotRecorded as error:
            raise Ended(Exit.JOURNAL, str(error)) from error


def _asked(site: Path, station: str, request: Request, held: StationHeld) -> Mapping[str, Any] | None:
    """Ask the process that holds the station, and return its report; None where it ended without an answer."""
    name = f"import-{os.getpid()}-{time.time_ns()}"
    asking, answering = (site / "inbox" / f"{name}{ending}" for ending in (REQUEST, ANSWER))
    write_json(asking, request)
    try:
        with Progress("the running kiosk takes it in") as progress:
            end = time.monotonic() + ANSWER_WITHIN_S
            while not answering.exists():
                if _is_let_go(site / "stations" / station / "lock"):
                    return None
                if time.monotonic() > end:
                    raise Ended(Exit.DEVICE, f"No answer within {ANSWER_WITHIN_S:.0f} seconds: {held}")
                time.sleep(LOOK_EVERY_S)
                progress.dot()
        answer = msgspec.json.decode(answering.read_bytes(), type=Answer)
    finally:
        asking.unlink(missing_ok=True)
        answering.unlink(missing_ok=True)
    if not answer.done:
        raise Ended(Exit.DATA, *answer.says.splitlines())
    return answer.report


def _is_let_go(lock: Path) -> bool:
    """Whether nobody holds a station, as far as its lock file tells; taking the lock to see might turn a kiosk away."""
    words = lock.read_text(encoding="utf-8", errors="replace").replace(",", " ").split()
    if len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004 - "pid" and its number
        return True
    try:
        os.kill(int(words[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _tell(report: Mapping[str, Any]) -> None:
    new = report["taken"] - report["changed"] - report["unchanged"]
    refused = report["refused"]
    gone = f", {report['gone']:,} gone" if report.get("gone") else ""
    say(
        f"{report['taken']:,} rows taken: {new:,} new, {report['changed']:,} changed, "
        f"{report['unchanged']:,} unchanged{gone}; {len(refused):,} refused"
    )
    for row in refused[:_REFUSED_SHOWN]:
        say("  " + "  ".join(str(value) for value in row.values()))
    if len(refused) > _REFUSED_SHOWN:
        say(f"  and {len(refused) - _REFUSED_SHOWN:,} more; all of them stand in the station's log")
