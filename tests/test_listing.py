"""The kernel's description tells which scanners and keyboards are there, which nodes are one, and which may be held."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import pytest

from stations.scanning.decoding import keys
from stations.scanning.devices.listing import Found, list_devices, list_lines, may_hold, nodes_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def bitmap(codes: set[int]) -> str:
    width = struct.calcsize("l") * 8
    number = sum(1 << code for code in codes)
    words: list[str] = []
    while number:
        words.insert(0, f"{number & (1 << width) - 1:x}")
        number >>= width
    return " ".join(words or ["0"])


TYPING: Final = set(range(1, 128))


def describe(
    root: Path,
    event: str,
    name: str,
    *,
    codes: set[int],
    pointing: str = "0",
    phys: str = "usb-0000:00:14.0-2/input0",
    uniq: str = "",
) -> None:
    """Describe a device as sysfs does."""
    device = root / "sys" / event / "device"
    (device / "capabilities").mkdir(parents=True)
    (device / "id").mkdir()
    for file, line in {
        "name": name,
        "phys": phys,
        "uniq": uniq,
        "id/vendor": "0c2e",
        "id/product": "0b61",
        "capabilities/key": bitmap(codes),
        "capabilities/rel": pointing,
        "capabilities/abs": "0",
    }.items():
        (device / file).write_text(line + "\n")


@pytest.mark.parametrize(
    ("name", "codes", "pointing", "reason"),
    [
        ("Honeywell Scanner", TYPING, "0", ""),
        ("Wireless Mouse", TYPING, "0", "its name says it is no scanner"),
        ("Keyboard Consumer Control", TYPING, "0", "its name says it is no scanner"),
        ("Keyboard System Control", TYPING, "0", "its name says it is no scanner"),
        ("Power Button", {116}, "0", "it cannot type all letters, digits, Enter and Shift"),
        ("Odd", TYPING - {keys.KEY_ENTER}, "0", "it cannot type all letters, digits, Enter and Shift"),
        ("Silent", set(), "0", "it cannot type all letters, digits, Enter and Shift"),
        ("Gamepad", TYPING | {0x130}, "0", "it has buttons"),
        ("Trackpoint keyboard", TYPING, "3", "it points"),
    ],
)
def test_a_device_that_cannot_be_a_scanner_is_excluded_with_the_reason(
    tmp_path: Path, name: str, codes: set[int], pointing: str, reason: str
) -> None:
    describe(tmp_path, "event0", name, codes=codes, pointing=pointing)
    (found,) = list_devices(tmp_path / "dev", tmp_path / "sys")
    assert (found.name, found.vendor, found.product) == (name, 0x0C2E, 0x0B61)
    assert (found.looks_like_scanner, found.readable) == (not reason, False)
    assert found.reason == (reason or "it types letters, digits and Enter, as a scanner or a keyboard does")


def test_devices_are_listed_by_number_with_their_nodes_and_whether_they_may_be_read(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    for event in ("event10", "event2"):
        describe(tmp_path, event, "Scanner", codes=TYPING)
        (tmp_path / "dev" / event).touch()
    (tmp_path / "sys" / "event3").mkdir()
    found = list_devices(tmp_path / "dev", tmp_path / "sys")
    assert [(each.path, each.phys, each.readable) for each in found] == [
        (str(tmp_path / "dev" / "event2"), "usb-0000:00:14.0-2/input0", True),
        (str(tmp_path / "dev" / "event3"), "", False),
        (str(tmp_path / "dev" / "event10"), "usb-0000:00:14.0-2/input0", True),
    ]
    assert list_devices(tmp_path / "nothing", tmp_path / "nowhere") == ()


def test_the_number_a_maker_gave_is_told_and_every_node_of_a_device_is_found_by_its_port(tmp_path: Path) -> None:
    describe(tmp_path, "event1", "Scanner", codes=TYPING, uniq="S/N 17")
    describe(tmp_path, "event2", "Scanner Consumer Control", codes={115}, phys="usb-0000:00:14.0-2/input1:1")
    describe(tmp_path, "event3", "Twin", codes=TYPING, phys="usb-0000:00:14.0-20/input0")
    describe(tmp_path, "event4", "Made by a program", codes=TYPING, phys="")
    found = list_devices(tmp_path / "dev", tmp_path / "sys")
    assert [each.serial for each in found] == ["S/N 17", "", "", ""]
    for phys in ("usb-0000:00:14.0-2", "usb-0000:00:14.0-2/input1"):
        assert [each.name for each in nodes_of(found, phys)] == ["Scanner", "Scanner Consumer Control"]
    assert nodes_of(found, "") == ()


def test_over_bluetooth_a_device_is_told_by_its_own_address_and_not_by_that_of_the_radio(tmp_path: Path) -> None:
    for event, address in (("event1", "00:11:22:33:44:55"), ("event2", "66:77:88:99:aa:bb")):
        describe(tmp_path, event, "Wireless", codes=TYPING, phys="de:ad:be:ef:00:01", uniq=address)
        (tmp_path / "sys" / event / "device" / "id" / "bustype").write_text("0005\n")
    found = list_devices(tmp_path / "dev", tmp_path / "sys")
    assert [each.port for each in found] == ["bluetooth-00:11:22:33:44:55", "bluetooth-66:77:88:99:aa:bb"]


SCANNER: Final = "usb-0000:00:14.0-2"


def device(phys: str, *, looks: bool = True, types: bool = True, kind: str = "keys") -> Found:
    return Found(
        path="/dev/input/event0",
        name="",
        phys=phys,
        vendor=0,
        product=0,
        readable=True,
        looks_like_scanner=looks,
        reason="",
        kind="serial" if kind == "serial" else "keys",
        types=types,
    )


@pytest.mark.parametrize(
    ("others", "may"),
    [
        ([], False),
        ([device("isa0060/serio0/input0")], True),
        ([device("usb-0000:00:14.0-3/input0")], True),
        ([device("usb-0000:00:14.0-3/input0", looks=False)], True),  # a keyboard with buttons is one
        ([device("isa0060/serio1/input0", looks=False, types=False)], False),  # a mouse
        ([device(f"{SCANNER}/input1")], False),  # the scanner's second node
        ([device("", looks=True)], False),  # made by a program: nobody can press its keys
        ([device("usb-0000:00:14.0-4", kind="serial")], False),
    ],
)
def test_the_last_keyboard_is_never_held(others: Sequence[Found], may: bool) -> None:  # noqa: FBT001 -- a column of the table
    says = may_hold([device(f"{SCANNER}/input0"), *others], SCANNER)
    assert (says == "") is may
    assert may or says == (
        f"The device at {SCANNER} is the only one that can type, so holding it would leave this machine without "
        "a keyboard: plug a keyboard in first."
    )


def test_what_is_a_scanner_already_is_nobodys_keyboard() -> None:
    found = [device(f"{SCANNER}/input0"), device("usb-0000:00:14.0-3/input0")]
    assert may_hold(found, SCANNER) == ""
    assert "only one that can type" in may_hold(found, SCANNER, ["usb-0000:00:14.0-3"])
    assert may_hold([*found, device("isa0060/serio0/input0")], SCANNER, ["usb-0000:00:14.0-3"]) == ""


def test_what_cannot_type_may_always_be_held() -> None:
    found = [device("usb-0000:00:14.0-9/input0"), device(f"{SCANNER}/input0", looks=False, types=False)]
    assert may_hold(found, SCANNER) == ""
    assert may_hold([device(SCANNER, kind="serial")], SCANNER) == ""
    assert may_hold([], SCANNER) == ""


def plug(root: Path, line: str, controller: str, way: str, *, described: bool = True) -> None:
    """Make the part of sysfs that the kernel makes for a serial line over USB; `way` are the ports from the root."""
    usb = root / "sys" / "devices" / "pci0000:00" / controller / "usb1"
    for hub in range(1, way.count(".") + 2):
        usb = usb / ("1-" + ".".join(way.split(".")[:hub]))
    interface = usb / f"1-{way}:1.0"
    node = interface / line / "tty" / line if line.startswith("ttyUSB") else interface / "tty" / line
    node.mkdir(parents=True)
    (node / "device").symlink_to(node.parent.parent)
    told = {"idVendor": "0c2e", "idProduct": "0b6a", "devpath": way}
    if described:
        told |= {"manufacturer": "Made-up Scanners", "product": "Serial 1", "serial": "S17"}
    for file, text in told.items():
        (usb / file).write_text(text + "\n")
    by_class = root / "sys" / "class" / "tty"
    by_class.mkdir(parents=True, exist_ok=True)
    (by_class / line).symlink_to(node)


def test_serial_lines_over_usb_are_listed_with_the_port_that_an_input_device_there_would_have(tmp_path: Path) -> None:
    plug(tmp_path, "ttyACM10", "0000:00:14.0", "4.2.1")
    plug(tmp_path, "ttyACM2", "dummy_hcd.0", "1", described=False)
    plug(tmp_path, "ttyUSB0", "0000:00:14.0", "3")
    (tmp_path / "sys" / "class" / "tty" / "ttyS0").mkdir()
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "ttyUSB0").touch()
    found = list_lines(tmp_path / "dev", tmp_path / "sys" / "class" / "tty")
    assert [(each.path, each.phys, each.name, each.serial) for each in found] == [
        (str(tmp_path / "dev" / "ttyACM2"), "usb-dummy_hcd.0-1", "", ""),
        (str(tmp_path / "dev" / "ttyUSB0"), "usb-0000:00:14.0-3", "Made-up Scanners Serial 1", "S17"),
        (str(tmp_path / "dev" / "ttyACM10"), "usb-0000:00:14.0-4.2.1", "Made-up Scanners Serial 1", "S17"),
    ]
    assert [(each.vendor, each.product, each.kind) for each in found] == [(0x0C2E, 0x0B6A, "serial")] * 3
    assert [(each.looks_like_scanner, each.readable) for each in found] == [(True, False), (False, True), (True, False)]
    assert found[1].reason == "it is a serial cable, and may lead to a printer"
    assert [each.path for each in nodes_of(found, "usb-0000:00:14.0-3/input0")] == [str(tmp_path / "dev" / "ttyUSB0")]


def test_a_serial_line_whose_port_cannot_be_told_is_listed_without_one(tmp_path: Path) -> None:
    (tmp_path / "sys" / "ttyACM0").mkdir(parents=True)
    (found,) = list_lines(tmp_path / "dev", tmp_path / "sys")
    assert (found.phys, found.name, found.vendor) == ("", "", 0)
    assert list_lines(tmp_path / "nothing", tmp_path / "nowhere") == ()
