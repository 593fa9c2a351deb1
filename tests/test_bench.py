"""What a bench decides, one story a reason, and what it does where no scan script looks."""

from collections.abc import Callable

import pytest
from at_bench import (
    COUNT,
    HYDRALAZINE,
    HYDRALAZINE_50,
    HYDROXYZINE,
    PICK,
    SHELF,
    AtBench,
    at_a_package,
    entered,
    keyed,
    sample_facts,
)
from in_memory import InMemory

from stations.scanning.ours import own_code
from stations.scanning.outcome import Outcome
from stations.work.settings import Settings
from stations.work.verdict import Reason, Verdict, Word

PASS, HOLD, STOP = Word.PASS, Word.HOLD, Word.STOP
GTIN = "]d2010030999123456317{}10LOT7A<GS>21S0001"
OTHER_MAKER = "]d201003509991255681727022810LOT3M<GS>21S0501"
NO_SERIAL = "]d201003099912345631727022810LOT7A"


def changed_item(**fields: str) -> InMemory:
    """The sample hospital, where one code on a hydrALAZINE 25 mg package stands for a twin that differs so."""
    facts = sample_facts()
    twin = {**facts.tables["item"]["hydralazine-25-tab"], "item": "twin", "name": "twin", **fields}
    facts.tables["item"]["twin"] = twin
    link = facts.tables["ndc_link"]["00309991235560"]
    facts.tables["ndc_link"]["00309991235560"] = {**link, "item": "twin"}
    return facts


def scanned(text: str, facts: InMemory | None = None) -> Verdict | None:
    return at_a_package(facts).scan(text)


def garbled(reason: str) -> Verdict | None:
    return at_a_package().garbled(Outcome(reason))


def twice(text: str) -> Verdict | None:
    at = at_a_package()
    at.scan(text)
    at.wait(-0.8)
    return at.scan(text)


def ambiguous() -> Verdict | None:
    at = at_a_package()
    keyed(at, "0999123456")
    return at.choose("1")


def mismatched() -> Verdict | None:
    at = at_a_package()
    for serial in (1, 2, 3):
        at.scan(HYDRALAZINE.format(serial))
    return at.enter("36")


def counted(text: str) -> Verdict | None:
    at = AtBench()
    at.proves("AT")
    at.task(COUNT, "03-A-12")
    return at.enter(text)


def without_competency(**fields: object) -> Verdict | None:
    facts = sample_facts()
    facts.tables["staff"]["AT"] = {**facts.tables["staff"]["AT"], **fields}
    at = AtBench(facts=facts)
    at.proves("AT")
    return at.task(PICK, "A4W")


def opened_by(person: str, *on_duty: str) -> Verdict | None:
    at = AtBench(on_duty=on_duty)
    at.proves(person)
    return at.task(PICK, "A4W")


def wrong_pin(times: int) -> Verdict | None:
    at = AtBench()
    at.badge("AT")
    for _ in range(times - 1):
        at.pin("111111")
    return at.pin("111111")


def printer(*states: str) -> Verdict | None:
    at = AtBench().at_the_seal()
    verdict = None
    for state in states:
        verdict = at.printer(state) or verdict
    return verdict


