"""A reader thread turns a device's events into scans, and its troubles into sentences."""

from __future__ import annotations

import errno
import os
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from stations.scanning import keys
from stations.scanning.keys import EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, KeyEvent
from stations.scanning.scanner import EvdevDevice, Reader, ScannerLost, list_devices, why
from stations.scanning.typist import keystrokes
from stations.scanning.wedge import Garbled, Profile, Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

EVENT = struct.Struct("llHHi")
NODE = "/dev/input/event7"
PATIENCE = 10.0


class Pipe:
    """A device whose node is a pipe: what is written into it is what the kernel tells."""

    def __init__(self) -> None:
        self.fd, self.into = os.pipe()
        os.set_blocking(self.fd, False)
        self.done: list[str] = []
        self.held: list[frozenset[int]] = []
        self.refusal: OSError | None = None

    def type(self, events: Sequence[KeyEvent]) -> None:
        """Let the kernel tell these events, each with its time in seconds and microseconds."""
        for event in events:
            seconds, rest = divmod(event.time, 1)
            os.write(self.into, EVENT.pack(int(seconds), int(rest * 1e6), event.type, event.code, event.value))

    def waits(self) -> bool:
        """Whether something is still to be read."""
        return bool(select.select([self.fd], [], [], 0)[0])

    def unplug(self) -> None:
        """Take the device away."""
        os.close(self.into)

    def read(self) -> Sequence[KeyEvent]:
        """Give what was written, and ENODEV where the other end is gone."""
        try:
            told = os.read(self.fd, EVENT.size * 64)
        except BlockingIOError:
            return ()
        finally:
            self.done.append("read")
        if not told:
            raise OSError(errno.ENODEV, "No such device")
        return [
            KeyEvent(time=seconds + micros / 1e6, type=kind, code=code, value=value)
            for seconds, micros, kind, code, value in EVENT.iter_unpack(told)
        ]

    def active_keys(self) -> Collection[int]:
        """Give the next of the answers that were laid down."""
        return self.held.pop(0) if self.held else frozenset()

    def grab(self) -> None:
        """Note it, or refuse it."""
        if self.refusal:
            raise self.refusal
        self.done.append("grab")

    def ungrab(self) -> None:
        """Note it."""
        self.done.append("ungrab")

    def close(self) -> None:
        """Note it and close the reading end."""
        self.done.append("close")
        os.close(self.fd)


class Bench:
    """A reader on a pipe, and what it posted."""

    def __init__(self, profile: Profile = Profile()) -> None:  # noqa: B008 -- a frozen value
        self.pipe = Pipe()
        self.posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
        self.reader = Reader(NODE, self.posted.put, profile, open_by=lambda _: self.pipe)

    def next(self) -> Scan | Garbled | ScannerLost:
        """Wait for what is posted next."""
        return self.posted.get(timeout=PATIENCE)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Let the reader's thread run until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, "the reader's thread did not get there"
            threading.Event().wait(0.001)

    def start(self) -> None:
        """Start, and wait until the device is grabbed and what was typed before is gone."""
        self.reader.start()
        self.wait_until(lambda: self.pipe.done[:2] == ["grab", "read"])

    def type(self, text: str) -> None:
        """Scan a text now."""
        self.pipe.type(keystrokes(text, time.monotonic(), gap=0.0))


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.reader.close()


def test_each_scan_is_posted_in_its_order_with_the_name_of_the_device(bench: Bench) -> None:
    bench.start()
    bench.type("B0042173")
    bench.type("]d20100309991234563\x1d10LOT7A")
    found = [bench.next(), bench.next()]
    assert [(type(each), each.device) for each in found] == [(Scan, NODE)] * 2
    assert [getattr(each, "text", "") for each in found] == ["B0042173", "]d20100309991234563\x1d10LOT7A"]


def test_a_scan_cut_anywhere_between_two_reads_is_still_one_scan(bench: Bench) -> None:
    bench.start()
    events = keystrokes("L03A12Z", time.monotonic(), gap=0.0)
    for event in events:
        bench.pipe.type([event])
        bench.wait_until(lambda: not bench.pipe.waits())
    found = bench.next()
    assert isinstance(found, Scan)
    assert found.text == "L03A12Z"


def test_the_device_is_grabbed_only_when_no_key_is_down() -> None:
    bench = Bench()
    bench.pipe.held = [frozenset({28}), frozenset({28}), frozenset()]
    bench.start()
    bench.reader.close()
    assert bench.pipe.held == []
    assert bench.pipe.done[0] == "grab"


