"""Which printers are plugged into this machine, and by which names are they found again?

Everything comes from the kernel's description (Linux `sysfs`) and from udev's links, which everybody may read; nothing
is opened, so nothing on paper or on a line is disturbed. Laws:

* A node's number, as in `/dev/usb/lp0`, goes by who was plugged in first. A link that udev keeps goes before it: one
  that a rule makes for a printer, or `/dev/serial/by-id`, unless twins would share that, then `/dev/serial/by-path`.
* A serial line does not tell what hangs on it: each is listed, scanners and all.

>>> told("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;")
'EPSON TM-T20II'
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

_PRINTER_CLASS: Final = "07"
"""bInterfaceClass of a printer (USB Device Class Definition for Printing Devices 1.1, 4.3)."""
_MAKER: Final = ("MFG", "MANUFACTURER")
_MODEL: Final = ("MDL", "MODEL")
"""Keys of an IEEE 1284 device id, short and long (IEEE 1284-2000, 7.6)."""

_LINES: Final = ("ttyACM*", "ttyUSB*")
"""Those that the printer is itself (CDC-ACM), and cables with a converter in them."""


class Found(Struct, frozen=True, kw_only=True):
    """One printer, or one serial line that may lead to one."""

    path: str
    """As `station.toml` names it; empty where no driver of the kernel has it, so that it goes by its numbers."""
    name: str
    """What it calls itself: maker and model, as far as it tells."""
    vendor: int
    product: int
    """USB numbers; 0 where it is not of USB."""
    serial: str
    """The number its maker gave it, empty where there is none."""
    port: str
    """The port it hangs on, which tells twins apart, written as Linux `usb_make_path` does; empty where not of USB."""
    kind: Literal["lp", "serial", "usb"]
    """How it is reached, as `station.toml` says it."""


def listed(root: Path = Path("/")) -> tuple[Found, ...]:
    """List the USB printers that the kernel drives, those that it does not, then the serial lines over USB."""
    return (*_driven(root), *_undriven(root), *_lines(root))


def told(identity: str) -> str:
    """Give maker and model from an IEEE 1284 device id; what it lacks is left out."""
    pairs = (part.partition(":") for part in identity.split(";"))
    values = {key.strip().upper(): value.strip() for key, _, value in pairs}
    found = (next((values[key] for key in keys if values.get(key)), "") for keys in (_MAKER, _MODEL))
    return " ".join(filter(None, found))


def _driven(root: Path) -> list[Found]:
    """Find what the driver usblp has."""
    made = _links(root, "dev")
    found = []
    for described in _in_order((root / "sys/class/usbmisc").glob("lp*")):
        interface = (described / "device").resolve()
        path, name = made.get(described.name, f"/dev/usb/{described.name}"), told(_line(interface / "ieee1284_id"))
        found.append(_found(_device(interface), kind="lp", path=path, name=name))
    return found


def _undriven(root: Path) -> list[Found]:
    """Find the USB devices that say they are printers and that no driver of the kernel has."""
    interfaces = (path.parent.resolve() for path in (root / "sys/bus/usb/devices").glob("*:*/bInterfaceClass"))
    free = [each for each in interfaces if _line(each / "bInterfaceClass") == _PRINTER_CLASS]
    return [_found(_device(each), kind="usb") for each in sorted(free) if not (each / "driver").exists()]


def _lines(root: Path) -> list[Found]:
    """Find the serial lines over USB, each by the steadiest of its names."""
    described = root / "sys/class/tty"
    nodes = _in_order(path for lines in _LINES for path in described.glob(lines))
    lines = [_found(_device((path / "device").resolve()), kind="serial", path=f"/dev/{path.name}") for path in nodes]
    made, by_id, by_path = (_links(root, folder) for folder in ("dev", "dev/serial/by-id", "dev/serial/by-path"))
    whose = [(line.vendor, line.product, line.serial) for line in lines]
    found = []
    for node, line, who in zip(nodes, lines, whose, strict=True):
        names = (made, by_id, by_path) if whose.count(who) == 1 else (made, by_path)
        path = next((links[node.name] for links in names if node.name in links), line.path)
        found.append(replace(line, path=path))
    return found


def _found(device: Path | None, *, kind: Literal["lp", "serial", "usb"], path: str = "", name: str = "") -> Found:
    """Describe what hangs on a USB device, or on none that can be told."""
    if device is None:
        return Found(path=path, name=name, vendor=0, product=0, serial="", port="", kind=kind)
    words = (_line(device / "manufacturer"), _line(device / "product"))
    return Found(
        path=path,
        name=name or " ".join(filter(None, words)),
        vendor=int(_line(device / "idVendor") or "0", 16),
        product=int(_line(device / "idProduct") or "0", 16),
        serial=_line(device / "serial"),
        port=_port(device),
        kind=kind,
    )


def _device(interface: Path) -> Path | None:
    """Give the USB device that an interface belongs to; None for what is not of USB, or has just gone."""
    return next((each for each in (interface, *interface.parents) if (each / "idVendor").is_file()), None)


def _port(device: Path) -> str:
    """Write the port of a USB device: the controller's name, and the way through the hubs."""
    controller = next((each.parent.name for each in device.parents if re.fullmatch(r"usb\d+", each.name)), "")
    way = _line(device / "devpath")
    return f"usb-{controller}-{way}" if controller and way else ""


def _links(root: Path, folder: str) -> dict[str, str]:
    """Give, by the node that it leads to, the first link of a folder."""
    links = sorted(path for path in (root / folder).glob("*") if path.is_symlink())
    return {path.readlink().name: f"/{folder}/{path.name}" for path in reversed(links)}


def _in_order(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (len(path.name), path.name))


def _line(path: Path) -> str:
    """Read one value of the kernel's; empty where there is none, or it has just gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\n\0 ")
    except OSError:
        return ""
