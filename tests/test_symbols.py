"""Two symbols of one package become one inside one step, never two packages; nothing a code tells is overwritten."""

import datetime as dt

import pytest
from at_bench import AtBench, at_a_package, entered, keyed

from stations.bench.state import WaitExpiry, WaitLot, WaitSymbol
from stations.work.verdict import Verdict, Word

GTIN, UPC_AS_13 = "]e00100309991234563", "0309991234563"
FACTS = "]C11727022810LOT{}"
HIBC, ITS_REST, ANOTHERS_REST = "+H123RX04515", "+$$3270331LOT7A5J", "+$$3270331LOT7AX4"


def lots(at: AtBench) -> list[tuple[str, str, str]]:
    task = at.bench.task()
    assert task is not None
    return [(package.lot, str(package.expiry), package.source) for package in task.packages]


def reasons(verdict: Verdict | None) -> tuple[str, ...]:
    assert verdict is not None
    return verdict.reasons


@pytest.mark.parametrize("first", [GTIN, UPC_AS_13, "]E00309991234563"])
def test_either_symbol_may_come_first(first: str) -> None:
    for pair in ((first, FACTS.format("A")), (FACTS.format("A"), first)):
        at = at_a_package()
        at.scan(pair[0])
        verdict = at.scan(pair[1])
        assert verdict is not None
        assert (verdict.word, lots(at)) == (Word.PASS, [("LOTA", "2027-02-28", "scanned")])


def test_a_hibc_pair_is_held_together_by_its_link() -> None:
    at = at_a_package()
    at.scan(HIBC)
    at.scan(ITS_REST)
    assert lots(at) == [("LOT7A", "2027-03-31", "scanned")]
    at.scan(HIBC)
    assert reasons(at.scan(ANOTHERS_REST)) == ("unreadable",)
    at.scan(ANOTHERS_REST)
    assert reasons(at.scan(HIBC)) == ("unreadable",)
    assert len(lots(at)) == 1


def test_a_second_symbol_read_twice_is_not_the_first_one_of_the_next_package() -> None:
    at = at_a_package()
    at.scan(GTIN)
    at.scan(FACTS.format("A"))
    at.now -= dt.timedelta(seconds=0.7)  # a scan comes one second after the last event
    at.scan(FACTS.format("A"))
    assert "Read twice" in at.bench.says
    assert at.bench.dialog is None


def test_a_lot_scanned_a_while_ago_is_of_no_package() -> None:
    at = at_a_package()
    at.scan(FACTS.format("A"))
    assert isinstance(at.bench.dialog, WaitSymbol)
    at.wait(61)
    at.scan(GTIN)
    assert isinstance(at.bench.dialog, WaitLot)
    at.wait(61)
    at.scan(FACTS.format("B"))
    assert isinstance(at.bench.dialog, WaitSymbol)
    assert lots(at) == []


def test_what_was_keyed_and_what_the_other_symbol_says_must_be_the_same() -> None:
    at = at_a_package()
    at.scan(GTIN)
    at.enter("LOTX")
    assert reasons(at.scan(FACTS.format("A"))) == ("unreadable",)
    assert lots(at) == []


def test_a_keyed_symbol_makes_the_package_a_keyed_one() -> None:
    at = at_a_package()
    keyed(at, ITS_REST)
    assert reasons(at.scan(HIBC)) == ("keyed",)
    at.scan(HIBC)
    assert reasons(keyed(at, ITS_REST)) == ("keyed",)
    assert [source for _, _, source in lots(at)] == ["keyed", "keyed"]


def test_the_last_ones_expiry_never_takes_the_place_of_a_scanned_one() -> None:
    at = at_a_package()
    at.scan(GTIN)
    entered(at, "L0", "L0", "2028-02", "2028-02")
    at.scan(GTIN)
    at.scan("]C117260501")
    assert isinstance(at.bench.dialog, WaitLot)
    at.press("yes")
    assert len(lots(at)) == 1
    entered(at, "L1", "L1")
    assert lots(at)[1:] == [("L1", "2026-05-01", "keyed")]


