"""Does a scan arrive whole, where it belongs and nowhere else? On the kernel's own devices."""

import itertools
import string

import pytest

from .bench import BADGE, TTY, Bench
from .image import KIOSK
from .keyboard import GS, Keyboard

pytestmark = pytest.mark.devices

PRINTABLE = "".join(map(chr, range(32, 127)))
PACKAGE = f"]d201003099912345631727020010LOT7A{GS}21S0001"


def test_nothing_of_a_scan_reaches_the_console_while_the_kiosk_holds_the_scanner(
    bench: Bench, scanner: Keyboard
) -> None:
    machine = bench.machine
    shell = machine.start("cat", user=KIOSK, tty=TTY)
    scanner.scan("UNHELD")
    machine.until(lambda: machine.screen().count("UNHELD") == 2, "the echo, and what cat got")
    machine.run("kill", str(shell))
    machine.wait(shell)
    keyboard = machine.right
    keyboard.plug(2)
    bench.pair(left=scanner)
    bench.open()
    scanner.scan("HELD")
    assert [(scan["source"], scan["raw"]) for scan in bench.scans(1)] == [("scanned", "HELD")]
    keyboard.type("FREE")
    bench.sees("FREE_")
    assert "HELDFREE" not in machine.screen()
    assert len(bench.entries("scan")) == 1


def test_all_printable_characters_arrive_as_they_were_scanned(bench: Bench, scanner: Keyboard) -> None:
    bench.pair(left=scanner)
    bench.open()
    scanner.scan(PRINTABLE)
    (scan,) = bench.scans(1)
    assert (scan["raw"], scan["source"]) == (PRINTABLE, "scanned")


def test_two_scanners_of_one_model_and_a_person_typing_at_once_are_kept_apart(bench: Bench, scanner: Keyboard) -> None:
    left, right, people = scanner, bench.machine.right, bench.machine.people
    right.plug(2)
    bench.pair(left=left, right=right)
    bench.open()
    sent = [string.ascii_letters, string.digits + string.punctuation]
    typing = left.typing(f"{sent[0]}\n"), right.typing(f"{sent[1]}\n"), people.typing(f"{BADGE}\n")
    for _ in itertools.zip_longest(*typing):
        pass
    scans = [(scan["source"], scan.get("device"), scan["raw"]) for scan in bench.scans(3)]
    assert scans == [("keyed", None, "B004…173"), ("scanned", "right", sent[1]), ("scanned", "left", sent[0])]


def test_what_the_kernel_had_no_room_for_voids_the_scan(bench: Bench, scanner: Keyboard) -> None:
    bench.pair(left=scanner)
    bench.open()
    bench.signal("STOP")
    scanner.scan(f"{'0' * 40}{BADGE}")
    bench.signal("CONT")
    bench.sees("STOP", "lost input", "Scan again.")
    (lost,) = bench.scans(1)
    assert (lost["reading"], lost["verdict"]) == ("lost-input", "STOP")
    scanner.scan(BADGE)
    bench.sees("Type it and press Enter")


def test_a_package_is_scanned_on_the_console_from_badge_to_pass(bench: Bench, scanner: Keyboard) -> None:
    bench.pair(left=scanner)
    bench.open()
    bench.sign_in(scanner)
    scanner.scan("P00127X")
    bench.sees("Go to the shelf", "03-A-12")
    scanner.scan("L03A12Z")
    bench.sees("Scan every package", "0 of 3")
    scanner.scan(PACKAGE)
    bench.sees("PASS", "lot LOT7A", "1 of 3")
    scan = bench.scans(4)[-1]
    assert scan["raw"] == PACKAGE.replace(GS, "<GS>")
    assert (scan["verdict"], scan["lot"], scan["expiry"], scan["serial"]) == ("PASS", "LOT7A", "2027-02-28", "S0001")
