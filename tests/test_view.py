"""What is on the screen: the view of every screen a person can reach, and what keys and clicks mean on it."""

import datetime as dt
import errno
import re
import unicodedata
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pictures import SNAPSHOTS, snapshots
from pretend import HYDRALAZINE, HYDROXYZINE, START, Pretend
from rich.cells import cell_len
from screens_reached import CHANGED, GONE, REACHED, painted, seen

from kiosk.scanners.paired import Paired, find
from kiosk.scanners.trust import Trust
from kiosk.screens import sound, themes
from kiosk.screens.asking import Wants
from kiosk.screens.frame import paint
from kiosk.screens.hand import DROPPED, Hand
from kiosk.screens.letters import large
from kiosk.screens.lights import How, Light, troubled
from kiosk.screens.lines import PLAIN, Ink, shown, wrapped
from kiosk.screens.steps import Mark, StepLine
from kiosk.screens.view import view
from stations.bench.kept import Kept, ListTaken, apply
from stations.bench.state import Printer, Trouble
from stations.scanning.devices.listing import Found
from stations.scanning.devices.trouble import CAPS_LOCK, trouble_of
from stations.work.verdict import Word

REACHED_VIEWS = {
    "signed-out": ("signed-out", Wants.BADGE, "Scan your badge"),
    "pin": ("signed-out", Wants.PIN, "AT: your PIN"),
    "wrong-pin": ("signed-out", Wants.PIN, "AT: your PIN"),
    "duty": ("signed-out", Wants.CHOICE, "P1: on duty?"),
    "home": ("home", Wants.HOME, "What should I do now?"),
    "home-empty": ("home", Wants.HOME, "What should I do now?"),
    "locked": ("locked", Wants.BADGE, "Locked by AT"),
    "task-shelf": ("task", Wants.CODE, "Go to the shelf and scan its label"),
    "task-package": ("task", Wants.CODE, "Scan every package"),
    "task-pass": ("task", Wants.CODE, "Scan every package"),
    "task-count": ("task", Wants.NUMBER, "Count what is left on the shelf"),
    "task-recount": ("task", Wants.NUMBER, "Count what is left on the shelf"),
    "task-expired": ("task", Wants.CODE, "Scan every package"),
    "task-key-again": ("task", Wants.CODE, "Key it once more"),
    "task-lot": ("task", Wants.TEXT, "Enter the lot"),
    "task-which": ("task", Wants.CHOICE, "Which one is on the package?"),
    "task-cancel": ("task", Wants.NOTHING, "Give Refill pick up?"),
    "task-interrupted": ("task", Wants.CODE, "The station was interrupted at: Scan every package."),
    "task-pharmacist": ("task", Wants.BADGE, "Call the pharmacist to check the tote"),
    "task-decision": ("task", Wants.DECISION, "P1: approve or reject?"),
    "task-print": ("task", Wants.LABEL, "Put the seal on the tote and scan it"),
    "task-no-paper": ("task", Wants.LABEL, "Put the seal on the tote and scan it"),
    "task-in-doubt": ("task", Wants.LABEL, "Put the seal on the tote and scan it"),
    "task-reprint-why": ("task", Wants.WHY, "AT: why do you print again?"),
    "task-reprinted": ("task", Wants.LABEL, "Put the seal on the tote and scan it"),
    "home-in-doubt": ("home", Wants.HOME, "What should I do now?"),
    "home-reprint-why": ("home", Wants.WHY, "AT: why do you print again?"),
    "home-give-up": ("home", Wants.NOTHING, "Give this label up?"),
    "signed-out-no-paper": ("signed-out", Wants.BADGE, "Scan your badge"),
    "signed-out-paper-low": ("signed-out", Wants.BADGE, "Scan your badge"),
    "blind-count": ("task", Wants.NUMBER, "Count every unit"),
    "blind-recount": ("task", Wants.BADGE, "Another person counts again"),
    "stop": ("stop", Wants.NOTHING, "Put it back"),
    "hold": ("hold", Wants.BADGE, "A pharmacist must decide"),
    "hold-decision": ("hold", Wants.DECISION, "P1: approve or reject?"),
    "hold-why": ("hold", Wants.WHY, "P1: why do you approve?"),
    "out-of-order": ("out-of-order", Wants.NOTHING, "Out of order"),
    "signed-out-troubles": ("signed-out", Wants.BADGE, "Scan your badge"),
    "task-troubles": ("task", Wants.CODE, "Scan every package"),
    "task-expired-card": ("task", Wants.CODE, "Scan every package"),
}


