"""What holds for every test: no thread outlives it, no byte leaves this machine, no zone, no folder of the user's.

Hypothesis runs the same examples each time where `CI` is set, and looks for new ones elsewhere.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("dev", deadline=None)  # two busy cores make any deadline a guess
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if "CI" in os.environ else "dev")

# A zone nobody works in, written out so that it needs no zone files: what leans on the machine's own clock shows.
os.environ["TZ"] = "FAR-12:45"
time.tzset()


def stay_on_this_machine(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to look up, call or send to any internet address but the loopback's."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        address = arguments
    else:
        return
    if not isinstance(address, tuple):
        return
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    if host not in {"", "None", "localhost", "::1"} and not host.startswith("127."):
        message = f"{event} to {host}: a test reaches this machine only"
        raise PermissionError(message)


# An audit hook, for it sees every thread and every library, and cannot be forgotten.
sys.addaudithook(stay_on_this_machine)


@pytest.fixture(autouse=True)
def no_thread_outlives_its_test() -> Iterator[None]:
    """Fail the test that leaves a thread running; one that is just ending may end."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(timeout=2)
    names = [thread.name for thread in left if thread.is_alive()]
    assert not names, f"threads left running: {', '.join(names)}"


@pytest.fixture(autouse=True)
def no_folder_of_the_user_is_touched(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the program's default data folder at an empty one."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.delenv("KIOSK_DATA", raising=False)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home))
    return home
