"""Which scanners are there, and what did they send? The one door to evdev.

Laws:
* One thread per device reads and decodes, nothing else, for the kernel holds about ten characters and then
  drops everything unread. What it finds it hands to `post`, which must not wait.
* The device is grabbed, so that no scan reaches the console, and only while no key is down.
* Trouble with a device is a `ScannerLost` with a sentence, never an exception in a thread.
* Times are those of the kernel, of the clock that never runs backwards.

evdev is imported where it is used, so that everything else works where there is none.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from stations.scanning import keys
from stations.scanning.keys import KeyEvent
from stations.scanning.wedge import Garbled, Profile, Scan, Wedge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from evdev import InputDevice

SET_CLOCK: Final = 0x400445A0
"""EVIOCSCLOCKID of Linux `input.h`: `_IOW('E', 0xa0, int)`."""
RELEASE_WITHIN: Final = 2.0
"""Seconds to wait for keys to come up before the device is grabbed."""
RELEASE_LOOK: Final = 0.02
"""Seconds between two looks at the keys that are down."""
NOT_SCANNERS: Final = ("system control", "consumer control", "mouse")
"""In the names of nodes that belong to a keyboard but type nothing."""
TYPING_KEYS: Final = frozenset(
    {*range(2, 12), *range(16, 26), *range(30, 39), *range(44, 51), keys.KEY_ENTER, keys.KEY_LEFTSHIFT}
)
"""Digits, letters, Enter and Shift: without all of them a node cannot type a code."""
BUTTONS: Final = frozenset({*range(0x100, 0x160), *range(0x220, 0x224), *range(0x2C0, 0x2E8)})
"""The codes named BTN_ (Linux `input-event-codes.h`)."""
_MENDS: Final = {
    errno.ENODEV: "is unplugged or asleep: plug it in or wake it",
    errno.ENOENT: "is not there: plug the scanner in, or pair it again if it was moved to another port",
    errno.EACCES: "may not be read by this user: give the kiosk's group the node with a udev rule",
    errno.EPERM: "may not be read by this user: give the kiosk's group the node with a udev rule",
    errno.EBUSY: "is held by another program, probably another copy of the kiosk: close that one",
    errno.ENOSYS: "cannot be read on a system without evdev: run the kiosk on Linux, or use its simulated scanner",
    errno.ENOTTY: "is no input device: pair the scanner again",
}


class ScannerLost(msgspec.Struct, frozen=True, kw_only=True):
    """A device can no longer be read."""

    device: str
    """The path it was opened by."""
    why: str
    """One sentence, with the mend."""


class Device(Protocol):
    """What a reader needs of an input device; every method raises OSError where the device is in trouble."""

    @property
    def fd(self) -> int:
        """A descriptor that is readable when events wait."""

    def read(self) -> Sequence[KeyEvent]:
        """Give the events that wait, none if none do, without waiting."""

    def active_keys(self) -> Collection[int]:
        """Give the codes of the keys that are down."""

    def grab(self) -> None:
        """Keep the events from every other program."""

    def ungrab(self) -> None:
        """Let other programs have the events again."""

    def close(self) -> None:
        """Give the device back."""


class EvdevDevice:
    """An input device of Linux."""

    def __init__(self, device: InputDevice[str]) -> None:
        self._device = device

    @property
    def fd(self) -> int:
        """The descriptor of the node."""
        return self._device.fd

    def read(self) -> Sequence[KeyEvent]:
        """Give the events that wait."""
        try:
            return tuple(
                KeyEvent(time=event.timestamp(), type=event.type, code=event.code, value=event.value)
                for event in self._device.read()
            )
        except BlockingIOError:  # nothing waits
            return ()

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
    except OSError:
        device.close()
        raise
    return EvdevDevice(device)


def why(path: str, error: OSError) -> str:
    """Give one sentence on trouble with a device, with the mend."""
    mend = _MENDS.get(error.errno or 0, f"gives the error {error.strerror or error}: unplug it and plug it in again")
    return f"The scanner at {path} {mend}."


class Reader:
    """One device and the thread that reads it.

    `post` is called in that thread with each scan, and once with a `ScannerLost` if the device cannot be
    opened, grabbed or read. A scan that was under way is then dropped.
    """

    def __init__(
        self,
        device: str,
        post: Callable[[Scan | Garbled | ScannerLost], None],
        profile: Profile = Profile(),  # noqa: B008 -- a frozen value
        *,
        open_by: Callable[[str], Device] = open_device,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.device = device
        self.longest_stall = 0.0
        """Seconds that an event waited, at most, before it was read."""
        self._post = post
        self._gap = profile.gap
        self._wedge = Wedge(device, profile)
        self._open_by = open_by
        self._clock = clock
        self._closing = threading.Event()
        self._wake_out, self._wake_in = os.pipe()
        self._thread = threading.Thread(target=self._run, name=f"scanner {device}", daemon=True)

    def start(self) -> None:
        """Open, grab and read in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading and give the device back. It may be called again, and before `start`."""
        if self._closing.is_set():
            return
        self._closing.set()
        os.write(self._wake_in, b"\0")
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def _run(self) -> None:
        try:
            device = self._open_by(self.device)
        except OSError as error:
            self._post(ScannerLost(device=self.device, why=why(self.device, error)))
            return
        try:
            self._hold(device)
            while not self._closing.is_set():
                self._turn(device)
        except OSError as error:
            self._post(ScannerLost(device=self.device, why=why(self.device, error)))
        finally:
            with contextlib.suppress(OSError):  # a device that is gone cannot be let go
                device.ungrab()
            with contextlib.suppress(OSError):
                device.close()

    def _hold(self, device: Device) -> None:
        """Grab the device once no key is down: a key released under the grab stays down for everybody else."""
        deadline = self._clock() + RELEASE_WITHIN
        while device.active_keys() and self._clock() < deadline and not self._closing.wait(RELEASE_LOOK):
            pass
        device.grab()
        device.read()  # typed before the grab: somebody else has it already

    def _turn(self, device: Device) -> None:
        """Wait for events and decode them; give up a scan that falls silent."""
        ready, _, _ = select.select([device.fd, self._wake_out], [], [], self._gap if self._wedge.is_busy else None)
        if self._wake_out in ready:
            return
        if not ready:
            self._tell(self._wedge.idle(self._clock()))
            return
        self._decode(device, device.read())

    def _decode(self, device: Device, events: Iterable[KeyEvent]) -> None:
        for event in events:
            self.longest_stall = max(self.longest_stall, self._clock() - event.time)
            held = device.active_keys() if self._wedge.wants_held(event) else ()
            self._tell(self._wedge.feed(event, held))

    def _tell(self, found: Scan | Garbled | None) -> None:
        if found is not None:
            self._post(found)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One input device of this machine."""

    path: str
    """The node; its number may change at each start."""
    name: str
    phys: str
    """The port it hangs on, which tells twins apart; it changes when the device moves to another port."""
    vendor: int
    product: int
    """USB numbers."""
    readable: bool
    """Whether this user may read it."""
    looks_like_scanner: bool
    """Whether nothing excludes it. A keyboard looks just the same: only pairing tells."""
    reason: str
    """Why it does or does not look like one."""


