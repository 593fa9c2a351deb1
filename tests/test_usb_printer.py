"""A printer past the kernel's driver is borrowed and given back, and every byte that left it is counted."""

import array
import errno
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest
from usb.core import USBError, USBTimeoutError

from printers.status import Fault, Ready, Unanswered, faulty
from printers.transports import Limits, TransportBroken
from printers.transports.usb import Bus, UsbTransport, libusb

VENDOR, PRODUCT = 0x04B8, 0x0E15
QUICK = Limits(answer=0.05, write=0.05, printed=0.05)
QUESTIONS = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 3, 4))
IS_PRINTED = b"\x1dr\x01"
LABEL = bytes(range(32, 127)) * 100
BULK, INTERRUPT = 2, 3


def pipe(address: int, kind: int = BULK) -> SimpleNamespace:
    return SimpleNamespace(bEndpointAddress=address, bmAttributes=kind, wMaxPacketSize=64)


class Way(list[SimpleNamespace]):
    """An interface: its pipes, as pyusb gives it."""

    def __init__(self, number: int, of_class: int, *pipes: SimpleNamespace, alternate: int = 0) -> None:
        super().__init__(pipes)
        self.bInterfaceNumber = number
        self.bInterfaceClass = of_class
        self.bAlternateSetting = alternate


KEYBOARD = Way(0, 0x03, pipe(0x81, INTERRUPT))
USUAL = Way(1, 0x07, pipe(0x02), pipe(0x83))


class Printer:
    """A device as pyusb gives it, with a printer in it."""

    def __init__(self, *ways: Way, serial: str = "J0001") -> None:
        self.ways = ways or (KEYBOARD, USUAL)
        self._serial = serial
        self.is_readable = True
        self.has_driver = True
        self.can_tell_drivers = True
        self.taken = b""
        self.takes = 1 << 30
        """Bytes that it still takes."""
        self.breaks: OSError | None = None
        """What a write gives once it takes no more, where that is more than time running out."""
        self.gone_at_last: OSError | None = None
        self.answers = dict.fromkeys(QUESTIONS, b"\x12") | {IS_PRINTED: b"\0"}
        self.says = b""
        self.did: list[str] = []
        self.sizes: list[int] = []
        self.limits: list[int] = []

    @property
    def serial_number(self) -> str:
        if not self.is_readable:
            raise ValueError(
                "The device has no langid (permission issue, no string descriptors supported or device error)"
            )
        return self._serial

    def get_active_configuration(self) -> tuple[Way, ...]:
        return self.ways

    def is_kernel_driver_active(self, interface: int) -> bool:
        if not self.can_tell_drivers:
            raise NotImplementedError
        return self.has_driver and interface == USUAL.bInterfaceNumber

    def detach_kernel_driver(self, interface: int) -> None:
        self.did.append(f"detach {interface}")
        self.has_driver = False

    def attach_kernel_driver(self, interface: int) -> None:
        if self.gone_at_last:
            raise self.gone_at_last
        self.did.append(f"attach {interface}")
        self.has_driver = True

    def set_interface_altsetting(self, interface: int, alternate: int) -> None:
        self.did.append(f"set {interface} {alternate}")

    def write(self, address: int, data: bytes, timeout: int) -> int:
        assert address == 0x02
        self.sizes.append(len(data))
        self.limits.append(timeout)
        moved = min(len(data), self.takes)
        if not moved:
            raise self.breaks or USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        self.takes -= moved
        self.taken += data[:moved]
        for question, answer in self.answers.items():
            if self.taken.endswith(question):
                self.says += answer
        return moved

    def read(self, address: int, size: int, timeout: int) -> "array.array[int]":
        assert address == 0x83
        self.limits.append(timeout)
        if not self.says:
            raise USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        said, self.says = self.says[:size], self.says[size:]
        return array.array("B", said)

    @property
    def job(self) -> bytes:
        """What is to be printed of what came."""
        data = self.taken
        for question in QUESTIONS:
            data = data.replace(bytes(8) + question, b"").replace(question, b"")
        return data


