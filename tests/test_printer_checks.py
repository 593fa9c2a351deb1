"""What do `kiosk check` and `kiosk devices` say of printers, of their profiles and of the labels a site has?"""

import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from printing import Wire

from kiosk.__main__ import main
from kiosk.commandline import Exit, read
from kiosk.commands.checked import Line
from kiosk.commands.devices import devices
from kiosk.commands.printer_checks import labels_compared, printer_checked
from kiosk.site import SAMPLE_STATION, make, station_file
from printers.listing import Found
from printers.status import NEAR_END, Fault, Ready, Status, Unanswered, faulty
from printers.transports import wire

SILENT = wire._SILENT
UNTOLD = Unanswered(sentence="The printer cannot tell how it is.", is_there=True)
NOBODY = Unanswered(sentence="The printer's name x is not known to this network; correct it or use its address.")
NETWORK = 'kind = "network"\nhost = "127.0.0.1"'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make(tmp_path / "site")
    return tmp_path / "site"


def with_printer(site: Path, table: str, profile: str = "roll-80") -> None:
    path = site / "stations" / SAMPLE_STATION / "station.toml"
    before = path.read_text().replace('kind = "virtual"', table)
    path.write_text(before.replace('profile = "roll-80"', f'profile = "{profile}"'))


def checked(site: Path, way: Wire | None = None) -> Line:
    (line,) = printer_checked(site, SAMPLE_STATION, station_file(site, SAMPLE_STATION), way)
    return line


@pytest.mark.parametrize(
    ("answer", "profile", "word", "says"),
    [
        (Ready(), "roll-80", "ok", "network, 127.0.0.1:9100, roll-80, 80 mm: ready"),
        (NEAR_END, "roll-80", "warning", "The roll is nearly used up"),
        (faulty(Fault.COVER_OPEN), "roll-58", "FAILED", "58 mm: The printer's cover is open; close it; mend: "),
        (SILENT, "roll-80", "warning", "prints on it; mend: if it never answers, take a profile that ends in -silent"),
        (UNTOLD, "roll-80", "warning", "how it is; mend: if it never answers, take a profile that ends in -silent"),
        (UNTOLD, "roll-80-silent", "ok", "cannot tell: this make answers no questions"),
    ],
)
def test_each_answer_of_the_printer_is_told_with_its_mend(
    site: Path, answer: Status, profile: str, word: str, says: str
) -> None:
    with_printer(site, NETWORK, profile)
    line = str(checked(site, Wire(answer)))
    assert line.startswith(word)
    assert says in line


@pytest.mark.parametrize("profile", ["roll-80", "roll-80-silent"])
def test_a_printer_that_cannot_be_reached_is_told_with_the_mend_of_that_alone(site: Path, profile: str) -> None:
    with_printer(site, NETWORK, profile)
    line = checked(site, Wire(NOBODY))
    assert line.is_warning
    assert str(line).endswith(f"cannot tell: {NOBODY.sentence}")


@pytest.mark.parametrize("name", ["spool", "spool/labels.bin"])
def test_what_lies_in_the_place_of_the_file_for_labels_fails_the_check_until_it_is_moved_away(
    site: Path, name: str
) -> None:
    with_printer(site, 'kind = "file"')
    place = site / "stations" / SAMPLE_STATION / name
    if name == "spool":
        place.touch()
    else:
        place.mkdir(parents=True)
    line = checked(site)
    assert not line.is_well
    assert not line.is_warning
    assert str(place) in line.says
    found, away = shlex.split(line.mend.partition("mv ")[2])
    shutil.move(found, away)
    assert checked(site).is_well


def test_the_printer_is_not_asked_behind_the_back_of_a_kiosk_that_runs(site: Path) -> None:
    with_printer(site, NETWORK)
    (site / "stations" / SAMPLE_STATION / "lock").write_text(f"pid {os.getpid()}, started today\n")
    way = Wire(faulty(Fault.JAM))
    line = checked(site, way)
    assert way.asked == 0
    assert line.is_well
    assert "the kiosk that runs here has it" in line.says


def test_a_file_is_not_made_by_looking(site: Path) -> None:
    with_printer(site, 'kind = "file"')
    assert "cannot tell" in checked(site).says
    assert not (site / "stations" / SAMPLE_STATION / "spool").exists()