def test_an_offer_about_another_package_is_gone_when_a_symbol_waits() -> None:
    at = at_a_package()
    at.scan("]d201003099912345631726010110LOTZ\x1d21S9")
    offers = [at.bench.offer]
    at.scan(FACTS.format("B"))
    offers.append(at.bench.offer)
    assert [offer is not None for offer in offers] == [True, False]
    at.press("yes")
    assert not at.facts.tables.get("quarantine")


def test_a_symbol_without_a_product_is_no_unknown_product_at_home() -> None:
    at = AtBench()
    at.proves("AT")
    assert reasons(at.scan(FACTS.format("A"))) == ("not-that-kind",)
    assert at.bench.offer is None


def test_a_package_is_usable_until_the_hour_its_code_names() -> None:
    for hour, told in (("1200", True), ("0700", False)):
        at = AtBench()
        at.proves("AT")
        verdict = at.scan(f"]d2010030999123456310LOT7A\x1d7003260310{hour}")
        assert ("expired" not in reasons(verdict)) == told


def test_more_units_than_the_record_knows_are_another_pack() -> None:
    at = at_a_package()
    assert reasons(at.scan("]d20100309991234563172702283024\x1d10LOTQ")) == ("wrong-pack",)
    assert at.scan("]d2010030999123456317270228301\x1d10LOTQ") is not None
    assert lots(at) == [("LOTQ", "2027-02-28", "scanned")]


def test_the_units_on_the_second_symbol_count_as_those_on_the_first() -> None:
    for pair in ((GTIN, "]C11727022810LOTA\x1d3012"), ("]C11727022810LOTA\x1d3012", GTIN)):
        at = at_a_package()
        at.scan(pair[0])
        assert reasons(at.scan(pair[1])) == ("wrong-pack",)
        assert lots(at) == []


def test_a_symbol_of_a_later_time_is_of_no_package() -> None:
    at = at_a_package()
    at.scan(FACTS.format("A"))
    at.wait(-4000)
    at.scan(GTIN)
    assert isinstance(at.bench.dialog, WaitLot)


def test_an_assets_number_is_no_place_though_a_place_has_the_same_digits() -> None:
    at = AtBench()
    rows = at.facts.tables["location"]
    rows["L03A12Z"] = {**rows["L03A12Z"], "gs1": "0614141000012"}
    at.proves("AT")
    at.task("automation.refill-pick", "A4W")
    at.scan("]C180040614141000012")
    assert at.step == "line[1].shelf"


def test_a_gtin_and_a_national_number_of_two_products_are_refused() -> None:
    at = at_a_package()
    verdict = at.scan("]d20100350999124998715000999123456\x1d1727040110LOTZ")
    assert reasons(verdict) == ("unreadable",)


@pytest.mark.parametrize("typed", ["202711", "2027", "27-02-28"])
def test_half_an_expiry_is_none(typed: str) -> None:
    at = at_a_package()
    at.scan(GTIN)
    entered(at, "L1", "L1", typed)
    assert isinstance(at.bench.dialog, WaitExpiry)
    assert at.bench.dialog.first == ""


@pytest.mark.parametrize("text", ["]C18004L03A12Z", "]C1800403-A-12", "]C14140614141000012"])
def test_a_number_of_gs1_is_no_place_unless_a_place_carries_it(text: str) -> None:
    at = AtBench()
    at.proves("AT")
    at.task("automation.refill-pick", "A4W")
    at.scan(text)
    assert at.step == "line[1].shelf"


def test_a_place_and_a_person_may_carry_a_number_of_gs1() -> None:
    at = AtBench()
    for register, key, number in (("location", "L03A12Z", "0614141000012"), ("staff", "AT", "061414123456789012")):
        rows = at.facts.tables[register]
        rows[key] = {**rows[key], "gs1": number}
    at.scan("]C18017061414123456789012")
    at.pin("420173")
    at.task("automation.refill-pick", "A4W")
    at.scan("]C14140614141000012")
    assert at.step == "line[1].package"
