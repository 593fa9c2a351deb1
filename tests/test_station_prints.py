"""A bench and its printer on the network, which breaks off anywhere: what the screen says, what the record holds."""

import shutil
from pathlib import Path

import pytest
from network_printer import Interpreter, NetworkPrinter

from kiosk.sample import make_sample
from kiosk.screens.view import view
from kiosk.scripts.replay import START, ScriptClock
from kiosk.station import Station
from printers.composing import compose
from printers.drawing import draw
from printers.label import Paper
from printers.layout import load
from printers.profile import named
from printers.transports.network import NetworkTransport
from printers.transports.wire import PRINTED
from stations.bench.events import LabelAsked
from stations.records.journal import Verified, entries, verify
from stations.work.facts import Row

TAG = """
id = "tag"
title = "Short label"
papers = [58]
fields = [{ name = "label_id", max_length = 12, sample = "K000000017" }]
lines = [{ kind = "text", text = "{label_id}" }]
"""
PROFILE = """
title = "Short pictures"
paper = 58
dots = 384
columns = 32
code_page = "CP437"
code_page_number = 0
cut = "partial"
status = true
fragment_rows = 16
"""
SAYS = {
    "drop": "The line to the printer broke",
    "stall": "the printer does not answer",
    "out-of-paper": "the printer is out of paper; load a roll.",
    "offline": "the printer is offline; press its feed or online button.",
    "cover-open": "the printer's cover is open; close it.",
}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample hospital whose bench prints short labels on a printer of its own."""
    site = tmp_path_factory.mktemp("prints") / "site"
    make_sample(site, START)
    (site / "labels" / "tag.toml").write_text(TAG, encoding="utf-8")
    (site / "printers" / "short.toml").write_text(PROFILE, encoding="utf-8")
    own = site / "stations" / "bench-3" / "station.toml"
    own.write_text('name = "Bench 3"\n[printer]\nkind = "virtual"\nprofile = "short"\n', encoding="utf-8")
    return site


class Asking:
    """A station that is asked for one label after the other."""

    def __init__(self, site: Path, printer: NetworkPrinter) -> None:
        self.clock = ScriptClock(START)
        self.site = site
        transport = NetworkTransport(printer.host, printer.port, answers=True, limits=printer.limits())
        self.station = Station(site, None, self.clock, transport=transport)
        self.station.settle()

    def label(self, ticket: str) -> Row:
        """Ask for a label; what became of it."""
        self.clock.move(1)
        asked = LabelAsked(
            at=self.station.now(), ticket=ticket, template="tag", fields={}, stamped=("label_id",), by="user:test"
        )
        self.station.post(asked)
        row = self.station.label_state(ticket, 0.0)
        self.station.settle()
        row = self.station.label_state(ticket, 0.0)
        assert row is not None
        return row

    def states(self, after: int) -> list[str]:
        """What the record says of labels since an entry."""
        found = entries(self.site / "stations" / "bench-3" / "journal", after)
        return [str(one["state"]) for entry in found for one in entry.data.get("labels", ())]


def label_bytes(site: Path, label: str) -> bytes:
    drawing = draw(load(site / "labels" / "tag.toml"), {"label_id": label}, Paper.MM58)
    return compose(drawing, named("short", site / "printers"))


def rows_of(site: Path, label: str) -> bytes:
    """The label as a printer prints it that nothing ever happened to."""
    interpreter = Interpreter(Paper.MM58.dots)
    interpreter.feed(label_bytes(site, label))
    (sheet,) = interpreter.all_sheets()
    return sheet.rows


@pytest.mark.parametrize("what", SAYS)
def test_a_printer_that_breaks_off_anywhere_loses_no_label_prints_none_twice_and_is_told(
    hospital: Path, tmp_path: Path, what: str
) -> None:
    site = Path(shutil.copytree(hospital, tmp_path / "site"))
    with NetworkPrinter() as printer:
        asking = Asking(site, printer)
        doubtful = []
        length = len(label_bytes(site, "K000000017").removesuffix(PRINTED))
        for after in range(64, length, 64):
            before = asking.station.runtime.journal.last_seq
            printer.after(after, what)
            broken = asking.label(f"broken {after}")
            doubtful.append(str(broken["label"]))
            assert (broken["state"], SAYS[what] in str(broken["says"])) == ("unknown", True)
            assert asking.states(before) == ["queued", "sending", "unknown"]
            said = asking.station.bench.says
            assert str(broken["says"]) in said
            assert "Tear off what came out and scan it" in said
            assert said in view(asking.station.bench, asking.station.now()).says
            printer.set_state("ready")
            whole = asking.label(f"whole {after}")
            assert whole["state"] == "sent"
            assert printer.sheets()[-1].rows == rows_of(site, str(whole["label"]))
            came_out = [sheet.rows for sheet in printer.sheets()].count(rows_of(site, doubtful[-1]))
            assert came_out == (0 if what == "drop" else 1)
        kept = asking.station.bench.kept.jobs
        assert [job.id for job in kept if job.state != "sent"] == doubtful
        asking.station.crash()
        before_restart = len(printer.sheets())
        again = Asking(site, printer)
        left = [(job.id, job.state) for job in again.station.bench.kept.jobs if job.state != "sent"]
        assert left == [(one, "unknown") for one in doubtful]
        assert len(printer.sheets()) == before_restart
        again.station.close()
        assert isinstance(verify(site / "stations" / "bench-3" / "journal"), Verified)


@pytest.mark.parametrize("state", ["out-of-paper", "offline", "cover-open", "jam", "error"])
def test_what_waits_for_a_printer_that_is_not_ready_is_printed_once_after_a_power_cut_too(
    hospital: Path, tmp_path: Path, state: str
) -> None:
    site = Path(shutil.copytree(hospital, tmp_path / "site"))
    with NetworkPrinter() as printer:
        printer.set_state(state)
        asking = Asking(site, printer)
        row = asking.label("early")
        assert row["state"] == "waiting"
        assert asking.station.bench.printer.answer == "fault"
        assert asking.station.bench.printer.says == row["says"]
        assert printer.sheets() == ()
        asking.station.crash()
        again = Asking(site, printer)
        assert printer.sheets() == ()
        printer.set_state("ready")
        again.station.retry()
        again.station.settle()
        assert [sheet.rows for sheet in printer.sheets()] == [rows_of(site, str(row["label"]))]
        again.station.retry()
        again.station.settle()
        assert len(printer.sheets()) == 1
        assert again.station.bench.printer.answer == "ready"
        again.station.close()
