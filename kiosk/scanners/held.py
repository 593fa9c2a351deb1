"""Are the bench's scanners there, and what do they send?

Laws:
* One thread looks after one paired scanner, wherever it is; all nodes of the device are held, so that none types onto
  the console.
* The same state is told once, with a sentence, however often the scanner is looked for and however it fails.
* A scan is posted under the scanner's name: the numbers of nodes change at each start.
* A scanner that types the check card in another way than it was paired with has been re-programmed. Nothing it sends is
  believed until it reads a code of the card as it was paired, or is paired again.
"""

import contextlib
import errno
import functools
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec.structs import replace

from kiosk.live.inbox import mark_of
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, Whereabouts, find, read_scanners, scanners_file
from kiosk.site import SiteRefused
from kiosk.station import Station
from stations.bench.events import Scanned, ScannerReported
from stations.scanning.decoding import card
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.devices.listing import Found
from stations.scanning.devices.scanner import Device, Reader
from stations.scanning.devices.serial_scanner import LineReader
from stations.scanning.devices.trouble import ScannerLost, why

LOOK_AGAIN_S = 2.0
"""How long to wait, at most, before a scanner that is gone or in trouble is looked for again."""
_FIRST_WAIT_S = 0.1
"""After the first failure."""
_DOUBLINGS = 8
"""So often a further failure doubles the wait."""
_PATIENCE = 4
"""Times a missing permission is passed over: just after a device is plugged in its node is not yet the group's."""
_STEADY_S = 1.0
"""For how long a device that failed must be held without failing before it counts as back."""


