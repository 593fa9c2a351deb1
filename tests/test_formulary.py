"""Which item a package is, and whether it is the one asked for: by the table of links alone, never by arithmetic."""

import datetime as dt
from typing import Any

import pytest
from at_bench import sample_facts
from hypothesis import given
from hypothesis import strategies as st
from in_memory import InMemory
from msgspec.structs import replace

from stations.pharmacy import formulary, packages
from stations.pharmacy.formulary import Found, Item, Link
from stations.scanning.codes import from_visible, read
from stations.work.tasks import Package, Task

TODAY = dt.date(2026, 3, 10)
AT = dt.datetime(2026, 3, 10, 8, tzinfo=dt.UTC)


def found(text: str, facts: InMemory | None = None) -> Found:
    return formulary.find(read(from_visible(text), TODAY), facts or sample_facts())


@pytest.mark.parametrize(
    ("text", "item", "level"),
    [
        ("]d201003099912345631727022810LOT7A", "hydralazine-25-tab", "unit"),
        ("]e00100309991234563", "hydralazine-25-tab", "unit"),
        ("]E00309991234563", "hydralazine-25-tab", "unit"),
        ("]C101303099912345641727022810LOT9", "hydralazine-25-tab", "carton"),
        ("0999-1234-56", "hydralazine-25-tab", "unit"),
        ("]d20100614141000012715050999012345<GS>17290405", "heparin-25000-250-bag", "unit"),
        ("]d201003509991255681727022810LOT3M", "hydralazine-25-tab", "unit"),
    ],
)
def test_a_code_leads_to_its_item_by_a_link(text: str, item: str, level: str) -> None:
    here = found(text)
    assert here.item is not None
    assert here.link is not None
    assert (here.item.item, here.link.package_level) == (item, level)


@pytest.mark.parametrize("status", ["requested", "verified", "retired"])
def test_only_an_active_link_is_used(status: str) -> None:
    facts = sample_facts()
    for key, row in list(facts.tables["ndc_link"].items()):
        facts.tables["ndc_link"][key] = {**row, "status": status}
    here = found("]d201003099912345631727022810LOT7A", facts)
    assert here.item is None
    assert here.finding is not None
    assert here.finding.reason == "unknown-code"
    assert ("has been requested" in here.finding.says) == (status != "retired")


def test_a_gtin_and_an_ndc_that_lead_to_two_items_lead_to_none() -> None:
    facts = sample_facts()
    other = {"link": "00614141000012", "gtin": "00614141000012", "ndc12": "", "status": "active", "pack_qty": 1}
    facts.tables["ndc_link"]["00614141000012"] = {**other, "package_level": "unit", "item": "hydroxyzine-25-tab"}
    here = found("]d20100614141000012715050999012345<GS>17290405", facts)
    assert here.item is None
    assert here.finding is not None
    assert "one link is wrong" in here.finding.says


def test_the_directory_proposes_a_name_and_never_matches() -> None:
    here = found("]d2010030002143380217270415")
    assert here.item is None
    assert here.finding is not None
    assert here.finding.reason == "unknown-code"
    assert "The directory lists it as" in here.finding.says


def test_bare_digits_that_two_products_share_are_a_choice() -> None:
    here = found("0999123456")
    assert here.item is None
    assert len(here.choices) == 2
    names = [formulary.label_of(ndc12, sample_facts()) for ndc12 in here.choices]
    assert set(names) == {"hydrALAZINE 25 mg tablet", "sampletrol 10 mg tablet"}


ASKED = Item(
    item="a", drug="aspirin", name="aspirin 100 mg tablet", strength="100 mg", form="tablet", route="oral", ndc12="1"
)


def match(
    *, packs: bool = False, same_ndc: bool = False, level: str = "unit", ndc12: str = "1", **fields: str
) -> list[str]:
    item = replace(ASKED, **fields)
    link = Link(link="x", item=item.item, ndc12=ndc12, package_level=level, pack_qty=10)
    found = formulary.match(Found(item=item, link=link), ASKED, packs=packs, same_ndc=same_ndc)
    return [f"{finding.at_least} {finding.reason}" for finding in found]


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({}, []),
        ({"item": "b", "drug": "other"}, ["PASS wrong-item"]),
        ({"item": "b", "drug": "other", "strength": "1 g", "form": "vial"}, ["PASS wrong-item"]),
        ({"item": "b", "strength": "1 g"}, ["PASS wrong-strength"]),
        ({"item": "b", "strength": "1 g", "form": "vial"}, ["PASS wrong-strength"]),
        ({"item": "b", "form": "capsule"}, ["PASS wrong-form"]),
        ({"item": "b", "form": "capsule", "route": "rectal"}, ["PASS wrong-form"]),
        ({"item": "b", "route": "rectal"}, ["PASS wrong-route"]),
        ({"item": "b"}, ["PASS wrong-item"]),
        ({"level": "carton"}, ["PASS wrong-pack"]),
        ({"level": "carton", "packs": True}, []),
        ({"ndc12": "2"}, ["PASS different-ndc"]),
        ({"ndc12": "2", "same_ndc": True}, ["STOP different-ndc"]),
        ({"ndc12": "", "same_ndc": True}, []),
        ({"level": "carton", "ndc12": "2"}, ["PASS wrong-pack", "PASS different-ndc"]),
    ],
)
def test_the_item_in_hand_is_compared_with_the_item_asked_for(fields: dict[str, Any], reasons: list[str]) -> None:
    assert match(**fields) == reasons


