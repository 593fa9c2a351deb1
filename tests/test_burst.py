"""Scans that come through the keyboard: told from typing by their pace, on times that the tests give."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pretend import HYDROXYZINE, Pretend
from screens_reached import REACHED
from textual import events
from textual._xterm_parser import XTermParser
from textual.pilot import Pilot

from kiosk.screens.app import KioskApp
from kiosk.screens.burst import Burst, State, refused
from kiosk.screens.hand import DROPPED
from kiosk.screens.keyboard import Keyboard
from kiosk.screens.letters import large
from kiosk.screens.press import Press
from kiosk.screens.surface import Surface
from stations.bench.events import CodeKeyed, PinGiven, Pressed, Scanned
from stations.scanning.codes import from_visible, visible
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.ours import COMMANDS, command_code
from stations.scanning.outcome import Outcome

GAP, HAND, QUIET = 0.005, 0.12, 1.0
"""Seconds between two keys: of a scanner, of a person; and long enough for nothing to belong together."""
PATIENCE_S = 20.0
LATEST = 0.0501
"""Seconds after which a key typed by hand must have been given on."""


def presses(sent: str, start: float = 0.0, gap: float = GAP) -> list[Press]:
    """Give the presses that a terminal makes of what was sent."""
    found = [event for event in XTermParser().feed(sent) if isinstance(event, events.Key)]
    return [
        Press(key=key.key, character=key.character, at=start + number * gap)
        for number, key in enumerate(found, start=1)
    ]


def taken(*parts: Iterable[Press], burst: Burst | None = None) -> list[Press | Scan | Garbled]:
    """Feed everything, then silence."""
    burst = burst or Burst()
    given = [one for part in parts for press in part for one in burst.press(press)]
    return [*given, *burst.idle(1e6)]


def told(given: Iterable[Press | Scan | Garbled]) -> list[str]:
    """Say in short what was given: typed keys as they are, scans and refusals marked."""
    words: list[str] = []
    for one in given:
        match one:
            case Press():
                words.append(one.key)
            case Scan():
                words.append(f"scan {visible(one.text)}")
            case Garbled():
                words.append(f"{one.reason} {visible(one.text)}")
    return words


# A scanner ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0.0, 0.001, 0.016, 0.034])
@pytest.mark.parametrize("end", ["\r", "\t"])
@pytest.mark.parametrize(
    "text",
    ["B0042173", "]d2010030999123456317270228\x1d10LOT-7a/x\x1d21S 1", "[)>\x1e06\x1dX12345\x1e\x04", "a\x1cb\x1fcdef"],
)
def test_a_burst_that_ends_with_a_terminator_is_one_scan(text: str, end: str, gap: float) -> None:
    (scan,) = taken(presses(text + end, 5.0, gap))
    assert isinstance(scan, Scan)
    assert (scan.text, scan.device, scan.source, scan.keys) == (text, "keyboard", "keyboard", len(text))
    assert scan.longest_gap == pytest.approx(gap)
    assert (scan.started, scan.ended) == pytest.approx((5.0 + gap, 5.0 + gap * (len(text) + 1)))


def test_separators_are_read_where_the_terminal_names_keys_and_gives_no_character() -> None:
    sent = "01003099\x1b[93;5u10\x1b[54;6u\x1b[45;6u\x1b[92;5u\x1b[100;5u\r"
    assert told(taken(presses(sent))) == ["scan 01003099<GS>10" + visible("\x1e\x1f\x1c\x04")]


@pytest.mark.parametrize("word", COMMANDS)
def test_every_code_of_the_command_sheet_is_a_scan_however_short(word: str) -> None:
    code = command_code(word)
    assert told(taken(presses(code + "\r"))) == [f"scan {code}"]


def test_two_scans_right_after_each_other_are_two() -> None:
    assert told(taken(presses("B0042173\rL03A12Z\r", gap=0.0))) == ["scan B0042173", "scan L03A12Z"]


@pytest.mark.parametrize("end", ["\r\n", "\r\r", "\t\r", "\r\t\n"])
def test_what_a_scanner_sends_after_its_terminator_presses_nothing(end: str) -> None:
    assert told(taken(presses("B0042173" + end))) == ["scan B0042173"]


def test_an_enter_by_hand_after_a_scan_is_typed() -> None:
    assert told(taken(presses("B0042173\r"), presses("\r", 0.5))) == ["scan B0042173", "enter"]


# A hand ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["420173\r", "hello wörld\r", "B0042173\r", "y", "\t\x1b[20~\x11", "12\x7f3\x1b[A\r"])
def test_what_is_typed_by_hand_is_given_on_as_it_was_typed(sent: str) -> None:
    typed = presses(sent, gap=HAND)
    assert taken(typed) == typed


@pytest.mark.parametrize("sent", ["42", "th", "420", "42\r", "420\r", "ab\x7f", "12\x1b[A", "0\x1b[B\r"])
def test_a_fast_roll_of_a_few_keys_is_typed(sent: str) -> None:
    rolled = presses(sent, gap=0.02)
    assert taken(rolled) == rolled


@pytest.mark.parametrize("key", ["a", "0", "\x7f", "\x1b[B", "\x1b[20~", " "])
@pytest.mark.parametrize("times", [6, 15, 16, 200])
def test_a_key_held_down_is_typed_as_often_as_it_repeats(key: str, times: int) -> None:
    held = [*presses(key * times, gap=0.03), *presses("\r", 10.0)]
    assert taken(held) == held


def test_a_key_held_down_is_not_waited_for_until_it_is_let_go() -> None:
    burst = Burst()
    given = [len(burst.press(press)) for press in presses("a" * 40, gap=0.03)]
    assert given[16:] == [1] * 24


def test_keys_after_one_that_was_held_down_keep_their_order() -> None:
    held = presses("a" * 20 + "ba", gap=0.03)
    assert taken(held) == held


def test_a_scan_may_begin_with_a_key_that_was_held_down_before() -> None:
    sent = [*presses("a" * 20, gap=0.03), *presses("\r", 1.0), *presses("aB0042173\r", 2.0)]
    assert told(taken(sent))[-1] == "scan aB0042173"


def test_escape_is_told_late_by_terminals_and_holds_nothing_back() -> None:
    typed = [Press(key="escape", character="\x1b", at=0.1), *presses("x", 0.1, 0.001)]
    assert taken(typed) == typed


def test_alt_and_a_letter_is_no_character_of_a_scan() -> None:
    (alone,) = typed = [Press(key="alt+a", character="a", at=0.1)]
    assert taken(typed) == [alone]
    assert told(taken(typed, presses("b", 0.1))) == ["control-character b"]


def test_a_typed_key_is_given_on_at_once_when_it_can_be_no_scan() -> None:
    burst = Burst()
    (one, end) = presses("7\r", gap=HAND)
    assert burst.press(one) == ()
    assert one.at < (burst.until or 0.0) <= one.at + LATEST
    assert burst.idle(one.at + LATEST) == (one,)
    assert (burst.until, burst.press(end)) == (None, (end,))


# Neither --------------------------------------------------------------------------------------------------------------


def test_a_burst_without_its_terminator_is_refused_and_nothing_of_it_is_typed() -> None:
    burst = Burst()
    sent = presses("B0042173")
    assert taken(sent, burst=burst)[0].reason is Outcome.TRUNCATED  # type: ignore[union-attr] # the test of it


def test_the_rest_of_a_scan_that_broke_off_is_not_taken() -> None:
    late = 0.1
    sent = [*presses("B0042173"), *presses("12\r", late), *presses("\r", late + 0.01), *presses("7\r", 0.5, HAND)]
    assert told(taken(sent)) == ["truncated B0042173", "7", "enter"]


def test_a_long_rest_of_a_scan_that_broke_off_is_no_scan_of_its_own() -> None:
    rest = presses("0123456789" * 10 + "\r", 0.1)
    assert told(taken(presses("B0042173"), rest)) == ["truncated B0042173"]


def test_typing_goes_on_soon_after_a_scan_that_broke_off() -> None:
    sent = [*presses("B0042173"), *presses("420173\r", 0.1, HAND)]
    assert told(taken(sent)) == ["truncated B0042173", *"0173", "enter"]


def test_a_scan_whose_front_was_taken_for_typing_is_refused() -> None:
    sent = [*presses("]d2"), *presses("010030999123456\r", 0.1)]
    assert told(taken(sent)) == ["right_square_bracket", *"d2", "truncated 010030999123456"]


def test_a_scan_right_after_a_line_that_was_entered_by_hand_is_taken() -> None:
    assert told(taken(presses("42\r", gap=HAND), presses("B0042173\r", 0.4))) == ["4", "2", "enter", "scan B0042173"]


def test_a_code_without_end_is_refused_when_it_is_too_long() -> None:
    sent = presses("0123456789" * 500 + "\r", gap=0.001)
    assert [one.reason for one in taken(sent) if isinstance(one, Garbled)] == [Outcome.TOO_LONG]
    assert not [one for one in taken(sent) if isinstance(one, Press)]


@pytest.mark.parametrize(
    "sent",
    ["ABCDEF\x11GH\r", "\x19\r", "12\x1b[20~\r", "ABCDEF\x1b\x1b[20~\r", "\x19\x19\x0e", "ABCDEFG\x7f\r"],
)
def test_a_code_that_would_press_a_command_is_refused(sent: str) -> None:
    given = taken(presses(sent))
    assert [one.reason for one in given if isinstance(one, Garbled)] == [Outcome.CONTROL_CHARACTER]
    assert not [one for one in given if isinstance(one, Press)]


def test_a_refused_scan_keeps_what_was_read_as_evidence() -> None:
    (scan,) = taken(presses("B0042173\r"))
    assert isinstance(scan, Scan)
    assert refused(scan, Outcome.NOT_OURS) == Garbled(
        reason=Outcome.NOT_OURS,
        device="keyboard",
        text="B0042173",
        started=scan.started,
        ended=scan.ended,
        keys=8,
        longest_gap=scan.longest_gap,
        source="keyboard",
    )


# The laws, one row each -----------------------------------------------------------------------------------------------

GROUPS: list[tuple[str, list[tuple[str, float, float]], list[str]]] = [
    # Two keys and Enter at 15 ms, whatever the keys are.
    ("a short line at once", [("12\r", 0.0, 0.0)], ["scan 12"]),
    ("a short line at 15 ms", [("12345\r", 0.0, 0.0149)], ["scan 12345"]),
    ("one key at once", [("00000000\r", 0.0, 0.001)], ["scan 00000000"]),
    ("one key, the longest code", [("1" * 40 + "\r", 0.0, 0.001)], ["scan " + "1" * 40]),
    ("arrows and Enter", [("\x1b[B\x1b[B\r", 0.0, 0.001)], ["down", "down", "truncated "]),
    ("an arrow and a digit", [("\x1b[B7\r", 0.0, 0.001)], ["down", "truncated 7"]),
    ("corrected at once", [("12\x7f\r", 0.0, 0.001)], ["control-character 12"]),
    ("one key and Enter", [("7\r", 0.0, 0.001)], ["7", "enter"]),
    ("just slower", [("12345\r", 0.0, 0.016)], ["unreadable 12345"]),
    ("four at a scanner's pace", [("1234\r", 0.0, 0.035)], ["unreadable 1234"]),
    ("three at a scanner's pace", [("123\r", 0.0, 0.016)], [*"123", "enter"]),
    ("four, slower", [("1234\r", 0.0, 0.036)], [*"1234", "enter"]),
    (
        "the rest of a scan, later",
        [("L03A12B00", 0.0, 0.016), ("42\r", 0.6, 0.016)],
        ["truncated L03A12B00", "truncated 42"],
    ),
    # Four keys at 15 ms, six at 35 ms, eight at 50 ms.
    ("three at once", [("123", 0.0, 0.001)], [*"123"]),
    ("four at once", [("1234", 0.0, 0.001)], ["truncated 1234"]),
    ("four of one key at once", [("yyyy", 0.0, 0.001)], ["truncated yyyy"]),
    ("five at 35 ms", [("12345", 0.0, 0.034)], [*"12345"]),
    ("six at 35 ms", [("123456\r", 0.0, 0.034)], ["scan 123456"]),
    ("seven at 50 ms", [("1234567\r", 0.0, 0.049)], [*"1234567", "enter"]),
    ("eight at 50 ms", [("12345678\r", 0.0, 0.049)], ["scan 12345678"]),
    ("eight at 51 ms", [("12345678\r", 0.0, 0.051)], [*"12345678", "enter"]),
    ("a code at 36 ms", [("]C10100309991234563\r", 0.0, 0.036)], ["scan ]C10100309991234563"]),
    ("our own code at 50 ms", [("L03A12Z\r", 0.0, 0.049)], ["scan L03A12Z"]),
    # A key held down by a hand, and what only looks like it.
    ("held down", [("0" * 9, 0.0, 0.03), ("\r", 0.5, 0.0)], [*"0" * 9, "enter"]),
    ("held down, then the next key", [("0" * 9 + "12", 0.0, 0.03)], [*"0" * 9, *"12"]),
    ("held down, a few, and Enter", [("000\r", 0.0, 0.03)], [*"000", "enter"]),
    ("an arrow held down, and Enter", [("\x1b[B" * 9 + "\r", 0.0, 0.03)], ["down"] * 9 + ["enter"]),
    ("held down or scanned", [("0" * 9 + "\r", 0.0, 0.03)], ["unreadable 000000000"]),
    ("held down long or scanned", [("0" * 20 + "\r", 0.0, 0.03)], [*"0" * 20, "truncated "]),
    ("a zero that repeats behind another key", [("B0000000\r", 0.0, 0.03)], ["scan B0000000"]),
    # Commands.
    ("a command behind an arrow", [("\x1b[B\x1b[20~", 0.0, 0.001)], ["down", "control-character "]),
    ("a command and Enter", [("\x19\r", 0.0, 0.034)], ["control-character "]),
    ("a command a moment later", [("7\x1b[20~", 0.0, 0.036)], ["7", "f9"]),
    # Split in groups.
    ("split by 40 ms", [("y1234", 0.0, 0.001), ("5678\r", 0.045, 0.001)], ["scan y12345678"]),
    ("split by 100 ms", [("y1234", 0.0, 0.001), ("5678\r", 0.1, 0.001)], ["truncated y1234"]),
    ("a short front", [("y1", 0.0, 0.001), ("5678\r", 0.1, 0.001)], ["y", "1", "truncated 5678"]),
    ("a short rest", [("y1", 0.0, 0.001), ("56\r", 0.1, 0.001)], ["y", "1", "truncated 56"]),
    # After a scan that broke off.
    (
        "the tail after a pause is no scan",
        [("]C1003412", 0.0, 0.001), ("B0042173\r", 0.36, 0.001)],
        ["truncated ]C1003412", "truncated B0042173"],
    ),
    (
        "the one after the tail is a scan",
        [("]C1003412", 0.0, 0.001), ("B0042173\r", 0.36, 0.001), ("L03A12Z\r", 1.0, 0.001)],
        ["truncated ]C1003412", "truncated B0042173", "scan L03A12Z"],
    ),
    (
        "five seconds later it is a new scan",
        [("]C1003412", 0.0, 0.001), ("B0042173\r", 5.1, 0.001)],
        ["truncated ]C1003412", "scan B0042173"],
    ),
    (
        "its terminator alone",
        [("]C1003412", 0.0, 0.001), ("\r", 0.5, 0.0), ("\r", 1.0, 0.0)],
        ["truncated ]C1003412", "truncated ", "enter"],
    ),
    (
        "typing after it",
        [("]C1003412", 0.0, 0.001), ("7\r", 0.5, HAND)],
        ["truncated ]C1003412", "7", "enter"],
    ),
]


@pytest.mark.parametrize(("groups", "leads_to"), [row[1:] for row in GROUPS], ids=[row[0] for row in GROUPS])
def test_what_keys_at_a_pace_lead_to(groups: list[tuple[str, float, float]], leads_to: list[str]) -> None:
    assert told(taken(*(presses(sent, start, gap) for sent, start, gap in groups))) == leads_to


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        (State.QUIET, "\x1b"),
        (State.HELD, "a"),
        (State.PASSING, "\x1b[B"),
        (State.DROPPING, "0123456789"),
        (State.ENDED, "B0042173\r"),
    ],
)
def test_each_state_hears_silence_and_is_quiet_again(state: State, sent: str) -> None:
    burst = Burst(limit=8)
    for press in presses(sent):
        burst.press(press)
    assert burst.state is state
    burst.idle(QUIET)
    assert burst.state is State.QUIET


# Whatever comes -------------------------------------------------------------------------------------------------------

_KEYS = st.sampled_from([*"aaB0173] ", "\r", "\t", "\n", "\x1d", "\x11", "\x7f", "\x1b[A", "\x1b[20~"])
_PACES = st.sampled_from([0.0, 0.005, 0.014, 0.016, 0.034, 0.036, 0.049, 0.051, 0.1, 0.4, 5.1])


@st.composite
def anything(draw: st.DrawFn) -> list[Press]:
    at, found = 0.0, list[Press]()
    for key, pace in draw(st.lists(st.tuples(_KEYS, _PACES), max_size=60)):
        at += pace
        found += presses(key, at, 0.0)
    return found


@settings(max_examples=200)
@given(anything())
def test_keys_are_given_on_in_order_and_never_twice(sent: list[Press]) -> None:
    order = {id(press): place for place, press in enumerate(sent)}
    places = [order[id(one)] for one in taken(sent) if isinstance(one, Press)]
    assert places == sorted(set(places))


@settings(max_examples=200)
@given(anything(), st.floats(0, 0.3))
def test_when_silence_is_noticed_changes_nothing(sent: list[Press], late: float) -> None:
    def watched() -> Iterable[Press | Scan | Garbled]:
        burst = Burst()
        for before, press in zip([None, *sent], sent, strict=False):
            if before is not None and burst.until is not None and burst.until + late < press.at:
                yield from burst.idle(burst.until + late)
            yield from burst.press(press)
        yield from burst.idle(1e6)

    assert list(watched()) == taken(sent)


@settings(max_examples=100)
@given(st.lists(_KEYS, max_size=30), st.floats(0.051, 0.5))
def test_at_a_hands_pace_every_key_is_given_on(keys: list[str], pace: float) -> None:
    typed = presses("".join(keys), gap=pace)
    assert taken(typed) == typed


_CODES = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.just("\x1d"), min_size=6, max_size=80).filter(
    lambda text: len(text) - len(text.lstrip(text[0])) < 16
)


@settings(max_examples=150)
@given(_CODES, st.lists(st.floats(0, 0.034), min_size=81, max_size=81))
def test_at_a_scanners_pace_no_key_is_given_on(text: str, paces: list[float]) -> None:
    at, sent = 0.0, list[Press]()
    for character, pace in zip(f"{text}\r", paces, strict=False):
        at += pace
        sent += presses(character, at, 0.0)
    one_key = len(text) - len(text.lstrip(text[0]))
    (found,) = told(taken(sent))
    assert found == f"scan {visible(text)}" if len(text) - one_key > 4 else found.endswith(visible(text))


@settings(max_examples=100)
@given(st.lists(_KEYS.filter(lambda key: key not in "\t\r\n"), min_size=2, max_size=40), st.floats(0, 0.0149))
def test_at_the_sure_pace_no_line_is_entered_however_short(keys: list[str], pace: float) -> None:
    given_on = taken(presses("".join([*keys, "\r"]), gap=pace))
    assert not [one for one in given_on if isinstance(one, Press) and one.key == "enter"]


# On the screens -------------------------------------------------------------------------------------------------------

Playing = Pilot[None]


def played(
    station: Pretend,
    play: Callable[[KioskApp, Playing], Awaitable[None]],
    keyboard: Keyboard = Keyboard(),  # noqa: B008 - a frozen value
) -> None:
    async def run() -> None:
        app = KioskApp(station, demo=station.demo, keyboard=keyboard)
        async with app.run_test(size=(80, 24)) as pilot:
            await play(app, pilot)

    asyncio.run(run())


def text_of(app: KioskApp) -> str:
    shown = app.query_one("#work", Surface)
    return "\n".join(shown.render_line(y).text for y in range(shown.size.height))


def send(app: KioskApp, sent: str, gap: float = GAP) -> None:
    """Let the terminal send keys at this pace."""
    for press in presses(sent, time.monotonic(), gap):
        event = events.Key(press.key, press.character)
        event.time = press.at
        app.post_message(event)


async def until(pilot: Playing, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        await pilot.pause()


def test_a_scan_through_the_keyboard_is_posted_as_a_scan_and_types_nothing() -> None:
    station = Pretend().picking()
    code = from_visible(HYDROXYZINE)

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, f"{code}\r")
        await until(pilot, lambda: station.bench.screen() == "stop")
        await until(pilot, lambda: "Put it back" in text_of(app))

    station.posted.clear()
    played(station, play)
    (event,) = station.posted
    assert isinstance(event, Scanned)
    assert isinstance(event.scan, Scan)
    assert (event.scan.text, event.scan.source, event.scan.device, event.scan.aim) == (
        code,
        "keyboard",
        "keyboard",
        True,
    )


def test_a_pin_is_typed() -> None:
    station = Pretend().scan("B0042173")
    station.posted.clear()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "420173\r", HAND)
        await until(pilot, lambda: bool(station.posted))

    played(station, play)
    assert type(station.posted[0]) is PinGiven
    assert station.bench.screen() == "home"


@pytest.mark.parametrize("sent", ["420173\r", "420173", "17\r"])
@pytest.mark.parametrize("takes_scans", [True, False])
def test_a_pin_that_comes_at_once_keeps_the_prompt_and_says_how_to_type_it(sent: str, *, takes_scans: bool) -> None:
    station = Pretend().scan("B0042173")
    station.posted.clear()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "4")
        await until(pilot, lambda: "●  _" in text_of(app))
        send(app, sent)
        await until(pilot, lambda: "Type the PIN key by key" in text_of(app))
        assert "420173" not in text_of(app)
        assert "●  _" not in text_of(app)
        assert station.posted == []
        send(app, "420173\r", HAND)
        await until(pilot, lambda: bool(station.posted))

    played(station, play, Keyboard(takes_scans=takes_scans))
    assert type(station.posted[0]) is PinGiven


def test_of_digits_that_may_be_a_pin_before_it_is_asked_nothing_is_kept() -> None:
    station = Pretend()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "420173\r")
        await until(pilot, lambda: bool(station.posted))
        assert "420173" not in text_of(app)

    played(station, play)
    (event,) = station.posted
    assert isinstance(event, Scanned)
    assert isinstance(event.scan, Garbled)
    assert event.scan.text == ""


@pytest.mark.parametrize(("sent", "gap", "kind"), [("yyyynnn1\r", GAP, Scanned), ("y", HAND, Pressed)])
def test_an_open_question_is_answered_by_a_hand_and_by_no_letter_of_a_scan(sent: str, gap: float, kind: type) -> None:
    station = Pretend().picking().press("cancel")
    station.posted.clear()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, sent, gap)
        await until(pilot, lambda: bool(station.posted))

    played(station, play)
    assert [type(event) for event in station.posted] == [kind]


def test_typing_shows_within_a_blink_and_in_order() -> None:
    station = Pretend()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "B0042173\r", HAND)
        await until(pilot, lambda: bool(station.posted))

    played(station, play)
    assert isinstance(station.posted[0], CodeKeyed)
    assert station.posted[0].text == "B0042173"


def test_one_key_needs_no_other_to_be_shown() -> None:
    station = Pretend()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "B")
        await until(pilot, lambda: " B_ " in text_of(app))

    played(station, play)


def test_what_broke_off_is_told_and_what_its_front_typed_is_gone() -> None:
    station = Pretend().picking()
    station.posted.clear()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "]d2")
        await until(pilot, lambda: "]d2_" in text_of(app))
        send(app, "0100309991234")
        await until(pilot, lambda: bool(station.posted))
        await until(pilot, lambda: "broke off" in " ".join(text_of(app).split()))
        assert "]d2_" not in text_of(app)

    played(station, play)
    (event,) = station.posted
    assert isinstance(event, Scanned)
    assert isinstance(event.scan, Garbled)
    assert event.scan.reason is Outcome.TRUNCATED


def test_a_bench_that_takes_no_scans_from_its_keyboard_swallows_them_and_says_so() -> None:
    station = Pretend().picking()
    station.posted.clear()

    async def play(app: KioskApp, pilot: Playing) -> None:
        before = text_of(app)
        send(app, f"{from_visible(HYDROXYZINE)}\r")
        await until(pilot, lambda: bool(station.posted))
        assert station.bench.screen() == "task"
        await until(pilot, lambda: text_of(app) != before)
        assert "less safe" not in text_of(app)

    played(station, play, Keyboard(takes_scans=False))
    (event,) = station.posted
    assert isinstance(event, Scanned)
    assert isinstance(event.scan, Garbled)
    assert (event.scan.reason, event.scan.source) == (Outcome.NOT_OURS, "keyboard")


def test_a_paste_is_neither_typing_nor_a_scan() -> None:
    station = Pretend()

    async def play(app: KioskApp, pilot: Playing) -> None:
        app.post_message(events.Paste("B0042173\r"))
        send(app, "x")
        await until(pilot, lambda: " x_ " in text_of(app))

    played(station, play)
    assert station.posted == []


@pytest.mark.parametrize(
    ("keyboard", "shows", "shows_not"),
    [
        (Keyboard(), "● scanner", "less safe"),
        (Keyboard(has_scanner=lambda: False), "▲ keyboard scans (less safe)   ● printer", "● scanner"),
        (Keyboard(takes_scans=False, has_scanner=lambda: False), "▲ scanner: none is paired", "less safe"),
    ],
)
def test_the_foot_of_the_screen_says_how_scans_come(keyboard: Keyboard, shows: str, shows_not: str) -> None:
    async def play(app: KioskApp, _: Playing) -> None:
        assert shows in text_of(app)
        assert shows_not not in text_of(app)

    played(Pretend(), play, keyboard)


def test_the_foot_says_it_once_a_scan_came_through_the_keyboard() -> None:
    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "B0042173\r")
        await until(pilot, lambda: "▲ keyboard scans (less safe)   ● scanner   ● printer" in text_of(app))

    played(Pretend(), play)


@pytest.mark.parametrize("takes_scans", [True, False])
@pytest.mark.parametrize("sent", ["12345\r", "1234\r", "12\r", "11\r", "000000\r"])
def test_a_line_that_comes_at_once_is_no_count(sent: str, *, takes_scans: bool) -> None:
    station = REACHED["blind-count"]()
    station.posted.clear()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, sent, 0.001)
        await until(pilot, lambda: bool(station.posted))

    played(station, play, Keyboard(takes_scans=takes_scans))
    (event,) = station.posted
    assert isinstance(event, Scanned)
    assert isinstance(event.scan, Scan) == takes_scans
    assert station.bench.screen() == "task"


def _foot(app: KioskApp) -> str:
    return text_of(app).split("\n")[-2]


@pytest.mark.parametrize("why", ["paired", "late"])
def test_the_foot_forgets_keyboard_scans(why: str) -> None:
    station = Pretend()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "B0042173\r")
        await until(pilot, lambda: "keyboard scans" in _foot(app))
        if why == "paired":
            station.scan("B020101R")
        else:
            station.wait(minutes=11)
            station.press("yes")
        await until(pilot, lambda: "keyboard scans" not in _foot(app))

    played(station, play)


def test_what_is_half_typed_is_dropped_by_a_scan_and_said_so() -> None:
    station = REACHED["task-count"]()

    async def play(app: KioskApp, pilot: Playing) -> None:
        send(app, "3")
        await until(pilot, lambda: all(row in text_of(app) for row in large("3_")))
        station.scan("L04C021")
        await until(pilot, lambda: DROPPED in " ".join(text_of(app).split()))
        assert not all(row in text_of(app) for row in large("3_"))
        send(app, "37", HAND)
        await until(pilot, lambda: all(row in text_of(app) for row in large("37_")))
        assert DROPPED not in text_of(app)

    played(station, play)
