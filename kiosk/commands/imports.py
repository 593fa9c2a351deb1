"""How are files taken in, and what is told of it?

All or nothing, and a report of rows taken, changed, unchanged and refused.
"""

import argparse
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from kiosk.commandline import Exit
from kiosk.commands.asking import answers
from kiosk.live.requests import Import
from kiosk.site import default_folder, station_named
from kiosk.telling import Clock, Progress, say

_REFUSED_SHOWN = 20


def take(asked: argparse.Namespace, clock: Clock) -> int:
    """Take the files, or let the running kiosk take them."""
    site = asked.data or default_folder()
    name, _ = station_named(site, asked.station)
    request = Import(what=asked.kind, files=tuple(str(path.absolute()) for path in asked.files))
    with (
        Progress(f"taking in {asked.kind}") as progress,
        closing(answers(site, name, clock, [request], progress, prints=False)) as given,
    ):
        answer = next(given)
    _tell(answer.report)
    return Exit.DONE


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