def list_devices(nodes: Path = Path("/dev/input"), described: Path = Path("/sys/class/input")) -> tuple[Found, ...]:
    """List the input devices, those that may not be read too, in the order of their numbers.

    Names and capabilities come from the kernel's description (Linux `sysfs`), which everybody may read.
    """
    found = sorted(described.glob("event*"), key=lambda path: (len(path.name), path.name))
    return tuple(_found(nodes / path.name, path / "device") for path in found)


def _found(node: Path, device: Path) -> Found:
    name = _line(device / "name")
    against = _exclusion(name, device / "capabilities")
    return Found(
        path=str(node),
        name=name,
        phys=_line(device / "phys"),
        vendor=int(_line(device / "id" / "vendor") or "0", 16),
        product=int(_line(device / "id" / "product") or "0", 16),
        readable=os.access(node, os.R_OK),
        looks_like_scanner=not against,
        reason=against or "it types letters, digits and Enter, as a scanner or a keyboard does",
    )


def _exclusion(name: str, capabilities: Path) -> str:
    """Say what excludes a device; empty where nothing does."""
    codes = _codes(_line(capabilities / "key"))
    if any(word in name.lower() for word in NOT_SCANNERS):
        return "its name says it is no scanner"
    if not codes >= TYPING_KEYS:
        return "it cannot type all letters, digits, Enter and Shift"
    if codes & BUTTONS:
        return "it has buttons"
    if _codes(_line(capabilities / "rel")) or _codes(_line(capabilities / "abs")):
        return "it points"
    return ""


def _codes(bitmap: str) -> frozenset[int]:
    """Give the numbers of the bits set in a bitmap of the kernel: words in hex, highest first."""
    width = struct.calcsize("l") * 8
    words = [int(word, 16) for word in bitmap.split()]
    return frozenset(
        index * width + bit for index, word in enumerate(reversed(words)) for bit in range(width) if word >> bit & 1
    )


def _line(path: Path) -> str:
    """Read one line of a description; empty where the device has none, or has just gone."""
    try:
        return path.read_text().strip()
    except OSError:  # unplugged between listing and reading
        return ""
