"""Does a kiosk run this station just now?

Looked up without touching its lock: a look that took it, if only for a moment, could keep a kiosk from starting.
"""

import os
import re
from pathlib import Path


def runs(site: Path, station: str) -> bool:
    """Whether the process that wrote itself into the station's lock file still lives."""
    try:
        lock = site / "stations" / station / "lock"
        written = lock.read_text(encoding="utf-8", errors="replace") if lock.is_file() else ""
        holder = re.match(r"pid ([1-9]\d{0,9})\b", written)  # 0 would be this process's own group
        if holder is not None:
            os.kill(int(holder[1]), 0)
    except PermissionError:  # another user's process, and so a living one
        return True
    except (OSError, OverflowError):  # a lock that may not be read, or no such process
        return False
    return holder is not None
