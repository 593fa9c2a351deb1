"""Whether a count agrees with the record, and what a difference leads to."""

import pytest
from at_bench import COUNT, AtBench
from hypothesis import given
from hypothesis import strategies as st

from stations.pharmacy import counts
from stations.pharmacy.formulary import Item
from stations.work.settings import Counting
from stations.work.verdict import Finding

SITE = Counting()
TABLET = Item(item="t", drug="t", name="t", strength="1 mg", form="tablet", route="oral")
CONTROLLED = Item(item="c", drug="c", name="c", strength="1 mg", form="tablet", route="oral", schedule="CII")


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), (" 24 ", 24), ("007", 7), ("99999", 99_999), ("0000000012", None), ("100000", None)],
)
def test_a_count_is_a_whole_number_up_to_what_a_shelf_can_hold(text: str, number: int | None) -> None:
    found = counts.read_number(text, SITE)
    assert found == number if number is not None else isinstance(found, Finding)


@pytest.mark.parametrize("text", ["-1", "+1", "1.0", "1,000", "1e3", "0x10", "²", "٣", "one", "1 2", "1\x00", "1\x1d2"])
def test_what_is_not_digits_is_implausible_and_never_read_as_some_number(text: str) -> None:
    found = counts.read_number(text, SITE)
    assert isinstance(found, Finding)
    assert found.reason == "implausible"


@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_nothing_entered_is_blank(text: str) -> None:
    found = counts.read_number(text, SITE)
    assert isinstance(found, Finding)
    assert found.reason == "blank"


@given(st.text())
def test_any_text_is_a_count_or_a_finding_with_a_short_sentence(text: str) -> None:
    found = counts.read_number(text, SITE)
    if isinstance(found, Finding):
        assert len(found.says) < 200
    else:
        assert 0 <= found <= SITE.most


@pytest.mark.parametrize(
    ("number", "expected", "outcome"),
    [
        (40, 40, "equal"),
        (39, 40, "within"),
        (41, 40, "within"),
        (38, 40, "different"),
        (98, 100, "within"),
        (97, 100, "different"),
        (102, 100, "within"),
        (980, 1000, "within"),
        (979, 1000, "different"),
        (1, 0, "within"),
        (2, 0, "different"),
        (7, None, "different"),
    ],
)
def test_the_tolerance_is_one_unit_or_two_percent_whichever_is_larger(
    number: int, expected: int | None, outcome: str
) -> None:
    assert counts.compare(number, expected, TABLET, SITE) == outcome


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.sampled_from([None, SITE]))
def test_a_controlled_substance_has_no_tolerance_and_nor_has_a_step_without_one(
    number: int, expected: int, tolerance: Counting | None
) -> None:
    exact = "equal" if number == expected else "different"
    assert counts.compare(number, expected, CONTROLLED, tolerance) == exact
    assert counts.compare(number, expected, TABLET, None) == exact
    assert counts.compare(number, expected, None, tolerance) == exact


@pytest.mark.parametrize("number", [39, 41, 0])
def test_one_unit_more_or_less_of_a_controlled_substance_is_different(number: int) -> None:
    assert counts.compare(number, 40, CONTROLLED, SITE) == "different"


def counted(place: str, *answers: str) -> AtBench:
    at = AtBench()
    at.proves("AT")
    at.task(COUNT, place)
    for answer in answers:
        if at.step == "recount" and not at.bench.actor:
            at.proves("T2")
        at.enter(answer)
    return at


def on_hand(at: AtBench, place: str) -> int:
    return int(at.facts.rows("stock_level", code=place)[0]["on_hand"])


def test_a_count_that_agrees_is_kept_at_once() -> None:
    at = counted("L03A12Z", "40")
    assert (at.screen, on_hand(at, "L03A12Z")) == ("home", 40)


def test_a_recount_that_agrees_with_the_record_stands() -> None:
    at = counted("L03A12Z", "7", "40")
    assert (at.screen, on_hand(at, "L03A12Z")) == ("home", 40)
    assert at.facts.rows("stock_level", code="L03A12Z")[0]["counted_by"] == "T2"


def test_a_small_discrepancy_needs_a_cause_and_no_pharmacist() -> None:
    at = counted("L03A12Z", "36", "36")
    assert at.step == "cause"
    at.choose("miscount")
    assert (at.screen, on_hand(at, "L03A12Z")) == ("home", 36)


@pytest.mark.parametrize(("number", "step"), [("35", ""), ("34", "pharmacist"), ("45", ""), ("46", "pharmacist")])
def test_a_difference_over_the_limit_is_approved_by_a_pharmacist(number: str, step: str) -> None:
    at = counted("L03A12Z", number, number)
    at.choose("miscount")
    assert at.step == step
    assert on_hand(at, "L03A12Z") == (int(number) if not step else 40)


def test_any_difference_of_a_controlled_substance_is_approved_and_stands_in_the_ledger() -> None:
    at = counted("LVLT011", "23", "23")
    at.choose("unexplained")
    assert at.step == "pharmacist"
    assert at.facts.tables["cs_ledger"] == {}
    at.proves("P1")
    at.choose("approve")
    (line,) = at.facts.tables["cs_ledger"].values()
    assert (line["qty"], line["balance"], line["schedule"], line["performer"]) == (-1, 23, "CII", "AT")
    assert on_hand(at, "LVLT011") == 23


def test_a_controlled_count_that_agrees_leaves_no_line_in_the_ledger() -> None:
    at = counted("LVLT011", "24")
    assert at.screen == "home"
    assert at.facts.tables["cs_ledger"] == {}


def test_an_empty_shelf_is_counted_as_none() -> None:
    at = counted("L03A12Z", "0", "0")
    at.choose("not recorded")
    at.proves("P1")
    at.choose("approve")
    assert on_hand(at, "L03A12Z") == 0


def test_a_place_without_a_stock_record_is_not_counted() -> None:
    at = AtBench()
    at.proves("AT")
    at.task(COUNT)
    verdict = at.scan("LQUAR1K")
    assert verdict is not None
    assert verdict.reasons == ("wrong-location",)
