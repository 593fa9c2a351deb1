"""Which scanners and printers are there, what are they called for good, and which rule lets a scanner be read?"""

import argparse
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.printer_place import File, Lp, Network, PrinterPlace, Serial, Usb, Virtual
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, find, read_scanners, scanners_file
from kiosk.scanners.udev import rules
from kiosk.site import SiteRefused, StationFile, default_folder, printer_profile, station_named, stations_of
from kiosk.telling import Clock, Ended, aligned, complain, say
from printers.listing import Found as Plugged
from printers.listing import listed
from stations.scanning.devices.listing import Found

_TABLE = {
    "lp": 'a printer: kind = "lp", path = "{path}"',
    "serial": 'a serial line, which leads to a printer or to something else: kind = "serial", path = "{path}"',
    "usb": 'a printer without a driver: kind = "usb", vendor = "{vendor:04x}", product = "{product:04x}"',
}
"""What the table [printer] of `station.toml` says of a printer, by its kind."""
_WIDTH = 79
"""Characters of a line, at most, where names and numbers are no longer."""

Plugs = Callable[[], Sequence[Plugged]]
"""Lists the printers that are plugged in."""


def devices(asked: argparse.Namespace, _: Clock, doors: Doors = DOORS, plugged: Plugs = listed) -> int:
    """List devices by their stable names and each station's printer, or write the rules of udev for the scanners."""
    site = asked.data or default_folder()
    names = stations_of(site) if asked.station is None else (asked.station,)
    files = {name: station_named(site, name)[1] for name in names}
    paired = {name: read_scanners(scanners_file(site, name)) for name in names}
    found = doors.listed()
    if asked.udev:
        return _rules(found, paired)
    _devices(found, paired, doors)
    _printers(files, site, plugged())
    return Exit.DONE


def _rules(found: Sequence[Found], paired: Mapping[str, Sequence[Paired]]) -> int:
    """Write the rules for the paired scanners; where there is none, for all that may be one."""
    scanners: list[Found | Paired] = [scanner for some in paired.values() for scanner in some]
    if not scanners:
        scanners = [device for device in found if device.looks_like_scanner]
        if not scanners:
            raise Ended(
                Exit.DEVICE, "No rule is written: found no device that may be a scanner, expected one plugged in."
            )
        complain("No scanner is paired: leave only the scanners' lines, for a keyboard looks the same.")
    for line in rules(scanners):
        say(line)
    return Exit.DONE


def _devices(found: Sequence[Found], paired: Mapping[str, Sequence[Paired]], doors: Doors) -> None:
    if not found and not doors.nodes.is_dir():
        say(f"No scanner can be listed: found no {doors.nodes}, expected a Linux system with input devices.")
    elif not found:
        say(f"{doors.nodes} has no device: plug a scanner in.")
    for nodes in _grouped(found):
        for line in _told(nodes, found, paired):
            say(line)


def _grouped(found: Iterable[Found]) -> Iterator[tuple[Found, ...]]:
    """Give each device with all its nodes: the one that types first, for it is what people plugged in."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for node in found:
        groups.setdefault((node.port or node.path, node.kind), []).append(node)
    for nodes in groups.values():
        yield tuple(sorted(nodes, key=lambda node: not node.looks_like_scanner))


def _told(nodes: Sequence[Found], found: Sequence[Found], paired: Mapping[str, Sequence[Paired]]) -> Iterator[str]:
    """Tell of one device: its stable name, and below it the rest, so that no line is wider than a terminal."""
    first = nodes[0]
    serial = f", serial number {first.serial}" if first.serial else ""
    yield first.port or f"{first.path} (at no port)"
    yield f"  {first.name}"
    yield f"  {first.vendor:04x}:{first.product:04x}{serial}"
    for line in textwrap.wrap(" ".join(node.path for node in nodes), _WIDTH - 2):
        yield f"  {line}"
    if not all(node.readable for node in nodes):
        yield "  may not be read by this user: kiosk devices --udev writes the rule"
    for pairing in _paired_as(nodes, found, paired):
        yield f"  paired as {pairing}"
    if not first.looks_like_scanner:
        yield f"  no scanner: {first.reason}"


def _paired_as(nodes: Sequence[Found], found: Sequence[Found], paired: Mapping[str, Sequence[Paired]]) -> Iterator[str]:
    for station, scanners in paired.items():
        for scanner in scanners:
            if set(nodes) <= set(find(scanner, scanners, found).nodes):
                yield f"{station}/{scanner.name}, {'proved' if scanner.profile.proved else 'not proved'}"


def _printers(files: Mapping[str, StationFile], site: Path, found: Sequence[Plugged]) -> None:
    """Tell which printers are plugged in, then which one each station has."""
    for printer in found:
        for line in _plugged(printer, files):
            say(line)
    rows = [(name, file.printer.kind, file.printer.where, *_profile(site, file)) for name, file in files.items()]
    for line in aligned(("station", "printer", "where", "profile", "paper"), rows) if rows else ():
        say(line)


def _profile(site: Path, file: StationFile) -> tuple[str, str]:
    """Name a station's profile and the width of its paper; of one that cannot be used the check tells why."""
    try:
        profile = printer_profile(site, file)
    except SiteRefused:
        return file.printer.profile, "see kiosk check"
    return profile.name, f"{profile.paper:d} mm"


def _plugged(printer: Plugged, files: Mapping[str, StationFile]) -> Iterator[str]:
    """Tell of one printer, or of a serial line that may lead to one, as `station.toml` names it."""
    numbers = f"{printer.vendor:04x}:{printer.product:04x}" if printer.vendor else ""
    serial = f"serial number {printer.serial}" if printer.serial else ""
    yield printer.path or numbers
    if printer.name:
        yield f"  {printer.name}"
    facts = ", ".join(filter(None, (numbers, serial, printer.port)))
    if facts:
        yield f"  {facts}"
    yield f"  {_TABLE[printer.kind].format(path=printer.path, vendor=printer.vendor, product=printer.product)}"
    for name, file in files.items():
        if _leads_to(file.printer, printer):
            yield f"  the printer of {name}"


def _leads_to(place: PrinterPlace, printer: Plugged) -> bool:
    match place:
        case Lp() | Serial():
            return place.kind == printer.kind and Path(place.path).resolve() == Path(printer.path).resolve()
        case Usb():
            same = (int(place.vendor, 16), int(place.product, 16)) == (printer.vendor, printer.product)
            return same and place.serial in ("", printer.serial)
        case Virtual() | File() | Network():
            return False
