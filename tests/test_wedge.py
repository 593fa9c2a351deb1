"""Key events become whole scans or garbled ones, and nothing in between."""

from __future__ import annotations

import itertools
import math
import random
import string
from collections.abc import Sequence
from typing import Literal

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typings import GS, PRINTABLE, profile_of, scan_text, stands_for_itself, typings

from stations.scanning.decoding import keys
from stations.scanning.decoding.keys import DOWN, EV_KEY, EV_SYN, REPEAT, SYN_DROPPED, SYN_REPORT, UP, KeyEvent
from stations.scanning.decoding.typist import Typing, keystrokes, lost
from stations.scanning.decoding.wedge import NO_CHARACTER, QUIET, TAPE_MOST, Garbled, Profile, Scan, Wedge
from stations.scanning.outcome import Outcome

GS1 = f"]d201003099912345631727020010LOT7A{GS}21S0001"
KEYPAD = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}

events = st.builds(
    KeyEvent,
    time=st.floats(allow_nan=True),
    type=st.sampled_from([EV_SYN, EV_KEY, 4, 17]) | st.integers(-1, 0x1F),
    code=st.integers(0, 130) | st.integers(-(2**31), 2**31),
    value=st.integers(-1, 3),
)


def fed(wedge: Wedge, stream: Sequence[KeyEvent]) -> list[Scan | Garbled]:
    return [found for event in stream if (found := wedge.feed(event)) is not None]


def pressed(*chords: tuple[int, ...], start: float = 0.0, gap: float = 0.001) -> list[KeyEvent]:
    """Press each chord: its keys go down in order and come up in reverse."""
    moments = itertools.count()
    stream = []
    for chord in chords:
        for code, value in [*((code, DOWN) for code in chord), *((code, UP) for code in reversed(chord))]:
            now = start + gap * next(moments)
            stream += [
                KeyEvent(time=now, type=EV_KEY, code=code, value=value),
                KeyEvent(time=now, type=EV_SYN, code=SYN_REPORT, value=0),
            ]
    return stream


def only(found: list[Scan | Garbled]) -> Scan | Garbled:
    assert len(found) == 1
    return found[0]


Layout = Literal["us", "uk", "de", "fr"]
ENTER = (keys.KEY_ENTER,)
A = (keys.KEY_A,)
B = (48,)
CTRL = keys.KEY_LEFTCTRL
ALT = keys.KEY_LEFTALT


