"""Registers in memory, for tests of what looks things up in them: as the real ones answer, without a file."""

from collections.abc import Sequence
from pathlib import Path

from stations.records.imports import Import, read_import
from stations.records.tables import TABLES
from stations.work.facts import Row

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SAMPLE_FILES = {
    "items": ("items.csv",),
    "links": ("links.csv",),
    "devices": ("devices.csv",),
    "locations": ("locations.csv",),
    "stock": ("stock.csv",),
    "picks": ("picks.csv",),
    "staff": ("staff.csv",),
    "ndc": ("product.txt", "package.txt"),
}
"""Kind of import to the sample hospital's files, in the order in which they are handed in."""


class InMemory:
    """Facts that can be given rows."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in TABLES}

    def row(self, register: str, key: str) -> Row | None:
        return self.tables[register].get(key)

    def rows(self, register: str, **equals: str) -> Sequence[Row]:
        found = self.tables[register].values()
        return [row for row in found if all(str(row.get(field)) == text for field, text in equals.items())]

    def take(self, found: Import) -> None:
        for put in found.puts:
            self.tables[put.register][put.key] = put.row or {}
        for register, rows in found.replaced.items():
            self.tables[register] = {row[TABLES[register].key]: row for row in rows}


def sample_hospital(*kinds: str) -> InMemory:
    """Import the sample hospital, or these kinds of its files."""
    facts = InMemory()
    for kind in kinds or SAMPLE_FILES:
        facts.take(read_import(kind, [SAMPLE / name for name in SAMPLE_FILES[kind]], facts))
    return facts
