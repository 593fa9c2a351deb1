"""A scan is heard once, its evidence stands in the record, and what no hand could do is told to a supervisor."""

import datetime as dt
from typing import Any

import pytest
from at_bench import COUNT, HYDRALAZINE, PICK, SHELF, AtBench, at_a_package

from stations.bench.events import Scanned, ScannerReported
from stations.scanning.decoding import card
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Outcome
from stations.work.verdict import Word

MS = dt.timedelta(milliseconds=1)


def scan(at: AtBench, text: str, *, after_ms: int, device: str = "left") -> None:
    """Let a scanner send a text so long after the last event."""
    at.now += after_ms * MS
    found = Scan(text=text, device=device, started=1.0, ended=1.2, keys=len(text), longest_gap=0.004)
    at.happens(Scanned(at=at.now, scan=found))


def last(at: AtBench) -> dict[str, Any]:
    return at.entries[-1]


def test_each_scan_leaves_how_it_was_heard() -> None:
    at = at_a_package()
    package = HYDRALAZINE.format(1).replace("<GS>", "\x1d")
    scan(at, package, after_ms=1_000)
    data = last(at)
    told = {name: data[name] for name in ("raw", "symbology", "device", "through", "keys", "gap_ms", "lost", "source")}
    assert told == {
        "raw": "]d201003099912345631727022810LOT7A<GS>21S0001",
        "symbology": "]d2",
        "device": "left",
        "through": "scanner",
        "keys": len(package),
        "gap_ms": 4,
        "lost": False,
        "source": "scanned",
    }
    assert data["verdict"] == "PASS"


def test_a_scan_with_lost_keys_says_so_in_the_record() -> None:
    at = at_a_package()
    lost = Garbled(
        reason=Outcome.LOST_INPUT, device="left", text="]d2010", started=1.0, ended=1.2, keys=6, longest_gap=0.0
    )
    at.happens(Scanned(at=at.now, scan=lost))
    assert (last(at)["lost"], last(at)["reasons"]) == (True, ["lost-input"])


def test_a_text_of_a_hundred_thousand_characters_is_kept_up_to_a_limit() -> None:
    at = at_a_package()
    scan(at, "A" * 100_000, after_ms=1_000)
    assert (len(last(at)["raw"]), last(at)["reasons"]) == (4096, ["too-long"])


@pytest.mark.parametrize(("after_ms", "reasons"), [(699, None), (700, ["not-that-kind"])])
def test_a_shelf_read_twice_in_a_moment_is_taken_once_and_told(after_ms: int, reasons: list[str] | None) -> None:
    at = at_a_package()
    scan(at, SHELF, after_ms=after_ms)
    assert last(at).get("reasons") == reasons
    assert ("Read twice" in at.bench.says) == (reasons is None)
    assert last(at).get("double") is (True if reasons is None else None)


def test_a_third_reading_tells_the_same_once() -> None:
    at = at_a_package()
    for _ in range(3):
        scan(at, SHELF, after_ms=100)
    assert at.bench.says.count("Read twice") == 1


def test_the_same_code_from_another_scanner_is_another_scan() -> None:
    at = at_a_package()
    scan(at, SHELF, after_ms=100, device="right")
    assert last(at)["reasons"] == ["not-that-kind"]


def test_a_package_is_never_dropped_as_read_twice_where_packages_count() -> None:
    at = at_a_package()
    scan(at, "]d201003099912345631727022810LOT7A", after_ms=5_000)
    scan(at, "]d201003099912345631727022810LOT7A", after_ms=100)
    assert last(at)["reasons"] == ["next-package"]
    assert "proxy" in last(at)["flag"]


def test_a_digit_is_never_dropped_as_read_twice() -> None:
    at = at_a_package()
    scan(at, "C5G", after_ms=5_000)
    scan(at, "C5G", after_ms=100)
    assert at.bench.typed == "55"


def test_a_serial_scanned_again_is_flagged() -> None:
    at = at_a_package()
    for _ in range(2):
        scan(at, "]d201003099912345631727022810LOT7A\x1d21S0001", after_ms=3_000)
    assert last(at)["reasons"] == ["duplicate-serial"]
    assert "same serial" in last(at)["flag"]


@pytest.mark.parametrize(("after_ms", "is_flagged"), [(1_999, True), (2_000, False)])
def test_two_places_with_no_walk_between_them_are_flagged_and_not_stopped(after_ms: int, *, is_flagged: bool) -> None:
    at = AtBench()
    at.proves("AT")
    at.task(COUNT)
    scan(at, "LA4W12X", after_ms=9_000)
    visited = at.now
    at.press("cancel")
    at.press("yes")
    at.task(PICK, "A4W")
    at.now = visited
    scan(at, SHELF, after_ms=after_ms)
    assert at.bench.verdict is not None
    assert at.bench.verdict.word is Word.PASS
    assert ("two places" in last(at).get("flag", "")) == is_flagged


