"""Which scanners and printers are there, what are they called for good, and which rule lets a scanner be read?"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, find, read_scanners, scanners_file
from kiosk.scanners.udev import rules
from kiosk.site import StationFile, default_folder, station_named, stations_of
from kiosk.telling import Clock, aligned, complain, say
from printers.transport import PROFILES
from stations.scanning.devices.listing import Found

_HEAD = (
    "stable name",
    "what it is",
    "vendor:product",
    "serial number",
    "nodes",
    "may be read",
    "paired as",
    "scanner?",
)


def devices(asked: argparse.Namespace, _: Clock, doors: Doors = DOORS) -> int:
    """List devices by their stable names and each station's printer, or write the rules of udev for the scanners."""
    site = asked.data or default_folder()
    names = stations_of(site) if asked.station is None else (asked.station,)
    files = {name: station_named(site, name)[1] for name in names}
    paired = {name: read_scanners(scanners_file(site, name)) for name in names}
    found = doors.listed()
    if asked.udev:
        return _rules(found, paired)
    _devices(found, paired, doors)
    _printers(files, site)
    return Exit.DONE


def _rules(found: Sequence[Found], paired: Mapping[str, Sequence[Paired]]) -> int:
    """Write the rules for the paired scanners; where there is none, for all that may be one."""
    scanners: list[Found | Paired] = [scanner for some in paired.values() for scanner in some]
    if not scanners:
        scanners = [device for device in found if device.looks_like_scanner]
        complain("No scanner is paired: leave only the scanners' lines, for a keyboard looks the same.")
    for line in rules(scanners) if scanners else ():
        say(line)
    return Exit.DONE


def _devices(found: Sequence[Found], paired: Mapping[str, Sequence[Paired]], doors: Doors) -> None:
    if not found and not doors.nodes.is_dir():
        say(f"No scanner can be listed: found no {doors.nodes}, expected a Linux system with input devices.")
    elif not found:
        say(f"{doors.nodes} has no device: plug a scanner in.")
    else:
        for line in aligned(_HEAD, (_row(nodes, found, paired) for nodes in _grouped(found))):
            say(line)


def _grouped(found: Iterable[Found]) -> Iterator[tuple[Found, ...]]:
    """Give each device with all its nodes: the one that types first, for it is what people plugged in."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for node in found:
        groups.setdefault((node.port or node.path, node.kind), []).append(node)
    for nodes in groups.values():
        yield tuple(sorted(nodes, key=lambda node: not node.looks_like_scanner))


def _row(nodes: Sequence[Found], found: Sequence[Found], paired: Mapping[str, Sequence[Paired]]) -> tuple[str, ...]:
    first = nodes[0]
    may = (
        "yes" if all(node.readable for node in nodes) else "no: give the kiosk's group the node by kiosk devices --udev"
    )
    looks = "perhaps" if first.looks_like_scanner else f"no: {first.reason}"
    usb = f"{first.vendor:04x}:{first.product:04x}"
    paths = " ".join(node.path for node in nodes)
    return first.port, first.name, usb, first.serial, paths, may, _paired_as(nodes, found, paired), looks


def _paired_as(nodes: Sequence[Found], found: Sequence[Found], paired: Mapping[str, Sequence[Paired]]) -> str:
    return "; ".join(
        f"{station}/{scanner.name}, {'proved' if scanner.profile.proved else 'not proved'}"
        for station, scanners in paired.items()
        for scanner in scanners
        if set(nodes) <= set(find(scanner, scanners, found).nodes)
    )


def _printers(files: Mapping[str, StationFile], site: Path) -> None:
    rows = []
    for name, file in files.items():
        spool = site / "stations" / name / "spool" / "labels.bin"
        place = str(spool) if file.printer.kind == "file" else "on the screen"
        rows.append(
            (name, file.printer.kind, file.printer.profile, f"{PROFILES[file.printer.profile].paper:d} mm", place)
        )
    for line in aligned(("station", "printer", "profile", "paper", "where"), rows) if rows else ():
        say(line)
