"""How the work at a bench goes on: what a package lacks, lines, open tasks, labels, interruptions, hostile texts."""

import datetime as dt

import pytest
from at_bench import (
    BADGES,
    COUNT,
    HEPARIN,
    HYDRALAZINE,
    PICK,
    SHELF,
    AtBench,
    at_a_package,
    changes_of,
    entered,
    keyed,
)

from stations.bench.events import (
    CancelJob,
    DefinitionsRead,
    PrintLabel,
    ReleaseJob,
    Restarted,
)
from stations.work.settings import Settings
from stations.work.verdict import Word

PASS = Word.PASS


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
    used = {"package": "00309991234563/S0001", "task": "T00000099X"}
    at.facts.tables["serial"]["00309991234563/S0001"] = used
    verdict = at.scan(HYDRALAZINE.format(1))
    assert verdict is not None
    assert verdict.reasons == ("duplicate-serial",)
    assert "in task T00000099X" in verdict.says


def test_a_pick_that_is_given_up_gives_its_serials_back() -> None:
    at = at_a_package()
    at.scan(HYDRALAZINE.format(1))
    at.press("cancel")
    at.press("yes")
    at.task(PICK, "A4W")
    at.scan(SHELF)
    verdict = at.scan(HYDRALAZINE.format(1))
    assert verdict is not None
    assert (verdict.word, verdict.reasons) == ("PASS", ())


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
    at.printer("sent")
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
    assert at.entries[-1]["labels"][-1]["state"] == "sending"
    assert [type(effect).__name__ for effect in at.effects] == ["Record", "ReleaseJob"]


@pytest.mark.parametrize("states", [("sent",), ("unknown",), ("failed",)])
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
    at.printer("sent")
    at.press("reprint")
    for why in ("", "  ", "..", "!!!!"):
        at.enter(why)
        assert not any(isinstance(effect, PrintLabel) for effect in at.effects)
    at.enter("torn in half")
    label = next(effect for effect in at.effects if isinstance(effect, PrintLabel))
    assert (label.job, label.duplicate, label.reason) == ("K000000025", 1, "torn in half")


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
