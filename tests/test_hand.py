"""What keys and clicks mean on every screen a person can reach."""

import pytest
from msgspec.structs import replace
from pretend import START
from screens_reached import REACHED, painted, seen

from kiosk.screens import hand
from kiosk.screens.asking import Ask, Wants
from kiosk.screens.frame import paint
from kiosk.screens.hand import Hand
from stations.bench.events import Chosen, CodeKeyed, Entered, Event, PinGiven, Pressed, UnableTold


def typed(name: str, *keys: str) -> tuple[Hand, list[Event]]:
    found, doing, events = seen(name), Hand(), list[Event]()
    for key in keys:
        doing, event = hand.pressed(doing, found, key, key if len(key) == 1 else None, START)
        events += [event] if event is not None else []
    return doing, events


@pytest.mark.parametrize(
    ("name", "keys", "event"),
    [
        ("signed-out", "B0042173", CodeKeyed(at=START, text="B0042173")),
        ("pin", "420173", PinGiven(at=START, pin="420173")),
        ("pin", "4x2", PinGiven(at=START, pin="42")),
        ("duty", "1", Chosen(at=START, text="on duty")),
        ("home", "2", Chosen(at=START, text="2")),
        ("home", "a", Chosen(at=START, text="3")),
        ("home", "L03A12Z", CodeKeyed(at=START, text="L03A12Z")),
        ("task-package", "0999-1234-56", CodeKeyed(at=START, text="0999-1234-56")),
        ("task-count", "37", Entered(at=START, text="37")),
        ("task-lot", "yn7", Entered(at=START, text="yn7")),
        ("task-which", "2", Chosen(at=START, text="sampletrol 10 mg tablet · 009991-2345-06")),
        ("hold-decision", "1", Chosen(at=START, text="approve")),
        ("hold-decision", "reject", Chosen(at=START, text="reject")),
        ("hold-why", "seen", Entered(at=START, text="seen")),
        ("task-print", "", Pressed(at=START, word="confirm")),
    ],
)
def test_enter_hands_in_what_was_typed_as_what_is_asked(name: str, keys: str, event: Event) -> None:
    doing, events = typed(name, *keys, "enter")
    assert (doing, events) == (Hand(), [event])


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("escape", "back"),
        ("f2", "hold"),
        ("f3", "reprint"),
        ("f5", "done"),
        ("f6", "cancel"),
        ("f9", "sign-out"),
        ("f10", "lock"),
        ("ctrl+y", "yes"),
        ("ctrl+n", "no"),
    ],
)
def test_a_key_means_the_same_on_every_screen(key: str, word: str) -> None:
    for name in REACHED:
        assert typed(name, key) == (Hand(), [Pressed(at=START, word=word)])


def test_y_and_n_answer_only_where_a_yes_or_no_is_open() -> None:
    assert typed("task-cancel", "y") == (Hand(), [Pressed(at=START, word="yes")])
    assert typed("task-cancel", "N") == (Hand(), [Pressed(at=START, word="no")])
    assert typed("task-expired", "y") == (Hand(), [Pressed(at=START, word="yes")])
    assert typed("task-package", "y") == (Hand(typed="y"), [])


def test_yes_never_swallows_a_letter_of_a_lot() -> None:
    ask = Ask(wants=Wants.TEXT, prompt="Enter the lot", yes_no="The same as on the last package")
    doing, event = hand.pressed(Hand(), replace(seen("task-lot"), ask=ask), "y", "y", START)
    assert (doing, event) == (Hand(typed="y"), None)
    assert "Ctrl+Y" in painted(replace(seen("task-lot"), ask=ask))


@pytest.mark.parametrize("key", ["enter", "y", "n", "1", "b", " ", "backspace", "up", "down", "tab"])
def test_a_stop_leaves_by_back_alone(key: str) -> None:
    assert typed("stop", key, key, "enter") == (Hand(), [])


def test_escape_clears_what_was_typed_before_it_goes_back() -> None:
    assert typed("task-package", "1", "2", "escape") == (Hand(), [])
    assert typed("task-package", "1", "2", "backspace") == (Hand(typed="1"), [])


def test_a_reason_why_not_is_picked_by_its_number_or_a_click() -> None:
    assert typed("task-package", "f4")[0].panel == "unable"
    assert typed("task-package", "f4", "2", "enter")[1] == [UnableTold(at=START, reason="not enough on the shelf")]
    assert typed("task-package", "f4", "enter") == (Hand(panel="unable"), [])
    assert typed("task-package", "f4", "escape") == (Hand(), [])
    found = seen("task-package")
    click = hand.clicked(Hand(panel="unable"), found, "unable:will not read", START)
    assert click == (Hand(), UnableTold(at=START, reason="will not read"))
    assert typed("task-pharmacist", "f4")[1] == [UnableTold(at=START, reason="")]


def test_arrows_mark_a_line_and_enter_picks_it() -> None:
    assert typed("home", "down", "down", "enter") == (Hand(), [Chosen(at=START, text="2")])
    assert typed("home", "up", "enter") == (Hand(), [Chosen(at=START, text="4")])
    assert typed("duty", "down", "enter") == (Hand(), [Chosen(at=START, text="on duty")])
    assert typed("task-package", "down", "enter") == (Hand(), [Pressed(at=START, word="confirm")])


def test_help_explains_the_screen_and_hands_nothing_in() -> None:
    doing, events = typed("task-package", "f1", "enter")
    assert (doing.panel, events) == ("help", [])
    text = painted(seen("task-package"), doing)
    assert "Scan or enter what is asked" in text
    assert "CSIGNOUTK" in text
    assert typed("task-package", "f1", "f1") == (Hand(), [])


def test_what_is_half_typed_is_dropped_aloud_when_something_else_is_asked() -> None:
    old, same, new = seen("task-package"), seen("task-package"), seen("task-count")
    assert hand.settled(Hand(typed="12"), old, same) == Hand(typed="12")
    assert hand.settled(Hand(typed="12"), old, new) == Hand(note=hand.DROPPED)
    assert hand.settled(Hand(), old, new) == Hand()


@pytest.mark.parametrize("name", REACHED)
def test_everything_offered_can_be_clicked(name: str) -> None:
    found = seen(name)
    targets = {one.target for line in paint(found, Hand(), 100, 30) for one in line if one.target}
    for command in found.commands:
        assert f"key:{ {'Esc': 'escape'}.get(command.key, command.key.lower()) }" in targets
    for option in found.ask.options:
        assert f"choose:{option.words}" in targets
    for line in found.home:
        assert f"choose:{line.pick}" in targets
    if found.ask.yes_no:
        assert {"press:yes", "press:no"} <= targets
    for target in targets:
        assert hand.clicked(Hand(), found, target, START) != (Hand(), None), target
