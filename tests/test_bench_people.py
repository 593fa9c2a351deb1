"""Who is at a bench and what they may do there: stops, locks, PINs, the scanner alone, another person's step."""

import pytest
from at_bench import (
    COUNT,
    HYDRALAZINE,
    HYDROXYZINE,
    PICK,
    PINS,
    SHELF,
    AtBench,
    at_a_package,
    sample_facts,
)

from stations.bench.events import (
    CheckPin,
    JobReported,
    PinChecked,
    Record,
)
from stations.bench.state import WaitPin
from stations.scanning.ours import checklist_code, command_code
from stations.work.checklists import read_checklist
from stations.work.verdict import Word

PASS = Word.PASS
GTIN = "]d2010030999123456317{}10LOT7A<GS>21S0001"


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


@pytest.mark.parametrize("word", ["confirm", "done", "cancel", "yes", "no", "reprint", "hold", "lock", "help"])
def test_at_a_locked_bench_no_command_changes_anything(word: str) -> None:
    at = AtBench().at_the_seal()
    at.press("lock")
    before = at.bench.kept
    at.press(word)
    at.scan(command_code(word))
    assert at.bench.kept == before
    assert at.screen == "locked"
    assert [effect.kind for effect in at.effects if isinstance(effect, Record)] == ["command"]
    assert len(at.effects) == 1


def test_digits_left_unconfirmed_are_no_part_of_a_later_number() -> None:
    at = at_a_package()
    at.scan(command_code("3"))
    for serial in (1, 2, 3):
        at.scan(HYDRALAZINE.format(serial))
    for digit in ("3", "7", "confirm"):
        at.scan(command_code(digit))
    assert at.step == "line[2].shelf"


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
