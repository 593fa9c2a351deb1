"""What does one device send, while all its nodes are held?

A scanner may have several nodes: the one that types is decoded, the others are held so that none types onto the
console. What is told here is told on the threads of the nodes.
"""

import functools
from collections.abc import Sequence
from typing import Protocol

from kiosk.scanners.doors import Doors
from stations.scanning.decoding import card
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.devices.listing import Found
from stations.scanning.devices.scanner import Reader
from stations.scanning.devices.serial_scanner import LineReader
from stations.scanning.devices.trouble import ScannerLost, Trouble


class Ear(Protocol):
    """Who is told of one device."""

    def take_hold(self, warning: Trouble | None) -> None:
        """Hear that all its nodes are held, so that scans can be relied on, and what speaks against it all the same."""

    def take(self, found: Scan | Garbled, drift: str) -> None:
        """Hear a scan, and how it was typed otherwise than the profile says: empty where it was not."""

    def lose(self, trouble: Trouble) -> None:
        """Hear that a node can be read no longer."""


class Reading:
    """The readers of one device's nodes, from `start` until `close`."""

    def __init__(self, nodes: Sequence[Found], profile: Profile, ear: Ear, doors: Doors) -> None:
        self._profile, self._ear, self._doors = profile, ear, doors
        self._not_held = {node.path for node in nodes}
        self._warning: Trouble | None = None
        self._readers = [self._reader(node) for node in nodes]

    def start(self) -> None:
        """Open, hold and read every node."""
        for reader in self._readers:
            reader.start()

    def close(self) -> None:
        """Give the nodes back."""
        for reader in self._readers:
            reader.close()

    def _reader(self, node: Found) -> Reader | LineReader:
        post, held = functools.partial(self._post, node), functools.partial(self._hold, node)
        if node.kind == "serial":
            return LineReader(node.path, post, self._profile, held=held, open_by=self._doors.line_opened)
        decodes = node.looks_like_scanner
        return Reader(node.path, post, self._profile, held=held, decodes=decodes, open_by=self._doors.opened)

    def _hold(self, node: Found, warning: Trouble | None) -> None:
        self._warning = self._warning or (warning if node.looks_like_scanner else None)
        self._not_held.discard(node.path)
        if not self._not_held:
            self._ear.take_hold(self._warning)

    def _post(self, node: Found, found: Scan | Garbled | ScannerLost, tape: Sequence[KeyEvent]) -> None:
        if isinstance(found, ScannerLost):
            self._ear.lose(found.trouble)
        elif node.kind == "serial":
            self._ear.take(found, card.drift_of_text(found, self._profile))
        else:
            self._ear.take(found, card.drift(tape, self._profile))
