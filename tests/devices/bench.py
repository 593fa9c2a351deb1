"""What stands in the guest: a sample hospital's data folder, scanners that belong to it, the kiosk on tty1?

The kiosk runs as on a real bench: on the console (80 columns, TERM=linux), as a user of its own, whom a udev rule lets
read the scanners.
"""

import json
import time
from typing import Any

from kiosk.screens.letters import large

from .image import KIOSK
from .keyboard import AIMED_IN_S, MODEL, Keyboard
from .machine import Machine, Ran

SAMPLE, SITE = "/home/kiosk/sample", "/home/kiosk/site"
STATION = f"{SITE}/stations/bench-3"
TTY = "/dev/tty1"
BADGE, PIN = "B0042173", "420173"
STARTS_IN_S = 90.0
"""Textual is ten times slower in emulation."""
_TABLE = """
[[scanner]]
name = "{name}"
phys = "{scanner.phys}"
vendor = "{model[0]}"
product = "{model[1]}"
serial = "{scanner.serial}"
"""


def make_sample(machine: Machine) -> None:
    """Make the sample hospital that each bench takes a copy of."""
    machine.run("kiosk", "--data", SAMPLE, "init", "--sample", user=KIOSK)


class Bench:
    """A bench of the sample hospital, on a fresh copy."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._process = self._paired = 0
        machine.run("rm", "-rf", SITE)
        machine.run("cp", "-a", SAMPLE, SITE)

    def pair(self, **scanners: Keyboard) -> None:
        """Let scanners belong to the bench, by the names given here, without a code being scanned."""
        self._paired = len(scanners)
        tables = [_TABLE.format(name=name, scanner=scanner, model=MODEL) for name, scanner in scanners.items()]
        self.machine.write(f"{STATION}/scanners.toml", "".join(tables), KIOSK)

    def prints_on(self, **table: str | int) -> None:
        """Name the bench's printer, as whoever sets a bench up does."""
        head, _, _ = self.machine.run("cat", f"{STATION}/station.toml").out.partition("[printer]")
        lines = (f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        self.machine.write(f"{STATION}/station.toml", f"{head}[printer]\n{''.join(lines)}", KIOSK)

    def labels(self) -> list[dict[str, str]]:
        """Give what the journal holds of labels: how each came to stand, in order."""
        return [label for entry in self.entries("label") for label in entry["labels"]]

    def command(self, *words: str) -> Ran:
        """Run a command of the program, as its user."""
        return self.machine.run("kiosk", "--data", SITE, *words, user=KIOSK, may_fail=True)

    def open(self) -> None:
        """Open the kiosk on tty1; wait for the door, and until it holds its scanners: they type on tty1 before."""
        self.start("run")
        self.sees("Scan your badge")
        self.machine.until(lambda: len(self.entries("device")) >= self._paired, "the scanners in the journal")
        time.sleep(AIMED_IN_S)

    def start(self, *words: str) -> None:
        """Start a command of the program on tty1, cleared of what stood there."""
        self.machine.write(TTY, "\033c")
        self._process = self.machine.start("kiosk", "--data", SITE, *words, user=KIOSK, tty=TTY)

    def signal(self, name: str) -> None:
        """Send the program on tty1 a signal."""
        self.machine.run("kill", "-s", name, str(self._process))

    def ended(self) -> int | None:
        """Wait for the program on tty1 to end and give its status."""
        status = self.machine.wait(self._process)
        self._process = 0
        return status

    def close(self) -> None:
        """End what runs on tty1, if anything does."""
        if self._process:
            self.signal("KILL")
            self.ended()

    def sign_in(self, scanner: Keyboard) -> None:
        """Scan a badge and type its PIN on the keyboard beside."""
        scanner.scan(BADGE)
        self.sees("Type it and press Enter")
        self.machine.people.type(f"{PIN}\n")
        self.sees("Signed in: AT.")

    def sees(self, *words: str, limit: float = STARTS_IN_S) -> None:
        """Wait until all of these words are on tty1 at once, as text or in large letters."""
        seen = ""

        def look() -> bool:
            nonlocal seen
            seen = self.machine.screen()
            flat = " ".join(seen.split())
            return all(word in flat or all(row.strip() in seen for row in large(word)) for word in words)

        try:
            self.machine.until(look, f"{words} on tty1", limit=limit)
        except AssertionError as error:
            raise AssertionError(f"{error}; found:\n{seen}") from None

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Give what the journal holds of one kind of entry."""
        text = self.machine.run("sh", "-c", f"cat {STATION}/journal/*.jsonl").out
        lines = [json.loads(line) for line in text.splitlines()]
        return [line["data"] for line in lines if line["kind"] == kind]

    def scans(self, count: int) -> list[dict[str, Any]]:
        """Wait until the journal has so many scans, and give them."""
        self.machine.until(lambda: len(self.entries("scan")) >= count, f"{count} scans in the journal")
        return self.entries("scan")