@given(st.lists(scan_text, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_what_is_typed_is_what_is_scanned(texts: list[str]) -> None:
    wedge = Wedge("left")
    found = [scan for start, text in enumerate(texts) for scan in fed(wedge, keystrokes(text, start * 10.0))]
    assert [(type(scan), scan.text) for scan in found] == [(Scan, text) for text in texts]


def told(wedge: Wedge, stream: Sequence[KeyEvent]) -> list[Scan | Garbled]:
    """What the stream gives, and what silence after it gives."""
    found = fed(wedge, stream)
    silent = wedge.idle(math.inf)
    return [*found, silent] if silent else found


@given(scan_text, scan_text, typings, st.sampled_from([0.01, 0.2, 5.0]))
@settings(max_examples=150, deadline=None)
def test_every_way_of_typing_is_read_under_its_profile(first: str, second: str, typing: Typing, pause: float) -> None:
    assume(stands_for_itself(first, typing) and stands_for_itself(second, typing))
    stream = keystrokes(first, 0.0, typing=typing)
    pause = 5.0 if typing.terminator == "none" else pause
    stream += keystrokes(second, stream[-1].time + pause, typing=typing)
    found = told(Wedge("left", profile_of(typing)), stream)
    assert [(type(scan), scan.text) for scan in found] == [(Scan, first), (Scan, second)]
    assert {scan.terminated for scan in found} == {typing.terminator != "none"}


@given(scan_text, typings, st.data())
@settings(max_examples=80, deadline=None)
def test_asking_for_silence_between_two_events_changes_nothing(text: str, typing: Typing, data: st.DataObject) -> None:
    stream = keystrokes(text, 0.0, typing=typing) + keystrokes(text, 9.0, typing=typing)
    asked = Wedge("left", profile_of(typing))
    found = []
    for event, following in itertools.pairwise(stream):
        found += fed(asked, [event])
        if data.draw(st.booleans()):
            silent = asked.idle(following.time)
            found += [silent] if silent else []
    found += told(asked, stream[-1:])
    assert found == told(Wedge("left", profile_of(typing)), stream)


@pytest.mark.parametrize("layout", sorted(keys.LAYOUTS))
def test_the_tables_of_decoder_and_typist_agree_on_every_character(layout: Layout) -> None:
    text = PRINTABLE + "\x04\x1c\x1d\x1e\x1f"
    wedge = Wedge("left", Profile(layout=layout))
    assert only(fed(wedge, keystrokes(text, 0.0, typing=Typing(layout=layout)))).text == text


def test_every_printable_character_keeps_its_case_and_itself() -> None:
    assert only(fed(Wedge("left"), keystrokes(PRINTABLE, 0.0))).text == PRINTABLE


def test_a_decoder_with_another_table_of_keys_reads_nothing_right() -> None:
    wedge = Wedge("left", Profile(layout="fr"))
    for start, text in enumerate([GS1, "B0042173", "0999-1234-56", "L03A12Z"]):
        assert text not in [scan.text for scan in fed(wedge, keystrokes(text, start * 10.0))]


ALTGR = keys.KEY_RIGHTALT
SHIFT = keys.KEY_LEFTSHIFT
CAPS = (keys.KEY_CAPSLOCK,)
SPACE = (keys.KEY_SPACE,)


@pytest.mark.parametrize(
    ("layout", "chords", "text"),
    [
        ("de", [(ALTGR, 10), (ALTGR, 16), (21,)], "]@z"),
        ("fr", [(ALTGR, 12), (SHIFT, 2), (16,)], "]1a"),
        ("uk", [(SHIFT, 3), (43,), (86,)], '"#\\'),
        ("de", [(41,), SPACE, A], "^a"),  # a dead key, then a space
        ("fr", [(ALTGR, 8), SPACE, (ALTGR, 3), SPACE], "`~"),
        ("us", [A, (ALTGR, KEYPAD["2"], KEYPAD["9"])], "a\x1d"),  # no AltGr on this keyboard: a decimal number
        ("de", [CAPS, (21,), (2,), (12,), CAPS], "Z1ß"),
        ("fr", [CAPS, (16,), (2,), (SHIFT, 2), CAPS], "A&1"),  # CapsLock leaves the digit row alone
        ("de", [(CTRL, ALTGR, 10), A], "\x1da"),  # Ctrl+] where ] is on AltGr
        ("de", [(CTRL, 27), A], "\x1da"),  # Ctrl+] by its place
        ("fr", [(CTRL, 9), (CTRL, 43)], "\x1f\x1c"),
    ],
)
def test_each_layout_has_its_own_levels(layout: Layout, chords: list[tuple[int, ...]], text: str) -> None:
    assert only(fed(Wedge("left", Profile(layout=layout)), pressed(*chords, ENTER))).text == text


@pytest.mark.parametrize(
    ("layout", "chords", "reason"),
    [
        ("de", [A, (41,), A], "unreadable"),  # a dead key over a letter
        ("de", [A, (41,), (41,)], "unreadable"),
        ("de", [A, (41,)], "unreadable"),
        ("de", [A, (41,), (CTRL, 27)], "unreadable"),
        ("de", [A, (ALTGR, SHIFT, 10)], "unreadable"),
        ("de", [A, (ALT, 10)], "control-character"),  # the left Alt is no AltGr
        ("de", [A, (ALT, ALTGR, 10)], "control-character"),
        ("us", [A, (ALTGR, 10)], "control-character"),
        ("de", [A, (83,)], "unreadable"),  # a comma on some keypads, a dot on others
        ("fr", [A, (SHIFT, 41)], "unreadable"),
        ("us", [A, (ALT,)], "unreadable"),  # an Alt number without digits
    ],
)
def test_half_a_character_or_none_voids_the_scan(layout: Layout, chords: list[tuple[int, ...]], reason: str) -> None:
    found = fed(Wedge("left", Profile(layout=layout)), [*pressed(*chords, ENTER), *pressed(A, ENTER, start=0.1)])
    assert [getattr(each, "reason", "ok") for each in found] == [reason, "ok"]
    assert found[0].text.removesuffix(NO_CHARACTER) == found[1].text


def test_alt_pressed_between_scans_is_no_scan() -> None:
    assert [each.text for each in fed(Wedge("left"), pressed((ALT,), ENTER, A, ENTER))] == ["a"]


def test_silence_ends_a_scan_where_no_terminator_is_sent() -> None:
    wedge = Wedge("left", Profile(terminator="none"))
    assert fed(wedge, pressed(A, B)) == []
    assert wedge.idle(0.1) is None
    scan = wedge.idle(0.5)
    assert isinstance(scan, Scan)
    assert (scan.text, scan.terminated) == ("ab", False)
    assert scan.ended == pytest.approx(0.003)
    assert [each.text for each in fed(wedge, [*pressed(A, start=1.0), *pressed(B, start=2.0)])] == ["a"]


@pytest.mark.parametrize(
    ("chords", "reason"),
    [
        ([A, ENTER], "control-character"),
        ([A, (keys.KEY_TAB,)], "control-character"),
        ([A, (ALT, KEYPAD["2"])], "control-character"),
        ([A, (keys.KEY_F8,)], "unreadable"),
    ],
)
def test_without_a_terminator_no_other_key_ends_a_scan(chords: list[tuple[int, ...]], reason: str) -> None:
    found = told(Wedge("left", Profile(terminator="none")), pressed(*chords, B))
    assert [getattr(each, "reason", "ok") for each in found] == [reason]


def test_a_key_held_down_into_silence_is_no_whole_scan() -> None:
    stream = pressed(A, (SHIFT, 48))[:-2]
    found = only(told(Wedge("left", Profile(terminator="none")), stream))
    assert (getattr(found, "reason", "ok"), found.text, found.terminated) == ("truncated", "aB", False)


def test_a_scan_carries_what_the_profile_promises() -> None:
    for profile, promised in [
        (Profile(), (True, False)),
        (Profile(aim=False, proved=True), (False, True)),
        (Profile(separator="none", proved=True), (True, False)),
    ]:
        for stream in (pressed(A, ENTER), pressed(A, (keys.KEY_ESC,), ENTER)):
            found = only(fed(Wedge("left", profile), stream))
            assert (found.aim, found.sends_separators) == promised
            assert (found.terminated, found.source) == (True, "scanner")


@pytest.mark.parametrize("wrong", [{"layout": "dvorak"}, {"separator": "f9"}, {"separator": "text:"}, {"gap": 2.0}])
def test_a_profile_that_is_no_way_of_typing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Profile)
    assert msgspec.convert(msgspec.to_builtins(Profile()), Profile) == Profile()


@given(scan_text, typings, st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_tape_plays_the_last_scan_again(text: str, typing: Typing, is_lost: bool) -> None:  # noqa: FBT001 -- drawn
    profile = profile_of(typing)
    wedge, again = Wedge("left", profile), Wedge("left", profile)
    stream = (lost if is_lost else keystrokes)(text, 0.0, typing=typing)
    told(wedge, keystrokes("before", -9.0, typing=typing))
    found = told(wedge, stream)
    assert wedge.tape
    assert set(wedge.tape) <= set(stream)
    assert told(again, wedge.tape) == found[-1:]


def test_a_tape_begins_after_the_line_feed_of_the_scan_before() -> None:
    wedge = Wedge("left")
    stream = [*pressed(A, ENTER, (keys.KEY_DOWN,)), *pressed(B, ENTER, start=0.02)]
    assert [each.text for each in fed(wedge, stream)] == ["a", "b"]
    assert [event.code for event in wedge.tape if event.value == DOWN] == [48, keys.KEY_ENTER]
    assert fed(wedge, pressed(A, start=1.0)) == []
    assert [event.code for event in wedge.tape if event.value == DOWN] == [keys.KEY_A]


def test_a_tape_is_never_longer_than_its_limit() -> None:
    wedge = Wedge("left")
    fed(wedge, [KeyEvent(time=0.0, type=EV_KEY, code=30, value=value) for value in (DOWN, UP)] * TAPE_MOST)
    assert len(wedge.tape) == TAPE_MOST


def test_the_line_feed_of_one_scan_is_no_pause_within_the_next() -> None:
    wedge = Wedge("left")
    found = fed(wedge, [*pressed(A, ENTER, (CTRL, 36)), *pressed(A, B, ENTER, start=0.25)])
    assert [(each.keys, each.started) for each in found] == [(1, 0.0), (2, 0.25)]
    assert found[1].longest_gap < 0.01


def test_a_scan_says_how_it_was_typed() -> None:
    scan = only(fed(Wedge("left"), keystrokes("aB", 5.0, gap=0.01)))
    assert isinstance(scan, Scan)
    assert (scan.device, scan.started, scan.keys) == ("left", 5.0, 3)
    assert scan.ended == pytest.approx(5.06)
    assert scan.longest_gap == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("chords", "text"),
    [
        ([(keys.KEY_RIGHTSHIFT, 30), B], "Ab"),
        ([(keys.KEY_CAPSLOCK,), A, (2,), (keys.KEY_LEFTSHIFT, 48), (keys.KEY_CAPSLOCK,), A], "A1ba"),
        ([(keys.KEY_NUMLOCK,), *[(code,) for code in KEYPAD.values()]], "".join(KEYPAD)),
        ([(55,), (74,), (78,), (98,), (83,)], "*-+/."),
        ([A, (CTRL, keys.KEY_RIGHTBRACE), B], "a\x1db"),
        ([A, (keys.KEY_RIGHTCTRL, keys.KEY_RIGHTBRACE), B], "a\x1db"),
        ([A, (CTRL, keys.KEY_LEFTSHIFT, keys.KEY_RIGHTBRACE), B], "a\x1db"),
        ([A, (CTRL, 7), (CTRL, 12), (CTRL, 43), (CTRL, 32), B], "a\x1e\x1f\x1c\x04b"),
    ],
)
def test_modifiers_act_by_their_own_coming_and_going(chords: list[tuple[int, ...]], text: str) -> None:
    assert only(fed(Wedge("left"), pressed(*chords, ENTER))).text == text


def alt(decimal: str) -> list[KeyEvent]:
    """Give the events of A, Alt + decimal number on the keypad, B, Enter."""
    down = KeyEvent(time=0.01, type=EV_KEY, code=ALT, value=DOWN)
    up = KeyEvent(time=0.03, type=EV_KEY, code=ALT, value=UP)
    digits = pressed(*[(KEYPAD[digit],) for digit in decimal], start=0.02)
    return [*pressed(A), down, *digits, up, *pressed(B, ENTER, start=0.04)]


@pytest.mark.parametrize(
    ("decimal", "text"), [("029", "a\x1db"), ("29", "a\x1db"), ("0029", "a\x1db"), ("65", "aAb"), ("233", "a\xe9b")]
)
def test_alt_and_a_decimal_number_is_the_character_of_that_number(decimal: str, text: str) -> None:
    found = only(fed(Wedge("left"), alt(decimal)))
    assert isinstance(found, Scan)
    assert found.text == text


@pytest.mark.parametrize(
    ("decimal", "reason"), [("256", "unreadable"), ("00029", "unreadable"), ("13", "control-character")]
)
def test_an_alt_number_that_is_no_character_of_a_code_voids_the_scan(decimal: str, reason: str) -> None:
    found = only(fed(Wedge("left"), alt(decimal)))
    assert isinstance(found, Garbled)
    assert found.reason == reason


def test_an_alt_number_cut_off_by_the_terminator_voids_the_scan() -> None:
    found = only(fed(Wedge("left"), pressed(A, (ALT, KEYPAD["2"], keys.KEY_ENTER))))
    assert isinstance(found, Garbled)
    assert (found.reason, found.text) == ("unreadable", "a")


@pytest.mark.parametrize(
    ("chord", "typed", "reason"),
    [
        ((CTRL, 46), "\x03", "control-character"),  # Ctrl+C
        ((CTRL, 50), "\r", "control-character"),  # Ctrl+M, a carriage return within the data
        ((CTRL, keys.KEY_ENTER + 60), NO_CHARACTER, "control-character"),  # a key that makes no control character
        ((ALT, 62), NO_CHARACTER, "control-character"),  # Alt+F4
        ((keys.KEY_LEFTMETA, 19), NO_CHARACTER, "control-character"),  # Meta+R
        ((keys.KEY_ESC,), "\x1b", "control-character"),
        ((keys.KEY_TAB,), "\t", "control-character"),
        ((keys.KEY_BACKSPACE,), "\b", "control-character"),
        ((keys.KEY_DELETE,), "\x7f", "control-character"),
        ((keys.KEY_F8,), NO_CHARACTER, "unreadable"),
        ((105,), NO_CHARACTER, "unreadable"),  # arrow left
        ((0x2FE,), NO_CHARACTER, "unreadable"),
    ],
)
def test_a_key_that_types_no_data_voids_the_scan_and_stands_in_its_evidence(
    chord: tuple[int, ...], typed: str, reason: str
) -> None:
    found = fed(Wedge("left"), [*pressed(A, chord, B, ENTER), *keystrokes("next", 1.0)])
    assert [type(each) for each in found] == [Garbled, Scan]
    assert isinstance(found[0], Garbled)
    assert (found[0].reason, found[0].text, found[1].text) == (reason, f"a{typed}b", "next")


def test_auto_repeat_types_nothing() -> None:
    stream = pressed(A, B, ENTER)
    stream[1:1] = [KeyEvent(time=0.0, type=EV_KEY, code=30, value=REPEAT)] * 3
    assert only(fed(Wedge("left"), stream)).text == "ab"


def test_f8_is_a_separator_where_the_profile_says_so() -> None:
    wedge = Wedge("left", Profile(separator="f8"))
    assert only(fed(wedge, pressed(A, (keys.KEY_F8,), B, ENTER))).text == "a\x1db"


def test_a_literal_stand_in_is_a_separator_where_the_profile_says_so() -> None:
    typed = keystrokes("10LOT|21S1", 0.0)
    assert only(fed(Wedge("left", Profile(separator="text:|")), typed)).text == "10LOT\x1d21S1"
    assert only(fed(Wedge("left"), typed)).text == "10LOT|21S1"


@pytest.mark.parametrize("terminator", [keys.KEY_ENTER, keys.KEY_KPENTER])
@pytest.mark.parametrize("line_feed", [(CTRL, 36), (keys.KEY_DOWN,), (keys.KEY_LINEFEED,)])
def test_the_line_feed_of_a_pair_is_swallowed(terminator: int, line_feed: tuple[int, ...]) -> None:
    wedge = Wedge("left")
    found = fed(wedge, [*pressed(A, (terminator,), line_feed), *pressed(B, (terminator,), start=0.02)])
    assert [scan.text for scan in found] == ["a", "b"]


def test_a_line_feed_on_its_own_is_no_part_of_a_scan() -> None:
    wedge = Wedge("left")
    found = fed(wedge, [*pressed(A, ENTER), *pressed((CTRL, 36), B, ENTER, start=0.2)])
    assert [getattr(each, "reason", "ok") for each in found] == ["ok", "control-character"]


def test_caps_lock_left_on_by_one_scan_does_not_turn_the_next() -> None:
    wedge = Wedge("left")
    found = fed(wedge, [*pressed((keys.KEY_CAPSLOCK,), A, ENTER), *pressed(A, ENTER, start=1.0)])
    assert [each.text for each in found] == ["A", "a"]


def test_tab_ends_a_scan_where_the_profile_says_so() -> None:
    wedge = Wedge("left", Profile(terminator="tab"))
    found = fed(wedge, pressed(A, (keys.KEY_TAB,), B, ENTER, (keys.KEY_TAB,)))
    assert [(type(each), each.text) for each in found] == [(Scan, "a"), (Garbled, "b\r")]


def test_enter_alone_is_no_scan() -> None:
    assert fed(Wedge("left"), pressed(ENTER, ENTER)) == []


def test_an_over_long_scan_is_void_to_its_terminator_and_keeps_its_beginning() -> None:
    wedge = Wedge("left", Profile(limit=5))
    found = fed(wedge, [*keystrokes("abcdefgh", 0.0), *keystrokes("abcde", 1.0)])
    assert [(getattr(each, "reason", "ok"), each.text) for each in found] == [("too-long", "abcde"), ("ok", "abcde")]


def told_of(found: Sequence[Scan | Garbled]) -> list[tuple[str, str]]:
    return [(getattr(each, "reason", "ok"), each.text) for each in found]


def test_silence_gives_up_an_unfinished_scan_and_the_next_one_after_a_long_quiet_is_whole() -> None:
    found = fed(Wedge("left"), [*pressed(A), *keystrokes("bcd", 1.0 + QUIET)])
    assert told_of(found) == [("truncated", "a"), ("ok", "bcd")]


@pytest.mark.parametrize(("head", "tail"), [("]C1003412", "B0042173"), ("]E0", "0999123456"), ("1234567", "12345670")])
def test_the_end_of_a_scan_that_stopped_on_its_way_is_no_scan_and_the_next_one_is(head: str, tail: str) -> None:
    for pause in (0.31, 1.0, QUIET - 0.1):
        broken = keystrokes(head, 0.0, typing=Typing(terminator="none"))
        rest = keystrokes(tail, broken[-1].time + pause)
        found = fed(Wedge("left"), [*broken, *rest, *keystrokes("next", rest[-1].time + 0.01)])
        assert told_of(found) == [("truncated", head), ("truncated", tail), ("ok", "next")]


def test_a_terminator_alone_ends_the_scan_that_stopped_before_it() -> None:
    found = fed(Wedge("left"), [*pressed(A), *pressed(ENTER, start=1.0), *keystrokes("next", 1.1)])
    assert told_of(found) == [("truncated", "a"), ("ok", "next")]


def test_after_lost_keys_and_silence_the_next_try_is_read() -> None:
    dropped = [KeyEvent(time=0.01, type=EV_SYN, code=code, value=0) for code in (SYN_DROPPED, SYN_REPORT)]
    found = fed(Wedge("left"), [*pressed(A), *dropped, *keystrokes("again", 1.0)])
    assert [(reason, text) for reason, text in told_of(found)][1:] == [("ok", "again")]
    assert told_of(found)[0][0] == "lost-input"


@given(st.lists(scan_text, min_size=1, max_size=3), typings, st.data())
@settings(max_examples=200, deadline=None)
def test_no_end_of_a_text_after_any_pause_short_of_a_long_quiet_is_ever_a_scan(
    texts: list[str], typing: Typing, data: st.DataObject
) -> None:
    assume(typing.terminator != "none" and all(stands_for_itself(text, typing) for text in texts))
    assume(typing.caps_lock == "no" or len(texts) == 1)  # whose CapsLock is it, between two scans?
    stream = [event for at, text in enumerate(texts) for event in keystrokes(text, at * 1.0, typing=typing)]
    downs_and_ups = [at for at, event in enumerate(stream) if event.type == EV_KEY and event.value != REPEAT]
    places = data.draw(st.lists(st.sampled_from(downs_and_ups), max_size=4, unique=True))
    for at in places:
        pause = data.draw(st.floats(0.0, QUIET - 0.5))
        stream[at:] = [msgspec.structs.replace(event, time=event.time + pause) for event in stream[at:]]
    remaining = iter(texts)
    scans = [each.text for each in told(Wedge("left", profile_of(typing)), stream) if isinstance(each, Scan)]
    assert all(text in remaining for text in scans)


def test_letters_after_a_capslock_and_a_pause_are_not_read_the_other_way_round() -> None:
    caps, *rest = pressed(CAPS)[:1], *pressed(A, CAPS, ENTER, start=1.0)
    assert told_of(fed(Wedge("left"), [*caps, *rest])) == [("truncated", ""), ("truncated", "a")]


def test_keys_that_are_down_where_reading_begins_are_known_to_be_down() -> None:
    wedge = Wedge("left")
    wedge.hold({SHIFT, keys.KEY_A})
    release = KeyEvent(time=0.01, type=EV_KEY, code=SHIFT, value=UP)
    assert [each.text for each in fed(wedge, [*pressed(A), release, *pressed(B, ENTER, start=0.02)])] == ["Ab"]


@pytest.mark.parametrize("gap", [0.002, 0.03, 0.05])
@pytest.mark.parametrize("terminator", ["enter ctrl-j", "enter down"])
def test_the_line_feed_of_a_slow_scanner_is_swallowed_within_the_gap_it_was_learnt_with(
    gap: float, terminator: Literal["enter ctrl-j", "enter down"]
) -> None:
    wedge = Wedge("left", Profile(gap=max(9 * gap, 0.3)))
    streams = [
        keystrokes(text, start, gap=gap, typing=Typing(terminator=terminator)) for text, start in (("a", 0), ("b", 9))
    ]
    assert [told_of(fed(wedge, stream)) for stream in streams] == [[("ok", "a")], [("ok", "b")]]
    assert wedge.idle(math.inf) is None


def test_the_evidence_of_a_refused_scan_is_all_of_it_up_to_the_limit() -> None:
    stream = pressed(A, (keys.KEY_ESC,), (105,), B, (CTRL, 27), A, B, B, ENTER)
    assert told_of(fed(Wedge("left", Profile(limit=6)), stream)) == [
        ("control-character", f"a\x1b{NO_CHARACTER}b\x1da")
    ]


@pytest.mark.parametrize("decimal", ["128", "0133", "155", "159"])
def test_a_c1_control_character_voids_the_scan(decimal: str) -> None:
    assert told_of(fed(Wedge("left"), alt(decimal))) == [("control-character", f"a{chr(int(decimal))}b")]


def test_a_refused_scan_keeps_what_is_known_of_how_it_came() -> None:
    scan = only(fed(Wedge("left", Profile(aim=False, proved=True)), keystrokes("ab", 5.0)))
    refused = scan.refused(Outcome.UNREADABLE)
    assert isinstance(refused, Garbled)
    assert msgspec.structs.asdict(refused) == {**msgspec.structs.asdict(scan), "reason": Outcome.UNREADABLE}
    assert refused.refused(Outcome.TOO_LONG).reason is Outcome.TOO_LONG


def test_silence_is_told_without_waiting_for_the_next_key() -> None:
    wedge = Wedge("left")
    fed(wedge, pressed(A))
    assert wedge.idle(0.2) is None
    given_up = wedge.idle(0.5)
    assert isinstance(given_up, Garbled)
    assert given_up.reason == Outcome.TRUNCATED
    assert wedge.idle(9.0) is None


@given(scan_text, scan_text, typings, typings, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_two_scanners_read_together_as_they_read_apart(
    first: str, second: str, one: Typing, other: Typing, chance: random.Random
) -> None:
    typed = {"left": keystrokes(first, 0.0, typing=one), "right": keystrokes(second, 0.0, typing=other)}
    profiles = {"left": profile_of(one), "right": profile_of(other)}
    wedges = {device: Wedge(device, profile) for device, profile in profiles.items()}
    turns = ["left"] * len(typed["left"]) + ["right"] * len(typed["right"])
    chance.shuffle(turns)
    waiting = {device: iter(stream) for device, stream in typed.items()}
    found = [scan for device in turns if (scan := wedges[device].feed(next(waiting[device])))]
    found += [scan for wedge in wedges.values() if (scan := wedge.idle(math.inf))]
    apart = [scan for device, stream in typed.items() for scan in told(Wedge(device, profiles[device]), stream)]
    assert sorted(found, key=str) == sorted(apart, key=str)


def cut(stream: list[KeyEvent], first: int, last: int) -> list[tuple[KeyEvent, frozenset[int]]]:
    """Lose the events from first to last as the kernel does; give each event and the keys then down."""
    newest = stream[last - 1]
    dropped = KeyEvent(time=newest.time, type=EV_SYN, code=SYN_DROPPED, value=0)
    told = [*stream[:first], dropped, newest, *stream[last:]]
    down: set[int] = set()
    held_at: list[frozenset[int]] = []
    for event in stream:
        if event.type == EV_KEY:
            (down.add if event.value == DOWN else down.discard)(event.code)
        held_at.append(frozenset(down))
    held = [*held_at[:first], frozenset(), held_at[last - 1], *held_at[last:]]
    return list(zip(told, held, strict=True))


@given(st.lists(scan_text, min_size=3, max_size=3), typings, st.sampled_from([0.01, 1.0]), st.data())
@settings(max_examples=200, deadline=None)
def test_lost_keys_never_make_a_wrong_scan(texts: list[str], typing: Typing, pause: float, data: st.DataObject) -> None:
    assume(all(stands_for_itself(text, typing) for text in texts))
    pause = 1.0 if typing.terminator == "none" else pause
    stream: list[KeyEvent] = []
    for text in texts:
        stream += keystrokes(text, stream[-1].time + pause if stream else 0.0, typing=typing)
    first = data.draw(st.integers(0, len(stream) - 1))
    last = data.draw(st.integers(first + 1, len(stream)))
    wedge = Wedge("left", profile_of(typing))
    found = [each for event, held in cut(stream, first, last) if (each := wedge.feed(event, held))]
    silence = wedge.idle(stream[-1].time + 1)
    found += [silence] if silence else []
    scans = [each.text for each in found if isinstance(each, Scan)]
    remaining = iter(texts)
    assert all(text in remaining for text in scans)
    assert any(isinstance(each, Garbled) and each.reason == Outcome.LOST_INPUT for each in found)


def test_silence_in_which_keys_were_lost_ends_no_scan() -> None:
    stream = [*pressed(A, B), *pressed(A, start=1.0)]
    told_of_loss = KeyEvent(time=1.0, type=EV_SYN, code=SYN_DROPPED, value=0)
    found = told(Wedge("left", Profile(terminator="none")), [*stream[:4], told_of_loss, *stream[8:]])
    assert [(getattr(each, "reason", "ok"), each.text) for each in found] == [("lost-input", "a")]


def test_a_scan_that_lost_its_middle_is_told_as_lost_input() -> None:
    found = fed(Wedge("left"), [*lost(GS1, 0.0), *keystrokes(GS1, 1.0)])
    assert [(getattr(each, "reason", "ok"), each.text == GS1) for each in found] == [
        ("lost-input", False),
        ("ok", True),
    ]


def test_lost_input_is_told_before_any_other_fault() -> None:
    dropped = KeyEvent(time=0.01, type=EV_SYN, code=SYN_DROPPED, value=0)
    found = fed(Wedge("left"), [*pressed((keys.KEY_ESC,)), dropped, *pressed(A, ENTER, start=0.02)])
    assert [getattr(each, "reason", "ok") for each in found] == ["lost-input"]


def test_a_loss_without_an_end_spoils_what_follows_however_late() -> None:
    dropped = KeyEvent(time=0.0, type=EV_SYN, code=SYN_DROPPED, value=0)
    found = fed(Wedge("left"), [dropped, *keystrokes("abc", 1.0), *keystrokes("abc", 2.0)])
    assert [getattr(each, "reason", "ok") for each in found] == ["lost-input", "lost-input", "ok"]


def test_keys_still_down_after_a_loss_are_known_to_be_down() -> None:
    wedge = Wedge("left")
    for code in (SYN_DROPPED, SYN_REPORT):
        wedge.feed(KeyEvent(time=0.0, type=EV_SYN, code=code, value=0), held={keys.KEY_LEFTSHIFT})
    found = fed(wedge, pressed(ENTER, A, ENTER))
    assert [each.text for each in found] == ["", "A"]


@given(st.lists(events, max_size=60), typings)
@settings(max_examples=150, deadline=None)
def test_no_events_whatever_make_it_raise(stream: list[KeyEvent], typing: Typing) -> None:
    wedge = Wedge("left", profile_of(typing))
    for event in stream:
        found = wedge.feed(event, held=(event.code,))
        assert found is None or len(found.text) <= wedge.profile.limit
        assert found is None or isinstance(found, Scan) or found.reason != Outcome.OK


@pytest.mark.parametrize("character", ["\x7f", "é", "\ud800", "٣"])
def test_the_simulated_scanner_says_what_it_cannot_type(character: str) -> None:
    with pytest.raises(ValueError, match=r"is on no key of a US keyboard"):
        keystrokes("ab" + character, 0.0)


def test_the_simulated_scanner_types_each_key_down_and_up_in_a_report_of_its_own() -> None:
    typed = keystrokes("A", 2.0, gap=0.5)
    assert [(event.time, event.code, event.value) for event in typed if event.type == EV_KEY] == [
        (2.0, keys.KEY_LEFTSHIFT, DOWN),
        (2.5, keys.KEY_A, DOWN),
        (3.0, keys.KEY_A, UP),
        (3.5, keys.KEY_LEFTSHIFT, UP),
        (4.0, keys.KEY_ENTER, DOWN),
        (4.5, keys.KEY_ENTER, UP),
    ]
    assert {(event.type, event.code) for event in typed[1::2]} == {(EV_SYN, SYN_REPORT)}


@pytest.mark.parametrize("hostile", sorted(set(map(chr, range(0x20))) - set("\x04\x1c\x1d\x1e\x1f")))
def test_every_other_control_character_in_a_code_voids_the_scan(hostile: str) -> None:
    found = only(fed(Wedge("left"), keystrokes(f"ab{hostile}{string.ascii_lowercase}", 0.0)))
    assert isinstance(found, Garbled)
    assert (found.reason, found.text) == (Outcome.CONTROL_CHARACTER, f"ab{hostile}{string.ascii_lowercase}")
