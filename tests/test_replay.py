"""A script without a screen: the same answers each time, on a clock of its own, through the scanner's keys alone."""

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from kiosk.sample import make_sample
from kiosk.scripts.replay import SCANNER, START, Replay, throwaway
from kiosk.scripts.script import read_script
from stations.records.journal import entries
from stations.scanning.decoding import wedge
from stations.scanning.decoding.keys import KeyEvent

SCENARIOS = Path(__file__).parent / "scenarios"
MORNING = (SCENARIOS / "morning.scan").read_text()
JOURNAL = Path("stations") / "bench-3" / "journal"


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "site"
    make_sample(folder, START)
    return folder


@pytest.fixture
def site(hospital: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hospital, tmp_path / "site"))


def run(site: Path, script: str) -> list[dict[str, Any]]:
    replay = Replay(site)
    try:
        return list(replay.run(read_script(script)))
    finally:
        replay.close()


def failed(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [answer for answer in answers if "expected" in answer]


def test_each_action_gets_one_answer_with_these_keys(site: Path) -> None:
    script = "# a comment\nbadge B0042173\n\npin 420173\nexpect PASS only\nexpect STOP\n"
    badge, pin, held, not_held = run(site, script)
    assert set(badge) == {"line", "action", "verdict", "reasons", "screen", "step", "message"}
    assert (badge["line"], badge["verdict"], badge["reasons"], badge["screen"]) == (2, None, [], "signed-out")
    assert (pin["line"], pin["action"], pin["verdict"], pin["screen"]) == (4, "pin ······", "PASS", "home")
    assert "expected" not in held
    assert (not_held["expected"], not_held["got"]) == ("STOP", "PASS")
    assert all(orjson.dumps(answer) for answer in (badge, pin, held, not_held))


def test_reasons_are_told_worst_first_and_the_step_that_is_asked(site: Path) -> None:
    script = "badge B050505A\npin 505952\ntask automation.refill-pick A4W\n"
    answer = run(site, script)[-1]
    assert answer["reasons"] == ["not-your-role", "level-too-low", "no-competency"]
    assert (answer["verdict"], answer["screen"], answer["step"]) == ("STOP", "home", None)
    script = "badge B0042173\npin 420173\ntask automation.refill-pick A4W\n"
    assert run(site, f"press sign-out\n{script}")[-1]["step"] == "line[1].shelf"


def test_a_failed_expectation_does_not_stop_the_run(site: Path) -> None:
    answers = run(site, "expect screen home\nbadge B0042173\npin 420173\nexpect screen home\n")
    assert [answer["line"] for answer in failed(answers)] == [1]
    assert answers[0]["got"] == "signed-out"
    assert answers[-1]["screen"] == "home"


@pytest.mark.parametrize("name", ["morning", "power-cut", "label-in-doubt"])
def test_the_same_script_gives_the_same_answers_and_the_same_journal_to_the_byte(tmp_path: Path, name: str) -> None:
    told, written = [], []
    for turn in ("one", "two"):
        folder = throwaway(None, tmp_path / turn)
        told.append(orjson.dumps(run(folder, (SCENARIOS / f"{name}.scan").read_text())))
        written.append({file.name: file.read_bytes() for file in sorted((folder / JOURNAL).iterdir())})
    assert told[0] == told[1]
    assert written[0] == written[1]
    assert written[0]


# The clock ------------------------------------------------------------------------------------------------------------


def times(site: Path, script: str) -> list[dt.datetime]:
    """Run it and return when each entry of it was made."""
    before = sum(1 for _ in entries(site / JOURNAL))
    run(site, script)
    return [dt.datetime.fromisoformat(entry.ts) for entry in entries(site / JOURNAL, before)]


def test_the_clock_starts_on_the_tenth_of_march_and_moves_a_second_before_each_action(site: Path) -> None:
    at = times(site, "badge B0042173\npin 420173\nscan L03B07F\n")
    assert [(moment - START).total_seconds() for moment in at] == [0, 1, 2, 3]


def test_now_before_everything_sets_the_clock_and_does_not_move_it(site: Path) -> None:
    later = dt.datetime.fromisoformat("2026-06-01T12:00:00+02:00")
    at = times(site, f"now {later.isoformat()}\nbadge B0042173\n")
    assert at[-1] == later + dt.timedelta(seconds=1)


def test_waiting_moves_the_clock_and_so_does_an_expectation(site: Path) -> None:
    at = times(site, "wait 90\nexpect screen signed-out\nbadge B0042173\n")
    assert (at[-1] - START).total_seconds() == 1 + 90 + 1 + 1


# The scanner ----------------------------------------------------------------------------------------------------------


def test_with_another_table_of_keys_the_morning_fails(site: Path) -> None:
    replay = Replay(site)
    replay.station._wedges[SCANNER] = wedge.Wedge(SCANNER, wedge.Profile(layout="fr"))
    answers = list(replay.run(read_script(MORNING)))
    replay.close()
    assert len(failed(answers)) > 20
    assert answers[-1]["screen"] == "signed-out"


def test_no_scan_of_a_script_reaches_the_bench_but_as_keys(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replay = Replay(site)
    heard: list[str] = []
    keys = replay.station.keys

    def listen(device: str, events: Sequence[KeyEvent]) -> None:
        heard.append(device)
        keys(device, events)

    monkeypatch.setattr(replay.station, "keys", listen)
    script = read_script(MORNING)
    before = replay.station.runtime.journal.last_seq
    list(replay.run(script))
    replay.close()
    scans = [entry for entry in entries(site / JOURNAL, before) if entry.data.get("device") == SCANNER]
    assert heard == [SCANNER] * sum(line.action in ("badge", "scan") for line in script)
    assert len(scans) == len(heard)
    assert all(entry.data["keys"] > 0 for entry in scans)


def test_an_unplugged_scanner_sends_nothing_and_is_told(site: Path) -> None:
    answers = run(site, "scanner unplug\nbadge B0042173\nscanner plug\nbadge B0042173\n")
    assert [answer["message"] for answer in answers][1] == answers[0]["message"]
    assert answers[-1]["message"] == "AT: enter your PIN."


# Labels, crashes and registers in expectations ------------------------------------------------------------------------

SEALED = MORNING.partition("expect label T20")[0]


def test_a_label_printed_before_a_power_cut_still_belongs_to_its_task(site: Path) -> None:
    answers = run(site, f'{SEALED}crash\nexpect label T20 text "3 x hydrALAZINE 25 mg tablet"\n')
    assert failed(answers) == []


def test_a_label_of_the_task_before_does_not_count_for_this_one(site: Path) -> None:
    script = f'{SEALED}scan K000000017\ntask automation.cycle-count 03-B-07\nexpect label T20 text "TAMPER SEAL"\n'
    (wrong,) = failed(run(site, script))
    assert wrong["got"] == []


@pytest.mark.parametrize(
    ("expectation", "got"),
    [
        ("register serial count 1", "0 of 0 rows"),
        ("register no_such_register count 0", "no register no_such_register"),
        ("register staff count 2 badge=B0042173", "1 of 14 rows"),
        ("register staff count >=2 badge=B0042173", "1 of 14 rows"),
        ("worklist no-such-list includes A4W", "no worklist no-such-list"),
        ("worklist below-par excludes A4W", None),
        ("step line[1].package", "no step"),
        ("label T20 text x", []),
        ("STOP", "nothing was judged"),
    ],
)
def test_what_was_there_instead_is_told(site: Path, expectation: str, got: object) -> None:
    (answer,) = run(site, f"expect {expectation}\n")
    assert answer["expected"] == expectation
    assert got is None or answer["got"] == got


@pytest.mark.parametrize(
    "expectation",
    [
        "register staff count 1 badge=B0042173 duty=technician",
        "register staff count >=14",
        "register location count 1 code=L03A12Z state=in",
        "register device count 0 state=out",
        "worklist below-par includes hydralazine-25-tab",
        "worklist below-par excludes B2E",
        "journal ok",
    ],
)
def test_what_is_there_holds(site: Path, expectation: str) -> None:
    assert failed(run(site, f"expect {expectation}\n")) == []


def test_a_changed_journal_is_found_by_the_script(site: Path) -> None:
    replay = Replay(site)
    (day,) = (site / JOURNAL).glob("*.jsonl")
    day.write_bytes(day.read_bytes().replace(b'"kind":"duty"', b'"kind":"dutY"', 1))
    (answer,) = replay.run(read_script("expect journal ok\n"))
    assert "line 1" in answer["got"]
    replay.station.crash()


# The folder it runs on ------------------------------------------------------------------------------------------------


def test_a_run_changes_a_copy_of_the_folder_alone_and_keeps_it_where_told(site: Path, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in sorted(site.rglob("*")) if file.is_file()}
    kept = throwaway(site, tmp_path / "kept")
    run(kept, "badge B0042173\npin 420173\n")
    assert {file: file.read_bytes() for file in sorted(site.rglob("*")) if file.is_file()} == before
    assert len(list(entries(kept / JOURNAL))) > len(list(entries(site / JOURNAL)))
