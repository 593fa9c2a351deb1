"""Which files of a site changed while the program ran: a definition edited, something dropped into the inbox?

Door to watchdog. Folders are watched and never files, because editors replace files. A path is told when it
was closed after writing, moved (by its destination), created, or is gone; being opened or read tells
nothing, or reading a definition would reload it for ever. A path is told once it has been quiet, so a burst
of writes is told once and its last write is never missed; a file that is still open for writing waits. A node of
a device is whole as soon as it is there: it is told when it comes, goes, or may be opened by others than before,
whoever holds it open meanwhile.

The kernel's queue can overflow and some file systems tell nothing: `rescan`, also done every half minute,
compares what is there with what was told. Where inotify is missing watchdog polls. The callback runs on the
watcher's own thread and must not raise: hand the path over and return. The journal is never watched (each
entry would wake the watcher), which is checked.
"""

import math
import os
import re
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import watchdog.events as told_by
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

Changed = Callable[[str, Path], None]
"""Takes the watched folder's name and the path that changed, which may be gone."""

_EDITORS = re.compile(r"\..*|#.*#|.*(~|\.(tmp|part|partial|crdownload|new|bak|sw[a-z]))|___jb_.*|4913", re.IGNORECASE)
_ARRIVED = (told_by.FileClosedEvent, told_by.FileMovedEvent, told_by.FileDeletedEvent, told_by.FileCreatedEvent)
_CLOSED = (told_by.FileClosedEvent, told_by.FileClosedNoWriteEvent)
_FOLDER_CHANGES = (told_by.DirCreatedEvent, told_by.DirMovedEvent, told_by.DirDeletedEvent)
_TELLS_CLOSING = sys.platform == "linux"
_NEVER = math.inf

_Place = tuple[str, Path]
"""A watched folder's name and a path below it."""
_Mark = tuple[int, int, int]
"""Inode, size in bytes, time of last change in ns: what tells one state of a file from the next."""


