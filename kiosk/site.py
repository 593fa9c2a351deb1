"""Where does a site keep its things, and how is a new one made?

Everything a site edits or the program writes is under one data folder; installed code is read-only. A new folder gets a
copy of the definitions that come with the program; the sample hospital is made by importing its files as a real one
would.
"""

import datetime as dt
import os
import re
import shlex
import shutil
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from kiosk.printer_place import PrinterPlace, Virtual, profile_of
from printers.profile import Profile, ProfileRefused

SAMPLE_DAY = dt.date(2026, 3, 10)
"""The day the sample's dates are written for; a sample made on another day has them moved by whole days."""
SAMPLE_STATION = "bench-3"
SAMPLE_MARK = "sample.txt"
"""Stands in a data folder that holds the sample hospital, whose PINs everybody knows."""
FOLDERS = (
    "roles",
    "checklists",
    "labels",
    "printers",
    "staff",
    "formulary",
    "places",
    "inbox",
    "done",
    "rejected",
    "stations",
)
_STATION = """\
# What this bench is and which devices belong to it.
name = "{name}"
number = 0
# Whether scans that come through the keyboard are taken. That is less safe: pair the scanners, then write false.
keyboard_scans = true

[printer]
# Labels come on the screen only. A real printer is one of
#   kind = "lp", path = "/dev/usb/lp0"                            USB, through the kernel's driver
#   kind = "network", host = "printer-3.example", port = 9100     its own address
#   kind = "serial", path = "/dev/ttyUSB0", baud = 38400, flow = "dtr"      or flow = "rts", "xon", "none"
#   kind = "usb", vendor = "04b8", product = "0e15"               USB, past the kernel's driver
#   kind = "file"                                                 bytes are added to spool/labels.bin beside this file
# each key on a line of its own; `kiosk devices` lists what is plugged in.
kind = "virtual"
# What the make of printer can do: a file of the folder printers/.
profile = "roll-80"
"""
_DATE = re.compile(rb"\b20\d\d-[01]\d-[0-3]\d\b")


class SiteRefused(ValueError):
    """A data folder that cannot be used; its text says what, where and what was expected."""


class StationFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A station's `station.toml`."""

    name: str
    """As people say it."""
    number: int = 0
    """0 to 99, its own among the site's stations: two digits of every label id."""
    printer: PrinterPlace = Virtual()
    keyboard_scans: bool = True
    """Whether scans that arrive through the terminal's keyboard are taken: less safe."""


def shipped() -> Path:
    """Return the folder of data that comes with the program."""
    inside = Path(__file__).parent / "data"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "data"


def default_folder() -> Path:
    """Return `$KIOSK_DATA`, else the user's data folder."""
    named = os.environ.get("KIOSK_DATA")
    return Path(named) if named else Path(platformdirs.user_data_dir("rxkiosk", appauthor=False))


