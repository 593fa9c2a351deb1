"""What will this label look like when it comes out?

Drawn by the same code that prints it, with the site's own layouts, once for each job and reprint. Drawing takes
milliseconds, so it is never done while a frame is painted: a thread beside the screens draws, and the next frame shows.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol

import msgspec

from printers import job as printing
from printers.drawing import LabelRefused
from printers.label import Layout, Paper
from printers.layout import named
from printers.virtual import Sheet
from stations.bench.kept import Job

_KEPT = 8
"""Drawings that are kept: the present one, and those of tasks that people go back and forth between."""
_NOT_LEFT = ("queued", "waiting")
"""While a label is so, it is drawn anew where its layout was edited."""


class Defined(Protocol):
    """A site's definitions."""

    @property
    def layouts(self) -> Mapping[str, Layout]:
        """Every label's, by its id."""


class Printing(Protocol):
    """What a station knows of its labels."""

    @property
    def read(self) -> Defined:
        """The definitions in use."""

    @property
    def paper(self) -> Paper:
        """The width of the printer's roll."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A label as it will come out."""

    title: str = ""
    sheet: Sheet | None = None
    """None where it cannot be drawn."""
    says: tuple[str, ...] = ()
    """Its lines of words; where it cannot be drawn, why."""


class Previews:
    """Drawings of labels; `known` never waits, `draw` is called on another thread."""

    def __init__(self, station: Printing) -> None:
        """Nothing is drawn before it is asked for."""
        self._station = station
        self._lock = threading.Lock()
        self._drawn: OrderedDict[tuple[str, int], tuple[Mapping[str, Layout], Preview]] = OrderedDict()

    def known(self, job: Job) -> Preview | None:
        """Give the drawing of a job, if there is one by the layouts that count for it."""
        with self._lock:
            layouts, preview = self._drawn.get((job.id, job.duplicate), (None, None))
        is_old = job.state in _NOT_LEFT and layouts is not self._station.read.layouts
        return None if is_old else preview

    def draw(self, job: Job) -> None:
        """Draw a job's label, and keep it."""
        layouts = self._station.read.layouts
        preview = preview_of(job, layouts, self._station.paper)
        with self._lock:
            self._drawn[job.id, job.duplicate] = layouts, preview
            self._drawn.move_to_end((job.id, job.duplicate))
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)


def preview_of(job: Job, layouts: Mapping[str, Layout], paper: Paper) -> Preview:
    """Draw a label as the printer will, a reprint with its mark."""
    try:
        drawing = printing.drawn(_as_printed(job), layouts, paper)
        title = named(layouts, job.template).title
    except LabelRefused as refused:
        return Preview(says=(f"It cannot be drawn: {refused}",))
    sheet = Sheet(width=drawing.width, height=drawing.height, rows=drawing.rows, cut=True)
    return Preview(title=title, sheet=sheet, says=drawing.text)


def _as_printed(job: Job) -> printing.Job:
    return printing.Job(
        id=job.id,
        template=job.template,
        fields=job.fields,
        copies=job.copies,
        duplicate=job.duplicate,
        reason=job.reason,
        reprinted=job.reprinted,
        replaces=job.replaces,
    )
