"""Is a scanner told from a keyboard by scanning, and is the keyboard left alone?"""

import tomllib

import pytest

from stations.scanning.decoding.card import SYMBOLS, TEXTS

from .bench import BADGE, STATION, Bench
from .keyboard import MODEL, Keyboard

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
