"""`kiosk pair scanner`: the device that reads the check card is the scanner, and nothing it types runs in the shell."""

import argparse
import datetime as dt
import io
import os
import pty
import termios
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from machine import KEYBOARD, OTHER_PORT, PORT, SCANNER, Machine, Node

from kiosk import commandline
from kiosk.commandline import Exit
from kiosk.commands.pair import scanner
from kiosk.scanners import pairing
from kiosk.scanners.paired import Paired, read_scanners, scanners_file, write_scanners
from kiosk.scanners.udev import rule_for
from kiosk.site import SAMPLE_STATION, make
from kiosk.telling import Ended
from stations.records.lock import StationLock
from stations.scanning.decoding import card
from stations.scanning.decoding.typist import Typing, keystrokes, lost
from stations.scanning.decoding.wedge import Profile

PATIENCE = 10.0
CODES = {name: card.SYMBOLS[name] + text for name, text in card.TEXTS.items()}
US = Typing()
LEFT = Paired(name="left", phys=PORT, vendor="0c2e", product="0b61")


class Desk:
    """Somebody at a machine who pairs a scanner."""

    def __init__(self, site: Path, machine: Machine, told: Callable[[], str]) -> None:
        self.site, self.machine = site, machine
        self.file = scanners_file(site, SAMPLE_STATION)
        self._told, self._so_far = told, ""
        self._work = ThreadPoolExecutor(max_workers=1)
        self._typed = time.monotonic() + 100.0
        self.running: Future[int] | None = None

    def begin(self, *words: str, seconds: int = 20) -> None:
        asked = commandline.read(["--data", str(self.site), "pair", "scanner", "--seconds", str(seconds), *words])
        self.running = self._work.submit(self._command, asked)

    def _command(self, asked: argparse.Namespace) -> int:
        try:
            return scanner(asked, lambda: dt.datetime.now(dt.UTC), self.machine.doors)
        except Ended as ended:
            self._so_far += "\n".join(ended.sentences)
            return ended.status

    def end(self) -> int:
        assert self.running is not None
        return self.running.result(PATIENCE)

    @property
    def said(self) -> str:
        self._so_far += self._told()
        return self._so_far

    def until(self, sentence: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while sentence not in self.said:
            assert time.monotonic() < deadline, self.said
            assert self.running is not None
            assert not self.running.done() or sentence in self.said, self.said
            threading.Event().wait(0.005)

    def scan(self, node: Node, text: str, typing: Typing = US) -> None:
        """Scan a text, well after whatever came before."""
        assert node.heard.wait(PATIENCE)
        self._typed += 100.0
        node.type(keystrokes(text, self._typed, gap=0.0, typing=typing))

    def scan_card(self, node: Node, typing: Typing = US) -> None:
        for text in CODES.values():
            self.scan(node, text, typing)

    def paired(self) -> tuple[Paired, ...]:
        return read_scanners(self.file)

    def close(self) -> None:
        self._work.shutdown()
        self.machine.close()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(pairing, "AT_ONCE_S", 0.05)
    monkeypatch.setattr(card, "LISTENING", Profile(gap=0.1))
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def told() -> str:
        said = capsys.readouterr()
        return said.out + said.err

    make(tmp_path / "site")
    made = Desk(tmp_path / "site", Machine(tmp_path / "input"), told)
    yield made
    made.close()


# What is learnt -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typing", [US, Typing(separator="f8"), Typing(layout="de"), Typing(alt_codes=True)])
def test_the_whole_card_proves_how_the_scanner_types(desk: Desk, typing: Typing) -> None:
    keyboard, node = desk.machine.plug(KEYBOARD), desk.machine.plug()
    desk.begin("--card", "--name", "left")
    desk.scan_card(node, typing)
    assert desk.end() == Exit.DONE
    (left,) = desk.paired()
    assert (left.name, left.phys, left.kind, left.profile.proved) == ("left", PORT, "keys", True)
    assert (left.vendor, left.product) == ("0c2e", "0b61")
    assert not keyboard.handles
    assert not node.handles


def test_one_code_pairs_it_and_what_is_not_proved_yet_is_said(desk: Desk) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin(seconds=1)
    desk.scan(node, CODES["code128"], Typing(separator="f8"))
    assert desk.end() == Exit.DONE
    (paired,) = desk.paired()
    assert (paired.name, paired.profile.separator, paired.profile.proved) == ("scanner", "f8", False)
    assert "terminator, case, characters, datamatrix" in desk.said


@pytest.mark.parametrize("end", ["tab", "none"])
def test_a_scanner_that_ends_its_scans_otherwise_is_heard_all_the_same(desk: Desk, end: Literal["tab", "none"]) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin(seconds=1)
    assert node.heard.wait(PATIENCE)
    node.type(keystrokes(CODES["terminator"], time.monotonic() + 0.2, gap=0.0, typing=Typing(terminator=end)))
    assert desk.end() == Exit.DONE
    assert desk.paired()[0].profile.terminator == end


def test_with_card_nothing_is_paired_until_all_of_it_was_read(desk: Desk) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin("--card", seconds=1)
    desk.scan(node, CODES["case"])
    assert desk.end() == Exit.DEVICE
    assert desk.paired() == ()
    assert "not read: terminator, characters, datamatrix, code128" in desk.said


def test_a_code_of_which_keys_were_lost_counts_for_nothing(desk: Desk) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin("--card")
    desk.scan(node, CODES["case"])
    desk.until("Scan the other codes")
    node.type(lost(CODES["characters"], time.monotonic() + 150.0, gap=0.0))
    desk.scan_card(node)
    assert desk.end() == Exit.DONE
    assert desk.paired()[0].profile.proved


def test_a_scanner_on_a_serial_line_is_paired_by_the_card_too(desk: Desk) -> None:
    line = desk.machine.plug_line()
    desk.begin("--card", "--name", "line")
    desk.until("Scan one code")
    os.write(line, b"\r")  # whatever comes just after a line is opened may be the end of something
    for text in CODES.values():
        os.write(line, f"{text}\r".encode())
    assert desk.end() == Exit.DONE
    (paired,) = desk.paired()
    assert (paired.name, paired.kind, paired.phys) == ("line", "serial", PORT)
    assert paired.profile == Profile(proved=True)


def send_card(desk: Desk, line: int, codes: Iterable[str]) -> None:
    desk.until("Scan one code")
    os.write(line, b"\r")
    for text in codes:
        os.write(line, f"{text}\r".encode())


@pytest.mark.parametrize(("end", "terminator"), [("\t", "tab"), ("", "none")])
def test_a_serial_line_that_ends_its_scans_otherwise_is_heard_all_the_same(
    desk: Desk, end: str, terminator: str
) -> None:
    line = desk.machine.plug_line()
    desk.begin("--card", "--name", "line")
    desk.until("Scan one code")
    os.write(line, b"\r")
    left = list(CODES)
    while left:
        os.write(line, f"{CODES[left.pop(0)]}{end}".encode())
        desk.until(f"Scan the other codes of the card: {', '.join(left)}." if left else "is now the scanner line")
    assert desk.end() == Exit.DONE
    assert desk.paired()[0].profile.terminator == terminator
    assert desk.paired()[0].profile.proved


def test_a_serial_line_that_spells_gs_otherwise_is_understood(desk: Desk) -> None:
    line = desk.machine.plug_line()
    desk.begin("--card")
    send_card(desk, line, [text.replace(chr(29), "{GS}") for text in CODES.values()])
    assert desk.end() == Exit.DONE
    assert desk.paired()[0].profile.separator == "text:{GS}"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(chr(29), ""),
        lambda text: text.replace(chr(29), "-"),
        lambda text: text.replace(chr(29), "0"),
        lambda text: "]X9" + text[3:],
        lambda text: text[3:] if "aQwZ" in text else text,
    ],
)
def test_a_serial_line_is_proved_by_no_less_than_a_keyboard(desk: Desk, change: Callable[[str], str]) -> None:
    line = desk.machine.plug_line()
    desk.begin("--card", seconds=1)
    send_card(desk, line, map(change, CODES.values()))
    assert desk.end() == Exit.DEVICE
    assert "No scanner was paired" in desk.said
    assert desk.paired() == ()


