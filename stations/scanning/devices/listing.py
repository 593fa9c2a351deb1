"""Which input devices and serial lines does this machine have, which nodes are one device, and which may be held?

Names, ports and capabilities come from the kernel's description (Linux `sysfs`), which everybody may read, so a
device that may not be opened is listed too. Nothing is opened here.

Laws:
* A device is known by the port it hangs on: its node's number changes at each start, and twins share all the rest.
* A keyboard and a scanner look the same: what is listed only excludes, pairing tells.
* Nobody is left without a keyboard.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from stations.scanning.decoding import keys

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NOT_SCANNERS: Final = ("system control", "consumer control", "mouse")
"""In the names of nodes that belong to a keyboard but type nothing."""
TYPING_KEYS: Final = frozenset(
    {*range(2, 12), *range(16, 26), *range(30, 39), *range(44, 51), keys.KEY_ENTER, keys.KEY_LEFTSHIFT}
)
"""Digits, letters, Enter and Shift: without all of them a node cannot type a code."""
BUTTONS: Final = frozenset({*range(0x100, 0x160), *range(0x220, 0x224), *range(0x2C0, 0x2E8)})
"""The codes named BTN_ (Linux `input-event-codes.h`)."""
BLUETOOTH: Final = 0x0005
"""BUS_BLUETOOTH (Linux `input.h`)."""
LINES: Final = ("ttyACM*", "ttyUSB*")
"""Serial lines over USB: those of the device itself (CDC-ACM), and cables with a converter in them."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One input device or serial line of this machine."""

    path: str
    """The node; its number may change at each start."""
    name: str
    phys: str
    """The port it hangs on, which tells twins apart; it changes when the device moves to another port."""
    vendor: int
    product: int
    """USB numbers."""
    readable: bool
    """Whether this user may read it."""
    looks_like_scanner: bool
    """Whether nothing excludes it. A keyboard looks just the same: only pairing tells."""
    reason: str
    """Why it does or does not look like one."""
    serial: str = ""
    """The number its maker gave it, empty where there is none; twins may share it."""
    kind: Literal["keys", "serial"] = "keys"
    types: bool = False
    """Whether it can type letters, digits and Enter, even where something else excludes it."""

    @property
    def port(self) -> str:
        """The part of `phys` that all nodes of one device share."""
        return port_of(self.phys)


def port_of(phys: str) -> str:
    """Give the part of a stable name that all nodes of one device share; of a port, that port.

    >>> port_of("usb-0000:00:14.0-2/input1"), port_of("isa0060/serio0/input0"), port_of("usb-0000:00:14.0-2")
    ('usb-0000:00:14.0-2', 'isa0060/serio0', 'usb-0000:00:14.0-2')
    """
    return phys.partition("/input")[0]


def nodes_of(found: Sequence[Found], phys: str) -> tuple[Found, ...]:
    """Give every node of the device at that port, the ones that type nothing too; none where it names no port."""
    port = port_of(phys)
    return tuple(each for each in found if port and each.port == port)


def may_hold(found: Sequence[Found], port: str, held: Collection[str] = ()) -> str:
    """Say why nobody could type any more if the device at `port` were held; empty where somebody still could.

    Every other device that tells its port and can type counts as a keyboard, whatever it is called, but for those at
    the ports `held`: they are scanners already.
    """
    ports = {each.port for each in found if each.kind == "keys" and (each.looks_like_scanner or each.types)}
    if port_of(port) not in ports or ports - {port_of(port), *map(port_of, held), ""}:
        return ""
    return (
        f"The device at {port_of(port)} is the only one that can type, so holding it would leave this machine without "
        "a keyboard: plug a keyboard in first."
    )


def list_devices(nodes: Path = Path("/dev/input"), described: Path = Path("/sys/class/input")) -> tuple[Found, ...]:
    """List the input devices, those that may not be read too, in the order of their numbers."""
    found = sorted(described.glob("event*"), key=lambda path: (len(path.name), path.name))
    return tuple(_input(nodes / path.name, path / "device") for path in found)


