"""A reader thread turns a device's events into scans, never into shorter ones, and its troubles into sentences."""

from __future__ import annotations

import errno
import itertools
import os
import queue
import random
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning.decoding import keys
from stations.scanning.decoding.keys import EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT, KeyEvent
from stations.scanning.decoding.typist import keystrokes
from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.devices.scanner import EvdevDevice, Reader, try_hold
from stations.scanning.devices.trouble import CAPS_LOCK, ScannerLost, Trouble, trouble_of, why

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

EVENT = struct.Struct("llHHi")
NODE = "/dev/input/event7"
PATIENCE = 10.0


def _packed(event: KeyEvent) -> bytes:
    seconds, rest = divmod(event.time, 1)
    return EVENT.pack(int(seconds), int(rest * 1e6), event.type, event.code, event.value)


class Pipe:
    """A device whose node is a pipe: what is written into it is what the kernel tells."""

    def __init__(self) -> None:
        self.fd, self.into = os.pipe()
        os.set_blocking(self.fd, False)
        self.done: list[str] = []
        self.held: list[frozenset[int]] = []
        self.refusal: OSError | None = None
        self.failure: OSError | None = None
        self.at_grab: Sequence[KeyEvent] = ()

    def type(self, events: Sequence[KeyEvent]) -> None:
        """Let the kernel tell these events, each with its time in seconds and microseconds."""
        for some in (events[at : at + 64] for at in range(0, len(events), 64)):
            os.write(self.into, b"".join(map(_packed, some)))

    def waits(self) -> bool:
        """Whether something is still to be read."""
        return bool(select.select([self.fd], [], [], 0)[0])

    def unplug(self) -> None:
        """Take the device away."""
        os.close(self.into)

    def read(self) -> Sequence[KeyEvent]:
        """Give what was written, and ENODEV where the other end is gone."""
        if self.failure:
            raise self.failure
        try:
            told = os.read(self.fd, EVENT.size * 64)
        except BlockingIOError:
            self.done.append("read nothing")
            return ()
        if not told:
            raise OSError(errno.ENODEV, "No such device")
        return [
            KeyEvent(time=seconds + micros / 1e6, type=kind, code=code, value=value)
            for seconds, micros, kind, code, value in EVENT.iter_unpack(told)
        ]

    def active_keys(self) -> Collection[int]:
        """Give the next of the answers that were laid down; what waits is gone, as the kernel has it."""
        self.done.append("active_keys")
        while self.waits() and os.read(self.fd, EVENT.size * 64):
            pass
        return self.held.pop(0) if self.held else frozenset()

    def grab(self) -> None:
        """Note it, or refuse it."""
        if self.refusal:
            raise self.refusal
        self.done.append("grab")
        self.type(self.at_grab)

    def ungrab(self) -> None:
        """Note it."""
        self.done.append("ungrab")

    def close(self) -> None:
        """Note it and close the reading end."""
        self.done.append("close")
        os.close(self.fd)


class Bench:
    """A reader on a pipe, and what it told."""

    def __init__(
        self,
        profile: Profile = Profile(),  # noqa: B008 -- a frozen value
        *,
        decodes: bool = True,
        grabs: bool = True,
    ) -> None:
        self.pipe = Pipe()
        self.posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
        self.tapes: list[tuple[KeyEvent, ...]] = []
        self.held: queue.Queue[Trouble | None] = queue.Queue()
        self.ago = 1.0
        self.reader = Reader(
            NODE,
            self.post,
            profile,
            held=self.held.put,
            decodes=decodes,
            grabs=grabs,
            open_by=lambda _: self.pipe,
            clock=lambda: time.monotonic() - self.ago,
        )

    def post(self, found: Scan | Garbled | ScannerLost, tape: tuple[KeyEvent, ...]) -> None:
        self.tapes.append(tape)
        self.posted.put(found)

    def next(self) -> Scan | Garbled | ScannerLost:
        """Wait for what is posted next."""
        return self.posted.get(timeout=PATIENCE)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Let the reader's thread run until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, "the reader's thread did not get there"
            threading.Event().wait(0.001)

    def start(self, ago: float = 1.0) -> None:
        """Start, and wait until the device is grabbed and what was typed before is gone; then `ago` seconds pass."""
        self.ago = ago
        self.reader.start()
        self.wait_until(lambda: "read nothing" in self.pipe.done)
        self.ago = 0.0

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
    assert bench.pipe.done[:4] == ["active_keys", "active_keys", "active_keys", "grab"]


