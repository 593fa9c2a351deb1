"""Which device is the scanner, and how does it type? Tell by a code of the check card.

Every device that nobody holds is listened to, and none is held until one has sent a code of the card: a keyboard and a
scanner look the same, and whoever pairs still types. Then that one is held, and the other codes prove the rest. Pulled
out and plugged in again it is held again.
"""

import functools
import queue
import time
from collections.abc import Collection, Sequence

import msgspec

from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, find
from stations.scanning.decoding import card
from stations.scanning.decoding.keys import DOWN, EV_KEY, KeyEvent
from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.devices.listing import Found, may_hold
from stations.scanning.devices.scanner import Reader
from stations.scanning.devices.serial_scanner import LineReader
from stations.scanning.devices.trouble import ScannerLost, why

AT_ONCE_S = card.LISTENING.gap + 0.2
"""What two devices send within this time was sent at the same moment; one of them may end its scan by silence."""
_TYPED = 4
"""Fewer keys than this are a hand on a keyboard, or the end of the command's own Enter."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What a device sent while it was listened to."""

    device: Found
    scan: Scan | Garbled
    tape: tuple[KeyEvent, ...] = ()
    """The keys; none from a serial line."""

    @property
    def is_typing(self) -> bool:
        """Whether these are a few keys only."""
        downs = sum(event.type == EV_KEY and event.value == DOWN for event in self.tape)
        return self.device.kind == "keys" and downs < _TYPED


class Listening:
    """The devices that nobody holds, each with a thread that listens; from `look` to `close`."""

    def __init__(self, doors: Doors = DOORS) -> None:
        self._doors = doors
        self._sent: queue.SimpleQueue[Sent] = queue.SimpleQueue()
        self._readers: dict[str, Reader | LineReader] = {}
        self._gone: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._held: Found | None = None
        self.found: Sequence[Found] = ()
        """All devices of the machine, as they were at the last look."""
        self.refused: dict[str, tuple[Found, OSError]] = {}
        """What may be a scanner and cannot be listened to now: node → it, and why."""

    @property
    def heard(self) -> tuple[Found, ...]:
        """The devices that are listened to."""
        return tuple(device for device in self.found if device.path in self._readers)

    @property
    def has_lost_it(self) -> bool:
        """Whether the device that was held is gone, as of the last look."""
        return self._held is not None and not self.heard

    def look(self) -> None:
        """Listen to what may be a scanner and nobody holds, and to what was plugged in since the last look."""
        while not self._gone.empty():
            self._forget(self._gone.get())
        self.found = self._doors.listed()
        self.refused = {}
        for device in self.found:
            if device.looks_like_scanner and device.path not in self._readers and self._concerns(device):
                error = self._doors.tried(device)
                if error is None:
                    self._listen(device)
                else:
                    self.refused[device.path] = (device, error)

    def settle(self) -> None:
        """Let the time pass in which what comes may be the end of a scan that began before anybody listened."""
        time.sleep(card.LISTENING.gap)

    def next(self, within_s: float) -> tuple[Sent, ...]:
        """Wait for what is sent, and give all that was sent at the same moment; nothing where nothing was."""
        until = time.monotonic() + within_s
        sent: list[Sent] = []
        while (wait := until - time.monotonic()) > 0:
            try:
                one = self._sent.get(timeout=wait)
            except queue.Empty:
                break
            if not one.is_typing and one.device.path in self._readers:
                sent.append(one)
                until = time.monotonic() + (AT_ONCE_S if self._held is None else 0.0) if len(sent) == 1 else until
        return tuple(sent)

    def hold(self, device: Found) -> None:
        """Hold every listened node of a device, and listen to no other; raise OSError."""
        for each in self.heard:
            reader = self._readers[each.path]
            if each.port == device.port and isinstance(reader, Reader):
                reader.hold()
        self._held = device
        for each in self.heard:
            if each.port != device.port:
                self._forget(each.path)

    def close(self) -> None:
        """Listen no more, and give back what is held."""
        for path in tuple(self._readers):
            self._forget(path)

    def _concerns(self, device: Found) -> bool:
        """Whether a device is to be listened to: any, until one is held; then that one alone, plugged in again."""
        return self._held is None or _piece(device) == _piece(self._held)

    def _forget(self, path: str) -> None:
        if reader := self._readers.pop(path, None):
            reader.close()

    def _listen(self, device: Found) -> None:
        reader: Reader | LineReader
        post = functools.partial(self._post, device)
        if device.kind == "serial":
            reader = LineReader(device.path, post, card.LISTENING, open_by=self._doors.line_opened)
        else:
            grabs = self._held is not None  # before, everybody goes on hearing it: whoever pairs still types
            reader = Reader(device.path, post, card.LISTENING, grabs=grabs, open_by=self._doors.opened)
        self._readers[device.path] = reader
        reader.start()

    def _post(self, device: Found, found: Scan | Garbled | ScannerLost, tape: tuple[KeyEvent, ...]) -> None:
        if isinstance(found, ScannerLost):
            self._gone.put(device.path)
        else:
            self._sent.put(Sent(device=device, scan=found, tape=tape))


