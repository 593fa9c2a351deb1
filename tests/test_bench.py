"""What a bench decides, one story a reason, and what it does where no scan script looks."""

import datetime as dt
from collections.abc import Callable

import pytest
from at_bench import (
    BADGES,
    COUNT,
    HEPARIN,
    HYDRALAZINE,
    HYDRALAZINE_50,
    HYDROXYZINE,
    PICK,
    PINS,
    SHELF,
    AtBench,
    changes_of,
    sample_facts,
)
from in_memory import InMemory

from stations.bench.events import (
    CancelJob,
    CheckPin,
    DefinitionsRead,
    JobReported,
    PinChecked,
    PrintLabel,
    ReleaseJob,
    Restarted,
)
from stations.bench.state import WaitPin
from stations.scanning.ours import checklist_code, command_code, own_code
from stations.scanning.outcome import Outcome
from stations.work.checklists import read_checklist
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


def at_a_package(facts: InMemory | None = None) -> AtBench:
    return AtBench(facts=facts).at_a_package()


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


def entered(at: AtBench, *answers: str) -> Verdict | None:
    """Enter one after the other; return the last verdict."""
    verdict = None
    for answer in answers:
        verdict = at.enter(answer) or verdict
    return verdict


def keyed(at: AtBench, code: str) -> Verdict | None:
    """Key a code twice."""
    return at.key(code) or at.key(code)


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
    assert (verdict.word, verdict.reasons) == (PASS, ("keyed",))
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


# A full-screen stop ---------------------------------------------------------------------------------------------------


def stopped() -> AtBench:
    at = at_a_package()
    at.scan(HYDROXYZINE)
    assert at.screen == "stop"
    return at


@pytest.mark.parametrize("word", ["confirm", "done", "cancel", "yes", "no", "reprint", "hold", "lock", "help"])
def test_after_a_wrong_drug_no_command_but_back_leads_on(word: str) -> None:
    at = stopped()
    at.press(word)
    at.scan(command_code(word))
    assert at.screen == "stop"
    at.press("back")
    assert (at.screen, at.step) == ("task", "line[1].package")


def test_a_report_of_the_printer_does_not_wipe_a_wrong_drug_off_the_screen() -> None:
    at = AtBench()
    at.proves("AT")
    at.press("reprint")
    slip = at.bench.kept.jobs[-1].id
    at.task(PICK, "A4W")
    at.scan(SHELF)
    at.scan(HYDROXYZINE)
    for state in ("sending", "unknown"):
        at.happens(JobReported(at=at.now, job=slip, state=state, says="It broke."))
        assert at.screen == "stop"
        assert at.bench.verdict is not None
        assert at.bench.verdict.reasons == ("wrong-item",)


def test_the_wrong_drug_stays_told_however_often_something_else_is_scanned() -> None:
    at = stopped()
    said = []
    for _ in range(3):
        at.scan(HYDRALAZINE.format(1))
        said.append(at.bench.says)
    assert said == ["Asked for hydrALAZINE 25 mg tablet. This is hydrOXYzine 25 mg tablet. Press back first."] * 3


# Nobody is signed in --------------------------------------------------------------------------------------------------


def test_at_a_locked_bench_no_yes_takes_an_offer_in_the_name_of_who_locked_it() -> None:
    at = at_a_package()
    at.scan(GTIN.format("260301"))
    at.press("lock")
    for give in (at.press, lambda word: at.scan(command_code(word))):
        give("yes")
    assert at.facts.tables["quarantine"] == {}
    assert at.screen == "locked"


def test_digits_scanned_by_one_person_are_not_part_of_the_next_ones_pin() -> None:
    at = AtBench()
    at.proves("AT")
    for digit in "42":
        at.scan(command_code(digit))
    at.press("sign-out")
    at.badge("T2")
    for digit in PINS["T2"]:
        at.scan(command_code(digit))
    at.scan(command_code("confirm"))
    assert at.bench.kept.session is not None
    assert at.bench.kept.session.person == "T2"


def test_a_pin_keyed_where_a_badge_is_asked_for_stands_in_no_entry() -> None:
    at = AtBench()
    at.key(PINS["AT"])
    assert at.entries[-1]["kind"] == "scan"
    assert PINS["AT"] not in str(at.entries)


