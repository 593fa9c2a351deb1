"""Are the bench's scanners there, and what do they send?

Laws:
* One thread looks after one paired scanner, wherever it is; all nodes of the device are held, so that none types onto
  the console.
* The same state is told once, however often the scanner is looked for and however it fails: what is wrong in few words
  first, then the mend, and never the number of a node.
* A scan is posted under the scanner's name: the numbers of nodes change at each start.
* A scanner that is doubted (see `trust`) stays so over a restart, until the card is read rightly or it is paired again.
  What it sends meanwhile is posted as unreadable: told, recorded, and no data.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec.structs import replace

from kiosk.marks import mark_of
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import Paired, Whereabouts, change_scanners, find, read_scanners, scanners_file
from kiosk.scanners.reading import Reading
from kiosk.scanners.trust import Trust
from kiosk.site import SiteRefused
from kiosk.station import Station
from stations.bench.events import Scanned, ScannerReported
from stations.scanning.decoding import card
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.devices.trouble import MAY_NOT, Trouble

LOOK_AGAIN_S = 2.0
"""How long to wait, at most, before a scanner that is gone or in trouble is looked for again.

A new input device is heard of at once (see `beside`). A serial line is found by this alone: its node lies in /dev
itself, below which every terminal of the machine lies too, and a watch takes in all that is below a folder.
"""
_FIRST_WAIT_S = 0.1
"""After the first failure."""
_DOUBLINGS = 8
"""So often a further failure doubles the wait."""
_PATIENCE = 4
"""Times a missing permission is passed over: just after a device is plugged in its node is not yet the group's."""
_STEADY_S = 1.0
"""For how long a device that failed must be held without failing before it counts as back."""

Keep = Callable[["PairedScanner", str], str]
"""Keeps what a scanner is doubted for, or nothing, for the next start; says why it could not, or nothing."""


