"""What is left of a bench after a power cut: the same, with a checkpoint or without, registers or none."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from at_bench import HYDRALAZINE
from one_funnel import (
    AT,
    AT_A_PACKAGE,
    SIGNED_IN,
    STATION,
    WORK,
    happen,
    lose_everything_in_memory,
    more_staff,
    no_checkpoint,
    opened,
    rows,
    scan,
    undamaged,
)

from kiosk.sample import make_sample
from kiosk.scripts.replay import START
from stations.bench.events import (
    FileTaken,
)
from stations.records.imports import ImportRefused
from stations.runtime import Runtime


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "site"
    make_sample(folder, START)
    return folder


@pytest.fixture
def site(hospital: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hospital, tmp_path / "site"))


# Rebuilt as it was ----------------------------------------------------------------------------------------------------


def empty_checkpoint(folder: Path) -> None:
    (folder / "checkpoint.json").write_bytes(b"")


def torn_checkpoint(folder: Path) -> None:
    path = folder / "checkpoint.json"
    path.write_bytes(path.read_bytes()[:-200])


def checkpoint_with_another_number(folder: Path) -> None:
    path = folder / "checkpoint.json"
    text = path.read_text()
    assert '"tasks_made":1' in text
    path.write_text(text.replace('"tasks_made":1', '"tasks_made":7'))


def checkpoint_that_is_no_json(folder: Path) -> None:
    (folder / "checkpoint.json").write_bytes(b"\x00" * 512)


def checkpoint_of_another_journal(folder: Path) -> None:
    other = folder.parents[2] / "other"
    make_sample(other, START + dt.timedelta(seconds=1))
    runtime = opened(other)
    happen(runtime, *SIGNED_IN)
    runtime.close()
    shutil.copy(other / "stations" / STATION / "checkpoint.json", folder / "checkpoint.json")


@pytest.mark.parametrize(
    "damage",
    [
        undamaged,
        no_checkpoint,
        empty_checkpoint,
        torn_checkpoint,
        checkpoint_with_another_number,
        checkpoint_that_is_no_json,
        checkpoint_of_another_journal,
    ],
)
def test_with_a_checkpoint_or_without_one_the_bench_is_the_same(site: Path, damage: Callable[[Path], None]) -> None:
    runtime = opened(site)
    before, kept_rows = happen(runtime, *WORK), rows(runtime)
    runtime.close()
    damage(site / "stations" / STATION)
    again = opened(site)
    assert again.bench.kept == before.kept
    assert rows(again) == kept_rows
    lose_everything_in_memory(again)


def test_what_came_after_the_last_save_is_added_up(site: Path) -> None:
    runtime = opened(site)
    happen(runtime, *AT_A_PACKAGE)
    runtime.save()
    before = happen(runtime, scan(HYDRALAZINE.format(1)))
    kept_rows = rows(runtime)
    lose_everything_in_memory(runtime)
    again = opened(site)
    assert again.bench.kept == before.kept
    assert rows(again) == kept_rows
    assert [row["serial"] for row in again.registers.rows("serial")] == ["S0001"]
    lose_everything_in_memory(again)


@pytest.mark.parametrize("gone", [("formulary",), ("staff", "places"), (f"stations/{STATION}/registers",)])
@pytest.mark.parametrize("damage", [undamaged, no_checkpoint])
def test_registers_that_are_gone_are_made_again_from_the_journal_and_the_kept_files(
    site: Path, gone: tuple[str, ...], damage: Callable[[Path], None]
) -> None:
    runtime = opened(site)
    happen(runtime, *WORK)
    kept_rows = rows(runtime)
    runtime.close()
    damage(site / "stations" / STATION)
    for name in gone:
        shutil.rmtree(site / name)
    again = opened(site)
    assert rows(again) == kept_rows
    again.close()


# Imports --------------------------------------------------------------------------------------------------------------


def take(runtime: Runtime, kind: str, *files: Path) -> None:
    taken = runtime.intake.read(kind, files)
    event = FileTaken(
        at=AT, ticket=taken.ticket, what=taken.what, files=taken.files, sha256=taken.sha256, report=taken.report
    )
    happen(runtime, event)


def test_a_file_that_was_read_and_not_recorded_was_not_taken(site: Path) -> None:
    runtime = opened(site)
    before = rows(runtime)
    runtime.intake.read("staff", [more_staff(site)])
    assert rows(runtime) == before
    lose_everything_in_memory(runtime)
    again = opened(site)
    assert rows(again) == before
    lose_everything_in_memory(again)


@pytest.mark.parametrize("kind", ["staff", "ndc"])
def test_a_file_that_was_recorded_is_taken_whatever_happens_next(site: Path, kind: str) -> None:
    runtime = opened(site)
    if kind == "staff":
        take(runtime, kind, more_staff(site))
    else:
        sample = Path(__file__).parents[1] / "data" / "sample"
        take(runtime, kind, sample / "unfinished_product.txt", sample / "unfinished_package.txt")
    assert runtime.bench.screen() == "signed-out"
    taken = rows(runtime)
    lose_everything_in_memory(runtime)
    again = opened(site)
    assert rows(again) == taken
    lose_everything_in_memory(again)


def test_a_kept_file_that_was_changed_is_refused_where_it_is_needed_and_not_missed_where_not(site: Path) -> None:
    runtime = opened(site)
    runtime.close()
    for kept in (site / "done").glob("*-staff.csv"):
        kept.write_text("person\n")
    no_checkpoint(site / "stations" / STATION)
    opened(site).close()
    shutil.rmtree(site / "staff")
    with pytest.raises(ImportRefused):
        opened(site)
