r"""How does this scanner type? Learnt from the printed check card, and compared each time a code of it is read again.

Laws:
* One code of the card tells as much as it shows. Only all five, read alike and without loss, prove a way of typing.
* What does not fit is told with the mend, and never taken for proved.

>>> from stations.scanning.decoding.typist import Typing, keystrokes
>>> tape = keystrokes("]d2" + TEXTS["datamatrix"], 0.0, typing=Typing(separator="f8", terminator="tab"))
>>> learn([tape]).profile.separator
'f8'
>>> drift(tape, Profile(separator="f8"))
'This scanner has changed since it was paired: scans now end with Tab, it was Enter. Set it back, or pair it again.'
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from stations.scanning.decoding import keys
from stations.scanning.decoding.card_reading import (
    SILENCE,
    SYMBOLS,
    TEXTS,
    Reading,
    hear,
    may_be_of_the_card,
    part_of,
    weight,
)
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import Profile

__all__ = ["LISTENING", "SYMBOLS", "TEXTS", "Learnt", "drift", "learn", "part_of"]

LISTENING: Final = Profile(gap=SILENCE)
"""For a scanner nobody knows yet: whatever ends its scans, a second of silence does."""
GAPS: Final = (0.3, 1.0)
"""Least and greatest gap that is learnt."""
GAP_FACTOR: Final = 3
"""A pause as long as this many of the longest seen on the card ends a scan."""

_GS1_CHARACTERS: Final = re.compile(r"""[!"%-?A-Z_a-z]+""")
"""GS1 AI encodable character set 82 (7.11)."""
_WAYS: Final = MappingProxyType({"ctrl": "Ctrl+]", "alt": "Alt+029", "f8": "F8", "none": "nothing"})
_ENDS: Final = MappingProxyType({"enter": "Enter", "tab": "Tab", "none": "silence"})
_SEND_GS: Final = "set the scanner to send GS as Ctrl+], or use its serial mode"


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """What the card has told of one scanner."""

    profile: Profile | None
    """None where nothing of the card was read, or nothing this scanner sends can be believed."""
    parts: frozenset[str]
    """Names of the codes that were read whole."""
    says: str
    """One sentence: what was learnt and what is missing, or what does not fit and the mend."""


def learn(tapes: Sequence[Sequence[KeyEvent]]) -> Learnt:
    """Learn from the tapes of scans of the card by one scanner, in any order.

    A tape of anything else is left out of account. Lost keys, or a code that is not whole, keep the profile from being
    proved: hand in the tapes again without that one.
    """
    heard = max((hear(tapes, layout) for layout in keys.LAYOUTS), key=weight)
    parts = frozenset(reading.part for reading in heard.readings if not reading.flaw)
    flaw = next((reading.flaw for reading in heard.readings if reading.flaw), "")
    trouble = _loss(tapes) or next(iter(heard.damaged), "")
    if flaw or not heard.readings:
        nothing = "No code of the check card was read: print it with kiosk print check-card, and scan its codes."
        return Learnt(profile=None, parts=parts, says=flaw or trouble or nothing)
    profile = _profile(heard.readings)
    trouble = trouble or _contradiction(heard.readings) or _doubt(profile)
    profile = msgspec.structs.replace(profile, proved=parts == TEXTS.keys() and not trouble)
    return Learnt(profile=profile, parts=parts, says=trouble or _learnt(profile, parts))


def drift(tape: Sequence[KeyEvent], profile: Profile) -> str:
    """Say what has changed where a tape is a code of the card typed in another way than the profile's; else `""`.

    Of an ordinary scan only the first keys are looked at. Lost keys are no change.
    """
    if not may_be_of_the_card(tape) or _loss([tape]):
        return ""
    layouts = sorted(keys.LAYOUTS, key=lambda layout: layout != profile.layout)
    readings = [reading for layout in layouts for reading in hear([tape], layout).readings]
    if not readings:
        return ""
    reading = min(readings, key=lambda reading: bool(reading.flaw))
    changes = "; ".join(_changes(reading, profile))
    if reading.flaw or not changes:
        return reading.flaw
    return f"This scanner has changed since it was paired: {changes}. Set it back, or pair it again."


