"""How a station runs: recorded before it is shown, in one order, stopped safely when it cannot go on."""

import contextlib
import datetime as dt
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from at_bench import BADGES, HYDRALAZINE
from msgspec.structs import replace
from one_funnel import (
    AT,
    AT_A_PACKAGE,
    SCENARIOS,
    SIGNED_IN,
    STATION,
    WORK,
    Broken,
    Outside,
    happen,
    lose_everything_in_memory,
    more_staff,
    opened,
    recorded,
    rows,
    scan,
)

from kiosk.sample import make_sample
from kiosk.scripts.replay import START, Replay
from kiosk.scripts.script import read_script
from stations.bench.events import (
    Entered,
    FileTaken,
    Pressed,
    PrintLabel,
    Scanned,
)
from stations.bench.kept import Kept, fold
from stations.bench.state import Bench
from stations.records.journal import Journal, JournalBroken, Verified, entries, verify
from stations.records.registers import RegistersNotSaved
from stations.scanning.decoding.wedge import Garbled
from stations.scanning.outcome import Outcome


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "site"
    make_sample(folder, START)
    return folder


@pytest.fixture
def site(hospital: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hospital, tmp_path / "site"))


# Record before reveal -------------------------------------------------------------------------------------------------


def test_whoever_is_shown_a_bench_finds_it_in_the_journal_already(site: Path) -> None:
    replay = Replay(site)
    shown: list[int] = []

    def look(bench: Bench) -> None:
        on_disk = list(entries(site / "stations" / STATION / "journal"))
        assert bench.entries == on_disk[-1].seq
        assert fold(Kept(), (entry.data for entry in on_disk)) == bench.kept
        shown.append(bench.entries)

    replay.station.listen(look)
    answers = list(replay.run(read_script((SCENARIOS / "morning.scan").read_text())))
    replay.close()
    assert not [answer for answer in answers if "expected" in answer]
    assert shown == sorted(shown)
    assert len(set(shown)) > 30


def test_a_label_is_asked_for_only_when_its_entry_is_on_disk(site: Path) -> None:
    outside = Outside()
    runtime = opened(site, outside)
    happen(runtime, *SIGNED_IN)
    kinds: list[str] = []

    class Looking(Outside):
        def print_label(self, effect: PrintLabel) -> None:
            on_disk = list(entries(site / "stations" / STATION / "journal"))
            kinds.append(on_disk[-1].kind)
            assert on_disk[-1].data["job"] == effect.job

    runtime._outside = Looking()
    happen(runtime, Pressed(at=AT, word="reprint"))
    runtime.close()
    assert kinds == ["label"]


@contextlib.contextmanager
def full_disk(site: Path) -> Iterator[dt.datetime]:
    """The next day's file is a device that is always full."""
    (site / "stations" / STATION / "journal" / "2026-03-11.jsonl").symlink_to("/dev/full")
    yield AT + dt.timedelta(days=1)


@contextlib.contextmanager
def room_for_half_an_entry(site: Path) -> Iterator[dt.datetime]:
    size = max(file.stat().st_size for file in (site / "stations" / STATION / "journal").glob("*.jsonl"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, hard))
    try:
        yield AT
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def no_folder(site: Path) -> Iterator[dt.datetime]:
    journal = site / "stations" / STATION / "journal"
    journal.rename(journal.with_name("moved"))
    yield AT
    journal.with_name("moved").rename(journal)


@pytest.mark.parametrize("trouble", [full_disk, room_for_half_an_entry, no_folder])
def test_what_cannot_be_recorded_is_not_shown_and_not_done(
    site: Path, trouble: Callable[[Path], contextlib.AbstractContextManager[dt.datetime]]
) -> None:
    outside = Outside()
    runtime = opened(site, outside)
    before = happen(runtime, *AT_A_PACKAGE)
    rows_before = rows(runtime)
    seen: list[Bench] = []
    runtime.listen(seen.append)
    with trouble(site) as now:
        happen(runtime, replace(scan(HYDRALAZINE.format(1)), at=now))
        happen(runtime, Pressed(at=now, word="reprint"), Entered(at=now, text="5"))
    assert {bench.screen() for bench in seen} == {"out-of-order"}
    assert all(bench.kept == before.kept for bench in seen)
    assert seen[0].verdict == before.verdict
    assert "cannot be written" in seen[0].says
    assert outside.asked == []
    assert rows(runtime) == rows_before
    runtime.journal.close()
    assert recorded(site) == before.kept
    (site / "stations" / STATION / "journal" / "2026-03-11.jsonl").unlink(missing_ok=True)
    assert isinstance(verify(site / "stations" / STATION / "journal"), Verified)
    again = opened(site)
    assert (again.bench.screen(), again.bench.kept) == ("task", before.kept)
    again.close()


# A fault of the program -----------------------------------------------------------------------------------------------

A_FAULT = Scanned(
    at=AT,
    scan=Garbled(
        reason=Outcome.OK, device="left", text="x", started=0.0, ended=0.1, keys=1, longest_gap=0.0
    ),  # no decoder makes this one
)


