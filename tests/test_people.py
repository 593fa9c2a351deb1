"""Who is this, and may they do it: badges, competencies on their last day, and signatures for others' work."""

import datetime as dt

import msgspec
import pytest
from at_bench import BADGES, sample_facts

from stations.work import people
from stations.work.facts import typed
from stations.work.people import Competency, Needs, Person

TODAY = dt.date(2026, 3, 10)
NEEDS = Needs(role="automation", level=3, competencies=("adc-load",), dispensing=True)
ANA = Person(
    person="AT",
    badge="B0042173",
    name="Ana",
    roles=("automation",),
    level=3,
    competencies=(Competency(id="adc-load", valid_to=TODAY),),
    pin_hash="scrypt$",
)


def changed(**fields: object) -> Person:
    return typed({**msgspec.structs.asdict(ANA), **fields}, Person)


def started(person: Person, *, on_duty: bool = True, today: dt.date = TODAY, needs: Needs = NEEDS) -> list[str]:
    return [str(found.reason) for found in people.start_findings(person, needs, on_duty=on_duty, today=today)]


def signed(person: Person, duty: str, *performers: str, on_duty: tuple[str, ...] = ("P1",)) -> list[str]:
    found = people.signer_findings(person, duty=duty, on_duty=on_duty, performers=performers)
    return [str(finding.reason) for finding in found]


@pytest.mark.parametrize("person", BADGES)
def test_a_badge_and_the_short_id_lead_to_the_same_person(person: str) -> None:
    facts = sample_facts()
    by_badge = people.by_badge(BADGES[person], facts)
    assert by_badge is not None
    assert by_badge.person == person
    assert by_badge == people.by_id(person, facts)


@pytest.mark.parametrize("badge", ["", "B", "b0042173", "B0042173 ", "4217", "AT"])
def test_nothing_but_the_whole_badge_leads_to_anybody(badge: str) -> None:
    assert people.by_badge(badge, sample_facts()) is None


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({}, []),
        ({"status": "leave"}, ["badge-inactive"]),
        ({"status": "terminated"}, ["badge-inactive"]),
        ({"pin_locked": True}, ["pin-locked"]),
        ({"pin_hash": ""}, ["pin-locked"]),
    ],
)
def test_what_stands_against_a_badge(fields: dict[str, object], reasons: list[str]) -> None:
    assert [str(found.reason) for found in people.badge_findings(changed(**fields))] == reasons


def test_a_badge_of_nobody_is_unknown() -> None:
    assert [str(found.reason) for found in people.badge_findings(None)] == ["badge-unknown"]


def test_a_competency_holds_through_its_last_day_and_not_a_day_longer() -> None:
    assert started(ANA, today=TODAY) == []
    assert started(ANA, today=TODAY + dt.timedelta(days=1)) == ["competency-expired"]
    assert started(changed(competencies=[{"id": "adc-load"}]), today=dt.date(2099, 1, 1)) == []


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"roles": ["compliance"]}, ["not-your-role"]),
        ({"roles": []}, ["not-your-role"]),
        ({"level": 2}, ["level-too-low"]),
        ({"competencies": []}, ["no-competency"]),
        ({"competencies": [{"id": "recall"}]}, ["no-competency"]),
        ({"roles": [], "level": 1, "competencies": []}, ["not-your-role", "level-too-low", "no-competency"]),
    ],
)
def test_everything_that_stands_against_starting_is_told_at_once(fields: dict[str, object], reasons: list[str]) -> None:
    assert started(changed(**fields)) == reasons


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_level_above_the_one_asked_for_will_do(level: int) -> None:
    needs = Needs(role="automation", level=level)
    assert started(changed(level=3), needs=needs) == []


def test_a_missing_pharmacist_stops_dispensing_and_is_told_elsewhere() -> None:
    (dispensing,) = people.start_findings(ANA, NEEDS, on_duty=False, today=TODAY)
    needs = Needs(role="automation", level=3)
    (other,) = people.start_findings(ANA, needs, on_duty=False, today=TODAY)
    assert (dispensing.reason, dispensing.advisory) == ("no-pharmacist", False)
    assert (other.reason, other.advisory) == ("no-pharmacist", True)


P1 = changed(person="P1", duty="pharmacist")
SV = changed(person="SV", duty="supervisor")
T2 = changed(person="T2")


@pytest.mark.parametrize(
    ("who", "duty", "performers", "reasons"),
    [
        (P1, "pharmacist", ("AT",), []),
        (P1, "pharmacist", ("AT", "P1"), ["self-sign"]),
        (ANA, "pharmacist", ("AT",), ["self-sign", "not-authorised"]),
        (T2, "pharmacist", ("AT",), ["not-authorised"]),
        (SV, "pharmacist", ("AT",), ["not-authorised"]),
        (P1, "supervisor", ("AT",), ["not-authorised"]),
        (SV, "supervisor", ("AT",), []),
        (SV, "supervisor", ("SV",), ["self-sign"]),
        (T2, "anyone", ("AT",), []),
        (ANA, "anyone", ("AT",), ["self-sign"]),
        (changed(person="P2", duty="pharmacist"), "pharmacist", ("AT",), ["not-authorised"]),
    ],
)
def test_a_signature_is_another_persons_with_the_duty_it_asks_for(
    who: Person, duty: str, performers: tuple[str, ...], reasons: list[str]
) -> None:
    assert signed(who, duty, *performers) == reasons


def test_who_signed_in_another_part_does_not_sign_in_this_one() -> None:
    found = people.signer_findings(T2, duty="anyone", on_duty=(), performers=("AT",), other_signers=("T2",))
    assert [str(finding.reason) for finding in found] == ["same-person"]


def test_a_masked_badge_is_recognised_by_its_owner_and_not_copied() -> None:
    assert people.masked("B0042173") == "B004…173"
