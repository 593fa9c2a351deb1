"""What becomes of a file that is dropped into the inbox, and of what a command asks of the running kiosk?

A file is taken whole or not at all. Taken, it lies under `done/` and leaves the inbox only when its entry is on disk;
refused, it is moved to `rejected/` with the reasons beside it. A file that is there when the kiosk starts is taken as
one that has just come. FDA's drug directory is two files, so one waits for the other. A request is done or refused, and
in either case it is gone: what cannot be answered must not be met again at every start.
"""

import re
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kiosk.filled import NotFilled, brief, check_printed, previewed
from kiosk.live.requests import (
    ANSWER,
    ANSWER_WITHIN_S,
    REQUEST,
    Answer,
    Import,
    LabelRow,
    Print,
    Request,
    read_request,
    write_json,
)
from kiosk.marks import mark_of
from kiosk.product_codes import contradiction
from kiosk.station import Station
from printers.drawing import draw
from printers.label import LabelRefused
from printers.layout import named
from stations.bench.events import FileRefused, LabelAsked
from stations.records.imports import KINDS, ImportRefused, Progress
from stations.records.intake import Taken
from stations.records.journal import JournalBroken
from stations.work.facts import typed

_RECORD_WITHIN_S = 30.0
LABEL_WITHIN_S = 60.0
"""How long it may take until it is known what became of a label; those before it in the queue are printed first."""
_BENCH_FILLS = ("label_id", "station", "time")
"""Stamps that no request gives; the initials it does, which are those of a user of the system."""
_HALF = re.compile("product|package", re.IGNORECASE)


class NotRecorded(Exception):
    """What was asked for could be done, and the station did not record it; one sentence."""


def take_in(station: Station, kind: str, files: Sequence[Path], progress: Progress | None = None) -> Taken:
    """Take the files of one import and return once their entry is on disk.

    Raises ImportRefused, and NotRecorded where the station has stopped itself.
    """
    after = station.runtime.journal.last_seq
    taken = station.take_file(kind, files, progress)
    if not station.recorded(taken, after, _RECORD_WITHIN_S):
        why = station.bench.out_of_order or f"nothing was recorded within {_RECORD_WITHIN_S:.0f} seconds."
        raise NotRecorded(f"{files[0].name}: read, but not taken in: {why}")
    return taken


def answered(station: Station, request: Request, progress: Progress | None = None) -> Answer:
    """Do what a command asks, in the process that holds the station, and tell what became of it."""
    try:
        match request:
            case Import():
                files = [Path(name) for name in request.files]
                return Answer(done=True, report=take_in(station, request.what, files, progress).report)
            case Print():
                return Answer(done=True, label=_printed(station, request))
    except ImportRefused as refused:
        return Answer(done=False, says=str(refused))
    except NotFilled as refused:
        return Answer(done=False, says=str(refused))
    except LabelRefused as refused:
        return Answer(done=False, says=brief(f"{refused}."))
    except (JournalBroken, NotRecorded) as error:
        return Answer(done=False, says=str(error), recorded=False)


def _printed(station: Station, request: Print) -> LabelRow:
    """Let the bench print a label; tell how it is once nothing more comes of it without a person.

    Raises NotFilled and LabelRefused where it cannot be printed or drawn, and NotRecorded.
    """
    check_printed(request.template, request.fields, _BENCH_FILLS)
    # A kiosk may have ended between the label and its answer: who asks again asks for the same label.
    if not station.runtime.registers.rows("label", ticket=request.ticket):
        layout = named(station.read.layouts, request.template)
        by, at = request.by.partition(":")[2], station.now()
        shown = previewed(request.fields, request.stamped, station=station.file.name, by=by, at=at)
        wrong = contradiction(layout, shown, at.date())
        if wrong:
            raise NotFilled(f"{wrong}.")
        draw(layout, shown, station.paper)
        station.post(LabelAsked(at=at, **msgspec.structs.asdict(request)))
    row = station.label_state(request.ticket, LABEL_WITHIN_S)
    if row is None:
        why = station.bench.out_of_order or f"nothing was recorded within {LABEL_WITHIN_S:.0f} seconds."
        raise NotRecorded(f"{request.template} was drawn, but not printed: {why}")
    return typed(row, LabelRow)


