"""How is the sample hospital made?

As a real one would be: an empty data folder, then its files imported one by one, then a pharmacist on duty.
"""

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk import site
from kiosk.definitions import zone_of
from kiosk.station import Station
from stations.bench.kept import DutySet
from stations.records.journal import Journal

ON_DUTY = "P1"
PINS = (
    *("420173", "510285", "622039", "733146", "844253", "955360", "106647"),
    *("201518", "202629", "303730", "404841", "505952", "606063", "707174"),
)
"""What the sample's people key; public, and so refused in any other data folder."""
_MARK = "This folder holds the sample hospital: made-up people whose PINs everybody knows. Not for use with patients.\n"


def make_sample(folder: Path, at: dt.datetime, told: Callable[[str], None] | None = None) -> None:
    """Make the sample hospital in an empty folder, its dates relative to the day that `at` is there.

    `told` is given the kind of each import before it begins.
    """
    site.make(folder)
    (folder / site.SAMPLE_MARK).write_text(_MARK, encoding="utf-8")
    with tempfile.TemporaryDirectory() as files:
        zone = zone_of(folder)
        imports = site.sample_files(at.astimezone(zone).date(), Path(files))
        _come_on_duty(folder, at)
        with Station(folder, None, lambda: at, prints=False) as station:
            station.settle()
            for kind, paths in imports:
                if told is not None:
                    told(kind)
                station.take_file(kind, paths)
                station.settle()


def _come_on_duty(folder: Path, at: dt.datetime) -> None:
    """Record the sample's pharmacist on duty, as their badge and PIN at the door would."""
    journal = Journal.open(folder / "stations" / site.SAMPLE_STATION / "journal", site.SAMPLE_STATION)
    change = DutySet(person=ON_DUTY, on=True)
    journal.append("duty", {"by": ON_DUTY, "duty": "on duty", "changes": msgspec.to_builtins([change])}, at)
    journal.close()
