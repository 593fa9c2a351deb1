"""The performance table of `make bench`, on this machine and this disk; it takes some minutes.

    python -m tests.bench [--ndc DIR] [--scans N] [--texts N]

A number over its limit is marked so and does not fail the command: a busy or slow machine is no fault of the program.
Where there is no limit, the number is there to be compared with the next one.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from . import rooms, scanning, texts
from .hospital import SERIALS
from .terminal import ROOT

SIZES = ((80, 24), (160, 50))
_NOT_AT_A_STEP = "command-sheet"
"""Dozens of codes on one label, printed once by hand: nobody waits for it at work."""
MS, US = ("ms", 1e3), ("µs", 1e6)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    what: str
    values: Sequence[float]
    """One or many."""
    unit: tuple[str, float] = MS
    """Its name, and how many there are in one of `values`."""
    median: float | None = None
    """The limits, in the same unit."""
    p99: float | None = None

    def cells(self) -> tuple[str, str, str, str, str]:
        """Give the line as text."""
        name, factor = self.unit
        found = sorted(value * factor for value in self.values)
        middle = statistics.median(found)
        worst = found[min(len(found) - 1, len(found) * 99 // 100)]
        limits = "  ".join(f"{limit:g}" for limit in (self.median, self.p99) if limit is not None)
        over = (self.median is not None and middle > self.median) or (self.p99 is not None and worst > self.p99)
        shown = f"{worst:,.1f} {name}" if len(found) > 1 else ""
        return self.what, f"{middle:,.1f} {name}", shown, f"{limits} {name}" if limits else "", _word(limits, over=over)


def _word(limits: str, *, over: bool) -> str:
    if not limits:
        return ""
    return "OVER" if over else "ok"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The performance table.")
    parser.add_argument("--ndc", type=Path, help="a folder with FDA's product.txt and package.txt")
    parser.add_argument("--scans", type=int, default=300, help="scans on each terminal, with and without a save")
    parser.add_argument("--texts", type=int, default=1_000_000, help="hostile texts that are read as codes")
    asked = parser.parse_args()
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as name:
        folder = Path(name)
        _doing("making a hospital with the whole drug directory")
        directory = _made(folder, asked.ndc)
        rows = [*_of_scans(folder, asked.scans), *_of_a_printer(folder, asked.scans)]
        rows += [*_of_import(folder, asked.ndc), *_of_rooms(folder / "site")]
        rows += _of_texts(asked.texts)
        sys.stdout.write("\n".join((_head(folder, directory), "", *_table(rows))) + "\n")


def _doing(what: str) -> None:
    sys.stderr.write(f"{what} …\n")
    sys.stderr.flush()


def _counted(what: str, done: int, of: int) -> None:
    """Show how far it is, on one line where there is a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what}: {done:,} of {of:,}{' …' if done < of else ''}" + ("\n" if done == of else ""))
        sys.stderr.flush()
    elif done == of:
        _doing(f"{what}: {of:,}")


def _made(folder: Path, directory: Path | None) -> str:
    """Make the hospital in a process of its own: what measures stays small."""
    command = [sys.executable, "-m", "tests.bench.hospital", str(folder)]
    if directory is not None:
        command.append(str(directory.absolute()))
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _site(folder: Path) -> Path:
    """Give a copy of the hospital that a kiosk may change."""
    place = folder / "at-work"
    shutil.rmtree(place, ignore_errors=True)
    return Path(shutil.copytree(folder / "site", place))


def _of_scans(folder: Path, scans: int) -> Iterator[Row]:
    for columns, lines in SIZES:
        _doing(f"scanning on a terminal of {columns}x{lines}")
        found = scanning.at_work(_site(folder), columns, lines, scans)
        yield Row(what=f"{found.size}: start to the first frame", values=[found.first_frame])
        saving = f"{found.size}: last key to painted frame"
        yield Row(what=f"{saving}, a register being saved", values=found.saving, median=10, p99=50)
        yield Row(what=f"{saving}, the same, full-screen STOP", values=found.stops, median=10, p99=50)
        yield Row(what=f"{saving}, saved as usual", values=found.alone, median=10, p99=50)
        yield Row(what=f"{found.size}: longest an event of the scanner waited", values=[found.stall], median=5)
        yield Row(what=f"{found.size}: peak memory", values=[found.memory], unit=("MB", 1e-6))