def test_the_record_tells_how_long_after_the_last_scan_one_came() -> None:
    at = at_a_package()
    scan(at, "L03B07F", after_ms=1_000)
    scan(at, SHELF, after_ms=1_250)
    assert last(at)["since_ms"] == 1_250


def test_a_code_of_the_check_card_is_no_product_wherever_it_is_scanned() -> None:
    for at in (AtBench(), at_a_package()):
        judged = at.bench.judged
        for name, text in card.TEXTS.items():
            scan(at, text, after_ms=1_000)
            assert (last(at)["kind"], last(at)["part"]) == ("check-card", name)
        assert at.bench.judged == judged


def test_a_scan_through_a_keyboard_that_the_bench_does_not_take_is_refused_and_recorded() -> None:
    at = at_a_package()
    typed = Garbled(
        reason=Outcome.NOT_OURS,
        device="keyboard",
        text=SHELF,
        started=1.0,
        ended=1.2,
        keys=7,
        longest_gap=0.0,
        source="keyboard",
    )
    at.happens(Scanned(at=at.now, scan=typed))
    assert (last(at)["reasons"], last(at)["through"]) == (["not-ours"], "keyboard")
    assert "paired scanner" in at.bench.says


@pytest.mark.parametrize(
    "text",
    [
        "B0051085\t",
        "B0051085\x07",
        "B0051085B0051085",
        "*B0051085*",
        " B0051085",
        "\x1dB0051085",
        "+B0051085",
        "b0051085",
    ],
)
@pytest.mark.parametrize("at_the_door", [True, False])
def test_no_badge_stands_whole_in_the_record_however_it_was_read(text: str, *, at_the_door: bool) -> None:
    at = AtBench() if at_the_door else at_a_package()
    scan(at, text, after_ms=1_000)
    broken = Garbled(
        reason=Outcome.TRUNCATED, device="left", text=text, started=1.0, ended=1.2, keys=6, longest_gap=0.0
    )
    at.happens(Scanned(at=at.now, scan=broken))
    assert len(at.entries) >= 2
    assert "B0051085" not in repr(at.entries[-2:]).upper()


def test_a_badge_that_was_misread_is_not_spelt_out() -> None:
    at = AtBench()
    scan(at, "BOO51O85", after_ms=1_000)
    assert "BOO51O85" not in repr(last(at))
    assert last(at)["reasons"] == ["check-digit"]


def test_two_packages_faster_than_a_hand_are_flagged_though_their_serials_differ() -> None:
    at = at_a_package()
    for number in (1, 2):
        scan(at, f"]d201003099912345631727022810LOT7A\x1d21S{number}", after_ms=100)
    assert last(at)["verdict"] == "PASS"
    assert "faster than a hand" in last(at)["flag"]


def test_one_package_in_three_symbols_counts_once() -> None:
    at = at_a_package()
    for text in ("]d201003099912345631727022810LOT7A", "]C101003099912345631727022810LOT7A"):
        scan(at, text, after_ms=50)
    assert last(at)["reasons"] == ["next-package"]


def test_a_scanned_command_stands_in_the_record_and_a_digit_does_not() -> None:
    at = at_a_package()
    number = len(at.entries)
    scan(at, "C5G", after_ms=1_000)
    assert len(at.entries) == number
    scan(at, "CBACK4", after_ms=1_000)
    assert (last(at)["raw"], last(at)["word"], last(at)["device"]) == ("CBACK4", "back", "left")


def test_a_scanner_in_doubt_says_why_with_every_scan() -> None:
    at = at_a_package()
    says = "Re-programmed: GS now arrives as F8. Scan the check card."
    at.happens(ScannerReported(at=at.now, device="left", present=False, says=says))
    doubted = Garbled(
        reason=Outcome.UNREADABLE, device="left", text=SHELF, started=1.0, ended=1.2, keys=7, longest_gap=0.0
    )
    at.happens(Scanned(at=at.now, scan=doubted))
    assert at.bench.says.startswith(says)


@pytest.mark.parametrize("prompt", [False, True])
def test_digits_where_a_badge_or_a_pin_is_asked_are_not_kept(*, prompt: bool) -> None:
    at = AtBench(answers_pins=False)
    if prompt:
        scan(at, "B0042173", after_ms=1_000)
    scan(at, "420173", after_ms=1_000)
    broken = Garbled(
        reason=Outcome.UNREADABLE, device="left", text="420173", started=1.0, ended=1.2, keys=6, longest_gap=0.0
    )
    at.happens(Scanned(at=at.now, scan=broken))
    assert "420173" not in repr(at.entries)
    assert "420173" not in at.bench.says


@pytest.mark.parametrize(
    "text",
    ["8017061414123456789012", "]C18017061414123456789012", "(8017)061414123456789012", "]C08017061414123456789012"],
)
def test_no_number_of_a_person_stands_whole_in_the_record(text: str) -> None:
    for at in (AtBench(), at_a_package()):
        scan(at, text, after_ms=1_000)
        assert "061414123456789012" not in repr(at.entries[-1:])
