"""Which checklists, labels and settings does this site use?

Definitions are files in the site's folder. A file that cannot be used never replaces a good one: the last good one
stays, and its sentence is shown until the file is mended. What only both sides of the house know together, the labels a
checklist prints and the fields they need, is checked here.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kiosk.marks import Mark, mark_of
from kiosk.site import shipped
from printers.job import MARKER
from printers.label import Layout, Paper
from printers.layout import LayoutRefused
from printers.layout import load as load_layout
from stations.bench.events import DefinitionsRead
from stations.pharmacy.words import FIELD_NAMES, unknown_words
from stations.work.checklists import Checklist, ChecklistRefused, Print, read_checklist, singles
from stations.work.settings import Settings, SettingsRefused, read_settings

STAMPED = frozenset({"label_id", "station", "initials", "time", "seal_no"})
"""What the bench itself puts on every label."""
_RECEIPT = ("label_id", "station", "initials", "time", "title", "runs", "notes", "next_due", "journal_head", "entries")
FILLED_BY_BENCH = {
    "T07": frozenset(_RECEIPT),
    MARKER: frozenset({"duplicate", "reprinted", "reason", "replaces"}),
}
"""What the bench fills of the labels that it prints by itself; a site's own that this does not fit is not used."""
FOLDERS = ("checklists", "labels", "roles")


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """The definitions in use, and what could not be used."""

    checklists: tuple[Checklist, ...]
    settings: Settings
    layouts: dict[str, Layout]
    refused: tuple[str, ...]

    def event(self, at: dt.datetime) -> DefinitionsRead:
        """Tell the bench."""
        return DefinitionsRead(at=at, checklists=self.checklists, settings=self.settings, refused=self.refused)


class Definitions:
    """A site's definitions, with the last good one of each."""

    def __init__(self, folder: Path, papers: Collection[Paper] = tuple(Paper)) -> None:
        """Nothing is read before `read`; labels are drawn on these papers to see whether they fit."""
        self._folder, self._papers = folder, papers
        self._checklists: dict[Path, Checklist] = {}
        self._settings = Settings()
        self._layouts: dict[str, Layout] = {}
        self._label_files: dict[Path, tuple[Mark | None, str]] = {}
        """Each label's file as it was when it was read, and what was wrong with it."""

    def read(self) -> Read:
        """Read every definition again; keep the last good one of each that cannot be used."""
        refused: list[str] = []
        self._read_layouts(refused)
        own = self._own_layouts(refused)
        self._read_settings(refused)
        paths = sorted((self._folder / "checklists").glob("*/*.toml"))
        self._checklists = {path: good for path, good in self._checklists.items() if path in paths}
        for path in paths:
            self._read_one(path, refused)
        return Read(
            checklists=tuple(self._checklists.values()),
            settings=self._settings,
            layouts={**self._layouts, **own},
            refused=tuple(refused),
        )

    def _read_layouts(self, refused: list[str]) -> None:
        """Read the labels that have changed: each is drawn on every paper to see whether it fits."""
        folder = self._folder / "labels"
        if not folder.is_dir():
            refused.append(f"{folder}: no such folder; a folder of label definitions was expected.")
        for path in sorted(folder.glob("*.toml")):
            mark = mark_of(path)
            if self._label_files.get(path, (None, ""))[0] != mark or mark is None:
                self._label_files[path] = (mark, self._read_layout(path))
            refused += filter(None, [self._label_files[path][1]])

    def _own_layouts(self, refused: list[str]) -> dict[str, Layout]:
        """Return the program's own labels where the bench prints one that the site lacks, or has of another version."""
        own = {}
        for name, given in FILLED_BY_BENCH.items():
            layout = self._layouts.get(name)
            problem = _unfilled(layout, given) if layout is not None else ""
            if problem:
                refused.append(f"{self._folder / 'labels' / name}.toml: {problem}; the program's own is used.")
            if problem or layout is None:
                own[name] = load_layout(shipped() / "labels" / f"{name}.toml", self._papers)
        return own

    def _read_layout(self, path: Path) -> str:
        """Read one label; say what is wrong with it, if anything."""
        try:
            self._layouts[path.stem] = load_layout(path, self._papers)
        except LayoutRefused as refused:
            return str(refused)
        return ""

    def _read_settings(self, refused: list[str]) -> None:
        path = self._folder / "settings.toml"
        try:
            settings = read_settings(path.read_text(encoding="utf-8"), path.name)
            self._settings = _with_known_zone(settings, path.name)
        except (OSError, UnicodeDecodeError, SettingsRefused) as error:
            refused.append(_sentence(error, path.name))

    def _read_one(self, path: Path, refused: list[str]) -> None:
        name = f"{path.parent.name}/{path.name}"
        try:
            checklist = read_checklist(path.read_text(encoding="utf-8"), name)
        except (OSError, UnicodeDecodeError, ChecklistRefused) as error:
            refused.append(_sentence(error, name))
            return
        problems = list(self._problems(checklist, name))
        if problems:
            refused.extend(problems)
        else:
            self._checklists[path] = checklist

    def _problems(self, checklist: Checklist, name: str) -> Iterator[str]:
        expected = f"{checklist.role}.{name.partition('/')[2].removesuffix('.toml')}"
        if checklist.id != expected or checklist.role != name.partition("/")[0]:
            yield f"{name}: key id: found {checklist.id}, expected {expected}, as the file is called."
        for problem in unknown_words(checklist):
            yield f"{name}: {problem}."
        for step in singles(checklist.step):
            if isinstance(step, Print) and step.fields in FIELD_NAMES:
                yield from self._label_problems(step, f"{name}: step {step.id}")

    def _label_problems(self, step: Print, where: str) -> Iterator[str]:
        layout = self._layouts.get(step.label)
        if layout is None:
            yield f"{where}: found label {step.label}, expected one of {', '.join(sorted(self._layouts))}."
            return
        given = STAMPED | FIELD_NAMES[step.fields]
        for field in layout.fields:
            if field.name not in given and not field.optional:
                yield f"{where}: label {step.label} needs {field.name}, which {step.fields} does not fill."


def _unfilled(layout: Layout, given: Collection[str]) -> str:
    """Say which field the bench fills and the label has not, or the other way round."""
    there = {field.name for field in layout.fields}
    needed = {field.name for field in layout.fields if not field.optional}
    lacks, asks = sorted(set(given) - there), sorted(needed - set(given))
    if lacks:
        return f"field {lacks[0]} is missing, which the bench fills"
    return f"field {asks[0]} was found, which the bench does not fill" if asks else ""


def zone_of(folder: Path) -> ZoneInfo:
    """Return the site's time zone, the usual one where its settings cannot be used."""
    path = folder / "settings.toml"
    try:
        settings = _with_known_zone(read_settings(path.read_text(encoding="utf-8"), path.name), path.name)
    except (OSError, UnicodeDecodeError, SettingsRefused):
        settings = Settings()
    return ZoneInfo(settings.zone)


def _with_known_zone(settings: Settings, name: str) -> Settings:
    """Return the settings; raise SettingsRefused where no time can be told in their zone."""
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        found = f"{name}: key zone: found {settings.zone!r}"
        raise SettingsRefused(f"{found}, expected an IANA name such as America/Los_Angeles.") from error
    return settings


def _sentence(error: Exception, name: str) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"{name}: not UTF-8 at byte {error.start}."
    if isinstance(error, OSError):
        return f"{name}: cannot be read: {error.strerror}."
    return str(error)