def test_a_code_is_requested_once() -> None:
    facts = sample_facts()
    code = read("]d201003999999999911727022810LOT7A", TODAY)
    (put,) = formulary.request(code, "AT", facts)
    assert put.row is not None
    assert (put.key, put.row["status"], put.row["requested_by"]) == ("00399999999991", "requested", "AT")
    facts.tables["ndc_link"][put.key] = put.row
    assert formulary.request(code, "AT", facts) == ()


# Expiry, serial, pace -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "floor", "reason"),
    [
        (-1, 0, "expired"),
        (-1, 30, "expired"),
        (0, 0, "expires-soon"),
        (0, 30, "expires-too-soon"),
        (29, 30, "expires-too-soon"),
        (30, 30, "expires-soon"),
        (90, 30, "expires-soon"),
        (91, 30, None),
        (91, 100, "expires-too-soon"),
    ],
)
def test_a_package_is_usable_through_its_day_and_from_the_floor_on(left: int, floor: int, reason: str | None) -> None:
    expiry = TODAY + dt.timedelta(days=left)
    reasons = [str(one.reason) for one in packages.expiry_findings(expiry, TODAY, floor_days=floor, soon_days=90)]
    assert reasons == ([reason] if reason else [])


@given(st.dates(), st.dates(), st.integers(0, 3650), st.integers(0, 3650))
def test_a_later_expiry_is_never_judged_worse(one: dt.date, today: dt.date, floor: int, soon: int) -> None:
    order = {"expired": 3, "expires-too-soon": 2, "expires-soon": 1}
    if today > dt.date(9980, 1, 1) or one == dt.date.max:
        return
    weights = [
        max(
            (order[one.reason] for one in packages.expiry_findings(expiry, today, floor_days=floor, soon_days=soon)),
            default=0,
        )
        for expiry in (one, one + dt.timedelta(days=1))
    ]
    assert weights[0] >= weights[1]


def package(serial: str = "S1", gtin: str = "00309991234563", seconds: float = 0, raw: str = "raw") -> Package:
    at = AT + dt.timedelta(seconds=seconds)
    return Package(path="p", item="a", name="a", gtin=gtin, serial=serial, raw=raw, at=at)


def task(*taken: Package) -> Task:
    return Task(
        id="T1",
        checklist="c",
        version=1,
        sha256="",
        title="t",
        role="automation",
        performer="AT",
        started=AT,
        touched=AT,
        packages=taken,
    )


def test_a_serial_is_one_package_of_one_product_in_this_task_and_in_every_other() -> None:
    facts = sample_facts()

    def reasons(one: Package, at: Task) -> list[str]:
        return [str(finding.reason) for finding in packages.serial_findings(one, at, facts)]

    assert reasons(package(), task()) == []
    assert reasons(package(), task(package())) == ["duplicate-serial"]
    assert reasons(package(gtin="00309991236567"), task(package())) == []
    assert reasons(package(serial=""), task(package(serial=""))) == []
    (put,) = packages.remember(package(), task(), facts)
    facts.tables["serial"][put.key] = put.row or {}
    assert reasons(package(), task()) == ["duplicate-serial"]
    assert packages.remember(package(serial=""), task(), facts) == ()


@pytest.mark.parametrize(
    ("seconds", "serials", "raw", "told"),
    [
        (0.399, ("", ""), "raw", True),
        (0.4, ("", ""), "raw", False),
        (0.1, ("", ""), "another symbol of it", True),
        (0.1, ("", "S1"), "raw", True),
        (0.1, ("S1", ""), "raw", True),
        (0.1, ("S1", "S2"), "raw", False),
        (0.1, ("S1", "S1"), "raw", False),
    ],
)
def test_the_same_item_faster_than_a_hand_is_the_same_package_unless_serials_tell(
    seconds: float,
    serials: tuple[str, str],
    raw: str,
    told: bool,  # noqa: FBT001 - a column of the table
) -> None:
    before, serial = serials
    last = package(serial=before, raw="raw")
    found = packages.pace_findings(package(serial=serial, seconds=seconds, raw=raw), last, 400)
    assert [str(finding.reason) for finding in found] == (["next-package"] if told else [])