def bus(*plugged: Printer, busy: OSError | None = None) -> Callable[[], Bus]:
    """Make a bus with these devices on it, whose interfaces somebody else may hold."""

    def find(vendor: int, product: int) -> Sequence[Printer]:
        return plugged if (vendor, product) == (VENDOR, PRODUCT) else ()

    def claim(device: Printer, interface: int) -> None:
        device.did.append(f"claim {interface}")
        if busy:
            raise busy

    def release(device: Printer, interface: int) -> None:
        device.did.append(f"release {interface}")

    return lambda: Bus(plugged=find, claim=claim, release=release, close=lambda device: device.did.append("close"))


def to(*plugged: Printer, serial: str = "", answers: bool = True, busy: OSError | None = None) -> UsbTransport:
    reached = bus(*plugged, busy=busy)
    return UsbTransport(VENDOR, PRODUCT, serial, answers=answers, limits=QUICK, bus=reached)


def broken(transport: UsbTransport, data: bytes = LABEL) -> TransportBroken:
    with pytest.raises(TransportBroken) as error:
        transport.send(data)
    return error.value


def error(number: int, text: str = "No words of ours") -> USBError:
    return USBError(text, errno=number)


# Sending ----------------------------------------------------------------------------------------------------------


def test_a_job_arrives_whole_in_small_pieces_each_with_a_limit() -> None:
    printer = Printer()
    to(printer).send(LABEL + IS_PRINTED)
    assert printer.job == LABEL + IS_PRINTED
    assert max(printer.sizes) <= 4096
    assert all(printer.limits)


def test_the_printer_is_taken_from_the_kernel_s_driver_and_given_back() -> None:
    printer = Printer()
    to(printer, answers=False).send(LABEL)
    assert printer.did == ["detach 1", "claim 1", "release 1", "attach 1", "close"]


def test_a_driver_that_was_not_there_is_not_put_there() -> None:
    printer = Printer()
    printer.has_driver = False
    to(printer, answers=False).send(LABEL)
    assert printer.did == ["claim 1", "release 1", "close"]


def test_a_system_that_cannot_tell_of_drivers_is_printed_on_all_the_same() -> None:
    printer = Printer()
    printer.can_tell_drivers = False
    to(printer).send(LABEL)
    assert printer.job == LABEL


def test_a_printer_is_given_back_after_trouble() -> None:
    printer = Printer()
    printer.takes = 100
    broken(to(printer, answers=False))
    assert printer.did[-3:] == ["release 1", "attach 1", "close"]


def test_another_setting_of_the_interface_is_chosen_where_the_pipes_are_there() -> None:
    printer = Printer(Way(1, 0x07, alternate=0), Way(1, 0x07, pipe(0x02), pipe(0x83), alternate=1))
    to(printer).send(LABEL)
    assert "set 1 1" in printer.did


@pytest.mark.parametrize(
    "ways",
    [
        (Way(0, 0xFF, pipe(0x02), pipe(0x83)),),
        (Way(0, 0xFF, pipe(0x05), pipe(0x86)), USUAL),
        (Way(0, 0x07, pipe(0x05)), USUAL),
        (Way(1, 0x07, pipe(0x84, INTERRUPT), pipe(0x02), pipe(0x83)),),
    ],
)
def test_the_pipes_are_found_by_what_they_are(ways: tuple[Way, ...]) -> None:
    printer = Printer(*ways)
    to(printer).send(LABEL)
    assert printer.job == LABEL


@pytest.mark.parametrize("takes", [0, 1, 4095, 4096, 4097, 9000])
def test_a_printer_that_stops_taking_bytes_ends_the_job_with_the_bytes_that_left(takes: int) -> None:
    printer = Printer()
    printer.takes = takes
    ended = broken(to(printer, answers=False))
    assert ended.sent == takes
    assert ended.sentence == f"The printer took {takes} of {len(LABEL)} bytes and no more for 0.05 s."


def test_a_cable_that_is_pulled_out_in_the_middle_counts_what_may_have_left() -> None:
    printer = Printer()
    printer.takes, printer.breaks = 5000, error(errno.ENODEV)
    ended = broken(to(printer, answers=False))
    assert ended.sent >= 5000
    assert ended.sentence == f"The line to the printer broke after 5000 of {len(LABEL)} bytes."