AFTER_A_WHILE = ("signed-out", "signed-out-no-paper", "signed-out-paper-low")


# What is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REACHED)
def test_each_screen_asks_one_thing_and_says_how_to_answer(name: str) -> None:
    found = seen(name)
    screen, wants, prompt = REACHED_VIEWS[name]
    assert (found.screen, found.ask.wants) == (screen, wants)
    assert found.ask.prompt.startswith(prompt)
    assert found.ask.hint or found.ask.yes_no
    assert found.place == "Bench 3 · Central Pharmacy"
    assert found.clock == "Tue 10 Mar 2026  08:14" if name in AFTER_A_WHILE else found.clock.endswith("08:00")
    assert found.help


def test_the_thing_expected_stands_with_all_its_letters() -> None:
    ask = seen("task-pass").ask
    assert ask.item == "hydrALAZINE 25 mg tablet"
    assert "any lot" in ask.details
    assert "not before 2026-04-09" in ask.details
    assert (ask.done, ask.wanted) == (2, 3)
    assert "hydrALAZINE 25 mg tablet" in painted(seen("task-pass"))


def test_the_shelf_is_named_as_people_say_it() -> None:
    assert seen("task-shelf").ask.item == "03-A-12"


def test_the_steps_say_what_is_done_and_what_is_asked() -> None:
    steps = seen("task-pass").steps
    assert [(step.label, step.value, str(step.mark)) for step in steps] == [
        ("list", "P00127X", "done"),
        ("line 1 of 3", "", "now"),
        ("shelf", "03-A-12", "done"),
        ("package", "2", "now"),
        ("left", "", "to do"),
        ("lines 2 to 3", "", "to do"),
        ("tote", "", "to do"),
        ("pharmacist", "", "to do"),
        ("seal", "", "to do"),
    ]


def test_lines_that_are_done_share_a_line() -> None:
    labels = [step.label for step in seen("task-pharmacist").steps if step.mark is Mark.DONE]
    assert labels == ["list", "lines 1 to 3", "tote"]


def test_a_long_list_of_steps_shows_the_present_one() -> None:
    steps = tuple(StepLine(label=f"step number {n}", mark=Mark.NOW if n == 70 else Mark.TO_DO) for n in range(90))
    text = painted(replace(seen("task-pass"), steps=steps))
    assert "▶ step number 70" in text
    assert "step number 3 " not in text


def test_a_wrong_drug_sets_what_was_asked_beside_what_was_scanned() -> None:
    told = seen("stop").verdict
    assert told is not None
    assert (told.word, told.reasons, told.shape) == (Word.STOP, ("wrong item",), "■■")
    assert (told.asked, told.scanned) == ("hydrALAZINE 25 mg tablet", "hydrOXYzine 25 mg tablet")
    assert told.scanned_details == "NDC 000999-1235-56   lot LOT7C   expires 2027-02-28   serial S0301"


def test_each_verdict_has_its_own_word_shape_colour_and_sound() -> None:
    told = [seen(name).verdict for name in ("task-pass", "hold", "stop")]
    words = [one.word for one in told if one is not None]
    assert words == [Word.PASS, Word.HOLD, Word.STOP]
    assert len({one.shape for one in told if one is not None}) == 3
    assert len({one.plain_shape for one in told if one is not None}) == 3
    for theme in (themes.LIGHT, themes.DARK, themes.PLAIN):
        inks = [theme.inks[ink] for ink in (Ink.PASS, Ink.HOLD, Ink.STOP)]
        assert len({(ink.letters, ink.ground) for ink in inks}) == 3
    for is_console in (False, True):
        assert len({sound.rings(sound.tones(word), is_console=is_console) for word in words}) == 3


