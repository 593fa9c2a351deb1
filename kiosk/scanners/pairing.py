"""Which device is the scanner, and how does it type? Tell by a code of the check card.

Every device that nobody holds is listened to, and none is held until one has sent a code of the card: a keyboard and a
scanner look the same, and whoever pairs still types. Then that one is held, and the other codes prove the rest.
"""

import functools
import queue
import re
import time
from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from kiosk.scanners.doors import DOORS, Doors
from stations.scanning.decoding import card
from stations.scanning.decoding.keys import DOWN, EV_KEY, KeyEvent
from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.devices.listing import Found, may_hold
from stations.scanning.devices.scanner import Device, Reader
from stations.scanning.devices.serial_scanner import LineReader
from stations.scanning.devices.trouble import ScannerLost, why
from stations.scanning.outcome import Outcome

AT_ONCE_S = card.LISTENING.gap + 0.2
"""What two devices send within this time was sent at the same moment; one of them may end its scan by silence."""
_TYPED = 4
"""Fewer keys than this are a hand on a keyboard, or the end of the command's own Enter."""
_IDENTIFIER = re.compile(r"\][A-Za-z][0-9]")
_STAND_IN = "(?P<separator>.{0,16}?)"
_TERMINATORS: dict[Outcome | None, Literal["enter", "tab", "none"]] = {
    None: "enter",
    Outcome.CONTROL_CHARACTER: "tab",
    Outcome.TRUNCATED: "none",
}
"""How a text ended on a serial line that was expected to end in CR or LF."""


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
        self._taps: dict[str, _Tap] = {}
        self._tapes: dict[str, tuple[KeyEvent, ...]] = {}
        self._gone: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._is_held = False
        self.found: Sequence[Found] = ()
        """All devices of the machine, as they were at the last look."""
        self.refused: dict[str, tuple[Found, OSError]] = {}
        """What may be a scanner and cannot be listened to now: node → it, and why."""

    @property
    def heard(self) -> tuple[Found, ...]:
        """The devices that are listened to."""
        return tuple(device for device in self.found if device.path in self._readers)

    def look(self) -> None:
        """Listen to what may be a scanner and nobody holds, and to what was plugged in since the last look."""
        while not self._gone.empty():
            self._forget(self._gone.get())
        self.found = self._doors.listed()
        self.refused = {}
        for device in self.found:
            if device.looks_like_scanner and device.path not in self._readers and not self._is_held:
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
                until = time.monotonic() + (0.0 if self._is_held else AT_ONCE_S) if len(sent) == 1 else until
        return tuple(sent)

    def hold(self, port: str) -> None:
        """Hold every listened node of the device at a port, and listen to no other; raise OSError."""
        for device in self.heard:
            if device.port == port and device.path in self._taps:
                self._taps[device.path].hold()
        self._is_held = True
        for device in self.heard:
            if device.port != port:
                self._forget(device.path)

    def close(self) -> None:
        """Listen no more, and give back what is held."""
        for path in tuple(self._readers):
            self._forget(path)

    def _forget(self, path: str) -> None:
        if reader := self._readers.pop(path, None):
            reader.close()
        self._taps.pop(path, None)

    def _listen(self, device: Found) -> None:
        reader: Reader | LineReader
        post = functools.partial(self._post, device)
        if device.kind == "serial":
            reader = LineReader(device.path, post, card.LISTENING, open_by=self._doors.line_opened)
        else:
            ended = functools.partial(self._ended, device)
            reader = Reader(device.path, post, card.LISTENING, open_by=self._tapped, ended=ended)
        self._readers[device.path] = reader
        reader.start()

    def _tapped(self, path: str) -> "_Tap":
        tap = self._taps[path] = _Tap(self._doors.opened(path))
        return tap

    def _ended(self, device: Found, _: Scan | Garbled, tape: tuple[KeyEvent, ...]) -> None:
        self._tapes[device.path] = tape

    def _post(self, device: Found, found: Scan | Garbled | ScannerLost) -> None:
        if isinstance(found, ScannerLost):
            self._gone.put(device.path)
        else:
            self._sent.put(Sent(device=device, scan=found, tape=self._tapes.pop(device.path, ())))


