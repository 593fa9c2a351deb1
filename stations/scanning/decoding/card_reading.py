"""Which code of the check card is on a tape, and how was it typed?

Law: every way of typing is tried, and none is preferred but by how much of the card it explains.

The card holds each printable character once, both cases of the letters that keyboards have in different places, and GS
in the two GS1 symbols that drugs carry. Their application identifiers, 91 to 94, are for use inside a company (GS1
General Specifications 3.12), so that no code of the card names anything a bench works with, however it is mistyped.

>>> part_of("]C0" + TEXTS["terminator"]), part_of("]C0B0042173")
('terminator', None)
"""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from stations.scanning.decoding import keys
from stations.scanning.decoding.keyboard import MODIFIERS, SEPARATOR, SILENT_KEYS
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import TERMINATORS, Garbled, Profile, Scan, Wedge
from stations.scanning.outcome import Outcome

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "terminator": "Zawmy#07",
        "case": "aQwZyMAqWzYm",
        "characters": f"{''.join(map(chr, range(0x21, 0x50)))} {''.join(map(chr, range(0x50, 0x7F)))}",
        "datamatrix": f'91Zy"aQ7{SEPARATOR}92wM0',
        "code128": f"93aZ1{SEPARATOR}94yQ2",
    }
)
"""Name → the text as read, without symbology identifier, in the order of the card."""
SYMBOLS: Final[Mapping[str, str]] = MappingProxyType(
    {"terminator": "]C0", "case": "]C0", "characters": "]Q1", "datamatrix": "]d2", "code128": "]C1"}
)
"""Name → the symbology identifier of its code (ISO/IEC 15424)."""

SILENCE: Final = 1.0
"""Seconds that part two codes on a tape: as many as a profile's gap may have."""

_IDENTIFIER: Final = re.compile(r"\][A-Zcdez][0-9A-Za-z]")
_STAND_IN: Final = re.compile(r"[ -~]{1,16}")
_ALIKE: Final = 0.7
"""Share of characters that agree from which a text is taken for a damaged code of the card."""
_CAPS_LOCK: Final = (
    "Letters arrive with their case turned: switch CapsLock off on the keyboard of this machine, then unplug the "
    "scanner and plug it in again."
)
_TURNED: Final = (
    (str, ""),
    (str.upper, "Every letter arrives in upper case: set the scanner to send letters as they are in the code."),
    (str.lower, "Every letter arrives in lower case: set the scanner to send letters as they are in the code."),
    (str.swapcase, _CAPS_LOCK),
)
"""What may become of the letters, and the mend."""
_HEAD: Final = 5
"""Characters at the beginning that are enough to suspect a code of the card; all before its GS."""
_HEAD_MOST: Final = 20
"""Keys of as many characters typed as decimal numbers."""
_UNSEEN: Final = MODIFIERS | SILENT_KEYS | {keys.KEY_CAPSLOCK}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One code of the card, as it arrived."""

    part: str
    layout: Literal["us", "uk", "de", "fr"]
    separator: str = ""
    """As in a profile; empty where the code holds no GS."""
    terminator: Literal["enter", "tab", "none"]
    identifier: str
    longest_gap: float
    flaw: str
    """What has become of its letters, and the mend."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What some tapes hold, if the scanner types on this keyboard."""

    readings: tuple[Reading, ...]
    damaged: tuple[str, ...]
    """A sentence for each code of the card that is not whole."""


def part_of(text: str) -> str | None:
    """Say which code of the card a text is, with or without a symbology identifier; None for any other text."""
    body = _body(text)
    for part, expected in TEXTS.items():
        if body == expected:
            return part
    # A profile whose separator is a printable text reads that text as GS wherever it stands.
    head, found, tail = body.partition(SEPARATOR)
    is_read_so = found and _STAND_IN.fullmatch(_between(head, TEXTS["characters"], tail))
    return "characters" if is_read_so else None


def hear(tapes: Sequence[Sequence[KeyEvent]], layout: str) -> Heard:
    """Read the tapes as if the scanner typed on this keyboard."""
    readings: list[Reading] = []
    damaged: list[str] = []
    for tape in tapes:
        way = msgspec.structs.replace(_way(tape), layout=layout)
        for found in _decoded(tape, way):
            fits = [*_fits(found, tape, way)] if isinstance(found, Scan) else []
            readings += fits
            damaged += [] if fits else [*_damage(found)]
    return Heard(readings=tuple(readings), damaged=tuple(damaged))


def weight(heard: Heard) -> tuple[int, int, int]:
    """Put the keyboard first on which most codes are read, best as they are."""
    parts = {reading.part for reading in heard.readings}
    return len(parts), -sum(bool(reading.flaw) for reading in heard.readings), len(heard.damaged)


