"""One machine for all proofs, and a fresh bench in it for each; where it cannot be had they are skipped and say why.

`KIOSK_VM_CACHE` names the folder that keeps what was downloaded; default ~/.cache/rxkiosk-vm.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from . import image, packages
from .bench import Bench, make_sample
from .keyboard import Keyboard
from .machine import Machine


@pytest.fixture(scope="session")
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    folder = Path(os.environ.get("KIOSK_VM_CACHE") or Path.home() / ".cache/rxkiosk-vm")
    folder.mkdir(parents=True, exist_ok=True)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    terminal = request.config.get_terminal_writer()

    def told(line: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.line(f"  {line}", flush=True)

    told("")
    with TemporaryDirectory(prefix="rxkiosk-vm-") as name:
        try:
            debian = packages.provide(folder, told)
            archive = image.make(debian, folder, Path(name), told)
            told("starting the machine ...")
            machine = Machine(debian, archive, Path(name))
        except packages.CannotBeHad as reason:
            told(f"Skipped, for no machine can be had here: {reason}.")
            pytest.skip(f"no machine: {reason}")
        with machine:
            make_sample(machine)
            yield machine


@pytest.fixture
def bench(machine: Machine) -> Iterator[Bench]:
    bench = Bench(machine)
    yield bench
    bench.close()
    for keyboard in (machine.left, machine.right):
        if keyboard.port:
            keyboard.unplug()


@pytest.fixture
def scanner(bench: Bench) -> Keyboard:
    """A scanner on USB port 1, with a serial number."""
    bench.machine.left.plug(1, "S0001")
    return bench.machine.left
