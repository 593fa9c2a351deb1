"""What `kiosk check` and `kiosk devices` say of the scanners of a machine: each state its own sentence and mend."""

import datetime as dt
import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from machine import KEYBOARD, OTHER_PORT, PORT, SCANNER, Machine
from msgspec.structs import replace

from kiosk import commandline
from kiosk.commandline import Exit
from kiosk.commands.devices import devices
from kiosk.commands.scanner_checks import scanners_checked
from kiosk.live.running import runs
from kiosk.scanners.doors import Doors
from kiosk.scanners.paired import Paired, scanners_file, write_scanners
from kiosk.scanners.udev import rule_for
from kiosk.site import make
from kiosk.telling import Ended
from stations.records.journal import Journal
from stations.records.lock import StationLock
from stations.scanning.decoding.wedge import Profile

NOW = dt.datetime.fromisoformat("2026-03-10T08:00:00-07:00")
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
    assert lines[1].startswith(f"ok scanners right: Moved from usb-9 to {OTHER_PORT}: it has the same serial number S1")


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
        (plugged_elsewhere, "left is not there", f"a scanner like it is at {OTHER_PORT}, so plug it back in"),
        (something_else_there, "left is not there", f"another device is at {PORT} (Demo Keyboard 0001:0001)"),
        (without_permission, "left at /dev/input/event7 may not be read by this user", "kiosk devices --udev"),
        (held_elsewhere, "left at /dev/input/event7 is held by another program", "stop that one"),
        (broken, "gives the error Protocol error", "unplug it"),
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


def told_by_the_kiosk(site: Path, *reports: tuple[str, bool, str]) -> None:
    with closing(Journal.open(site / "stations" / "bench-3" / "journal", "bench-3")) as journal:
        for name, present, says in reports:
            journal.append("device", {"device": name, "present": present, "says": says}, NOW)


HELD = ("left", True, f"At {PORT}.")
BUSY = ("left", False, "Held by another program: stop that one, perhaps another copy of the kiosk.")
CAPS = ("left", False, "CapsLock is lit: some scanners then send letters the other way round.")
OTHER = ("right", False, "Not there: plug it in.")


@pytest.mark.parametrize(
    ("reports", "line"),
    [
        ([HELD], "ok scanners left is held by the kiosk that runs here"),
        ([BUSY, HELD, OTHER], "ok scanners left is held by the kiosk that runs here"),
        ([HELD, BUSY], "FAILED scanners left at /dev/input/event7 is held by another program; mend: stop that one"),
        ([], "FAILED scanners left at /dev/input/event7 is held by another program; mend: stop that one"),
        ([HELD, CAPS], "FAILED scanners left, as the kiosk that runs here tells: CapsLock is lit: some scanners"),
    ],
)
def test_who_holds_a_scanner_while_a_kiosk_runs_is_what_that_kiosk_told_last(
    site: Path, machine: Machine, reports: list[tuple[str, bool, str]], line: str
) -> None:
    held_elsewhere(machine)
    told_by_the_kiosk(site, *reports)
    with StationLock.take(site / "stations" / "bench-3" / "lock", "08:00"):
        (found,) = checked(site, machine.doors, LEFT)
    assert found.startswith(line)


def test_a_scanner_in_doubt_fails_the_check_with_what_changed(site: Path, machine: Machine) -> None:
    machine.plug()
    well, doubted = checked(site, machine.doors, replace(LEFT, doubt="GS no longer arrives."))
    assert well.startswith("ok scanners left")
    assert doubted.startswith("FAILED scanners left is re-programmed: GS no longer arrives; mend: set it back")


@pytest.mark.parametrize("written", ["pid 99999999999999999999", "pid 9999999999", "pid 0", "pid -1", "", "\xff"])
def test_a_lock_file_with_anything_in_it_runs_no_kiosk(site: Path, written: str) -> None:
    (site / "stations" / "bench-3" / "lock").write_text(written, encoding="latin-1")
    assert not runs(site, "bench-3")


def test_a_lock_that_is_no_file_runs_no_kiosk_and_is_not_waited_for(site: Path) -> None:
    os.mkfifo(site / "stations" / "bench-3" / "lock")
    assert not runs(site, "bench-3")


def test_a_sentence_and_its_mend_are_one_line_with_one_stop(site: Path, machine: Machine) -> None:
    scanners_file(site, "bench-3").write_text("no = [toml")
    (line,) = (str(line) for line in scanners_checked(site, "bench-3", machine.doors))
    assert ".; mend: " not in line


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


def test_devices_are_listed_each_with_all_its_nodes_and_as_what_it_is_paired(
    site: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    write_scanners(scanners_file(site, "bench-3"), [LEFT])
    machine.plug(KEYBOARD)
    machine.plug(path="/dev/input/event6", phys=f"{PORT}/input1", looks_like_scanner=False, reason="of its name")
    machine.plug(serial="S1", readable=False, name="Honeywell Scanning & Mobility Voyager 1200g Keyboard")
    lines = listed(site, machine, capsys)
    at = lines.index(PORT)
    assert lines[at : at + 6] == [
        PORT,
        "  Honeywell Scanning & Mobility Voyager 1200g Keyboard",
        "  0c2e:0b61, serial number S1",
        "  /dev/input/event7 /dev/input/event6",
        "  may not be read by this user: kiosk devices --udev writes the rule",
        "  paired as bench-3/left, proved",
    ]
    assert "bench-3/left" not in " ".join(lines[:at])
    assert all(len(line) < 80 for line in lines)


def test_the_rules_are_those_of_the_paired_scanners_else_of_all_that_may_be_one(
    site: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.plug(KEYBOARD)
    machine.plug()
    assert {rule_for(KEYBOARD), rule_for(SCANNER)} < set(listed(site, machine, capsys, "--udev"))
    write_scanners(scanners_file(site, "bench-3"), [LEFT])
    lines = listed(site, machine, capsys, "--udev")
    assert rule_for(LEFT) in lines
    assert rule_for(KEYBOARD) not in lines
    assert 'GROUP="kiosk-scanner", MODE="0660"' in lines


def test_where_nothing_may_be_a_scanner_no_empty_rules_are_written(
    site: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = commandline.read(["--data", str(site), "devices", "--udev"])
    with pytest.raises(Ended) as ended:
        devices(asked, lambda: NOW, machine.doors)
    assert ended.value.status == Exit.DEVICE
    assert capsys.readouterr().out == ""
