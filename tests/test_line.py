"""Bytes of a scanner in serial mode become whole scans or refusals, however they are cut into pieces."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning.decoding.line import Line
from stations.scanning.decoding.wedge import QUIET, Garbled, Profile, Scan

LABEL = "]d20100309991234563\x1d10LOT7A"


def told(*pieces: bytes, profile: Profile = Profile()) -> list[tuple[str, str]]:  # noqa: B008 -- a frozen value
    """Feed pieces at one moment and then let it fall silent; give each answer's text and what is wrong with it."""
    line = Line("left", profile)
    found: list[Scan | Garbled | None] = [each for piece in pieces for each in line.feed(piece, 1.0)]
    found.append(line.idle(9.0))
    assert not line.is_busy
    return [(each.text, "" if isinstance(each, Scan) else str(each.reason)) for each in found if each is not None]


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n"])
def test_a_scan_ends_with_cr_or_lf_or_both(ending: bytes) -> None:
    assert told(LABEL.encode() + ending + b"B0042173" + ending) == [(LABEL, ""), ("B0042173", "")]


def test_a_scan_tells_where_when_and_how_it_came() -> None:
    line = Line("left", Profile(aim=False, proved=True))
    assert line.feed(b"L03", 1.0) == ()
    assert line.feed(b"A1", 1.125) == ()
    (scan,) = line.feed(b"2Z\r\n", 1.25)
    assert scan == Scan(
        text="L03A12Z",
        device="left",
        started=1.0,
        ended=1.25,
        keys=7,
        longest_gap=0.125,
        aim=False,
        sends_separators=True,
        source="serial",
    )
    (after,) = line.feed(b"a\r", 1.3)
    assert (after.longest_gap, after.keys, after.started) == (0.0, 1, 1.3)


@pytest.mark.parametrize(
    ("profile", "data", "expected"),
    [
        (Profile(), b"ab", [("ab", "truncated")]),
        (Profile(terminator="none"), b"ab", [("ab", "")]),
        (Profile(terminator="none"), b"ab\r\n", [("ab\r\n", "control-character")]),
        (Profile(terminator="tab"), b"ab\tcd", [("ab", ""), ("cd", "truncated")]),
        (Profile(terminator="tab"), b"ab\rcd\t", [("ab\rcd", "control-character")]),
        (Profile(), b"ab\tcd\r", [("ab\tcd", "control-character")]),
        (Profile(), b"\r\n\r", []),
        (Profile(), b"a\x04\x1c\x1d\x1e\x1fb\r", [("a\x04\x1c\x1d\x1e\x1fb", "")]),
        (Profile(), b"a\x00b\r", [("a\x00b", "control-character")]),
        (Profile(), b"a\x1b[31m\r", [("a\x1b[31m", "control-character")]),
        (Profile(), b"a\x7f\r", [("a\x7f", "control-character")]),
        (Profile(), "a\x85b\r".encode(), [("a\x85b", "control-character")]),
        (Profile(), "größe µg €\r".encode(), [("größe µg €", "")]),
        (Profile(), "a\ufffdb\r".encode(), [("a\ufffdb", "unreadable")]),  # somebody before us could not read it
        (Profile(), b"gr\xf6\xdfe\r", [("gr\ufffd\ufffde", "unreadable")]),
        (Profile(), b"\xed\xa0\x80\r", [("\ufffd\ufffd\ufffd", "unreadable")]),  # half a surrogate pair
        (Profile(), b"ab\xc3\r", [("ab\ufffd", "unreadable")]),
        (Profile(), b"a\x07b\xff\r", [("a\x07b\ufffd", "control-character")]),
        (Profile(separator="text:{GS}"), b"10A{GS}21B\r", [("10A\x1d21B", "")]),
        (Profile(separator="f8"), b"10A\x1d21B\r", [("10A\x1d21B", "")]),
        (Profile(limit=4), b"abcd\r", [("abcd", "")]),
        (Profile(limit=4), b"abcde\r", [("abcd", "too-long")]),
        (Profile(limit=4), b"ab\x00cdef\r", [("ab\x00c", "control-character")]),
        (Profile(limit=4), "€€€€\r".encode(), [("€€€€", "")]),
        (Profile(limit=4), "€€€€€€€\rok\r".encode(), [("€€€€", "too-long"), ("ok", "")]),
    ],
)
def test_what_is_sent_is_a_scan_or_is_refused_with_a_reason(
    profile: Profile, data: bytes, expected: list[tuple[str, str]]
) -> None:
    assert told(data, profile=profile) == expected


def test_silence_between_two_pieces_ends_the_first() -> None:
    for terminator, wrong in (("enter", "truncated"), ("none", "")):
        line = Line("left", Profile(terminator="none" if terminator == "none" else "enter"))
        line.feed(b"first", 1.0)
        assert line.idle(1.25) is None
        (found,) = line.feed(b"second", 1.4)
        assert (found.text, getattr(found, "reason", "")) == ("first", wrong)
        assert (found.terminated, found.started, found.ended) == (False, 1.0, 1.0)


