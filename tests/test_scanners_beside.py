"""The scanners beside a bench that is open: they come, go, fail, are re-programmed, and what they send is recorded."""

import datetime as dt
import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from machine import KEYBOARD, OTHER_PORT, PORT, SCANNER, Machine, Node

from kiosk.live.beside import Live
from kiosk.sample import make_sample
from kiosk.scanners import held as room
from kiosk.scanners.held import Scanners
from kiosk.scanners.paired import Paired, read_scanners, scanners_file, write_scanners
from kiosk.station import Station
from stations.bench.state import Bench
from stations.records.journal import Entry, entries
from stations.scanning.decoding import card
from stations.scanning.decoding.typist import Typing, keystrokes
from stations.scanning.decoding.wedge import Profile
from stations.scanning.devices.trouble import Trouble

PATIENCE = 10.0
NOW = dt.datetime.fromisoformat("2026-03-10T08:00:00-07:00")
LEFT = Paired(name="left", phys=PORT, vendor="0c2e", product="0b61", profile=Profile(gap=0.1))
RIGHT = msgspec.structs.replace(LEFT, name="right", phys=OTHER_PORT)
SHELF = "L03A12Z"
F8 = Typing(separator="f8")


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hospital") / "site"
    make_sample(made, NOW)
    return made


class Beside:
    """A running bench, the machine it stands on, and what it recorded of its scanners."""

    def __init__(self, station: Station, machine: Machine) -> None:
        self.station, self.machine = station, machine
        self.scanners = Scanners(station, doors=machine.doors, look_again_s=0.01)
        self._news = threading.Condition()
        station.listen(self._told)
        self._scanned = time.monotonic() + 100.0

    def _told(self, _: Bench) -> None:
        with self._news:
            self._news.notify_all()

    def until(self, is_so: Callable[[], object]) -> None:
        with self._news:
            assert self._news.wait_for(is_so, PATIENCE), (self.told(), self.scans())

    def pair(self, *paired: Paired) -> None:
        write_scanners(scanners_file(self.station.site, self.station.id), paired)
        self.scanners.follow()

    def recorded(self, kind: str) -> list[Entry]:
        journal = self.station.site / "stations" / self.station.id / "journal"
        return [entry for entry in entries(journal) if entry.kind == kind]

    def told(self) -> list[tuple[str, bool]]:
        return [(entry.data["device"], entry.data["present"]) for entry in self.recorded("device")]

    def scans(self) -> list[tuple[str, str]]:
        return [(entry.data["device"], entry.data["raw"]) for entry in self.recorded("scan")]

    def readings(self) -> list[str]:
        return [entry.data["reading"] for entry in self.recorded("scan")]

    def paired(self) -> tuple[Paired, ...]:
        return read_scanners(scanners_file(self.station.site, self.station.id))

    def troubles(self) -> dict[str, str]:
        return {trouble.about: trouble.says for trouble in self.station.bench.troubles}

    def scan(self, node: Node, text: str, typing: Typing = Typing()) -> None:  # noqa: B008 - a frozen value
        """Scan a text, well after whatever came before."""
        self._scanned += 100.0
        node.type(keystrokes(text, self._scanned, gap=0.0, typing=typing))


@pytest.fixture
def beside(hospital: Path, tmp_path: Path) -> Iterator[Beside]:
    machine = Machine(tmp_path / "input")
    with Station(shutil.copytree(hospital, tmp_path / "site"), None, lambda: NOW, live=True) as station:
        station.start()
        made = Beside(station, machine)
        yield made
        made.scanners.close()
    machine.close()