def test_a_pin_that_was_right_for_another_question_opens_nothing() -> None:
    at = AtBench(answers_pins=False)
    at.badge("AT")
    at.pin(PINS["AT"])
    asked = next(effect for effect in at.effects if isinstance(effect, CheckPin))
    at.press("back")
    at.badge(asked.person)
    at.happens(PinChecked(at=at.now, person=asked.person, right=True))
    assert at.screen == "signed-out"
    assert isinstance(at.bench.dialog, WaitPin)


def test_a_lock_in_the_staff_file_holds_whatever_was_counted_before() -> None:
    facts = sample_facts()
    at = AtBench(facts=facts)
    at.badge("AT")
    at.pin("111111")
    facts.tables["staff"]["AT"] = {**facts.tables["staff"]["AT"], "pin_locked": True}
    verdict = at.badge("AT")
    assert verdict is not None
    assert verdict.reasons == ("pin-locked",)


def test_a_right_pin_forgets_the_wrong_ones_before_it() -> None:
    at = AtBench()
    for _ in range(3):
        at.badge("AT")
        at.pin("111111")
        at.pin("111111")
        at.pin(PINS["AT"])
        assert at.screen == "home"
        at.press("sign-out")


# Everything with the scanner alone ------------------------------------------------------------------------------------


def digits(at: AtBench, text: str) -> None:
    for digit in text:
        at.scan(command_code(digit))
    at.scan(command_code("confirm"))


def test_signing_in_duty_a_checklist_a_count_and_an_approval_go_with_the_scanner_alone() -> None:
    at = AtBench(on_duty=())
    at.badge("P1")
    digits(at, PINS["P1"])
    digits(at, "1")
    assert at.bench.kept.on_duty == ("P1",)
    at.badge("AT")
    digits(at, PINS["AT"])
    at.scan(checklist_code(COUNT))
    at.scan(SHELF)
    digits(at, "7")
    at.badge("T2")
    digits(at, PINS["T2"])
    digits(at, "7")
    digits(at, "3")
    assert at.step == "pharmacist"
    at.badge("P1")
    digits(at, PINS["P1"])
    digits(at, "1")
    assert at.screen == "home"
    assert at.facts.rows("stock_level", code=SHELF)[0]["on_hand"] == 7


def test_a_command_of_another_version_does_nothing_and_says_so() -> None:
    at = AtBench()
    at.proves("AT")
    at.scan(checklist_code("automation.no-such-checklist"))
    assert "another version" in at.bench.says


# Blind counts and another person --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", ["0", "7", "30000", "-1", "73519 or so", "", "9" * 50, "seven"])
def test_a_blind_count_is_told_nothing_of_what_it_should_find(count: str) -> None:
    facts = sample_facts()
    stock = facts.rows("stock_level", code=SHELF)[0]
    facts.tables["stock_level"][str(stock["stock"])] = {**stock, "on_hand": 40_417}
    at = AtBench(facts=facts)
    at.proves("AT")
    at.task(COUNT, SHELF)
    heard = []
    for _ in range(2):
        at.enter(count)
        heard.append((at.bench.says, at.bench.verdict, at.bench.home, at.bench.dialog))
    assert at.step in ("count", "recount")
    assert "40417" not in str(heard).replace(",", "")


def test_a_count_typed_endlessly_is_told_back_in_short() -> None:
    at = AtBench()
    at.proves("AT")
    at.task(COUNT, SHELF)
    verdict = at.enter("x" * 10_000)
    assert verdict is not None
    assert len(verdict.says) < 200


def test_who_counted_first_does_not_count_again() -> None:
    at = AtBench()
    at.proves("AT")
    at.task(COUNT, SHELF)
    at.enter("7")
    for give in (at.enter, at.choose, at.unable):
        give("7")
        assert at.step == "recount"
    verdict = at.badge("AT")
    assert verdict is not None
    assert verdict.reasons == ("self-sign",)


ANOTHER_CHOOSES = """
id = "automation.another"
version = 1
title = "Another chooses"
role = "automation"
about = "For the tests."

[[step]]
id = "seen"
kind = "choice"
asks = "What do you see?"
options = ["nothing", "damage"]
by = "another"
reason_codes = [{ reason = "cannot tell", then = "skip" }]

[[step]]
id = "sum"
kind = "automatic"
asks = "The difference"
computes = "adjustment"
"""