def test_a_key_that_never_comes_up_keeps_the_device_for_two_seconds_at_most() -> None:
    pipe, seconds = Pipe(), itertools.count()
    pipe.held = [frozenset({28})] * 9
    reader = Reader(NODE, lambda *_: None, open_by=lambda _: pipe, clock=lambda: float(next(seconds)))
    reader._hold(pipe)
    assert pipe.done[:3] == ["active_keys", "active_keys", "grab"]
    pipe.close()
    pipe.unplug()
    reader.close()


def test_a_reader_closed_while_it_waits_for_a_key_to_come_up_grabs_nothing() -> None:
    bench = Bench()
    bench.pipe.held = [frozenset({28})] * 1_000_000
    bench.reader.start()
    bench.wait_until(lambda: "active_keys" in bench.pipe.done)
    bench.reader.close()
    assert "grab" not in bench.pipe.done
    assert bench.pipe.done[-1] == "close"


def test_what_was_typed_before_the_grab_is_somebody_elses(bench: Bench) -> None:
    bench.pipe.at_grab = keystrokes("early", time.monotonic() - 2.0, gap=0.0)
    bench.start()
    bench.type("late")
    found = bench.next()
    assert isinstance(found, Scan)
    assert found.text == "late"


def test_what_follows_the_grab_at_once_may_be_half_a_scan_and_is_told_as_lost(bench: Bench) -> None:
    bench.start(ago=0.0)
    whole = keystrokes("L03A12Z", time.monotonic(), gap=0.0)
    bench.pipe.type(whole[len(whole) // 2 :])
    bench.type("whole")
    bench.type("again")
    found = bench.next()
    assert isinstance(found, Garbled)
    assert found.reason == "lost-input"
    while isinstance(found, Garbled):
        bench.type("sure")
        found = bench.next()
    assert isinstance(found, Scan)
    assert found.text in {"whole", "again", "sure"}


def test_lost_keys_are_told_and_keys_still_down_are_asked_for(bench: Bench) -> None:
    bench.start()
    now = time.monotonic()
    bench.pipe.held = [frozenset({keys.KEY_LEFTSHIFT})]
    bench.pipe.type([KeyEvent(time=now, type=EV_SYN, code=code, value=0) for code in (SYN_DROPPED, SYN_REPORT)])
    bench.wait_until(lambda: bench.pipe.held == [])
    bench.type("half")
    bench.type("ab")
    garbled, scan = bench.next(), bench.next()
    assert isinstance(garbled, Garbled)
    assert garbled.reason == "lost-input"
    assert isinstance(scan, Scan)
    assert scan.text == "AB"


class Ring:
    """The kernel's ring for one open node, 64 events long (Linux `evdev.c`), and the keys that are down."""

    fd = -1

    def __init__(self) -> None:
        self.events: list[KeyEvent] = []
        self.down: set[int] = set()

    def tell(self, event: KeyEvent) -> None:
        """Take an event of the device; where the ring is full, keep nothing but this one and that others were lost."""
        if event.type == EV_KEY:
            (self.down.add if event.value else self.down.discard)(event.code)
        self.events.append(event)
        if len(self.events) == 64:
            self.events = [KeyEvent(time=event.time, type=EV_SYN, code=SYN_DROPPED, value=0), event]

    def read(self) -> Sequence[KeyEvent]:
        """Give the reports that are whole."""
        last = max((at for at, event in enumerate(self.events, 1) if event.type == EV_SYN), default=0)
        whole, self.events = self.events[:last], self.events[last:]
        return whole

    def active_keys(self) -> Collection[int]:
        """Give the keys that are down, and drop those that wait (`evdev_handle_get_val`)."""
        self.events = [event for event in self.events if event.type != EV_KEY]
        return frozenset(self.down)

    def grab(self) -> None:
        """Nobody else is here."""

    ungrab = close = grab


@given(
    texts=st.lists(st.text("abXY12]\x1d", min_size=4, max_size=24), min_size=1, max_size=6),
    pauses=st.lists(st.sampled_from([0.001, 0.05, 0.4]), min_size=6, max_size=6),
    reads=st.lists(st.integers(min_value=1, max_value=150), min_size=1, max_size=20),
    unheard=st.integers(min_value=0, max_value=40),
)
@settings(max_examples=150)
def test_however_late_the_reader_is_it_tells_whole_scans_or_lost_input(
    texts: list[str], pauses: list[float], reads: list[int], unheard: int
) -> None:
    now, ring = [0.0], Ring()
    told: list[Scan | Garbled | ScannerLost] = []
    reader = Reader(NODE, lambda found, _: told.append(found), open_by=lambda _: ring, clock=lambda: now[0])
    stops = set(itertools.accumulate(itertools.islice(itertools.cycle(reads), 400)))
    moment, stream, is_held = 5.0, list[KeyEvent](), False
    for text, pause in zip(texts, pauses, strict=False):
        stream += keystrokes(text, moment)
        moment = stream[-1].time + pause
    for count, event in enumerate(stream):
        now[0] = event.time
        if count >= unheard and not is_held and not ring.down:
            ring.events = []  # nobody had opened it
            reader._hold(ring)
            is_held = True
        ring.tell(event)
        if is_held and count in stops:
            reader._decode(ring, ring.read())
    if is_held:
        reader._decode(ring, ring.read())
    reader.close()
    assert all(found.text in texts for found in told if isinstance(found, Scan))
    assert {found.reason for found in told if isinstance(found, Garbled)} <= {"lost-input", "truncated"}


def test_a_scan_that_falls_silent_is_told_without_another_key() -> None:
    bench = Bench(Profile(gap=0.1))
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
    gone = Trouble(what="is unplugged or asleep", mend="plug it in or wake it")
    assert found == ScannerLost(device=NODE, trouble=gone)
    bench.reader.close()
    assert bench.posted.empty()
    assert bench.pipe.done[-2:] == ["ungrab", "close"]


def test_a_device_held_by_another_program_is_let_go_and_says_so(bench: Bench) -> None:
    bench.pipe.refusal = OSError(errno.EBUSY, "Device or resource busy")
    bench.reader.start()
    found = bench.next()
    assert isinstance(found, ScannerLost)
    assert found.trouble.says == "Held by another program: stop that one, perhaps another copy of the kiosk."
    bench.reader.close()
    assert bench.pipe.done[-1] == "close"


def test_a_device_that_opens_and_then_fails_at_once_is_told_once_and_left_alone(bench: Bench) -> None:
    bench.pipe.failure = OSError(errno.ENODEV, "No such device")
    bench.reader.start()
    assert isinstance(bench.next(), ScannerLost)
    bench.wait_until(lambda: bench.pipe.done[-1] == "close")
    assert bench.pipe.done == ["active_keys", "grab", "ungrab", "close"]
    assert bench.posted.empty()


def test_a_device_that_hangs_up_without_an_error_is_gone() -> None:
    bench = Bench()
    bench.start()
    bench.pipe.failure = OSError(errno.EPROTO, "must not be read")
    bench.pipe.unplug()
    found = bench.next()
    bench.reader.close()
    assert isinstance(found, ScannerLost)
    assert found.trouble.short == "unplugged or asleep"


def test_a_scanner_pulled_out_in_a_scan_and_put_back_tells_whole_scans_alone() -> None:
    posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
    for turn in range(20):
        bench = Bench()
        bench.posted = posted
        bench.start()
        bench.type(f"WHOLE{turn}")
        bench.pipe.type(keystrokes("HALF", time.monotonic(), gap=0.0)[: turn % 20])
        bench.pipe.unplug()
        found = [bench.next(), bench.next()]
        bench.reader.close()
        assert [getattr(each, "text", None) for each in found] == [f"WHOLE{turn}", None]
        assert isinstance(found[1], ScannerLost)
    assert posted.empty()


def test_two_scanners_typing_at_the_same_moment_never_mix() -> None:
    left, right = Bench(), Bench()
    chance = random.Random(7)  # noqa: S311 -- the same disorder each time
    texts = {bench: [f"{name}{turn:03d}aB\x1d" for turn in range(40)] for bench, name in ((left, "L"), (right, "R"))}
    pieces = {}
    for bench in (left, right):
        bench.start()
        pieces[bench] = [event for text in texts[bench] for event in keystrokes(text, time.monotonic(), gap=0.0)]
    while any(pieces.values()):
        bench = chance.choice([each for each in (left, right) if pieces[each]])
        cut = chance.randint(1, 30)
        bench.pipe.type(pieces[bench][:cut])
        del pieces[bench][:cut]
    for bench in (left, right):
        assert [getattr(bench.next(), "text", None) for _ in texts[bench]] == texts[bench]
        bench.reader.close()
        assert bench.posted.empty()


def test_a_scan_is_posted_with_the_events_it_was_read_from(bench: Bench) -> None:
    bench.start()
    events = keystrokes("ab", time.monotonic(), gap=0.0)
    bench.pipe.type(events)
    bench.next()
    (tape,) = bench.tapes
    assert [(each.code, each.value) for each in tape if each.type == EV_KEY] == [
        (each.code, each.value) for each in events[:-2] if each.type == EV_KEY
    ]


def test_it_is_told_as_held_only_when_a_scan_is_believed() -> None:
    seconds = [0.0]
    bench = Bench()
    bench.reader._clock = bench.reader._grace._clock = lambda: seconds[0]
    bench.reader._hold(bench.pipe)
    for now, told in ((0.0, 0), (0.29, 0), (0.31, 1), (0.5, 1)):
        seconds[0] = now
        bench.reader._grace.look()
        assert bench.held.qsize() == told
    assert bench.reader._grace.patience(None) is None
    bench.reader.close()
    bench.pipe.close()
    bench.pipe.unplug()


def test_it_is_told_as_held_though_nothing_is_ever_sent() -> None:
    bench = Bench(Profile(gap=0.1))
    bench.reader.start()
    assert bench.held.get(timeout=PATIENCE) is None
    assert "grab" in bench.pipe.done
    bench.reader.close()
    assert bench.posted.empty()


def test_a_node_that_only_types_nowhere_else_is_held_at_once() -> None:
    bench = Bench(decodes=False)
    bench.reader._hold(bench.pipe)
    bench.reader._grace.look()
    assert bench.held.qsize() == 1
    bench.reader.close()
    bench.pipe.close()
    bench.pipe.unplug()


def test_one_that_is_left_to_everybody_is_grabbed_when_that_is_asked_for() -> None:
    bench = Bench(grabs=False)
    with pytest.raises(OSError, match="No such device"):
        bench.reader.hold()
    bench.start()
    bench.type("open")
    assert isinstance(bench.next(), Scan)
    assert "grab" not in bench.pipe.done
    bench.reader.hold()
    assert "grab" in bench.pipe.done
    bench.reader.close()


def test_a_modifier_that_was_down_all_through_the_grab_still_counts() -> None:
    bench = Bench()
    bench.pipe.held = [frozenset(), frozenset({keys.KEY_LEFTSHIFT})]
    bench.start()
    bench.type("ab")
    found = bench.next()
    bench.reader.close()
    assert isinstance(found, Scan)
    assert found.text == "AB"


def test_a_node_beside_the_scanner_is_held_and_what_it_sends_is_thrown_away() -> None:
    bench = Bench(decodes=False)
    bench.start()
    bench.type("volume up")
    bench.wait_until(lambda: not bench.pipe.waits())
    bench.pipe.unplug()
    assert isinstance(bench.next(), ScannerLost)
    bench.reader.close()
    assert "grab" in bench.pipe.done
    assert bench.posted.empty()


@pytest.mark.parametrize(("lamp", "warning"), [(0, None), (1, CAPS_LOCK)])
def test_a_capslock_lamp_that_is_lit_at_the_grab_is_told(lamp: int, warning: Trouble | None) -> None:
    bench = Bench(Profile(gap=0.1))
    bench.pipe.at_grab = [
        KeyEvent(time=0.0, type=0x11, code=1, value=1),
        KeyEvent(time=0.0, type=0x11, code=1, value=lamp),
    ]
    bench.start()
    assert bench.held.get(timeout=PATIENCE) == warning
    bench.reader.close()
    assert CAPS_LOCK.says.startswith("CapsLock is lit: ")


def test_trying_a_node_lets_it_go_and_gives_what_stands_against_it() -> None:
    pipe, busy = Pipe(), Pipe()
    busy.refusal = OSError(errno.EBUSY, "Device or resource busy")
    assert try_hold(NODE, open_by=lambda _: pipe) is None
    assert try_hold(NODE, open_by=lambda _: busy) is busy.refusal
    assert (pipe.done, busy.done) == (["grab", "ungrab", "close"], ["close"])
    for each in (pipe, busy):
        each.unplug()


def test_trying_a_node_that_is_not_there_gives_the_error(tmp_path: Path) -> None:
    pytest.importorskip("evdev")
    error = try_hold(str(tmp_path / "event7"))
    assert error is not None
    assert error.errno == errno.ENOENT


def test_a_hundred_readers_of_any_fate_leave_no_descriptor_open(tmp_path: Path) -> None:
    pytest.importorskip("evdev")

    def open_descriptors() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    before = open_descriptors()
    for turn in range(100):
        bench = Bench()
        if turn % 3 == 0:
            bench.start()
            bench.pipe.unplug()
            bench.next()
        elif turn % 3 == 1:
            bench.start()
            bench.reader.close()
            bench.pipe.unplug()
        else:
            bench.pipe.close()
            bench.pipe.unplug()
            for path in (str(tmp_path / "event7"), os.devnull):
                lost_on_opening(path)
        bench.reader.close()
    assert open_descriptors() <= before


def test_a_reader_can_be_closed_by_what_it_posts_to_and_by_two_at_once() -> None:
    bench = Bench()
    bench.reader._post = lambda *_: bench.reader.close()
    bench.start()
    bench.pipe.type(keystrokes("last", time.monotonic(), gap=0.0)[:-3])
    bench.wait_until(lambda: bench.pipe.done[-1] == "close")
    others = [threading.Thread(target=bench.reader.close) for _ in range(2)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    assert bench.pipe.done.count("close") == 1


def test_a_reader_closed_before_it_starts_opens_nothing() -> None:
    bench = Bench()
    bench.reader.close()
    bench.reader.start()
    assert bench.pipe.done == []


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENODEV, "plug it in or wake it"),
        (errno.ENOENT, "plug the scanner in, or pair it again"),
        (errno.EACCES, "kiosk devices --udev"),
        (errno.EPERM, "kiosk devices --udev"),
        (errno.EBUSY, "stop that one"),
        (errno.ENOTTY, "pair the scanner again"),
        (errno.ENOSYS, "use its simulated scanner"),
        (errno.EIO, "plug it in or wake it"),
        (errno.EPROTO, "gives the error Protocol error: unplug it and plug it in again"),
    ],
)
def test_each_trouble_is_one_sentence_with_the_mend(number: int, mend: str) -> None:
    sentence = why(NODE, OSError(number, os.strerror(number)))
    assert sentence.startswith(f"The scanner at {NODE} ")
    assert mend in sentence
    assert sentence.count(".") == 1