class Inbox:
    """A station's inbox; one thread hands over one complete file after the other."""

    def __init__(self, station: Station) -> None:
        """Nothing is looked at before `take`."""
        self._station = station
        self._folder = (station.site / "inbox").absolute()
        self._folder.mkdir(exist_ok=True)
        self._complete: set[Path] = set()

    def waiting(self) -> tuple[Path, ...]:
        """Return the files that are there now, by name."""
        return tuple(sorted(path for path in self._folder.iterdir() if self._concerns(path)))

    def take(self, path: Path) -> None:
        """Take a file that nobody writes any more; a path that is no file of the inbox is passed over."""
        if not self._concerns(path):
            self._complete.discard(path)
            return
        if path.name.endswith(REQUEST):
            self._answer(path)
            return
        try:
            self._take(path)
        except (OSError, JournalBroken, NotRecorded) as error:
            says = f"{path.name} stays in the inbox and is tried again at the next start: {error}"
            self._refused(path.name, says)

    def _concerns(self, path: Path) -> bool:
        if path.parent != self._folder or path.name.startswith(".") or path.name.endswith((ANSWER, ".new")):
            return False
        found = _is_regular(path)
        return found is not None and (found or path.name.endswith(REQUEST))

    def _take(self, path: Path) -> None:
        self._complete.add(path)
        files = tuple(self._belonging(path))
        if not self._complete.issuperset(files):
            return
        before = {file: mark_of(file) for file in files}
        try:
            take_in(self._station, "ndc" if len(files) > 1 else kind_of(path), files)
        except ImportRefused as error:
            for file in files:
                self._reject(file, str(error))
            self._refused(path.name, str(error))
        else:
            for file in files:
                # Another file of that name may have been dropped meanwhile.
                if mark_of(file) == before[file]:
                    file.unlink()
        self._complete.difference_update(files)

    def _belonging(self, path: Path) -> Iterator[Path]:
        """Name the files of one import, there or not: for a half of FDA's directory both, the products first."""
        half = _HALF.search(path.name) if path.suffix.lower() == ".txt" else None
        if half is None:
            yield path
            return
        for word in ("product", "package"):
            same = half[0].lower() == word
            yield path if same else self._named(path.name[: half.start()] + word + path.name[half.end() :])

    def _named(self, name: str) -> Path:
        """Find a file by its name in whatever case."""
        there = (path for path in self._folder.iterdir() if path.name.lower() == name.lower())
        return next(there, self._folder / name)

    def _reject(self, file: Path, why: str) -> None:
        folder = self._station.site / "rejected"
        target, number = folder / file.name, 1
        while target.exists():
            number += 1
            target = folder / f"{file.stem}-{number}{file.suffix}"
        target.with_name(f"{target.name}.why.txt").write_text(f"{why}\n", encoding="utf-8", errors="backslashreplace")
        file.rename(target)

    def _refused(self, name: str, says: str) -> None:
        self._station.post(FileRefused(at=self._station.now(), file=name, says=says))

    def _answer(self, path: Path) -> None:
        """Do what a command asks and answer it; whatever comes of it, the request is gone."""
        try:
            if not _is_regular(path):
                self._put_away(path)
            elif time.time() - path.stat().st_mtime <= ANSWER_WITHIN_S:
                answer = path.with_name(path.name.removesuffix(REQUEST) + ANSWER)
                write_json(answer, self._answered(path))
        except OSError as error:
            self._refused(path.name, f"{path.name} could not be answered: {error.strerror}.")
        finally:
            if _is_regular(path):
                path.unlink(missing_ok=True)

    def _answered(self, path: Path) -> Answer:
        try:
            return answered(self._station, read_request(path))
        except ImportRefused as refused:
            return Answer(done=False, says=str(refused))

    def _put_away(self, path: Path) -> None:
        """Put a folder, a link or a pipe in the place of a request among the rejected, without a look into it."""
        why = f"{path.name}: found no regular file, expected a request."
        self._reject(path, why)
        self._refused(path.name, why)


def _is_regular(path: Path) -> bool | None:
    """Whether a path is a file itself, and no link, which would lead out of the inbox; None where nothing is there."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return None


def kind_of(path: Path) -> str:
    """Say which kind of import a dropped file is, by the first word of its name; raise ImportRefused.

    FDA calls its archive `ndctext.zip`.

    >>> kind_of(Path("staff-2026-03.csv")), kind_of(Path("ndctext.zip"))
    ('staff', 'ndc')
    """
    word = re.split("[-_.]", path.name.lower(), maxsplit=1)[0]
    if word in KINDS:
        return word
    if word.startswith("ndc"):
        return "ndc"
    raise ImportRefused(f"{path.name}: cannot tell what it is; expected a name that begins with {', '.join(KINDS)}.")
