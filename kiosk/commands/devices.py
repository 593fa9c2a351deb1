"""Which scanners and printers are there, and what are they called for good?"""

import argparse
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.site import StationFile, default_folder, station_named, stations_of
from kiosk.telling import Clock, aligned, say
from printers.transport import PROFILES
from stations.scanning.scanner import Found, list_devices

NODES = Path("/dev/input")


def devices(asked: argparse.Namespace, _: Clock) -> int:
    """List input devices by their stable names, and each station's printer."""
    site = asked.data or default_folder()
    names = stations_of(site) if asked.station is None else (asked.station,)
    files = {name: station_named(site, name)[1] for name in names}
    _scanners(files)
    _printers(files, site)
    return Exit.DONE


def _scanners(files: dict[str, StationFile]) -> None:
    if not NODES.is_dir():
        say(f"No scanner can be listed: found no {NODES}, expected a Linux system with input devices.")
        return
    found = list_devices()
    if not found:
        say(f"{NODES} has no device: plug a scanner in.")
        return
    head = ("stable name", "what it is", "vendor:product", "node", "may be read", "belongs to", "scanner?")
    for line in aligned(head, (_scanner(device, files) for device in found)):
        say(line)


def _scanner(device: Found, files: dict[str, StationFile]) -> tuple[str, ...]:
    benches = [name for name, file in files.items() if device.phys in file.scanners]
    may = "yes" if device.readable else "no: a udev rule gives the kiosk's group the node"
    looks = "perhaps" if device.looks_like_scanner else f"no: {device.reason}"
    usb = f"{device.vendor:04x}:{device.product:04x}"
    return device.phys, device.name, usb, device.path, may, ", ".join(benches), looks


def _printers(files: dict[str, StationFile], site: Path) -> None:
    rows = []
    for name, file in files.items():
        spool = site / "stations" / name / "spool" / "labels.bin"
        place = str(spool) if file.printer.kind == "file" else "on the screen"
        rows.append(
            (name, file.printer.kind, file.printer.profile, f"{PROFILES[file.printer.profile].paper:d} mm", place)
        )
    for line in aligned(("station", "printer", "profile", "paper", "where"), rows) if rows else ():
        say(line)
