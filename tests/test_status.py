"""What a printer's four answers mean, bit by bit, and which bytes are no answer at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printers.status import (
    FEEDING,
    NEAR_END,
    PAUSED,
    QUESTIONS,
    Fault,
    Ready,
    Sieve,
    Status,
    Warned,
    faulty,
    is_printed_answer,
    is_realtime_answer,
    told,
)

OUT, OFFLINE, COVER = faulty(Fault.OUT_OF_PAPER), faulty(Fault.OFFLINE), faulty(Fault.COVER_OPEN)
JAM, ERROR = faulty(Fault.JAM), faulty(Fault.ERROR)
CLEAR = 0x12
BITS: dict[int, dict[int, Status]] = {
    1: {0x04: Ready(), 0x08: OFFLINE},
    2: {0x04: COVER, 0x08: FEEDING, 0x20: OUT, 0x40: ERROR},
    3: {0x08: JAM, 0x20: ERROR, 0x40: PAUSED},
    4: {0x04: NEAR_END, 0x08: NEAR_END, 0x0C: NEAR_END, 0x20: OUT, 0x40: OUT, 0x60: OUT},
}
"""Each documented bit of each answer, set alone; 0x04 of the first is the drawer's plug, which is no matter."""
ASB = bytes.fromhex("18 00 0c 0f")
answer = st.sampled_from([byte for byte in range(256) if is_realtime_answer(byte)])


def answers(question: int, bits: int) -> bytes:
    return bytes(CLEAR | (bits if n == question else 0) for n in (1, 2, 3, 4))


def test_the_questions_are_dle_eot_1_to_4() -> None:
    assert b"".join(QUESTIONS).hex(" ") == "10 04 01 10 04 02 10 04 03 10 04 04"


@pytest.mark.parametrize(
    ("question", "bits", "status"), [(n, bits, status) for n, row in BITS.items() for bits, status in row.items()]
)
def test_each_documented_bit_alone_has_its_meaning(question: int, bits: int, status: Status) -> None:
    assert told(answers(question, bits)) == status


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("12 12 12 12", Ready()),
        ("16 12 12 12", Ready()),
        ("12 12 12 1e", NEAR_END),
        ("1a 12 12 12", OFFLINE),
        ("1a 32 12 7e", OUT),
        ("12 12 12 72", OUT),
        ("1a 16 12 12", COVER),
        ("1a 16 12 7e", OUT),
        ("1a 52 1a 12", JAM),
        ("1a 76 1a 7e", JAM),
        ("1a 52 32 12", ERROR),
        ("1a 52 3a 12", ERROR),
        ("1a 52 52 12", PAUSED),
        ("1a 52 12 12", ERROR),
        ("1a 1a 12 12", FEEDING),
        ("1a 12 12 1e", OFFLINE),
    ],
)
def test_the_worst_cause_is_told_and_not_the_signs_that_it_sets_as_well(said: str, status: Status) -> None:
    assert told(bytes.fromhex(said)) == status


@given(st.tuples(answer, answer, answer, answer))
def test_no_set_bit_of_a_fault_is_ever_taken_for_ready(four: tuple[int, int, int, int]) -> None:
    status = told(bytes(four))
    is_faulty = bool(four[0] & 0x08 or four[1] & 0x6C or four[2] & 0x68 or four[3] & 0x60)
    assert is_faulty != isinstance(status, Ready | Warned)


@pytest.mark.parametrize("said", ["", "12", "12 12 12", "12 12 12 12 12", "12 12 12 00", "11 12 12 12", "92 12 12 12"])
def test_anything_but_four_answers_is_refused_with_the_bytes(said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said or 'nothing'} was found, four bytes of the form 0xx1xx10"):
        told(bytes.fromhex(said))


def test_every_byte_is_of_one_kind_by_its_fixed_bits() -> None:
    of_realtime = {
        byte for byte in range(256) if f"{byte:08b}"[0] == "0" and f"{byte:08b}"[3] + f"{byte:08b}"[6:] == "110"
    }
    of_printed = {byte for byte in range(256) if f"{byte:08b}"[0] == "0" and f"{byte:08b}"[3] == "0"}
    assert {byte for byte in range(256) if is_realtime_answer(byte)} == of_realtime
    assert {byte for byte in range(256) if is_printed_answer(byte)} == of_printed
    assert not of_realtime & of_printed


@given(st.data())
@settings(max_examples=60)
def test_unasked_blocks_are_dropped_however_they_are_cut_and_nothing_else_is(data: st.DataObject) -> None:
    wanted = st.sampled_from([b"\x12", b"\x1a", b"\x11", b"\x13", b"\x00", b"\x7e", b"\xff"])
    parts = data.draw(st.lists(wanted | st.just(ASB)))
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    sieve = Sieve()
    passed = b"".join(
        sieve.passed(stream[start:end]) for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    )
    assert passed == b"".join(part for part in parts if part != ASB)


def test_flow_control_and_answers_inside_a_block_are_not_taken_for_its_bytes() -> None:
    assert Sieve().passed(bytes.fromhex("10 13 00 12 00 11 00 00")).hex(" ") == "13 12 11 00"