class PairedScanner:
    """A scanner that belongs to the bench, wherever it is just now."""

    def __init__(
        self,
        paired: Paired,
        station: Station,
        *,
        all_paired: Callable[[], Collection[Paired]],
        keep: Keep,
        doors: Doors = DOORS,
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        """`all_paired` gives all scanners of the bench, for no other one's device is ever taken for this one."""
        self.paired = paired
        self._station, self._all_paired, self._keep, self._doors = station, all_paired, keep, doors
        self._look_again_s = look_again_s
        self._trust, self._not_kept = Trust(doubt=paired.doubt), ""
        self._told: tuple[bool, str] | None = None
        self._place = ""
        """Where it is held, or what speaks against relying on it."""
        self._is_held, self._is_warned = False, False
        self._failure: Trouble | None = None
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

    # What its readers tell --------------------------------------------------------------------------------------------

    def take_hold(self, warning: Trouble | None) -> None:
        """Hear that it is held."""
        with self._telling:
            self._is_held, self._is_warned = True, warning is not None
            self._place = warning.says if warning else self._place
            self._tell_held()

    def take(self, found: Scan | Garbled, drift: str) -> None:
        """Post what it sent, under its name; what it sends in doubt as unreadable, once the doubt is told."""
        part = card.part_of(found.text) if isinstance(found, Scan) else None
        with self._telling:
            before, self._trust = self._trust, self._trust.after(part, drift)
            if self._trust.doubt != before.doubt:
                # The one time that a reader's thread waits for the disk; until it goes on nothing can be believed.
                self._not_kept = self._keep(self, self._trust.doubt)
            if isinstance(found, Scan):
                self._failures = 0  # what sends a whole scan is back
            self._tell_held()
            named = replace(self._trust.judged(found), device=self.paired.name)
            self._station.post(Scanned(at=self._station.now(), scan=named))

    def lose(self, trouble: Trouble) -> None:
        """Hear that it can be read no longer."""
        with self._telling:
            self._failure = self._failure or trouble
            self._is_held = False
            self._stir.set()

    def _tell_held(self) -> None:
        """Tell that it is held, which counts once it has not just failed, and whether it is believed."""
        if not self._is_held or self._failures:
            return
        if self._trust.doubt:
            self._tell(present=False, says=f"{self._trust.says}{self._not_kept}")
        else:
            self._tell(present=not self._is_warned, says=self._place)

    def _tell(self, *, present: bool, says: str) -> None:
        """Tell that it came or went, once for each state."""
        with self._telling:
            if (present, says) != self._told:
                self._told = present, says
                report(self._station, self.paired.name, present=present, says=says)

    # Its thread -------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            self._stir.clear()
            if self._closing.is_set():
                return
            here = self._find()
            if here.trouble is not None:
                self._failures = self._refusals = 0
                self._tell(present=False, says=here.says)
                self._stir.wait(self._look_again_s)
            elif (failure := self._read(here)) is not None:
                self._wait_after(failure)

    def _find(self) -> Whereabouts:
        return find(self.paired, self._all_paired(), self._doors.listed())

    def _read(self, here: Whereabouts) -> Trouble | None:
        """Read every node of the device until one fails, and say why; None where the device is to be looked for."""
        if not all(node.readable for node in here.nodes):
            return MAY_NOT
        self._place, self._failure = here.says, None
        with contextlib.closing(Reading(here.nodes, self.paired.profile, self, self._doors)) as reading:
            reading.start()
            while self._goes_on(here):
                pass
        self._is_held = False
        return self._failure

    def _goes_on(self, here: Whereabouts) -> bool:
        """Wait for news of the device that is read; give whether it is to be read further."""
        if not self._stir.wait(_STEADY_S if self._failures else None):
            with self._telling:
                self._failures = 0
                self._tell_held()
            return True
        self._stir.clear()
        return not (self._closing.is_set() or self._failure or self._has_other_nodes(here))

    def _has_other_nodes(self, here: Whereabouts) -> bool:
        """Whether there is more of the device than is held; one that is gone tells so by itself, with the error."""
        now = {node.path for node in self._find().nodes}
        return bool(now) and now != {node.path for node in here.nodes}

    def _wait_after(self, failure: Trouble) -> None:
        """Tell a failure, and let some time pass; that of a device that is gone is told as its being gone."""
        is_refused = failure == MAY_NOT
        self._failures += not is_refused
        self._refusals = self._refusals + 1 if is_refused else 0
        self._stir.clear()
        if self._find().trouble is not None or self._closing.is_set():
            return
        if not is_refused or self._refusals > _PATIENCE:
            self._tell(present=False, says=failure.says)
        doublings = min(max(self._failures, self._refusals) - 1, _DOUBLINGS)
        self._stir.wait(min(_FIRST_WAIT_S * 2**doublings, self._look_again_s))


def report(station: Station, device: str, *, present: bool, says: str) -> None:
    """Let a station record and show that a scanner came or went; without a sentence nothing is shown of it any more."""
    station.post(ScannerReported(at=station.now(), device=device, present=present, says=says))


class Scanners:
    """All scanners of a bench, as its file names them, now and after each change of the file."""

    def __init__(self, station: Station, *, doors: Doors = DOORS, look_again_s: float = LOOK_AGAIN_S) -> None:
        """Nothing is read before `follow`."""
        self._station, self._doors, self._look_again_s = station, doors, look_again_s
        self._file: Path = scanners_file(station.site, station.id)
        self._mark: tuple[int, int, int] | None = None
        self._is_refused = False
        self._scanners: tuple[PairedScanner, ...] = ()
        self._keeping = threading.Lock()
        """A doubt is written, or the file compared with what is known; never both."""

    def follow(self) -> None:
        """Read the file where it has changed; one that cannot be used leaves everything as it is, and is told."""
        mark = mark_of(self._file)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            with self._keeping:
                paired = read_scanners(self._file)
                stay = tuple(scanner for scanner in self._scanners if scanner.paired in paired)
        except SiteRefused as refused:
            self._is_refused = True
            report(self._station, self._file.name, present=False, says=f"Cannot be used: {refused}")
            return
        if self._is_refused:
            self._is_refused = False
            report(self._station, self._file.name, present=True, says="Can be used again.")
        self._use(paired, stay)

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

    def _use(self, paired: Sequence[Paired], stay: Collection[PairedScanner]) -> None:
        names = {each.name for each in paired}
        for scanner in self._scanners:
            if scanner not in stay:
                scanner.close()
                if scanner.paired.name not in names:
                    report(self._station, scanner.paired.name, present=False, says="")
        known = [scanner.paired for scanner in stay]
        new = [self._scanner(each) for each in paired if each not in known]
        self._scanners = (*stay, *new)
        for scanner in new:
            scanner.start()
        self.look()

    def _scanner(self, paired: Paired) -> PairedScanner:
        return PairedScanner(
            paired,
            self._station,
            all_paired=self._all_paired,
            keep=self._keep,
            doors=self._doors,
            look_again_s=self._look_again_s,
        )

    def _keep(self, scanner: PairedScanner, doubt: str) -> str:
        """Write what a scanner is doubted for into the file, unless it was paired anew meanwhile."""
        before, after = scanner.paired, replace(scanner.paired, doubt=doubt)
        try:
            with self._keeping:
                change_scanners(self._file, lambda all_of: [after if each == before else each for each in all_of])
                scanner.paired = after
        except (OSError, SiteRefused) as error:
            return f" This could not be kept for the next start: {error}"
        return ""
