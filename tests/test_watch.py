"""A changed file is told once it is whole, whatever way it came, and nothing else is told."""

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog import events

from stations.records.watch import Watch

SOON = 10.0  # seconds; a test that waits this long has failed


class Told:
    """What a watch told, and a way to wait for it."""

    def __init__(self) -> None:
        self.paths: list[tuple[str, Path]] = []
        self._news = threading.Condition()

    def __call__(self, name: str, path: Path) -> None:
        with self._news:
            self.paths.append((name, path))
            self._news.notify_all()

    def hears_of(self, expected: tuple[str, Path], seconds: float) -> bool:
        with self._news:
            return self._news.wait_for(lambda: expected in self.paths, seconds)

    def wait_for(self, *expected: tuple[str, Path], or_rescan: Watch | None = None) -> None:
        for place in expected:
            for _ in range(int(SOON / 0.5)):
                if self.hears_of(place, 0.5):
                    break
                if or_rescan is not None:
                    or_rescan.rescan()
            else:
                pytest.fail(f"{place} was not told, only {self.paths}")


class Deaf(Watch):
    """A watch to which the kernel tells nothing, as when its queue overflows."""

    def hear(self, name: str, event: events.FileSystemEvent) -> None:
        """Miss it."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("checklists/automation", "inbox", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "checklists" / "automation" / "old.toml").write_text("old = 1")
    return tmp_path


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture(params=["told by the kernel", "polled"])
def watch(request: pytest.FixtureRequest, site: Path, told: Told) -> Iterator[Watch]:
    folders = {"checklists": site / "checklists", "inbox": site / "inbox"}
    watching = Watch(folders, told, quiet_s=0.05, rescan_s=60, polling=request.param == "polled")
    watching.start()
    yield watching
    watching.close()


def write_in_place(site: Path) -> Path:
    path = site / "checklists" / "automation" / "old.toml"
    path.write_text("new = 12345")
    return path


def write_beside_and_replace(site: Path) -> Path:
    path = site / "checklists" / "automation" / "old.toml"
    (site / "checklists" / "automation" / "old.toml.tmp").write_text("new = 1")
    return (site / "checklists" / "automation" / "old.toml.tmp").replace(path)


def drop_from_elsewhere(site: Path) -> Path:
    (site / "elsewhere" / "stock.csv").write_text("item,on_hand")
    return (site / "elsewhere" / "stock.csv").rename(site / "inbox" / "stock.csv")


def make_anew(site: Path) -> Path:
    (site / "inbox" / "recalls.json").write_text("[]")
    return site / "inbox" / "recalls.json"


def remove(site: Path) -> Path:
    path = site / "checklists" / "automation" / "old.toml"
    path.unlink()
    return path


def rename(site: Path) -> Path:
    path = site / "checklists" / "automation" / "old.toml"
    return path.rename(path.with_name("better.toml"))


def bring_a_folder(site: Path) -> Path:
    (site / "elsewhere" / "compliance" / "deep").mkdir(parents=True)
    (site / "elsewhere" / "compliance" / "deep" / "tour.toml").write_text("x = 1")
    (site / "elsewhere" / "compliance").rename(site / "checklists" / "compliance")
    return site / "checklists" / "compliance" / "deep" / "tour.toml"


def take_a_folder_away(site: Path) -> Path:
    (site / "checklists" / "automation").rename(site / "elsewhere" / "automation")
    return site / "checklists" / "automation" / "old.toml"


@pytest.mark.parametrize(
    "change",
    [
        write_in_place,
        write_beside_and_replace,
        drop_from_elsewhere,
        make_anew,
        remove,
        rename,
        bring_a_folder,
        take_a_folder_away,
    ],
)
@pytest.mark.usefixtures("watch")
def test_every_way_a_file_changes_is_told(site: Path, told: Told, change: Callable[[Path], Path]) -> None:
    path = change(site)
    told.wait_for((path.relative_to(site).parts[0], path))


def test_reading_and_half_written_files_of_editors_are_not_told(site: Path, told: Told, watch: Watch) -> None:
    folder = site / "checklists" / "automation"
    (folder / "old.toml").read_text()
    os.utime(folder / "old.toml", ns=(1, folder.joinpath("old.toml").stat().st_mtime_ns))
    for name in (".old.toml.swp", "old.toml~", "#old.toml#", "4913", "x.tmp", "y.part", ".hidden"):
        (folder / name).write_text("x")
    (site / "inbox" / "last.csv").write_text("x")
    watch.rescan()
    told.wait_for(("inbox", site / "inbox" / "last.csv"))
    assert {path for _, path in told.paths} == {site / "inbox" / "last.csv"}


def test_a_file_in_a_folders_place_is_not_watched(site: Path, told: Told) -> None:
    (site / "labels").write_text("x")
    watching = Watch({"labels": site / "labels", "inbox": site / "inbox"}, told, quiet_s=0.01, rescan_s=60)
    watching.start()
    (site / "beside.toml").write_text("x")
    (site / "inbox" / "a.csv").write_text("x")
    told.wait_for(("inbox", site / "inbox" / "a.csv"))
    watching.close()
    assert told.paths[0] == ("inbox", site / "inbox" / "a.csv")


@pytest.fixture
def quiet_watch(site: Path, told: Told) -> Iterator[Watch]:
    watching = Watch({"inbox": site / "inbox"}, told, quiet_s=0.3, rescan_s=60)
    watching.start()
    yield watching
    watching.close()


def test_a_burst_is_told_once_and_its_last_write_is_seen(site: Path) -> None:
    seen: list[str] = []
    done = threading.Event()

    def read(_: str, path: Path) -> None:
        seen.append(path.read_text())
        if seen[-1] == "last":
            done.set()

    path = site / "inbox" / "stock.csv"
    watching = Watch({"inbox": site / "inbox"}, read, quiet_s=0.3, rescan_s=60)
    watching.start()
    for number in range(200):
        path.write_text(f"{number}")
    path.write_text("last")
    assert done.wait(SOON)
    watching.close()
    assert len(seen) < 5


@pytest.mark.usefixtures("quiet_watch")
def test_a_file_still_being_written_is_told_when_it_is_whole(site: Path, told: Told) -> None:
    slow, quick = site / "inbox" / "slow.csv", site / "inbox" / "quick.csv"
    with slow.open("w") as file:
        file.write("first half, ")
        file.flush()
        quick.write_text("whole")
        told.wait_for(("inbox", quick))
        assert ("inbox", slow) not in told.paths
        file.write("second half")
    told.wait_for(("inbox", slow))


def test_a_rescan_finds_what_the_kernel_did_not_tell(site: Path, told: Told) -> None:
    watching = Deaf({"inbox": site / "inbox"}, told, quiet_s=0.01, rescan_s=60)
    watching.start()
    made, gone = site / "inbox" / "a.csv", site / "inbox" / "b.csv"
    made.write_text("x")
    gone.write_text("x")
    watching.rescan()
    told.wait_for(("inbox", made), ("inbox", gone))
    told.paths.clear()
    gone.unlink()
    made.write_text("longer")
    watching.rescan()
    told.wait_for(("inbox", made), ("inbox", gone))
    watching.close()
    assert sorted(told.paths) == [("inbox", made), ("inbox", gone)]


def test_a_rescan_of_nothing_new_tells_nothing(site: Path, told: Told, watch: Watch) -> None:
    first = site / "inbox" / "a.csv"
    first.write_text("x")
    told.wait_for(("inbox", first))
    told.paths.clear()
    watch.rescan()
    second = site / "inbox" / "b.csv"
    second.write_text("x")
    watch.rescan()
    told.wait_for(("inbox", second))
    assert ("inbox", first) not in told.paths


def test_a_file_whose_closing_was_lost_is_told_once_it_rests_from_rescan_to_rescan(site: Path, told: Told) -> None:
    class HalfDeaf(Watch):
        def hear(self, name: str, event: events.FileSystemEvent) -> None:
            if not isinstance(event, events.FileClosedEvent):
                super().hear(name, event)
                heard.set()

    heard = threading.Event()
    watching = HalfDeaf({"inbox": site / "inbox"}, told, quiet_s=0.05, rescan_s=60)
    watching.start()
    path = site / "inbox" / "a.csv"
    path.write_text("x")
    assert heard.wait(SOON)
    told.wait_for(("inbox", path), or_rescan=watching)
    watching.close()


def test_a_folder_made_later_or_made_anew_is_watched(site: Path, told: Told) -> None:
    folder = site / "labels"
    watching = Watch({"labels": folder}, told, quiet_s=0.01, rescan_s=60)
    watching.start()
    for number in range(2):
        folder.mkdir()
        for attempt in range(20):
            # A rescan tells of the first file; of the second only a watch on the new folder can.
            watching.rescan()
            first, second = folder / f"{number}-{attempt}-a.toml", folder / f"{number}-{attempt}-b.toml"
            first.write_text("x")
            told.wait_for(("labels", first), or_rescan=watching)
            second.write_text("x")
            if told.hears_of(("labels", second), 0.5):
                break
        else:
            pytest.fail(f"no watch on the folder made the {number + 1}. time")
        shutil.rmtree(folder)
    watching.close()


def test_nothing_is_told_after_closing_and_no_thread_is_left(site: Path, told: Told) -> None:
    before = set(threading.enumerate())
    watching = Watch({"inbox": site / "inbox"}, told, quiet_s=60)
    watching.start()
    (site / "inbox" / "a.csv").write_text("x")
    watching.close()
    watching.close()
    assert told.paths == []
    assert set(threading.enumerate()) <= before


def test_a_watch_never_started_can_be_closed(site: Path, told: Told) -> None:
    Watch({"inbox": site / "inbox"}, told).close()


@pytest.mark.parametrize("folder", [".", "stations", "stations/bench-1", "stations/bench-1/journal"])
def test_the_journal_is_never_watched(site: Path, told: Told, folder: str) -> None:
    journal = site / "stations" / "bench-1" / "journal"
    journal.mkdir(parents=True)
    (journal / "2026-03-10.jsonl").write_text("")
    with pytest.raises(ValueError, match="there is a journal in"):
        Watch({"site": site / folder}, told)


def test_a_site_that_lies_below_a_folder_named_journal_is_watched(tmp_path: Path, told: Told) -> None:
    (tmp_path / "journal" / "site" / "inbox").mkdir(parents=True)
    Watch({"inbox": tmp_path / "journal" / "site" / "inbox"}, told).close()


def test_without_an_inotify_watch_left_it_polls(site: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("watchdog.observers.inotify.InotifyEmitter.on_thread_start", refuse)
    watching = Watch({"inbox": site / "inbox"}, told, quiet_s=0.01, rescan_s=60)
    watching.start()
    (site / "inbox" / "a.csv").write_text("x")
    told.wait_for(("inbox", site / "inbox" / "a.csv"))
    watching.close()


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    (tmp_path / "input" / "by-id").mkdir(parents=True)
    return tmp_path / "input"


@pytest.fixture(params=["told by the kernel", "polled"])
def watched_devices(request: pytest.FixtureRequest, devices: Path, told: Told) -> Iterator[Watch]:
    # Pipes stand in for the nodes of devices, which only an administrator can make: neither is a regular file.
    watching = Watch({"input": devices}, told, quiet_s=0.05, rescan_s=60, polling=request.param == "polled")
    watching.start()
    yield watching
    watching.close()


@pytest.mark.usefixtures("watched_devices")
def test_a_device_that_comes_and_goes_is_told_each_time(devices: Path, told: Told) -> None:
    node, name = devices / "event5", devices / "by-id" / "usb-Scanner-event-kbd"
    os.mkfifo(node)
    told.wait_for(("input", node))
    name.with_name(".#usb-Scanner").symlink_to(node)
    name.with_name(".#usb-Scanner").rename(name)
    told.wait_for(("input", name))
    told.paths.clear()
    node.unlink()
    told.wait_for(("input", node))
    assert name.with_name(".#usb-Scanner") not in {path for _, path in told.paths}


@pytest.mark.usefixtures("watched_devices")
def test_a_device_that_somebody_holds_open_from_the_start_is_told_all_the_same(devices: Path, told: Told) -> None:
    os.mkfifo(devices / "event5")
    holder = os.open(devices / "event5", os.O_RDWR | os.O_NONBLOCK)
    told.wait_for(("input", devices / "event5"))
    os.close(holder)


@pytest.mark.skipif(sys.platform != "linux", reason="only inotify tells that permissions changed")
def test_a_device_that_may_be_opened_later_than_it_came_is_told_again(devices: Path, told: Told) -> None:
    (devices / "notes.txt").write_text("x")
    os.mkfifo(devices / "event5", 0o600)
    with contextlib.closing(Watch({"input": devices}, told, quiet_s=0.05, rescan_s=60)) as watching:
        watching.start()
        (devices / "notes.txt").chmod(0o640)
        (devices / "event5").chmod(0o660)
        told.wait_for(("input", devices / "event5"))
    assert {path for _, path in told.paths} == {devices / "event5"}


@pytest.mark.skipif(sys.platform != "linux", reason="only inotify tells that a file was opened")
def test_reading_a_device_tells_nothing(devices: Path, told: Told) -> None:
    os.mkfifo(devices / "event5")
    with contextlib.closing(Watch({"input": devices}, told, quiet_s=0.05, rescan_s=60)) as watching:
        watching.start()
        os.close(os.open(devices / "event5", os.O_RDONLY | os.O_NONBLOCK))
        os.mkfifo(devices / "event6")
        told.wait_for(("input", devices / "event6"))
    assert {path for _, path in told.paths} == {devices / "event6"}
