"""A scanner that types the check card otherwise than it was paired is doubted until it has read all of it rightly."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanners.trust import Trust
from stations.scanning.decoding import card
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Outcome

PARTS = tuple(card.TEXTS)
NO_GS = "GS no longer arrives."
SCAN = Scan(text="L03A12Z", device="/dev/input/event7", started=1.0, ended=1.1, keys=9, longest_gap=0.01, aim=False)
LOST = Garbled(reason=Outcome.LOST_INPUT, text="L03", device="", started=1.0, ended=1.1, keys=3, longest_gap=0.01)

Heard = tuple[str | None, str]
"""The code of the card that a scan is, and how it differs."""


def after(*heard: Heard, trust: Trust = Trust()) -> Trust:  # noqa: B008 - a frozen value
    for part, drift in heard:
        trust = trust.after(part, drift)
    return trust


@pytest.mark.parametrize(
    ("heard", "doubt", "missing"),
    [
        ([], "", ()),
        ([(None, "")], "", ()),
        ([("case", "")], "", ()),
        ([(None, NO_GS)], NO_GS, PARTS),
        ([("code128", NO_GS)], NO_GS, PARTS),
        ([("code128", NO_GS), ("terminator", "")], NO_GS, PARTS[1:]),
        ([("code128", NO_GS), ("terminator", ""), ("terminator", "")], NO_GS, PARTS[1:]),
        ([("code128", NO_GS), (None, "")], NO_GS, PARTS),
        ([("code128", NO_GS), *((part, "") for part in PARTS[:4])], NO_GS, PARTS[4:]),
        ([("code128", NO_GS), *((part, "") for part in PARTS)], "", ()),
        (
            [("code128", NO_GS), *((part, "") for part in PARTS[:4]), ("case", "Upper."), (PARTS[4], "")],
            "Upper.",
            PARTS[:4],
        ),
        ([("code128", NO_GS), *((part, "") for part in PARTS), (None, NO_GS)], NO_GS, PARTS),
    ],
)
def test_a_doubt_is_over_when_the_whole_card_was_read_rightly_since(
    heard: Sequence[Heard], doubt: str, missing: tuple[str, ...]
) -> None:
    trust = after(*heard)
    assert (trust.doubt, trust.missing) == (doubt, missing)


@given(st.lists(st.sampled_from([None, *PARTS]), max_size=20))
def test_it_is_believed_again_just_when_every_code_came(parts: list[str | None]) -> None:
    trust = after(*((part, "") for part in parts), trust=Trust(doubt=NO_GS))
    assert (not trust.doubt) == (set(parts) >= set(PARTS))


@pytest.mark.parametrize("order", [*itertools.permutations(PARTS)][::17])
def test_the_order_of_the_codes_is_free(order: tuple[str, ...]) -> None:
    assert after(*((part, "") for part in order), trust=Trust(doubt=NO_GS)) == Trust()


def test_in_doubt_a_scan_is_unreadable_and_all_of_it_stays_as_evidence() -> None:
    for found in (SCAN, LOST):
        judged = Trust(doubt=NO_GS).judged(found)
        assert isinstance(judged, Garbled)
        assert judged.reason is Outcome.UNREADABLE
        for field in Scan.__struct_fields__:
            assert getattr(judged, field) == getattr(found, field)
        assert Trust().judged(found) is found


def test_the_sentence_says_what_is_wrong_first_and_then_which_codes_mend_it() -> None:
    assert Trust().says == ""
    trust = Trust(doubt=NO_GS, rightly=frozenset(PARTS[:3]))
    assert trust.says.startswith(f"Re-programmed: {NO_GS} ")
    assert trust.says.endswith("still to read of the check card: datamatrix, code128.")
