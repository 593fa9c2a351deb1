"""Can each scanner of a bench be read, and if not, what mends it?

Every state has a sentence of its own. Whether a scanner can be held is tried, for no longer than it takes to know. What
a running kiosk holds it alone can tell of, and it has: in its journal, which the check reads from end to end anyway.
"""

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

from kiosk.commands.checked import Line, bad, warn
from kiosk.live.running import runs
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, Whereabouts, find, read_scanners, scanners_file
from kiosk.site import SiteRefused
from stations.records.journal import JournalBroken, entries
from stations.scanning.devices.listing import Found
from stations.scanning.devices.trouble import trouble_of

_ABOUT = "scanners"
_PAIR = "kiosk pair scanner"


def scanners_checked(site: Path, station: str, doors: Doors = DOORS, *, keyboard_scans: bool = True) -> Iterator[Line]:
    """Check what scanners need of the machine, then each paired scanner."""
    try:
        paired = read_scanners(scanners_file(site, station))
    except SiteRefused as refused:
        yield bad(_ABOUT, str(refused), f"edit the file, or remove it and pair again: {_PAIR}")
        return
    yield from _machine(paired, doors)
    if not paired:
        how = "scans come through the keyboard, which is less safe" if keyboard_scans else "codes are keyed"
        yield warn(_ABOUT, f"none is paired, so {how}", f"{_PAIR} --card")
    found = doors.listed() if paired else ()
    for scanner in paired:
        where = find(scanner, paired, found)
        errors = [(node, error) for node in where.nodes if (error := doors.tried(node)) is not None]
        if where.trouble is not None:
            yield bad(_ABOUT, f"{scanner.name} {where.trouble.what}", where.trouble.mend)
        elif errors:
            yield _in_trouble(scanner, *errors[0], _kiosk_says(site, station, scanner.name))
        else:
            yield _place(scanner, where)
        yield from _believed(scanner)


def _machine(paired: Sequence[Paired], doors: Doors) -> Iterator[Line]:
    """Check what keyboards of scanners need; a serial line needs none of it."""
    if paired and all(scanner.kind == "serial" for scanner in paired):
        return
    if not doors.can_read_keys():
        yield warn(_ABOUT, "found no evdev, so no scanner can be read as a keyboard", "run on Linux and install evdev")
    if not doors.nodes.is_dir():
        yield warn(_ABOUT, f"found no {doors.nodes}", "run on a Linux system with input devices")


def _place(scanner: Paired, where: Whereabouts) -> Line:
    moved = where.state == "moved"
    says = (
        f"{scanner.name}: {where.says}" if moved else f"{scanner.name} at {where.nodes[0].port}, {where.nodes[0].name}"
    )
    return Line(about=_ABOUT, says=says)


def _in_trouble(scanner: Paired, node: Found, error: OSError, kiosk_says: tuple[bool, str] | None) -> Line:
    """Tell why a node cannot be held; `kiosk_says` is what a kiosk that runs told last of the scanner."""
    trouble = trouble_of(error)
    if error.errno == errno.EBUSY and kiosk_says is not None:
        is_held, says = kiosk_says
        if is_held:
            return Line(about=_ABOUT, says=f"{scanner.name} is held by the kiosk that runs here")
        if says and not says.startswith(trouble.says):
            return bad(
                _ABOUT, f"{scanner.name}, as the kiosk that runs here tells: {says}", "do that, then check again"
            )
    return bad(_ABOUT, f"{scanner.name} at {node.path} {trouble.what}", trouble.mend)


def _kiosk_says(site: Path, station: str, name: str) -> tuple[bool, str] | None:
    """Give whether the kiosk that runs here holds a scanner, and its last sentence on it; None where none runs."""
    if not runs(site, station):
        return None
    told = (False, "")
    try:
        for entry in entries(site / "stations" / station / "journal"):
            if entry.kind == "device" and entry.data.get("device") == name:
                told = bool(entry.data.get("present")), str(entry.data.get("says"))
    except JournalBroken:  # told by the check of the journal itself
        return told
    return told


def _believed(scanner: Paired) -> Iterator[Line]:
    """Tell what a scanner was paired by, and what it has been doubted for since."""
    again = f"{_PAIR} --card --name '{scanner.name}'"
    if scanner.doubt:
        mend = f"set it back and scan the whole check card at the bench, or {again}"
        yield bad(_ABOUT, f"{scanner.name} is re-programmed: {scanner.doubt}", mend)
    if not scanner.profile.proved:
        yield warn(_ABOUT, f"how {scanner.name} types was not proved by the whole check card", again)