class PairedScanner:
    """A scanner that belongs to the bench, wherever it is just now."""

    def __init__(
        self,
        paired: Paired,
        station: Station,
        *,
        all_paired: Callable[[], Collection[Paired]],
        doors: Doors = DOORS,
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        """`all_paired` gives all scanners of the bench, for no other one's device is ever taken for this one."""
        self.paired = paired
        self._station, self._all_paired, self._doors = station, all_paired, doors
        self._look_again_s = look_again_s
        self._state, self._doubt, self._place = "", "", ""
        self._failures = self._refusals = 0
        self._telling = threading.RLock()
        self._stir, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scanner {paired.name}", daemon=True)

    def start(self) -> None:
        """Look for it and read it, on threads of its own."""
        self._thread.start()

    def look(self) -> None:
        """Look for it now: something was plugged in or pulled out."""
        self._stir.set()

    def close(self) -> None:
        """Give it back."""
        self._closing.set()
        self._stir.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._stir.clear()
            if self._closing.is_set():
                return
            here = self._find()
            if not here.nodes:
                self._failures = self._refusals = 0
                self.tell(here.state, present=False, says=here.says)
                self._stir.wait(self._look_again_s)
            elif failure := self._read(here):
                self._failed(here, failure)

    def _find(self) -> Whereabouts:
        return find(self.paired, self._all_paired(), self._doors.listed())

    def _failed(self, here: Whereabouts, failure: str) -> None:
        """Tell a failure, and let some time pass; that of a device that is gone is told as its being gone."""
        is_refused = not _may_read(here)
        self._failures += not is_refused
        self._refusals = self._refusals + 1 if is_refused else 0
        self._stir.clear()
        if not self._find().nodes or self._closing.is_set():
            return
        if not is_refused or self._refusals > _PATIENCE:
            # The state is without the nodes, whose numbers may be others each time.
            state = functools.reduce(lambda told, node: told.replace(node.path, ""), here.nodes, failure)
            self.tell(state, present=False, says=failure)
        doublings = min(max(self._failures, self._refusals) - 1, _DOUBLINGS)
        self._stir.wait(min(_FIRST_WAIT_S * 2**doublings, self._look_again_s))

    def _read(self, here: Whereabouts) -> str:
        """Read every node of the device until one fails, and say why; empty where the device is to be looked for."""
        if not _may_read(here):
            return why(here.nodes[0].path, OSError(errno.EACCES, ""), name=self.paired.name)
        self._place = here.says
        with contextlib.closing(_Reading(self, here, self._doors, steady=not self._failures)) as reading:
            while self._goes_on(reading, here):
                pass
        return reading.failure

    def _goes_on(self, reading: "_Reading", here: Whereabouts) -> bool:
        """Wait for news of the device that is read; give whether it is to be read further."""
        if not self._stir.wait(_STEADY_S if self._failures else None):
            self._failures = 0
            reading.is_steady()
            return True
        self._stir.clear()
        return not (self._closing.is_set() or reading.failure or self._has_other_nodes(here))

    def _has_other_nodes(self, here: Whereabouts) -> bool:
        """Whether there is more of the device than is held; one that is gone tells so by itself, with the error."""
        now = {node.path for node in self._find().nodes}
        return bool(now) and now != {node.path for node in here.nodes}

    def is_held(self) -> None:
        """Tell that all its nodes are held, which is when scans can be relied on, and where."""
        with self._telling:
            if self._doubt:
                self.tell("doubt", present=False, says=self._doubt)
            else:
                self.tell(self._place, present=True, says=self._place)

    def got(self, found: Scan | Garbled, drift: str) -> None:
        """Post what it sent, unless it types otherwise than it was paired: `drift` says how, or nothing."""
        with self._telling:
            is_card = isinstance(found, Scan) and card.part_of(found.text) is not None
            if drift:
                self._doubt = drift
            elif is_card:
                self._doubt = ""
            self.is_held()
            if not self._doubt:
                # The number of a node changes at each start; the record names the scanner by what does not.
                named = replace(found, device=self.paired.name)
                self._station.post(Scanned(at=self._station.now(), scan=named))

    def tell(self, state: str, *, present: bool, says: str) -> None:
        """Tell that it came or went, once for each state."""
        with self._telling:
            if state != self._state:
                self._state = state
                report(self._station, self.paired.name, present=present, says=says)


def report(station: Station, device: str, *, present: bool, says: str) -> None:
    """Let a station record and show that a scanner came or went; without a sentence nothing is shown of it any more."""
    station.post(ScannerReported(at=station.now(), device=device, present=present, says=says))


def _may_read(here: Whereabouts) -> bool:
    return all(node.readable for node in here.nodes)


class _Reading:
    """The readers of one device's nodes, from its opening until it fails or is closed."""

    def __init__(self, scanner: PairedScanner, here: Whereabouts, doors: Doors, *, steady: bool) -> None:
        """Not `steady`: the device failed just before, so that being held says nothing yet."""
        self.failure = ""
        self._scanner, self._doors, self._steady = scanner, doors, steady
        self._not_held = {node.path for node in here.nodes}
        self._drifts: dict[str, str] = {}
        """Node → in what way its last scan was typed otherwise than it was paired."""
        self._turn = threading.RLock()
        self._readers = [self._reader(node) for node in here.nodes]
        for reader in self._readers:
            reader.start()

    def close(self) -> None:
        """Give the nodes back."""
        for reader in self._readers:
            reader.close()

    def is_steady(self) -> None:
        """Let being held count: the device has not failed for a while."""
        with self._turn:
            self._steady = True
            self._tell_held()

    def _reader(self, node: Found) -> Reader | LineReader:
        """Make what reads one node; one that types nothing is only kept from everybody else."""
        profile, name = self._scanner.paired.profile, self._scanner.paired.name
        post = functools.partial(self._post, node.path)
        if node.kind == "serial":
            return LineReader(node.path, post, profile, name=name, open_by=self._line_opened)
        return Reader(
            node.path,
            post,
            profile,
            name=name,
            decodes=node.looks_like_scanner,
            open_by=lambda path: _Announced(self._doors.opened(path), lambda: self._is_held(path)),
            ended=functools.partial(self._ended, node.path),
        )

    def _line_opened(self, path: str) -> int:
        line = self._doors.line_opened(path)
        self._is_held(path)
        return line

    def _is_held(self, path: str) -> None:
        with self._turn:
            self._not_held.discard(path)
            self._tell_held()

    def _tell_held(self) -> None:
        if self._steady and not self._not_held and not self.failure:
            self._scanner.is_held()

    def _ended(self, path: str, _: Scan | Garbled, tape: Sequence[KeyEvent]) -> None:
        self._drifts[path] = card.drift(tape, self._scanner.paired.profile)

    def _post(self, path: str, found: Scan | Garbled | ScannerLost) -> None:
        with self._turn:
            if isinstance(found, ScannerLost):
                self.failure = self.failure or found.why
                self._scanner.look()
            else:
                self._scanner.got(found, self._drifts.pop(path, ""))


class _Announced:
    """A device that tells when it is held and can be read."""

    def __init__(self, device: Device, held: Callable[[], None]) -> None:
        self._device, self._held = device, held
        self._is_grabbed = False

    @property
    def fd(self) -> int:
        return self._device.fd

    def read(self) -> Sequence[KeyEvent]:
        events = self._device.read()
        if self._is_grabbed:
            self._is_grabbed = False
            self._held()
        return events

    def active_keys(self) -> Collection[int]:
        return self._device.active_keys()

    def grab(self) -> None:
        self._device.grab()
        self._is_grabbed = True

    def ungrab(self) -> None:
        self._device.ungrab()

    def close(self) -> None:
        self._device.close()


class Scanners:
    """All scanners of a bench, as its file names them, now and after each change of the file."""

    def __init__(self, station: Station, *, doors: Doors = DOORS, look_again_s: float = LOOK_AGAIN_S) -> None:
        """Nothing is read before `follow`."""
        self._station, self._doors, self._look_again_s = station, doors, look_again_s
        self._file: Path = scanners_file(station.site, station.id)
        self._mark: tuple[int, int, int] | None = None
        self._is_refused = False
        self._scanners: tuple[PairedScanner, ...] = ()

    def follow(self) -> None:
        """Read the file where it has changed; one that cannot be used leaves everything as it is, and is told."""
        mark = mark_of(self._file)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            paired = read_scanners(self._file)
        except SiteRefused as refused:
            self._is_refused = True
            report(self._station, self._file.name, present=False, says=str(refused))
            return
        if self._is_refused:
            self._is_refused = False
            report(self._station, self._file.name, present=True, says=f"{self._file.name} can be used again.")
        self._use(paired)

    @property
    def are_paired(self) -> bool:
        """Whether there is any."""
        return bool(self._scanners)

    def look(self) -> None:
        """Look for every scanner now: something was plugged in or pulled out."""
        for scanner in self._scanners:
            scanner.look()

    def close(self) -> None:
        """Give all of them back."""
        for scanner in self._scanners:
            scanner.close()

    def _all_paired(self) -> Collection[Paired]:
        return [scanner.paired for scanner in self._scanners]

    def _use(self, paired: Sequence[Paired]) -> None:
        stay = {scanner.paired: scanner for scanner in self._scanners if scanner.paired in paired}
        names = {each.name for each in paired}
        for scanner in self._scanners:
            if scanner.paired not in stay:
                scanner.close()
                if scanner.paired.name not in names:
                    report(self._station, scanner.paired.name, present=False, says="")
        new = [self._scanner(each) for each in paired if each not in stay]
        self._scanners = (*stay.values(), *new)
        for scanner in new:
            scanner.start()
        self.look()

    def _scanner(self, paired: Paired) -> PairedScanner:
        return PairedScanner(
            paired, self._station, all_paired=self._all_paired, doors=self._doors, look_again_s=self._look_again_s
        )