def make(folder: Path) -> None:
    """Make an empty site's data folder with the shipped definitions; raise SiteRefused where there is one already."""
    if (folder / "settings.toml").exists():
        raise SiteRefused(f"{folder} is a data folder already; expected an empty one or none.")
    if folder.exists() and any(folder.iterdir()):
        raise SiteRefused(f"{folder} holds other files; expected an empty folder or none.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    source = shipped()
    for name in ("roles", "checklists", "labels", "printers"):
        shutil.copytree(source / name, folder / name, dirs_exist_ok=True)
    shutil.copy(source / "settings.toml", folder / "settings.toml")
    make_station(folder, SAMPLE_STATION, "Bench 3")


def make_station(folder: Path, station: str, name: str) -> None:
    """Make a station's folder with its file."""
    place = folder / "stations" / station
    place.mkdir(parents=True, exist_ok=True)
    (place / "station.toml").write_text(_STATION.format(name=name), encoding="utf-8")


def sample_files(day: dt.date, into: Path) -> tuple[tuple[str, tuple[Path, ...]], ...]:
    """Copy the sample hospital's files, their dates moved so that they are relative to `day`; name each import."""
    source = shipped() / "sample"
    shift = day - SAMPLE_DAY
    into.mkdir(parents=True, exist_ok=True)
    imports = []
    for kind in ("devices", "locations", "items", "links", "staff", "stock", "picks"):
        moved = into / f"{kind}.csv"
        moved.write_bytes(_moved((source / f"{kind}.csv").read_bytes(), shift))
        imports.append((kind, (moved,)))
    pair = tuple(into / name for name in ("product.txt", "package.txt"))
    for path in pair:
        shutil.copy(source / path.name, path)
    return (*imports, ("ndc", pair))


def _moved(text: bytes, shift: dt.timedelta) -> bytes:
    if not shift:
        return text

    def later(found: re.Match[bytes]) -> bytes:
        return (dt.date.fromisoformat(found[0].decode()) + shift).isoformat().encode()

    return _DATE.sub(later, text)


def stations_of(folder: Path) -> tuple[str, ...]:
    """Return the ids of the stations defined in a data folder."""
    return tuple(sorted(path.parent.name for path in (folder / "stations").glob("*/station.toml")))


def check_folder(folder: Path) -> None:
    """Raise SiteRefused, with what makes one, where this is no data folder."""
    if not (folder / "settings.toml").exists():
        if stations_of(folder):
            raise SiteRefused(f"{folder}: settings.toml is missing; expected it beside the stations. Put it back.")
        make = f"kiosk --data {shlex.quote(str(folder))} init"
        raise SiteRefused(f"{folder} is no data folder; make one with: {make} --sample, or only look with: kiosk demo")


def is_sample(folder: Path) -> bool:
    """Whether a data folder holds the sample hospital."""
    return (folder / SAMPLE_MARK).exists()


def station_named(folder: Path, wanted: str | None) -> tuple[str, StationFile]:
    """Return the station called so, or the only one, with its file; raise SiteRefused with a sentence."""
    check_folder(folder)
    station = station_id(folder, wanted)
    return station, station_file(folder, station)


def station_id(folder: Path, wanted: str | None) -> str:
    """Return the id of the station called so, or of the only one; raise SiteRefused with a sentence."""
    known = stations_of(folder)
    if wanted is None and len(known) == 1:
        wanted = known[0]
    if wanted not in known:
        found = f"no station {wanted!r}" if wanted else f"{len(known)} stations"
        raise SiteRefused(f"{folder}: found {found}; expected --station to be one of {', '.join(known) or 'none'}.")
    return wanted


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file that people may have edited, whatever is in it; raise SiteRefused with a sentence.

    FileNotFoundError is left to the caller, for whom it may mean something.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for without end
            raise SiteRefused(f"{path}: found no regular file, expected one in TOML.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SiteRefused(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SiteRefused(f"{path}: not UTF-8 at byte {error.start}.") from error
    except RecursionError as error:
        raise SiteRefused(f"{path}: not TOML that can be used: too many brackets in one another.") from error
    except tomllib.TOMLDecodeError as error:
        raise SiteRefused(f"{path}: not TOML: {error}.") from error
    except ValueError as error:  # a number of thousands of digits
        raise SiteRefused(f"{path}: not TOML that can be used: {error}.") from error


def station_file(folder: Path, station: str) -> StationFile:
    """Read a station's own file; raise SiteRefused with a sentence."""
    path = folder / "stations" / station / "station.toml"
    try:
        file = msgspec.convert(read_toml(path), StationFile)
    except FileNotFoundError as error:
        raise SiteRefused(f"{path}: is missing; expected one for each station.") from error
    except msgspec.ValidationError as error:
        raise SiteRefused(f"{path}: {error}.") from error
    return file


def printer_profile(folder: Path, file: StationFile) -> Profile:
    """Return what the station's printer can do; raise SiteRefused with a sentence."""
    try:
        return profile_of(file.printer, folder / "printers", shipped() / "printers")
    except ProfileRefused as refused:
        raise SiteRefused(f"station.toml, printer: {refused}") from refused


Progress = Callable[[str, int, int], None]
"""Is told what is being done, how far it is, and how far it goes."""
