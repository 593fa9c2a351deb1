"""What the tests of the printer share: a short slip, a wire that remembers, and a bench that hears a printer."""

import hashlib
from pathlib import Path

from printers.composing import compose
from printers.job import Failed, Job, JobReport, Sending, Sent, Unknown, drawn
from printers.label import samples
from printers.layout import layouts
from printers.printer import Printer, layout_sha256
from printers.profile import Profile, named
from printers.status import Ready, Status
from printers.transports import Transport

_DATA = Path(__file__).parents[1] / "data"
PROFILES = {path.stem: named(path.stem, path.parent) for path in sorted((_DATA / "printers").glob("*.toml"))}
LAYOUTS, _ = layouts(_DATA / "labels")
WIDE, NARROW = PROFILES["roll-80"], PROFILES["roll-58"]
SECONDS = 20.0
"""A hang is told apart from slow work by this much; nothing waits for it to pass."""


SHORT: dict[str, str | list[str]] = {
    "label_id": "K1",
    "title": "Slip",
    "notes": ["Done"],
    "next_due": "07:00",
    "station": "B1",
    "initials": "AT",
    "time": "2026-03-10 08:00",
}


def slip(job_id: str = "J1", **changes: object) -> Job:
    fields = {**samples(LAYOUTS["T07"]), "title": f"Slip {job_id}"}
    given_changes: dict[str, object] = {"template": "T07", "fields": fields, **changes}
    return Job(id=job_id, **given_changes)  # type: ignore[arg-type] # each test names the fields it changes


def slip_bytes(job: Job, profile: Profile = NARROW) -> bytes:
    return compose(drawn(job, LAYOUTS, profile.paper), profile, job.copies)


def sending(job_id: str = "J1", profile: Profile = NARROW) -> Sending:
    """What is said of a plain slip before its first byte leaves."""
    job = slip(job_id)
    data = hashlib.sha256(slip_bytes(job, profile)).hexdigest()
    return Sending(job_id=job_id, layout=layout_sha256(LAYOUTS["T07"]), data=data)


class Bench:
    """Hears a printer, and lets its jobs leave as soon as they ask where `releases` is set."""

    def __init__(self, transport: Transport, profile: Profile, *, releases: bool) -> None:
        self.heard: list[JobReport | Status] = []
        self.releases = releases
        self.printer = Printer(transport, profile, self._hear, LAYOUTS)

    def _hear(self, report: JobReport | Status) -> None:
        self.heard.append(report)
        if self.releases and isinstance(report, Sending):
            assert self.printer.release(report.job_id)

    def settled(self) -> list[JobReport | Status]:
        """Everything heard so far, once the printer can do no more by itself."""
        assert self.printer.settle(SECONDS)
        return self.heard

    def of_jobs(self) -> list[JobReport]:
        return [report for report in self.settled() if isinstance(report, Sending | Sent | Failed | Unknown)]


class Wire:
    """A transport that keeps what it was sent, and can be told how the printer is."""

    def __init__(self, status: Status | None = None) -> None:
        self.sent: list[bytes] = []
        self.now: Status = status or Ready()
        self.asked = 0

    def status(self) -> Status:
        self.asked += 1
        return self.now

    def send(self, data: bytes) -> None:
        self.sent.append(data)


class Start:
    """Makes benches, and closes them all."""

    def __init__(self) -> None:
        self._benches: list[Bench] = []

    def __call__(self, transport: Transport, profile: Profile = NARROW, *, releases: bool = True) -> Bench:
        self._benches.append(Bench(transport, profile, releases=releases))
        return self._benches[-1]

    def close(self) -> None:
        for bench in self._benches:
            bench.printer.close(SECONDS)
