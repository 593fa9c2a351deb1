"""A reader thread turns what a real serial line sends into scans, and its troubles into sentences."""

from __future__ import annotations

import errno
import fcntl
import os
import queue
import struct
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.devices.serial_scanner import LineReader, open_line, try_hold
from stations.scanning.devices.trouble import ScannerLost, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0


class Bench:
    """A reader on one end of a line, a scanner at the other, and what was posted."""

    def __init__(self, profile: Profile = Profile()) -> None:  # noqa: B008 -- a frozen value
        self.scanner, line = os.openpty()
        self.path = os.ttyname(line)
        os.close(line)
        self.posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
        self.opened: queue.Queue[int] = queue.Queue()
        self.held: queue.Queue[Trouble | None] = queue.Queue()
        self.ago = 0.0
        self.reader = LineReader(
            self.path,
            lambda found, _: self.posted.put(found),
            profile,
            held=self.held.put,
            open_by=self.open,
            clock=lambda: time.monotonic() - self.ago,
        )

    def open(self, path: str) -> int:
        """Open it as the reader does, and tell."""
        line = open_line(path)
        self.opened.put(line)
        return line

    def start(self, ago: float = 1.0) -> None:
        """Start; the line is then open since `ago` seconds."""
        ages = iter([ago])
        self.reader._clock = lambda: time.monotonic() - next(ages, 0.0)
        self.reader.start()
        self.opened.get(timeout=PATIENCE)

    def next(self) -> Scan | Garbled | ScannerLost:
        """Wait for what is posted next."""
        return self.posted.get(timeout=PATIENCE)

    def send(self, data: bytes) -> None:
        """Scan."""
        os.write(self.scanner, data)

    def unplug(self) -> None:
        """Take the scanner away."""
        os.close(self.scanner)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.reader.close()


def test_each_scan_is_posted_in_its_order_and_every_byte_comes_through(bench: Bench) -> None:
    bench.start()
    bench.send(b"B0042173\r\n]d20100309991234563\x1d10LOT7A\r\n\x04\x1c\x1e\x1f~\r")
    found = [bench.next() for _ in range(3)]
    assert [(type(each), getattr(each, "text", "")) for each in found] == [
        (Scan, "B0042173"),
        (Scan, "]d20100309991234563\x1d10LOT7A"),
        (Scan, "\x04\x1c\x1e\x1f~"),
    ]
    assert {each.device for each in found} == {bench.path}
    bench.unplug()


def test_control_characters_that_steer_a_terminal_reach_the_decoder(bench: Bench) -> None:
    bench.start()
    for character in (b"\x03", b"\x11", b"\x13", b"\x15", b"\x1a", b"\x7f"):
        bench.send(b"a" + character + b"\r")
        found = bench.next()
        assert isinstance(found, Garbled)
        assert (found.reason, found.text) == ("control-character", f"a{character.decode()}")
    bench.unplug()


def test_a_scan_that_falls_silent_is_ended_without_another_byte() -> None:
    for terminator, expected in (("none", Scan), ("enter", Garbled)):
        bench = Bench(Profile(gap=0.1, terminator="none" if terminator == "none" else "enter"))
        bench.start()
        bench.send(b"L03A12Z")
        assert isinstance(bench.next(), expected)
        bench.reader.close()
        bench.unplug()


def test_what_waited_before_the_line_was_opened_is_thrown_away(bench: Bench) -> None:
    other = os.open(bench.path, os.O_RDWR | os.O_NOCTTY)
    bench.send(b"stale\r\n")
    bench.start()
    bench.send(b"fresh\r")
    found = bench.next()
    assert isinstance(found, Scan)
    assert found.text == "fresh"
    os.close(other)
    bench.unplug()


def test_what_comes_as_soon_as_the_line_is_open_may_be_half_a_scan_and_is_told_as_lost(bench: Bench) -> None:
    bench.start(ago=0.0)
    bench.send(b"34563\rwhole\r")
    lost, whole = bench.next(), bench.next()
    assert isinstance(lost, Garbled)
    assert (lost.reason, lost.text) == ("lost-input", "34563")
    assert isinstance(whole, Scan)
    bench.unplug()


def test_unplugging_drops_the_scan_under_way_and_says_so_once() -> None:
    bench = Bench()
    bench.start()
    bench.send(b"whole\rhalf")
    assert isinstance(bench.next(), Scan)
    bench.unplug()
    gone = Trouble(what="is unplugged or asleep", mend="plug it in or wake it")
    assert bench.next() == ScannerLost(device=bench.path, trouble=gone)
    bench.reader.close()
    assert bench.posted.empty()


def test_it_is_told_as_held_when_a_scan_is_believed() -> None:
    bench = Bench(Profile(gap=0.1))
    begun = time.monotonic()
    bench.reader.start()
    assert bench.held.get(timeout=PATIENCE) is None
    assert time.monotonic() - begun >= 0.1
    bench.reader.close()
    assert bench.posted.empty()
    bench.unplug()


def test_a_line_held_by_another_is_told_and_let_go_it_can_be_had() -> None:
    first = Bench()
    first.start()
    busy = try_hold(first.path)
    assert busy is not None
    assert busy.errno == errno.EBUSY
    second: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
    reader = LineReader(first.path, lambda found, _: second.put(found))
    reader.start()
    found = second.get(timeout=PATIENCE)
    reader.close()
    assert isinstance(found, ScannerLost)
    assert found.trouble.short == "held by another program"
    first.reader.close()
    assert try_hold(first.path) is None
    assert try_hold(first.path) is None
    first.unplug()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whether a line is kept to one program")
def test_other_users_are_kept_out_while_a_line_is_read_and_no_longer(bench: Bench) -> None:
    def is_exclusive() -> bool:
        return bool(struct.unpack("i", fcntl.ioctl(earlier, 0x80045440, b"\0" * 4))[0])  # TIOCGEXCL

    earlier = os.open(bench.path, os.O_RDWR | os.O_NOCTTY)
    assert try_hold(bench.path) is None
    assert not is_exclusive()
    bench.start()
    assert is_exclusive()
    bench.reader.close()
    assert not is_exclusive()
    os.close(earlier)
    bench.unplug()


def test_a_node_that_is_not_there_or_no_serial_line_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, number in (
        (tmp_path / "ttyACM0", errno.ENOENT),
        (os.devnull, errno.ENOTTY),
        (tmp_path / "file", errno.ENOTTY),
    ):
        error = try_hold(str(path))
        assert error is not None
        assert error.errno == number


def test_a_line_that_cannot_be_set_up_is_closed_and_told_as_any_other_trouble(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: int) -> list[int]:
        raise termios.error(errno.EIO, "Input/output error")

    before = len(list(Path("/dev/fd").iterdir()))
    monkeypatch.setattr(termios, "tcgetattr", gone)
    error = try_hold(bench.path)
    assert error is not None
    assert error.errno == errno.EIO
    assert len(list(Path("/dev/fd").iterdir())) == before
    bench.unplug()


def test_a_hundred_readers_of_any_fate_leave_no_descriptor_open() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for turn in range(100):
        bench = Bench()
        if turn % 3 == 0:
            bench.start()
            bench.unplug()
            assert isinstance(bench.next(), ScannerLost)
        elif turn % 3 == 1:
            bench.start()
            bench.reader.close()
            bench.unplug()
        else:
            bench.unplug()
        bench.reader.close()
        bench.reader.close()
    assert len(list(Path("/dev/fd").iterdir())) <= before