class _Tap:
    """A device that everybody goes on hearing, until it is held."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._is_held = False

    @property
    def fd(self) -> int:
        return self._device.fd

    def read(self) -> Sequence[KeyEvent]:
        return self._device.read()

    def active_keys(self) -> Collection[int]:
        return self._device.active_keys()

    def grab(self) -> None:
        """Leave it to everybody: whoever pairs still types."""

    def hold(self) -> None:
        self._device.grab()
        self._is_held = True

    def ungrab(self) -> None:
        if self._is_held:
            self._device.ungrab()

    def close(self) -> None:
        self._device.close()


class Pairing:
    """What the card has told so far: which device is the scanner, and how it types."""

    def __init__(self, listening: Listening, *, only: bool = False) -> None:
        """`only`: the scanner may be the one device that types."""
        self._listening, self._only = listening, only
        self._kept: tuple[Sent, ...] = ()
        self.scanner: Found | None = None
        self.profile = Profile()
        self.parts: frozenset[str] = frozenset()
        self.says = ""
        """What was learnt last, or what did not fit, with the mend."""

    @property
    def is_complete(self) -> bool:
        """Whether the whole card was read."""
        return self.parts >= card.TEXTS.keys()

    def take(self, sent: Sequence[Sent]) -> bool:
        """Take what was sent at one moment; give whether it told something new, which `says` says."""
        names = sorted({_called(each.device) for each in sent})
        if len({each.device.port for each in sent}) > 1:
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
        last = "" if self._only else may_hold(self._listening.found, device.port)
        if last:
            return f"{last} Where it is meant to be the only one, pair it with --only."
        try:
            self._listening.hold(device.port)
        except OSError as error:
            return why(device.path, error)
        return ""


def _called(device: Found) -> str:
    return f"{device.name or 'a device'} at {device.port or device.path}"


def _learn(sent: Sequence[Sent]) -> card.Learnt:
    """Tell from all that one device sent how it types."""
    if all(each.device.kind == "keys" for each in sent):
        return card.learn([each.tape for each in sent])
    return _learn_line([each.scan for each in sent])


def _learn_line(scans: Sequence[Scan | Garbled]) -> card.Learnt:
    """Tell how a scanner on a serial line ends its texts, separates and identifies: nothing else can differ there."""
    read = [part for scan in scans if (part := _part(scan.text)) is not None]
    ends = {_TERMINATORS.get(scan.reason if isinstance(scan, Garbled) else None) for scan in scans}
    separators = {separator for _, separator in read if separator is not None}
    if len(read) < len(scans) or len(ends) != 1 or len(separators) > 1 or (end := ends.pop()) is None:
        says = "this is no code of the check card, or it was not read whole: scan a code of the card again."
        return card.Learnt(profile=None, parts=frozenset(), says=says)
    parts = frozenset(name for name, _ in read)
    profile = Profile(
        separator=separators.pop() if separators else "ctrl",
        terminator=end,
        aim=all(_IDENTIFIER.match(scan.text) for scan in scans),
        proved=parts >= card.TEXTS.keys(),
    )
    says = f"It sends over a serial line, {_GS_SAID.get(profile.separator, 'GS as a text')}, and ends with {end}."
    return card.Learnt(profile=profile, parts=parts, says=says)


_GS_SAID = {"ctrl": "GS as itself", "none": "no GS"}


def _part(text: str) -> tuple[str, str | None] | None:
    """Tell which code of the card a text is, and how GS arrived where it holds one; None where it is none."""
    bare = _IDENTIFIER.sub("", text, count=1) if text.startswith("]") else text
    for name, whole in card.TEXTS.items():
        if bare == whole:
            return name, "ctrl" if "\x1d" in whole else None
        first, *rest = map(re.escape, whole.split("\x1d"))
        if rest and (found := re.fullmatch(first + _STAND_IN + "(?P=separator)".join(rest), bare)):
            return name, f"text:{found['separator']}" if found["separator"] else "none"
    return None
