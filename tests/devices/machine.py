"""How is a whole machine started, asked and switched off again?

QEMU emulates it in software, from files alone: no installation, no network, no rights. It is ordered about over QMP
(QEMU Machine Protocol); in the guest an agent runs programs and answers.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import msgspec

from .keyboard import Keyboard
from .packages import CannotBeHad, Debian

Found = TypeVar("Found")
BOOTS_IN_S: Final = 180.0
PATIENCE_S: Final = 60.0
"""Software emulation on a busy machine: a hang is told apart from slow work by this much."""
LOOK_AGAIN_S: Final = 0.1
HEADS: Final = ("left", "right")
"""Keyboards that can be plugged in. Each has a display of its own, or QEMU could not tell them apart."""
COLUMNS: Final = 80
DAY: Final = "2026-03-10T15:00:00"
"""When the guest's clock starts, UTC."""
KERNEL: Final = (
    "console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off random.trust_cpu=on consoleblank=0 rdinit=/init"
)
_FETCHED: Final = re.compile(rb"port (\d+), ep 1,[^\n]*-> complete")
"""QEMU's trace tells each report that the guest has fetched from a keyboard."""


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How a program in the guest ended."""

    status: int
    out: str
    err: str


class Line:
    """Requests and answers, a line of JSON each, over a socket of QEMU."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rwb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        """Give the answer to a request."""
        self._file.write(json.dumps(request).encode() + b"\n")
        self._file.flush()
        return self.next(limit)

    def next(self, limit: float) -> dict[str, Any]:
        """Give the next answer; what QEMU tells by itself is none."""
        self._socket.settimeout(limit)
        while True:
            line = self._file.readline()
            if not line:
                raise ConnectionError("the machine is gone")
            answer: dict[str, Any] = json.loads(line)
            if "event" not in answer:
                return answer


class Machine:
    """A running machine. Its USB controller has ports 1 to 8; a PS/2 keyboard is always there."""

    def __init__(self, debian: Debian, archive: Path, folder: Path) -> None:
        """Start it, its sockets and logs in `folder`; raise CannotBeHad where QEMU does not run."""
        self._folder = folder
        self._read, self._fetched = 0, dict.fromkeys(map(str, range(9)), 0)
        with contextlib.ExitStack() as undo:
            log = undo.enter_context((folder / "qemu.log").open("wb"))
            command, environment = _command(debian, archive, folder), _environment(debian)
            self._qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, env=environment)
            undo.callback(self._qemu.wait)
            undo.callback(self._qemu.kill)
            self._orders, self._agent = (undo.enter_context(self._line(name)) for name in ("qmp", "agent"))
            self._orders.next(PATIENCE_S)
            self.order("qmp_capabilities")
            self._agent.next(BOOTS_IN_S)
            self._undo = undo.pop_all()
        self.people = Keyboard(self, None)
        """The PS/2 keyboard."""
        self.left, self.right = (Keyboard(self, name) for name in HEADS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def _line(self, name: str) -> "Line":
        path, until = self._folder / name, time.monotonic() + PATIENCE_S
        while not path.exists():
            if self._qemu.poll() is not None or time.monotonic() > until:
                said = (self._folder / "qemu.log").read_text(errors="replace").strip()
                raise CannotBeHad(f"QEMU does not run: {said[-200:]}")
            time.sleep(LOOK_AGAIN_S)
        return Line(path)

    def order(self, what: str, **arguments: object) -> None:
        """Order QEMU to do something."""
        answer = self._orders.ask({"execute": what, "arguments": arguments}, PATIENCE_S)
        assert "return" in answer, f"QEMU: {what}: {answer}"

    def fetched(self, port: int) -> int:
        """Count the key events that the guest has fetched from a USB port, since the machine was started."""
        with (self._folder / "qemu.log").open("rb") as log:
            log.seek(self._read)
            told = log.read()
        whole = told.rfind(b"\n") + 1
        self._read += whole
        for found in _FETCHED.findall(told, 0, whole):
            self._fetched[found.decode()] += 1
        return self._fetched[str(port)]

    def until(
        self, look: Callable[[], Found], what: str, pause: float = LOOK_AGAIN_S, limit: float = PATIENCE_S
    ) -> Found:
        """Look again and again until what is found is true."""
        until = time.monotonic() + limit
        while not (found := look()):
            assert time.monotonic() < until, f"waited {limit:.0f} s for {what}"
            time.sleep(max(pause, 0.001))
        return found

    def run(
        self, *argv: str, user: str = "root", stdin: str = "", may_fail: bool = False, limit: float = PATIENCE_S
    ) -> Ran:
        """Run a program in the guest to its end."""
        asked = {"do": "run", "argv": argv, "user": user, "stdin": stdin, "limit": limit}
        answer = self._agent.ask(asked, limit + PATIENCE_S)
        assert "failed" not in answer, f"{argv}: {answer}"
        status, out, err = answer["status"], *(answer[name].encode("latin-1").decode() for name in ("out", "err"))
        assert may_fail or status == 0, f"{argv}: {status}, {out}{err}"
        return Ran(status=status, out=out, err=err)

    def start(self, *argv: str, user: str = "root", tty: str | None = None) -> int:
        """Start a program in the guest; give its process number."""
        answer = self._agent.ask({"do": "start", "argv": argv, "user": user, "tty": tty}, PATIENCE_S)
        assert "pid" in answer, f"{argv}: {answer}"
        return int(answer["pid"])

    def breathe(self) -> float:
        """Give the seconds that a program in the guest waits for its turn just now."""
        asked = time.monotonic()
        self._agent.ask({"do": "breathe"}, PATIENCE_S)
        return time.monotonic() - asked

    def wait(self, pid: int, limit: float = PATIENCE_S) -> int | None:
        """Give the exit status of a started program; none where it still runs."""
        status: int | None = self._agent.ask({"do": "wait", "pid": pid, "limit": limit}, limit + PATIENCE_S)["status"]
        return status

    def write(self, path: str, text: str, user: str = "root") -> None:
        """Write a file or a device in the guest, as this user."""
        self.run("sh", "-c", f"cat > {path}", user=user, stdin=text)

    def screen(self) -> str:
        """Give the text on tty1, a line for each of its lines."""
        text = bytes.fromhex(self.run("od", "-An", "-v", "-tx1", "/dev/vcsu1").out).decode("utf-32-le")
        return "\n".join(text[start : start + COLUMNS].rstrip() for start in range(0, len(text), COLUMNS))

    def is_there(self, path: str) -> bool:
        """Whether the guest has this file or node."""
        return not self.run("test", "-e", path, may_fail=True).status

    def far_end_of_line(self) -> socket.socket:
        """Give the far end of the one serial cable that can be plugged in."""
        end = socket.socket(socket.AF_UNIX)
        end.connect(str(self._folder / "line"))
        return end

    def node_at(self, phys: str) -> str:
        """Give the input node of what hangs on a port, once udev has finished it; else nothing."""
        look = 'for d in /sys/class/input/event*; do case "$(cat $d/device/phys)" in "$0"/*) echo ${d##*/};; esac; done'
        names = self.run("sh", "-c", look, phys).out.split()
        if not names:
            return ""
        self.run("udevadm", "settle")
        return f"/dev/input/{names[0]}"


def _environment(debian: Debian) -> dict[str, str]:
    return {**os.environ, "QEMU_MODULE_DIR": str(debian.emulator / "usr/lib/x86_64-linux-gnu/qemu")}


def _command(debian: Debian, archive: Path, folder: Path) -> list[str]:
    libraries, share = debian.emulator / "usr/lib/x86_64-linux-gnu", debian.emulator / "usr/share"
    qemu = [
        str(libraries / "ld-linux-x86-64.so.2"),
        "--library-path",
        str(libraries),
        str(debian.emulator / "usr/bin/qemu-system-x86_64"),
    ]
    words = f"""
        -L {share}/qemu -L {share}/seabios -nodefaults -no-user-config -display none -vga none -no-reboot
        -machine pc -accel tcg,thread=multi -cpu qemu64,+rdrand -m 2048 -rtc base={DAY}
        -kernel {debian.kernel}/boot/vmlinuz-{debian.release} -initrd {archive}
        -qmp unix:{folder}/qmp,server=on,wait=off -serial file:{folder}/console.log
        -device virtio-serial-pci,addr=3 -chardev socket,id=agent,path={folder}/agent,server=on,wait=off
        -device virtserialport,chardev=agent,name=agent
        -chardev socket,id=line,path={folder}/line,server=on,wait=off
        -device qemu-xhci,id=xhci,p2=8,p3=8,addr=4 -trace enable=usb_packet_state_change
    """.split()
    for place, name in enumerate(HEADS, start=6):
        words += ["-device", f"bochs-display,id=head-{name},vgamem=4M,romfile=,addr={place}"]
    # The machine ends with whoever started it, however that ends.
    return ["setpriv", "--pdeathsig", "KILL", *qemu, *words, "-append", KERNEL]
