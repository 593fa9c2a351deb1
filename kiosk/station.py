"""How is one station put together: the funnel, its printer, its definitions, its scanner, its clock?

The same assembly runs a bench, the demo and a headless script; they differ in the clock, in the scanner at the other
end of the key events, and in whether threads of their own are running.
"""

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from kiosk.definitions import Definitions, Read
from kiosk.pins import check_pin
from kiosk.printer_place import transport_to
from kiosk.site import printer_profile, station_named
from printers import job as said
from printers.label import Paper
from printers.printer import Printer
from printers.status import NotReady, Ready, Status, Unanswered, Warned
from printers.transports import Transport
from stations.bench.events import (
    Answer,
    CancelJob,
    CheckPin,
    Event,
    FileTaken,
    JobReported,
    PinChecked,
    PrinterReported,
    PrintLabel,
    ReleaseJob,
    Scanned,
    StepFailed,
)
from stations.bench.state import Bench
from stations.records.imports import Progress
from stations.records.intake import Taken
from stations.records.journal import Entry, entries
from stations.records.lock import StationLock
from stations.runtime import Runtime
from stations.scanning import codes
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.line import Line
from stations.scanning.decoding.wedge import Wedge
from stations.work.facts import Row

Clock = Callable[[], dt.datetime]


class Station:
    """One bench, opened."""

    def __init__(
        self,
        site: Path,
        station: str | None,
        clock: Clock,
        *,
        transport: Transport | None = None,
        live: bool = False,
        prints: bool = True,
    ) -> None:
        """Open a station of a data folder; `clock` gives aware times. `live` runs slow things on threads.

        Without `prints` no label leaves and none is lost: those that wait are the kiosk's, where somebody sees them.
        Raises SiteRefused, StationHeld, JournalBroken.
        """
        self.site = site
        self.id, self.file = station_named(site, station)
        file = self.file
        self._profile = printer_profile(site, file)
        self._lock = StationLock.take(site / "stations" / self.id / "lock", clock().isoformat(timespec="seconds"))
        self._definitions = Definitions(site, (self._profile.paper,))
        self.read: Read = self._definitions.read()
        self._clock = clock
        self.jobs: list[said.Job] = []
        """Every label handed to the printer since the station was opened."""
        self._live, self._prints = live, prints
        self._leaving = False
        self._beside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="beside") if live else None
        self._news = threading.Event()
        bench = Bench(station=self.id, name=file.name, number=file.number, settings=self.read.settings)
        try:
            self.runtime = Runtime(bench, site, self)
        except BaseException:
            self._lock.release()
            raise
        self.transport = transport or transport_to(file.printer, self._profile, site / "stations" / self.id)
        self._printer_was: Answer = "untold"
        self._printer = Printer(
            self.transport,
            self._profile,
            self._printer_said,
            self.read.layouts,
            after_break=self.runtime.bench.kept.broke_off,
        )
        self._wedges: dict[str, Wedge] = {}
        self._lines: dict[str, Line] = {}
        self.listen(lambda _: self._news.set())
        self.post(self.read.event(self.now()))
        self.runtime.restarted(self.now())

    def now(self) -> dt.datetime:
        """Return the time in the site's zone."""
        return self._clock().astimezone(ZoneInfo(self.read.settings.zone))

    @property
    def paper(self) -> Paper:
        """The width of the printer's roll."""
        return self._profile.paper

    @property
    def bench(self) -> Bench:
        """The last published bench."""
        return self.runtime.bench

    def post(self, event: Event) -> None:
        """Let something have happened."""
        self.runtime.post(event)

    def listen(self, listener: Callable[[Bench], None]) -> None:
        """Be told every published bench, on the funnel's thread."""
        self.runtime.listen(listener)

    def keys(self, device: str, events: Sequence[KeyEvent]) -> None:
        """Feed a device's key events through its own decoder; whole scans go into the funnel."""
        wedge = self._wedges.setdefault(device, Wedge(device))
        for event in events:
            scan = wedge.feed(event)
            if scan is not None:
                self.post(Scanned(at=self.now(), scan=scan))

    def bytes(self, device: str, data: bytes, *, lost: bool = False) -> None:
        """Feed what a scanner in serial mode sends through its own decoder; `lost`: its beginning went unheard."""
        line, now = self._lines.setdefault(device, Line(device)), self._clock().timestamp()
        if lost:
            line.doubt(now)
        for scan in line.feed(data, now):
            self.post(Scanned(at=self.now(), scan=scan))

    def reload(self) -> None:
        """Read the definitions again."""
        self.read = self._definitions.read()
        self._printer.use(self.read.layouts)
        self.post(self.read.event(self.now()))

    def take_file(self, kind: str, files: Sequence[Path], progress: Progress | None = None) -> Taken:
        """Read an import and let the bench take it in; raise ImportRefused, and then nothing was taken."""
        taken = self.runtime.intake.read(kind, files, progress)
        self.post(
            FileTaken(
                at=self.now(),
                ticket=taken.ticket,
                what=taken.what,
                files=taken.files,
                sha256=taken.sha256,
                report=taken.report,
            )
        )
        return taken

    def recorded(self, taken: Taken, after: int, within_s: float) -> bool:
        """Whether what was read is on disk, in an entry above `after`; where threads run, wait so long for it."""
        end = time.monotonic() + within_s
        while True:
            self._news.clear()
            if any(_tells_of(entry, taken) for entry in entries(self.site / "stations" / self.id / "journal", after)):
                return True
            left = end - time.monotonic()
            if self._given_up(left):
                return False
            if self._live:
                self._news.wait(left)
            else:
                self.settle()

    def leave(self) -> None:
        """Wait no longer for what was asked of the station: it is about to be closed."""
        self._leaving = True
        self._news.set()

    def _given_up(self, left_s: float) -> bool:
        return bool(self.bench.out_of_order) or self._leaving or self._printer.has_ended or left_s <= 0

    def settle(self) -> None:
        """Without threads: go on until no event, job or report is outstanding."""
        while self.runtime.drain() or self._printer.busy():
            self._printer.settle()

    def start(self) -> None:
        """Run the funnel on its own thread, and load beside it what the first scan would wait for."""
        self.runtime.start()
        if self._beside is not None:
            self._beside.submit(codes.warm)

    def close(self) -> None:
        """Save everything and let the station go."""
        self._printer.close()
        if self._beside is not None:
            self._beside.shutdown(wait=True)
        try:
            self.runtime.close()
        finally:
            self._lock.release()

    def crash(self) -> None:
        """Lose everything in memory, as in a power cut."""
        self._printer.close()
        self.runtime.journal.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check_pin(self, effect: CheckPin) -> None:
        """Compare a PIN with its hash, beside the funnel where there are threads."""

        def compare() -> None:
            right = check_pin(effect.pin, effect.pin_hash)
            self.post(PinChecked(at=self.now(), person=effect.person, right=right))

        if self._beside is None:
            compare()
        else:
            self._beside.submit(compare).add_done_callback(self._fault_beside)

    def _fault_beside(self, done: Future[None]) -> None:
        """Stop the station at a fault beside the funnel, so that nobody waits for an answer that never comes."""
        error = done.exception()
        if error is not None:
            self.post(StepFailed(at=self.now(), says=str(error)))

    def print_label(self, effect: PrintLabel) -> None:
        """Queue a label; a reprint is a job of its own, of the same label."""
        job = said.Job(
            id=_print_id(effect),
            template=effect.template,
            fields=effect.fields,
            duplicate=effect.duplicate,
            reason=effect.reason,
            reprinted=effect.reprinted,
            replaces=effect.replaces,
            copies=effect.copies,
        )
        self.jobs.append(job)
        if self._prints:
            self._printer.submit(job)

    def release(self, effect: ReleaseJob) -> None:
        """Let a label's first byte leave: its entry is on disk."""
        self._printer.release(_print_id(effect))

    def cancel(self, effect: CancelJob) -> None:
        """Take a label out of the queue."""
        self._printer.cancel(_print_id(effect))

    def retry(self) -> None:
        """Have the printer asked how it is; what waits for it is printed if it is ready."""
        self._printer.ask()

    def label_state(self, ticket: str, within_s: float) -> Row | None:
        """Return what became of the label asked for with that ticket, where threads run within so long.

        Its row of the register `label` once it is sent, failed, in doubt, or waits for a printer that is not ready;
        what there is when the time is over; None where the bench did not take it.
        """
        end = time.monotonic() + within_s
        while True:
            self._news.clear()
            row = next(iter(self.runtime.registers.rows("label", ticket=ticket)), None)
            left = end - time.monotonic()
            if (row is not None and row["state"] not in ("queued", "sending")) or self._given_up(left):
                return row
            if self._live:
                self._news.wait(left)
            else:
                self.settle()

    def _printer_said(self, report: said.JobReport | Status) -> None:
        """Turn what the printer says into what happened; called on the printer's thread."""
        match report:
            case said.Sending():
                evidence = {"layout_sha256": report.layout, "data_sha256": report.data}
                self._job(report.job_id, "sending", evidence={**evidence, "printer": self._printer_was})
            case said.Sent():
                self._job(report.job_id, "sent")
            case said.Failed():
                self._job(report.job_id, "failed", report.sentence)
            case said.Unknown():
                self._job(report.job_id, "unknown", report.sentence)
            case Ready():
                self._answered("ready")
            case Warned():
                self._answered("warning", report.sentence)
            case NotReady():
                self._answered("fault", report.sentence)
                self._not_ready(report.sentence)
            case Unanswered():
                self._answered("untold", "" if report.is_there else report.sentence)
                if self._profile.status:
                    self._not_ready(report.sentence)

    def _answered(self, answer: Answer, says: str = "") -> None:
        self._printer_was = answer
        self.post(PrinterReported(at=self.now(), answer=answer, says=says))

    def _not_ready(self, says: str) -> None:
        """Tell whose labels wait for it."""
        for job in self.bench.kept.jobs:
            if job.state in ("queued", "waiting"):
                self._job(f"{job.id}#{job.duplicate}", "waiting", says)

    def _job(self, print_id: str, state: str, says: str = "", evidence: dict[str, str] | None = None) -> None:
        label, _, duplicate = print_id.partition("#")
        reported = JobReported(
            at=self.now(), job=label, duplicate=int(duplicate), state=state, says=says, evidence=evidence or {}
        )
        self.post(reported)


def _print_id(effect: PrintLabel | ReleaseJob | CancelJob) -> str:
    """Name one print of a label: the printer takes each once."""
    return f"{effect.job}#{effect.duplicate}"


def _tells_of(entry: Entry, taken: Taken) -> bool:
    return entry.kind == "imported" and entry.data["sha256"] == taken.sha256