def _input(node: Path, device: Path) -> Found:
    name, serial = _line(device / "name"), _line(device / "uniq")
    codes = _codes(_line(device / "capabilities" / "key"))
    against = _exclusion(name, codes, device / "capabilities")
    wireless = _number(device / "id" / "bustype") == BLUETOOTH
    return Found(
        path=str(node),
        name=name,
        # Over Bluetooth the kernel tells the port of the radio, which all devices share; their own address is stable.
        phys=f"bluetooth-{serial}" if wireless and serial else _line(device / "phys"),
        vendor=_number(device / "id" / "vendor"),
        product=_number(device / "id" / "product"),
        readable=os.access(node, os.R_OK),
        looks_like_scanner=not against,
        reason=against or "it types letters, digits and Enter, as a scanner or a keyboard does",
        serial=serial,
        types=codes >= TYPING_KEYS,
    )


def _exclusion(name: str, codes: frozenset[int], capabilities: Path) -> str:
    """Say what excludes a device; empty where nothing does."""
    if any(word in name.lower() for word in NOT_SCANNERS):
        return "its name says it is no scanner"
    if not codes >= TYPING_KEYS:
        return "it cannot type all letters, digits, Enter and Shift"
    if codes & BUTTONS:
        return "it has buttons"
    if _codes(_line(capabilities / "rel")) or _codes(_line(capabilities / "abs")):
        return "it points"
    return ""


def list_lines(nodes: Path = Path("/dev"), described: Path = Path("/sys/class/tty")) -> tuple[Found, ...]:
    """List the serial lines over USB, in the order of their numbers. A scanner in serial mode is one of them.

    `phys` is written as the kernel writes that of the input devices of the same port (Linux `usb_make_path`).
    """
    found = sorted((path for lines in LINES for path in described.glob(lines)), key=lambda p: (len(p.name), p.name))
    return tuple(_serial_line(nodes / path.name, path / "device") for path in found)


def _serial_line(node: Path, interface: Path) -> Found:
    device = _usb_device(interface)
    names = (_line(device / "manufacturer"), _line(device / "product")) if device else ()
    own = node.name.startswith("ttyACM")
    return Found(
        path=str(node),
        name=" ".join(filter(None, names)),
        phys=_usb_path(device) if device else "",
        vendor=_number(device / "idVendor") if device else 0,
        product=_number(device / "idProduct") if device else 0,
        readable=os.access(node, os.R_OK | os.W_OK),
        looks_like_scanner=own,
        reason="it is a serial line of its own, as a scanner in serial mode has"
        if own
        else "it is a serial cable, and may lead to a printer",
        serial=_line(device / "serial") if device else "",
        kind="serial",
    )


def _usb_device(interface: Path) -> Path | None:
    """Give the USB device that an interface belongs to; None for a line that is not of USB, or has just gone."""
    place = interface.resolve()
    return next((each for each in (place, *place.parents) if (each / "idVendor").is_file()), None)


def _usb_path(device: Path) -> str:
    """Write the port of a USB device as `usb_make_path` does: the controller's name and the way through the hubs."""
    controller = next((each.parent.name for each in device.parents if re.fullmatch(r"usb\d+", each.name)), "")
    ports = _line(device / "devpath")
    return f"usb-{controller}-{ports}" if controller and ports else ""


def _number(path: Path) -> int:
    return int(_line(path) or "0", 16)


def _codes(bitmap: str) -> frozenset[int]:
    """Give the numbers of the bits set in a bitmap of the kernel: words in hex, highest first."""
    width = struct.calcsize("l") * 8
    words = [int(word, 16) for word in bitmap.split()]
    return frozenset(
        index * width + bit for index, word in enumerate(reversed(words)) for bit in range(width) if word >> bit & 1
    )


def _line(path: Path) -> str:
    """Read one line of a description; empty where the device has none, or has just gone."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:  # unplugged between listing and reading
        return ""
