"""The life of a label at the bench: queued, sent, confirmed, failed, in doubt, void. None is lost or printed twice."""

import pytest
from at_bench import BADGES, PINS, AtBench, keyed

from stations.bench.events import CancelJob, LabelAsked, PrinterReported, PrintLabel, ReleaseJob, Restarted
from stations.bench.labels import SENT_KEPT
from stations.bench.state import WaitPin
from stations.scanning.ours import own_code

FIRST, SECOND, THIRD = (own_code("K", f"00{number:06d}") for number in (1, 2, 3))


def printed_by(at: AtBench) -> list[PrintLabel]:
    return [effect for effect in at.effects if isinstance(effect, PrintLabel)]


def state_of(at: AtBench, label: str) -> str:
    return str(at.facts.tables["label"][label]["state"])


def told(at: AtBench) -> list[str]:
    """Every state of a label in the record, in order."""
    return [f"{one['job']} {one['state']}" for entry in at.entries for one in entry.get("labels", ())]


def asked(at: AtBench, ticket: str = "t1", copies: int = 1) -> AtBench:
    fields: dict[str, str | list[str]] = {"reason": "torn bag"}
    stamped = ("label_id", "station", "initials", "time")
    at.happens(
        LabelAsked(
            at=at.now, ticket=ticket, template="T02", fields=fields, stamped=stamped, copies=copies, by="user:vera"
        )
    )
    return at


def in_doubt(at: AtBench) -> AtBench:
    asked(at)
    at.printer("sending")
    at.printer("unknown", "The cable was pulled.")
    return at


def test_a_label_of_a_step_is_queued_sent_and_confirmed_in_the_record() -> None:
    at = AtBench().at_the_seal()
    at.printer("sending")
    at.printer("sent")
    assert state_of(at, FIRST) == "sent"
    at.scan(FIRST)
    assert told(at) == [f"{FIRST} {state}" for state in ("queued", "sending", "sent", "confirmed")]
    assert state_of(at, FIRST) == "confirmed"
    assert at.bench.kept.jobs == ()


def test_a_label_asked_for_outside_a_task_is_stamped_recorded_and_printed() -> None:
    at = asked(AtBench(), copies=3)
    (label,) = printed_by(at)
    assert (label.job, label.template, label.copies) == (FIRST, "T02", 3)
    stamps = {"label_id": FIRST, "station": "Bench 3", "initials": "vera", "time": "2026-03-10 08:00"}
    assert label.fields == {"reason": "torn bag", **stamps}
    assert at.entries[-1]["by"] == "user:vera"
    assert at.facts.tables["label"][FIRST]["ticket"] == "t1"
    at.printer("sending")
    at.printer("sent")
    assert state_of(at, FIRST) == "sent"


def test_a_label_of_no_step_is_confirmed_by_scanning_it_at_home_once() -> None:
    at = asked(AtBench())
    at.printer("sending")
    at.printer("sent")
    at.proves("AT")
    verdict = at.scan(FIRST)
    assert verdict is not None
    assert (str(verdict.word), at.bench.says) == ("PASS", f"Label {FIRST} confirmed.")
    assert state_of(at, FIRST) == "confirmed"
    assert at.scan(FIRST) is None
    assert at.bench.says == f"Label {FIRST} (T02): confirmed."


def test_a_label_that_was_never_printed_is_not_confirmed_by_a_scan() -> None:
    at = asked(AtBench())
    at.proves("AT")
    at.scan(FIRST)
    assert state_of(at, FIRST) == "queued"
    assert len(at.bench.kept.jobs) == 1


@pytest.mark.parametrize("state", ["unknown", "failed"])
def test_a_label_in_doubt_outlives_the_power_and_waits_for_a_person(state: str) -> None:
    at = asked(AtBench())
    at.printer("sending")
    at.printer(state, "The cable was pulled.")
    at.again().happens(Restarted(at=at.now))
    assert [job.id for job in at.bench.kept.jobs] == [FIRST]
    assert printed_by(at) == []
    assert FIRST in at.bench.says


def test_a_label_in_doubt_is_settled_by_scanning_what_came_out() -> None:
    at = in_doubt(AtBench())
    at.proves("AT")
    at.scan(FIRST)
    assert state_of(at, FIRST) == "confirmed"
    assert at.bench.kept.jobs == ()


def test_a_reprint_of_a_label_that_may_exist_has_an_id_of_its_own_and_the_first_is_void() -> None:
    at = in_doubt(AtBench())
    at.proves("AT")
    at.press("reprint")
    assert f"{FIRST} is void then" in at.bench.says
    at.enter("only half came out")
    (label,) = printed_by(at)
    assert (label.job, label.duplicate, label.reason, label.replaces) == (SECOND, 1, "only half came out", FIRST)
    assert label.fields["label_id"] == SECOND
    assert state_of(at, FIRST) == "unknown", "the first counts until the second is about to leave"
    at.printer("sending")
    assert (state_of(at, FIRST), at.facts.tables["label"][FIRST]["replaced_by"]) == ("void", SECOND)
    at.printer("sent")
    verdict = at.scan(FIRST)
    assert verdict is not None
    assert (str(verdict.word), list(verdict.reasons)) == ("STOP", ["print-unconfirmed"])
    assert f"{SECOND} is the good one" in at.bench.says
    at.scan(SECOND)
    assert state_of(at, SECOND) == "confirmed"


