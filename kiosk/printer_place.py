"""Which printer belongs to a bench, and what is the way to it?

The `[printer]` table of `station.toml`: its kind says how bytes get there, its profile what the make can do.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from printers import profile as profiles
from printers.profile import Profile
from printers.transports import Limits, Transport
from printers.transports.file import FileTransport
from printers.transports.lp import LpTransport
from printers.transports.network import NetworkTransport
from printers.transports.serial import Flow, SerialTransport
from printers.transports.usb import UsbTransport
from printers.virtual import VirtualPrinter

_Node = Annotated[str, Meta(pattern=r"^/dev/[^\x00-\x1f\x7f-\x9f]+\Z")]
_Host = Annotated[str, Meta(pattern=r"^[^\s\x00-\x1f\x7f-\x9f]{1,253}\Z")]
"""A name or an address; the longest name is that of RFC 1035, 2.3.4."""
_UsbId = Annotated[str, Meta(pattern=r"^[0-9a-f]{4}\Z")]
_UsbSerial = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")]


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every kind of printer has."""

    profile: str = "roll-80"
    """The make of printer, by the name of its profile."""

    @property
    def kind(self) -> str:
        """The word in the file."""
        return str(self.__struct_config__.tag)

    @property
    def where(self) -> str:
        """Where it is, as a person would look for it."""
        return "on the screen"


class Virtual(Place, frozen=True, kw_only=True, tag="virtual"):
    """Labels come on the screen only."""


class File(Place, frozen=True, kw_only=True, tag="file"):
    """Bytes are added to `spool/labels.bin` beside the station's file."""

    @property
    def where(self) -> str:
        """Where it is."""
        return "spool/labels.bin"


class Network(Place, frozen=True, kw_only=True, tag="network"):
    """A printer with an address of its own, or behind a print server."""

    host: _Host
    port: Annotated[int, Meta(ge=1, le=65_535)] = 9100

    @property
    def where(self) -> str:
        """Where it is."""
        return f"{self.host}:{self.port}"


class Serial(Place, frozen=True, kw_only=True, tag="serial"):
    """A printer on a serial line, or on USB as one."""

    path: _Node
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 38400
    flow: Flow = Flow.DTR
    """How the printer says "wait": as its switches or its self-test say."""

    @property
    def where(self) -> str:
        """Where it is."""
        return self.path


class Lp(Place, frozen=True, kw_only=True, tag="lp"):
    """A USB printer through the kernel's own driver."""

    path: _Node = "/dev/usb/lp0"

    @property
    def where(self) -> str:
        """Where it is."""
        return self.path


class Usb(Place, frozen=True, kw_only=True, tag="usb"):
    """A USB printer past the kernel's driver, where that cannot be read from; by its numbers, four hex digits each."""

    vendor: _UsbId
    product: _UsbId
    serial: _UsbSerial = ""
    """Of its own, where two of one model are plugged in."""

    @property
    def where(self) -> str:
        """Where it is."""
        return f"{self.vendor}:{self.product}{f' {self.serial}' if self.serial else ''}"


PrinterPlace = Virtual | File | Network | Serial | Lp | Usb


def profile_of(place: PrinterPlace, *folders: Path) -> Profile:
    """Find the printer's profile in the first folder that has it; raises ProfileRefused. A file never answers."""
    profile = profiles.named(place.profile, *folders)
    return msgspec.structs.replace(profile, status=False) if isinstance(place, File) else profile


def transport_to(place: PrinterPlace, profile: Profile, station: Path, limits: Limits | None = None) -> Transport:
    """Give the way to a station's printer; `station` is its folder."""
    limits = limits or Limits()
    match place:
        case Virtual():
            return VirtualPrinter(profile.paper)
        case File():
            spool = station / "spool"
            spool.mkdir(exist_ok=True)
            return FileTransport(spool / "labels.bin")
        case Network():
            return NetworkTransport(place.host, place.port, answers=profile.status, limits=limits)
        case Serial():
            return SerialTransport(Path(place.path), place.baud, place.flow, answers=profile.status, limits=limits)
        case Lp():
            return LpTransport(Path(place.path), answers=profile.status, limits=limits)
        case Usb():
            vendor, product = int(place.vendor, 16), int(place.product, 16)
            return UsbTransport(vendor, product, place.serial, answers=profile.status, limits=limits)