def test_a_scan_is_recorded_under_the_name_people_say_and_its_port_is_told(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(lambda: beside.told() == [("left", True)])
    assert PORT in beside.recorded("device")[0].data["says"]
    beside.scan(node, SHELF)
    beside.until(lambda: beside.scans() == [("left", SHELF)])


def test_every_node_of_the_device_is_held_and_no_other_device(beside: Beside) -> None:
    typing = beside.machine.plug()
    control = beside.machine.plug(path="/dev/input/event8", phys=f"{PORT}/input1", looks_like_scanner=False)
    keyboard = beside.machine.plug(KEYBOARD)
    beside.pair(LEFT)
    beside.until(beside.told)
    assert typing.holder
    assert control.holder
    assert not keyboard.handles


def test_what_a_node_sends_that_is_no_scanner_is_thrown_away(beside: Beside) -> None:
    node = beside.machine.plug()
    control = beside.machine.plug(path="/dev/input/event8", phys=f"{PORT}/input1", looks_like_scanner=False)
    beside.pair(LEFT)
    beside.until(beside.told)
    beside.scan(control, "poweroff")
    beside.scan(node, SHELF)
    beside.until(lambda: beside.scans() == [("left", SHELF)])


def test_a_node_that_appears_later_is_held_too(beside: Beside) -> None:
    beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    control = beside.machine.plug(path="/dev/input/event8", phys=f"{PORT}/input1", looks_like_scanner=False)
    beside.scanners.look()
    assert control.held.wait(PATIENCE)


def test_twins_are_told_apart(beside: Beside) -> None:
    nodes = [
        beside.machine.plug(phys=f"{port}/input0", path=f"/dev/input/event{number}")
        for number, port in enumerate((OTHER_PORT, PORT))
    ]
    beside.pair(LEFT, RIGHT)
    beside.until(lambda: len(beside.told()) == 2)
    for node in nodes:
        beside.scan(node, SHELF)
    beside.until(lambda: sorted(beside.scans()) == [("left", SHELF), ("right", SHELF)])


def test_one_that_is_not_there_is_told_once_however_often_it_is_looked_for(beside: Beside) -> None:
    beside.pair(LEFT)
    for _ in range(8):
        assert beside.machine.looked.acquire(timeout=PATIENCE)
    beside.scanners.close()
    beside.station.settle()
    assert beside.told() == [("left", False)]
    assert "plug it in" in beside.troubles()["scanner left"]


def test_one_pulled_out_is_told_and_works_again_once_it_is_back_as_another_node(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    beside.machine.pull(node)
    beside.until(lambda: "scanner left" in beside.troubles())
    again = beside.machine.plug(path="/dev/input/event12")
    beside.until(lambda: not beside.troubles())
    beside.scan(again, SHELF)
    beside.until(beside.scans)
    assert beside.told() == [("left", True), ("left", False), ("left", True)]


def test_what_was_half_scanned_when_it_was_pulled_out_is_no_scan(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    node.type(keystrokes(SHELF, time.monotonic() + 50, gap=0.0)[:12])
    beside.machine.pull(node)
    beside.until(beside.troubles)
    again = beside.machine.plug()
    beside.until(lambda: not beside.troubles())
    beside.scan(again, SHELF)
    beside.until(lambda: beside.scans() == [("left", SHELF)])


def test_a_device_that_opens_and_fails_at_each_read_is_told_once(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    node.failure = OSError(errno.EPROTO, "Protocol error")
    beside.scan(node, SHELF)
    beside.until(beside.troubles)
    for _ in range(20):
        assert beside.machine.looked.acquire(timeout=PATIENCE)
    assert beside.told() == [("left", True), ("left", False)]


def test_a_device_that_fails_as_soon_as_it_is_held_never_counts_as_there_and_is_told_once(beside: Beside) -> None:
    node = beside.machine.plug()
    node.dies_when_read = True
    beside.pair(LEFT)
    for _ in range(20):
        assert beside.machine.looked.acquire(timeout=PATIENCE)
    beside.until(lambda: beside.told() == [("left", False)])


def test_a_device_that_failed_does_not_count_as_back_just_because_it_is_held(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_STEADY_S", 30.0)
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    held, take_hold = threading.Event(), room.PairedScanner.take_hold

    def hold_and_tell(scanner: room.PairedScanner, warning: Trouble | None) -> None:
        take_hold(scanner, warning)
        held.set()

    monkeypatch.setattr(room.PairedScanner, "take_hold", hold_and_tell)
    for _ in range(2):
        while beside.machine.looked.acquire(blocking=False):
            pass
        node.failure = OSError(errno.EPROTO, "Protocol error")
        beside.scan(node, SHELF)
        assert beside.machine.looked.acquire(timeout=PATIENCE)  # after a failure it is looked for
        beside.until(beside.troubles)
        held.clear()
        node.failure = None
        assert held.wait(PATIENCE)
    beside.station.settle()
    assert beside.told() == [("left", True), ("left", False)]
    beside.scan(node, SHELF)
    beside.until(lambda: not beside.troubles())


def test_a_device_that_failed_counts_as_back_when_it_sends_or_has_been_held_a_while(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_STEADY_S", 0.02)
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    node.failure = OSError(errno.EPROTO, "Protocol error")
    beside.scan(node, SHELF)
    beside.until(beside.troubles)
    node.failure = None
    beside.until(lambda: not beside.troubles())
    assert beside.told() == [("left", True), ("left", False), ("left", True)]


def test_one_that_another_program_holds_is_told_and_taken_when_it_is_free(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_STEADY_S", 0.02)
    node = beside.machine.plug()
    other = node.open()
    other.grab()
    beside.pair(LEFT)
    beside.until(lambda: beside.troubles().get("scanner left", "").startswith("Held by another program: "))
    other.close()
    beside.until(lambda: not beside.troubles())
    assert beside.told() == [("left", False), ("left", True)]


def test_a_permission_that_comes_just_after_the_node_is_waited_for_in_silence(beside: Beside) -> None:
    node = beside.machine.plug(readable=False)
    beside.pair(LEFT)
    for _ in range(2):
        assert beside.machine.looked.acquire(timeout=PATIENCE)
    node.found = SCANNER
    beside.until(lambda: beside.told() == [("left", True)])


def test_a_permission_that_never_comes_is_told_once_with_the_mend(beside: Beside) -> None:
    beside.machine.plug(readable=False)
    beside.pair(LEFT)
    beside.until(beside.troubles)
    for _ in range(20):
        assert beside.machine.looked.acquire(timeout=PATIENCE)
    assert beside.told() == [("left", False)]
    assert beside.troubles()["scanner left"].startswith("May not be read by this user: ")
    assert "kiosk devices --udev" in beside.troubles()["scanner left"]


def test_one_with_a_serial_number_is_followed_and_another_of_its_model_is_not(beside: Beside) -> None:
    beside.machine.plug(phys=f"{OTHER_PORT}/input0", serial="S1")
    beside.pair(msgspec.structs.replace(LEFT, serial="S1"))
    beside.until(lambda: beside.told() == [("left", True)])
    assert f"Moved from {PORT} to {OTHER_PORT}" in beside.recorded("device")[0].data["says"]
    beside.pair(LEFT)
    beside.until(lambda: f"a scanner like it is at {OTHER_PORT}" in beside.troubles().get("scanner left", ""))


# Scanners that were re-programmed -------------------------------------------------------------------------------------

CODES = {part: card.SYMBOLS[part] + text for part, text in card.TEXTS.items()}
PART = CODES["code128"]
PROVED = msgspec.structs.replace(LEFT, profile=Profile(gap=0.1, proved=True))
NO_GS = Typing(separator="none")
UK = Typing(layout="uk")


def test_one_that_types_the_card_otherwise_is_not_believed_until_it_reads_all_of_it_rightly(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    beside.scan(node, PART, F8)
    beside.until(lambda: "F8" in beside.troubles().get("scanner left", ""))
    assert beside.troubles()["scanner left"].startswith("Re-programmed: ")
    for code in list(CODES.values())[:4]:
        beside.scan(node, code)
    beside.until(lambda: len(beside.scans()) == 5)
    assert beside.troubles()["scanner left"].endswith("still to read of the check card: code128.")
    beside.scan(node, PART)
    beside.until(lambda: not beside.troubles())
    beside.scan(node, SHELF)
    beside.until(lambda: ("left", SHELF) in beside.scans())
    assert beside.readings()[:-1] == ["unreadable"] * 5
    assert [entry.data["part"] for entry in beside.recorded("check-card")] == ["code128"]
    assert beside.told()[-1] == ("left", True)
    assert beside.paired() == (PROVED,)


@pytest.mark.parametrize("typing", [UK, NO_GS])
def test_a_card_that_is_read_as_the_scanner_types_now_never_ends_the_doubt(beside: Beside, typing: Typing) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    for _ in range(2):
        for code in CODES.values():
            beside.scan(node, code, typing)
    beside.scan(node, SHELF, typing)
    beside.until(lambda: ("left", SHELF) in beside.scans())
    assert beside.readings()[-1] == "unreadable"
    assert beside.troubles()["scanner left"].startswith("Re-programmed: ")


def test_what_is_sent_in_doubt_is_recorded_and_told_with_the_code_that_raised_it(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    for text in (PART, SHELF):
        beside.scan(node, text, F8)
    beside.until(lambda: len(beside.scans()) == 2)
    assert [device for device, _ in beside.scans()] == ["left", "left"]
    assert beside.readings() == ["unreadable", "unreadable"]
    assert beside.station.bench.kept.session is None


def test_the_doubt_outlasts_being_pulled_out(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    beside.scan(node, PART, F8)
    beside.until(beside.troubles)
    beside.machine.pull(node)
    beside.until(lambda: beside.troubles().get("scanner left", "").startswith("Not there: "))
    beside.machine.plug()
    beside.until(lambda: "F8" in beside.troubles().get("scanner left", ""))
    assert [present for _, present in beside.told()] == [True, False, False, False]


def test_the_doubt_outlasts_a_restart_and_an_edit_of_the_file(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    beside.scan(node, PART, F8)
    beside.until(beside.troubles)
    assert "F8" in beside.paired()[0].doubt
    beside.pair(*beside.paired(), RIGHT)
    beside.until(lambda: "scanner right" in beside.troubles())
    assert "F8" in beside.troubles()["scanner left"]
    beside.scanners.close()
    told = len(beside.told())
    beside.scanners = Scanners(beside.station, doors=beside.machine.doors, look_again_s=0.01)
    beside.scanners.follow()
    beside.until(lambda: ("left", False) in beside.told()[told:])
    beside.scan(node, SHELF)
    beside.until(lambda: ("left", SHELF) in beside.scans())
    assert beside.readings()[-1] == "unreadable"


def test_a_doubt_that_cannot_be_written_is_told_and_kept_all_the_same(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room, "change_scanners", full)
    beside.scan(node, PART, F8)
    beside.until(lambda: "No space left on device" in beside.troubles().get("scanner left", ""))
    monkeypatch.undo()
    beside.pair(PROVED, RIGHT)
    beside.until(lambda: "scanner right" in beside.troubles())
    beside.scan(node, SHELF)
    beside.until(lambda: ("left", SHELF) in beside.scans())
    assert beside.readings() == ["unreadable"] * 2


def test_one_paired_anew_as_it_types_now_is_believed(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    beside.scan(node, PART, F8)
    beside.until(beside.troubles)
    beside.pair(msgspec.structs.replace(PROVED, profile=Profile(separator="f8", gap=0.1, proved=True)))
    beside.until(lambda: not beside.troubles())
    beside.scan(node, PART, F8)
    beside.until(lambda: beside.recorded("check-card"))


def test_one_paired_anew_just_as_it_was_is_believed_too(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(PROVED)
    beside.until(beside.told)
    beside.scan(node, PART, F8)
    beside.until(beside.troubles)
    beside.pair(PROVED)
    beside.until(lambda: not beside.troubles())


def test_a_capslock_lamp_that_is_lit_is_told_until_the_scanner_is_held_without(beside: Beside) -> None:
    node = beside.machine.plug()
    node.is_caps_lit = True
    beside.pair(LEFT)
    beside.until(lambda: beside.troubles().get("scanner left", "").startswith("CapsLock is lit: "))
    beside.machine.pull(node)
    beside.until(lambda: beside.troubles().get("scanner left", "").startswith("Not there: "))
    beside.machine.plug()
    beside.until(lambda: not beside.troubles())


# A serial line --------------------------------------------------------------------------------------------------------


def test_a_scanner_on_a_serial_line_is_a_scanner_like_the_others(beside: Beside) -> None:
    line = beside.machine.plug_line()
    beside.pair(msgspec.structs.replace(LEFT, kind="serial"))
    beside.until(lambda: beside.told() == [("left", True)])
    os.write(line, f"{SHELF}\r".encode())
    beside.until(lambda: beside.scans() == [("left", SHELF)])


@pytest.mark.parametrize(
    "changed", [PART.replace("\x1d", ""), PART.replace("\x1d", "-"), PART[3:], PART.replace("C1", "C0")]
)
def test_a_scanner_on_a_serial_line_that_was_reprogrammed_is_doubted_too(beside: Beside, changed: str) -> None:
    line = beside.machine.plug_line()
    beside.pair(msgspec.structs.replace(PROVED, kind="serial"))
    beside.until(lambda: beside.told() == [("left", True)])
    os.write(line, f"{changed}\r".encode())
    beside.until(lambda: beside.troubles().get("scanner left", "").startswith("Re-programmed: "))
    os.write(line, f"{SHELF}\r".encode())
    beside.until(lambda: len(beside.scans()) == 2)
    assert beside.readings() == ["unreadable"] * 2


# The file -------------------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_used_is_told_and_the_last_good_one_kept(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    path = scanners_file(beside.station.site, beside.station.id)
    path.write_text("no = [toml")
    beside.scanners.follow()
    beside.until(lambda: "not TOML" in beside.troubles().get("scanner scanners.toml", ""))
    beside.scan(node, SHELF)
    beside.until(beside.scans)
    beside.pair(LEFT)
    beside.until(lambda: not beside.troubles())
    assert beside.told() == [("left", True), ("scanners.toml", False), ("scanners.toml", True)]


def test_one_that_is_paired_no_longer_is_given_back_and_its_trouble_is_gone(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT, RIGHT)
    beside.until(lambda: "scanner right" in beside.troubles() and node.holder)
    beside.pair()
    beside.until(lambda: not beside.troubles())
    assert node.holder is None
    assert not node.handles


def test_what_did_not_change_is_read_on(beside: Beside) -> None:
    node = beside.machine.plug()
    beside.pair(LEFT)
    beside.until(beside.told)
    handle = node.holder
    beside.pair(LEFT, RIGHT)
    beside.until(beside.troubles)
    assert node.holder is handle


def test_a_bench_that_is_open_notices_its_file_and_a_device_that_appears(beside: Beside) -> None:
    with Live(beside.station, look_every_s=0.02, doors=beside.machine.doors):
        write_scanners(scanners_file(beside.station.site, beside.station.id), [LEFT])
        beside.until(lambda: beside.told() == [("left", False)])
        beside.machine.plug()
        (beside.machine.folder / "event7").touch()
        beside.until(lambda: beside.told() == [("left", False), ("left", True)])
