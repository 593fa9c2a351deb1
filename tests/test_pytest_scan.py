"""A site tests its checklists with pytest and no Python written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.scripts.replay import throwaway

PASSES = "badge B0042173\npin 420173\nexpect screen home\n"
FAILS = "# a comment\nbadge B0042173\npin 420173\nexpect screen task\nexpect PASS\nexpect STOP wrong-pin\n"
LEAN = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest")
"""Plugins that only take time to load."""


def run_pytest(folder: Path, *arguments: str) -> str:
    """What a plain pytest says in a folder that knows nothing of this repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "KIOSK"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *LEAN, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "passes.scan").write_text(PASSES)
    (folder / "fails.scan").write_text(FAILS)
    (folder / "unreadable.scan").write_text("badge B0042173\nsneeze\n")
    (folder / "notes.txt").write_text("expect nothing")
    return run_pytest(folder, ".", "passes.scan")


def test_each_script_is_one_test_and_never_two(report: str) -> None:
    assert "collected 3 items" in report
    assert "2 failed, 1 passed" in report


def test_the_report_names_each_failing_line_with_what_was_expected_and_got(report: str) -> None:
    assert "fails.scan:4: expect screen task\n    expected screen task\n    got      home\n" in report
    assert "fails.scan:6: expect STOP wrong-pin\n    expected STOP wrong-pin\n    got      PASS\n" in report
    assert "fails.scan:5" not in report


def test_an_unreadable_script_names_its_line_and_shows_no_traceback(report: str) -> None:
    assert "unreadable.scan: line 2: found 'sneeze'" in report
    assert "Traceback" not in report


@pytest.mark.parametrize("way", ["option", "setting"])
def test_scripts_run_on_a_copy_of_the_folder_that_is_named(tmp_path: Path, way: str) -> None:
    site = throwaway(None, tmp_path / "site")
    checklist = site / "checklists" / "automation" / "cycle-count.toml"
    checklist.unlink()
    before = sorted(path.name for path in site.rglob("*"))
    (tmp_path / "gone.scan").write_text(f"{PASSES}task automation.cycle-count\nexpect screen task\n")
    if way == "setting":
        (tmp_path / "pytest.ini").write_text("[pytest]\nrxkiosk_data = site\n")
    said = run_pytest(tmp_path, "gone.scan", *(["--rxkiosk-data", "site"] if way == "option" else []))
    assert "gone.scan:5: expect screen task" in said
    assert sorted(path.name for path in site.rglob("*")) == before


def test_a_folder_that_is_none_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.scan").write_text(PASSES)
    said = run_pytest(tmp_path, "a.scan", "--rxkiosk-data", "nowhere")
    assert "nowhere is no data folder" in said
    assert "Traceback" not in said
