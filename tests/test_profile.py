"""A printer's profile and its place in station.toml: used whole or refused in one sentence, never guessed."""

from pathlib import Path

import pytest
from printing import PROFILES

from kiosk.printer_place import File, Lp, Network, PrinterPlace, Serial, Usb, Virtual, profile_of, transport_to
from kiosk.site import SiteRefused, make, printer_profile, station_file
from printers.profile import ProfileRefused, load, named
from printers.transports.file import FileTransport
from printers.transports.lp import LpTransport
from printers.transports.network import NetworkTransport
from printers.transports.serial import Flow, SerialTransport
from printers.transports.usb import UsbTransport
from printers.virtual import VirtualPrinter

GOOD = """
title = "Any"
paper = 58
dots = 384
columns = 32
code_page = "CP437"
code_page_number = 0
cut = "none"
status = true
fragment_rows = 120
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_is_named_by_its_file(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD)).name == "mine"


@pytest.mark.parametrize(
    ("found", "put", "told"),
    [
        ("dots = 384", "dots = 380", "dots"),
        ("paper = 58", "paper = 80", "384 was found, and labels for paper of 80 mm are 576 dots wide"),
        ("paper = 58", "paper = 76", "paper"),
        ('cut = "none"', 'cut = "rip"', "cut"),
        ('code_page = "CP437"', 'code_page = "KLINGON"', "'KLINGON' was found"),
        ('code_page = "CP437"', 'code_page = "base64"', "'base64' was found"),
        ('code_page = "CP437"', 'code_page = "utf-16"', "'utf-16' was found"),
        ('code_page = "CP437"', 'code_page = "idna"', "'idna' was found"),
        ('title = "Any"', 'title = "x\\u001bp0"', "title"),
        ("status = true", "status = true\nstatsu = true", "statsu"),
        ("columns = 32", "columns = 200", "columns"),
        ("fragment_rows = 120", "fragment_rows = 4000", "fragment_rows"),
        ("title = ", "titel = ", "titel"),
        ("title = ", "title == ", "not TOML"),
    ],
)
def test_a_profile_that_cannot_be_right_is_refused_with_file_and_key(
    tmp_path: Path, found: str, put: str, told: str
) -> None:
    with pytest.raises(ProfileRefused, match=r"mine\.toml") as refused:
        load(written(tmp_path, GOOD.replace(found, put)))
    assert told in str(refused.value)


def test_a_file_that_is_not_text_or_not_there_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ProfileRefused, match="not UTF-8"):
        load(tmp_path / "mine.toml")
    with pytest.raises(ProfileRefused, match="cannot be read"):
        load(tmp_path / "other.toml")


def test_a_sites_own_profile_comes_before_the_programs(tmp_path: Path) -> None:
    (tmp_path / "roll-58.toml").write_text(GOOD.replace("Any", "Ours"), encoding="utf-8")
    shipped = Path(__file__).parents[1] / "data" / "printers"
    assert named("roll-58", tmp_path, shipped).title == "Ours"
    assert named("roll-80", tmp_path, shipped) == PROFILES["roll-80"]
    with pytest.raises(ProfileRefused, match=r"no printer profile 'x'; there are roll-58, .*roll-80"):
        named("x", tmp_path, shipped)


def station(folder: Path, printer: str) -> Path:
    make(folder)
    path = folder / "stations" / "bench-3" / "station.toml"
    head, _, _ = path.read_text(encoding="utf-8").partition("[printer]")
    path.write_text(f"{head}[printer]\n{printer}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('kind = "virtual"', Virtual()),
        ('kind = "file"\nprofile = "roll-58"', File(profile="roll-58")),
        ('kind = "lp"', Lp(path="/dev/usb/lp0")),
        ('kind = "network"\nhost = "127.0.0.1"', Network(host="127.0.0.1", port=9100)),
        ('kind = "serial"\npath = "/dev/ttyUSB0"\nflow = "xon"', Serial(path="/dev/ttyUSB0", flow=Flow.XON)),
        ('kind = "usb"\nvendor = "04b8"\nproduct = "0e15"', Usb(vendor="04b8", product="0e15")),
    ],
)
def test_every_kind_of_printer_is_told_in_station_toml(tmp_path: Path, text: str, place: PrinterPlace) -> None:
    found = station_file(station(tmp_path / "site", text), "bench-3").printer
    assert found == place
    assert found.where


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('kind = "fax"', "fax"),
        ('kind = "network"', "host"),
        ('kind = "network"\nhost = "h"\nport = 0', "port"),
        ('kind = "lp"\npath = "lp0"', "path"),
        ('kind = "serial"\npath = "/dev/ttyS0"\nbaud = 1200', "1200"),
        ('kind = "usb"\nvendor = "0x4b8"\nproduct = "0e15"', "vendor"),
        ('kind = "virtual"\npath = "/dev/usb/lp0"', "path"),
        ('kind = "lp"\npath = "/dev/a\\u0000b"', "path"),
        ('kind = "serial"\npath = "/dev/tty\\nS0"', "path"),
        ('kind = "serial"\npath = "/dev/ttyS0\\n"', "path"),
        ('kind = "network"\nhost = "a\\u0000b"', "host"),
        ('kind = "network"\nhost = "a b"', "host"),
        ('kind = "network"\nhost = ""', "host"),
        ('kind = "usb"\nvendor = "04b8"\nproduct = "0e15"\nserial = "J\\u001b7"', "serial"),
        ('kind = "usb"\nvendor = "04b8\\n"\nproduct = "0e15"', "vendor"),
    ],
)
def test_a_printer_told_wrongly_is_refused_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SiteRefused, match=r"station\.toml") as refused:
        station_file(station(tmp_path / "site", text), "bench-3")
    assert told in str(refused.value)


def test_a_profile_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    site = station(tmp_path / "site", 'kind = "virtual"\nprofile = "laser"')
    with pytest.raises(SiteRefused, match="no printer profile 'laser'; there are roll-58"):
        printer_profile(site, station_file(site, "bench-3"))


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (Virtual(), VirtualPrinter),
        (File(), FileTransport),
        (Lp(), LpTransport),
        (Network(host="127.0.0.1"), NetworkTransport),
        (Serial(path="/dev/ttyUSB0"), SerialTransport),
        (Usb(vendor="04b8", product="0e15"), UsbTransport),
    ],
)
def test_every_kind_of_printer_has_its_way(tmp_path: Path, place: PrinterPlace, kind: type) -> None:
    assert isinstance(transport_to(place, PROFILES["roll-80"], tmp_path), kind)


def test_a_file_is_waited_for_no_answer_whatever_the_make_of_printer() -> None:
    shipped = Path(__file__).parents[1] / "data" / "printers"
    assert profile_of(Virtual(), shipped).status
    assert not profile_of(File(), shipped).status