def _way(tape: Sequence[KeyEvent]) -> Profile:
    """Find the terminator and F8: no code of the card can hold their keys."""
    pressed = {event.code for event in tape if event.type == keys.EV_KEY and event.value == keys.DOWN}
    has_enter, has_tab = pressed & TERMINATORS["enter"], pressed & TERMINATORS["tab"]
    return Profile(
        separator="f8" if keys.KEY_F8 in pressed else "ctrl",
        terminator="enter" if has_enter else "tab" if has_tab else "none",
        gap=SILENCE,
    )


def _decoded(tape: Sequence[KeyEvent], way: Profile) -> Iterator[Scan | Garbled]:
    wedge = Wedge("", way)
    for event in tape:
        found = wedge.feed(event)
        if found is not None:
            yield found
    silent = wedge.idle(math.inf)
    if silent is not None:
        yield silent


def _fits(scan: Scan, tape: Sequence[KeyEvent], way: Profile) -> Iterator[Reading]:
    """Find the code of the card that a text is, whatever has become of its letters and of GS."""
    body = _body(scan.text)
    for turned, flaw in _TURNED:
        for part, text in TEXTS.items():
            head, expected, tail = turned(text).partition(SEPARATOR)
            separator = "" if not expected and body == head else _separator(body, head, tail) if expected else None
            if separator is None:
                continue
            yield Reading(
                part=part,
                layout=way.layout,
                separator=_spelling(tape, way) if separator == SEPARATOR else separator,
                terminator=way.terminator,
                identifier=scan.text.removesuffix(body),
                longest_gap=scan.longest_gap,
                flaw=flaw,
            )
            return


def _separator(body: str, head: str, tail: str) -> str | None:
    """Give what stands between the fields: GS itself, `none`, a text as in a profile; None where they do not fit."""
    if body == head + tail:
        return "none"
    between = _between(head, body, tail)
    if between == SEPARATOR:
        return SEPARATOR
    return f"text:{between}" if _STAND_IN.fullmatch(between) else None


def _between(head: str, text: str, tail: str) -> str:
    is_framed = text.startswith(head) and text.endswith(tail) and len(head) + len(tail) < len(text)
    return text[len(head) : len(text) - len(tail)] if is_framed else ""


def _spelling(tape: Sequence[KeyEvent], way: Profile) -> str:
    """Say how GS was typed: with Ctrl where a key other than the J of a line feed goes down under it."""
    held: set[int] = set()
    for event in tape:
        if event.type != keys.EV_KEY or event.value == keys.REPEAT:
            continue
        if event.code in MODIFIERS:
            (held.discard if event.value == keys.UP else held.add)(event.code)
        elif event.value == keys.DOWN and held & keys.CTRLS and event.code != keys.KEY_J:
            return "ctrl"
    return "f8" if way.separator == "f8" else "alt"


def _body(text: str) -> str:
    return text[3:] if _IDENTIFIER.match(text) else text


def _damage(found: Scan | Garbled) -> Iterator[str]:
    """Tell of a text that is nearly a code of the card."""
    body = _body(found.text)
    if isinstance(found, Garbled) and found.reason is Outcome.CONTROL_CHARACTER and part_of(body):
        yield f"After the code {part_of(body)!r} came a key that is no data: let the scanner end with one Enter."
        return
    for part, text in TEXTS.items():
        if difflib.SequenceMatcher(None, text, body, autojunk=False).ratio() >= _ALIKE:
            yield (
                f"The code {part!r} did not arrive whole, {len(body)} characters of {len(text)}: scan it again, and "
                "where that does not help set a pause between characters in the scanner."
            )
            return


def may_be_of_the_card(tape: Sequence[KeyEvent]) -> bool:
    """Whether the first keys are those of a code of the card, on any keyboard, in any case, as numbers or not."""
    pressed: list[int] = []
    for event in tape:
        if event.value == keys.DOWN and event.type == keys.EV_KEY and event.code not in _UNSEEN:
            pressed.append(event.code)
            if len(pressed) >= _HEAD and tuple(pressed) in _heads():
                return True
            if len(pressed) == _HEAD_MOST:
                return False
    return False


@functools.cache
def _heads() -> frozenset[tuple[int, ...]]:
    """Give the first keys of every code of the card in every way of typing."""
    texts = [(start + text)[:_HEAD] for part, text in TEXTS.items() for start in ("", SYMBOLS[part])]
    keypad = {digit: code for code, digit in keys.KEYPAD_DIGITS.items()}
    heads = {tuple(keypad[digit] for digit in _decimal(text, width)) for text in texts for width in (1, 3, 4)}
    for layout in keys.LAYOUTS.values():
        row = {level: code for code, levels in layout.items() if code not in keys.KEYPAD_DIGITS for level in levels}
        heads |= {tuple(typed[each] for each in text) for text in texts for typed in (row, row | keypad)}
    return frozenset(heads)


def _decimal(text: str, width: int) -> str:
    return "".join(str(ord(character)).zfill(width) for character in text)
