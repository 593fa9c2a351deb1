"""Which code of the check card is on a tape or a line, and how was it sent?

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
from stations.scanning.decoding.keys import KeyEvent, LayoutName
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

Terminator = Literal["enter", "tab", "none"]

GS_TYPED: Final = ("ctrl", "alt", "f8")
"""Separators of a profile that a keyboard needs, as it cannot type GS itself."""

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
_PIECE: Final = 4
"""Characters in a row that are enough to suspect a code of the card."""
_FIRST_KEYS: Final = 48
"""Keys or characters that are looked at: an identifier and one such piece, each character typed as four digits."""
_UNSEEN: Final = MODIFIERS | SILENT_KEYS | {keys.KEY_CAPSLOCK}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One code of the card, as it arrived."""

    part: str
    layout: LayoutName | None
    """None: it came over a serial line, where there is no keyboard."""
    separator: str = ""
    """As in a profile; empty where the code holds no GS."""
    terminator: Terminator
    identifier: str
    longest_gap: float
    flaw: str
    """What has become of its letters, and the mend."""

    @property
    def is_identified(self) -> bool:
        """Whether it names its symbol rightly, or is of a symbol whose variant matters to nobody."""
        expected = SYMBOLS[self.part]
        return self.identifier == expected or (not self.separator and self.identifier[:2] == expected[:2])


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What some tapes or texts hold, if the scanner sends as was supposed."""

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


def hear(tapes: Sequence[Sequence[KeyEvent]], layout: LayoutName) -> Heard:
    """Read the tapes as if the scanner typed on this keyboard."""
    readings: list[Reading] = []
    damaged: list[str] = []
    for tape in tapes:
        way = msgspec.structs.replace(_way(tape), layout=layout)
        for found in _decoded(tape, way):
            reading = _read(found.text, found, way.terminator, layout) if isinstance(found, Scan) else None
            if reading is None:
                damaged += _damage(found.text)
            else:
                readings.append(_spelt(reading, _spelling(tape, way)))
    return Heard(readings=tuple(readings), damaged=tuple(damaged))


def hear_texts(scans: Sequence[Scan | Garbled], profile: Profile) -> Heard:
    """Read what came over a serial line and was decoded under this profile.

    The terminator is that of the profile where one ended the scan; else the CR, LF or HT that its text ends in; else
    there was none.
    """
    readings: list[Reading] = []
    damaged: list[str] = []
    for scan in scans:
        if isinstance(scan, Garbled) and scan.reason is Outcome.LOST_INPUT:
            continue
        text, terminator = _sent(scan, profile)
        reading = _read(text, scan, terminator, None)
        if reading is None:
            damaged += _damage(text)
        else:
            readings.append(_spelt(reading, profile.separator if profile.separator in GS_TYPED else "ctrl"))
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


def _sent(scan: Scan | Garbled, profile: Profile) -> tuple[str, Terminator]:
    """Give a text as it was sent, before what stands for GS was read as such, and what ended it."""
    text = scan.text.replace(SEPARATOR, profile.stand_in) if profile.stand_in else scan.text
    if scan.terminated:
        return text, profile.terminator
    ending: Terminator = "enter" if text.endswith(("\r", "\n")) else "tab" if text.endswith("\t") else "none"
    return (text.rstrip("\r\n") if ending == "enter" else text.removesuffix("\t")), ending


def _read(text: str, scan: Scan | Garbled, terminator: Terminator, layout: LayoutName | None) -> Reading | None:
    """Find the code of the card that a text is, whatever has become of its letters and of GS."""
    body = _body(text)
    for turned, flaw in _TURNED:
        for part, whole in TEXTS.items():
            head, expected, tail = turned(whole).partition(SEPARATOR)
            separator = "" if not expected and body == head else _separator(body, head, tail) if expected else None
            if separator is not None:
                return Reading(
                    part=part,
                    layout=layout,
                    separator=separator,
                    terminator=terminator,
                    identifier=text.removesuffix(body),
                    longest_gap=scan.longest_gap,
                    flaw=flaw,
                )
    return None


def _spelt(reading: Reading, way: str) -> Reading:
    """Say how GS came where it came as itself."""
    return msgspec.structs.replace(reading, separator=way) if reading.separator == SEPARATOR else reading


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


def _damage(text: str) -> Iterator[str]:
    """Tell of a text that is nearly a code of the card, or one with something before or after it."""
    body = _body(text)
    for part, whole in TEXTS.items():
        if whole in body:
            beside = body.replace(whole, "\N{HORIZONTAL ELLIPSIS}", 1)
            yield (
                f"The code {part!r} arrives with more than itself, as {beside!r}: set the scanner to add nothing "
                "before or after a code and to end it with one Enter."
            )
            return
    for part, whole in TEXTS.items():
        if difflib.SequenceMatcher(None, whole, body, autojunk=False).ratio() >= _ALIKE:
            yield (
                f"The code {part!r} did not arrive whole, {len(body)} characters of {len(whole)}: scan it again, and "
                "where that does not help set a pause between characters in the scanner."
            )
            return


# Is it worth a closer look? -----------------------------------------------------------------------------------------


def may_be_of_the_card(tape: Sequence[KeyEvent]) -> bool:
    """Whether a few characters of the card are among the first keys, whatever the keyboard and the way of typing."""
    pressed: list[str] = []
    for event in tape:
        if event.value == keys.DOWN and event.type == keys.EV_KEY and event.code not in _UNSEEN:
            pressed.append(chr(event.code & 0xFFFF))
            if len(pressed) == _FIRST_KEYS:
                break
    return any(map("".join(pressed).__contains__, _pieces_as_keys()))


def text_may_be_of_the_card(text: str) -> bool:
    """Whether a few characters of the card are among the first ones, in any case."""
    return any(map(text[:_FIRST_KEYS].lower().__contains__, _pieces_in_lower_case()))


@functools.cache
def _pieces() -> frozenset[str]:
    """Give every few characters in a row of the codes, GS apart; of the row of all characters the first ones alone.

    Of a code that lost one character, some of these are still whole.
    """
    rows = [
        row
        for part, text in TEXTS.items()
        for row in (SYMBOLS[part] + (text[: 2 * _PIECE] if part == "characters" else text)).split(SEPARATOR)
    ]
    return frozenset(row[at : at + _PIECE] for row in rows for at in range(len(row) - _PIECE + 1))


@functools.cache
def _pieces_in_lower_case() -> frozenset[str]:
    return frozenset(map(str.lower, _pieces()))


@functools.cache
def _pieces_as_keys() -> frozenset[str]:
    """Give the keys of those pieces in every way of typing, each key as the character of its number."""
    keypad = {digit: chr(code) for code, digit in keys.KEYPAD_DIGITS.items()}
    turned = {turn(piece) for piece in _pieces() for turn, _ in _TURNED}
    pieces = {"".join(keypad[digit] for digit in _decimal(text, width)) for text in turned for width in (1, 3, 4)}
    for layout in keys.LAYOUTS.values():
        codes = [code for code in layout if code not in keys.KEYPAD_DIGITS]
        row = {level: chr(code) for code in codes for level in layout[code]}
        pieces |= {"".join(typed[each] for each in piece) for piece in _pieces() for typed in (row, row | keypad)}
    return frozenset(pieces)


def _decimal(text: str, width: int) -> str:
    return "".join(str(ord(character)).zfill(width) for character in text)