def test_the_reprint_of_a_reprint_is_the_second_duplicate() -> None:
    at = in_doubt(AtBench())
    at.proves("AT")
    for _ in range(2):
        at.press("reprint")
        at.enter("torn again")
        at.printer("sending")
        at.printer("unknown", "The cable was pulled.")
    assert [(job.id, job.duplicate, job.replaces) for job in at.bench.kept.jobs] == [(THIRD, 2, SECOND)]
    assert [state_of(at, label) for label in (FIRST, SECOND, THIRD)] == ["void", "void", "unknown"]


def test_a_reprint_of_a_label_that_cannot_exist_keeps_its_id() -> None:
    at = asked(AtBench())
    at.printer("failed", "The letter U+836F cannot be printed.")
    at.proves("AT")
    at.press("reprint")
    at.enter("spelled otherwise")
    (label,) = printed_by(at)
    assert (label.job, label.duplicate, label.replaces) == (FIRST, 1, "")


def test_a_reason_that_is_too_long_for_the_label_is_asked_again_and_nothing_of_it_is_cut_off() -> None:
    at = in_doubt(AtBench())
    at.proves("AT")
    at.press("reprint")
    at.enter("on and on " * 13)
    assert "120" in at.bench.says
    assert printed_by(at) == []
    at.enter("torn in half")
    assert [label.reason for label in printed_by(at)] == ["torn in half"]


def test_the_first_label_counts_while_the_second_cannot_be_drawn_and_is_void_for_nothing_else() -> None:
    at = AtBench().at_the_seal()
    at.printer("sending")
    at.printer("sent")
    at.press("reprint")
    at.enter("a reason with a letter that cannot be drawn")
    at.printer("failed", "The letter U+836F cannot be shown.")
    assert f"{FIRST} counts if it is good" in at.bench.says
    at.press("confirm")
    assert [(label.job, label.duplicate) for label in printed_by(at)] == [(SECOND, 1)]
    at.scan(FIRST)
    assert (state_of(at, FIRST), state_of(at, SECOND)) == ("confirmed", "cancelled")
    assert (at.screen, at.bench.kept.jobs) == ("home", ())
    at.printer("sending", job=SECOND)
    assert [type(effect) for effect in at.effects] == [CancelJob]


def test_a_reason_is_for_the_label_it_was_asked_for_and_only_while_that_is_still_there() -> None:
    at = AtBench().at_the_seal()
    at.printer("failed", "The printer refuses the connection.")
    at.press("reprint")
    at.press("confirm")
    assert [(label.job, label.duplicate) for label in printed_by(at)] == [(FIRST, 0)]
    at.enter("torn in half")
    assert printed_by(at) == []
    at.printer("sending")
    assert [(effect.job, effect.duplicate) for effect in at.effects if isinstance(effect, ReleaseJob)] == [(FIRST, 0)]


@pytest.mark.parametrize("state", ["waiting", "unknown"])
def test_the_printer_interrupts_no_question_and_no_lock(state: str) -> None:
    at = AtBench().at_the_seal()
    if state == "unknown":
        at.printer("sending")
    at.press("lock")
    at.scan(BADGES["AT"])
    at.printer(state, "The cable was pulled.")
    assert isinstance(at.bench.dialog, WaitPin)
    at.pin(PINS["AT"])
    assert at.screen == "task"


def test_a_label_without_a_code_of_its_own_is_confirmed_by_a_look_and_its_reprint_makes_nothing_void() -> None:
    at = AtBench()
    fields: dict[str, str | list[str]] = {"name": "03-A-12", "code": "L03A12Z"}
    at.happens(LabelAsked(at=at.now, ticket="t1", template="location", fields=fields, by="user:vera"))
    at.printer("sending")
    at.printer("unknown", "The cable was pulled.")
    assert "confirm if it is whole" in at.bench.says
    at.proves("AT")
    at.press("reprint")
    at.enter("only half came out")
    (label,) = printed_by(at)
    assert (label.job, label.duplicate, label.replaces) == (FIRST, 1, "")
    at.printer("sending")
    at.printer("unknown", "The cable was pulled again.")
    at.press("confirm")
    assert (state_of(at, FIRST), at.bench.kept.jobs) == ("confirmed", ())


def sent(at: AtBench) -> AtBench:
    asked(at)
    at.printer("sending")
    at.printer("sent")
    at.proves("AT")
    return at


def test_a_label_that_was_sent_and_did_not_come_out_is_printed_again_by_keying_its_id() -> None:
    at = sent(AtBench())
    keyed(at, FIRST)
    assert state_of(at, FIRST) == "sent", "a keyed label may be in nobody's hand"
    at.press("reprint")
    at.enter("nothing came out")
    (label,) = printed_by(at)
    assert (label.job, label.duplicate, label.replaces) == (SECOND, 1, FIRST)