def parted(*pieces: tuple[float, bytes], profile: Profile = Profile()) -> list[tuple[str, str]]:  # noqa: B008 -- a frozen value
    """Feed each piece at its moment; give each answer's text and what is wrong with it."""
    line = Line("left", profile)
    found: list[Scan | Garbled | None] = [each for now, data in pieces for each in line.feed(data, now)]
    found.append(line.idle(pieces[-1][0] + 1.0))
    return [(each.text, "" if isinstance(each, Scan) else str(each.reason)) for each in found if each is not None]


@pytest.mark.parametrize("pause", [0.31, 1.0, QUIET - 0.1])
def test_the_end_of_a_scan_that_stopped_on_its_way_is_no_scan_and_the_next_one_is(pause: float) -> None:
    found = parted((1.0, b"]C1003412"), (1.0 + pause, b"B0042173\r\n"), (1.1 + pause, b"next\r"))
    assert found == [("]C1003412", "truncated"), ("B0042173", "truncated"), ("next", "")]
    assert parted((1.0, b"a"), (1.0 + pause, b"\r"), (1.1 + pause, b"next\r")) == [("a", "truncated"), ("next", "")]


def test_after_a_long_quiet_a_new_scan_begins_however_the_last_one_ended() -> None:
    assert parted((1.0, b"a"), (1.1 + QUIET, b"next\r")) == [("a", "truncated"), ("next", "")]


@given(
    texts=st.lists(st.text("ab1", min_size=1, max_size=6), min_size=1, max_size=4),
    pauses=st.lists(st.tuples(st.integers(0, 30), st.floats(0.0, QUIET - 0.1)), max_size=4),
    ending=st.sampled_from(["\r", "\r\n"]),
)
@settings(max_examples=200)
def test_no_end_of_a_text_after_any_pause_short_of_a_long_quiet_is_ever_a_scan(
    texts: list[str], pauses: list[tuple[int, float]], ending: str
) -> None:
    data = "".join(text + ending for text in texts).encode()
    moments = [1.0 + sum(pause for at, pause in dict(pauses).items() if at <= place) for place in range(len(data))]
    found = parted(*[(now, data[at : at + 1]) for at, now in enumerate(moments)])
    remaining = iter(texts)
    assert all(text in remaining for text, wrong in found if not wrong)


def test_what_may_be_the_end_of_a_scan_that_began_before_is_told_as_lost() -> None:
    line = Line("left")
    line.doubt(1.0)
    found = line.feed(b"34563\rwhole\r", 1.0)
    assert [(type(each), each.text) for each in found] == [(Garbled, "34563"), (Scan, "whole")]
    assert isinstance(found[0], Garbled)
    assert found[0].reason == "lost-input"


def test_a_doubt_ends_with_silence_and_nothing_is_told_where_nothing_came() -> None:
    line = Line("left")
    line.doubt(1.0)
    assert line.idle(2.0) is None
    assert not line.is_busy
    line.doubt(3.0)
    (scan,) = line.feed(b"whole\r", 4.0)
    assert isinstance(scan, Scan)


def test_a_scan_without_end_never_grows_what_is_kept() -> None:
    line, piece = Line("left"), b"x" * 1000
    tracemalloc.start()
    for _ in range(2_000):
        line.feed(piece, 1.0)
    (found,) = line.feed(b"\r", 1.0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Garbled)
    assert (found.reason, found.keys, len(found.text)) == ("too-long", 2_000_000, 4096)
    assert most < 200_000


BYTES = st.lists(st.sampled_from([b"\r", b"\n", b"\t", b"\x1d", b"\x00", b"\xff", "µ€𝄞".encode(), b"ab", b"1"]))


@given(
    data=BYTES.map(b"".join),
    cuts=st.lists(st.integers(min_value=0, max_value=60), max_size=20),
    terminator=st.sampled_from(["enter", "tab", "none"]),
    limit=st.integers(min_value=1, max_value=9),
)
@settings(max_examples=200)
def test_however_the_bytes_are_cut_the_scans_are_the_same(
    data: bytes, cuts: list[int], terminator: str, limit: int
) -> None:
    profile = Profile(limit=limit, terminator="tab" if terminator == "tab" else "none")
    if terminator == "enter":
        profile = Profile(limit=limit)
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(places)]
    assert told(*pieces, profile=profile) == told(data, profile=profile)
    assert told(*[data[at : at + 1] for at in range(len(data))], profile=profile) == told(data, profile=profile)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd"), min_size=1), max_size=5
    )
)
@settings(max_examples=100)
def test_every_text_without_control_characters_arrives_as_it_was_sent(texts: list[str]) -> None:
    assert told("".join(f"{text}\r\n" for text in texts).encode()) == [(text, "") for text in texts]


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_no_bytes_at_all_make_it_raise_or_let_a_control_character_through(data: bytes) -> None:
    for text, wrong in told(data):
        is_hostile = any(character < " " and character not in "\x04\x1c\x1d\x1e\x1f" for character in text)
        assert wrong == "control-character" or not is_hostile