def test_a_fault_keeps_the_last_recorded_bench_is_noted_and_shows_out_of_order(site: Path) -> None:
    runtime = opened(site)
    before = happen(runtime, *WORK)
    after = happen(runtime, A_FAULT)
    assert after.screen() == "out-of-order"
    assert after.kept == before.kept
    assert "Traceback" not in repr(after)
    assert "ValueError" not in after.says
    (note,) = (site / "stations" / STATION / "faults").iterdir()
    assert "ValueError" in note.read_text()
    happen(runtime, scan(HYDRALAZINE.format(3)))
    assert runtime.bench.kept == before.kept
    runtime.close()
    assert recorded(site) == before.kept


def test_a_fault_that_cannot_be_noted_stops_the_station_all_the_same(site: Path) -> None:
    runtime = opened(site)
    (site / "stations" / STATION / "faults").write_text("in the way")
    assert happen(runtime, A_FAULT).screen() == "out-of-order"
    runtime.close()


def test_a_fault_of_what_is_beside_the_bench_stops_it_and_not_the_funnel(site: Path) -> None:
    runtime = opened(site, Broken())
    happen(runtime, *SIGNED_IN)
    assert runtime.bench.screen() == "out-of-order"
    assert "cannot compare" not in runtime.bench.says
    runtime.close()


def test_an_entry_that_was_written_and_not_taken_in_is_added_up_at_the_next_start(site: Path) -> None:
    runtime = opened(site)
    taken = runtime.intake.read("staff", [more_staff(site)])
    later = AT + dt.timedelta(hours=1)
    told = FileTaken(
        at=later, ticket=taken.ticket, what=taken.what, files=taken.files, sha256=taken.sha256, report=taken.report
    )
    runtime.intake._waiting.clear()
    assert happen(runtime, told).screen() == "out-of-order"
    runtime.close()
    again = opened(site)
    assert again.registers.row("staff", "A2") is not None
    assert again.bench.kept == recorded(site)
    assert again.bench.kept.imports["staff"] == later
    again.close()


# Threads, and the end -------------------------------------------------------------------------------------------------


def test_what_many_threads_post_is_taken_in_one_order_and_nothing_is_lost(site: Path) -> None:
    runtime = opened(site)
    before = runtime.journal.last_seq
    shown: list[int] = []
    runtime.listen(lambda bench: shown.append(bench.entries))
    runtime.start()

    def post_many() -> None:
        for _ in range(25):
            runtime.post(scan(BADGES["X1"]))

    threads = [threading.Thread(target=post_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runtime.close()
    assert shown == list(range(before + 1, before + 101))
    assert isinstance(verify(site / "stations" / STATION / "journal"), Verified)


def test_what_was_posted_before_closing_is_still_taken(site: Path) -> None:
    runtime = opened(site)
    for event in SIGNED_IN:
        runtime.post(event)
    runtime.close()
    assert recorded(site).session is not None


def test_registers_that_cannot_be_saved_do_not_keep_the_journal_open(site: Path) -> None:
    runtime = opened(site)
    happen(runtime, *WORK)
    registers = site / "stations" / STATION / "registers"
    shutil.rmtree(registers)
    registers.write_text("in the way")
    with pytest.raises((RegistersNotSaved, OSError)):
        runtime.close()
    with pytest.raises(JournalBroken, match="is closed"):
        runtime.journal.append("scan", {}, AT)
    registers.unlink()
    again = opened(site)
    assert [row["serial"] for row in again.registers.rows("serial")] == ["S0001", "S0002"]
    lose_everything_in_memory(again)


def test_a_disk_that_refuses_the_registers_leaves_the_work_going_on(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stations.runtime.SAVE_EVERY_S", 0)
    runtime = opened(site)
    happen(runtime, *WORK)
    registers = site / "stations" / STATION / "registers"
    shutil.rmtree(registers)
    registers.write_text("in the way")
    noted = threading.Event()
    note = runtime._note

    def told(error: BaseException) -> None:
        note(error)
        noted.set()

    monkeypatch.setattr(runtime, "_note", told)
    runtime.start()
    assert noted.wait(20)
    runtime.post(scan(HYDRALAZINE.format(3)))
    registers.unlink()
    runtime.close()
    assert recorded(site).task() is not None
    assert len(list((site / "stations" / STATION / "faults").iterdir())) >= 1


def test_a_journal_whose_end_was_cut_off_is_not_gone_on_with(site: Path) -> None:
    runtime = opened(site)
    happen(runtime, *WORK)
    runtime.close()
    (day,) = (site / "stations" / STATION / "journal").glob("*.jsonl")
    lines = day.read_bytes().splitlines(keepends=True)
    day.write_bytes(b"".join(lines[:-3]))
    with pytest.raises(JournalBroken, match="its end is missing"):
        opened(site)
    Journal.open(day.parent, STATION).close()
