"""A hospital at its real size: the whole drug directory, one very long pick list, thousands of packages used before.

Run as a program: python -m tests.bench.hospital FOLDER [DIRECTORY]; says what the drug directory is on standard output.
"""

import csv
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kiosk.live.inbox import take_in
from kiosk.sample import make_sample
from kiosk.scanners.paired import Paired, scanners_file, write_scanners
from kiosk.site import SAMPLE_STATION
from kiosk.station import Station
from stations.pharmacy.packages import serial_key
from stations.records.journal import Journal
from stations.scanning.decoding.wedge import Profile
from stations.work.facts import Put

LIST, SHELF, GTIN, OTHER_GTIN = "P00127X", "L03A12Z", "00309991234563", "00309991235560"
"""The pick list, the shelf of its first line, the package asked for there, and its look-alike."""
SCANNER = "pipe"
"""The stable name of the scanner that types through a pipe."""
PRODUCTS, PACKAGES = 108_455, 214_634
"""Rows of the drug directory: as many as FDA lists."""
SERIALS = 20_000
"""Packages used before: rows of the register that is saved while scans are measured."""
_QUANTITY = 9_999
_PER_ENTRY = 1_000
_PRODUCT = (
    *("PRODUCTID", "PRODUCTNDC", "PRODUCTTYPENAME", "PROPRIETARYNAME", "PROPRIETARYNAMESUFFIX", "NONPROPRIETARYNAME"),
    *("DOSAGEFORMNAME", "ROUTENAME", "LABELERNAME", "SUBSTANCENAME", "ACTIVE_NUMERATOR_STRENGTH"),
    *("ACTIVE_INGRED_UNIT", "PHARM_CLASSES", "DEASCHEDULE"),
)
_PACKAGE = ("PRODUCTID", "PRODUCTNDC", "NDCPACKAGECODE", "PACKAGEDESCRIPTION")


def generated(folder: Path) -> tuple[Path, Path]:
    """Write a pair of files of the size and shape of FDA's: three shapes of code in the shares they really have."""
    folder.mkdir(parents=True, exist_ok=True)
    products, packages = folder / "product.txt", folder / "package.txt"
    _write(products, _PRODUCT, (_product(number) for number in range(PRODUCTS)))
    _write(packages, _PACKAGE, (_package(number % PRODUCTS, number // PRODUCTS) for number in range(PACKAGES)))
    return products, packages


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    with path.open("w", encoding="cp1252", newline="\r\n") as file:
        file.writelines("\t".join(row) + "\n" for row in (columns, *rows))


def _ndc(number: int) -> tuple[str, int]:
    """Labeler and product of the number-th product, and the digits of its packages' segment: 5-3-2, 5-4-1 or 4-4-2."""
    block, within = divmod(number, 500)
    share = block % 20
    if share < 13:
        return f"{50_000 + block:05d}-{within:03d}", 2
    if share < 18:
        return f"{50_000 + block:05d}-{within:04d}", 1
    return f"{1_000 + block:04d}-{within:04d}", 2


def _product(number: int) -> tuple[str, ...]:
    ndc, name = _ndc(number)[0], f"Generated substance {number % 4_000}"
    brand = f"Brand {number % 9_000}"
    classes = "Generated class of substances [EPC], generated mechanism of action [MoA]"
    form, route, maker = "TABLET, FILM COATED", "ORAL", f"Made-up Laboratories {number // 500}"
    return (
        f"{ndc}_{number}",
        ndc,
        "MADE UP",
        brand,
        "",
        name,
        form,
        route,
        maker,
        name.upper(),
        "25",
        "mg/1",
        classes,
        "",
    )


def _package(number: int, which: int) -> tuple[str, ...]:
    ndc, digits = _ndc(number)
    code = f"{ndc}-{which + 1:0{digits}d}"
    return f"{ndc}_{number}", ndc, code, f"{30 * (which + 1)} TABLET, FILM COATED in 1 BOTTLE ({code})"


def make(folder: Path, directory: Path | None, now: dt.datetime) -> str:
    """Make the hospital in an empty folder, and say what its drug directory is."""
    files = folder / "files"
    pair = (directory / "product.txt", directory / "package.txt") if directory is not None else generated(files)
    files.mkdir(exist_ok=True)
    site = folder / "site"
    make_sample(site, now)
    _use_serials(site, now)
    pair_scanner(site)
    with Station(site, None, lambda: now) as station:
        station.settle()
        take_in(station, "picks", [_long_list(files / "picks.csv")])
        take_in(station, "ndc", pair)
        count = station.runtime.registers.count("directory")
    return f"{count:,} packages {f'of {directory}' if directory is not None else 'generated'}"


def _long_list(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("list", "line", "cabinet", "bin", "item", "quantity", "shelf"))
        rows.writerow((LIST, 1, "A4W", 12, "hydralazine-25-tab", _QUANTITY, SHELF))
    return path


def _use_serials(site: Path, now: dt.datetime) -> None:
    """Record packages as used, as the tasks of a year would have."""
    journal = Journal.open(site / "stations" / SAMPLE_STATION / "journal", SAMPLE_STATION)
    for first in range(0, SERIALS, _PER_ENTRY):
        rows = [_used(number) for number in range(first, first + _PER_ENTRY)]
        journal.append("sample", {"by": "AT", "rows": msgspec.to_builtins(rows)}, now)
    journal.close()


def _used(number: int) -> Put:
    key = serial_key(GTIN, f"U{number:05d}")
    row = {
        "package": key,
        "gtin": GTIN,
        "serial": f"U{number:05d}",
        "item": "hydralazine-25-tab",
        "lot": "LOT1",
        "task": "",
    }
    return Put(register="serial", key=key, row=row)


def pair_scanner(site: Path) -> None:
    """Let the sample's bench have the scanner that types through a pipe."""
    paired = Paired(name=SCANNER, phys=SCANNER, vendor="0000", product="0000", profile=Profile(proved=True))
    write_scanners(scanners_file(site, SAMPLE_STATION), [paired])


if __name__ == "__main__":
    directory = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    sys.stdout.write(make(Path(sys.argv[1]), directory, dt.datetime.now().astimezone()) + "\n")