def test_what_was_typed_before_the_grab_is_somebody_elses(bench: Bench) -> None:
    bench.type("early")
    bench.start()
    bench.type("late")
    found = bench.next()
    assert isinstance(found, Scan)
    assert found.text == "late"


def test_lost_keys_are_told_and_keys_still_down_are_asked_for(bench: Bench) -> None:
    bench.start()
    now = time.monotonic()
    bench.pipe.held = [frozenset({keys.KEY_LEFTSHIFT})]
    bench.pipe.type([KeyEvent(time=now, type=EV_SYN, code=code, value=0) for code in (SYN_DROPPED, SYN_REPORT)])
    bench.pipe.type(keystrokes("half", now, gap=0.0))
    bench.pipe.type(keystrokes("ab", now, gap=0.0))
    garbled, scan = bench.next(), bench.next()
    assert isinstance(garbled, Garbled)
    assert garbled.reason == "lost-input"
    assert isinstance(scan, Scan)
    assert scan.text == "AB"
    assert bench.pipe.held == []


def test_a_scan_that_falls_silent_is_told_without_another_key() -> None:
    bench = Bench(Profile(gap=0.02))
    bench.start()
    now = time.monotonic()
    bench.pipe.type([KeyEvent(time=now, type=EV_KEY, code=keys.KEY_A, value=1)])
    found = bench.next()
    bench.reader.close()
    assert isinstance(found, Garbled)
    assert (found.reason, found.text) == ("truncated", "a")


def test_unplugging_drops_the_scan_under_way_and_says_so_once(bench: Bench) -> None:
    bench.start()
    bench.pipe.type(keystrokes("half a scan", time.monotonic(), gap=0.0)[:20])
    bench.pipe.unplug()
    found = bench.next()
    assert found == ScannerLost(
        device=NODE,
        why=f"The scanner at {NODE} is unplugged or asleep: plug it in or wake it.",
    )
    bench.reader.close()
    assert bench.posted.empty()
    assert bench.pipe.done[-2:] == ["ungrab", "close"]


def test_a_device_held_by_another_program_is_let_go_and_says_so(bench: Bench) -> None:
    bench.pipe.refusal = OSError(errno.EBUSY, "Device or resource busy")
    bench.reader.start()
    found = bench.next()
    assert isinstance(found, ScannerLost)
    assert "is held by another program, probably another copy of the kiosk" in found.why
    bench.reader.close()
    assert bench.pipe.done[-1] == "close"


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENODEV, "plug it in or wake it"),
        (errno.ENOENT, "plug the scanner in, or pair it again"),
        (errno.EACCES, "udev rule"),
        (errno.EPERM, "udev rule"),
        (errno.EBUSY, "close that one"),
        (errno.ENOTTY, "pair the scanner again"),
        (errno.ENOSYS, "use its simulated scanner"),
        (errno.EIO, "gives the error Input/output error: unplug it and plug it in again"),
    ],
)
def test_each_trouble_is_one_sentence_with_the_mend(number: int, mend: str) -> None:
    sentence = why(NODE, OSError(number, os.strerror(number)))
    assert sentence.startswith(f"The scanner at {NODE} ")
    assert mend in sentence
    assert sentence.count(".") == 1


def test_an_error_without_a_number_still_makes_a_sentence() -> None:
    assert why(NODE, OSError("strange")) == (
        f"The scanner at {NODE} gives the error strange: unplug it and plug it in again."
    )


def lost_on_opening(path: str) -> ScannerLost:
    posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
    reader = Reader(path, posted.put)
    reader.start()
    found = posted.get(timeout=PATIENCE)
    reader.close()
    assert isinstance(found, ScannerLost)
    return found


def test_a_node_that_is_not_there_or_no_input_device_is_told(tmp_path: Path) -> None:
    pytest.importorskip("evdev")
    assert "is not there" in lost_on_opening(str(tmp_path / "event7")).why
    assert "is no input device" in lost_on_opening(os.devnull).why


def test_a_system_without_evdev_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    assert "cannot be read on a system without evdev" in lost_on_opening(NODE).why


def test_a_reader_can_be_closed_before_it_starts_and_twice() -> None:
    bench = Bench()
    bench.reader.close()
    bench.reader.close()
    assert bench.pipe.done == []


