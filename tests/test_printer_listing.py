"""Printers are found in what the kernel describes, each under a name that stays when the numbers change."""

import os
from pathlib import Path

import pytest

from printers.listing import Found, listed, told

CONTROLLER = "sys/devices/pci0000:00/0000:00:14.0/usb1"


class Kernel:
    """What Linux describes of a machine, as a tree of files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def device(self, port: str, vendor: str, product: str, serial: str = "", *words: str) -> str:
        """Plug a USB device into a port, as `1.2` through a hub; give its folder."""
        hub, dot, _ = port.partition(".")
        folder = "/".join((CONTROLLER, *([f"1-{hub}"] if dot else []), f"1-{port}"))
        values = {"idVendor": vendor, "idProduct": product, "devpath": port, "serial": serial}
        values |= dict(zip(("manufacturer", "product"), words, strict=False))
        for name, value in values.items():
            if value:
                self.put(f"{folder}/{name}", f"{value}\n")
        return folder

    def interface(self, device: str, number: int, of_class: str, driver: str = "") -> str:
        """Give a device an interface, which a driver has or none; give its folder."""
        folder = f"{device}/{Path(device).name}:1.{number}"
        self.put(f"{folder}/bInterfaceClass", f"{of_class}\n")
        self.link(f"sys/bus/usb/devices/{Path(folder).name}", folder)
        if driver:
            self.link(f"{folder}/driver", f"sys/bus/usb/drivers/{driver}")
        return folder

    def printer(self, device: str, node: str, identity: str = "") -> None:
        """Let usblp have a printer."""
        interface = self.interface(device, 0, "07", "usblp")
        if identity:
            self.put(f"{interface}/ieee1284_id", identity)
        self.link(f"{interface}/usbmisc/{node}/device", interface)
        self.link(f"sys/class/usbmisc/{node}", f"{interface}/usbmisc/{node}")

    def line(self, device: str, node: str) -> None:
        """Let a serial driver have a converter."""
        interface = self.interface(device, 0, "ff", "ftdi_sio")
        self.link(f"{interface}/{node}/tty/{node}/device", f"{interface}/{node}")
        self.link(f"sys/class/tty/{node}", f"{interface}/{node}/tty/{node}")

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def link(self, name: str, to: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.root / to).mkdir(parents=True, exist_ok=True)
        path.symlink_to(os.path.relpath(self.root / to, path.parent))

    def name(self, name: str, node: str) -> None:
        """Let udev keep a link to a node."""
        path = self.root / "dev" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(f"{'../' * (len(path.relative_to(self.root).parts) - 2)}{node}")


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def test_a_machine_without_printers_lists_none(kernel: Kernel) -> None:
    assert listed(kernel.root) == ()


def test_a_usb_printer_is_told_with_what_it_calls_itself_its_numbers_and_its_port(kernel: Kernel) -> None:
    device = kernel.device("2.1", "04b8", "0e15", "J0001", "Seiko Epson", "UB-U09")
    kernel.printer(device, "lp0", "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;DES:EPSON TM-T20II;")
    assert listed(kernel.root) == (
        Found(
            path="/dev/usb/lp0",
            name="EPSON TM-T20II",
            vendor=0x04B8,
            product=0x0E15,
            serial="J0001",
            port="usb-0000:00:14.0-2.1",
            kind="lp",
        ),
    )


def test_a_printer_that_does_not_say_what_it_is_goes_by_its_device(kernel: Kernel) -> None:
    kernel.printer(kernel.device("1", "0416", "5011", "", "STMicro", "POS58"), "lp0")
    assert [(found.name, found.serial) for found in listed(kernel.root)] == [("STMicro POS58", "")]


def test_the_name_that_a_rule_makes_goes_before_the_number(kernel: Kernel) -> None:
    kernel.printer(kernel.device("1", "04b8", "0e15"), "lp1")
    kernel.name("printer-label", "usb/lp1")
    assert [found.path for found in listed(kernel.root)] == ["/dev/printer-label"]


def test_printers_are_listed_in_the_order_of_their_numbers(kernel: Kernel) -> None:
    for number in (10, 2, 0):
        kernel.printer(kernel.device(str(number + 1), "04b8", "0e15", f"J{number}"), f"lp{number}")
    assert [found.serial for found in listed(kernel.root)] == ["J0", "J2", "J10"]


def test_a_printer_that_no_driver_has_is_told_by_its_numbers(kernel: Kernel) -> None:
    free = kernel.device("3", "04b8", "0e15", "J0003", "EPSON", "TM-T20II")
    kernel.interface(free, 0, "07")
    kernel.interface(kernel.device("4", "046d", "c31c"), 0, "03")
    (found,) = listed(kernel.root)
    assert (found.kind, found.path, found.vendor, found.product) == ("usb", "", 0x04B8, 0x0E15)


def test_a_serial_line_goes_by_its_maker_s_number(kernel: Kernel) -> None:
    kernel.line(kernel.device("5", "0403", "6001", "FT1", "FTDI", "FT232R USB UART"), "ttyUSB0")
    kernel.name("serial/by-id/usb-FTDI_FT232R_USB_UART_FT1-if00-port0", "ttyUSB0")
    kernel.name("serial/by-path/pci-0000:00:14.0-usb-0:5:1.0-port0", "ttyUSB0")
    (found,) = listed(kernel.root)
    assert found.path == "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_FT1-if00-port0"
    assert (found.kind, found.name, found.port) == ("serial", "FTDI FT232R USB UART", "usb-0000:00:14.0-5")


def test_lines_that_would_share_a_name_go_by_their_ports(kernel: Kernel) -> None:
    for number in (0, 1):
        kernel.line(kernel.device(str(number + 1), "067b", "2303"), f"ttyUSB{number}")
        kernel.name(f"serial/by-path/port-{number}", f"ttyUSB{number}")
    kernel.name("serial/by-id/usb-Prolific-if00", "ttyUSB1")
    assert [found.path for found in listed(kernel.root)] == ["/dev/serial/by-path/port-0", "/dev/serial/by-path/port-1"]


def test_a_line_that_udev_names_nowhere_goes_by_its_node(kernel: Kernel) -> None:
    kernel.line(kernel.device("1", "0525", "a4a7"), "ttyACM0")
    assert [found.path for found in listed(kernel.root)] == ["/dev/ttyACM0"]


def test_a_line_that_is_not_of_usb_has_no_port(kernel: Kernel) -> None:
    kernel.link("sys/class/tty/ttyUSB9/device", "sys/devices/platform/odd")
    assert listed(kernel.root) == (
        Found(path="/dev/ttyUSB9", name="", vendor=0, product=0, serial="", port="", kind="serial"),
    )


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("MANUFACTURER:Star; MODEL:TSP143 ;", "Star TSP143"),
        ("mfg:Bixolon;mdl:;", "Bixolon"),
        ("MDL:POS-80", "POS-80"),
        ("CLS:PRINTER;", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_maker_and_model_are_taken_from_what_a_printer_says_as_far_as_it_does(identity: str, name: str) -> None:
    assert told(identity) == name