Row = tuple[Callable[[], Verdict | None], Word, str]
REACHED: dict[Reason, Row] = {
    Reason.UNREADABLE: (lambda: garbled("unreadable"), STOP, ""),
    Reason.NOT_OURS: (lambda: scanned("https://example.org/x"), STOP, ""),
    Reason.NOT_THAT_KIND: (lambda: scanned(SHELF), STOP, ""),
    Reason.CHECK_DIGIT: (lambda: scanned("]d201003099912345641727022810LOT7A"), STOP, ""),
    Reason.SEPARATOR_LOST: (lambda: scanned("]d2010030999123456310LOT7A1727022821S0001"), STOP, ""),
    Reason.INVALID_DATE: (lambda: scanned("]d201003099912345631726023110L"), STOP, ""),
    Reason.TRUNCATED: (lambda: scanned("]E003099912345"), STOP, ""),
    Reason.CONTROL_CHARACTER: (lambda: scanned("0030999\x07"), STOP, ""),
    Reason.TOO_LONG: (lambda: scanned("9" * 5000), STOP, ""),
    Reason.LOST_INPUT: (lambda: garbled("lost-input"), STOP, ""),
    Reason.CHECK_YEAR: (lambda: scanned(GTIN.format("450228")), STOP, ""),
    Reason.UNKNOWN_CODE: (lambda: scanned("]d201003999999999911727022810LOT7A"), STOP, ""),
    Reason.AMBIGUOUS_NDC: (ambiguous, HOLD, "pharmacist"),
    Reason.WRONG_ITEM: (lambda: scanned(HYDROXYZINE), STOP, ""),
    Reason.WRONG_STRENGTH: (lambda: scanned(HYDRALAZINE_50.format(1)), STOP, ""),
    Reason.WRONG_FORM: (lambda: scanned(HYDROXYZINE, changed_item(form="capsule")), STOP, ""),
    Reason.WRONG_ROUTE: (lambda: scanned(HYDROXYZINE, changed_item(route="rectal")), STOP, ""),
    Reason.WRONG_PACK: (lambda: scanned("]C101303099912345641727022810LOT9"), STOP, ""),
    Reason.DIFFERENT_NDC: (lambda: scanned(OTHER_MAKER), PASS, ""),
    Reason.EXPIRED: (lambda: scanned(GTIN.format("260309")), STOP, ""),
    Reason.EXPIRES_TOO_SOON: (lambda: scanned(GTIN.format("260408")), STOP, ""),
    Reason.EXPIRES_SOON: (lambda: scanned(GTIN.format("260409")), PASS, ""),
    Reason.DUPLICATE_SERIAL: (lambda: twice(HYDRALAZINE.format(1)), STOP, "supervisor"),
    Reason.NEXT_PACKAGE: (lambda: twice(NO_SERIAL), STOP, ""),
    Reason.COUNT_MISMATCH: (mismatched, STOP, ""),
    Reason.IMPLAUSIBLE: (lambda: counted("100000"), STOP, ""),
    Reason.BLANK: (lambda: counted("  "), STOP, ""),
    Reason.SELF_SIGN: (lambda: AtBench().at_the_pharmacist().badge("AT"), STOP, ""),
    Reason.NOT_AUTHORISED: (lambda: AtBench().at_the_pharmacist().badge("T2"), STOP, ""),
    Reason.BADGE_UNKNOWN: (lambda: AtBench().scan(own_code("B", "09999")), STOP, ""),
    Reason.BADGE_INACTIVE: (lambda: AtBench().badge("X1"), STOP, ""),
    Reason.WRONG_PIN: (lambda: wrong_pin(1), STOP, ""),
    Reason.PIN_LOCKED: (lambda: AtBench().badge("X2"), STOP, "supervisor"),
    Reason.NO_COMPETENCY: (lambda: without_competency(competencies=[]), STOP, ""),
    Reason.COMPETENCY_EXPIRED: (
        lambda: without_competency(competencies=[{"id": "adc-load", "valid_to": "2026-03-09"}]),
        STOP,
        "",
    ),
    Reason.LEVEL_TOO_LOW: (lambda: without_competency(level=2), STOP, ""),
    Reason.NOT_YOUR_ROLE: (lambda: opened_by("CT", "P1"), STOP, ""),
    Reason.NO_PHARMACIST: (lambda: opened_by("AT"), STOP, ""),
    Reason.PRINTER_NOT_READY: (lambda: printer("waiting"), STOP, ""),
    Reason.PRINT_UNCONFIRMED: (lambda: printer("sending", "unknown"), STOP, ""),
}


@pytest.mark.parametrize("reason", REACHED)
def test_the_work_reaches_each_reason_with_its_verdict(reason: Reason) -> None:
    story, word, signer = REACHED[reason]
    verdict = story()
    assert verdict is not None
    assert verdict.word is word
    assert verdict.reasons[0] == reason
    assert verdict.signer == signer
    assert verdict.says


def test_a_location_out_of_service_and_a_wrong_one_are_told_apart() -> None:
    facts = sample_facts()
    facts.tables["location"]["L03B07F"] = {**facts.tables["location"]["L03B07F"], "state": "out"}
    at = AtBench(facts=facts)
    at.proves("AT")
    at.task(COUNT)
    out, wrong = at.scan("L03B07F"), at.scan("LTOTE1V")
    assert out is not None
    assert out.reasons == ("location-out",)
    assert wrong is not None
    assert wrong.reasons == ("wrong-location",)
    assert at.step == "place"


# A hold and who decides it --------------------------------------------------------------------------------------------


def held() -> AtBench:
    at = at_a_package()
    keyed(at, "0999123456")
    at.choose("1")
    assert at.screen == "hold"
    return at