# What is wrong ------------------------------------------------------------------------------------------------------


def _loss(tapes: Sequence[Sequence[KeyEvent]]) -> str:
    is_lost = any(event.type == keys.EV_SYN and event.code == keys.SYN_DROPPED for tape in tapes for event in tape)
    return "Keys were lost on their way from the scanner: scan that code again." if is_lost else ""


def _contradiction(readings: Sequence[Reading]) -> str:
    """Say where codes of the card arrived in different ways, or in one that cannot be used."""
    separators = {reading.separator for reading in readings} - {""}
    if "none" in separators:
        return f"The scanner leaves out GS, so that a lot runs into what follows it: {_SEND_GS}."
    if len(separators) > 1:
        ways = " and ".join(sorted(map(_named, separators)))
        return f"GS arrives in two ways, as {ways}: {_SEND_GS}."
    ends = {reading.terminator for reading in readings}
    if len(ends) > 1:
        told = " and with ".join(sorted(_ENDS[end] for end in ends))
        return f"Some scans end with {told}: set the scanner to end all with Enter."
    if len({bool(reading.identifier) for reading in readings}) > 1:
        return "Some scans begin with a symbology identifier and some do not: let the scanner send it for all codes."
    wrong = next((each for each in readings if each.identifier and not _is_identified(each)), None)
    if wrong:
        return (
            f"The code {wrong.part!r} arrives as {wrong.identifier}, expected {SYMBOLS[wrong.part]}: let the scanner "
            "read GS1 symbols as such and send AIM symbology identifiers."
        )
    return ""


def _is_identified(reading: Reading) -> bool:
    expected = SYMBOLS[reading.part]
    return reading.identifier == expected or (not reading.separator and reading.identifier[:2] == expected[:2])


def _doubt(profile: Profile) -> str:
    """Say where what stands for GS may also stand in a lot."""
    stand_in = profile.separator.partition(":")[2]
    if not stand_in or not _GS1_CHARACTERS.fullmatch(stand_in):
        return ""
    return f"GS arrives as {stand_in!r}, which may as well be data of a lot: {_SEND_GS}."


# What is told -------------------------------------------------------------------------------------------------------


def _profile(readings: Sequence[Reading]) -> Profile:
    separators = sorted({reading.separator for reading in readings} - {""}, key=lambda way: (way == "none", way))
    pause = max(reading.longest_gap for reading in readings) * GAP_FACTOR
    return Profile(
        layout=readings[0].layout,
        separator=next(iter(separators), "ctrl"),
        terminator=readings[0].terminator,
        aim=any(reading.identifier for reading in readings),
        gap=min(max(math.ceil(pause * 100) / 100, GAPS[0]), GAPS[1]),
    )


def _learnt(profile: Profile, parts: frozenset[str]) -> str:
    missing = [part for part in TEXTS if part not in parts]
    gs = "" if parts.isdisjoint({"datamatrix", "code128"}) else f", GS as {_named(profile.separator)}"
    identifiers = "with" if profile.aim else "without"
    typing = f"a {profile.layout.upper()} keyboard{gs}, ended by {_ENDS[profile.terminator]}"
    told = f"{typing}, {identifiers} symbology identifiers"
    if missing:
        return f"So far this scanner types on {told}; still to scan: {', '.join(missing)}."
    return f"The whole check card was read: this scanner types on {told}."


def _changes(reading: Reading, profile: Profile) -> Iterator[str]:
    if reading.layout != profile.layout:
        yield f"it types on a {reading.layout.upper()} keyboard, it was {profile.layout.upper()}"
    if reading.separator not in {"", profile.separator}:
        yield f"GS now arrives as {_named(reading.separator)}, it was {_named(profile.separator)}"
    if reading.terminator != profile.terminator:
        yield f"scans now end with {_ENDS[reading.terminator]}, it was {_ENDS[profile.terminator]}"
    if bool(reading.identifier) != profile.aim:
        yield "symbology identifiers now arrive" if reading.identifier else "symbology identifiers no longer arrive"


def _named(separator: str) -> str:
    return _WAYS.get(separator) or repr(separator.partition(":")[2])
