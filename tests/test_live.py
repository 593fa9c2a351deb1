"""What runs beside a bench that is open: dropped files, edited definitions, scanners that come and go, faults?"""

import datetime as dt
import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from printing import PROFILES

from kiosk.demo import Demo, shipped_tray
from kiosk.live.beside import Live
from kiosk.live.inbox import Inbox
from kiosk.live.requests import ANSWER, ANSWER_WITHIN_S, REQUEST, Answer, Import, Request, read_answer, write_json
from kiosk.sample import make_sample
from kiosk.station import Station
from printers.composing import compose
from printers.drawing import draw
from printers.label import Paper, samples
from printers.status import NotReady
from printers.virtual import VirtualPrinter
from stations.bench.events import StepFailed
from stations.bench.state import Bench
from stations.records.imports import Progress
from stations.records.intake import Taken
from stations.records.journal import Entry, entries

PATIENCE = 20.0
NOW = dt.datetime.fromisoformat("2026-03-10T08:00:00-07:00")
SAMPLE = Path(__file__).parents[1] / "data" / "sample"
DEVICES = (SAMPLE / "devices.csv").read_text()
ONE_MORE = f"{DEVICES}DF77R,F77,refrigerator,Demo refrigerator,DEMO-0009,Central Pharmacy,in,,2026-06-01,3\n"


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hospital") / "site"
    make_sample(made, NOW)
    return made


@pytest.fixture
def site(hospital: Path, tmp_path: Path) -> Path:
    return shutil.copytree(hospital, tmp_path / "site")


@pytest.fixture
def station(site: Path) -> Iterator[Station]:
    """A station without threads: it goes on when it is asked to settle."""
    with Station(site, None, lambda: NOW) as opened:
        opened.settle()
        yield opened


class Watcher:
    """Waits until a published bench is as a test wants it."""

    def __init__(self, station: Station) -> None:
        self._station, self._news = station, threading.Condition()
        station.listen(self._told)

    def _told(self, _: Bench) -> None:
        with self._news:
            self._news.notify_all()

    def until(self, is_so: Callable[[Bench], object]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: is_so(self._station.bench), PATIENCE)


@pytest.fixture
def running(site: Path) -> Iterator[Station]:
    with Station(site, None, lambda: NOW, live=True) as opened:
        opened.start()
        yield opened


def recorded(station: Station, kind: str) -> list[Entry]:
    return [entry for entry in entries(station.site / "stations" / station.id / "journal") if entry.kind == kind]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def drop(station: Station, name: str, text: str) -> Path:
    path = station.site / "inbox" / name
    path.write_text(text)
    return path


# The inbox ------------------------------------------------------------------------------------------------------------


def test_a_dropped_file_is_taken_kept_and_gone_from_the_inbox(station: Station) -> None:
    Inbox(station).take(drop(station, "devices-new.csv", ONE_MORE))
    entry = recorded(station, "imported")[-1]
    assert (entry.data["what"], entry.data["report"]["unchanged"]) == ("devices", 5)
    assert station.runtime.registers.row("device", "DF77R") is not None
    assert names(station.site / "inbox") == []
    assert (station.site / "done" / entry.data["files"][0]).read_text() == ONE_MORE


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("devices.csv", DEVICES.replace("robot,", "toaster,"), "toaster"),
        ("holiday-photos.zip", "PK", "cannot tell what it is"),
        ("staff.csv", "", "staff.csv"),
        ("ndctext.zip", "no archive", "ndctext.zip"),
    ],
)
def test_a_file_that_cannot_be_taken_lies_among_the_rejected_with_the_reason(
    station: Station, name: str, text: str, why: str
) -> None:
    before = len(recorded(station, "imported"))
    Inbox(station).take(drop(station, name, text))
    station.settle()
    assert names(station.site / "inbox") == []
    assert (station.site / "rejected" / name).read_text() == text
    assert why in (station.site / "rejected" / f"{name}.why.txt").read_text()
    assert len(recorded(station, "imported")) == before
    assert recorded(station, "refused")[-1].data["file"] == name


def test_a_second_rejected_file_of_one_name_leaves_the_first_alone(station: Station) -> None:
    for text in ("first", "second"):
        Inbox(station).take(drop(station, "staff.csv", text))
    rejected = station.site / "rejected"
    assert names(rejected) == ["staff-2.csv", "staff-2.csv.why.txt", "staff.csv", "staff.csv.why.txt"]
    assert (rejected / "staff.csv").read_text() == "first"


@pytest.mark.parametrize("first", [0, 1])
def test_one_half_of_the_drug_directory_waits_for_the_other(station: Station, first: int) -> None:
    inbox, before = Inbox(station), len(recorded(station, "imported"))
    halves = [shutil.copy(SAMPLE / name, station.site / "inbox") for name in ("product.txt", "package.txt")]
    inbox.take(Path(halves[first]))
    assert len(recorded(station, "imported")) == before
    assert len(names(station.site / "inbox")) == 2
    inbox.take(Path(halves[1 - first]))
    assert recorded(station, "imported")[-1].data["report"]["taken"] == 1990
    assert len(recorded(station, "imported")) == before + 1
    assert names(station.site / "inbox") == []


