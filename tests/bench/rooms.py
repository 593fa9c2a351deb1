"""How long does each part of a scan take alone? Seconds, one number a time it was done."""

import datetime as dt
import itertools
import shutil
import statistics
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from kiosk.site import SAMPLE_STATION, shipped
from printers import profile as profiles
from printers.composing import compose
from printers.drawing import draw
from printers.label import Layout, samples
from printers.layout import layouts
from stations.pharmacy import formulary
from stations.records.journal import Journal
from stations.records.registers import Registers
from stations.records.tables import TABLES
from stations.scanning.codes import Code, from_visible, read
from stations.scanning.ours import own_code

from .hospital import GTIN, SHELF

CODES = tuple(
    map(
        from_visible,
        (
            f"]d201{GTIN}1727020010LOT7A<GS>21S0001",
            f"]C101{GTIN}1727020010LOT7A<GS>21S0001",
            f"]e001{GTIN}17270200",
            f"01{GTIN}10LOT7A<GS>17270228",
            "0999-1234-56",
            "0999123456",
            SHELF,
            "B0042173",
            "K000000017",
        ),
    )
)
"""What is scanned at a bench: packages in their symbologies, bare NDCs, and codes of ours."""
TODAY = dt.date(2026, 3, 10)


def timed(what: Callable[[], object], times: int) -> list[float]:
    """Do something so often, and give how long each took."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        took.append(time.perf_counter() - start)
    return took


def reading(times: int) -> list[float]:
    """Say what a text is."""
    texts = cycle(CODES)
    for text in CODES:
        read(text, TODAY)
    return timed(lambda: read(next(texts), TODAY), times)


def registers_of(site: Path) -> Registers:
    """Open the registers alone."""
    return Registers.open(site, site / "stations" / SAMPLE_STATION, TABLES)


def package_look_up(registers: Registers, times: int) -> list[float]:
    """Find a listed package by its twelve digits and by its ten, all over the directory."""
    found = registers.rows("directory")
    # Far from one another, so that no look-up finds its row warm.
    spread = [found[index * 7_919 % len(found)] for index in range(times)]
    keys = iter([(row["ndc12"], row["digits"]) for row in spread])

    def look() -> None:
        ndc12, digits = next(keys)
        registers.row("directory", ndc12)
        registers.rows("directory", digits=digits)

    return [both / 2 for both in timed(look, times)]


def link_look_up(registers: Registers, times: int) -> list[float]:
    """Find the item that a package's code stands for: its link, then the item."""
    code: Code = read(CODES[0], TODAY)
    return timed(lambda: formulary.find(code, registers), times)


def labels(times: int) -> dict[str, list[float]]:
    """Draw every label with its sample values and give the printer's bytes; the slowest first, on its slower paper."""
    found, refused = layouts(shipped() / "labels")
    if refused:
        raise ValueError(f"a label's definition was refused: {refused[0]}")
    wide_and_narrow = [profiles.named(name, shipped() / "printers") for name in ("roll-80", "roll-58")]
    took = {
        f"{layout.id} on {profile.paper:d} mm": _label(layout, profile, times)
        for layout in found.values()
        for profile in wide_and_narrow
        if profile.paper in layout.papers
    }
    slowest_first = sorted(took, key=lambda name: statistics.median(took[name]), reverse=True)
    slower = {name.partition(" ")[0]: name for name in reversed(slowest_first)}
    return {name: took[name] for name in slowest_first if name in slower.values()}


def _label(layout: Layout, profile: profiles.Profile, times: int) -> list[float]:
    """Draw one label so often, each with an id of its own: no bar code was ever drawn before."""
    fields, numbers = samples(layout), itertools.count()

    def compose_one() -> None:
        own = {"label_id": own_code("K", f"03{next(numbers):06d}")} if "label_id" in fields else {}
        compose(draw(layout, {**fields, **own}, profile.paper), profile)

    compose_one()
    return timed(compose_one, times)


def append(folder: Path, times: int) -> list[float]:
    """Put an entry of a package's scan on the disk on which `folder` lies."""
    place = folder / "journal-alone"
    journal = Journal.open(place, SAMPLE_STATION)
    now = dt.datetime(2026, 3, 10, 8, tzinfo=dt.UTC)
    raw = {"raw": CODES[0].replace("\x1d", "<GS>"), "gtin": GTIN, "lot": "LOT7A", "serial": "S0001", "verdict": "PASS"}
    data = {"by": "AT", "task": "T000000018", "step": "line[1].package", "changes": [raw], "rows": [raw], **raw}
    took = timed(lambda: journal.append("scan", data, now), times)
    journal.close()
    shutil.rmtree(place)
    return took
