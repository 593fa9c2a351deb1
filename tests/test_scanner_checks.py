"""What `kiosk check` and `kiosk devices` say of the scanners of a machine: each state its own sentence and mend."""

import datetime as dt
import errno
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from machine import KEYBOARD, OTHER_PORT, PORT, SCANNER, Machine
from msgspec.structs import replace

from kiosk import commandline
from kiosk.commandline import Exit
from kiosk.commands.devices import devices
from kiosk.commands.scanner_checks import scanners_checked
from kiosk.scanners.doors import Doors
from kiosk.scanners.paired import Paired, scanners_file, write_scanners
from kiosk.scanners.udev import rule_for
from kiosk.site import make
from stations.records.lock import StationLock
from stations.scanning.decoding.wedge import Profile

LEFT = Paired(name="left", phys=PORT, vendor="0c2e", product="0b61", profile=Profile(proved=True))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make(tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "input")
    yield made
    made.close()


def checked(site: Path, doors: Doors, *paired: Paired) -> list[str]:
    """What the check says of scanners, each line's word and sentence."""
    write_scanners(scanners_file(site, "bench-3"), paired)
    return [" ".join(str(line).split()) for line in scanners_checked(site, "bench-3", doors)]


def test_each_scanner_that_is_paired_and_can_be_held_is_well(site: Path, machine: Machine) -> None:
    machine.plug()
    machine.plug(phys=f"{OTHER_PORT}/input0", path="/dev/input/event8", serial="S1")
    right = replace(LEFT, name="right", phys="usb-9", serial="S1")
    lines = checked(site, machine.doors, LEFT, right)
    assert lines[0] == f"ok scanners left at {PORT}, Demo Scanner 1200g"
    assert lines[1].startswith(f"ok scanners The scanner right was moved from usb-9 to {OTHER_PORT}")


def test_a_scanner_on_a_serial_line_needs_no_input_devices(site: Path, machine: Machine) -> None:
    machine.plug_line()
    doors = replace(machine.doors, nodes=site / "none", can_read_keys=lambda: False)
    (line,) = checked(site, doors, replace(LEFT, kind="serial"))
    assert line.startswith("ok scanners left")


def not_there(_: Machine) -> None:
    """Plug nothing in."""


def plugged_elsewhere(machine: Machine) -> None:
    machine.plug(phys=f"{OTHER_PORT}/input0")


def something_else_there(machine: Machine) -> None:
    machine.plug(KEYBOARD, phys=f"{PORT}/input0")


def without_permission(machine: Machine) -> None:
    machine.plug(readable=False)


def broken(machine: Machine) -> None:
    node = machine.plug()
    machine.doors = replace(machine.doors, tried=lambda _: OSError(errno.EPROTO, "Protocol error"))
    assert node.found == SCANNER


def held_elsewhere(machine: Machine) -> None:
    node = machine.plug()
    node.holder = node.open()


@pytest.mark.parametrize(
    ("trouble", "says", "mend"),
    [
        (not_there, "left is not there", f"plug it in at {PORT}"),
        (plugged_elsewhere, f"a scanner like it is at {OTHER_PORT}", "kiosk pair scanner --name 'left'"),
        (something_else_there, "another device is (Demo Keyboard 0001:0001)", "plug left in there"),
        (without_permission, "left at /dev/input/event7 may not be read by this user", "kiosk devices --udev"),
        (held_elsewhere, "left at /dev/input/event7 is held by another program", "stop that program"),
        (broken, "gives the error Protocol error", "check again"),
    ],
)
def test_each_trouble_of_a_scanner_has_its_own_sentence_and_mend(
    site: Path, machine: Machine, trouble: Callable[[Machine], None], says: str, mend: str
) -> None:
    trouble(machine)
    (line,) = checked(site, machine.doors, LEFT)
    assert line.startswith("FAILED scanners ")
    sentence, _, mended = line.partition("; mend: ")
    assert says in sentence
    assert mend in mended
    for node in machine.nodes.values():
        assert node.holder is None or not node.held.is_set()


def test_what_the_kiosk_that_runs_here_holds_is_well(site: Path, machine: Machine) -> None:
    held_elsewhere(machine)
    with StationLock.take(site / "stations" / "bench-3" / "lock", "08:00"):
        assert checked(site, machine.doors, LEFT) == ["ok scanners left is held by the kiosk that runs here"]


def test_a_lock_file_left_behind_by_a_power_cut_runs_no_kiosk(site: Path, machine: Machine) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    (site / "stations" / "bench-3" / "lock").write_text(f"pid {ended.pid}, started 08:00\n")
    held_elsewhere(machine)
    assert "another program" in checked(site, machine.doors, LEFT)[0]


@pytest.mark.parametrize(
    ("changes", "paired", "says"),
    [
        ({"can_read_keys": lambda: False}, (), "found no evdev"),
        ({"nodes": Path("/nowhere/input")}, (), "found no /nowhere/input"),
        ({}, (), "none is paired"),
        ({}, (replace(LEFT, profile=Profile()),), "how left types was not proved by the whole check card"),
    ],
)
def test_what_scanners_need_and_lack_is_a_warning_with_its_mend(
    site: Path, machine: Machine, changes: dict[str, Any], paired: tuple[Paired, ...], says: str
) -> None:
    machine.plug()
    lines = checked(site, replace(machine.doors, **changes), *paired)
    (line,) = [line for line in lines if says in line]
    assert line.startswith("warning scanners ")
    assert "; mend: " in line


def listed(site: Path, machine: Machine, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    asked = commandline.read(["--data", str(site), "devices", *words])
    assert devices(asked, lambda: dt.datetime.now(dt.UTC), machine.doors) == Exit.DONE
    return capsys.readouterr().out.splitlines()


def test_devices_are_listed_each_on_one_line_with_all_its_nodes_and_as_what_it_is_paired(
    site: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    write_scanners(scanners_file(site, "bench-3"), [LEFT])
    machine.plug(KEYBOARD)
    machine.plug(path="/dev/input/event6", phys=f"{PORT}/input1", looks_like_scanner=False, reason="of its name")
    machine.plug(serial="S1", readable=False)
    _, keyboard, scanner, *_ = listed(site, machine, capsys)
    assert "bench-3/left" not in keyboard
    assert scanner.startswith(f"{PORT}  Demo Scanner 1200g  0c2e:0b61")
    assert "S1  " in scanner
    assert "/dev/input/event7 /dev/input/event6" in scanner
    assert "kiosk devices --udev" in scanner
    assert "bench-3/left, proved" in scanner


def test_the_rules_are_those_of_the_paired_scanners_else_of_all_that_may_be_one(
    site: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.plug(KEYBOARD)
    machine.plug()
    assert {rule_for(KEYBOARD), rule_for(SCANNER)} < set(listed(site, machine, capsys, "--udev"))
    write_scanners(scanners_file(site, "bench-3"), [LEFT])
    lines = listed(site, machine, capsys, "--udev")
    assert [line for line in lines if not line.startswith("#")] == [rule_for(LEFT)]
