"""What of Debian does a machine of its own need, and where does it come from?

From this system's own package sources, downloaded and unpacked into a folder. Nothing is installed, nobody needs to be
root: apt is given lists, a state and an archive of its own, in which no package is installed yet.
"""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

Told = Callable[[str], None]
"""Is given one line on what is being done."""
PLENTY_S = 900.0
"""A download or an unpacking that takes longer hangs."""


class CannotBeHad(Exception):
    """The machine cannot be made here; one sentence, why."""


class Failed(Exception):
    """A program ended badly; what it said last."""


class Debian(msgspec.Struct, frozen=True, kw_only=True):
    """Unpacked packages."""

    emulator: Path
    """QEMU's tree, with the libraries it was built with."""
    root: Path
    """The guest's tree."""
    kernel: Path
    """The kernel's tree: `boot/vmlinuz-*` and `lib/modules/*`."""

    @property
    def release(self) -> str:
        """The kernel's version, as its folder of modules is called."""
        return next((self.kernel / "lib/modules").iterdir()).name

    @property
    def python(self) -> str:
        """The guest's Python, as 3.11."""
        return next((self.root / "usr/lib").glob("python3.*")).name.removeprefix("python")


def packages() -> Mapping[str, tuple[str, ...]]:
    """Name what is unpacked into which tree; apt adds what these depend on."""
    return {
        "emulator": ("qemu-system-x86", "seabios"),
        "kernel": ("linux-image-amd64",),
        "root": (
            *("python3", "udev", "kmod", "coreutils", "util-linux", "mount", "dash", "procps", "libstdc++6"),
            "libusb-1.0-0",
        ),
    }


def provide(folder: Path, told: Told) -> Debian:
    """Unpack the packages under `folder`, or find them there; raise CannotBeHad."""
    _check_this_system()
    lists = packages()
    place = folder / f"debian-{hashlib.sha256(repr(lists).encode()).hexdigest()[:12]}"
    if not place.is_dir():
        half = place.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        try:
            _fetch(half, lists, told)
        except Failed as failed:
            raise CannotBeHad(f"the packages: {failed}") from failed
        half.rename(place)
    return Debian(**{tree: place / tree for tree in lists})


def _fetch(place: Path, lists: Mapping[str, Sequence[str]], told: Told) -> None:
    told("reading the package lists ...")
    _apt(place, "update")
    for tree, names in lists.items():
        told(f"downloading and unpacking {', '.join(names)} ...")
        archives = _download(place, names)
        # Of what a kernel depends on, all but itself is for installing it.
        _unpack([archive for archive in archives if tree != "kernel" or "linux-image" in archive.name], place / tree)
        shutil.rmtree(place / "archives")


def _check_this_system() -> None:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise CannotBeHad(f"found {platform.system()} on {platform.machine()}, expected Linux on x86_64")
    for tool in ("apt-get", "dpkg-deb", "setpriv", "tar"):
        if shutil.which(tool) is None:
            raise CannotBeHad(f"found no {tool}, expected a system with Debian's packages")


def _apt(place: Path, *words: str) -> None:
    for name in ("lists/partial", "archives/partial"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "status").touch()
    options = {
        "Dir::State": place,
        "Dir::State::status": place / "status",
        "Dir::State::lists": place / "lists",
        "Dir::Cache": place,
        "Dir::Cache::archives": place / "archives",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "root",  # else root hands the download to a user who may not write here
        "Acquire::Retries": "2",
        "Acquire::Languages": "none",
        "APT::Update::Error-Mode": "any",  # else a list that did not come is a warning
    }
    arguments = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    run(["apt-get", "-q", "-y", *arguments, *words], env={**os.environ, "LC_ALL": "C.UTF-8"})


def _download(place: Path, names: Iterable[str]) -> list[Path]:
    _apt(place, "install", "--download-only", "--no-install-recommends", *names)
    return sorted((place / "archives").glob("*.deb"))


def _unpack(archives: Iterable[Path], tree: Path) -> None:
    """Unpack into a tree in which /bin, /lib and /sbin are those of /usr, as in every Debian since 12."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    for archive in archives:
        with subprocess.Popen(["/usr/bin/dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as opened:
            run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", tree], stdin=opened.stdout)


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, stdin: IO[bytes] | None = None) -> None:
    """Run a program to its end; raise Failed."""
    done = subprocess.run(
        command,
        env=env,
        stdin=stdin or subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PLENTY_S,
        check=False,
    )
    if done.returncode:
        last = " / ".join(done.stdout.strip().splitlines()[-2:])
        raise Failed(f"{Path(command[0]).name} ended with {done.returncode}: {last}")
