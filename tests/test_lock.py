"""One process writes a station."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stations.records.lock import StationHeld, StationLock

HOLDING = """
import sys
from pathlib import Path
from stations.records.lock import StationLock
with StationLock.take(Path(sys.argv[1]), "2026-03-10T08:00:00-07:00"):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stations" / "bench-1" / "lock"


def holder(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_process_is_told_who_holds_the_station(path: Path) -> None:
    with holder(path) as child:
        with pytest.raises(StationHeld, match=rf"bench-1 is held by pid {child.pid}, started 2026-03-10T08:00"):
            StationLock.take(path, "later")
        child.communicate("")
    with StationLock.take(path, "later"):
        assert path.read_text() == f"pid {os.getpid()}, started later\n"


def test_a_killed_process_holds_nothing(path: Path) -> None:
    with holder(path) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
        with StationLock.take(path, "later"):
            pass


def test_the_same_process_cannot_take_it_twice(path: Path) -> None:
    with StationLock.take(path, "now"), pytest.raises(StationHeld, match=f"pid {os.getpid()}"):
        StationLock.take(path, "again")


def test_a_released_lock_can_be_taken_again_and_released_again(path: Path) -> None:
    first = StationLock.take(path, "now")
    first.release()
    with StationLock.take(path, "again"):
        first.release()
        with pytest.raises(StationHeld):
            StationLock.take(path, "third")


def test_a_program_started_by_the_holder_does_not_hold_it(path: Path) -> None:
    lock = StationLock.take(path, "now")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        lock.release()
        StationLock.take(path, "again").release()
        child.communicate(b"\n")


def test_a_lock_that_cannot_be_made_is_the_systems_error(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(IsADirectoryError):
        StationLock.take(tmp_path / "lock", "now")