def test_a_choice_that_another_person_makes_is_made_by_nobody_else() -> None:
    at = AtBench(more=(read_checklist(ANOTHER_CHOOSES, "another.toml"),))
    at.proves("AT")
    at.task("automation.another")
    at.choose("nothing")
    at.enter("1")
    at.unable("cannot tell")
    assert at.step == "seen"
    at.proves("T2")
    at.choose("nothing")
    assert at.screen == "home"
    assert [entry["by"] for entry in at.entries if entry["kind"] == "step"] == ["T2"]


AUTOMATIC_FIRST = """
id = "automation.sum"
version = 1
title = "A sum first"
role = "automation"
about = "For the tests."

[[step]]
id = "sum"
kind = "automatic"
asks = "The difference"
computes = "adjustment"

[[step]]
id = "sign"
kind = "signature"
asks = "Sign"
meaning = "performed"
"""


def test_what_computes_itself_is_computed_where_it_stands_first_too() -> None:
    at = AtBench(more=(read_checklist(AUTOMATIC_FIRST, "sum.toml"),))
    at.proves("AT")
    at.task("automation.sum")
    assert at.step == "sign"
    other = at.badge("T2")
    assert other is not None
    assert other.reasons == ("not-authorised",)
    own = at.badge("AT")
    assert own is not None
    assert own.word is PASS
    assert at.screen == "home"


# Lot and expiry from the package --------------------------------------------------------------------------------------


def test_what_the_code_told_is_told_with_the_verdict_though_lot_and_expiry_were_keyed() -> None:
    at = at_a_package()
    at.scan("00350999125568")
    verdict = entered(at, "LOT3M", "LOT3M", "2027-02-28", "2027-02-28")
    assert verdict is not None
    assert (verdict.word, verdict.reasons) == (PASS, ("different-ndc", "keyed"))


@pytest.mark.parametrize("lot", ["", "   ", "L" * 21, "L\x07T", "Löt"])
def test_a_lot_that_no_package_carries_is_asked_for_again(lot: str) -> None:
    at = at_a_package()
    at.scan("00309991234563")
    at.enter(lot)
    at.enter(lot)
    task = at.bench.task()
    assert task is not None
    assert task.packages == ()
    assert "lot" in at.bench.says.lower()


@pytest.mark.parametrize("expiry", ["tomorrow", "2027-02-30", "2027-13", "28.02.2027", "٢٠٢٧-٠٢", "0000-00", ""])
def test_an_expiry_that_is_no_date_is_asked_for_again(expiry: str) -> None:
    at = at_a_package()
    at.scan("00309991234563")
    entered(at, "LOT7A", "LOT7A", expiry, expiry)
    task = at.bench.task()
    assert task is not None
    assert task.packages == ()


def test_a_keyed_expiry_in_the_past_is_expired() -> None:
    at = at_a_package()
    at.scan("00309991234563")
    verdict = entered(at, "LOT7A", "LOT7A", "2026-02", "2026-02")
    assert verdict is not None
    assert verdict.reasons == ("expired", "keyed")


def test_two_codes_keyed_differently_are_nothing() -> None:
    at = at_a_package()
    assert at.key("0999-1234-56") is None
    assert at.key("0999-1234-57") is None
    assert "differ" in at.bench.says


# Lines, and what is short ---------------------------------------------------------------------------------------------


def test_a_package_more_than_the_line_asks_for_goes_nowhere() -> None:
    at = at_a_package()
    for serial in (1, 2, 3, 4):
        at.scan(HYDRALAZINE.format(serial))
    task = at.bench.task()
    assert task is not None
    assert len(task.packages) == 3
    assert at.step == "line[1].left"


def test_a_serial_used_in_another_task_is_known_there() -> None:
    at = at_a_package()
    at.scan(HYDRALAZINE.format(1))
    at.press("cancel")
    at.press("yes")
    at.task(PICK, "A4W")
    at.scan(SHELF)
    verdict = at.scan(HYDRALAZINE.format(1))
    assert verdict is not None
    assert verdict.reasons == ("duplicate-serial",)
    assert "in task T" in verdict.says


def test_a_line_that_is_short_ends_the_task_with_a_deviation() -> None:
    at = at_a_package()
    at.scan(HYDRALAZINE.format(1))
    at.unable("not enough on the shelf")
    assert at.step == "line[1].left"
    at.enter("39")
    line = at.facts.tables["pick_line"]["P00127X/1"]
    assert (line["picked"], line["state"]) == (1, "picked")
    task = at.bench.task()
    assert task is not None
    assert task.deviation


