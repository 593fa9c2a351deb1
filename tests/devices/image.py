"""What does the guest find when it starts?

One archive that the kernel unpacks into memory (Linux `Documentation/driver-api/early-userspace/buffer-format.rst`):
Debian's packages, the drivers, the project's wheel with its libraries, and what is written here. All of it is made anew
at each start and gone afterwards.
"""

import email
import hashlib
import shutil
import stat
import sys
import zipfile
from pathlib import Path
from typing import Final

from .keyboard import MODEL
from .packages import CannotBeHad, Debian, Failed, Told, run

ROOT: Final = Path(__file__).parents[2]
GUEST: Final = Path(__file__).parent / "guest"
KIOSK: Final = "kiosk"
"""The user whose kiosk it is."""
RULES: Final = "etc/udev/rules.d/70-kiosk-scanner.rules"
PRINTER_RULES: Final = "etc/udev/rules.d/71-kiosk-printer.rules"
PRINTER: Final = ("04b8", "0e15")
LINE: Final = ("0403", "6001")
"""Vendor and product of the label printer at USB, and of the cable of the one at a serial line: QEMU's `usb-serial`."""
ETC: Final = {
    "passwd": f"root::0:0::/root:/bin/sh\n{KIOSK}::1000:1000::/home/{KIOSK}:/bin/sh\n",
    "group": (
        f"root:x:0:\ntty:x:5:\nlp:x:7:{KIOSK}\ndialout:x:20:\ninput:x:100:\n"
        f"kiosk-scanner:x:200:{KIOSK}\n{KIOSK}:x:1000:\n"
    ),
    "hosts": "127.0.0.1 localhost\n",
}
DRIVERS: Final = (
    *("drivers/virtio", "drivers/char/virtio_console.ko", "drivers/usb", "drivers/hid", "drivers/input"),
    "fs/configfs",
)
LISTS: Final = ("modules.order", "modules.builtin", "modules.builtin.modinfo")
NOT_NEEDED: Final = ("doc", "man", "locale", "perl")
"""Folders of /usr/share."""
GLIBC: Final = 36
"""Debian 12 has glibc 2.36: its Python takes wheels made for that one and for older ones."""
_FOLDER, _FILE, _PROGRAM = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o644, stat.S_IFREG | 0o755


class Archive:
    """A cpio archive in the form `newc`, being written."""

    def __init__(self, path: Path) -> None:
        self._path, self._half = path, path.with_suffix(".half")
        self._file = self._half.open("wb")
        self._names: set[str] = set()

    def close(self) -> None:
        """End the archive; another may follow it in one file."""
        self._write("TRAILER!!!", 0, b"", 0)
        self._file.close()
        self._half.rename(self._path)

    def add(self, name: str, mode: int, content: bytes = b"", owner: int = 0) -> None:
        """Add a file, a folder, or a link, whose content is where it points; and the folders it stands in."""
        for above in reversed(Path(name).parents):
            if above.name and above.as_posix() not in self._names:
                self._write(above.as_posix(), _FOLDER, b"", 0)
        self._write(name, mode, content, owner)

    def add_tree(self, tree: Path, name: str = "") -> None:
        """Add a file or what is under a folder, as `name`."""
        for path in sorted(tree.rglob("*")) if tree.is_dir() else [tree]:
            mode = path.lstat().st_mode
            is_link = stat.S_ISLNK(mode)
            content = str(path.readlink()).encode() if is_link else b"" if path.is_dir() else path.read_bytes()
            self.add((Path(name) / path.relative_to(tree)).as_posix(), mode, content)

    def _write(self, name: str, mode: int, content: bytes, owner: int) -> None:
        self._names.add(name)
        path = name.encode() + b"\0"
        fields = (len(self._names), mode, owner, owner, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + path
        self._file.write(head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4))


def make(debian: Debian, folder: Path, into: Path, told: Told) -> Path:
    """Write the guest's archive under `into`; what seldom changes is kept under `folder`. Raise CannotBeHad, Failed."""
    wheel = _wheel(into, told)
    parts = (_debian(debian, told), _libraries(debian, wheel, folder, told), _program(debian, wheel, into), _ours(into))
    packed = into / "guest.cpio"
    with packed.open("wb") as whole:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
    return packed


