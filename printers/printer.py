"""How does a label become paper, once and only once?

The one door to python-escpos, and the thread that owns a printer. The laws here:

* Nothing leaves before its `Sending` was reported and the job released, so that "sending" is on disk first.
* Nothing is sent twice. A job that broke off after its first byte is `Unknown`; only a person prints it again.
* A job that a person took away is never sent. A printer that is not ready keeps its jobs, in order, and looks again
  when it is poked, not by itself.
* A label is composed whole and handed to the transport in one piece.
"""

import functools
import logging
import os
import shutil
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from printers.canvas import picture_of
from printers.drawing import Drawing, draw
from printers.job import Failed, Job, JobReport, NotReady, Printed, Sending, Status, Unanswered, Unknown
from printers.label import LabelRefused, Layout, Paper
from printers.layout import named
from printers.realtime import calmed
from printers.transport import Profile, Transport, TransportBroken

_MODELS = {Paper.MM80: "TM-T20II", Paper.MM58: "POS-5890"}
"""The library's models by width; a model of unknown width makes it write to standard output."""
_CONFIRM = b"\x1dr\x01"
"""GS r 1: the printer answers with one byte, once everything before it is on paper."""
_TEAR_LINES = 4
_IMPORTING = threading.Lock()


@functools.cache
def _composer() -> Callable[..., Any]:
    """Import the library's printer that only collects bytes: late, since that takes half a second.

    The import sets up the root logger and leaves a folder of pickles behind; neither outlives this call.
    """
    quiet = logging.NullHandler()
    logging.getLogger().addHandler(quiet)
    pickles = os.environ.pop("ESCPOS_CAPABILITIES_PICKLE_DIR", None)
    try:
        from escpos import capabilities  # noqa: PLC0415 - half a second, paid by the printer's thread
        from escpos.printer import Dummy  # noqa: PLC0415 - the same
    finally:
        logging.getLogger().removeHandler(quiet)
        if pickles is not None:
            os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = pickles
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    composer: Callable[..., Any] = Dummy
    return composer


def compose(drawing: Drawing, profile: Profile, copies: int = 1) -> bytes:
    """Give the ESC/POS bytes of a label: reset, the picture in fragments, feed and cut, for each copy.

    Raises ValueError where the drawing is not as wide as the paper, LabelRefused where its dots would be commands.
    """
    if drawing.width != profile.paper.dots:
        raise ValueError(f"the drawing is {drawing.width} dots wide, {profile.name} prints {profile.paper.dots}")
    picture = picture_of(calmed(drawing))
    with _IMPORTING:
        composer = _composer()
    out = composer(profile=_MODELS[profile.paper])
    out.image(picture, impl="bitImageRaster", fragment_height=profile.fragment_rows)
    if profile.cutter:
        out.cut(feed=False)
    else:
        out.print_and_feed(_TEAR_LINES)
    label: bytes = out.output
    out.clear()
    out.hw("INIT")
    reset: bytes = out.output
    return reset + label * copies + (_CONFIRM if profile.status else b"")


