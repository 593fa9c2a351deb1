"""Has a file changed since it was last looked at?"""

from pathlib import Path

Mark = tuple[int, int, int]
"""Inode, size in bytes, last change in nanoseconds."""


def mark_of(path: Path) -> Mark | None:
    """Tell one state of a file from the next: inode, size in bytes, last change in ns; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