def _debian(debian: Debian, told: Told) -> Path:
    """Pack the guest's system and its drivers; kept beside the packages."""
    packed = debian.root.with_name(f"root-{_mark(DRIVERS, LISTS, NOT_NEEDED)}.cpio")
    if packed.exists():
        return packed
    told("packing the guest ...")
    for name in NOT_NEEDED:
        shutil.rmtree(debian.root / "usr/share" / name, ignore_errors=True)
    _compile(debian, debian.root / "usr/lib" / f"python{debian.python}")
    archive = Archive(packed)
    archive.add_tree(debian.root)
    modules = debian.kernel / "lib/modules" / debian.release
    for name in (*(f"kernel/{drivers}" for drivers in DRIVERS), *LISTS):
        archive.add_tree(modules / name, f"usr/lib/modules/{debian.release}/{name}")
    archive.close()
    return packed


def _mark(*made_from: object) -> str:
    """Give a part of a file's name: another one where it would be made from something else."""
    return hashlib.sha256(repr(made_from).encode()).hexdigest()[:12]


def _wheel(into: Path, told: Told) -> Path:
    told("building the wheel ...")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", into, ROOT])
    return next(into.glob("rxkiosk-*.whl"))


def _libraries(debian: Debian, wheel: Path, folder: Path, told: Told) -> Path:
    """Pack the libraries that the wheel names; kept for as long as it names the same. Raise CannotBeHad."""
    with zipfile.ZipFile(wheel) as file:
        metadata = next(name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        needs = email.message_from_bytes(file.read(metadata)).get_all("Requires-Dist", [])
    packed = folder / f"libraries-{_mark(debian.python, needs)}.cpio"
    if not packed.exists():
        told("fetching the libraries for the guest's Python ...")
        try:
            _install(debian, packed, *needs)
        except Failed as failed:
            raise CannotBeHad(f"the libraries: {failed}") from failed
    return packed


def _program(debian: Debian, wheel: Path, into: Path) -> Path:
    packed = into / "program.cpio"
    _install(debian, packed, "--no-deps", wheel)
    return packed


def _install(debian: Debian, packed: Path, *what: str | Path) -> None:
    """Pack what pip installs for the guest's Python, whatever this one is, to where that one looks for it."""
    site = packed.with_suffix(".site")
    shutil.rmtree(site, ignore_errors=True)
    quiet = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-compile", "--target", site)
    names = ("2014", "2010", "1", *(f"_2_{minor}" for minor in range(GLIBC, 4, -1)))
    fits = (f"--python-version={debian.python}", *(f"--platform=manylinux{name}_x86_64" for name in names))
    run([sys.executable, "-m", "pip", "install", *quiet, "--only-binary=:all:", "--implementation=cp", *fits, *what])
    _compile(debian, site)
    archive = Archive(packed)
    archive.add_tree(site, f"usr/local/lib/python{debian.python}/dist-packages")
    archive.close()
    shutil.rmtree(site)


def _compile(debian: Debian, tree: Path) -> None:
    """Compile where this Python is the guest's; else the guest does it at each start, ten times as slowly."""
    if debian.python == "{}.{}".format(*sys.version_info[:2]):
        run([sys.executable, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", tree])


def _ours(into: Path) -> Path:
    packed = into / "ours.cpio"
    archive = Archive(packed)
    for name in ("proc", "sys", "dev", "run", "tmp", "root"):
        archive.add(name, _FOLDER)
    archive.add(f"home/{KIOSK}", stat.S_IFDIR | 0o700, owner=1000)
    for name, text in ETC.items():
        archive.add(f"etc/{name}", _FILE, text.encode())
    archive.add(RULES, _FILE, _rules(RULES, MODEL).encode())
    archive.add(PRINTER_RULES, _FILE, _rules(PRINTER_RULES, PRINTER, LINE).encode())
    for name in ("init", "agent.py", "usr/bin/serial-scanner", "receipt_printer.py"):
        archive.add(name, _PROGRAM, (GUEST / Path(name).name).read_bytes())
    archive.add("usr/bin/kiosk", _PROGRAM, b'#!/bin/sh\nexec python3 -m kiosk "$@"\n')
    archive.close()
    return packed


def _rules(place: str, *models: tuple[str, str]) -> str:
    """Give rules that come with the program, this machine's models put in as whoever sets a bench up would."""
    text = (ROOT / "data/bench" / Path(place).name).read_text(encoding="utf-8")
    (empty,) = (line for line in text.splitlines() if 'idVendor}=="VVVV"' in line)
    named = (empty.lstrip("#").replace("VVVV", vendor).replace("PPPP", product) for vendor, product in models)
    return text.replace(empty, "\n".join(named))
