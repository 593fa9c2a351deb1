"""What an answer is worth: the closed list of reasons, row by row, and the laws of deciding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.work.verdict import CODE_FAULTS, FULL_SCREEN, Finding, Reason, Verdict, Word, decide, word_of

ADVISORY = "expires-soon different-ndc late keyed stale-data"
HOLD = "ambiguous-ndc shorter-than-bud lot-mismatch out-of-limits"
CODE = (
    "unreadable not-ours check-digit separator-lost invalid-date truncated control-character too-long lost-input"
    " check-year"
)
FULL = "wrong-item wrong-strength wrong-form wrong-route wrong-patient wrong-subject wrong-protocol kit-not-assigned"
STOP = (
    f"{CODE} {FULL} unknown-code wrong-pack wrong-location location-out not-that-kind expired recalled quarantined"
    " expires-too-soon recall-lot-unknown not-enrolled irb-expired not-delegated negative-balance duplicate-serial"
    " next-package implausible count-mismatch sum-mismatch blank too-short no-competency competency-expired"
    " credential-expired level-too-low not-your-role self-sign same-person not-authorised signature-late badge-unknown"
    " badge-inactive wrong-pin pin-locked no-pharmacist ratio clock-suspect printer-not-ready print-unconfirmed"
)
TABLE = {
    **dict.fromkeys(map(Reason, ADVISORY.split()), Word.PASS),
    **dict.fromkeys(map(Reason, HOLD.split()), Word.HOLD),
    **dict.fromkeys(map(Reason, STOP.split()), Word.STOP),
}
SIGNERS = {
    **dict.fromkeys(map(Reason, HOLD.split()), "pharmacist"),
    Reason.DUPLICATE_SERIAL: "supervisor",
    Reason.PIN_LOCKED: "supervisor",
    Reason.CLOCK_SUSPECT: "supervisor",
}
RANK = {Word.PASS: 0, Word.HOLD: 1, Word.STOP: 2}

findings = st.builds(
    Finding,
    reason=st.sampled_from(Reason),
    says=st.text(max_size=9),
    advisory=st.booleans(),
    at_least=st.sampled_from(Word),
)
wishes = st.dictionaries(st.sampled_from(Reason), st.sampled_from(Word), max_size=5)


def of(*reasons: Reason, stricter: dict[Reason, Word] | None = None) -> Verdict:
    return decide([Finding(reason=reason, says=reason) for reason in reasons], stricter=stricter or {})


def test_the_list_of_reasons_is_closed_and_every_reason_has_one_verdict() -> None:
    assert set(TABLE) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_gives_its_own_verdict_and_names_who_may_decide_otherwise(reason: Reason) -> None:
    verdict = of(reason)
    assert verdict.word is TABLE[reason] is word_of(reason)
    assert verdict.reasons == (reason,)
    assert verdict.signer == SIGNERS.get(reason, "")
    assert verdict.full_screen == (reason in FULL_SCREEN)


def test_the_reasons_that_fill_the_screen_and_the_faults_of_a_code_are_those_of_the_list() -> None:
    assert frozenset(map(Reason, FULL.split())) == FULL_SCREEN
    assert frozenset(map(Reason, CODE.split())) == CODE_FAULTS


def test_nothing_found_is_a_clean_pass() -> None:
    assert decide([], says="taken") == Verdict(word=Word.PASS, says="taken")


@given(st.lists(findings, max_size=5), findings, wishes)
def test_one_more_reason_never_softens_a_verdict(
    found: list[Finding], more: Finding, stricter: dict[Reason, Word]
) -> None:
    before, after = decide(found, stricter=stricter), decide([*found, more], stricter=stricter)
    assert RANK[after.word] >= RANK[before.word]
    assert set(after.reasons) == {*before.reasons, str(more.reason)}


@given(st.lists(findings, max_size=5), wishes)
def test_a_site_makes_a_verdict_stricter_and_never_softer(found: list[Finding], stricter: dict[Reason, Word]) -> None:
    assert RANK[decide(found, stricter=stricter).word] >= RANK[decide(found).word]


@given(st.lists(findings, max_size=5), wishes)
def test_a_verdict_does_not_depend_on_the_order_in_which_things_were_found(
    found: list[Finding], stricter: dict[Reason, Word]
) -> None:
    there, back = decide(found, stricter=stricter), decide(found[::-1], stricter=stricter)
    assert (there.word, there.reasons, there.signer) == (back.word, back.reasons, back.signer)


@given(st.lists(findings, min_size=1, max_size=5), wishes)
def test_a_hold_always_has_somebody_who_decides_and_a_pass_nobody(
    found: list[Finding], stricter: dict[Reason, Word]
) -> None:
    verdict = decide(found, stricter=stricter)
    if verdict.word is Word.HOLD:
        assert verdict.signer in ("pharmacist", "supervisor")
    if verdict.word is Word.PASS:
        assert verdict.signer == ""


@given(st.lists(findings, max_size=5))
def test_nothing_found_beside_it_lets_anybody_override_what_fills_the_screen(found: list[Finding]) -> None:
    verdict = decide([*found, Finding(reason=Reason.WRONG_ITEM, says="other")])
    assert verdict.word is Word.STOP
    assert verdict.signer == ""


@pytest.mark.parametrize("reason", Reason)
def test_signing_for_ones_own_work_is_told_before_anything_else(reason: Reason) -> None:
    assert of(reason, Reason.SELF_SIGN).reasons[0] == "self-sign"


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in (Reason.NO_PHARMACIST, Reason.RATIO)])
def test_only_a_missing_pharmacist_or_ratio_can_be_told_as_advice(reason: Reason) -> None:
    assert decide([Finding(reason=reason, says="", advisory=True)]).word is TABLE[reason]


def test_a_missing_pharmacist_is_advice_where_nothing_is_dispensed() -> None:
    finding = Finding(reason=Reason.NO_PHARMACIST, says="none", advisory=True)
    assert decide([finding]).word is Word.PASS
    assert decide([finding], stricter={Reason.NO_PHARMACIST: Word.STOP}).word is Word.STOP


def test_the_work_can_make_a_reason_graver_and_then_nobody_overrides_it() -> None:
    verdict = decide([Finding(reason=Reason.LOT_MISMATCH, says="a study's lot", at_least=Word.STOP)])
    assert (verdict.word, verdict.signer) == (Word.STOP, "")


def test_what_a_site_holds_for_a_decision_a_pharmacist_decides() -> None:
    verdict = of(Reason.EXPIRES_SOON, stricter={Reason.EXPIRES_SOON: Word.HOLD})
    assert (verdict.word, verdict.signer) == (Word.HOLD, "pharmacist")


def test_what_a_site_stops_nobody_overrides() -> None:
    assert of(Reason.AMBIGUOUS_NDC, stricter={Reason.AMBIGUOUS_NDC: Word.STOP}).signer == ""


def test_a_supervisor_overrides_a_used_serial_but_not_what_else_stops_the_package() -> None:
    assert of(Reason.DUPLICATE_SERIAL).signer == "supervisor"
    assert of(Reason.DUPLICATE_SERIAL, Reason.NEXT_PACKAGE).signer == ""
    assert of(Reason.DUPLICATE_SERIAL, Reason.EXPIRED).signer == ""
    assert of(Reason.DUPLICATE_SERIAL, Reason.KEYED).signer == "supervisor"


def test_a_reason_found_twice_is_named_once_and_both_sentences_are_told() -> None:
    found = [Finding(reason=Reason.EXPIRED, says=says) for says in ("the carton", "the vial")]
    verdict = decide(found)
    assert verdict.reasons == ("expired",)
    assert (verdict.says, *verdict.also) == ("the carton", "the vial")


def test_a_pass_with_advice_says_what_was_accepted_and_then_the_advice() -> None:
    verdict = decide([Finding(reason=Reason.KEYED, says="Keyed.")], says="Taken.")
    assert (verdict.word, verdict.says, verdict.also) == (Word.PASS, "Taken.", ("Keyed.",))


@pytest.mark.parametrize(
    ("reason", "stricter", "word"),
    [
        (Reason.DUPLICATE_SERIAL, {}, Word.PASS),
        (Reason.AMBIGUOUS_NDC, {}, Word.PASS),
        (Reason.EXPIRES_SOON, {Reason.EXPIRES_SOON: Word.HOLD}, Word.PASS),
        (Reason.EXPIRES_SOON, {Reason.EXPIRES_SOON: Word.STOP}, Word.STOP),
        (Reason.AMBIGUOUS_NDC, {Reason.AMBIGUOUS_NDC: Word.STOP}, Word.STOP),
        (Reason.WRONG_ITEM, {}, Word.STOP),
        (Reason.EXPIRED, {}, Word.STOP),
    ],
)
def test_what_a_person_accepted_is_told_and_passes_only_where_the_list_lets_somebody_decide(
    reason: Reason, stricter: dict[Reason, Word], word: Word
) -> None:
    found = decide([Finding(reason=reason, says="so", accepted=True)], stricter=stricter)
    assert (found.word, found.reasons) == (word, (reason,))
