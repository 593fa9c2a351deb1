"""Is a scanner told from a keyboard by scanning, and is the keyboard left alone?"""

import tomllib

import pytest

from stations.scanning.decoding.card import SYMBOLS, TEXTS

from .bench import BADGE, STATION, Bench
from .keyboard import GS, MODEL, Keyboard

LINE = "/dev/ttyACM0"
PACKAGE = f"]d201003099912345631727020010LOT7A{GS}21S0001"

pytestmark = pytest.mark.devices


def test_a_scanner_is_paired_by_the_check_card_and_its_twin_stays_a_keyboard(bench: Bench, scanner: Keyboard) -> None:
    keyboard = bench.machine.right
    keyboard.plug(2)
    bench.start("pair", "scanner", "--name", "left", "--card")
    bench.sees("Scan one code of the check card")
    first, *others = (SYMBOLS[name] + text for name, text in TEXTS.items())
    keyboard.type("hm")
    scanner.scan(first)
    bench.sees("held from now on")
    for code in others:
        scanner.scan(code)
    assert bench.ended() == 0
    (paired,) = tomllib.loads(bench.machine.run("cat", f"{STATION}/scanners.toml").out)["scanner"]
    known = {name: paired[name] for name in ("name", "phys", "vendor", "product", "serial", "kind")}
    assert known == {
        "name": "left",
        "phys": scanner.phys,
        "vendor": MODEL[0],
        "product": MODEL[1],
        "serial": "S0001",
        "kind": "keys",
    }
    assert (paired["profile"]["separator"], paired["profile"]["terminator"]) == ("ctrl", "enter")
    assert paired["profile"]["proved"]
    bench.open()
    keyboard.type("BESIDE")
    bench.sees("BESIDE_")
    scanner.scan(BADGE)
    bench.sees("Type it and press Enter")


def test_a_scanner_in_serial_mode_is_paired_and_read(bench: Bench) -> None:
    machine = bench.machine
    machine.run("serial-scanner", "plug", *MODEL)
    machine.until(lambda: machine.run("test", "-e", LINE, may_fail=True).status == 0, LINE)
    bench.start("pair", "scanner", "--name", "line")
    bench.sees("Scan one code of the check card")
    send(bench, SYMBOLS["datamatrix"] + TEXTS["datamatrix"])
    bench.sees("held from now on")
    machine.people.press("ret")
    assert bench.ended() == 0
    bench.open()
    machine.until(lambda: bench.entries("device"), "the line in the journal")
    send(bench, PACKAGE)
    (scan,) = bench.scans(1)
    assert (scan["device"], scan["raw"]) == ("line", PACKAGE.replace(GS, "<GS>"))
    machine.run("serial-scanner", "unplug")
    bench.sees("! scanner line")


def send(bench: Bench, text: str) -> None:
    """Let the scanner in serial mode send a code."""
    bench.machine.write("/dev/ttyGS0", f"{text}\r")
