"""Does the program find what it stands on, and do the tests stand on nothing but themselves?"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
DEPENDENCIES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14", "3.15"])
@pytest.mark.parametrize(
    ("system", "machine", "wheels_until"),
    [("linux", "x86_64", "3.14"), ("linux", "aarch64", ""), ("darwin", "arm64", None), ("win32", "AMD64", None)],
)
def test_each_machine_gets_one_evdev_or_none(python: str, system: str, machine: str, wheels_until: str | None) -> None:
    environment = {"python_version": python, "sys_platform": system, "platform_machine": machine}
    wanted = [Requirement(line) for line in DEPENDENCIES if line.startswith("evdev")]
    got = [each.name for each in wanted if each.marker and each.marker.evaluate(environment)]
    ready_made = wheels_until is not None and python <= wheels_until
    assert got == ([] if wheels_until is None else ["evdev-binary" if ready_made else "evdev"])


WAYWARD = """
import socket, threading
import pytest

def test_leaves_a_thread():
    threading.Thread(target=threading.Event().wait, name="wanderer", daemon=True).start()

def test_calls_out():
    with pytest.raises(PermissionError, match="192.0.2.1"):  # a documentation address, RFC 5737
        socket.create_connection(("192.0.2.1", 9), timeout=0.01)
    with pytest.raises(PermissionError, match="kiosk.example"):
        socket.getaddrinfo("kiosk.example", 9)

def test_talks_to_itself():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
"""


def test_no_thread_outlives_its_test_and_none_calls_out(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "tests/conftest.py", tmp_path / "conftest.py")
    (tmp_path / "test_wayward.py").write_text(WAYWARD)
    command = [sys.executable, "-m", "pytest", "-p", "no:rxkiosk", "-p", "no:cacheprovider", "-q", str(tmp_path)]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "threads left running: wanderer" in finished.stdout
    assert "3 passed, 1 error" in finished.stdout
