"""Which scanners belong to a bench, and where are they now?

`stations/<id>/scanners.toml` says it, a table a scanner. Pairing writes it, and the running kiosk what it doubts of a
scanner; nobody needs to edit it. A scanner is known by the port it hangs on, for nothing else tells twins of one model
apart, and only a device of its model there is taken for it. One that carries a USB serial number of its own is known at
any port; a number that two carry tells nobody from the other.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import tomli_w
from msgspec.structs import replace

from kiosk.site import SiteRefused, read_toml
from stations.records.disk import put_in_place, write_beside
from stations.scanning.decoding.wedge import Profile
from stations.scanning.devices.listing import Found, nodes_of, port_of
from stations.scanning.devices.trouble import Trouble

_HEAD = b"# The scanners of this bench. Written by: kiosk pair scanner\n\n"
_NUMBERED = re.compile(r"\[(\d+)\]")
_USB_NUMBER = re.compile(r"[0-9a-f]{4}")
_PAIR = "kiosk pair scanner"


class Paired(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scanner that belongs to a bench."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    """As people say it: left."""
    phys: str
    """The port, which all nodes of the device share."""
    vendor: str
    product: str
    """USB numbers, four hex digits each."""
    serial: str = ""
    """USB serial number; many scanners have none."""
    kind: Literal["keys", "serial"] = "keys"
    """How it sends: as a keyboard, or over a serial line."""
    doubt: str = ""
    """Why nothing it sends is believed: how it typed the check card otherwise than it was paired; empty where none."""
    profile: Profile = Profile()

    @property
    def pairing(self) -> "Paired":
        """This scanner as it was paired, whatever it is doubted for."""
        return replace(self, doubt="")

    def is_same_model(self, other: "Paired") -> bool:
        """Whether another scanner of the bench is of this one's model."""
        return (self.vendor, self.product, self.kind) == (other.vendor, other.product, other.kind)

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
    """What is so, in few words first, without the scanner's name; with the mend where there is need of one."""
    trouble: Trouble | None = None
    """Where it is not there."""


def scanners_file(site: Path, station: str) -> Path:
    """Name the file that tells which scanners belong to a station."""
    return site / "stations" / station / "scanners.toml"


# The file -------------------------------------------------------------------------------------------------------------


def read_scanners(path: Path) -> tuple[Paired, ...]:
    """Read a station's scanners, none where there is no file; raise SiteRefused with one sentence."""
    try:
        scanners = msgspec.convert(read_toml(path), _File).scanner
    except FileNotFoundError:
        return ()
    except msgspec.ValidationError as error:
        raise SiteRefused(f"{path}: {_located(str(error))}.") from error
    wrong = next((told for number, scanner in enumerate(scanners, 1) for told in _wrong(number, scanner)), "")
    if wrong:
        raise SiteRefused(f"{path}: {wrong}.")
    for key, values in (("name", [s.name for s in scanners]), ("phys", [port_of(s.phys) for s in scanners])):
        for value in sorted({value for value in values if values.count(value) > 1}):
            raise SiteRefused(f"{path}: key {key}: found {value!r} twice, expected each scanner to have its own.")
    return scanners


def _wrong(number: int, scanner: Paired) -> Iterator[str]:
    """Say which values no scanner can have; `number` counts the tables from 1."""
    for key, value in (("vendor", scanner.vendor), ("product", scanner.product)):
        if not _USB_NUMBER.fullmatch(value):
            yield f"scanner {number}, key {key}: found {value!r}, expected four hex digits in lower case"
    if not port_of(scanner.phys):
        yield f"scanner {number}, key phys: found {scanner.phys!r}, expected a port such as usb-0000:00:14.0-2"


def write_scanners(path: Path, scanners: Sequence[Paired]) -> None:
    """Put a station's scanners where a running kiosk finds the file whole; raise OSError."""
    text = tomli_w.dumps({"scanner": [msgspec.to_builtins(scanner) for scanner in scanners]})
    put_in_place(write_beside(path, [_HEAD, text.encode()]), path, keep=False)


def change_scanners(path: Path, change: Callable[[tuple[Paired, ...]], Sequence[Paired]]) -> Sequence[Paired]:
    """Read, change and write a station's scanners while no other process does; give what was written.

    Raises SiteRefused, OSError.
    """
    with _alone(path.parent):
        after = change(read_scanners(path))
        write_scanners(path, after)
    return after


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let pairing and a running kiosk wait for each other, neither for longer than a file takes to write."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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


