"""What is wrong with a scanner's device, in words a technician can act on?

Law: what was found first, in few words; then the mend. No number of a node is in them, for it changes at each start.

>>> gone = trouble_of(OSError(errno.ENODEV, "No such device"))
>>> gone.short, gone.says
('unplugged or asleep', 'Unplugged or asleep: plug it in or wake it.')
>>> why("/dev/ttyACM0", OSError(errno.ENODEV, "No such device"))
'The scanner at /dev/ttyACM0 is unplugged or asleep: plug it in or wake it.'
"""

from __future__ import annotations

import errno
from typing import Final

import msgspec


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, and the mend."""

    what: str
    """What follows the scanner's name, such as `is not there`, or a sentence of its own."""
    mend: str

    @property
    def short(self) -> str:
        """What is wrong, as it stands beside a name: `not there`."""
        return self.what.removeprefix("is ")

    @property
    def says(self) -> str:
        """The short words, a colon, the mend: so that what is cut at its end still says what is wrong."""
        return f"{self.short[0].upper()}{self.short[1:]}: {self.mend}."


_GONE = Trouble(what="is unplugged or asleep", mend="plug it in or wake it")
MAY_NOT: Final = Trouble(
    what="may not be read by this user",
    mend="give the kiosk's group the node by the rule that kiosk devices --udev writes",
)
_OTHER_KIND = Trouble(what="is a node of another kind", mend="pair the scanner again")
_TROUBLES: Final = {
    errno.ENODEV: _GONE,
    errno.ENXIO: _GONE,
    errno.EIO: _GONE,
    errno.ENOENT: Trouble(
        what="is not there", mend="plug the scanner in, or pair it again if it was moved to another port"
    ),
    errno.EACCES: MAY_NOT,
    errno.EPERM: MAY_NOT,
    errno.EBUSY: Trouble(what="is held by another program", mend="stop that one, perhaps another copy of the kiosk"),
    errno.ENOSYS: Trouble(
        what="cannot be read on a system without evdev", mend="run the kiosk on Linux, or use its simulated scanner"
    ),
    errno.ENOTTY: _OTHER_KIND,
    errno.EINVAL: _OTHER_KIND,
}
CAPS_LOCK: Final = Trouble(
    what="CapsLock is lit",
    mend=(
        "some scanners then send letters the other way round; switch CapsLock off on the keyboard, unplug the scanner "
        "and plug it in again"
    ),
)
"""Its lamp was lit when the node was grabbed, and under the grab nobody can put it out (Linux `input.c`)."""


class ScannerLost(msgspec.Struct, frozen=True, kw_only=True):
    """A device can no longer be read."""

    device: str
    """The path it was opened by."""
    trouble: Trouble


def trouble_of(error: OSError) -> Trouble:
    """Say what is wrong with a device that gave this error."""
    gives = f"gives the error {error.strerror or error}"
    return _TROUBLES.get(error.errno or 0) or Trouble(what=gives, mend="unplug it and plug it in again")


def why(path: str, error: OSError) -> str:
    """Give one sentence on trouble with the device at a node."""
    trouble = trouble_of(error)
    return f"The scanner at {path} {trouble.what}: {trouble.mend}."