class Printer:
    """One printer: its queue, and the thread that prints it.

    `report` is called from that thread and must not block for long; it may call any method but `settle`.
    """

    def __init__(
        self,
        transport: Transport,
        profile: Profile,
        report: Callable[[JobReport | Status], None],
        layouts: Mapping[str, Layout],
    ) -> None:
        self._transport = transport
        self._profile = profile
        self._report = report
        self._layouts = layouts
        self._turn = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._in_hand: Job | None = None
        """The job whose `Sending` was reported, until it leaves or is taken away."""
        self._released = False
        self._nudged = False
        self._at_rest = False
        self._closed = False
        self._spent: set[str] = set()
        self._thread = threading.Thread(target=self._run, name=f"printer {profile.name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; its reports follow.

        Raises ValueError for an id that waits or may be on paper, and after closing. One that failed may come again.
        """
        with self._turn:
            if self._closed:
                raise ValueError(f"job {job.id}: the printer is closed")
            if job.id in self._spent or any(job.id == other.id for other in self._waiting):
                raise ValueError(f"job {job.id} was given before; a reprint is a new job")
            self._waiting.append(job)
            self._nudged = True
            self._turn.notify_all()

    def poke(self) -> None:
        """Look again whether the printer is ready."""
        with self._turn:
            self._nudged = True
            self._turn.notify_all()

    def use(self, layouts: Mapping[str, Layout]) -> None:
        """Draw what is not yet drawn with these definitions."""
        with self._turn:
            self._layouts = layouts

    def release(self, job_id: str) -> bool:
        """Let a job leave whose `Sending` is on disk; false where it is not, or no longer, about to."""
        with self._turn:
            if self._closed or self._released or self._in_hand is None or self._in_hand.id != job_id:
                return False
            self._released = True
            self._turn.notify_all()
            return True

    def cancel(self, job_id: str) -> bool:
        """Take a job away; true where no byte of it has left or ever will, and then no report follows."""
        with self._turn:
            job = next((job for job in self._waiting if job.id == job_id), None)
            if job is None or (self._in_hand is job and self._released):
                return False
            self._waiting.remove(job)
            if self._in_hand is job:
                self._in_hand = None
            self._nudged = True
            self._turn.notify_all()
            return True

    def busy(self) -> bool:
        """Whether something is under way or about to be; a job that waits for a person at the printer is not."""
        with self._turn:
            return not self._at_rest or self._has_work() or self._in_hand is not None

    def settle(self, limit: float | None = None) -> bool:
        """Wait until the printer can do no more by itself; every report of what it did has then been made.

        It then waits for a release, for paper or for work. `limit` is in seconds; false where it ran out.
        """
        with self._turn:
            return self._turn.wait_for(lambda: self._at_rest and not self._has_work(), limit)

    def close(self, limit: float = 5.0) -> None:
        """Stop; what has not begun to leave never will. Waits up to `limit` seconds for what is leaving."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(limit)

    def _has_work(self) -> bool:
        """Under the lock: whether the thread has a reason to stir."""
        if self._in_hand is not None:
            return self._released
        return not self._closed and self._nudged and bool(self._waiting)

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                self._try(job)
        finally:
            with self._turn:
                self._closed = self._at_rest = True
                self._turn.notify_all()

    def _next(self) -> Job | None:
        """Wait for a reason to look at the first job of the queue; none once closed."""
        with self._turn:
            self._rest()
            if self._closed:
                return None
            self._nudged = False
            return self._waiting[0]

    def _rest(self) -> None:
        """Under the lock: wait for a reason to stir, or for the end."""
        self._at_rest = True
        self._turn.notify_all()
        self._turn.wait_for(lambda: self._closed or self._has_work())
        self._at_rest = False

    def _try(self, job: Job) -> None:
        """Take one job as far as it goes now."""
        try:
            data = self._composed(job)
        except LabelRefused as reason:
            if self._done(job):
                self._report(Failed(job_id=job.id, sentence=str(reason)))
            return
        status = self._transport.status()
        self._report(status)
        if self._may_print(status) and self._is_released(job):
            self._send(job, data)

    def _composed(self, job: Job) -> bytes:
        layout = named(self._layouts, job.template)
        drawing = draw(layout, job.fields, self._profile.paper, marker=job.marker)
        return compose(drawing, self._profile, job.copies)

    def _may_print(self, status: Status) -> bool:
        if isinstance(status, Unanswered):
            return not self._profile.status
        return not isinstance(status, NotReady)

    def _is_released(self, job: Job) -> bool:
        """Report that the job is about to leave, and wait for its release; false where it was taken away."""
        with self._turn:
            if self._closed or job not in self._waiting:
                return False
            self._in_hand, self._released = job, False
        self._report(Sending(job_id=job.id))
        with self._turn:
            self._rest()
            leaves = self._in_hand is job and self._released
            self._in_hand, self._released = None, False
            if leaves:
                self._spent.add(job.id)
                self._waiting.remove(job)
            return leaves

    def _send(self, job: Job, data: bytes) -> None:
        """Hand the bytes over, once."""
        report: JobReport = Printed(job_id=job.id)
        try:
            self._transport.send(data)
        except TransportBroken as broken:
            if broken.sent:
                report = Unknown(job_id=job.id, sentence=broken.sentence)
            else:
                report = Failed(job_id=job.id, sentence=broken.sentence)
        with self._turn:
            self._nudged = True
            if isinstance(report, Failed):
                self._spent.discard(job.id)
        self._report(report)

    def _done(self, job: Job) -> bool:
        """Drop a job that cannot be drawn; false where a person took it away first."""
        with self._turn:
            self._nudged = True
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            return True
