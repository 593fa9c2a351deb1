"""What is wrong with the way to a printer, in words a technician can act on?

Law: what was found first, then the mend; one sentence. The name in it is the one that `station.toml` gives.

>>> import os
>>> why("/dev/usb/lp0", OSError(errno.ENOENT, os.strerror(errno.ENOENT)))
'The printer at /dev/usb/lp0 is not there; switch it on, plug it in, or name another one in station.toml.'
"""

import errno
from typing import Final

_GONE: Final = "is unplugged or switched off; check its cable and its switch"
_MAY_NOT: Final = (
    "may not be opened by this user; put the user into the group lp, or give it the printer by a udev rule"
)
_WHY: Final = {
    errno.ENOENT: "is not there; switch it on, plug it in, or name another one in station.toml",
    errno.ENODEV: _GONE,
    errno.ENXIO: _GONE,
    errno.EIO: _GONE,
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EBUSY: "is held by another program; stop that one, perhaps CUPS or another kiosk",
    errno.ENOTTY: "is no serial line; name another one in station.toml, or another kind",
    errno.EINVAL: "does not take these settings; check baud and flow in station.toml",
}
"""The first two words belong to the printer, the rest is the mend."""


def why(name: str, error: OSError) -> str:
    """Give one sentence on trouble with the printer of that name."""
    unnamed = f"gives the error {error.strerror or error}; unplug it and plug it in again"
    return f"The printer at {name} {_WHY.get(error.errno or 0, unnamed)}."