def test_a_hold_gives_the_pharmacist_what_to_compare() -> None:
    ask = seen("hold-decision").ask
    assert ("asked", "hydrALAZINE 25 mg tablet") in ask.compare
    assert ("scanned text", "0999123456") in ask.compare
    assert [option.words for option in ask.options] == ["approve", "reject"]
    assert all(option.note for option in ask.options)


def test_home_numbers_what_is_due_and_letters_what_is_on_demand() -> None:
    found = seen("home").home
    assert [(line.key, line.pick, line.urgency) for line in found] == [
        ("1", 1, "today"),
        ("2", 2, "open"),
        ("A", 3, "on demand"),
        ("B", 4, "on demand"),
    ]
    assert found[0].why == "3 items below par"


def test_an_empty_home_says_what_would_fill_it() -> None:
    text = painted(seen("home-empty"))
    assert "Nothing is due." in text
    assert "Work appears here when" in text


def test_a_trouble_is_told_in_a_few_words_and_with_its_sentence() -> None:
    found = seen("task-no-paper")
    assert [(light.about, light.says) for light in found.lights if not light.is_well] == [("printer", "not ready")]
    assert found.troubles == ("The printer is out of paper; load a roll.",)
    assert "The printer is out of paper; load a roll." in " ".join(painted(found).replace("│", " ").split())


NOT_THERE = f"Scanner right, not there: {GONE.partition(': ')[2]}"
_SCANNER = Paired(name="left", phys="usb-1/input0", vendor="0c2e", product="0b61", serial="S1")
_FOUND = Found(
    path="/dev/input/event3",
    name="A scanner",
    phys="usb-1/input0",
    vendor=0x0C2E,
    product=0x0B61,
    readable=True,
    looks_like_scanner=True,
    reason="",
)


_ELSEWHERE, _OTHER = replace(_FOUND, phys="usb-2/input0"), replace(_FOUND, vendor=1)
_OF_SCANNERS = [
    *((find(_SCANNER, [_SCANNER], there).says, "not there") for there in ([], [_ELSEWHERE], [_OTHER])),
    (Trust().after(None, "GS no longer arrives.").says, "re-programmed"),
    (CAPS_LOCK.says, "CapsLock is lit"),
    *(
        (trouble_of(OSError(number, "Told")).says, brief)
        for number, brief in (
            (errno.ENODEV, "unplugged or asleep"),
            (errno.ENOENT, "not there"),
            (errno.EACCES, "may not be read by this user"),
            (errno.EBUSY, "held by another program"),
            (errno.ENOTTY, "a node of another kind"),
            (errno.EPIPE, "gives the error Told"),
        )
    ),
    ("Something that is said in one long sentence without a mend.", "see F1"),
    ("Something that is said in far too many words for the foot: mend it.", "see F1"),
]


@pytest.mark.parametrize(("says", "brief"), _OF_SCANNERS)
def test_every_trouble_of_a_scanner_has_its_few_words(says: str, brief: str) -> None:
    light = Light(about="scanner left", how=How.WRONG, says=brief)
    assert troubled(Trouble(about="scanner left", says=says)) == light


_ANSWERS = {
    Printer(answer="ready"): (Light(about="printer"), "●", Ink.WELL),
    Printer(answer="warning", says="Soon."): (
        Light(about="printer", how=How.SOON, says="look after it"),
        "△",
        Ink.CAUTION,
    ),
    Printer(answer="fault", says="No paper."): (
        Light(about="printer", how=How.WRONG, says="not ready"),
        "▲",
        Ink.TROUBLE,
    ),
    Printer(answer="untold", says="Silent."): (
        Light(about="printer", how=How.WRONG, says="does not answer"),
        "▲",
        Ink.TROUBLE,
    ),
    Printer(): (Light(about="printer", how=How.PLAIN), "·", Ink.DIM),
}


