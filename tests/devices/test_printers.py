"""Does a label reach a receipt printer by each way that there is, and is it known what became of it?

The commands are run by the kiosk's own user, whom a udev rule and the group lp let reach the printer.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import pytest

from .bench import SITE, Bench
from .image import KIOSK, LINE, PRINTER
from .printers import LINE_NODE, NAMED, NODE, SERIAL, LinePrinter, UsbPrinter

pytestmark = pytest.mark.devices

LABEL: Final = ("print", "T20", "--sample")
BY_KERNEL: Final = {"kind": "lp", "path": NAMED}
BY_LIBUSB: Final = {"kind": "usb", "vendor": PRINTER[0], "product": PRINTER[1], "serial": SERIAL}
BY_LINE: Final[dict[str, str | int]] = {"kind": "serial", "path": NAMED, "baud": 38400, "flow": "dtr"}
SILENT: Final = "roll-80-silent"
WAYS: Final = [
    pytest.param(BY_KERNEL, "roll-80", id="lp"),
    pytest.param(BY_KERNEL, SILENT, id="lp, never answers"),
    pytest.param(BY_LIBUSB, "roll-80", id="usb"),
]
DONE, FAILED, DEVICE = 0, 1, 4


@pytest.fixture
def printer(bench: Bench) -> Iterator[UsbPrinter]:
    printer = UsbPrinter(bench.machine)
    printer.plug()
    yield printer
    printer.pull()


@pytest.fixture
def line(bench: Bench) -> Iterator[LinePrinter]:
    line = LinePrinter(bench.machine)
    line.plug()
    yield line
    line.pull()


def checked(bench: Bench) -> str:
    """Give what the check says of the printer."""
    (told,) = (line for line in bench.command("check").out.splitlines() if " printer " in line)
    return told


def states(bench: Bench) -> list[str]:
    """Give how the last label came to stand."""
    labels = bench.labels()
    return [label["state"] for label in labels if label["job"] == labels[-1]["job"]]


def is_whole(bench: Bench, taken: bytes) -> bool:
    """Whether these bytes are those of the one label that the journal says was sent."""
    (sending,) = (label for label in bench.labels() if label["state"] == "sending")
    return hashlib.sha256(taken).hexdigest() == sending["data_sha256"]


# At USB -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "profile"), WAYS)
def test_a_label_is_printed_to_the_byte(bench: Bench, printer: UsbPrinter, way: dict[str, str], profile: str) -> None:
    bench.prints_on(**way, profile=profile)
    ran = bench.command(*LABEL)
    assert (ran.status, ran.err) == (DONE, "")
    assert "sent to the printer" in ran.out
    assert is_whole(bench, printer.taken())
    assert states(bench) == ["queued", "sending", "sent"]
    bench.machine.until(lambda: bench.machine.is_there(NODE), f"{NODE} again, given back to the kernel's driver")


@pytest.mark.parametrize("way", [BY_KERNEL, BY_LIBUSB], ids=["lp", "usb"])
def test_the_check_says_how_the_printer_is(bench: Bench, printer: UsbPrinter, way: dict[str, str]) -> None:
    bench.prints_on(**way)
    assert checked(bench).endswith(": ready")
    printer.become("near-end")
    assert "nearly used up" in checked(bench)
    printer.become("cover-open")
    ran = bench.command("check")
    assert ran.status == FAILED
    assert "cover is open; close it" in ran.out


def test_a_printer_that_never_answers_says_at_its_port_that_paper_is_out(bench: Bench, printer: UsbPrinter) -> None:
    bench.prints_on(**BY_KERNEL, profile=SILENT)
    assert checked(bench).endswith(": ready")
    printer.become("out-of-paper-silent")
    assert "out of paper; load a roll" in checked(bench)
    printer.become("offline-silent")
    assert "is offline" in checked(bench)


def test_a_label_waits_for_paper_and_not_a_byte_of_it_leaves(bench: Bench, printer: UsbPrinter) -> None:
    bench.prints_on(**BY_KERNEL)
    printer.become("out-of-paper")
    ran = bench.command(*LABEL)
    assert ran.status == DEVICE
    assert "out of paper; load a roll" in ran.err
    assert printer.taken() == b""
    assert states(bench) == ["queued", "waiting"]


@pytest.mark.parametrize("way", [BY_KERNEL, BY_LIBUSB], ids=["lp", "usb"])
def test_a_printer_that_stops_taking_bytes_leaves_the_label_unknown(
    bench: Bench, printer: UsbPrinter, way: dict[str, str]
) -> None:
    bench.prints_on(**way)
    printer.become("stalled")
    ran = bench.command(*LABEL)
    assert ran.status == DEVICE
    assert "no more for 8 s" in ran.err
    assert "tear off what came out and scan it" in ran.err
    assert states(bench) == ["queued", "sending", "unknown"]


@pytest.mark.parametrize(("way", "profile"), WAYS)
def test_a_printer_that_is_pulled_out_in_the_middle_leaves_the_label_unknown(
    bench: Bench, printer: UsbPrinter, way: dict[str, str], profile: str
) -> None:
    bench.prints_on(**way, profile=profile)
    printer.become("stalled")
    printing = bench.machine.start("kiosk", "--data", SITE, *LABEL, user=KIOSK)
    bench.machine.until(lambda: "sending" in [label["state"] for label in bench.labels()], "the label is sending")
    bench.machine.until(printer.taken, "a first piece of the label")
    printer.pull()
    assert bench.machine.wait(printing) == DEVICE
    assert states(bench) == ["queued", "sending", "unknown"]
    assert "broke" in bench.labels()[-1]["says"]


def test_a_printer_that_another_program_holds_may_not_be_opened_or_is_not_there_is_told_by_the_check(
    bench: Bench, printer: UsbPrinter
) -> None:
    machine = bench.machine
    bench.prints_on(**BY_KERNEL)
    holder = machine.start("sh", "-c", f"exec sleep 1000 > {NODE}")
    machine.until(lambda: "is held by another program" in checked(bench), "the sentence of the check")
    machine.run("kill", str(holder))
    machine.wait(holder)
    machine.run("chgrp", "root", NODE)
    assert "may not be opened by this user" in checked(bench)
    machine.run("udevadm", "trigger", "--action=change", "--subsystem-match=usbmisc", "--settle")
    assert checked(bench).endswith(": ready")
    printer.pull()
    assert "is not there" in checked(bench)


@pytest.mark.usefixtures("printer")
def test_printers_are_listed_by_names_that_stay(bench: Bench) -> None:
    bench.prints_on(**BY_KERNEL)
    out = bench.command("devices").out
    for words in (NAMED, "Made-Up Receipt 80", ":".join(PRINTER), SERIAL, 'kind = "lp"', "the printer of bench-3"):
        assert words in out


# On a serial line -------------------------------------------------------------------------------------------------


def test_a_label_is_printed_to_the_byte_over_a_serial_line(bench: Bench, line: LinePrinter) -> None:
    bench.prints_on(**BY_LINE)
    ran = bench.command(*LABEL)
    assert (ran.status, ran.err) == (DONE, "")
    assert is_whole(bench, line.printer.taken)
    assert states(bench) == ["queued", "sending", "sent"]


def test_the_check_asks_over_a_serial_line(bench: Bench, line: LinePrinter) -> None:
    bench.prints_on(**BY_LINE)
    assert checked(bench).endswith(": ready")
    line.printer.state = "out-of-paper"
    assert "out of paper; load a roll" in checked(bench)
    line.printer.state = "off"
    assert "does not answer" in checked(bench)
    assert ":".join(LINE) in bench.command("devices").out
    line.pull()
    assert f"{NAMED} is not there" in checked(bench)
    assert not bench.machine.is_there(LINE_NODE)
