"""The check card: every way of typing is learnt from it, nothing is proved by half, and a change is noticed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typings import GS, PRINTABLE, scan_text, stands_for_itself, typings

from stations.scanning import codes
from stations.scanning.decoding.card import (
    LISTENING,
    SYMBOLS,
    TEXTS,
    Learnt,
    drift,
    drift_of_text,
    learn,
    learn_texts,
    part_of,
)
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.line import Line
from stations.scanning.decoding.typist import Typing, keystrokes, lost
from stations.scanning.decoding.wedge import Garbled, Profile, Scan, Wedge
from stations.scanning.outcome import Outcome

Tapes = list[tuple[KeyEvent, ...]]
TODAY = dt.date(2026, 3, 10)
PARTS = list(TEXTS)
ORDINARY = ("]d201003099912345631727020010LOT7A\x1d21S0001", "]C0B0042173", "]Q1K00010A2", "0999-1234-56", "CCONFIRM9")


def unchanged(text: str) -> str:
    return text


def tapes(
    typing: Typing = Typing(),  # noqa: B008 -- a frozen value
    *,
    aim: bool = True,
    gap: float = 0.002,
    through: Callable[[str], str] = unchanged,
) -> Tapes:
    """The card scanned by one scanner: what each wedge kept of each of its codes."""
    wedge = Wedge("left", LISTENING)
    kept = []
    for at, (part, text) in enumerate(TEXTS.items()):
        read(wedge, keystrokes((SYMBOLS[part] if aim else "") + through(text), at * 1000.0, gap=gap, typing=typing))
        kept.append(wedge.tape)
    return kept


def read(wedge: Wedge, stream: Sequence[KeyEvent]) -> list[Scan | Garbled]:
    """What a wedge makes of a stream and the silence after it."""
    found = [scan for event in stream if (scan := wedge.feed(event)) is not None]
    silent = wedge.idle(stream[-1].time + 2.0)
    return found if silent is None else [*found, silent]


def profile_in(learnt: Learnt) -> Profile:
    assert learnt.profile is not None
    return learnt.profile


# What stands on the card --------------------------------------------------------------------------------------------


def test_the_card_has_five_codes_that_show_what_they_are_named_after() -> None:
    assert PARTS == ["terminator", "case", "characters", "datamatrix", "code128"]
    assert sorted(TEXTS["characters"]) == sorted(PRINTABLE)
    assert set("aqwzymAQWZYM") == set(TEXTS["case"])
    assert all(len(TEXTS[part]) <= 12 for part in ("terminator", "case"))
    assert re.fullmatch(f"91[^{GS}]+{GS}92[^{GS}]+", TEXTS["datamatrix"])
    assert re.fullmatch(f"93[^{GS}]+{GS}94[^{GS}]+", TEXTS["code128"])


def mistyped(text: str) -> Iterator[str]:
    """What a text may look like when its typing is taken for another."""
    for turned in (text, text.upper(), text.lower(), text.swapcase(), text.replace(GS, ""), text.replace(GS, "|")):
        for layout in ("us", "uk", "de", "fr"):
            for read_as in ("us", "uk", "de", "fr"):
                for caps in ("no", "data"):
                    stream = keystrokes(turned, 0.0, typing=Typing(layout=layout, caps_lock=caps))
                    wedge = Wedge("left", Profile(layout=read_as))
                    yield from (found.text for event in stream if (found := wedge.feed(event)) and found.text)


@pytest.mark.parametrize("part", PARTS)
def test_no_code_of_the_card_however_mistyped_names_anything_or_is_another_code_of_it(part: str) -> None:
    texts = set(mistyped(TEXTS[part]))
    assert TEXTS[part] in texts
    assert len(texts) > 4
    assert {part_of(text) for text in texts} <= {part, None}
    for text in texts:
        for symbol in ("", SYMBOLS[part]):
            assert codes.read(symbol + text, TODAY).outcome is not Outcome.OK


@given(scan_text, st.sampled_from(["", "]C0", "]d2", "]Q1", "]C1"]))
def test_only_the_texts_of_the_card_are_parts_of_it(text: str, symbol: str) -> None:
    assert part_of(symbol + text) == next((part for part, each in TEXTS.items() if each == text), None)


@pytest.mark.parametrize("part", PARTS)
def test_a_code_of_the_card_is_known_by_its_text_under_any_profile(part: str) -> None:
    stand_in = TEXTS[part].replace("|", GS)
    assert [part_of(symbol + TEXTS[part]) for symbol in ("", "]C0", "]d2", "]X9")] == [part] * 4
    assert part_of(stand_in) == part
    assert part_of(f"]{TEXTS[part]}") is None


# What is learnt -----------------------------------------------------------------------------------------------------


@given(typings, st.booleans(), st.lists(scan_text, min_size=1, max_size=4))
@settings(max_examples=120, deadline=None)
def test_every_way_of_typing_is_proved_by_the_whole_card_and_read_ever_after(
    typing: Typing,
    aim: bool,  # noqa: FBT001 -- drawn
    texts: list[str],
) -> None:
    assume(all(stands_for_itself(text, typing) for text in texts))
    learnt = learn(tapes(typing, aim=aim))
    profile = profile_in(learnt)
    assert (profile.proved, profile.aim, learnt.parts) == (True, aim, frozenset(TEXTS))
    assert profile.layout == ("us" if typing.alt_codes else typing.layout)
    wedge = Wedge("left", profile)
    for at, text in enumerate(texts):
        (scan,) = read(wedge, keystrokes(text, at * 9.0, typing=typing))
        assert (type(scan), scan.text, scan.sends_separators) == (Scan, text, True)


@given(typings, st.booleans(), st.sampled_from(PARTS))
@settings(max_examples=80, deadline=None)
def test_one_code_tells_what_it_shows_and_proves_nothing(typing: Typing, aim: bool, part: str) -> None:  # noqa: FBT001 -- drawn
    learnt = learn([tapes(typing, aim=aim)[PARTS.index(part)]])
    profile = profile_in(learnt)
    assert (profile.proved, profile.aim, learnt.parts) == (False, aim, frozenset({part}))
    assert profile.terminator == typing.terminator.split()[0]
    assert all(other in learnt.says for other in PARTS if other != part)
    text = TEXTS[part].partition(GS)[0]
    wedge = Wedge("left", profile)
    (scan,) = read(wedge, keystrokes(text, 0.0, typing=typing))
    assert scan.text in (text, text.replace("|", GS))


def test_the_order_of_the_codes_does_not_matter_nor_what_else_was_scanned() -> None:
    scanned = tapes(Typing(layout="de", separator="f8"))
    other = [keystrokes(text, 0.0, typing=Typing(layout="de", separator="f8")) for text in ORDINARY]
    assert profile_in(learn([*reversed(scanned), *other, scanned[0]])).proved


def test_the_ctrl_of_a_line_feed_is_no_way_of_typing_gs() -> None:
    typing = Typing(separator="alt", terminator="enter ctrl-j")
    typed = [keystrokes(SYMBOLS[part] + text, 0.0, typing=typing) for part, text in TEXTS.items()]
    assert profile_in(learn(typed)).separator == "alt"


def test_two_codes_on_one_tape_are_two_codes() -> None:
    first, second, *others = tapes(Typing(terminator="tab"))
    moved = tuple(KeyEvent(time=e.time - 999.5, type=e.type, code=e.code, value=e.value) for e in second)
    assert profile_in(learn([first + moved, *others])).proved


def test_nothing_of_the_card_gives_no_profile() -> None:
    for heard in ([], [()], [keystrokes(text, 0.0) for text in ORDINARY]):
        learnt = learn(heard)
        assert (learnt.profile, learnt.parts) == (None, frozenset())
        assert "kiosk print check-card" in learnt.says


@pytest.mark.parametrize(("gap", "learnt"), [(0.0005, 0.3), (0.03, 0.3), (0.06, 0.54), (0.3, 1.0)])
def test_the_gap_is_three_times_the_longest_pause_within_limits(gap: float, learnt: float) -> None:
    typed = tapes(Typing(layout="uk", alt_codes=True), gap=gap)
    assert 0 <= profile_in(learn(typed)).gap - learnt < 0.4 * learnt + 0.01
    assert 0.3 <= profile_in(learn(typed)).gap <= 1.0


def test_the_sentence_says_what_was_learnt() -> None:
    says = learn(tapes(Typing(layout="fr", separator="alt", terminator="tab"), aim=False)).says
    assert says == (
        "The whole check card was read: this scanner types on a FR keyboard, GS as Alt+029, ended by Tab, "
        "without symbology identifiers."
    )


# What does not fit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("through", "says"),
    [
        (str.upper, "upper case"),
        (str.lower, "lower case"),
        (str.swapcase, "switch CapsLock off"),
    ],
)
@pytest.mark.parametrize("layout", ["us", "de", "fr"])
def test_letters_that_do_not_arrive_as_they_are_give_no_profile(
    through: Callable[[str], str], says: str, layout: str
) -> None:
    typed = tapes(Typing(layout=layout), through=through)  # type: ignore[arg-type] # one of the layouts
    for heard in (typed, typed[1:2]):
        learnt = learn(heard)
        assert learnt.profile is None
        assert says in learnt.says


@pytest.mark.parametrize(
    ("through", "separator", "says"),
    [
        (lambda text: text.replace(GS, ""), "none", "leaves out GS"),
        (lambda text: text.replace(GS, "#"), "none", "arrives as '#', which may as well be data"),
        (lambda text: text.replace(GS, "Alt029"), "none", "arrives as 'Alt029', which may as well be data"),
        (lambda text: text.replace(GS, "-"), "none", "arrives as '-', which may as well be data"),
        (lambda text: text.replace(GS, "{|"), "none", "arrives as '{|', which may as well be data"),
        (lambda text: text.replace(GS, "~"), "text:~", "The whole check card was read"),
        (
            lambda text: text.replace(GS, "{GS}" if text.startswith("91") else GS),
            "ctrl",
            "in two ways, as '{GS}' and Ctrl+]",
        ),
        (lambda text: text.replace(GS, "" if text.startswith("91") else GS), "ctrl", "leaves out GS"),
        (lambda text: text.replace("m", ""), "ctrl", "'terminator' did not arrive whole, 7 characters of 8"),
        (lambda text: text.replace("^", ""), "ctrl", "'characters' did not arrive whole, 94 characters of 95"),
        (lambda text: text + "\t", "ctrl", "arrives with more than itself, as '\N{HORIZONTAL ELLIPSIS}\\t'"),
        (lambda text: text + "X", "ctrl", "arrives with more than itself, as '\N{HORIZONTAL ELLIPSIS}X'"),
    ],
)
def test_what_does_not_fit_is_told_and_not_proved(through: Callable[[str], str], separator: str, says: str) -> None:
    learnt = learn(tapes(through=through))
    assert says in learnt.says
    if learnt.parts:
        profile = profile_in(learnt)
        assert profile.separator == separator
        assert profile.proved == learnt.says.startswith("The whole")


def test_scans_that_end_in_two_ways_or_name_their_symbols_wrongly_prove_nothing() -> None:
    enter, tab, bare = tapes(), tapes(Typing(terminator="tab")), tapes(aim=False)
    plain = [*enter[:4], keystrokes("]C0" + TEXTS["code128"], 0.0)]
    for heard, says in [
        ([*enter[:4], tab[4]], "end with Enter and with Tab"),
        ([*enter[:4], bare[4]], "some do not"),
        (plain, "'code128' arrives as ]C0, expected ]C1"),
    ]:
        learnt = learn(heard)
        assert learnt.parts == frozenset(TEXTS)
        assert not profile_in(learnt).proved
        assert says in learnt.says


@given(typings, st.sampled_from(PARTS), st.booleans())
@settings(max_examples=60, deadline=None)
def test_lost_keys_prove_nothing(typing: Typing, part: str, again: bool) -> None:  # noqa: FBT001 -- drawn
    broken = tapes(typing)
    broken[PARTS.index(part)] = lost(SYMBOLS[part] + TEXTS[part], 0.0, typing=typing)
    learnt = learn([*broken, *(tapes(typing) if again else [])])
    assert not profile_in(learnt).proved
    assert "Keys were lost" in learnt.says
    assert drift(broken[PARTS.index(part)], Profile()) == ""


@given(typings, st.sampled_from(PARTS), st.data())
@settings(max_examples=60, deadline=None)
def test_a_missing_character_proves_nothing(typing: Typing, part: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TEXTS[part]) - 1))
    assume(TEXTS[part][at] != GS)
    heard = tapes(typing)
    short = TEXTS[part][:at] + TEXTS[part][at + 1 :]
    heard[PARTS.index(part)] = keystrokes(SYMBOLS[part] + short, 0.0, typing=typing)
    learnt = learn(heard)
    assert not profile_in(learnt).proved
    assert part not in learnt.parts
    assert part in learnt.says


@pytest.mark.parametrize("stand_in", ["-", "#", "0", "y#", "Alt029"])
def test_what_may_be_data_as_well_is_not_read_as_gs(stand_in: str) -> None:
    typing = Typing(separator=f"text:{stand_in}")
    profile = profile_in(learn(tapes(typing)[3:4]))
    (scan,) = read(Wedge("left", profile), keystrokes(f"]d20100309991234563{GS}10AB-17270228", 0.0, typing=typing))
    assert (scan.text, scan.sends_separators) == (f"]d20100309991234563{stand_in}10AB-17270228", False)
    assert [drift(tape, profile) for tape in tapes(typing)] == [""] * len(PARTS)


@pytest.mark.parametrize("gap", [0.002, 0.03, 0.1])
def test_a_slow_scanner_that_ends_with_cr_lf_is_proved_and_read_ever_after(gap: float) -> None:
    typing = Typing(terminator="enter ctrl-j")
    learnt = profile_in(learn(tapes(typing, gap=gap)))
    wedge = Wedge("left", learnt)
    stream = [event for start in (0, 9) for event in keystrokes("B0042173", start, gap=gap, typing=typing)]
    assert learnt.proved
    assert [(type(scan), scan.text) for scan in read(wedge, stream)] == [(Scan, "B0042173")] * 2


# What has changed ---------------------------------------------------------------------------------------------------


@given(typings, st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_scanner_that_types_as_it_was_learnt_has_not_changed(typing: Typing, aim: bool) -> None:  # noqa: FBT001 -- drawn
    typed = tapes(typing, aim=aim)
    profile = profile_in(learn(typed))
    assert [drift(tape, profile) for tape in typed] == [""] * len(typed)


CHANGES = [
    (Typing(layout="de"), True, ["it types on a DE keyboard, it was US"]),
    (Typing(separator="f8"), True, ["GS now arrives as F8, it was Ctrl+]"]),
    (Typing(separator="alt"), True, ["GS now arrives as Alt+029, it was Ctrl+]"]),
    (Typing(separator="none"), True, ["GS now arrives as nothing, it was Ctrl+]"]),
    (Typing(separator="text:#"), True, ["GS now arrives as '#', it was Ctrl+]"]),
    (Typing(terminator="tab"), True, ["scans now end with Tab, it was Enter"]),
    (Typing(terminator="none"), True, ["scans now end with silence, it was Enter"]),
    (Typing(), False, ["symbology identifiers no longer arrive"]),
    (Typing(layout="fr", separator="f8", terminator="tab"), False, ["FR keyboard", "F8", "Tab", "no longer"]),
]


@pytest.mark.parametrize(("typing", "aim", "says"), CHANGES)
def test_a_scanner_that_types_in_another_way_is_told(typing: Typing, aim: bool, says: list[str]) -> None:  # noqa: FBT001 -- a column
    told = drift(tapes(typing, aim=aim)[PARTS.index("datamatrix")], Profile())
    assert told.startswith("This scanner has changed since it was paired: ")
    assert told.endswith(". Set it back, or pair it again.")
    assert all(part in told for part in says)
    back = drift(tapes()[PARTS.index("datamatrix")], profile_in(learn(tapes(typing, aim=aim))))
    assert back.startswith("This scanner has changed")


@given(typings, st.booleans(), st.sampled_from(PARTS), typings, st.booleans())
@settings(max_examples=120, deadline=None)
def test_a_change_is_told_for_what_a_code_shows(
    typing: Typing,
    aim: bool,  # noqa: FBT001 -- drawn
    part: str,
    before: Typing,
    had_aim: bool,  # noqa: FBT001 -- drawn
) -> None:
    profile = profile_in(learn(tapes(before, aim=had_aim)))
    shown = profile_in(learn([tapes(typing, aim=aim)[PARTS.index(part)]]))
    told = drift(tapes(typing, aim=aim)[PARTS.index(part)], profile)
    assert ("symbology identifiers" in told) == (aim != had_aim)
    assert ("scans now end" in told) == (shown.terminator != profile.terminator)
    if shown.layout == profile.layout:  # on another keyboard the same key stands for GS under another name
        assert ("GS now" in told) == (GS in TEXTS[part] and shown.separator != profile.separator)
    if "keyboard" in told:
        assert shown.layout != profile.layout


PROVED = Profile(proved=True)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ("]d1" + TEXTS["datamatrix"], "the code 'datamatrix' arrives as ]d1, expected ]d2"),
        ("]C0" + TEXTS["code128"], "the code 'code128' arrives as ]C0, expected ]C1"),
        ("]C0Zawmy#07X", "'terminator' arrives with more than itself, as '\N{HORIZONTAL ELLIPSIS}X'"),
        ("X]C0Zawmy#07", "'terminator' arrives with more than itself, as 'X]C0\N{HORIZONTAL ELLIPSIS}'"),
        ("X]C1" + TEXTS["code128"] + "suffix", "'code128' arrives with more than itself"),
        ("]C0Zawmy07", "'terminator' did not arrive whole, 7 characters of 8"),
        ("]C0Zawmy", "'terminator' did not arrive whole, 5 characters of 8"),
    ],
)
def test_a_wrong_identifier_and_more_or_less_than_a_code_are_told(sent: str, says: str) -> None:
    assert says in drift(keystrokes(sent, 0.0), PROVED)
    (scan,) = lines([sent], profile=PROVED)
    assert says in drift_of_text(scan, PROVED)


def test_a_wrong_identifier_that_was_there_when_it_was_learnt_is_no_change() -> None:
    tape = keystrokes("]C0" + TEXTS["code128"], 0.0)
    assert drift(tape, profile_in(learn([tape]))) == ""
    for symbol in ("]C1", "]Q3", "]Q1", "]X9"):
        told = drift(keystrokes(symbol + TEXTS["characters"], 0.0), PROVED)
        assert (told == "") == symbol.startswith("]Q")


@given(typings, st.sampled_from(PARTS), st.booleans(), st.data())
@settings(max_examples=120, deadline=None)
def test_a_character_that_no_longer_arrives_is_told(typing: Typing, part: str, aim: bool, data: st.DataObject) -> None:  # noqa: FBT001 -- drawn
    at = data.draw(st.integers(0, len(TEXTS[part]) - 1))
    assume(TEXTS[part][at] != GS)
    short = (SYMBOLS[part] if aim else "") + TEXTS[part][:at] + TEXTS[part][at + 1 :]
    assert "did not arrive whole" in drift(
        keystrokes(short, 0.0, typing=typing), profile_in(learn(tapes(typing, aim=aim)))
    )


@pytest.mark.parametrize("through", [str.upper, str.swapcase])
def test_letters_that_no_longer_arrive_as_they_are_are_told(through: Callable[[str], str]) -> None:
    assert "letters" in drift(tapes(through=through)[1], Profile()).lower()


@given(scan_text | st.sampled_from(ORDINARY), typings, typings, st.sampled_from(["", "]C0", "]d2", "]C1", "]Q1"]))
@settings(max_examples=150, deadline=None)
def test_an_ordinary_scan_tells_of_no_change(text: str, typing: Typing, other: Typing, symbol: str) -> None:
    assume(part_of(text) is None)
    profile = profile_in(learn(tapes(other)[3:]))
    assert drift(keystrokes(symbol + text, 0.0, typing=typing), profile) == ""


# Over a serial line -------------------------------------------------------------------------------------------------


def lines(
    texts: Sequence[str], ending: str = "\r", profile: Profile = LISTENING, apart: float = 2.0
) -> list[Scan | Garbled]:
    """What a line makes of texts that a scanner sends one after the other."""
    line = Line("left", profile)
    found: list[Scan | Garbled | None] = []
    for at, text in enumerate(texts):
        found += [*line.feed((text + ending).encode(), at * apart), line.idle(at * apart + 1.5)]
    return [each for each in found if each is not None]


def whole_card(through: Callable[[str], str] = unchanged) -> list[str]:
    return [SYMBOLS[part] + through(text) for part, text in TEXTS.items()]


ENDINGS = [("\r", "enter"), ("\n", "enter"), ("\r\n", "enter"), ("\t", "tab"), ("", "none")]


@pytest.mark.parametrize(("ending", "terminator"), ENDINGS)
@pytest.mark.parametrize("stand_in", [GS, "|", "{GS}"])
@pytest.mark.parametrize("aim", [True, False])
def test_every_way_of_sending_is_proved_by_the_whole_card_and_has_not_changed(
    ending: str,
    terminator: str,
    stand_in: str,
    aim: bool,  # noqa: FBT001 -- a column
) -> None:
    sent = [(text if aim else text[3:]).replace(GS, stand_in) for text in whole_card()]
    learnt = learn_texts(lines(sent, ending))
    profile = profile_in(learnt)
    separator = "ctrl" if stand_in == GS else f"text:{stand_in}"
    assert (profile.proved, profile.terminator, profile.separator, profile.aim) == (True, terminator, separator, aim)
    assert learnt.parts == frozenset(TEXTS)
    again = lines(sent, ending, profile)
    assert [part_of(scan.text) for scan in again if isinstance(scan, Scan)] == PARTS
    assert [drift_of_text(scan, profile) for scan in again] == [""] * len(PARTS)
    (one,) = lines(sent[3:4], ending)
    assert not profile_in(learn_texts([one])).proved


def test_the_sentence_says_what_was_learnt_of_a_line() -> None:
    assert learn_texts(lines(whole_card(), "\t")).says == (
        "The whole check card was read: this scanner sends over a serial line, GS as itself, ended by Tab, "
        "with symbology identifiers."
    )
    assert learn_texts(lines(whole_card()[:1])).says == (
        "So far this scanner sends over a serial line, ended by Enter, with symbology identifiers; "
        "still to scan: case, characters, datamatrix, code128."
    )


@pytest.mark.parametrize(
    ("sent", "separator", "says"),
    [
        (whole_card(lambda text: text.replace(GS, "")), "none", "leaves out GS"),
        (whole_card(lambda text: text.replace(GS, "-")), "none", "'-', which may as well be data"),
        (whole_card(lambda text: text.replace(GS, "0")), "none", "'0', which may as well be data"),
        (whole_card(lambda text: text.replace(GS, "#")), "none", "'#', which may as well be data"),
        (["]X9" + text for text in TEXTS.values()], "ctrl", "'terminator' arrives as ]X9, expected ]C0"),
        ([*whole_card()[:4], "]C0" + TEXTS["code128"]], "ctrl", "'code128' arrives as ]C0, expected ]C1"),
        ([*whole_card()[:4], TEXTS["code128"]], "ctrl", "some do not"),
        ([*whole_card()[:4], whole_card()[4] + "X"], "ctrl", "arrives with more than itself"),
        ([*whole_card()[:4], whole_card()[4] + "\t"], "ctrl", "arrives with more than itself"),
        ([*whole_card(), "]C0Zawmy07"], "ctrl", "did not arrive whole"),
        (whole_card(lambda text: text.replace(GS, "|" if text.startswith("91") else GS)), "ctrl", "'|' and itself"),
    ],
)
def test_what_does_not_fit_on_a_line_is_told_and_not_proved(sent: list[str], separator: str, says: str) -> None:
    learnt = learn_texts(lines(sent))
    profile = profile_in(learnt)
    assert says in learnt.says
    assert (profile.proved, profile.separator) == (False, separator)


def test_lines_that_end_in_two_ways_or_began_unheard_prove_nothing() -> None:
    enter, tab = lines(whole_card()), lines(whole_card(), "\t")
    assert "end with Enter and with Tab" in learn_texts([*enter[:4], tab[4]]).says
    unheard = enter[0].refused(Outcome.LOST_INPUT)
    for heard, is_read in (([unheard], False), ([unheard, *enter], True)):
        learnt = learn_texts(heard)
        assert "beginning of a scan may be missing" in learnt.says
        assert (learnt.profile is not None) == is_read
        assert learnt.profile is None or not learnt.profile.proved
    assert drift_of_text(unheard, Profile(terminator="tab")) == ""


def test_nothing_of_the_card_or_letters_otherwise_give_no_profile_of_a_line() -> None:
    assert "kiosk print check-card" in learn_texts(lines(ORDINARY)).says
    for heard in ([], lines(ORDINARY), lines(whole_card(str.upper)), lines(whole_card(str.swapcase))):
        assert learn_texts(heard).profile is None


@pytest.mark.parametrize(("ending", "terminator"), ENDINGS)
@pytest.mark.parametrize(("_", "was"), ENDINGS)
def test_a_line_that_ends_its_scans_in_another_way_is_told(_: str, was: str, ending: str, terminator: str) -> None:
    profile = profile_in(learn_texts(lines(whole_card(), {"enter": "\r", "tab": "\t", "none": ""}[was])))
    (scan,) = lines(whole_card()[3:4], ending, profile)
    assert ("scans now end with" in drift_of_text(scan, profile)) == (terminator != was)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (TEXTS["datamatrix"], "symbology identifiers no longer arrive"),
        (whole_card()[3].replace(GS, ""), "GS now arrives as nothing, it was itself"),
        (whole_card()[3].replace(GS, "#"), "GS now arrives as '#', it was itself"),
        ("]C0" + TEXTS["case"].upper(), "upper case"),
    ],
)
def test_a_line_that_sends_in_another_way_is_told(sent: str, says: str) -> None:
    (scan,) = lines([sent], profile=PROVED)
    assert says in drift_of_text(scan, PROVED)


@given(scan_text | st.sampled_from(ORDINARY), st.sampled_from(["", "]C0", "]d2", "]C1", "]Q1"]))
@settings(max_examples=100)
def test_an_ordinary_text_tells_of_no_change(text: str, symbol: str) -> None:
    assume(part_of(text) is None)
    assert [drift_of_text(scan, PROVED) for scan in lines([symbol + text], profile=PROVED)] == [""]


class Counted(list[KeyEvent]):
    """A tape that counts how many of its events are looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[KeyEvent]:
        for event in super().__iter__():
            self.looked_at += 1
            yield event


@pytest.mark.parametrize("typing", [Typing(scan_codes=True, repeats=True), Typing(scan_codes=True, alt_codes=True)])
def test_of_an_ordinary_scan_only_the_first_keys_are_looked_at(typing: Typing) -> None:
    for symbol in ("", "]d2", "]C1"):
        tape = Counted(keystrokes(symbol + "01003099912345631727020010LOT7A" * 2, 0.0, typing=typing))
        assert drift(tape, Profile()) == ""
        assert 0 < tape.looked_at < 450 < len(tape)


@given(
    st.lists(
        st.builds(
            KeyEvent, time=st.floats(0, 9), type=st.integers(0, 4), code=st.integers(0, 130), value=st.integers(-1, 3)
        ),
        max_size=60,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_tape_whatever_makes_it_raise(tape: list[KeyEvent]) -> None:
    assert learn([tape]).profile is None
    assert drift(tape, Profile()) == ""
