"""A machine with USB ports for the tests: what is plugged in is found, opens, is held by one, and is pulled out."""

import errno
import os
import pty
import struct
import threading
import tty
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from kiosk.scanners.doors import Doors
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.devices import serial_scanner
from stations.scanning.devices.listing import Found
from stations.scanning.devices.scanner import EV_LED, LED_CAPSLOCK

EVENT = struct.Struct("dHHi")
PORT, OTHER_PORT, DESK = "usb-0000:00:14.0-1", "usb-0000:00:14.0-2", "isa0060/serio0"
SCANNER = Found(
    path="/dev/input/event7",
    name="Demo Scanner 1200g",
    phys=f"{PORT}/input0",
    vendor=0x0C2E,
    product=0x0B61,
    readable=True,
    looks_like_scanner=True,
    reason="",
    types=True,
)
KEYBOARD = msgspec.structs.replace(
    SCANNER, path="/dev/input/event2", name="Demo Keyboard", phys=f"{DESK}/input0", vendor=1, product=1
)
LINE = msgspec.structs.replace(SCANNER, phys=PORT, kind="serial", types=False)


class Handle:
    """One opening of a node: the kernel tells each the events, or the one that holds the node alone."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self.fd, self.into = os.pipe()
        os.set_blocking(self.fd, False)
        if node.is_caps_lit:
            os.write(self.into, EVENT.pack(0.0, EV_LED, LED_CAPSLOCK, 1))

    def read(self) -> Sequence[KeyEvent]:
        if self._node.failure is not None:
            raise self._node.failure
        try:
            told = os.read(self.fd, EVENT.size * 64)
        except BlockingIOError:
            self._node.heard.set()
            if self._node.dies_when_read:
                os.close(self.into)
                self.into = -1
            return ()
        if not told:
            raise OSError(errno.ENODEV, "No such device")
        return [
            KeyEvent(time=moment, type=kind, code=code, value=value)
            for moment, kind, code, value in EVENT.iter_unpack(told)
        ]

    def active_keys(self) -> Collection[int]:
        return ()

    def grab(self) -> None:
        if self._node.holder not in (None, self):
            raise OSError(errno.EBUSY, "Device or resource busy")
        self._node.holder = self
        self._node.held.set()

    def ungrab(self) -> None:
        if self._node.holder is not self:
            raise OSError(errno.EINVAL, "Invalid argument")
        self._node.holder = None

    def close(self) -> None:
        with self._node.turn:
            os.close(self.fd)
            self._node.handles.remove(self)
            if self._node.holder is self:
                self._node.holder = None
            if self.into >= 0:
                os.close(self.into)


class Node:
    """What hangs on a port and types."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.handles: list[Handle] = []
        self.holder: Handle | None = None
        self.held = threading.Event()
        """Set once somebody holds it."""
        self.heard = threading.Event()
        """Set once whoever reads it has read all there was."""
        self.turn = threading.RLock()
        self.failure: OSError | None = None
        self.is_caps_lit = False
        self.dies_when_read = False
        """Whether it can be opened and held, and fails after that."""

    def open(self) -> Handle:
        if not self.found.readable:
            raise PermissionError(errno.EACCES, "Permission denied", self.found.path)
        with self.turn:
            handle = Handle(self)
            self.handles.append(handle)
        return handle

    def type(self, events: Sequence[KeyEvent]) -> None:
        with self.turn:
            for event in events:
                told = EVENT.pack(event.time, event.type, event.code, event.value)
                for handle in self.handles if self.holder is None else [self.holder]:
                    os.write(handle.into, told)

    def pull(self) -> None:
        with self.turn:
            for handle in self.handles:
                if handle.into >= 0:
                    os.close(handle.into)
                handle.into = -1


class Machine:
    """The ports, and the doors that lead to them."""

    def __init__(self, folder: Path) -> None:
        self.nodes: dict[str, Node] = {}
        self.looked = threading.Semaphore(0)
        self.lines: dict[str, tuple[Found, int, int]] = {}
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.doors = Doors(
            listed=self.listed,
            opened=self.opened,
            tried=self.tried,
            can_read_keys=lambda: True,
            nodes=folder,
        )

    def plug(self, found: Found = SCANNER, **changes: object) -> Node:
        node = Node(msgspec.structs.replace(found, **changes))
        self.nodes[node.found.path] = node
        return node

    def plug_line(self) -> int:
        """Plug in a serial line, and give the end that the scanner writes to."""
        scanner, kiosk = pty.openpty()
        tty.setraw(kiosk)
        found = msgspec.structs.replace(LINE, path=os.ttyname(kiosk))
        self.lines[found.path] = (found, scanner, kiosk)
        return scanner

    def pull(self, node: Node) -> None:
        del self.nodes[node.found.path]
        node.pull()

    def close(self) -> None:
        for _, scanner, kiosk in self.lines.values():
            os.close(scanner)
            os.close(kiosk)

    def listed(self) -> tuple[Found, ...]:
        self.looked.release()
        return (*(node.found for node in self.nodes.values()), *(found for found, _, _ in self.lines.values()))

    def opened(self, path: str) -> Handle:
        if path not in self.nodes:
            raise OSError(errno.ENOENT, "No such file or directory", path)
        return self.nodes[path].open()

    def tried(self, device: Found) -> OSError | None:
        if device.kind == "serial":
            return serial_scanner.try_hold(device.path)
        try:
            handle = self.opened(device.path)
            try:
                handle.grab()
                handle.ungrab()
            finally:
                handle.close()
        except OSError as error:
            return error
        return None
