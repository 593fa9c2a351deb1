"""How does a label become paper, once and only once?

The thread that owns a printer, and its queue. The laws here:

* Nothing leaves before its `Sending` was reported and the job released, so that "sending" is on disk first.
* Nothing is sent twice. A job that broke off after its first byte is `Unknown`; only a person prints it again.
* A job that a person took away is never sent. A printer that is not ready keeps its jobs, in order, and looks again
  when it is asked to, not by itself.
* A label is composed whole and handed to the transport in one piece.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping

import msgspec

from printers.composing import compose
from printers.job import Failed, Job, JobReport, Sending, Sent, Unknown, drawn
from printers.label import LabelRefused, Layout
from printers.layout import named
from printers.profile import Profile
from printers.status import NotReady, Status, Unanswered
from printers.transports import Transport, TransportBroken


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
        *,
        after_break: bool = False,
    ) -> None:
        """`after_break`: a job broke off before this program began, as in a power cut."""
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
        self._asked = False
        self._broke = after_break
        """The last job that left broke off: the printer may wait for the rest of it."""
        self._at_rest = False
        self._closed = False
        self._spent: set[str] = set()
        self._ready: tuple[Job, Mapping[str, Layout], bool, bytes] | None = None
        """The job composed last, and with what: one that waits is not composed again whenever the printer is asked."""
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

    def ask(self) -> None:
        """Look again how the printer is, and report it though there may be nothing to print; print what waits."""
        with self._turn:
            self._asked = self._nudged = True
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

    @property
    def has_ended(self) -> bool:
        """Whether its thread is gone: closed, or by a fault of the program."""
        with self._turn:
            return self._closed

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
        return not self._closed and (self._asked or (self._nudged and bool(self._waiting)))

    def _run(self) -> None:
        try:
            while not self._closed:
                job = self._next()
                if job is not None:
                    self._try(job)
        finally:
            with self._turn:
                self._closed = self._at_rest = True
                self._turn.notify_all()

    def _next(self) -> Job | None:
        """Wait for a reason to look at the first job of the queue; none where there is none, or once closed."""
        with self._turn:
            self._rest()
            if self._closed:
                return None
            is_asked = self._asked
            self._nudged = self._asked = False
            if self._waiting:
                return self._waiting[0]
        if is_asked:
            self._report(self._transport.status())
        return None

    def _rest(self) -> None:
        """Under the lock: wait for a reason to stir, or for the end."""
        self._at_rest = True
        self._turn.notify_all()
        self._turn.wait_for(lambda: self._closed or self._has_work())
        self._at_rest = False

    def _try(self, job: Job) -> None:
        """Take one job as far as it goes now."""
        try:
            data, layout = self._composed(job), layout_sha256(named(self._layouts, job.template))
        except LabelRefused as reason:
            if self._done(job):
                self._report(Failed(job_id=job.id, sentence=str(reason)))
            return
        status = self._transport.status()
        self._report(status)
        sending = Sending(job_id=job.id, layout=layout, data=hashlib.sha256(data).hexdigest())
        if self._may_print(status) and self._is_released(job, sending):
            self._send(job, data)

    def _composed(self, job: Job) -> bytes:
        with_what = (job, self._layouts, self._broke)
        if self._ready is None or self._ready[:3] != with_what:
            drawing = drawn(job, self._layouts, self._profile.paper)
            self._ready = (*with_what, compose(drawing, self._profile, job.copies, after_break=self._broke))
        return self._ready[3]

    def _may_print(self, status: Status) -> bool:
        if isinstance(status, Unanswered):
            return not self._profile.status
        return not isinstance(status, NotReady)

    def _is_released(self, job: Job, sending: Sending) -> bool:
        """Report that the job is about to leave, and wait for its release; false where it was taken away."""
        with self._turn:
            if self._closed or job not in self._waiting:
                return False
            self._in_hand, self._released = job, False
        self._report(sending)
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
        report: JobReport = Sent(job_id=job.id)
        try:
            self._transport.send(data)
            self._broke = False
        except TransportBroken as broken:
            self._broke = self._broke or bool(broken.sent)
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


def layout_sha256(layout: Layout) -> str:
    """Name one version of a definition, hex: two that draw alike are alike."""
    return hashlib.sha256(msgspec.json.encode(layout)).hexdigest()