@pytest.mark.parametrize(("printer", "told"), _ANSWERS.items(), ids=lambda one: getattr(one, "answer", ""))
def test_each_answer_of_the_printer_has_its_word_shape_and_colour(
    printer: Printer, told: tuple[Light, str, Ink]
) -> None:
    light, shape, ink = told
    found = view(replace(Pretend().bench, printer=printer), START)
    assert light in found.lights
    words = f"{light.about}{': ' if light.says else ''}{light.says}"
    (foot,) = (one for line in paint(found, Hand(), 160, 50)[-3:] for one in line if words in one.text)
    assert (foot.text, foot.ink) == (f"{shape} {words}", ink)


def test_a_printer_that_is_well_or_cannot_tell_alarms_nobody() -> None:
    for printer in (Printer(), Printer(answer="ready")):
        found = view(replace(Pretend().bench, printer=printer), START)
        assert (found.troubles, found.caution, found.printer) == ((), "", "")
        assert all(light.is_well for light in found.lights)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50)])
def test_whoever_walks_by_reads_what_is_wrong_with_the_printer_before_it_is_needed(width: int, height: int) -> None:
    text = painted(seen("signed-out-no-paper"), width=width, height=height)
    assert text.count("▲ The printer is out of paper; load a roll.") == 1
    assert "Signed out. Refill pick stays open." in text
    for said in (seen("signed-out-paper-low"), replace(seen("signed-out-paper-low"), says="")):
        low = painted(said, width=width, height=height)
        assert low.count("△ The roll is nearly used up; have another at hand.") == 1


def test_at_work_a_roll_that_is_nearly_used_up_is_told_while_nothing_else_is_wrong() -> None:
    low = Printer(answer="warning", says="The roll is nearly used up; have another at hand.")
    bench = replace(REACHED["task-shelf"]().bench, printer=low, says="")
    assert f"△ {low.says}" in painted(view(bench, START))
    assert low.says in " ".join(painted(view(bench, START), Hand(panel="help")).split())
    worse = replace(bench, troubles=(Trouble(about="scanner left", says=GONE),))
    assert low.says not in painted(view(worse, START))


def test_a_file_is_named_once_and_a_long_name_is_told_with_its_sentence_alone() -> None:
    for about, light in (
        ("scanner scanners.toml", ("scanners.toml", "refused")),
        ("file staff.csv", ("file staff.csv", "refused")),
        ("file staff-of-the-whole-hospital.csv", ("file", "refused")),
        ("definitions", ("definitions", "refused")),
        ("scanner right", ("scanner right", "staff.csv, scanners.toml")),
    ):
        found = troubled(Trouble(about=about, says="staff.csv, scanners.toml: something new."))
        assert (found.about, found.says) == light


_SAYS = st.sampled_from([GONE, CHANGED, "The printer is out of paper; load a roll.", "something else"])
_ABOUT = st.sampled_from(["scanner left", "scanner right", "scanner scanners.toml", "definitions"])
_WRONG = st.dictionaries(_ABOUT | st.text("abc", min_size=1, max_size=40).map("file {}".format), _SAYS, max_size=6)