def test_a_keyed_label_is_confirmed_as_keyed_or_made_void() -> None:
    at = sent(AtBench())
    keyed(at, FIRST)
    at.press("confirm")
    assert at.bench.verdict is not None
    assert list(at.bench.verdict.reasons) == ["keyed"]
    assert state_of(at, FIRST) == "confirmed"
    other = sent(AtBench())
    keyed(other, FIRST)
    other.press("cancel")
    other.press("yes")
    assert state_of(other, FIRST) == "void"


def test_everything_of_the_last_fifty_labels_is_kept_and_each_stays_in_the_register() -> None:
    at = AtBench()
    for number in range(SENT_KEPT + 3):
        asked(at, f"t{number}")
        at.printer("sending")
        at.printer("sent")
    assert len(at.bench.kept.jobs) == SENT_KEPT
    assert {row["state"] for row in at.facts.tables["label"].values()} == {"sent"}
    at.proves("AT")
    at.scan(FIRST)
    assert state_of(at, FIRST) == "confirmed"


def test_after_a_label_that_broke_off_the_printer_may_wait_for_the_rest_until_another_was_sent() -> None:
    at = in_doubt(AtBench())
    assert at.bench.kept.broke_off
    at.proves("AT")
    at.press("cancel")
    at.press("yes")
    assert at.bench.kept.broke_off
    asked(at, "t2")
    assert at.bench.kept.broke_off
    at.printer("sending")
    at.printer("sent")
    assert not at.bench.kept.broke_off


def test_a_verdict_about_the_printer_goes_when_it_is_mended() -> None:
    at = AtBench().at_the_seal()
    at.printer("waiting", "The printer is out of paper; load a roll.")
    assert list(at.bench.verdict.reasons if at.bench.verdict is not None else ()) == ["printer-not-ready"]
    at.printer("sending")
    at.printer("sent")
    assert (at.bench.verdict, at.bench.says) == (None, f"Tear off the label and scan it: {FIRST}.")


@pytest.mark.parametrize(("state", "ends"), [("unknown", "void"), ("failed", "cancelled")])
def test_a_label_in_doubt_is_given_up_by_a_person_who_says_yes(state: str, ends: str) -> None:
    at = asked(AtBench())
    at.printer("sending")
    at.printer(state, "The cable was pulled.")
    at.proves("AT")
    at.press("cancel")
    at.press("no")
    assert state_of(at, FIRST) == state
    at.press("cancel")
    at.press("yes")
    assert state_of(at, FIRST) == ends
    assert at.bench.kept.jobs == ()


def test_the_labels_of_a_task_that_is_given_up_are_void_if_they_may_exist() -> None:
    at = AtBench().at_the_seal()
    at.printer("sending")
    at.printer("sent")
    at.press("cancel")
    at.press("yes")
    assert state_of(at, FIRST) == "void"
    at.scan(FIRST)
    assert "is void" in at.bench.says


def test_what_waits_for_the_printer_is_handed_to_it_again_after_a_restart_and_what_was_leaving_is_not() -> None:
    at = asked(asked(AtBench(), "t1"), "t2")
    first, second = at.bench.kept.jobs
    at.printer("sending")
    leaving = next(job.id for job in at.bench.kept.jobs if job.state == "sending")
    at.again().happens(Restarted(at=at.now))
    waits = second.id if leaving == first.id else first.id
    assert [label.job for label in printed_by(at)] == [waits]
    assert (state_of(at, leaving), state_of(at, waits)) == ("unknown", "queued")


def test_how_the_printer_is_stands_in_the_record_when_it_changes_and_only_then() -> None:
    at = AtBench()
    before = len(at.entries)
    for answer, says in (("ready", ""), ("ready", ""), ("fault", "The printer is out of paper; load a roll.")) * 2:
        at.happens(PrinterReported(at=at.now, answer=answer, says=says))  # type: ignore[arg-type] # one of the words
    assert [entry["answer"] for entry in at.entries[before:]] == ["ready", "fault", "ready", "fault"]
    assert (at.bench.printer.answer, at.bench.printer.says) == ("fault", "The printer is out of paper; load a roll.")


def test_a_late_word_of_a_job_that_is_settled_is_taken_back_and_never_leaves() -> None:
    at = in_doubt(AtBench())
    at.proves("AT")
    at.press("cancel")
    at.press("yes")
    at.printer("sending", job=FIRST)
    assert [type(effect) for effect in at.effects] == [CancelJob]
    assert not any(isinstance(effect, ReleaseJob) for effect in at.effects)


def test_the_shift_receipt_tells_what_was_done_what_is_open_and_where_the_record_stands() -> None:
    at = AtBench().at_the_seal()
    at.printer("sending")
    at.printer("sent")
    at.scan(FIRST)
    at.press("reprint")
    (label,) = printed_by(at)
    runs = label.fields["runs"]
    assert label.template == "T07"
    assert isinstance(runs, list)
    assert [run.partition(" ")[2] for run in runs] == ["08:00 Refill pick, A4W - done"]
    assert label.fields["next_due"] == "nothing is due"