def test_a_file_replaced_while_it_is_read_is_not_thrown_away(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    path, take_file = drop(station, "devices.csv", DEVICES), station.take_file

    def replaced_meanwhile(kind: str, files: Sequence[Path], progress: Progress | None = None) -> Taken:
        taken = take_file(kind, files, progress)
        drop(station, "next.csv", ONE_MORE).replace(path)
        return taken

    monkeypatch.setattr(station, "take_file", replaced_meanwhile)
    Inbox(station).take(path)
    assert path.read_text() == ONE_MORE


def test_a_directory_of_which_one_half_is_bad_is_rejected_whole(station: Station) -> None:
    inbox = Inbox(station)
    inbox.take(Path(shutil.copy(SAMPLE / "product.txt", station.site / "inbox")))
    inbox.take(drop(station, "package.txt", "nothing of the kind"))
    assert {"product.txt", "package.txt"} <= set(names(station.site / "rejected"))
    assert names(station.site / "inbox") == []


def test_folders_answers_and_half_written_files_are_left_alone(station: Station) -> None:
    inbox = station.site / "inbox"
    (inbox / "staff.csv").mkdir()
    for name in (f"x{ANSWER}", "staff.csv.new", ".staff.csv.swp"):
        drop(station, name, "")
    there = names(inbox)
    assert Inbox(station).waiting() == ()
    for name in there:
        Inbox(station).take(inbox / name)
    assert names(inbox) == there


def folder_there(path: Path) -> None:
    path.mkdir()
    (path / "within").write_text("kept")


def link_there(path: Path) -> None:
    path.symlink_to("../settings.toml")


def link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("made", [folder_there, link_there, link_to_nowhere, os.mkfifo])
def test_what_is_no_file_in_the_place_of_a_request_is_put_away_unread_and_told(
    station: Station, made: Callable[[Path], None]
) -> None:
    inbox, path = Inbox(station), station.site / "inbox" / f"r{REQUEST}"
    made(path)
    before = (station.site / "settings.toml").read_text()
    assert inbox.waiting() == (path,)
    inbox.take(path)
    station.settle()
    assert names(station.site / "inbox") == []
    assert names(station.site / "rejected") == [path.name, f"{path.name}.why.txt"]
    assert recorded(station, "refused")[-1].data["file"] == path.name
    assert (station.site / "settings.toml").read_text() == before
    assert not station.bench.out_of_order


def test_a_request_that_cannot_be_read_is_answered_with_no(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = station.site / "inbox" / f"r{REQUEST}"
    path.touch()
    told: list[Answer] = []
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", closed)  # a test may run as the user who may read everything
        patched.setattr("kiosk.live.inbox.write_json", lambda _, answer: told.append(answer))
        Inbox(station).take(path)
    assert told == [Answer(done=False, says=f"r{REQUEST}: cannot be read: Permission denied.")]
    assert names(station.site / "inbox") == []


def test_a_request_that_meets_a_fault_of_the_program_is_not_met_again(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Answer:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr("kiosk.live.inbox.answered", broken)
    path = station.site / "inbox" / f"r{REQUEST}"
    write_json(path, Import(what="devices", files=(str(SAMPLE / "devices.csv"),)))
    with pytest.raises(ZeroDivisionError):
        Inbox(station).take(path)
    assert names(station.site / "inbox") == []


def test_an_answer_that_cannot_be_written_is_told_and_its_request_gone(station: Station) -> None:
    inbox = station.site / "inbox"
    (inbox / f"r{ANSWER}").mkdir()
    write_json(inbox / f"r{REQUEST}", Import(what="devices", files=(str(SAMPLE / "devices.csv"),)))
    Inbox(station).take(inbox / f"r{REQUEST}")
    station.settle()
    assert not (inbox / f"r{REQUEST}").exists()
    assert "could not be answered: Is a directory" in recorded(station, "refused")[-1].data["says"]


def test_a_station_out_of_order_leaves_the_file_where_it_is(station: Station) -> None:
    station.post(StepFailed(at=NOW, says="broken"))
    station.settle()
    Inbox(station).take(drop(station, "devices.csv", ONE_MORE))
    assert names(station.site / "inbox") == ["devices.csv"]
    assert station.runtime.registers.row("device", "DF77R") is None


def test_a_request_is_answered_with_the_report(station: Station, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(ONE_MORE)
    answer = asked(station, Import(what="devices", files=(str(file),)))
    assert answer.done
    assert (answer.report["taken"], answer.report["unchanged"]) == (6, 5)
    assert file.exists()


@pytest.mark.parametrize(
    "request_of", [Import(what="staff", files=("/nowhere/staff.csv",)), Import(what="toys", files=()), None]
)
def test_a_request_that_cannot_be_done_is_answered_with_the_reason(
    station: Station, request_of: Request | None
) -> None:
    answer = asked(station, request_of)
    assert not answer.done
    assert answer.says


def asked(station: Station, request: Request | None) -> Answer:
    path = station.site / "inbox" / f"r{REQUEST}"
    if request is None:
        path.write_text("[]")
    else:
        write_json(path, request)
    Inbox(station).take(path)
    assert names(station.site / "inbox") == [f"r{ANSWER}"]
    return read_answer(station.site / "inbox" / f"r{ANSWER}")


def test_a_request_of_somebody_who_has_gone_away_is_dropped(station: Station) -> None:
    path = station.site / "inbox" / f"r{REQUEST}"
    write_json(path, Import(what="devices", files=(str(SAMPLE / "devices.csv"),)))
    long_ago = path.stat().st_mtime - ANSWER_WITHIN_S - 1
    os.utime(path, (long_ago, long_ago))
    before = len(recorded(station, "imported"))
    Inbox(station).take(path)
    assert names(station.site / "inbox") == []
    assert len(recorded(station, "imported")) == before


# The threads ----------------------------------------------------------------------------------------------------------


def test_a_file_dropped_while_the_bench_runs_is_taken(running: Station) -> None:
    watcher, before = Watcher(running), len(recorded(running, "imported"))
    with Live(running):
        drop(running, "devices.csv", ONE_MORE)
        watcher.until(lambda _: len(recorded(running, "imported")) > before)
    assert names(running.site / "inbox") == []


def test_a_file_dropped_before_the_start_is_taken(running: Station) -> None:
    watcher, before = Watcher(running), len(recorded(running, "imported"))
    drop(running, "devices.csv", ONE_MORE)
    with Live(running):
        watcher.until(lambda _: len(recorded(running, "imported")) > before)
    assert names(running.site / "inbox") == []


def test_a_bad_file_dropped_while_the_bench_runs_is_told_on_the_screen(running: Station) -> None:
    watcher = Watcher(running)
    with Live(running):
        drop(running, "staff.csv", "nobody")
        watcher.until(lambda bench: any(trouble.about == "file staff.csv" for trouble in bench.troubles))
    assert "staff.csv" in names(running.site / "rejected")


@pytest.mark.parametrize("name", ["checklists/automation/cycle-count.toml", "labels/T20.toml", "settings.toml"])
def test_a_bad_edit_is_told_and_its_mending_too(running: Station, name: str) -> None:
    watcher, path = Watcher(running), running.site / name
    good = path.read_text()
    with Live(running, look_every_s=0.05):
        path.write_text("no = [toml")
        watcher.until(lambda bench: any(trouble.about == "definitions" for trouble in bench.troubles))
        assert len(running.read.checklists) == 2
        path.write_text(good)
        watcher.until(lambda bench: not bench.troubles)


def test_settings_that_name_no_zone_keep_the_last_good_ones(running: Station) -> None:
    watcher, path = Watcher(running), running.site / "settings.toml"
    with Live(running, look_every_s=0.05):
        path.write_text('zone = "Mars/Olympus"\n')
        watcher.until(lambda bench: any("Mars/Olympus" in trouble.says for trouble in bench.troubles))
    assert running.now().utcoffset() == dt.timedelta(hours=-7)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_in_a_thread_stops_the_station_and_is_written_down(
    running: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of the test")

    watcher, hook = Watcher(running), threading.excepthook
    monkeypatch.setattr(Inbox, "take", broken)
    with Live(running):
        drop(running, "staff.csv", "")
        watcher.until(lambda bench: bench.out_of_order)
    assert threading.excepthook is hook
    (written,) = (running.site / "faults").iterdir()
    assert "ZeroDivisionError: of the test" in written.read_text()


# The demo -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(station: Station) -> Demo:
    return Demo(station, VirtualPrinter(), shipped_tray())


def test_the_tray_begins_with_a_badge_and_everything_on_it_can_be_scanned(station: Station, demo: Demo) -> None:
    assert demo.tray[0].id == "badge-at"
    for item in demo.tray:
        demo.tap(item.id)
        station.settle()
    texts = [entry.data["raw"] for entry in recorded(station, "scan")]
    assert len(texts) == len(demo.tray)
    assert {entry.data["device"] for entry in recorded(station, "scan")} == {"simulated scanner"}


def test_each_tap_is_another_package_that_expires_so_many_days_from_today(station: Station, demo: Demo) -> None:
    for _ in range(2):
        demo.tap("hydralazine-25")
    station.settle()
    assert [entry.data["raw"] for entry in recorded(station, "scan")] == [
        "]d201003099912345631727020010LOT7A<GS>21S0001",
        "]d201003099912345631727020010LOT7A<GS>21S0002",
    ]


def test_the_printer_of_the_demo_takes_its_states_and_shows_its_paper(station: Station) -> None:
    printer = VirtualPrinter()
    demo = Demo(station, printer, ())
    demo.printer_state("out-of-paper")
    assert isinstance(printer.status(), NotReady)
    demo.printer_state("ready")
    assert demo.paper() == ()
    layout = station.read.layouts["T20"]
    printer.send(compose(draw(layout, samples(layout), Paper.MM80), PROFILES["roll-80"]))
    assert [sheet.cut for sheet in demo.paper()] == [True]
