"""How do bytes reach the disk so that a power cut leaves the old file or the new one, never half of one?

A file is written beside its final name, fsynced, moved into place, and then its folder is fsynced, because
the name is the folder's data and not the file's (POSIX.1-2017, fsync and rename). Where the old file was
good it stays reachable beside the new one, as `<name>.bak`.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make names that came, went or moved in `folder` survive a power cut; raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, so that a power cut cannot take it back; raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def last_good(path: Path) -> Path:
    """Name the copy that is kept of the file which `path` was before it was last replaced.

    >>> last_good(Path("registers/staff.json")).as_posix()
    'registers/staff.json.bak'
    """
    return path.with_name(f"{path.name}.bak")


def write_beside(path: Path, chunks: Iterable[bytes], ending: str = "new") -> Path:
    """Write `chunks` to `<name>.<ending>` next to `path` and fsync it; return its name.

    Raises OSError, or whatever `chunks` raises, and then leaves no new file behind.
    """
    make_folder(path.parent)
    beside = path.with_name(f"{path.name}.{ending}")
    try:
        with beside.open("wb", buffering=0) as file:
            for chunk in chunks:
                _write_all(file.fileno(), chunk)
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def put_in_place(beside: Path, path: Path, *, keep: bool) -> None:
    """Move a file made by `write_beside` to `path`; `keep` the file that stood there as the last good one.

    At every moment `path` or its last good copy can be read. Raises OSError.
    """
    if keep and path.exists():
        _keep(path)
    beside.replace(path)
    sync_folder(path.parent)


def _keep(path: Path) -> None:
    second_name = path.with_name(f"{path.name}.bak.new")
    second_name.unlink(missing_ok=True)
    # Where the file system has no hard links the file itself is moved to its copy's name.
    with contextlib.suppress(OSError):
        second_name.hardlink_to(path)
    (second_name if second_name.exists() else path).replace(last_good(path))


def _write_all(handle: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(handle, rest) :]
