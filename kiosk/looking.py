"""What do a station's registers hold, for somebody who only looks?

Looking takes no lock and changes nothing, so it may be done while the station works: the saved registers are read, and
what the journal says since is added up in memory. FDA's directory, which no worklist reads and which takes a second to
read, is left out.
"""

from pathlib import Path

from stations.records.intake import Intake
from stations.records.journal import entries
from stations.records.registers import Registers
from stations.records.tables import TABLES

_LOOKED_AT = {name: table for name, table in TABLES.items() if not table.big}


def registers_of(site: Path, station: str) -> Registers:
    """Give a station's registers as they are now; raises JournalBroken, and ImportRefused for a damaged kept file."""
    registers = Registers.open(site, site / "stations" / station, _LOOKED_AT, tidy=False)
    intake = Intake(site, registers)
    for entry in entries(site / "stations" / station / "journal", registers.oldest_stamp):
        if entry.kind == "imported" and entry.data["what"] != "ndc":
            intake.again(entry)
        registers.fold(entry)
    return registers
