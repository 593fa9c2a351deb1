"""What does the guest find when it starts?

One archive that the kernel unpacks into memory (Linux `Documentation/driver-api/early-userspace/buffer-format.rst`):
Debian's packages, the drivers, the project's wheel with its libraries, and what is written here. All of it is made anew
at each start and gone afterwards.
"""

import email
import hashlib
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .keyboard import MODEL
from .packages import Debian, Told, run

ROOT = Path(__file__).parents[2]
GUEST = Path(__file__).parent / "guest"
KIOSK = "kiosk"
"""The user whose kiosk it is."""
RULES = "etc/udev/rules.d/70-kiosk-scanner.rules"
ETC = {
    "passwd": f"root::0:0::/root:/bin/sh\n{KIOSK}::1000:1000::/home/{KIOSK}:/bin/sh\n",
    "group": f"root:x:0:\ntty:x:5:\ndialout:x:20:\ninput:x:100:\nkiosk-scanner:x:200:{KIOSK}\n{KIOSK}:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
}
DRIVERS = (
    "drivers/virtio",
    "drivers/char/virtio_console.ko",
    "drivers/usb",
    "drivers/hid",
    "drivers/input",
    "fs/configfs",
)
NOT_NEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/perl", "usr/lib/x86_64-linux-gnu/perl")
GLIBC = 36
"""Debian 12 has glibc 2.36: its Python takes wheels made for that one and for older ones."""


class Archive:
    """A cpio archive in the form `newc`, being written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._number = 0

    def close(self) -> None:
        """End the archive; another may follow it in one file."""
        self.add("TRAILER!!!", 0)
        self._file.close()

    def add(self, name: str, mode: int, content: bytes = b"", owner: int = 0) -> None:
        """Add a file, a folder or a link, whose content is where it points."""
        self._number += 1
        path = name.encode() + b"\0"
        fields = (self._number, mode, owner, owner, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
        self._file.write(head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4))

    def add_tree(self, tree: Path, below: str = "") -> None:
        """Add what is under a folder, but for what no program needs."""
        for path in sorted(tree.rglob("*")):
            name = path.relative_to(tree).as_posix()
            if not name.startswith(NOT_NEEDED):
                mode = path.lstat().st_mode
                content = (
                    os.readlink(path).encode() if stat.S_ISLNK(mode) else b"" if path.is_dir() else path.read_bytes()
                )
                self.add(f"{below}{name}", mode, content)


def make(debian: Debian, folder: Path, into: Path, told: Told) -> Path:
    """Write the guest's archive under `into`; what seldom changes is kept under `folder`. Raise CannotBeHad."""
    wheel = _wheel(into, told)
    packed = into / "guest.cpio"
    with packed.open("wb") as whole:
        for part in (
            _debian(debian, told),
            _libraries(debian, wheel, folder, told),
            _program(debian, wheel, into),
            _ours(into),
        ):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
    return packed


def _wheel(into: Path, told: Told) -> Path:
    told("building the wheel ...")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", into, ROOT])
    return next(into.glob("rxkiosk-*.whl"))


def _debian(debian: Debian, told: Told) -> Path:
    packed = debian.root.with_name("root.cpio")
    if not packed.exists():
        told("packing the guest ...")
        _compile(debian, debian.root / "usr/lib" / f"python{debian.python}")
        half = packed.with_suffix(".half")
        archive = Archive(half)
        archive.add_tree(debian.root)
        for name in _folders_above(*(f"usr/lib/modules/{debian.release}/kernel/{drivers}" for drivers in DRIVERS)):
            archive.add(name, stat.S_IFDIR | 0o755)
        modules = debian.kernel / "lib/modules" / debian.release
        for drivers in DRIVERS:
            below = f"usr/lib/modules/{debian.release}/kernel/{drivers}"
            if (modules / "kernel" / drivers).is_file():
                archive.add(below, stat.S_IFREG | 0o644, (modules / "kernel" / drivers).read_bytes())
            else:
                archive.add(below, stat.S_IFDIR | 0o755)
                archive.add_tree(modules / "kernel" / drivers, f"{below}/")
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            archive.add(f"usr/lib/modules/{debian.release}/{name}", stat.S_IFREG | 0o644, (modules / name).read_bytes())
        archive.close()
        half.rename(packed)
    return packed