@settings(max_examples=100)
@given(_WRONG, st.sampled_from([*_ANSWERS]), st.integers(60, 160), st.booleans())
def test_no_light_is_cut_and_what_does_not_fit_is_counted(
    wrong: dict[str, str],
    printer: Printer,
    width: int,
    by_keyboard: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    troubles = tuple(Trouble(about=about, says=says) for about, says in wrong.items())
    bench = replace(Pretend().bench, troubles=troubles, printer=printer, entries=12408)
    found = view(bench, START, by_keyboard=by_keyboard)
    foot = painted(found, width=width).split("\n")[-2]
    words = [f"{light.about}{': ' if light.says else ''}{light.says}" for light in found.lights]
    told = [word for word in re.split(r" *[▲△●·] | {3}", foot.strip()) if word]
    left_out = int(told.pop()[1:]) if told[-1].startswith("+") else 0
    assert "…" not in foot
    assert told == words[: len(words) - left_out]
    wide = "   ".join(f"▲ {word}" for word in words[: len(told) + 1])
    assert not left_out or len(f" {wide}   +{left_out - 1}") > width or len(f" {wide}") > width


def test_scanners_and_the_printer_come_before_files_in_the_foot() -> None:
    foot = painted(seen("task-troubles")).split("\n")[-2]
    assert foot.split("   ")[:2] == [" ▲ scanner left: re-programmed", "▲ scanner right: not there"]


@pytest.mark.parametrize("name", ["signed-out-troubles", "task-troubles"])
def test_help_lists_every_trouble_with_its_mend(name: str) -> None:
    text = " ".join(painted(seen(name), Hand(panel="help")).split())
    for says in (NOT_THERE, "Scanner left, re-programmed: GS now", "load a roll", "scanners.toml: not TOML.", "row 3"):
        assert text.count(says) == 1


def test_help_says_how_many_troubles_it_has_no_room_for() -> None:
    found = replace(seen("task-troubles"), troubles=tuple(f"{number} {GONE}" for number in range(30)))
    assert "and 26 more" in painted(found, Hand(panel="help"))


@pytest.mark.parametrize("width", [80, 140])
def test_the_newest_trouble_is_told_whole_while_nothing_else_is_said(width: int) -> None:
    for name in ("signed-out-troubles", "task-troubles"):
        assert NOT_THERE in " ".join(painted(seen(name), width=width, height=24 if width == 80 else 45).split())
        said = replace(seen(name), says="Press back first.")
        assert NOT_THERE not in " ".join(painted(said, width=width, height=24 if width == 80 else 45).split())


@pytest.mark.parametrize("name", REACHED)
@pytest.mark.parametrize("doing", [Hand(), Hand(typed="12", note=DROPPED)], ids=["", "typed"])
def test_a_trouble_takes_no_answer_off_the_screen(name: str, doing: Hand) -> None:
    found = replace(seen(name), troubles=(NOT_THERE,))
    if found.screen == "stop":
        return
    text = " ".join(painted(found, doing).split())
    answers = [option.words for option in found.ask.options]
    answers += [found.ask.yes_no, "N no" if found.ask.yes_no else ""]
    answers += [f"{found.ask.done} of {found.ask.wanted}"] if found.ask.wanted > 1 else []
    assert [words for words in answers if words not in text] == []
    assert found.ask.hint.split(".")[0] in text.replace(" │ ", " ")


def test_a_trouble_that_the_verdict_tells_is_not_told_twice() -> None:
    found = seen("task-expired")
    assert found.verdict is not None
    for says in (GONE, "The printer is out of paper; load a roll."):
        verdict = replace(found.verdict, says=f"Not taken. {says}")
        told = says.removeprefix("Not there: ")
        twice = replace(found, verdict=verdict, troubles=(NOT_THERE if says == GONE else says,))
        assert " ".join(painted(twice, width=200, height=50).split()).count(told) == 1


def test_what_is_said_after_a_stop_is_none_of_its_reasons() -> None:
    before, after = seen("task-expired"), seen("task-expired-card")
    assert after.verdict == before.verdict
    stop = [line for line in paint(before, Hand(), 80, 24) if any(one.ink is Ink.STOP for one in line)]
    lines = paint(after, Hand(), 80, 24)
    assert [line for line in lines if any(one.ink is Ink.STOP for one in line)] == stop
    (message,) = (line for line in lines if any("Check card" in one.text for one in line))
    assert {one.ink for one in message if one.text.strip()} == {Ink.STRONG}


@pytest.mark.parametrize("name", ["task-recount", "home", "signed-out", "stop"])
def test_what_became_of_what_was_typed_is_told_on_every_screen(name: str) -> None:
    assert DROPPED in " ".join(painted(seen(name), Hand(note=DROPPED)).split())


def test_the_lights_tell_how_long_the_record_is_and_how_old_the_lists_are() -> None:
    station = Pretend()
    kept = apply(Kept(), ListTaken(what="recalls", at=START - dt.timedelta(hours=30)))
    found = view(replace(station.bench, entries=12408, kept=kept), START)
    lights = {light.about: light.says for light in found.lights}
    assert (lights["record"], lights["recalls"]) == ("12,408 entries", "30 h ago")


# What is never told -----------------------------------------------------------------------------------------------

_EXPECTED = 7341


def _blind() -> Pretend:
    station = Pretend()
    for key, row in station.facts.tables["stock_level"].items():
        if row["code"] == "L03B07F":
            station.facts.tables["stock_level"][key] = {**row, "on_hand": _EXPECTED}
    return station.signed_in().choose("Cycle count").scan("L03B07F")


def test_a_blind_count_never_tells_what_it_should_find_nor_what_the_first_person_found() -> None:
    station = _blind()
    ways: list[Callable[[], object]] = [
        lambda: station,
        lambda: station.enter("6012"),
        lambda: station.person("B040404F", "404841"),
        lambda: station.enter("not a number"),
    ]
    for way in ways:
        way()
        found = view(station.bench, station.now())
        assert found.steps[-1].mark is not Mark.DONE
        text = msgspec.json.encode(found).decode() + painted(found) + painted(found, width=140, height=45)
        for number in (f"{_EXPECTED}", f"{_EXPECTED:,}", "6012", "6,012"):
            assert number not in text


@pytest.mark.parametrize("name", ["signed-out", "locked", "pin", "wrong-pin", "duty"])
def test_nobody_walking_by_reads_whose_or_which_drug_the_open_work_is_about(name: str) -> None:
    text = msgspec.json.encode(seen(name)).decode()
    for secret in ("hydr", "P00127X", "03-A-12", "LOT7A"):
        assert secret not in text


def test_the_door_names_the_open_work_and_for_how_long() -> None:
    (task,) = seen("signed-out").open_tasks
    assert (task.title, task.step, task.who, task.left) == ("Refill pick", "step 3 of 13", "AT", "left 14 min ago")


@pytest.mark.parametrize("name", ["pin", "wrong-pin"])
def test_a_pin_shows_as_dots_alone(name: str) -> None:
    text = painted(seen(name), Hand(typed="420173"))
    assert "420173" not in text
    assert "●  ●  ●  ●  ●  ●" in text


def test_digits_of_a_pin_scanned_from_the_command_sheet_show_as_dots() -> None:
    station = Pretend().scan("B0042173")
    station.bench = replace(station.bench, typed="42017")
    found = view(station.bench, station.now())
    assert "42017" not in msgspec.json.encode(found).decode() + painted(found)
    assert "●  ●  ●  ●  ●" in painted(found)


HOSTILE = "\u202eTNEITAP\x1b[2J[bold]$(reboot)\u200b\x07\u0301\x1d{evil}"


def test_a_hostile_scan_shows_as_what_it_is() -> None:
    for station in (Pretend().picking().scan(HOSTILE), Pretend().picking().key(HOSTILE), Pretend().scan(HOSTILE)):
        found = view(station.bench, station.now())
        for width, height in ((80, 24), (140, 45)):
            text = painted(found, Hand(typed="[bold]"), width, height)
            assert all(character == "\n" or character.isprintable() for character in text)
            assert not any(unicodedata.combining(character) for character in text)


def test_marks_of_no_width_and_turned_writing_are_made_visible() -> None:
    assert shown(HOSTILE) == r"\u202eTNEITAP\x1b[2J[bold]$(reboot)\u200b\x07\u0301<GS>{evil}"


@given(st.text(max_size=60), st.integers(8, 40))
def test_words_broken_over_lines_fit_and_none_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == shown(text).replace(" ", "")


# How it looks -----------------------------------------------------------------------------------------------------

DOINGS = (Hand(), Hand(panel="help"), Hand(panel="unable"), Hand(typed="12", selected=1))


@pytest.mark.parametrize("name", REACHED)
def test_a_picture_is_exactly_as_large_as_the_terminal(name: str) -> None:
    found = seen(name)
    for width, height in ((80, 24), (160, 50), (42, 22), (100, 30), (60, 16)):
        for doing in DOINGS:
            lines = paint(found, doing, width, height)
            assert len(lines) == height
            assert {sum(cell_len(one.text) for one in line) for line in lines} == {width}


@pytest.mark.parametrize("name", REACHED)
def test_the_prompt_and_the_verdict_fit_the_smallest_terminal(name: str) -> None:
    found = seen(name)
    text = painted(found, glyphs=PLAIN)
    if found.verdict is not None:
        first = found.verdict.asked.split()[0] if found.verdict.asked else ""
        assert all(row.rstrip() in text for row in large(first)) if first else found.verdict.says.split()[0] in text
    assert found.ask.hint.split()[0] in text if found.ask.hint else found.ask.yes_no in text


_CONSOLE = "─│·…•●█░▀▄√→↓"
"""Signs outside ASCII that the fonts of the Linux console have."""


@pytest.mark.parametrize("name", REACHED)
def test_the_plain_picture_needs_no_sign_that_the_console_has_not(name: str) -> None:
    for doing in DOINGS:
        text = painted(seen(name), doing, glyphs=PLAIN) + painted(seen(name), doing, 140, 45, PLAIN)
        assert {character for character in text if not character.isascii()} <= set(_CONSOLE)


_READ = (Ink.TEXT, Ink.DIM, Ink.STRONG, Ink.BAND, Ink.NOW, Ink.ITEM, Ink.KEY, Ink.CHOSEN, Ink.ENTRY, Ink.TROUBLE)


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", [*_READ, Ink.PASS, Ink.HOLD, Ink.STOP, Ink.PAPER, Ink.DEMO])
def test_words_stand_out_from_their_ground_seven_to_one(theme: themes.Theme, ink: Ink) -> None:
    found = theme.inks[ink]
    assert themes.contrast(found.letters, found.ground) >= 7


@pytest.mark.parametrize("ink", [Ink.STRONG, Ink.ITEM, Ink.PASS, Ink.HOLD, Ink.STOP])
def test_the_consoles_own_colours_stand_out_seven_to_one(ink: Ink) -> None:
    found = themes.PLAIN.inks[ink]
    letters = themes.CONSOLE[f"bold {found.letters}" if found.is_bold else found.letters]
    assert themes.contrast(letters, themes.CONSOLE[found.ground]) >= 7


@pytest.mark.parametrize("theme", [themes.LIGHT, themes.DARK, themes.PLAIN], ids=lambda theme: theme.name)
def test_every_ink_has_its_colours(theme: themes.Theme) -> None:
    assert set(theme.styles()) == set(Ink)


@pytest.mark.parametrize("name", REACHED)
def test_every_screen_looks_as_it_did(name: str) -> None:
    for file, text in snapshots(name).items():
        assert text == file.read_text(encoding="utf-8"), f"{file.name}: `python tests/pictures.py` draws it again"


def test_no_snapshot_is_left_of_a_screen_that_is_gone() -> None:
    assert {file.name.partition(".")[0] for file in SNAPSHOTS.iterdir()} == set(REACHED)


ACTS = st.one_of(
    st.sampled_from(["B0042173", "P00127X", "L03A12Z", "L03B07F", HYDROXYZINE, "0999123456", HOSTILE, "DA4WX"]).map(
        lambda text: ("scan", text)
    ),
    st.integers(1, 9).map(lambda serial: ("scan", HYDRALAZINE.format(serial))),
    st.sampled_from(["back", "yes", "no", "confirm", "hold", "cancel", "lock", "reprint"]).map(
        lambda word: ("press", word)
    ),
    st.sampled_from(["1", "2", "37", "LOT1", "2027-02-28", "0999-1234-56"]).flatmap(
        lambda text: st.sampled_from([("enter", text), ("choose", text), ("key", text)])
    ),
)


@settings(max_examples=40)
@given(st.lists(ACTS, max_size=12), st.integers(40, 160), st.integers(16, 50))
def test_whatever_happens_there_is_a_picture_of_it(acts: list[tuple[str, str]], width: int, height: int) -> None:
    station = Pretend().signed_in()
    for act, text in acts:
        getattr(station, act)(text)
    found = view(station.bench, station.now())
    assert len(paint(found, Hand(), width, height)) == height
    assert found == view(station.bench, station.now())
