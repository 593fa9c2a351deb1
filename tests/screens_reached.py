"""Every screen a person can reach, by name: how the pictures and the tests of the view get there."""

from collections.abc import Callable

from pretend import HEPARIN, HYDRALAZINE, HYDRALAZINE_50, HYDROXYZINE, START, Pretend

from kiosk.screens.frame import paint
from kiosk.screens.hand import Hand
from kiosk.screens.lines import FULL, Glyphs
from kiosk.screens.view import View
from stations.bench.events import FileRefused, JobReported, JournalFailed, PrinterReported, Restarted, ScannerReported
from stations.scanning.decoding.card import SYMBOLS, TEXTS

Way = Callable[[], Pretend]
CARD = SYMBOLS["terminator"] + TEXTS["terminator"]
"""A code of the check card."""
NO_PAPER = PrinterReported(at=START, answer="fault", says="The printer is out of paper; load a roll.")
PULLED = "The line to the printer broke after 512 of 9,214 bytes."


def _signed_out() -> Pretend:
    station = Pretend().picking().press("sign-out")
    station.wait(minutes=14)
    station.post(ScannerReported(at=START, device="gun", present=True))
    return station


def _out_of_order() -> Pretend:
    station = Pretend().signed_in()
    station.post(JournalFailed(at=START, says="The disk is full."))
    return station


def _some_taken() -> Pretend:
    return Pretend().picking().scan(HYDRALAZINE.format(1)).scan(HYDRALAZINE.format(2))


def _all_picked() -> Pretend:
    station = _some_taken().scan(HYDRALAZINE.format(3)).enter("200")
    if station.bench.place() and station.bench.screen() == "task" and "left" in station.bench.place().path:  # type: ignore[union-attr] # just asked
        station.enter("200")
    station.scan("L03A13X").scan(HYDRALAZINE_50.format(1)).scan(HYDRALAZINE_50.format(2)).enter("150").enter("150")
    station.scan("L04C021").scan(HEPARIN.format(1)).scan(HEPARIN.format(2)).enter("40").enter("40")
    return station.scan("LTOTE1V")


def _at_the_pharmacist() -> Pretend:
    return _all_picked().person("B020101R", "201518")


def _print() -> Pretend:
    return _at_the_pharmacist().choose("approve")


def _no_paper() -> Pretend:
    station = _all_picked()
    station.answers_printer = False
    station.post(NO_PAPER)
    return station.person("B020101R", "201518").choose("approve")


def _in_doubt() -> Pretend:
    """The cable was pulled while the seal was printed."""
    station = _no_paper()
    label = station.bench.kept.jobs[-1].id
    station.post(PrinterReported(at=START, answer="ready"))
    for state, says in (("sending", ""), ("unknown", PULLED)):
        station.post(JobReported(at=START, job=label, state=state, says=says))
    return station


def _receipt_in_doubt() -> Pretend:
    station = Pretend().signed_in()
    station.answers_printer = False
    station.press("reprint")
    label = station.bench.kept.jobs[-1].id
    for state, says in (("sending", ""), ("unknown", PULLED)):
        station.post(JobReported(at=START, job=label, state=state, says=says))
    return station


def _paper_low() -> Pretend:
    station = _signed_out()
    station.post(PrinterReported(at=START, answer="warning", says="The roll is nearly used up; have another at hand."))
    return station


def _dead_printer() -> Pretend:
    station = _signed_out()
    station.post(NO_PAPER)
    return station


def _held() -> Pretend:
    return Pretend().picking().key("0999123456").key("0999123456").choose("1")


def _interrupted() -> Pretend:
    station = _some_taken()
    station.post(Restarted(at=START))
    return station


CHANGED = "Re-programmed: GS now arrives as F8, it was Ctrl+]. Set it back, or pair it again."
GONE = "Not there: plug it in at usb-0000:00:14.0-3, or pair another with kiosk pair scanner."


def _in_trouble(station: Pretend) -> Pretend:
    """Two scanners, the printer and two files, all at once."""
    station.post(FileRefused(at=START, file="staff.csv", says="staff.csv: row 3: found no badge."))
    station.post(ScannerReported(at=START, device="scanners.toml", present=False, says="scanners.toml: not TOML."))
    station.post(NO_PAPER)
    station.post(ScannerReported(at=START, device="left", present=False, says=CHANGED))
    station.post(ScannerReported(at=START, device="right", present=False, says=GONE))
    return station


def _card_after_stop() -> Pretend:
    return Pretend().picking().scan("]d201003099912345631725022810LOT7A<GS>21S0009").scan(CARD)


def _counting() -> Pretend:
    return Pretend().signed_in().choose("Cycle count").scan("L03B07F")


REACHED: dict[str, Way] = {
    "signed-out": _signed_out,
    "pin": lambda: Pretend().scan("B0042173"),
    "wrong-pin": lambda: Pretend().person("B0042173", "111111"),
    "duty": lambda: Pretend().person("B020101R", "201518"),
    "home": lambda: Pretend().picking().press("hold"),
    "home-empty": lambda: Pretend().person("B0051085", "510285"),
    "locked": lambda: Pretend().picking().press("lock"),
    "task-shelf": lambda: Pretend().signed_in().scan("P00127X"),
    "task-package": lambda: Pretend().picking(),
    "task-pass": _some_taken,
    "task-count": lambda: _some_taken().scan(HYDRALAZINE.format(3)),
    "task-recount": lambda: _some_taken().scan(HYDRALAZINE.format(3)).enter("7"),
    "task-expired": lambda: Pretend().picking().scan("]d201003099912345631725022810LOT7A<GS>21S0009"),
    "task-key-again": lambda: Pretend().picking().key("0999-1234-56"),
    "task-lot": lambda: Pretend().picking().key("0999-1234-56").key("0999-1234-56"),
    "task-which": lambda: Pretend().picking().key("0999123456").key("0999123456"),
    "task-cancel": lambda: Pretend().picking().press("cancel"),
    "task-interrupted": _interrupted,
    "task-pharmacist": _all_picked,
    "task-decision": _at_the_pharmacist,
    "task-print": _print,
    "task-no-paper": _no_paper,
    "task-in-doubt": _in_doubt,
    "task-reprint-why": lambda: _in_doubt().press("reprint"),
    "task-reprinted": lambda: _in_doubt().press("reprint").enter("torn at the cutter"),
    "home-in-doubt": _receipt_in_doubt,
    "home-reprint-why": lambda: _receipt_in_doubt().press("reprint"),
    "home-give-up": lambda: _receipt_in_doubt().press("cancel"),
    "signed-out-no-paper": _dead_printer,
    "signed-out-paper-low": _paper_low,
    "blind-count": _counting,
    "blind-recount": lambda: _counting().enter("3"),
    "stop": lambda: Pretend().picking().scan(HYDROXYZINE),
    "hold": _held,
    "hold-decision": lambda: _held().person("B020101R", "201518"),
    "hold-why": lambda: _held().person("B020101R", "201518").choose("approve"),
    "out-of-order": _out_of_order,
    "signed-out-troubles": lambda: _in_trouble(Pretend()),
    "task-troubles": lambda: _in_trouble(_some_taken()),
    "task-expired-card": _card_after_stop,
}


def seen(name: str) -> View:
    """Give the view of a screen, reached anew."""
    return REACHED[name]().view()


def painted(what: View, doing: Hand = Hand(), width: int = 80, height: int = 24, glyphs: Glyphs = FULL) -> str:  # noqa: B008 - a frozen value
    """Paint a view as text."""
    return "\n".join("".join(one.text for one in line) for line in paint(what, doing, width, height, glyphs))
