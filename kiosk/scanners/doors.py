"""How are scanners reached on this machine?

Everything that touches a device comes in as one value, so that another machine can be put in its place.
"""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from stations.scanning.devices import scanner, serial_scanner
from stations.scanning.devices.listing import Found, list_devices, list_lines
from stations.scanning.devices.scanner import Device, open_device
from stations.scanning.devices.serial_scanner import open_line


def _listed() -> Sequence[Found]:
    return (*list_devices(), *list_lines())


def _tried(device: Found) -> OSError | None:
    if device.kind == "serial":
        return serial_scanner.try_hold(device.path)
    return scanner.try_hold(device.path)


def _can_read_keys() -> bool:
    return importlib.util.find_spec("evdev") is not None


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """The doors to a machine's devices."""

    listed: Callable[[], Sequence[Found]] = _listed
    """Lists every input device and serial line."""
    opened: Callable[[str], Device] = open_device
    """Opens an input device; raises OSError."""
    line_opened: Callable[[str], int] = open_line
    """Opens a serial line, gives its descriptor; raises OSError."""
    tried: Callable[[Found], OSError | None] = _tried
    """Says why a device could not be held now; holds it no longer than it takes to know."""
    can_read_keys: Callable[[], bool] = _can_read_keys
    """Whether evdev is installed."""
    nodes: Path = Path("/dev/input")
    """Where new input devices appear."""


DOORS = Doors()
"""Those of this machine."""