@pytest.mark.parametrize("reason", ["", "3", "no such reason", "0", "-1"])
def test_a_reason_that_the_step_does_not_know_leaves_it_asked(reason: str) -> None:
    at = at_a_package()
    at.unable(reason)
    assert at.step == "line[1].package"
    assert "will not read" in at.bench.says


# Opening and going on -------------------------------------------------------------------------------------------------


def test_a_sealed_pick_list_is_not_opened_again() -> None:
    at = AtBench().at_the_seal()
    at.printer("sending")
    at.printer("printed")
    at.scan("K000000017")
    assert at.facts.tables["pick_list"]["P00127X"]["state"] == "sealed"
    at.task(PICK, "P00127X")
    assert at.screen == "home"
    at.scan("P00127X")
    assert at.screen == "home"


def test_a_task_left_open_is_gone_on_with_by_who_began_it_and_nobody_else() -> None:
    at = at_a_package()
    at.press("sign-out")
    at.proves("T2")
    verdict = at.task(PICK, "A4W")
    assert verdict is not None
    assert verdict.reasons == ("not-authorised",)
    at.press("sign-out")
    at.proves("AT")
    at.scan("P00127X")
    assert at.step == "line[1].package"


@pytest.mark.parametrize("take_up", ["list", "task", "home"])
def test_an_open_task_is_gone_on_with_only_by_who_may_open_it_now(take_up: str) -> None:
    at = at_a_package()
    task = at.bench.kept.current
    at.press("sign-out")
    at.proves("P1")
    at.choose("off duty")
    at.proves("AT")
    if take_up == "task":
        verdict = at.scan(task)
    elif take_up == "list":
        verdict = at.scan("P00127X")
    else:
        number = next(number for number, line in enumerate(at.bench.home, 1) if line.task)
        verdict = at.choose(str(number))
    assert verdict is not None
    assert verdict.reasons == ("no-pharmacist",)
    assert at.screen == "home"


def test_two_tasks_stay_apart_whichever_is_at_the_front() -> None:
    at = at_a_package()
    at.scan(HYDRALAZINE.format(1))
    at.press("hold")
    at.task(COUNT, "03-B-07")
    at.press("hold")
    at.task(PICK, "A4W")
    at.scan(HYDRALAZINE.format(2))
    counts = {task.checklist: len(task.packages) for task in at.bench.kept.tasks}
    assert counts == {PICK: 2, COUNT: 0}


def test_a_running_task_keeps_the_definition_it_began_with() -> None:
    at = at_a_package()
    at.happens(DefinitionsRead(at=at.now, checklists=(), settings=Settings()))
    for serial in (1, 2, 3):
        at.scan(HYDRALAZINE.format(serial))
    assert at.step == "line[1].left"
    at.again()
    assert at.step == "line[1].left"


# Labels ---------------------------------------------------------------------------------------------------------------


def test_sending_is_recorded_before_a_label_may_leave() -> None:
    at = AtBench().at_the_seal()
    at.printer("sending")
    assert at.entries[-1]["state"] == "sending"
    assert [type(effect).__name__ for effect in at.effects] == ["Record", "ReleaseJob"]


@pytest.mark.parametrize("states", [("printed",), ("unknown",), ("failed",)])
def test_a_label_that_is_settled_never_leaves_again_by_itself(states: tuple[str, ...]) -> None:
    at = AtBench().at_the_seal()
    for state in ("sending", *states, "sending", "waiting", "sending"):
        at.printer(state)
    released = [effect for effect in at.effects if isinstance(effect, ReleaseJob)]
    assert released == []
    assert any(isinstance(effect, CancelJob) for effect in at.effects)
    assert at.bench.kept.jobs[-1].state == states[-1]


@pytest.mark.parametrize(("state", "after"), [("sending", "unknown"), ("queued", "queued"), ("waiting", "queued")])
def test_after_a_power_cut_only_what_cannot_have_left_is_printed(state: str, after: str) -> None:
    at = AtBench().at_the_seal()
    if state != "queued":
        at.printer(state)
    at.again().happens(Restarted(at=at.now))
    assert at.bench.kept.jobs[-1].state == after
    assert any(isinstance(effect, PrintLabel) for effect in at.effects) == (after == "queued")


