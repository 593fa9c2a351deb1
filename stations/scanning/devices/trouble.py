"""What is wrong with a scanner's device, in a sentence a technician can act on?

Law: one sentence, with what was found, where, and the mend.

>>> why("/dev/ttyACM0", OSError(errno.ENODEV, "No such device"), name="left")
'The scanner "left" at /dev/ttyACM0 is unplugged or asleep: plug it in or wake it.'
"""

from __future__ import annotations

import errno
from typing import Final

import msgspec

_MAY_NOT = "may not be read by this user: give the kiosk's group the node with a udev rule"
_MENDS: Final = {
    errno.ENODEV: "is unplugged or asleep: plug it in or wake it",
    errno.ENXIO: "is unplugged or asleep: plug it in or wake it",
    errno.EIO: "is unplugged or asleep: plug it in or wake it",
    errno.ENOENT: "is not there: plug the scanner in, or pair it again if it was moved to another port",
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EBUSY: "is held by another program, probably another copy of the kiosk: close that one",
    errno.ENOSYS: "cannot be read on a system without evdev: run the kiosk on Linux, or use its simulated scanner",
    errno.ENOTTY: "is a node of another kind: pair the scanner again",
    errno.EINVAL: "is a node of another kind: pair the scanner again",
}


class ScannerLost(msgspec.Struct, frozen=True, kw_only=True):
    """A device can no longer be read."""

    device: str
    """The path it was opened by."""
    why: str
    """One sentence, with the mend."""


def why(path: str, error: OSError, *, name: str = "") -> str:
    """Give one sentence on trouble with a device, with the mend; `name` is what people call it, where it is known."""
    mend = _MENDS.get(error.errno or 0, f"gives the error {error.strerror or error}: unplug it and plug it in again")
    called = f'"{name}" ' if name else ""
    return f"The scanner {called}at {path} {mend}."