def test_a_virtual_printer_is_a_warning(site: Path) -> None:
    assert str(checked(site)).startswith("warning  printer      virtual, on the screen, roll-80, 80 mm")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda site: with_printer(site, NETWORK, "roll-99"), "there is no printer profile 'roll-99'"),
        (lambda site: (site / "printers" / "roll-80.toml").write_text("paper = 81"), "roll-80.toml"),
    ],
)
def test_a_profile_that_cannot_be_used_fails_the_check(
    site: Path, spoil: Callable[[Path], Any], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(site)
    assert main(["--data", str(site), "check"]) == Exit.FAILED
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILED")]
    assert line.split()[1] == "printer"
    assert says in line
    assert "; mend: edit stations/bench-3/station.toml" in line


def test_labels_that_a_site_lacks_are_told_with_the_command_that_copies_them(site: Path) -> None:
    assert list(labels_compared(site)) == []
    for name in ("T20", "badge"):
        (site / "labels" / f"{name}.toml").unlink()
    (line,) = labels_compared(site)
    assert line.is_warning
    assert line.says.startswith("T20, badge of the program not in ")
    command, *files, folder = shlex.split(line.mend)
    assert command == "cp"
    for file in files:
        shutil.copy(file, folder)
    assert list(labels_compared(site)) == []


def without_runs(path: Path) -> None:
    """As a site's own shift receipt was before it told of runs."""
    text = re.sub(r'  \{ name = "runs".*?\] \},\n', "", path.read_text(), flags=re.DOTALL)
    path.write_text(re.sub(r".*field = .runs.*\n", "", text))


def no_toml(path: Path) -> None:
    path.write_text("no = [toml")


@pytest.mark.parametrize(("name", "spoil"), [("T07", without_runs), ("T07", no_toml), ("T20", no_toml)])
def test_a_label_that_cannot_be_used_is_told_with_the_command_that_takes_the_programs(
    site: Path, name: str, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = site / "labels" / f"{name}.toml"
    spoil(theirs)
    assert main(["--data", str(site), "check"]) == Exit.FAILED
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAILED   labels")]
    assert str(theirs) in line
    command, *paths = shlex.split(line.partition("take the program's: ")[2])
    assert command == "cp"
    shutil.copy(paths[0], paths[1])
    main(["--data", str(site), "check"])
    assert "FAILED   labels" not in capsys.readouterr().out


PLUGGED = (
    Found(
        path="/dev/usb/lp0",
        name="EPSON TM-T20II",
        vendor=0x04B8,
        product=0x0E15,
        serial="J7",
        port="usb-xhci-1",
        kind="lp",
    ),
    Found(path="/dev/ttyS0", name="", vendor=0, product=0, serial="", port="", kind="serial"),
    Found(path="", name="Printer", vendor=0x0416, product=0x5011, serial="", port="usb-xhci-2", kind="usb"),
)
TOLD = {
    "lp": [
        "/dev/usb/lp0",
        "  EPSON TM-T20II",
        "  04b8:0e15, serial number J7, usb-xhci-1",
        '  a printer: kind = "lp", path = "/dev/usb/lp0"',
    ],
    "serial": [
        "/dev/ttyS0",
        '  a serial line, which leads to a printer or to something else: kind = "serial", path = "/dev/ttyS0"',
    ],
    "usb": [
        "0416:5011",
        "  Printer",
        "  0416:5011, usb-xhci-2",
        '  a printer without a driver: kind = "usb", vendor = "0416", product = "5011"',
    ],
}


@pytest.mark.parametrize(
    ("table", "whose"),
    [
        ('kind = "lp"', "lp"),
        ('kind = "serial"\npath = "/dev/ttyS0"', "serial"),
        ('kind = "usb"\nvendor = "0416"\nproduct = "5011"', "usb"),
        ('kind = "usb"\nvendor = "0416"\nproduct = "5011"\nserial = "X"', ""),
        (NETWORK, ""),
    ],
)
def test_plugged_printers_are_told_as_the_file_names_them_and_whose_they_are(
    site: Path, table: str, whose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with_printer(site, table)
    assert devices(read(["--data", str(site), "devices"]), lambda: None, plugged=lambda: PLUGGED) == Exit.DONE  # type: ignore[arg-type,return-value] # no time is asked
    lines = capsys.readouterr().out.splitlines()
    expected = [
        line
        for kind, told in TOLD.items()
        for line in (*told, *([f"  the printer of {SAMPLE_STATION}"] * (kind == whose)))
    ]
    start = lines.index("/dev/usb/lp0")
    assert lines[start : start + len(expected)] == expected
    assert lines[-1].split()[:2] == [SAMPLE_STATION, table.split('"')[1]]


@pytest.mark.parametrize("kind", sorted(TOLD))
def test_what_devices_tells_can_be_written_into_the_file(site: Path, kind: str) -> None:
    with_printer(site, TOLD[kind][-1].partition(": ")[2].replace(", ", "\n"))
    assert station_file(site, SAMPLE_STATION).printer.kind == kind
