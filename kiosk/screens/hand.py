"""What do keys and clicks mean here?

What is half typed is a value, `Hand`; a key or a click gives the next hand and perhaps an event for the station.
Nothing on the screen has focus, so an Enter presses nothing by accident: it hands in what was typed, as what the view
asks for.

Keys: Esc back, F1 help, F2 hold, F3 reprint, F4 unable, F5 done, F6 cancel, F9 sign out, F10 lock; y and n answer only
where a yes or no is open, Ctrl+Y and Ctrl+N also while words are being typed.
"""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec.structs import replace

from kiosk.screens.asking import Wants
from kiosk.screens.view import View
from stations.bench.events import Chosen, CodeKeyed, Entered, Event, PinGiven, Pressed, UnableTold

MOST_TYPED = 200
"""More characters than any answer has."""
DROPPED = "What was typed was not entered and is dropped."


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has half done on this screen."""

    typed: str = ""
    selected: int = 0
    """The line marked with the arrow keys, from 1; 0 for none."""
    panel: Literal["", "help", "unable"] = ""
    note: str = ""
    """What became of what was typed, until the next key."""


Did = tuple[Hand, Event | None]
"""The hand after a key or a click, and what has happened, if anything."""

_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "escape": "back",
        "f2": "hold",
        "f3": "reprint",
        "f5": "done",
        "f6": "cancel",
        "f9": "sign-out",
        "f10": "lock",
        "ctrl+y": "yes",
        "ctrl+n": "no",
    },
)
_WORDS = (Wants.TEXT, Wants.DATE, Wants.WHY)


def pressed(hand: Hand, view: View, key: str, character: str | None, at: dt.datetime) -> Did:
    """Take a key, named as Textual names it, and the character it types, if any."""
    match key:
        case "f1":
            return replace(hand, panel="" if hand.panel == "help" else "help"), None
        case "escape" if hand.panel or (hand.typed and view.screen != "stop"):
            return Hand(), None
        case "f4" if view.reasons:
            return Hand(panel="unable"), None
        case "f4":
            return Hand(), UnableTold(at=at, reason="")
        case "enter":
            return _entered(hand, view, at)
        case "backspace":
            return replace(hand, typed=hand.typed[:-1], note=""), None
        case "up" | "down":
            return _moved(hand, view, 1 if key == "down" else -1), None
        case _ if key in _COMMANDS:
            return Hand(), Pressed(at=at, word=_COMMANDS[key])
    if character is not None and len(character) == 1 and character.isprintable():
        return _typed(hand, view, character, at)
    return hand, None


def _typed(hand: Hand, view: View, character: str, at: dt.datetime) -> Did:
    answers_now = view.ask.yes_no and not hand.typed and not hand.panel and view.ask.wants not in _WORDS
    if answers_now and character in "yYnN":
        return Hand(), Pressed(at=at, word="yes" if character in "yY" else "no")
    unwanted = view.screen in ("stop", "out-of-order") or (view.ask.wants is Wants.PIN and not character.isdigit())
    if unwanted or len(hand.typed) >= MOST_TYPED:
        return hand, None
    panel = "" if hand.panel == "help" else hand.panel
    return replace(hand, typed=hand.typed + character, selected=0, panel=panel, note=""), None


def listed(hand: Hand, view: View) -> int:
    """Count the lines that can be chosen from now."""
    return len(view.reasons if hand.panel == "unable" else view.ask.options or view.home)


def _moved(hand: Hand, view: View, by: int) -> Hand:
    number = listed(hand, view)
    if not number:
        return hand
    selected = (hand.selected - 1 + by) % number + 1 if hand.selected else (1 if by > 0 else number)
    return replace(hand, selected=selected, typed="", note="")


def _entered(hand: Hand, view: View, at: dt.datetime) -> Did:
    said = hand.typed.strip() or (str(hand.selected) if hand.selected else "")
    if view.screen == "stop" or hand.panel == "help":
        return hand, None
    if hand.panel == "unable":
        return _unable(view, said, at)
    if not said:
        return Hand(), Pressed(at=at, word="confirm")
    return Hand(), _handed_in(view, hand.typed or said, at, marked=not hand.typed)


def _unable(view: View, said: str, at: dt.datetime) -> Did:
    if said.isascii() and said.isdigit() and 0 < int(said[:4]) <= len(view.reasons):
        return Hand(), UnableTold(at=at, reason=view.reasons[int(said[:4]) - 1])
    return (Hand(), UnableTold(at=at, reason=said)) if said else (Hand(panel="unable"), None)


def _handed_in(view: View, said: str, at: dt.datetime, *, marked: bool) -> Event:
    match view.ask.wants:
        case Wants.PIN:
            return PinGiven(at=at, pin=said)
        case Wants.NUMBER | Wants.TEXT | Wants.DATE | Wants.WHY:
            return Entered(at=at, text=said)
        case Wants.CHOICE | Wants.DECISION:
            return Chosen(at=at, text=_option(view, said.strip()))
        case Wants.HOME:
            keys = {choice.key.casefold(): choice.pick for choice in view.home if choice.key}
            pick = int(said) if marked else keys.get(said.strip().casefold())
            return Chosen(at=at, text=str(pick)) if pick else CodeKeyed(at=at, text=said)
        case Wants.BADGE | Wants.CODE | Wants.LABEL | Wants.NOTHING:
            return CodeKeyed(at=at, text=said)


def _option(view: View, said: str) -> str:
    """Give the words of a numbered option; anything else goes as it was said."""
    number = int(said) if said.isascii() and said.isdigit() and len(said) < len("1000") else 0
    return view.ask.options[number - 1].words if 0 < number <= len(view.ask.options) else said


def clicked(hand: Hand, view: View, target: str, at: dt.datetime) -> Did:
    """Take a click on something that means `kind:what`."""
    kind, _, what = target.partition(":")
    match kind:
        case "key":
            return pressed(hand, view, what, None, at)
        case "press":
            return Hand(), Pressed(at=at, word=what)
        case "choose":
            return Hand(), Chosen(at=at, text=what)
        case "unable":
            return Hand(), UnableTold(at=at, reason=what)
        case _:
            return hand, None


def settled(hand: Hand, old: View, new: View) -> Hand:
    """Keep what is half typed only while the same thing is asked and nothing was judged meanwhile."""
    same = (old.screen, old.ask.wants, old.ask.prompt, old.judged) == (
        new.screen,
        new.ask.wants,
        new.ask.prompt,
        new.judged,
    )
    return hand if same else dropped(hand)


def dropped(hand: Hand) -> Hand:
    """Let go of what is half typed because something else came, such as a scan, and say so.

    Kept, it would be taken together with what is typed next, perhaps for another question: 3 and 37 make 337.
    """
    return Hand(note=DROPPED if hand.typed else hand.note)
