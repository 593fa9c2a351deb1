"""Can each scanner of a bench be read, and if not, what mends it?

Every state has a sentence of its own. Whether a scanner can be held is tried, for no longer than it takes to know.
"""

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

from kiosk.commands.checked import Line, bad, warn
from kiosk.live.running import runs
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, Whereabouts, find, read_scanners, scanners_file
from kiosk.site import SiteRefused
from stations.scanning.devices.listing import Found, port_of
from stations.scanning.devices.trouble import why

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
    found, is_running = doors.listed() if paired else (), runs(site, station)
    for scanner in paired:
        yield _scanner(scanner, find(scanner, paired, found), doors, is_running=is_running)
        if not scanner.profile.proved:
            says = f"how {scanner.name} types was not proved by the whole check card"
            yield warn(_ABOUT, says, f"{_PAIR} --card --name '{scanner.name}'")


def _machine(paired: Sequence[Paired], doors: Doors) -> Iterator[Line]:
    """Check what keyboards of scanners need; a serial line needs none of it."""
    if paired and all(scanner.kind == "serial" for scanner in paired):
        return
    if not doors.can_read_keys():
        yield warn(_ABOUT, "found no evdev, so no scanner can be read as a keyboard", "run on Linux and install evdev")
    if not doors.nodes.is_dir():
        yield warn(_ABOUT, f"found no {doors.nodes}", "run on a Linux system with input devices")


def _scanner(scanner: Paired, where: Whereabouts, doors: Doors, *, is_running: bool) -> Line:
    match where.state:
        case "gone":
            says = f"{scanner.name} is not there"
            return bad(_ABOUT, says, f"plug it in at {port_of(scanner.phys)}, or pair another: {_PAIR}")
        case "elsewhere":
            return bad(_ABOUT, where.says, f"plug it back, or {_PAIR} --name '{scanner.name}'")
        case "other":
            return bad(_ABOUT, where.says, f"plug {scanner.name} in there, or {_PAIR} --name '{scanner.name}'")
    errors = [(node, error) for node in where.nodes if (error := doors.tried(node)) is not None]
    if not errors:
        says = f"{scanner.name} at {where.nodes[0].port}, {where.nodes[0].name}"
        return Line(about=_ABOUT, says=where.says if where.state == "moved" else says)
    node, error = errors[0]
    return _in_trouble(scanner, node, error, is_running=is_running)


def _in_trouble(scanner: Paired, node: Found, error: OSError, *, is_running: bool) -> Line:
    if error.errno == errno.EBUSY and is_running:
        return Line(about=_ABOUT, says=f"{scanner.name} is held by the kiosk that runs here")
    if error.errno == errno.EBUSY:
        says = f"{scanner.name} at {node.path} is held by another program, perhaps by another kiosk"
        return bad(_ABOUT, says, "stop that program")
    if error.errno in (errno.EACCES, errno.EPERM):
        says = f"{scanner.name} at {node.path} may not be read by this user"
        return bad(_ABOUT, says, "give the kiosk's group the node: kiosk devices --udev writes the rule")
    return bad(_ABOUT, why(node.path, error, name=scanner.name), "then check again")
