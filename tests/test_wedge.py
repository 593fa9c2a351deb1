"""Key events become whole scans or garbled ones, and nothing in between."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.scanning import keys
from stations.scanning.keys import DOWN, EV_KEY, EV_SYN, REPEAT, SYN_DROPPED, SYN_REPORT, UP, KeyEvent
from stations.scanning.outcome import Outcome
from stations.scanning.typist import keystrokes, lost
from stations.scanning.wedge import Garbled, Profile, Scan, Wedge

GS = "\x1d"
PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
GS1 = f"]d201003099912345631727020010LOT7A{GS}21S0001"
KEYPAD = {"7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82}

scan_text = st.text(PRINTABLE + GS, min_size=1, max_size=40)
events = st.builds(
    KeyEvent,
    time=st.floats(allow_nan=True),
    type=st.sampled_from([EV_SYN, EV_KEY, 4, 17]) | st.integers(-1, 0x1F),
    code=st.integers(0, 130) | st.integers(-(2**31), 2**31),
    value=st.integers(-1, 3),
)


def fed(wedge: Wedge, stream: tuple[KeyEvent, ...] | list[KeyEvent]) -> list[Scan | Garbled]:
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


def test_every_printable_character_keeps_its_case_and_itself() -> None:
    assert only(fed(Wedge("left"), keystrokes(PRINTABLE, 0.0))).text == PRINTABLE


def test_a_decoder_with_its_table_reversed_reads_nothing_right() -> None:
    table = keys.LAYOUT_US
    reversed_table = dict(zip(table, reversed(list(table.values())), strict=True))
    wedge = Wedge("left", Profile(layout=reversed_table))
    for start, text in enumerate([GS1, "B0042173", "0999-1234-56", "L03A12Z"]):
        assert text not in [scan.text for scan in fed(wedge, keystrokes(text, start * 10.0))]


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
    ("chord", "reason"),
    [
        ((CTRL, 46), "control-character"),  # Ctrl+C
        ((CTRL, 50), "control-character"),  # Ctrl+M, a carriage return within the data
        ((CTRL, keys.KEY_ENTER + 60), "control-character"),  # a key that makes no control character
        ((ALT, 62), "control-character"),  # Alt+F4
        ((keys.KEY_LEFTMETA, 19), "control-character"),  # Meta+R
        ((keys.KEY_ESC,), "control-character"),
        ((keys.KEY_TAB,), "control-character"),
        ((keys.KEY_BACKSPACE,), "control-character"),
        ((keys.KEY_F8,), "unreadable"),
        ((105,), "unreadable"),  # arrow left
        ((0x2FE,), "unreadable"),
    ],
)
def test_a_key_that_types_no_data_voids_the_scan(chord: tuple[int, ...], reason: str) -> None:
    found = fed(Wedge("left"), [*pressed(A, chord, B, ENTER), *keystrokes("next", 1.0)])
    assert [type(each) for each in found] == [Garbled, Scan]
    assert isinstance(found[0], Garbled)
    assert (found[0].reason, found[0].text, found[1].text) == (reason, "a", "next")


def test_auto_repeat_types_nothing() -> None:
    stream = pressed(A, B, ENTER)
    stream[1:1] = [KeyEvent(time=0.0, type=EV_KEY, code=30, value=REPEAT)] * 3
    assert only(fed(Wedge("left"), stream)).text == "ab"


def test_f8_is_a_separator_where_the_profile_says_so() -> None:
    wedge = Wedge("left", Profile(gs_key=keys.KEY_F8))
    assert only(fed(wedge, pressed(A, (keys.KEY_F8,), B, ENTER))).text == "a\x1db"


def test_a_literal_stand_in_is_a_separator_where_the_profile_says_so() -> None:
    typed = keystrokes("10LOT|21S1", 0.0)
    assert only(fed(Wedge("left", Profile(gs_literal="|")), typed)).text == "10LOT\x1d21S1"
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
    wedge = Wedge("left", Profile(terminators=frozenset({keys.KEY_TAB})))
    found = fed(wedge, pressed(A, (keys.KEY_TAB,), B, ENTER, (keys.KEY_TAB,)))
    assert [(type(each), each.text) for each in found] == [(Scan, "a"), (Garbled, "b")]


def test_enter_alone_is_no_scan() -> None:
    assert fed(Wedge("left"), pressed(ENTER, ENTER)) == []


def test_an_over_long_scan_is_void_to_its_terminator_and_keeps_its_beginning() -> None:
    wedge = Wedge("left", Profile(limit=5))
    found = fed(wedge, [*keystrokes("abcdefgh", 0.0), *keystrokes("abcde", 1.0)])
    assert [(getattr(each, "reason", "ok"), each.text) for each in found] == [("too-long", "abcde"), ("ok", "abcde")]


def test_silence_gives_up_an_unfinished_scan_and_the_next_one_is_whole() -> None:
    found = fed(Wedge("left"), [*pressed(A), *keystrokes("bcd", 1.0)])
    assert [(getattr(each, "reason", "ok"), each.text) for each in found] == [("truncated", "a"), ("ok", "bcd")]


def test_silence_is_told_without_waiting_for_the_next_key() -> None:
    wedge = Wedge("left")
    fed(wedge, pressed(A))
    assert wedge.idle(0.2) is None
    given_up = wedge.idle(0.5)
    assert given_up is not None
    assert given_up.reason == Outcome.TRUNCATED
    assert wedge.idle(9.0) is None


@given(scan_text, scan_text, st.data())
@settings(max_examples=40, deadline=None)
def test_two_scanners_read_together_as_they_read_apart(first: str, second: str, data: st.DataObject) -> None:
    left, right = list(keystrokes(first, 0.0)), list(keystrokes(second, 0.0))
    turns = data.draw(st.permutations([0] * len(left) + [1] * len(right)))
    wedges = (Wedge("left"), Wedge("right"))
    found = [scan for turn in turns if (scan := wedges[turn].feed((left, right)[turn].pop(0)))]
    assert {scan.device: scan.text for scan in found} == {"left": first, "right": second}


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


@given(st.lists(scan_text, min_size=3, max_size=3), st.sampled_from([0.01, 1.0]), st.data())
@settings(max_examples=150, deadline=None)
def test_lost_keys_never_make_a_wrong_scan(texts: list[str], pause: float, data: st.DataObject) -> None:
    stream: list[KeyEvent] = []
    for text in texts:
        stream += keystrokes(text, stream[-1].time + pause if stream else 0.0)
    first = data.draw(st.integers(0, len(stream) - 1))
    last = data.draw(st.integers(first + 1, len(stream)))
    wedge = Wedge("left")
    found = [each for event, held in cut(stream, first, last) if (each := wedge.feed(event, held))]
    silence = wedge.idle(stream[-1].time + 1)
    found += [silence] if silence else []
    scans = [each.text for each in found if isinstance(each, Scan)]
    remaining = iter(texts)
    assert all(text in remaining for text in scans)
    assert any(isinstance(each, Garbled) and each.reason == Outcome.LOST_INPUT for each in found)


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


@given(st.lists(events, max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_events_whatever_make_it_raise(stream: list[KeyEvent]) -> None:
    wedge = Wedge("left")
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
    assert (found.reason, found.text) == (Outcome.CONTROL_CHARACTER, "ab")