# Which device it is ---------------------------------------------------------------------------------------------------


def test_a_code_that_is_not_of_the_card_is_said_and_the_wait_goes_on(desk: Desk) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin()
    desk.scan(node, "B0042173")
    desk.until("No code of the check card was read")
    desk.scan_card(node)
    assert desk.end() == Exit.DONE


def test_two_devices_at_the_same_moment_are_both_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "AT_ONCE_S", 0.5)
    nodes = [desk.machine.plug(), desk.machine.plug(path="/dev/input/event8", phys=f"{OTHER_PORT}/input0")]
    desk.begin("--name", "right")
    for node in nodes:
        assert node.heard.wait(PATIENCE)
    for node in nodes:
        desk.scan(node, CODES["case"])
    desk.until("at the same moment")
    desk.scan_card(nodes[1])
    assert desk.end() == Exit.DONE
    assert [paired.phys for paired in desk.paired()] == [OTHER_PORT]


def test_a_few_keys_on_a_keyboard_are_no_scan(desk: Desk) -> None:
    keyboard, node = desk.machine.plug(KEYBOARD), desk.machine.plug()
    desk.begin()
    desk.scan(keyboard, "ls")
    desk.scan_card(node)
    assert desk.end() == Exit.DONE
    assert KEYBOARD.name not in desk.said


