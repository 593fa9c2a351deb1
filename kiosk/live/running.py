"""Does a kiosk run this station just now?

Looked up without touching its lock: a look that took it, if only for a moment, could keep a kiosk from starting.
"""

import os
import re
from pathlib import Path


def runs(site: Path, station: str) -> bool:
    """Whether the process that wrote itself into the station's lock file still lives."""
    try:
        written = (site / "stations" / station / "lock").read_text(encoding="utf-8", errors="replace")
        holder = re.match(r"pid (\d+)", written)
        if holder is not None:
            os.kill(int(holder[1]), 0)
    except PermissionError:  # another user's process, and so a living one
        return True
    except OSError:  # no lock file, or no such process
        return False
    return holder is not None
