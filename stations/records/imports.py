"""May this file be taken, and what would it change?

Reads the files of one import whole, all or nothing: where anything is refused, nothing is taken. What comes out is
a value that waits beside the bench: rows for the registers, and a report. It becomes true only when its entry is on
disk; then the bytes are kept as `done/<sha256>-<name>`, and `read_import` reads those again when registers are
rebuilt: names decide nothing, and against the same registers the same bytes give the same rows.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from stations.records import csv_files, hospital_files, ndc_files
from stations.records.hospital_files import Draft
from stations.records.ndc_files import Directory, SetAside
from stations.records.reading import ImportRefused, Pace, Progress, Refusals, Source, count_lines, read_source
from stations.work.facts import Facts, Put, kept

__all__ = ["KINDS", "Import", "ImportRefused", "Progress", "Report", "SetAside", "Source", "read_import"]

KINDS = ("ndc", *hospital_files.KINDS)
"""What an import can be of."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an import does, in numbers of register rows."""

    taken: int
    """Rows that are as the files say afterwards: new, changed and unchanged ones."""
    changed: int
    unchanged: int
    refused: tuple[SetAside, ...] = ()
    """Rows of the files that cannot be used, and why."""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """Files that may be taken."""

    kind: str
    files: tuple[Source, ...]
    """With the bytes that were read: those are to be kept, for the files may have changed since."""
    sha256: str
    """Hex, of the bytes of all files one after the other."""
    puts: tuple[Put, ...] = ()
    """New and changed rows, whole."""
    replaced: Mapping[str, Directory] = MappingProxyType({})
    """Registers that consist of these rows and no others afterwards."""
    report: Report

    def let_go(self) -> None:
        """Free the rows, when they are taken or not wanted, without holding up other threads."""
        for directory in self.replaced.values():
            directory.let_go()


def read_import(
    kind: str, files: Sequence[Path], facts: Facts, progress: Progress | None = None, *, again: bool = False
) -> Import:
    """Read the files of one import; raise ImportRefused with a sentence for everything that is wrong with them.

    `kind` is one of `KINDS`. `facts` are the registers as they are. `progress` is told lines read and lines in all.
    `again` is for files that were taken once, when registers are rebuilt: then only the files themselves are judged,
    not how they go with registers that may have gone on since.
    Slow for FDA's directory (seconds): call it beside the bench, on any thread.
    """
    if kind not in KINDS:
        raise ImportRefused(f"Found the kind {kind!r}, expected one of {', '.join(KINDS)}.")
    if not files:
        raise ImportRefused(f"Found no file to import as {kind}, expected at least one.")
    most = ndc_files.LARGEST if kind == "ndc" else csv_files.LARGEST
    sources = [read_source(path, most) for path in files]
    told = progress or _untold
    if kind == "ndc":
        return _directory(sources, facts, told)
    return _hospital(kind, sources, facts, told, Refusals(taken_before=again))


def _untold(_done: int, _total: int) -> None:
    """Tell nobody."""


def _import(kind: str, sources: Sequence[Source], report: Report, **rows: Any) -> Import:  # noqa: ANN401 - of Import
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.data)
    return Import(kind=kind, files=tuple(sources), sha256=digest.hexdigest(), report=report, **rows)


def _directory(sources: Sequence[Source], facts: Facts, progress: Progress) -> Import:
    directory = ndc_files.read_directory(sources, progress)
    pace = Pace(len(directory), progress)
    changed = unchanged = 0
    for row in directory:
        pace.step()
        old = facts.row("directory", row["ndc12"])
        if old is not None:
            unchanged += (same := kept(old) == row)
            changed += not same
    report = Report(taken=len(directory), changed=changed, unchanged=unchanged, refused=directory.set_aside)
    return _import("ndc", sources, report, replaced={"directory": directory})


def _hospital(kind: str, sources: Sequence[Source], facts: Facts, progress: Progress, refusals: Refusals) -> Import:
    pace = Pace(count_lines(sources), progress)
    columns = hospital_files.KINDS[kind].columns
    lines = [line for source in sources for line in csv_files.read_lines(source, columns, refusals, pace)]
    pace.finish()
    drafts = hospital_files.drafts(kind, lines, facts)
    refusals.settle()
    puts = tuple(put for draft in drafts if (put := _put(draft, facts)) is not None)
    changed = sum(facts.row(put.register, put.key) is not None for put in puts)
    report = Report(taken=len(drafts), changed=changed, unchanged=len(drafts) - len(puts))
    return _import(kind, sources, report, puts=puts)


def _put(draft: Draft, facts: Facts) -> Put | None:
    """Return the row as it will be, or None where it is so already."""
    old = facts.row(draft.register, draft.key)
    before = kept(old) if old is not None else dict(draft.otherwise)
    row = before | draft.row
    return None if old is not None and row == before else Put(register=draft.register, key=draft.key, row=row)