def test_the_last_keyboard_is_not_taken_for_a_scanner_unless_that_is_asked_for(desk: Desk) -> None:
    node = desk.machine.plug()
    desk.begin(seconds=1)
    desk.scan(node, CODES["case"])
    assert desk.end() == Exit.DEVICE
    assert "--only" in desk.said
    assert desk.paired() == ()
    node.heard.clear()
    desk.begin("--only")
    desk.scan_card(node)
    assert desk.end() == Exit.DONE


def test_a_scanner_that_is_paired_already_is_nobodys_keyboard(desk: Desk) -> None:
    write_scanners(desk.file, [LEFT])
    desk.machine.plug()
    right = desk.machine.plug(path="/dev/input/event8", phys=f"{OTHER_PORT}/input0")
    desk.begin("--name", "right", seconds=1)
    desk.scan(right, CODES["case"])
    assert desk.end() == Exit.DEVICE
    assert "the only one that can type" in desk.said
    assert desk.paired() == (LEFT,)


def test_a_device_that_tells_no_port_is_refused_for_it_could_not_be_found_again(desk: Desk) -> None:
    node = desk.machine.plug(phys="")
    desk.machine.plug(KEYBOARD)
    desk.begin(seconds=1)
    desk.scan(node, CODES["case"])
    assert desk.end() == Exit.DEVICE
    assert "tells no port" in desk.said
    assert not desk.file.exists()


def test_one_that_is_pulled_out_when_it_was_known_is_waited_for_and_held_again(desk: Desk) -> None:
    desk.machine.plug(KEYBOARD)
    node = desk.machine.plug()
    desk.begin("--card", "--name", "left")
    desk.scan(node, CODES["terminator"])
    desk.until("Scan the other codes")
    desk.machine.pull(node)
    desk.until("It was unplugged")
    again = desk.machine.plug(path="/dev/input/event9")
    desk.until("It is back and held again")
    desk.scan_card(again)
    assert desk.end() == Exit.DONE
    assert again.held.is_set()
    assert desk.paired()[0].profile.proved


def test_one_that_is_pulled_out_and_stays_away_is_not_paired(desk: Desk) -> None:
    desk.machine.plug(KEYBOARD)
    node = desk.machine.plug()
    desk.begin(seconds=1)
    desk.scan(node, CODES["terminator"])
    desk.until("Scan the other codes")
    desk.machine.pull(node)
    desk.machine.plug(path="/dev/input/event8", phys=f"{OTHER_PORT}/input0")
    assert desk.end() == Exit.DEVICE
    assert "was unplugged. Nothing was changed." in desk.said
    assert desk.paired() == ()


def test_what_the_kiosk_wrote_while_a_scanner_was_paired_is_kept(desk: Desk) -> None:
    other = msgspec.structs.replace(LEFT, name="other", phys=OTHER_PORT, product="9999")
    write_scanners(desk.file, [other])
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin("--card")
    desk.scan(node, CODES["terminator"])
    desk.until("Scan the other codes")
    write_scanners(desk.file, [msgspec.structs.replace(other, doubt="GS no longer arrives.")])
    desk.scan_card(node)
    assert desk.end() == Exit.DONE
    assert [paired.doubt for paired in desk.paired()] == ["GS no longer arrives.", ""]


def test_it_is_held_only_once_it_is_known(desk: Desk) -> None:
    keyboard, node = desk.machine.plug(KEYBOARD), desk.machine.plug()
    console = node.open()
    desk.begin()
    assert node.heard.wait(PATIENCE)
    assert node.holder is None
    desk.scan(node, CODES["case"])
    desk.until("held from now on")
    assert {console, None}.isdisjoint({node.holder})
    assert keyboard.holder is None
    desk.scan_card(node)
    assert desk.end() == Exit.DONE
    console.close()


def test_a_device_that_is_plugged_in_while_it_waits_is_heard(desk: Desk) -> None:
    desk.machine.plug(KEYBOARD)
    desk.begin()
    desk.until("Scan one code")
    desk.scan_card(desk.machine.plug())
    assert desk.end() == Exit.DONE


def test_one_that_is_pulled_out_while_it_waits_is_heard_again_when_it_is_back(desk: Desk) -> None:
    desk.machine.plug(KEYBOARD)
    node = desk.machine.plug()
    desk.begin()
    assert node.heard.wait(PATIENCE)
    desk.machine.pull(node)
    desk.scan_card(desk.machine.plug())
    assert desk.end() == Exit.DONE


