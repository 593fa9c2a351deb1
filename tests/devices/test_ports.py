"""What does the kiosk say when a scanner comes, goes, moves, is held by another, or may not be read?"""

import pytest

from .bench import BADGE, Bench
from .image import RULES
from .keyboard import Keyboard

pytestmark = pytest.mark.devices


def presence(bench: Bench) -> list[bool]:
    return [entry["present"] for entry in bench.entries("device")]


def test_a_scanner_that_is_pulled_out_is_missed_and_read_again_when_it_is_back(bench: Bench, scanner: Keyboard) -> None:
    bench.pair(left=scanner)
    bench.open()
    scanner.unplug()
    bench.sees("! scanner left")
    bench.machine.until(lambda: "plug it in" in bench.entries("device")[-1]["says"], "the mend in the journal")
    scanner.plug(1, "S0001")
    bench.machine.until(lambda: presence(bench)[-1], "the scanner in the journal")
    scanner.scan(BADGE)
    bench.sees("Type it and press Enter")
    assert presence(bench)[0] is presence(bench)[-1] is True


def test_a_scanner_with_a_serial_number_is_known_at_another_port(bench: Bench, scanner: Keyboard) -> None:
    bench.pair(left=scanner)
    bench.open()
    scanner.unplug()
    bench.sees("! scanner left")
    scanner.plug(5, "S0001")
    bench.machine.until(lambda: presence(bench)[-1], "the scanner in the journal")
    scanner.scan(BADGE)
    bench.sees("Type it and press Enter")
    assert bench.entries("scan")[-1]["device"] == "left"


def test_a_scanner_without_one_must_be_paired_again_there(bench: Bench) -> None:
    scanner = bench.machine.right
    scanner.plug(2)
    bench.pair(right=scanner)
    bench.open()
    scanner.unplug()
    bench.sees("! scanner right")
    scanner.plug(6)
    bench.machine.until(lambda: "pair it again" in bench.entries("device")[-1]["says"], "the mend in the journal")
    scanner.scan(BADGE)
    # Not held, it is a keyboard like any other, and what comes through the keyboard says so.
    (scan,) = bench.scans(1)
    assert scan.get("device", "keyboard") == "keyboard"


def test_a_scanner_held_by_another_program_is_told_by_check(bench: Bench, scanner: Keyboard) -> None:
    bench.pair(left=scanner)
    hold = "import evdev, sys, time; device = evdev.InputDevice(sys.argv[1]); device.grab(); time.sleep(1000)"
    holder = bench.machine.start("python3", "-c", hold, scanner.node)
    bench.machine.until(lambda: "held by another program" in bench.command("check").out, "the sentence of check")
    assert bench.command("check").status == 1
    bench.machine.run("kill", str(holder))
    bench.machine.wait(holder)
    assert f"left at {scanner.phys}" in bench.command("check").out


def test_a_scanner_that_may_not_be_read_is_told_by_check_and_mended_by_the_rule_that_devices_writes(
    bench: Bench, scanner: Keyboard
) -> None:
    machine = bench.machine
    bench.pair(left=scanner)
    shipped = machine.run("cat", f"/{RULES}").out
    put_to_use(bench, "")
    checked = bench.command("check")
    assert checked.status == 1
    assert "may not be read by this user" in checked.out
    put_to_use(bench, bench.command("devices", "--udev").out)
    assert f"left at {scanner.phys}" in bench.command("check").out
    put_to_use(bench, shipped)
    assert f"left at {scanner.phys}" in bench.command("check").out


def put_to_use(bench: Bench, rules: str) -> None:
    """Let these be udev's rules for scanners, as the shipped file says it is done."""
    bench.machine.write(f"/{RULES}", rules)
    bench.machine.run("udevadm", "control", "--reload")
    bench.machine.run("udevadm", "trigger", "--action=add", "--subsystem-match=input", "--settle")