def test_a_label_that_has_not_left_the_printer_is_not_confirmed_by_its_number() -> None:
    at = AtBench().at_the_seal()
    verdict = keyed(at, "K000000017")
    assert verdict is not None
    assert verdict.reasons == ("print-unconfirmed",)
    assert at.step == "seal"


def test_a_reprint_is_asked_for_with_a_reason_and_numbered() -> None:
    at = AtBench().at_the_seal()
    at.press("reprint")
    assert "on its way" in at.bench.says
    at.printer("sending")
    at.printer("printed")
    at.press("reprint")
    for why in ("", "  ", "..", "!!!!"):
        at.enter(why)
        assert not any(isinstance(effect, PrintLabel) for effect in at.effects)
    at.enter("torn in half")
    label = next(effect for effect in at.effects if isinstance(effect, PrintLabel))
    assert (label.job, label.duplicate, label.reason) == ("K000000017", 1, "torn in half")


def test_a_receipt_that_came_to_nothing_is_forgotten_and_the_trouble_is_told() -> None:
    at = AtBench()
    at.proves("AT")
    at.press("reprint")
    at.printer("failed", "The printer is off.")
    assert at.bench.kept.jobs == ()
    assert [trouble.says for trouble in at.bench.troubles] == ["The printer is off."]


def test_giving_a_task_up_takes_its_label_back() -> None:
    at = AtBench().at_the_seal()
    at.press("cancel")
    at.press("yes")
    assert at.screen == "home"
    assert [effect.job for effect in at.effects if isinstance(effect, CancelJob)] == ["K000000017"]
    assert at.bench.kept.jobs == ()


# After an interruption ------------------------------------------------------------------------------------------------


def interrupted() -> AtBench:
    at = at_a_package()
    at.again().happens(Restarted(at=at.now))
    assert at.bench.kept.question
    return at


def test_the_question_after_an_interruption_stays_until_something_is_answered() -> None:
    at = interrupted()
    at.enter("this is no answer to a scan")
    at.choose("nor is this")
    assert at.bench.kept.question
    at.scan(HYDRALAZINE.format(1))
    assert not at.bench.kept.question


@pytest.mark.parametrize("word", ["yes", "no"])
def test_the_question_after_an_interruption_takes_a_yes_or_a_no_and_the_step_is_still_asked(word: str) -> None:
    at = interrupted()
    at.press(word)
    assert not at.bench.kept.question
    assert at.step == "line[1].package"
    assert changes_of(at.entries[-1]) == {"question-set"}


def test_a_step_of_a_task_is_gone_on_with_after_an_interruption_without_an_answer() -> None:
    at = at_a_package()
    at.scan(HYDRALAZINE.format(1))
    at.unable("not enough on the shelf")
    at.again().happens(Restarted(at=at.now))
    at.enter("39")
    assert not at.bench.kept.question
    assert at.step == "line[2].shelf"


# Hostile texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb", "\x00", "\x1b[31m", "[bold]", "=1+1", "\u202etxt"])
def test_no_text_that_can_be_typed_stops_the_station(text: str) -> None:
    at = at_a_package()
    for give in (at.key, at.enter, at.choose, at.unable, at.press, at.pin, at.scan):
        give(text)
    at.task(text, text)
    at.press("cancel")
    at.press("yes")
    at.task(PICK, text)
    assert at.screen == "home"


def test_what_the_record_keeps_of_a_badge_is_masked() -> None:
    at = at_a_package()
    at.scan(BADGES["P2"])
    assert at.entries[-1]["raw"] == "B020…02H"
    assert BADGES["P2"] not in str(at.entries[-1])


def test_a_package_scanned_at_home_is_told_and_nothing_of_it_is_kept() -> None:
    at = AtBench()
    at.proves("AT")
    verdict = at.scan(HEPARIN.format(1))
    assert verdict is not None
    assert verdict.word is PASS
    assert "heparin 25,000 units/250 mL bag" in verdict.says
    assert at.entries[-1].get("changes") is None


def test_the_day_of_a_package_is_the_sites_own() -> None:
    at = at_a_package()
    at.now = dt.datetime.fromisoformat("2027-02-28T23:59:00-08:00")
    last_minute = at.scan("00309991234563")
    assert last_minute is None
    verdict = entered(at, "LOT7A", "LOT7A", "2027-03-30", "2027-03-30")
    assert verdict is not None
    assert "expires-too-soon" not in verdict.reasons
