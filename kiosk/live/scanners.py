"""Is the bench's scanner there, and what does it send?

One thread a scanner looks for it by its stable name, lets a reader read it, and looks again when it is gone. A scanner
that comes or goes is told once, with a sentence.
"""

import threading
from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from kiosk.station import Station
from stations.bench.events import Scanned, ScannerReported
from stations.scanning.keys import KeyEvent
from stations.scanning.scanner import Device, Found, Reader, ScannerLost, list_devices, open_device
from stations.scanning.wedge import Garbled, Scan

LOOK_AGAIN_S = 2.0
"""How long to wait before a scanner that is gone is looked for again."""


def port(phys: str) -> str:
    """Give the part of a stable name that all nodes of one device share.

    >>> port("usb-0000:00:14.0-1/input1")
    'usb-0000:00:14.0-1'
    """
    return phys.partition("/")[0]


class PairedScanner:
    """A scanner that belongs to the bench, wherever it is just now."""

    def __init__(
        self,
        phys: str,
        station: Station,
        *,
        listed: Callable[[], Sequence[Found]] = list_devices,
        open_by: Callable[[str], Device] = open_device,
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        """`phys` is its stable name; `listed` and `open_by` are the door to the devices."""
        self._phys, self._station = phys, station
        self._listed, self._open_by, self._look_again_s = listed, open_by, look_again_s
        self._told: tuple[bool, str] | None = None
        self._telling = threading.Lock()
        self._stir, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"scanner of {phys}", daemon=True)

    def start(self) -> None:
        """Look for it and read it, on threads of its own."""
        self._thread.start()

    def close(self) -> None:
        """Give it back."""
        self._closing.set()
        self._stir.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._stir.clear()
            nodes = [found for found in self._listed() if found.looks_like_scanner and self._is_ours(found)]
            if nodes:
                self._read(nodes)
            elif self._told is None or self._told[0]:
                self._tell(present=False, says=f"The scanner {self._phys} is not there: plug it in, or pair another.")
            self._closing.wait(self._look_again_s)

    def _is_ours(self, found: Found) -> bool:
        return port(found.phys) == port(self._phys)

    def _read(self, nodes: Sequence[Found]) -> None:
        """Read every node of the device, so that none types onto the console, until one of them is gone."""
        readers = [Reader(node.path, self._got, open_by=self._opened) for node in nodes]
        for reader in readers:
            reader.start()
        if not self._closing.is_set():
            self._stir.wait()
        for reader in readers:
            reader.close()

    def _opened(self, path: str) -> Device:
        return _Announced(self._open_by(path), lambda: self._tell(present=True, says=""))

    def _got(self, found: Scan | Garbled | ScannerLost) -> None:
        if isinstance(found, ScannerLost):
            self._tell(present=False, says=found.why)
            self._stir.set()
        else:
            # The number of a node changes at each start; the record names the scanner by what does not.
            self._station.post(Scanned(at=self._station.now(), scan=replace(found, device=self._phys)))

    def _tell(self, *, present: bool, says: str) -> None:
        with self._telling:
            if self._told == (present, says):
                return
            self._told = (present, says)
        event = ScannerReported(at=self._station.now(), device=self._phys, present=present, says=says)
        self._station.post(event)


class _Announced:
    """A device that tells when it is held, which is when scans can be relied on."""

    def __init__(self, device: Device, held: Callable[[], None]) -> None:
        self._device, self._held = device, held

    @property
    def fd(self) -> int:
        return self._device.fd

    def read(self) -> Sequence[KeyEvent]:
        return self._device.read()

    def active_keys(self) -> Collection[int]:
        return self._device.active_keys()

    def grab(self) -> None:
        self._device.grab()
        self._held()

    def ungrab(self) -> None:
        self._device.ungrab()

    def close(self) -> None:
        self._device.close()