def test_what_is_wrong_comes_first_in_few_words_and_then_the_mend() -> None:
    trouble = trouble_of(OSError(errno.EACCES, "Permission denied"))
    assert trouble.says.startswith("May not be read by this user: ")
    assert len(trouble.short) < 40


def test_an_error_without_a_number_still_makes_a_sentence() -> None:
    assert why(NODE, OSError("strange")) == (
        f"The scanner at {NODE} gives the error strange: unplug it and plug it in again."
    )


def lost_on_opening(path: str) -> ScannerLost:
    posted: queue.Queue[Scan | Garbled | ScannerLost] = queue.Queue()
    reader = Reader(path, lambda found, _: posted.put(found))
    reader.start()
    found = posted.get(timeout=PATIENCE)
    reader.close()
    assert isinstance(found, ScannerLost)
    return found


def test_a_node_that_is_not_there_or_no_input_device_is_told(tmp_path: Path) -> None:
    pytest.importorskip("evdev")
    assert lost_on_opening(str(tmp_path / "event7")).trouble.short == "not there"
    assert lost_on_opening(os.devnull).trouble.short == "a node of another kind"


def test_a_system_without_evdev_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "evdev", None)
    assert lost_on_opening(NODE).trouble.short == "cannot be read on a system without evdev"


def test_a_reader_can_be_closed_before_it_starts_and_twice() -> None:
    bench = Bench()
    bench.reader.close()
    bench.reader.close()
    assert bench.pipe.done == []


def test_evdev_gives_the_events_of_its_node_and_none_where_none_wait() -> None:
    evdev = pytest.importorskip("evdev")
    node, into = os.pipe()
    os.set_blocking(node, False)
    device = evdev.InputDevice.__new__(evdev.InputDevice)
    device.fd = node
    read_by = EvdevDevice(device, [1])
    assert read_by.read() == (KeyEvent(time=0.0, type=0x11, code=1, value=1),)
    assert read_by.read() == ()
    os.write(into, EVENT.pack(3, 250_000, EV_KEY, keys.KEY_A, 1))
    assert read_by.read() == (KeyEvent(time=3.25, type=EV_KEY, code=keys.KEY_A, value=1),)
    assert read_by.fd == node
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        read_by.grab()
    read_by.close()
    os.close(into)


def test_the_module_can_be_imported_without_evdev() -> None:
    program = "import sys; sys.modules['evdev'] = None; import stations.scanning.devices.scanner"
    subprocess.run([sys.executable, "-c", program], check=True)