class Watch:
    """Watches `folders`, by name, and all below them; calls `changed` from `start` to `close`.

    A folder may be made later; one that is removed and made again is taken up by the next rescan.
    `quiet_s`: how long a path must rest before it is told. `rescan_s`: between two rescans. `polling` forces
    polling, for file systems that tell nothing. Raises ValueError where a folder holds or lies in a journal.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        changed: Changed,
        *,
        quiet_s: float = 0.1,
        rescan_s: float = 30.0,
        polling: bool = False,
    ) -> None:
        self._folders = {name: folder.absolute() for name, folder in folders.items()}
        for folder in self._folders.values():
            _refuse_journal(folder)
        self._changed = changed
        self._quiet_s, self._rescan_s, self._polling = quiet_s, rescan_s, polling
        self._observer: BaseObserver | None = None
        self._watched: dict[str, tuple[ObservedWatch, int]] = {}
        self._seen: dict[_Place, _Mark] = {}
        self._due: dict[_Place, float] = {}
        self._fresh: set[_Place] = set()
        self._news = threading.Condition()
        self._rescan_at = 0.0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin; what is there now is taken as known. Raises OSError where not even polling works."""
        self._seen = self._look()
        self._observer = self._observing()
        self._follow_folders()
        self._thread.start()

    def close(self) -> None:
        """Stop and wait for the threads; nothing is told after this returns."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._observer is not None:
            self._thread.join()
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def rescan(self) -> None:
        """Compare soon what is there with what was told, and tell the difference; returns at once."""
        with self._news:
            self._rescan_at = 0.0
            self._news.notify()

    def hear(self, name: str, event: told_by.FileSystemEvent) -> None:
        """Take one of watchdog's events for the folder of that name."""
        if isinstance(event, _FOLDER_CHANGES):
            # Files move in and out with their folder without an event of their own.
            self.rescan()
        elif not event.is_directory:
            with self._news:
                for path in (event.src_path, event.dest_path):
                    if path and self._concerns(name, Path(os.fsdecode(path))):
                        self._note((name, Path(os.fsdecode(path))), event)
                self._news.notify()

    def _note(self, place: _Place, event: told_by.FileSystemEvent) -> None:
        if isinstance(event, told_by.FileOpenedEvent):
            # Opened just after it was made: somebody writes it, and will close it.
            if place in self._fresh:
                self._due[place] = _NEVER
        elif isinstance(event, _ARRIVED) or place in self._due or self._must_guess(event) or _opens_a_node(event):
            if isinstance(event, told_by.FileModifiedEvent) and self._due.get(place) == _NEVER:
                return
            self._due[place] = time.monotonic() + self._quiet_s
            if isinstance(event, _CLOSED):
                self._fresh.discard(place)
            elif isinstance(event, told_by.FileCreatedEvent) and not _is_node(place[1]):
                self._fresh.add(place)

    def _must_guess(self, event: told_by.FileSystemEvent) -> bool:
        """Whether nothing but a change will be told: only inotify tells that a file was closed."""
        return isinstance(event, told_by.FileModifiedEvent) and (self._polling or not _TELLS_CLOSING)

    def _concerns(self, name: str, path: Path) -> bool:
        folder = self._folders[name]
        return path.is_relative_to(folder) and not any(
            _EDITORS.fullmatch(part) for part in path.relative_to(folder).parts
        )

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._closing and (wait := self._next() - time.monotonic()) > 0:
                    self._news.wait(wait)
                if self._closing:
                    return
                ripe = [place for place, due in self._due.items() if due <= time.monotonic()]
                for place in ripe:
                    del self._due[place]
                    self._fresh.discard(place)
                rescan = self._rescan_at <= time.monotonic()
            for place in ripe:
                self._tell(place)
            if rescan:
                self._compare()

    def _next(self) -> float:
        return min(self._rescan_at, *self._due.values(), _NEVER)

    def _tell(self, place: _Place) -> None:
        mark = _mark(place[1])
        if mark is None:
            self._seen.pop(place, None)
        else:
            self._seen[place] = mark
        self._changed(*place)

    def _compare(self) -> None:
        """Note every difference between what is there and what was told."""
        with self._news:
            self._rescan_at = time.monotonic() + self._rescan_s
        self._follow_folders()
        there = self._look()
        with self._news:
            for place in there.keys() | self._seen.keys():
                same = there.get(place) == self._seen.get(place)
                if self._due.get(place) == _NEVER:
                    # Still the same after a whole interval: its writer is gone, or its closing was not told.
                    if same:
                        self._due[place] = 0.0
                    elif place in there:
                        self._seen[place] = there[place]
                elif not same:
                    # Not at once: it may be half written, and the kernel about to tell of it.
                    self._due.setdefault(place, time.monotonic() + self._quiet_s)

    def _look(self) -> dict[_Place, _Mark]:
        found = {}
        for name, folder in self._folders.items():
            for parent, _, files in os.walk(folder):
                for path in (Path(parent, file) for file in files):
                    if self._concerns(name, path) and (mark := _mark(path)) is not None:
                        found[name, path] = mark
        return found

    def _observing(self) -> BaseObserver:
        try:
            observer = PollingObserver() if self._polling else Observer()
            observer.start()
        except OSError:
            if self._polling:
                raise
            # The kernel has no inotify instance left (fs.inotify.max_user_instances); polling needs none.
            self._polling = True
            return self._observing()
        return observer

    def _follow_folders(self) -> None:
        """Watch each folder that is there, anew where another folder has taken its name."""
        for name, folder in self._folders.items():
            mark = _mark(folder)
            if mark is None or not folder.is_dir() or self._observer is None or self._follows(name, mark[0]):
                continue
            if name in self._watched:
                self._observer.unschedule(self._watched.pop(name)[0])
            try:
                watch = self._observer.schedule(_Ear(self, name), folder, recursive=True)
            except FileNotFoundError:
                continue
            except OSError:
                self._poll_instead()
                return
            self._watched[name] = (watch, mark[0])

    def _follows(self, name: str, inode: int) -> bool:
        """Whether the folder of that name is the one watched; a new one may have the old one's inode."""
        if self._observer is None or name not in self._watched:
            return False
        watch, watched = self._watched[name]
        alive = {emitter.watch for emitter in self._observer.emitters if emitter.should_keep_running()}
        return inode == watched and watch in alive

    def _poll_instead(self) -> None:
        """Give inotify up: the kernel has no watch left (fs.inotify.max_user_watches)."""
        if self._polling or self._observer is None:
            raise OSError(f"no folder of {', '.join(map(str, self._folders.values()))} can be watched.")
        self._observer.stop()
        self._observer.join()
        self._polling = True
        self._watched.clear()
        self._observer = self._observing()
        self._follow_folders()


class _Ear(told_by.FileSystemEventHandler):
    def __init__(self, watch: Watch, name: str) -> None:
        self._watch, self._name = watch, name

    def dispatch(self, event: told_by.FileSystemEvent) -> None:
        self._watch.hear(self._name, event)


def _mark(path: Path) -> _Mark | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _opens_a_node(event: told_by.FileSystemEvent) -> bool:
    """Whether it tells that a device may now be opened by others: udev grants that after the kernel made the node."""
    return isinstance(event, told_by.FileAttribEvent) and _is_node(Path(os.fsdecode(event.src_path)))


def _is_node(path: Path) -> bool:
    """Whether it is there and no regular file, so that nobody is writing it."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _refuse_journal(folder: Path) -> None:
    around = (place for place in (folder, *folder.parents) if any(place.glob("*.jsonl")))
    inside = (Path(parent) for parent, folders, _ in os.walk(folder) if "journal" in folders)
    for place in (*(place for place in around if place.name == "journal"), *inside):
        raise ValueError(f"{folder} cannot be watched: there is a journal in {place}.")
