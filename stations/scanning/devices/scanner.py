"""What did the scanner at this node send? The one door to evdev.

Laws:
* One thread per node reads and decodes, nothing else, for the kernel holds about ten characters and then
  drops everything unread. What it finds it hands to `post`, which must not wait.
* The node is grabbed, so that no scan reaches the console, and only while no key is down.
* A scan that may have begun before the grab is told as lost input, never as a shorter scan, and it is told that the
  node is held only when this can no longer be.
* Trouble with a device is one `ScannerLost` with a sentence, never an exception in a thread. What was under way
  is dropped.
* Times are those of the kernel, of the clock that never runs backwards.

evdev is imported where it is used, so that everything else works where there is none.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import struct
import time
from typing import TYPE_CHECKING, Final, Protocol

from stations.scanning.decoding import keys
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import Garbled, Profile, Scan, Wedge
from stations.scanning.devices.trouble import CAPS_LOCK, ScannerLost, Trouble, trouble_of
from stations.scanning.devices.waiting import Grace, Heard, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from evdev import InputDevice

EV_LED: Final = 0x11
LED_CAPSLOCK: Final = 1
"""The lamp that some scanners heed: while it is lit they send letters the other way round (Linux
`input-event-codes.h`, LED_CAPSL)."""
SET_CLOCK: Final = 0x400445A0
"""EVIOCSCLOCKID of Linux `input.h`: `_IOW('E', 0xa0, int)`."""
RELEASE_WITHIN: Final = 2.0
"""Seconds to wait for keys to come up before the device is grabbed."""
RELEASE_LOOK: Final = 0.02
"""Seconds between two looks at the keys that are down."""


class Device(Protocol):
    """What a reader needs of an input device; every method raises OSError where the device is in trouble."""

    @property
    def fd(self) -> int:
        """A descriptor that is readable when events wait."""

    def read(self) -> Sequence[KeyEvent]:
        """Give the events that wait, none if none do, without waiting."""

    def active_keys(self) -> Collection[int]:
        """Give the codes of the keys that are down. Key events that wait are gone after this (Linux `evdev.c`)."""

    def grab(self) -> None:
        """Keep the events from every other program."""

    def ungrab(self) -> None:
        """Let other programs have the events again."""

    def close(self) -> None:
        """Give the device back."""


class EvdevDevice:
    """An input device of Linux. Its first events tell which lamps are lit, as the kernel tells each change."""

    def __init__(self, device: InputDevice[str], lamps: Collection[int] = ()) -> None:
        self._device = device
        self._lamps = tuple(KeyEvent(time=0.0, type=EV_LED, code=code, value=1) for code in lamps)

    @property
    def fd(self) -> int:
        """The descriptor of the node."""
        return self._device.fd

    def read(self) -> Sequence[KeyEvent]:
        """Give the events that wait."""
        lamps, self._lamps = self._lamps, ()
        try:
            return lamps + tuple(
                KeyEvent(time=event.timestamp(), type=event.type, code=event.code, value=event.value)
                for event in self._device.read()
            )
        except BlockingIOError:  # nothing waits
            return lamps

    def active_keys(self) -> Collection[int]:
        """Ask the kernel which keys are down."""
        return frozenset(self._device.active_keys())

    def grab(self) -> None:
        """Issue EVIOCGRAB; EBUSY where another program holds the device."""
        self._device.grab()

    def ungrab(self) -> None:
        """Release the grab."""
        self._device.ungrab()

    def close(self) -> None:
        """Close the node, which also releases a grab."""
        self._device.close()


def open_device(path: str) -> Device:
    """Open a node for reading, with event times of the monotonic clock. Raises OSError; ENOSYS without evdev."""
    try:
        from evdev import InputDevice  # noqa: PLC0415 -- absent on macOS, where only simulated scanners are read
    except ImportError as error:
        raise OSError(errno.ENOSYS, "evdev is not installed") from error
    device = InputDevice(path, readonly=True)
    try:
        fcntl.ioctl(device.fd, SET_CLOCK, struct.pack("i", time.CLOCK_MONOTONIC))
        return EvdevDevice(device, device.leds())
    except OSError:
        device.close()
        raise


def try_hold(path: str, *, open_by: Callable[[str], Device] = open_device) -> OSError | None:
    """Open and grab a node and let it go at once; give what stands against it, None where nothing does."""
    try:
        device = open_by(path)
        try:
            device.grab()
            device.ungrab()
        finally:
            device.close()
    except OSError as error:
        return error
    return None


class Reader:
    """One node and the thread that reads it.

    In that thread `post` is called with each scan and the events it was read from, and once, with none, with a
    `ScannerLost` if the node cannot be opened, grabbed or read. Before, `held` is told when scans can be relied on,
    with what speaks against it all the same.
    """

    def __init__(  # noqa: PLR0913 -- four say what to read and where to; four are for the nodes beside, and for tests
        self,
        device: str,
        post: Callable[[Scan | Garbled | ScannerLost, tuple[KeyEvent, ...]], None],
        profile: Profile = Profile(),  # noqa: B008 -- a frozen value
        *,
        held: Callable[[Trouble | None], None] = lambda _: None,
        decodes: bool = True,
        grabs: bool = True,
        open_by: Callable[[str], Device] = open_device,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Of a node that does not decode everything is thrown away: it is held so that it types nowhere else.

        One that does not grab goes on typing for everybody else, until `hold`.
        """
        self.device = device
        self._post = post
        self._gap = profile.gap
        self._wedge = Wedge(device, profile)
        self._decodes, self._grabs = decodes, grabs
        self._open_by = open_by
        self._clock = clock
        self._opened: Device | None = None
        self._is_caps_lit = False
        self._held_since: float | None = None
        """Until the first key: when the node was grabbed, in seconds."""
        self._grace = Grace(lambda: held(CAPS_LOCK if self._is_caps_lit else None), clock)
        self._waiting = Waiting(f"scanner {device}", self._run)

    def start(self) -> None:
        """Open, grab and read in a thread of its own."""
        self._waiting.start()

    def hold(self) -> None:
        """Grab a node that was left to everybody; raise OSError, ENODEV where it is gone."""
        device = self._opened
        if device is None:
            raise OSError(errno.ENODEV, "No such device")
        device.grab()

    def close(self) -> None:
        """Stop reading and give the device back. It may be called again, before `start`, and from any thread."""
        self._waiting.close()

    def _run(self) -> None:
        try:
            device = self._open_by(self.device)
            try:
                self._opened = device
                self._hold(device)
                while self._turn(device):
                    pass
            finally:
                self._opened = None
                _let_go(device)
        except OSError as error:
            self._post(ScannerLost(device=self.device, trouble=trouble_of(error)), ())

    def _hold(self, device: Device) -> None:
        """Grab the device once no key is down: a key released under the grab stays down for everybody else."""
        opened = self._clock()
        while device.active_keys() and self._clock() < opened + RELEASE_WITHIN:
            if self._waiting.pause(RELEASE_LOOK):
                return
        self._held_since = self._clock()
        if self._grabs:
            device.grab()
        self._grace.begin(self._gap if self._decodes else 0.0)
        self._drain(device)  # typed before the grab: somebody else has it already
        self._wedge.hold(device.active_keys())

    def _drain(self, device: Device) -> None:
        """Throw away the keys that wait; the lamps that are lit still count."""
        while events := device.read():
            for event in events:
                if event.type == EV_LED and event.code == LED_CAPSLOCK:
                    self._is_caps_lit = bool(event.value)

    def _turn(self, device: Device) -> bool:
        """Wait for events and decode them; give up a scan that falls silent. False where it is time to stop."""
        heard = self._waiting.hear(device.fd, self._grace.patience(self._gap if self._wedge.is_busy else None))
        self._grace.look()
        if heard is Heard.SILENCE:
            self._tell(self._wedge.idle(self._clock()))
        elif heard is Heard.SOMETHING:
            events = device.read()
            if self._decodes:
                self._decode(device, events)
        return heard is not Heard.STOP

    def _decode(self, device: Device, events: Sequence[KeyEvent]) -> None:
        for event in events:
            dropped = event.type == keys.EV_SYN and event.code == keys.SYN_DROPPED
            if dropped or self._is_of_a_scan_begun_before(event):
                self._lose(device)
                return
            self._tell(self._wedge.feed(event))

    def _is_of_a_scan_begun_before(self, event: KeyEvent) -> bool:
        """Whether it is the first key and follows the grab so closely that others before it may have gone elsewhere."""
        if event.type != keys.EV_KEY or self._held_since is None:
            return False
        since, self._held_since = self._held_since, None
        return since <= event.time <= since + self._gap

    def _lose(self, device: Device) -> None:
        """Void the scan under way, and what waits: asked which keys are down, the kernel drops those not yet read."""
        held = device.active_keys()
        now = self._clock()
        for code in (keys.SYN_DROPPED, keys.SYN_REPORT):
            self._tell(self._wedge.feed(KeyEvent(time=now, type=keys.EV_SYN, code=code, value=0), held))

    def _tell(self, found: Scan | Garbled | None) -> None:
        if found is not None:
            self._post(found, self._wedge.tape)


def _let_go(device: Device) -> None:
    with contextlib.suppress(OSError):  # a device that is gone cannot be let go
        device.ungrab()
    with contextlib.suppress(OSError):
        device.close()
