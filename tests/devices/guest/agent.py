"""What does the host want done in here?

Runs in the guest, under its own Python, with the standard library alone. One request and one answer a line, as JSON,
over the virtio port named `agent`; bytes travel as latin-1 text.

    {"do": "run", "argv": [...], "user": "kiosk", "stdin": "", "limit": 60}  ->  {"status": 0, "out": "", "err": ""}
    {"do": "start", "argv": [...], "user": "kiosk", "tty": "/dev/tty1"}      ->  {"pid": 123}
    {"do": "wait", "pid": 123, "limit": 60}                                  ->  {"status": 0}, null while it runs
    {"do": "breathe"}                                                        ->  {}, when it is this program's turn
"""

import contextlib
import json
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

PORTS = Path("/sys/class/virtio-ports")
started: dict[int, "subprocess.Popen[bytes]"] = {}


def as_user(name: str) -> dict[str, Any]:
    """Give what makes a process that of a user, with all their groups."""
    person = pwd.getpwnam(name)
    environment = {"PATH": "/usr/sbin:/usr/bin:/usr/local/bin", "HOME": person.pw_dir, "LANG": "C.UTF-8"}
    groups = os.getgrouplist(name, person.pw_gid)
    return {
        "env": {**environment, "USER": name, "TERM": "linux"},
        "cwd": person.pw_dir,
        "user": person.pw_uid,
        "group": person.pw_gid,
        "extra_groups": groups,
    }


def run(asked: dict[str, Any]) -> dict[str, Any]:
    """Run a program to its end."""
    done = subprocess.run(
        asked["argv"],
        input=asked["stdin"].encode("latin-1"),
        capture_output=True,
        timeout=asked["limit"],
        check=False,
        **as_user(asked["user"]),
    )
    return {"status": done.returncode, "out": done.stdout.decode("latin-1"), "err": done.stderr.decode("latin-1")}


def start(asked: dict[str, Any]) -> dict[str, Any]:
    """Start a program; on a terminal it leads a session of its own, as after a login."""
    settings = as_user(asked["user"])
    with contextlib.ExitStack() as opened:
        line = subprocess.DEVNULL
        argv = asked["argv"]
        if asked["tty"]:
            line = os.open(asked["tty"], os.O_RDWR | os.O_NOCTTY)
            opened.callback(os.close, line)
            os.fchown(line, settings["user"], 5)
            subprocess.run(["/usr/bin/stty", "-F", asked["tty"], "sane"], check=True)
            argv = ["setsid", "--ctty", *argv]
        process = subprocess.Popen(argv, stdin=line, stdout=line, stderr=line, **settings)
    started[process.pid] = process
    return {"pid": process.pid}


def wait(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the exit status of a started program, or null after the limit."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return {"status": started[asked["pid"]].wait(asked["limit"])}
    return {"status": None}


def breathe(_: dict[str, Any]) -> dict[str, Any]:
    """Show how long a program in here waits for its turn."""
    return {}


def main() -> None:
    """Answer until the machine is switched off."""
    (port,) = (place.name for place in PORTS.iterdir() if (place / "name").read_text().strip() == "agent")
    does = {"run": run, "start": start, "wait": wait, "breathe": breathe}
    Path("/dev/vcsu1").read_bytes()  # the kernel keeps a screen's text from the first look on
    handle = os.open(f"/dev/{port}", os.O_RDWR)  # it can be opened but once
    with os.fdopen(handle, "rb") as asking, os.fdopen(os.dup(handle), "wb") as answering:
        answering.write(b'{"here": true}\n')
        answering.flush()
        for line in asking:
            request = json.loads(line)
            try:
                answer = does[request["do"]](request)
            except (OSError, KeyError, subprocess.SubprocessError) as error:
                answer = {"failed": f"{type(error).__name__}: {error}"}
            answering.write(json.dumps(answer).encode() + b"\n")
            answering.flush()


if __name__ == "__main__":
    main()