def test_a_held_package_is_taken_once_a_pharmacist_approved_it_and_says_why() -> None:
    at = held()
    at.proves("P1")
    at.choose("approve")
    at.enter("4-4-2 on its label")
    verdict = entered(at, "LOT7A", "LOT7A", "2027-02", "2027-02")
    assert verdict is not None
    assert (verdict.word, verdict.reasons) == (PASS, ("ambiguous-ndc", "keyed"))
    signature = next(entry for entry in at.entries if entry["kind"] == "signature")
    assert (signature["signer"], signature["meaning"], signature["why"]) == ("P1", "override", "4-4-2 on its label")
    assert signature["held"] == ["ambiguous-ndc", "keyed"]
    task = at.bench.task()
    assert task is not None
    assert [package.item for package in task.packages] == ["hydralazine-25-tab"]


def test_a_rejected_package_is_not_taken_and_the_step_goes_on() -> None:
    at = held()
    at.proves("P1")
    at.choose("reject")
    at.enter("label is torn")
    task = at.bench.task()
    assert task is not None
    assert (at.screen, at.step, task.packages) == ("task", "line[1].package", ())


def test_the_performer_does_not_decide_their_own_hold_and_a_technician_none() -> None:
    at = held()
    own, other = at.badge("AT"), at.badge("T2")
    assert own is not None
    assert own.reasons == ("self-sign", "not-authorised")
    assert other is not None
    assert other.reasons == ("not-authorised",)
    assert at.screen == "hold"


def test_a_hold_outlives_the_task_being_set_aside_and_the_power() -> None:
    at = held()
    at.press("hold")
    at.again().task(PICK, "A4W")
    assert at.screen == "hold"


def test_what_a_site_holds_is_decided_once_and_then_taken() -> None:
    at = AtBench(settings=Settings(stricter={Reason.EXPIRES_SOON: HOLD})).at_a_package()
    verdict = at.scan(GTIN.format("260509"))
    assert verdict is not None
    assert (verdict.word, verdict.signer) == (HOLD, "pharmacist")
    at.proves("P1")
    at.choose("approve")
    at.enter("used up this week")
    task = at.bench.task()
    assert task is not None
    assert (at.screen, len(task.packages)) == ("task", 1)


def test_what_expired_while_it_was_held_is_refused_for_all_the_approval() -> None:
    at = AtBench(settings=Settings(stricter={Reason.EXPIRES_SOON: HOLD})).at_a_package()
    at.scan(GTIN.format("260509"))
    at.wait(90 * 86_400)
    at.proves("P1")
    at.choose("approve")
    at.enter("used up this week")
    verdict, task = at.bench.verdict, at.bench.task()
    assert verdict is not None
    assert verdict.reasons == ("expired",)
    assert task is not None
    assert task.packages == ()


@pytest.mark.parametrize("word", [HOLD, STOP])
def test_where_a_site_wants_no_keyed_codes_none_is_taken(word: Word) -> None:
    at = AtBench(settings=Settings(stricter={Reason.KEYED: word})).at_a_package()
    verdict = keyed(at, "0999-1234-56")
    assert verdict is not None
    assert verdict.word is word
    task = at.bench.task()
    assert task is not None
    assert task.packages == ()


@pytest.mark.parametrize("word", [HOLD, STOP])
def test_where_a_site_wants_no_keyed_codes_no_place_is_taken_either(word: Word) -> None:
    at = AtBench(settings=Settings(stricter={Reason.KEYED: word}))
    at.proves("AT")
    at.task(COUNT)
    verdict = keyed(at, SHELF)
    assert verdict is not None
    assert verdict.word is word
    assert at.step == "place"


def test_signing_for_ones_own_work_is_told_even_where_the_badge_is_no_good() -> None:
    facts = sample_facts()
    at = AtBench(facts=facts).at_the_pharmacist()
    facts.tables["staff"]["AT"] = {**facts.tables["staff"]["AT"], "status": "leave"}
    own, other = at.badge("AT"), at.badge("X2")
    assert own is not None
    assert own.reasons == ("self-sign", "badge-inactive", "not-authorised")
    assert other is not None
    assert other.reasons == ("pin-locked", "not-authorised")


def test_a_pharmacist_whose_badge_is_no_good_signs_nothing() -> None:
    facts = sample_facts()
    at = AtBench(facts=facts).at_the_pharmacist()
    facts.tables["staff"]["P1"] = {**facts.tables["staff"]["P1"], "status": "terminated"}
    verdict = at.badge("P1")
    assert verdict is not None
    assert verdict.reasons == ("badge-inactive",)
    assert at.bench.dialog is None
