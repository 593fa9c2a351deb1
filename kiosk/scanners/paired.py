"""Which scanners belong to a bench, and where are they now?

`stations/<id>/scanners.toml` says it, a table a scanner; pairing writes it and nobody needs to edit it. A scanner is
known by the port it hangs on, for nothing else tells twins of one model apart, and only a device of its model there is
taken for it. One that carries a USB serial number of its own is known at any port.
"""

import re
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import tomli_w

from kiosk.site import SiteRefused
from stations.records.disk import put_in_place, write_beside
from stations.scanning.decoding.wedge import Profile
from stations.scanning.devices.listing import Found, nodes_of, port_of

_HEAD = b"# The scanners of this bench. Written by: kiosk pair scanner\n\n"
_NUMBERED = re.compile(r"\[(\d+)\]")
_Number = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{4}$")]


class Paired(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scanner that belongs to a bench."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    """As people say it: left."""
    phys: Annotated[str, msgspec.Meta(min_length=1)]
    """The port, which all nodes of the device share."""
    vendor: _Number
    product: _Number
    """USB numbers, four hex digits each."""
    serial: str = ""
    """USB serial number; many scanners have none."""
    kind: Literal["keys", "serial"] = "keys"
    """How it sends: as a keyboard, or over a serial line."""
    profile: Profile = Profile()

    def is_model_of(self, found: Found) -> bool:
        """Whether a device is of this scanner's model and sends as it does."""
        numbers = (f"{found.vendor:04x}", f"{found.product:04x}")
        return numbers == (self.vendor, self.product) and found.kind == self.kind

    def may_be(self, found: Found) -> bool:
        """Whether a device at this scanner's port is this scanner: of its model, and no other piece of it."""
        same_piece = not (self.serial and found.serial) or self.serial == found.serial
        return found.port == port_of(self.phys) and self.is_model_of(found) and same_piece


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scanner: tuple[Paired, ...] = ()


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a paired scanner is."""

    state: Literal["there", "moved", "gone", "elsewhere", "other"]
    """`moved`: known by its serial number; `elsewhere`: its like is there; `other`: at its port is something else."""
    nodes: tuple[Found, ...] = ()
    """All nodes of the device, those that type nothing, too; none where it is not there."""
    says: str
    """One sentence, with the mend where there is need of one."""


def scanners_file(site: Path, station: str) -> Path:
    """Name the file that tells which scanners belong to a station."""
    return site / "stations" / station / "scanners.toml"


def read_scanners(path: Path) -> tuple[Paired, ...]:
    """Read a station's scanners, none where there is no file; raise SiteRefused with one sentence."""
    try:
        text = path.read_text(encoding="utf-8")
        scanners = msgspec.convert(tomllib.loads(text), _File).scanner
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SiteRefused(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SiteRefused(f"{path}: not UTF-8 at byte {error.start}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SiteRefused(f"{path}: not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise SiteRefused(f"{path}: {_located(str(error))}.") from error
    for key, values in (("name", [s.name for s in scanners]), ("phys", [port_of(s.phys) for s in scanners])):
        for value in sorted({value for value in values if values.count(value) > 1}):
            raise SiteRefused(f"{path}: key {key}: found {value!r} twice, expected each scanner to have its own.")
    return scanners


def write_scanners(path: Path, scanners: Sequence[Paired]) -> None:
    """Put a station's scanners where a running kiosk finds the file whole; raise OSError."""
    text = tomli_w.dumps({"scanner": [msgspec.to_builtins(scanner) for scanner in scanners]})
    put_in_place(write_beside(path, [_HEAD, text.encode()]), path, keep=False)


def _located(message: str) -> str:
    """Put msgspec's place first, and count scanners from 1.

    >>> _located("Expected `str`, got `int` - at `$.scanner[0].name`")
    'scanner 1, key name: found int, expected str'
    """
    what, _, place = message.partition(" - at `$")
    readable = _NUMBERED.sub(lambda number: f" {int(number[1]) + 1}", place.rstrip("`").lstrip("."))
    where, _, key = readable.partition(".")
    found = re.fullmatch(r"Expected `([^`]*)`(.*), got `(.*)`", what)
    said = f"found {found[3]}, expected {found[1]}{found[2]}" if found else what.replace("`", "")
    return ", ".join(part for part in (where, f"key {key}" if key else "") if part) + f"{': ' if where else ''}{said}"


def find(scanner: Paired, all_paired: Collection[Paired], found: Sequence[Found]) -> Whereabouts:
    """Say where a scanner is among the devices that were found; `all_paired` are the bench's, it among them."""
    if any(scanner.may_be(device) and device.looks_like_scanner for device in found):
        says = f"The scanner {scanner.name} is at {port_of(scanner.phys)}."
        return Whereabouts(state="there", nodes=_nodes(scanner, scanner.phys, found), says=says)
    like = [
        device
        for device in found
        if device.looks_like_scanner
        and scanner.is_model_of(device)
        and not any(other.may_be(device) for other in all_paired)
    ]
    same = {device.port for device in like if device.serial and device.serial == scanner.serial}
    if len(same) == 1:
        (port,) = same
        moved = f"The scanner {scanner.name} was moved from {port_of(scanner.phys)} to {port}"
        says = f"{moved}: it has the same serial number {scanner.serial}."
        return Whereabouts(state="moved", nodes=_nodes(scanner, port, found), says=says)
    return _missing(scanner, like, found)


def _nodes(scanner: Paired, port: str, found: Sequence[Found]) -> tuple[Found, ...]:
    """Give every node of a device: one that is left alone would still type onto the console."""
    return tuple(device for device in nodes_of(found, port) if device.kind == scanner.kind)


def _missing(scanner: Paired, like: Sequence[Found], found: Sequence[Found]) -> Whereabouts:
    port = port_of(scanner.phys)
    elsewhere = [device.port for device in like if device.port != port]
    if elsewhere:
        says = f"The scanner {scanner.name} is not at {port}; a scanner like it is at {elsewhere[0]}: pair it again"
        return Whereabouts(state="elsewhere", says=f"{says} with kiosk pair scanner.")
    others = [device for device in found if device.port == port and device.looks_like_scanner]
    if others:
        says = (
            f"The scanner {scanner.name} is not at {port}, another device is ({_told(others[0])}): plug the scanner in"
        )
        return Whereabouts(state="other", says=f"{says} there, or pair the other one with kiosk pair scanner.")
    says = f"The scanner {scanner.name} is not there: plug it in at {port}, or pair another with kiosk pair scanner."
    return Whereabouts(state="gone", says=says)


def _told(device: Found) -> str:
    number = f", serial number {device.serial}" if device.serial else ""
    return f"{device.name} {device.vendor:04x}:{device.product:04x}{number}"


def with_paired(
    scanners: Sequence[Paired], found: Found, profile: Profile, name: str | None, there: Collection[Found]
) -> tuple[tuple[Paired, ...], Paired]:
    """Add a scanner that was just paired; give all of them, and it.

    It replaces what was at its port, what had its serial number or its name; without a name given, also the one of its
    model that is no longer there, and then keeps that one's name.
    """
    before = _predecessor(scanners, found, there)
    called = name or (before.name if before else _free_name(scanners))
    new = Paired(
        name=called,
        phys=found.port,
        vendor=f"{found.vendor:04x}",
        product=f"{found.product:04x}",
        serial=found.serial,
        kind=found.kind,
        profile=profile,
    )
    # A name given belongs to the new one; what had it is replaced, and so is what it was at this port or by its serial.
    kept = (scanner for scanner in scanners if scanner != before and scanner.name != called)
    return (*(scanner for scanner in kept if port_of(scanner.phys) != found.port), new), new


def _predecessor(scanners: Sequence[Paired], found: Found, there: Collection[Found]) -> Paired | None:
    """Tell which scanner of the file this is: by its port, its serial number, or as the only one of its model gone."""
    at_port = [scanner for scanner in scanners if port_of(scanner.phys) == found.port]
    same = [scanner for scanner in scanners if scanner.serial == found.serial != "" and scanner.is_model_of(found)]
    gone = [
        scanner
        for scanner in scanners
        if scanner.is_model_of(found) and not any(scanner.may_be(device) for device in there)
    ]
    for some in (at_port, same, gone):
        if len(some) == 1:
            return some[0]
    return None


def _free_name(scanners: Collection[Paired]) -> str:
    taken = {scanner.name for scanner in scanners}
    number = 2
    while "scanner" in taken and f"scanner {number}" in taken:
        number += 1
    return f"scanner {number}" if "scanner" in taken else "scanner"