def test_a_printer_that_cannot_be_given_back_has_printed_all_the_same() -> None:
    printer = Printer()
    printer.gone_at_last = error(errno.ENODEV)
    to(printer).send(LABEL + IS_PRINTED)
    assert printer.job == LABEL + IS_PRINTED
    assert printer.did[-1] == "close"


def test_a_printer_that_does_not_say_that_it_printed_leaves_the_job_unknown() -> None:
    printer = Printer()
    del printer.answers[IS_PRINTED]
    assert broken(to(printer), LABEL + IS_PRINTED).sent >= len(LABEL)


def test_a_job_is_not_begun_where_the_printer_says_that_it_cannot_print() -> None:
    printer = Printer()
    printer.answers[QUESTIONS[1]] = b"\x16"
    ended = broken(to(printer))
    assert (ended.sent, ended.sentence) == (0, faulty(Fault.COVER_OPEN).sentence)
    assert printer.job == b""


# Asking -----------------------------------------------------------------------------------------------------------


def test_a_printer_that_is_well_is_ready() -> None:
    assert to(Printer()).status() == Ready()


def test_what_the_printer_said_before_is_no_answer() -> None:
    printer = Printer()
    printer.says, printer.answers = b"\x12" * 200, {}
    assert isinstance(to(printer).status(), Unanswered)


def test_an_answer_is_found_among_bytes_that_nobody_asked_for() -> None:
    printer = Printer()
    printer.answers[QUESTIONS[3]] = b"\x10\x00\x00\x0f\x72"
    assert to(printer).status() == faulty(Fault.OUT_OF_PAPER)


def test_a_printer_without_a_way_back_is_silent() -> None:
    assert isinstance(to(Printer(Way(1, 0x07, pipe(0x02)))).status(), Unanswered)


def test_a_printer_that_never_answers_is_looked_for_and_left_with_the_kernel() -> None:
    printer = Printer()
    status = to(printer, answers=False).status()
    assert isinstance(status, Unanswered)
    assert status.is_there
    assert "04b8:0e15 is there" in status.sentence
    assert (printer.taken, printer.did) == (b"", [])


# Which printer ----------------------------------------------------------------------------------------------------


def test_one_of_two_is_told_by_its_number() -> None:
    other, meant = Printer(serial="J0001"), Printer(serial="J0002")
    to(other, meant, serial="J0002").send(LABEL)
    assert (other.taken, meant.job) == (b"", LABEL)


def test_of_two_printers_none_is_guessed() -> None:
    ended = broken(to(Printer(), Printer()))
    assert ended.sent == 0
    assert "2 printers 04b8:0e15 are plugged in" in ended.sentence


@pytest.mark.parametrize(
    ("transport", "says"),
    [
        (to(), "The printer at 04b8:0e15 is not there"),
        (to(Printer(), serial="J9"), "The printer at 04b8:0e15 J9 is not there"),
        (to(Printer(KEYBOARD)), "takes no bytes to print"),
        (to(Printer(), busy=error(errno.EBUSY)), "is held by another program"),
        (to(Printer(), busy=error(errno.EACCES)), "may not be opened by this user"),
        (to(Printer(), busy=error(errno.ENODEV)), "is unplugged or switched off"),
        (to(Printer(), busy=error(errno.EPROTO, "Odd")), "gives the error Odd; unplug it"),
        (UsbTransport(VENDOR, PRODUCT, "", answers=True, limits=QUICK, bus=lambda: None), "libusb is missing"),
    ],
)
def test_trouble_before_the_first_byte_is_one_sentence_with_its_mend(transport: UsbTransport, says: str) -> None:
    status = transport.status()
    assert isinstance(status, Unanswered)
    ended = broken(transport)
    assert ended.sent == 0
    for sentence in (status.sentence, ended.sentence):
        assert says in sentence
        assert sentence.endswith(".")


def test_a_number_that_may_not_be_read_is_told_as_that() -> None:
    printer = Printer()
    printer.is_readable = False
    assert "may not be opened by this user" in broken(to(printer, serial="J0001")).sentence


def test_the_real_bus_is_reached_or_found_missing() -> None:
    found = libusb()
    assert found is None or list(found.plugged(0x0001, 0x0001)) == []
