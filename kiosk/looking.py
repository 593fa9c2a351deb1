"""What do a station's registers hold, for somebody who only looks?

Looking takes no lock and changes nothing, so it may be done while the station works: the saved registers are read
through links in a folder of their own, and what the journal says since is added up in memory. FDA's directory, which
no worklist reads and which takes a second to read, is left out.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stations.records.inbox import Intake
from stations.records.journal import entries
from stations.records.registers import Registers
from stations.records.tables import TABLES

_LOOKED_AT = {name: table for name, table in TABLES.items() if not table.big}


@contextlib.contextmanager
def registers_of(site: Path, station: str) -> Iterator[Registers]:
    """Give a station's registers as they are now; raises JournalBroken, and ImportRefused for a damaged kept file."""
    with tempfile.TemporaryDirectory(prefix="rxkiosk-look-") as name:
        glass = Path(name)
        for path in _files(site, station):
            link = glass / path.relative_to(site)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.absolute())
        registers = Registers.open(glass, glass / "stations" / station, _LOOKED_AT)
        intake = Intake(site, registers)
        for entry in entries(site / "stations" / station / "journal", registers.oldest_stamp):
            if entry.kind == "imported" and entry.data["what"] != "ndc":
                intake.again(entry)
            registers.fold(entry)
        yield registers


def _files(site: Path, station: str) -> Iterator[Path]:
    """Find the saved registers and their last good copies."""
    for folder in (site, site / "stations" / station):
        yield from folder.glob("*/*.json")
        yield from folder.glob("*/*.json.bak")