def _piece(device: Found) -> tuple[str, int, int, str, str]:
    """Give what tells one piece at a port from another."""
    return device.port, device.vendor, device.product, device.serial, device.kind


class Pairing:
    """What the card has told so far: which device is the scanner, and how it types."""

    def __init__(self, listening: Listening, paired: Collection[Paired] = (), *, only: bool = False) -> None:
        """`paired` are scanners already and no keyboards; `only`: the scanner may be the one device that types."""
        self._listening, self._paired, self._only = listening, paired, only
        self._kept: tuple[Sent, ...] = ()
        self.scanner: Found | None = None
        self.profile = Profile()
        self.parts: frozenset[str] = frozenset()
        self.says = ""
        """What was learnt last, or what did not fit, with the mend."""

    @property
    def is_complete(self) -> bool:
        """Whether the whole card was read."""
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The codes of the card that were not read yet, in its order."""
        return tuple(part for part in card.TEXTS if part not in self.parts)

    def take(self, sent: Sequence[Sent]) -> bool:
        """Take what was sent at one moment; give whether it told something new, which `says` says."""
        names = sorted({_called(each.device) for each in sent})
        if len({each.device.port or each.device.path for each in sent}) > 1:
            self.says = f"{' and '.join(names)} sent something at the same moment: scan with one of them only."
            return False
        told = [self.says for each in sent if self._take(each)]
        self.says = told[-1] if told else self.says
        return bool(told)

    def _take(self, sent: Sent) -> bool:
        alone, learnt = _learn([sent]), _learn((*self._kept, sent))
        if alone.profile is None or learnt.profile is None:
            self.says = f"{_called(sent.device)}: {learnt.says if alone.profile else alone.says}"
            return False
        if self.scanner is None and (refusal := self._refusal(sent.device)):
            self.says = refusal
            return False
        if not learnt.parts > self.parts:
            self.says = "That code was read already: scan another one of the card."
            return False
        self.scanner, self._kept = sent.device, (*self._kept, sent)
        self.profile, self.parts, self.says = learnt.profile, learnt.parts, learnt.says
        return True

    def _refusal(self, device: Found) -> str:
        """Say why a device is not held, or hold it."""
        if not device.port:
            return f"{_called(device)} tells no port, so it could not be found again: plug it in at USB."
        found = self._listening.found
        scanners = {node.port for each in self._paired for node in find(each, self._paired, found).nodes}
        last = "" if self._only else may_hold(found, device.port, scanners)
        if last:
            return f"{last} Where it is meant to be the only one, pair it with --only."
        try:
            self._listening.hold(device)
        except OSError as error:
            return why(device.path, error)
        return ""


def _called(device: Found) -> str:
    return f"{device.name or 'a device'} at {device.port or device.path}"


def _learn(sent: Sequence[Sent]) -> card.Learnt:
    """Tell from all that one device sent how it types."""
    if all(each.device.kind == "keys" for each in sent):
        return card.learn([each.tape for each in sent])
    return card.learn_texts([each.scan for each in sent])