def _folders_above(*names: str) -> Iterator[str]:
    yield from sorted({parent.as_posix() for name in names for parent in Path(name).parents} - {"."})


def _libraries(debian: Debian, wheel: Path, folder: Path, told: Told) -> Path:
    """Pack the libraries that the wheel names, for the guest's Python; kept for as long as it names the same."""
    with zipfile.ZipFile(wheel) as file:
        metadata = next(name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        needs = email.message_from_bytes(file.read(metadata)).get_all("Requires-Dist", [])
    packed = folder / f"libraries-{hashlib.sha256(repr((debian.python, needs)).encode()).hexdigest()[:12]}.cpio"
    if not packed.exists():
        told("fetching the libraries for the guest's Python ...")
        _pack(debian, packed, *needs)
    return packed


def _program(debian: Debian, wheel: Path, into: Path) -> Path:
    packed = into / "program.cpio"
    _pack(debian, packed, "--no-deps", wheel)
    return packed


def _pack(debian: Debian, packed: Path, *what: str | Path) -> None:
    """Install for the guest's Python, whatever this one is, where Debian's looks for what pip brought."""
    site = packed.with_suffix(".site")
    shutil.rmtree(site, ignore_errors=True)
    platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)]
    older = [f"--platform=manylinux{name}_x86_64" for name in ("2014", "2010", "1")]
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    fits = ["--only-binary=:all:", "--implementation=cp", f"--python-version={debian.python}", *platforms, *older]
    run([*pip, "--target", site, *fits, *what])
    _compile(debian, site)
    half = packed.with_suffix(".half")
    archive = Archive(half)
    below = f"usr/local/lib/python{debian.python}/dist-packages"
    for name in _folders_above(f"{below}/x", "usr/local/bin/x"):
        archive.add(name, stat.S_IFDIR | 0o755)
    archive.add_tree(site, f"{below}/")
    archive.close()
    shutil.rmtree(site)
    half.rename(packed)


def _compile(debian: Debian, tree: Path) -> None:
    """Compile where this Python is the guest's; else the guest does it at each start, ten times as slowly."""
    if debian.python == "{}.{}".format(*sys.version_info[:2]):
        run([sys.executable, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", tree])


def _ours(into: Path) -> Path:
    packed = into / "ours.cpio"
    archive = Archive(packed)
    for name in ("etc", "proc", "sys", "dev", "run", "tmp", "root", "home", "etc/udev", "etc/udev/rules.d"):
        archive.add(name, stat.S_IFDIR | 0o755)
    archive.add(f"home/{KIOSK}", stat.S_IFDIR | 0o700, owner=1000)
    for name, text in ETC.items():
        archive.add(f"etc/{name}", stat.S_IFREG | 0o644, text.encode())
    archive.add(RULES, stat.S_IFREG | 0o644, _rules().encode())
    archive.add("init", stat.S_IFREG | 0o755, (GUEST / "init").read_bytes())
    archive.add("agent.py", stat.S_IFREG | 0o644, (GUEST / "agent.py").read_bytes())
    archive.add("usr/bin/serial-scanner", stat.S_IFREG | 0o755, (GUEST / "serial-scanner").read_bytes())
    archive.add("usr/local/bin/kiosk", stat.S_IFREG | 0o755, b'#!/bin/sh\nexec python3 -m kiosk "$@"\n')
    archive.close()
    return packed


def _rules() -> str:
    """Give the rules that come with the program, this machine's model put in as whoever sets a bench up would."""
    text = (ROOT / "data/bench" / Path(RULES).name).read_text(encoding="utf-8")
    empty = '#ATTRS{idVendor}=="VVVV", ATTRS{idProduct}=="PPPP"'
    assert empty in text
    return text.replace(empty, 'ATTRS{{idVendor}}=="{}", ATTRS{{idProduct}}=="{}"'.format(*MODEL))