def _of_a_printer(folder: Path, scans: int) -> Iterator[Row]:
    _doing("scanning while a printer hangs")
    found = scanning.while_a_printer_hangs(_site(folder), scans)
    yield Row(what="last key to painted frame, while a printer hangs", values=found.frames, median=10, p99=50)
    yield Row(what="longest an event of the scanner waited, while a printer hangs", values=[found.stall], median=5)


def _of_import(folder: Path, directory: Path | None) -> Iterator[Row]:
    _doing("importing the drug directory while scanning")
    place = directory.absolute() if directory is not None else folder / "files"
    found = scanning.while_importing(_site(folder), (place / "product.txt", place / "package.txt"))
    yield Row(what="importing the drug directory, while scanning", values=[found.took], unit=("s", 1))
    yield Row(what="last key to painted frame, while importing", values=found.frames)
    yield Row(what="longest an event of the scanner waited, while importing", values=[found.stall], median=5)
    yield Row(what="peak memory, with an import", values=[found.memory], unit=("MB", 1e-6))


def _of_rooms(site: Path) -> Iterator[Row]:
    _doing("the parts of a scan alone")
    registers = rooms.registers_of(site)
    yield Row(
        what="look up a package in the directory", values=rooms.package_look_up(registers, 5_000), unit=US, median=50
    )
    yield Row(what="look up a package's link and item", values=rooms.link_look_up(registers, 5_000), unit=US, median=50)
    reading = rooms.reading(20_000)
    yield Row(what=f"read a code: {len(reading) / sum(reading):,.0f} codes a second", values=reading, unit=US)
    yield Row(what="append an entry, with its fsync", values=rooms.append(site, 500))
    for at, (label, took) in enumerate(rooms.labels(20).items()):
        is_sheet = label.startswith(_NOT_AT_A_STEP)
        slowest = "" if at else ", the slowest"
        what = f"draw a label and compose its bytes: {label}{slowest}"
        yield Row(what=what, values=took, median=None if is_sheet else 20)


def _of_texts(count: int) -> Iterator[Row]:
    found = texts.Found()
    for found in texts.read_all(count):
        _counted("reading hostile texts", found.texts, count)
    told = ", ".join(f"{outcome} {number:,}" for outcome, number in found.outcomes.most_common())
    yield Row(what=f"{found.texts:,} hostile texts read: {told}", values=[found.took], unit=("s", 1))
    yield Row(what="the longest of them", values=[found.slowest], median=5)


def _head(folder: Path, directory: str) -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return "\n".join(
        (
            f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}; {_file_system(folder)}",
            f"drug directory: {directory}; the register that is saved: {SERIALS:,} rows",
            f"load of the machine over the last 5 minutes, this included: {os.getloadavg()[1]:.1f}",
        )
    )


def _file_system(folder: Path) -> str:
    """Say on what the journal lies: an fsync into memory measures nothing."""
    mounts = Path("/proc/self/mounts")
    found = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()] if mounts.exists() else []
    around = [(len(where), kind) for _, where, kind, *_ in found if folder.is_relative_to(where)]
    return f"journal on {max(around)[1]}" if around else "journal on an unknown file system"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    cells = [("what", "median", "p99", "limit", ""), *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    for line in cells:
        numbers = (f"{cell:>{width}}" for cell, width in zip(line[1:4], widths[1:4], strict=True))
        yield "  ".join((f"{line[0]:<{widths[0]}}", *numbers, line[4])).rstrip()


if __name__ == "__main__":
    main()