# Where it is ----------------------------------------------------------------------------------------------------------


def find(scanner: Paired, all_paired: Collection[Paired], found: Sequence[Found]) -> Whereabouts:
    """Say where a scanner is among the devices that were found; `all_paired` are the bench's, it among them."""
    port = port_of(scanner.phys)
    if any(scanner.may_be(device) and device.looks_like_scanner for device in found):
        return Whereabouts(state="there", nodes=_nodes(scanner, port, found), says=f"At {port}.")
    like = [
        device
        for device in found
        if device.looks_like_scanner
        and scanner.is_model_of(device)
        and not any(other.may_be(device) for other in all_paired)
    ]
    same = {device.port for device in like if device.serial == scanner.serial != ""}
    owners = [each for each in all_paired if each.serial == scanner.serial and each.is_same_model(scanner)]
    if len(same) == 1 and len(owners) == 1:
        (now,) = same
        says = f"Moved from {port} to {now}: it has the same serial number {scanner.serial}."
        return Whereabouts(state="moved", nodes=_nodes(scanner, now, found), says=says)
    return _missing(port, like, found)


def _nodes(scanner: Paired, port: str, found: Sequence[Found]) -> tuple[Found, ...]:
    """Give every node of a device: one that is left alone would still type onto the console."""
    return tuple(device for device in nodes_of(found, port) if device.kind == scanner.kind)


def _missing(port: str, like: Sequence[Found], found: Sequence[Found]) -> Whereabouts:
    elsewhere = next((device.port for device in like if device.port != port), "")
    other = next((device for device in found if device.port == port and device.looks_like_scanner), None)
    if elsewhere:
        where = f"a scanner like it is at {elsewhere}"
        return _not_there("elsewhere", f"{where}, so plug it back in at {port}, or pair it again with {_PAIR}")
    if other:
        where = f"another device is at {port} ({_told(other)})"
        return _not_there("other", f"{where}, so plug the scanner in there, or pair the other one with {_PAIR}")
    return _not_there("gone", f"plug it in at {port}, or pair another with {_PAIR}")


def _not_there(state: Literal["gone", "elsewhere", "other"], mend: str) -> Whereabouts:
    trouble = Trouble(what="is not there", mend=mend)
    return Whereabouts(state=state, says=trouble.says, trouble=trouble)


def _told(device: Found) -> str:
    number = f", serial number {device.serial}" if device.serial else ""
    return f"{device.name} {device.vendor:04x}:{device.product:04x}{number}"


# Pairing into the file ------------------------------------------------------------------------------------------------


def with_paired(
    scanners: Sequence[Paired], found: Found, profile: Profile, name: str | None, there: Collection[Found]
) -> tuple[tuple[Paired, ...], Paired]:
    """Add a scanner that was just paired, as the last; give all of them, and it.

    It replaces what was at its port, what had its serial number or its name; without a name given, also the one of its
    model that is no longer there, and then keeps that one's name. `there` are the devices of the machine.
    """
    before = _predecessor(scanners, found, there, is_named=name is not None)
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


def _predecessor(
    scanners: Sequence[Paired], found: Found, there: Collection[Found], *, is_named: bool
) -> Paired | None:
    """Tell which scanner of the file this is: by its port, its serial number, or as the only one of its model gone."""
    at_port = [scanner for scanner in scanners if port_of(scanner.phys) == found.port]
    gone = [
        scanner
        for scanner in scanners
        if scanner.is_model_of(found) and not any(scanner.may_be(device) for device in there)
    ]
    # Some makers give all pieces of a model one number: it tells nothing while its owner, or a twin, is there.
    twins = {device.port for device in there if device.serial == found.serial} - {found.port}
    same = [scanner for scanner in gone if scanner.serial == found.serial != "" and not twins]
    for some in (at_port, same, () if is_named else gone):
        if len(some) == 1:
            return some[0]
    return None


def _free_name(scanners: Collection[Paired]) -> str:
    taken = {scanner.name for scanner in scanners}
    number = 2
    while "scanner" in taken and f"scanner {number}" in taken:
        number += 1
    return f"scanner {number}" if "scanner" in taken else "scanner"