def test_one_that_was_paired_before_is_replaced_and_the_others_are_kept(desk: Desk) -> None:
    other = msgspec.structs.replace(LEFT, name="other", phys=OTHER_PORT, product="9999")
    write_scanners(desk.file, [LEFT, other])
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin("--card")
    desk.scan_card(node)
    assert desk.end() == Exit.DONE
    assert [(paired.name, paired.profile.proved) for paired in desk.paired()] == [("other", False), ("left", True)]


# Why nothing is paired ------------------------------------------------------------------------------------------------


def test_where_no_code_comes_nothing_is_paired(desk: Desk) -> None:
    desk.machine.plug()
    desk.begin(seconds=1)
    assert desk.end() == Exit.DEVICE
    assert "no code of the check card came within 1 s" in desk.said
    assert not desk.file.exists()


def test_without_evdev_or_input_devices_that_is_said(desk: Desk) -> None:
    doors = desk.machine.doors
    desk.machine.doors = msgspec.structs.replace(doors, can_read_keys=lambda: False)
    desk.begin()
    assert desk.end() == Exit.DEVICE
    desk.machine.doors = msgspec.structs.replace(doors, nodes=desk.site / "no-such")
    desk.begin()
    assert desk.end() == Exit.DEVICE
    assert "found no evdev" in desk.said
    assert f"found no {desk.site / 'no-such'}" in desk.said


def test_without_permission_the_rule_that_mends_it_is_shown(desk: Desk) -> None:
    desk.machine.plug(readable=False)
    desk.begin()
    assert desk.end() == Exit.DEVICE
    assert "may not be read by this user" in desk.said
    assert rule_for(SCANNER) in desk.said


def test_a_keyboard_of_the_machine_itself_is_offered_no_rule(desk: Desk) -> None:
    desk.machine.plug(KEYBOARD, readable=False)
    desk.begin()
    assert desk.end() == Exit.DEVICE
    assert "may not be read by this user" in desk.said
    assert rule_for(KEYBOARD) not in desk.said
    assert "What mends it" not in desk.said


@pytest.mark.parametrize("is_running", [False, True])
def test_what_another_program_holds_is_skipped_and_said(desk: Desk, is_running: bool) -> None:  # noqa: FBT001 - a case
    held = desk.machine.plug()
    held.open().grab()
    lock = desk.site / "stations" / SAMPLE_STATION / "lock"
    taken = StationLock.take(lock, "08:00") if is_running else None
    desk.begin()
    assert desk.end() == Exit.DEVICE
    free = desk.machine.plug(path="/dev/input/event8", phys=f"{OTHER_PORT}/input0")
    desk.begin()
    desk.scan_card(free)
    assert desk.end() == Exit.DONE
    assert ("the kiosk that runs here holds it" in desk.said) == is_running
    assert ("The kiosk that runs here takes it up" in desk.said) == is_running
    assert [paired.phys for paired in desk.paired()] == [OTHER_PORT]
    held.handles[0].close()
    if taken is not None:
        taken.release()


# The terminal ---------------------------------------------------------------------------------------------------------


class Terminal:
    """A terminal that somebody sits at."""

    def __init__(self) -> None:
        self.keys, self._shell = pty.openpty()
        self.stdin = os.fdopen(os.dup(self._shell))
        self.before = self.attributes()

    def attributes(self) -> list[object]:
        return list(termios.tcgetattr(self._shell))

    def shows_what_is_typed(self) -> bool:
        return bool(termios.tcgetattr(self._shell)[3] & termios.ECHO)

    def read(self) -> bytes:
        """Read the next line, as the shell would."""
        return os.read(self._shell, 100)

    def close(self) -> None:
        self.stdin.close()
        os.close(self.keys)
        os.close(self._shell)


@pytest.fixture
def terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    assert not desk.paired()
    made = Terminal()
    monkeypatch.setattr("sys.stdin", made.stdin)
    yield made
    made.close()


def test_nothing_that_is_scanned_is_shown_or_runs_in_the_shell(desk: Desk, terminal: Terminal) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin()
    desk.until("Scan one code")
    assert not terminal.shows_what_is_typed()
    os.write(terminal.keys, b"rm -rf /\n")
    desk.scan(node, CODES["case"])
    desk.until("held from now on")
    os.write(terminal.keys, b"rm -rf ~")
    desk.scan_card(node)
    assert desk.end() == Exit.DONE
    assert terminal.attributes() == terminal.before
    os.write(terminal.keys, b"\n")
    assert terminal.read() == b"\n"


def test_enter_leaves_out_the_other_codes(desk: Desk, terminal: Terminal) -> None:
    node = desk.machine.plug()
    desk.machine.plug(KEYBOARD)
    desk.begin(seconds=60)
    desk.scan(node, CODES["case"])
    desk.until("Enter leaves them out")
    os.write(terminal.keys, b"\n")
    assert desk.end() == Exit.DONE
    assert terminal.attributes() == terminal.before
