"""Which keys does a text take on a keyboard with US layout, and how are they pressed in the guest?

A scanner in keyboard mode is a keyboard (USB HID Usage Tables, page 0x07), so QEMU's `usb-kbd` is one. Laws:
* It holds 16 key events and drops the rest without a word: no more are sent than the guest has fetched.
* The kernel holds about ten characters for whoever reads the node, and an emulated processor is ten times slower than
  a real one: hence the pause after each key, longer where the machine is busy. It is the scanner's own pace.
* QEMU sends keys to one keyboard of many, unless each belongs to a display of its own.
"""

import string
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .machine import Machine

Stroke = tuple[str, ...]
"""Keys, by QEMU's names, that are down together, the modifiers first."""
PACE_S: Final = (0.03, 0.15)
"""From one key to the next: in a quick machine, and at most, for after 0.3 s of silence a scan has broken off."""
AIMED_IN_S: Final = 0.5
"""A scanner is aimed before it sends. A scan that follows the grab by less than 0.3 s is voided: some of it may be
elsewhere."""
TURNS: Final = 3
"""A key may take so many turns of the program that reads it."""
HOLDS: Final = 16
"""Key events that a keyboard of QEMU holds for the guest."""
MODEL: Final = ("0627", "0001")
"""Vendor and product of QEMU's `usb-kbd`."""
GS: Final = "\x1d"
_SHIFTED: Final = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
_NAMES: Final[Mapping[str, str]] = {
    "-": "minus", "=": "equal", "[": "bracket_left", "]": "bracket_right", "\\": "backslash", "`": "grave_accent",
    ";": "semicolon", "'": "apostrophe", ",": "comma", ".": "dot", "/": "slash", " ": "spc", "\n": "ret", "\t": "tab",
}  # fmt: skip


def stroke(character: str) -> Stroke:
    """Give the keys of one character; GS is Ctrl+], as most scanners send it.

    >>> stroke("a"), stroke("A"), stroke("?"), stroke(GS)
    (('a',), ('shift', 'a'), ('shift', 'slash'), ('ctrl', 'bracket_right'))
    """
    if character == GS:
        return ("ctrl", "bracket_right")
    if character in string.ascii_uppercase:
        return ("shift", character.lower())
    if character in _SHIFTED:
        return ("shift", *stroke(_SHIFTED[character]))
    return (_NAMES.get(character, character),)


class Keyboard:
    """A keyboard of the machine: one on a USB port, which may be a scanner, or the PS/2 one that people type on."""

    def __init__(self, machine: "Machine", name: str | None) -> None:
        """`name` is that of its display; the PS/2 keyboard has none."""
        self._machine, self._name = machine, name
        self.port = 0
        """The USB port it hangs on; 0 while it hangs on none."""
        self.serial = ""

    def plug(self, port: int, serial: str = "") -> None:
        """Plug it into a USB port, with this serial number or none, and wait until the guest has its node."""
        settings = {"driver": "usb-kbd", "id": self._name, "display": f"head-{self._name}", "serial": serial}
        self._machine.order("device_add", **settings, port=str(port))
        self.port, self.serial = port, serial
        self._machine.until(lambda: self.node, f"a node of {self.phys}")

    def unplug(self) -> None:
        """Pull it out, and wait until the guest knows."""
        node = self.node
        self._machine.order("device_del", id=self._name)
        self._machine.until(lambda: self._machine.run("test", "-e", node, may_fail=True).status, f"{node} is gone")
        self.port = 0

    @property
    def phys(self) -> str:
        """The port, as the kernel calls it."""
        return f"usb-0000:00:04.0-{self.port}"

    @property
    def node(self) -> str:
        """The node in the guest; empty while there is none that udev has finished."""
        return self._machine.node_at(self.phys)

    def scan(self, text: str) -> None:
        """Send a code and Enter, as a scanner does; when this returns the guest's kernel has all of it."""
        time.sleep(AIMED_IN_S)
        self.type(text + "\n")

    def type(self, text: str) -> None:
        """Press the keys of a text, one after the other."""
        for _ in self.typing(text):
            pass

    def typing(self, text: str) -> Iterator[None]:
        """Press the keys of a text, one with each `next`, so that several keyboards can take turns."""
        sent = self._machine.fetched(self.port)
        for character in text:
            keys = stroke(character)
            self._keep_up(sent + 2 * len(keys) - HOLDS)
            self._press(keys)
            sent += 2 * len(keys)
            self._pause()
            yield
        self._keep_up(sent)

    def press(self, *keys: str) -> None:
        """Press keys together, by QEMU's names."""
        self._press(keys)
        self._pause()

    def _pause(self) -> None:
        quick, slow = PACE_S
        turn = self._machine.breathe()
        time.sleep(min(slow, max(quick, TURNS * turn)))

    def _press(self, keys: Stroke) -> None:
        moves = [(key, True) for key in keys] + [(key, False) for key in reversed(keys)]
        events = [{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}} for key, down in moves]
        where = {"device": f"head-{self._name}"} if self._name else {}
        self._machine.order("input-send-event", **where, events=events)

    def _keep_up(self, count: int) -> None:
        """Wait until the guest has fetched so many events; the PS/2 keyboard is slow enough by itself."""
        if self.port:
            self._machine.until(lambda: self._machine.fetched(self.port) >= count, f"{count} events of {self.phys}", 0)