def test_the_longest_wait_of_an_event_is_kept(bench: Bench) -> None:
    bench.start()
    bench.pipe.type(keystrokes("late", time.monotonic() - 5.0, gap=0.0))
    bench.next()
    assert bench.reader.longest_stall >= 5.0


def test_evdev_gives_the_events_of_its_node_and_none_where_none_wait() -> None:
    evdev = pytest.importorskip("evdev")
    node, into = os.pipe()
    os.set_blocking(node, False)
    device = evdev.InputDevice.__new__(evdev.InputDevice)
    device.fd = node
    read_by = EvdevDevice(device)
    assert read_by.read() == ()
    os.write(into, EVENT.pack(3, 250_000, EV_KEY, keys.KEY_A, 1))
    assert read_by.read() == (KeyEvent(time=3.25, type=EV_KEY, code=keys.KEY_A, value=1),)
    assert read_by.fd == node
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        read_by.grab()
    read_by.close()
    os.close(into)


def bitmap(codes: set[int]) -> str:
    width = struct.calcsize("l") * 8
    number = sum(1 << code for code in codes)
    words: list[str] = []
    while number:
        words.insert(0, f"{number & (1 << width) - 1:x}")
        number >>= width
    return " ".join(words or ["0"])


TYPING = set(range(1, 128))


def describe(root: Path, event: str, name: str, *, codes: set[int], pointing: str = "0") -> None:
    """Describe a device as sysfs does."""
    device = root / "sys" / event / "device"
    (device / "capabilities").mkdir(parents=True)
    (device / "id").mkdir()
    for file, line in {
        "name": name,
        "phys": f"usb-0000:00:14.0-2/{event}",
        "id/vendor": "0c2e",
        "id/product": "0b61",
        "capabilities/key": bitmap(codes),
        "capabilities/rel": pointing,
        "capabilities/abs": "0",
    }.items():
        (device / file).write_text(line + "\n")


@pytest.mark.parametrize(
    ("name", "codes", "pointing", "reason"),
    [
        ("Honeywell Scanner", TYPING, "0", ""),
        ("Wireless Mouse", TYPING, "0", "its name says it is no scanner"),
        ("Keyboard Consumer Control", TYPING, "0", "its name says it is no scanner"),
        ("Keyboard System Control", TYPING, "0", "its name says it is no scanner"),
        ("Power Button", {116}, "0", "it cannot type all letters, digits, Enter and Shift"),
        ("Odd", TYPING - {keys.KEY_ENTER}, "0", "it cannot type all letters, digits, Enter and Shift"),
        ("Silent", set(), "0", "it cannot type all letters, digits, Enter and Shift"),
        ("Gamepad", TYPING | {0x130}, "0", "it has buttons"),
        ("Trackpoint keyboard", TYPING, "3", "it points"),
    ],
)
def test_a_device_that_cannot_be_a_scanner_is_excluded_with_the_reason(
    tmp_path: Path, name: str, codes: set[int], pointing: str, reason: str
) -> None:
    describe(tmp_path, "event0", name, codes=codes, pointing=pointing)
    (found,) = list_devices(tmp_path / "dev", tmp_path / "sys")
    assert (found.name, found.vendor, found.product) == (name, 0x0C2E, 0x0B61)
    assert (found.looks_like_scanner, found.readable) == (not reason, False)
    assert found.reason == (reason or "it types letters, digits and Enter, as a scanner or a keyboard does")


def test_devices_are_listed_by_number_with_their_nodes_and_whether_they_may_be_read(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    for event in ("event10", "event2"):
        describe(tmp_path, event, "Scanner", codes=TYPING)
        (tmp_path / "dev" / event).touch()
    (tmp_path / "sys" / "event3").mkdir()
    found = list_devices(tmp_path / "dev", tmp_path / "sys")
    assert [(each.path, each.phys, each.readable) for each in found] == [
        (str(tmp_path / "dev" / "event2"), "usb-0000:00:14.0-2/event2", True),
        (str(tmp_path / "dev" / "event3"), "", False),
        (str(tmp_path / "dev" / "event10"), "usb-0000:00:14.0-2/event10", True),
    ]
    assert list_devices(tmp_path / "nothing", tmp_path / "nowhere") == ()


def test_the_module_can_be_imported_without_evdev() -> None:
    program = "import sys; sys.modules['evdev'] = None; import stations.scanning.scanner"
    subprocess.run([sys.executable, "-c", program], check=True)
