r"""How does this scanner send? Learnt from the printed check card, and compared each time a code of it is read again.

Laws:
* One code of the card tells as much as it shows. Only all five, read alike and without loss, prove a way of typing.
* What does not fit is told with the mend, and never taken for proved.
* What stands for GS and may be data as well is never read as GS.
* A scanner that types and one on a serial line are judged alike.

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
    GS_TYPED,
    SILENCE,
    SYMBOLS,
    TEXTS,
    Heard,
    Reading,
    hear,
    hear_texts,
    may_be_of_the_card,
    part_of,
    text_may_be_of_the_card,
    weight,
)
from stations.scanning.decoding.keys import KeyEvent
from stations.scanning.decoding.wedge import Garbled, Profile, Scan
from stations.scanning.outcome import Outcome

__all__ = ["LISTENING", "SYMBOLS", "TEXTS", "Learnt", "drift", "drift_of_text", "learn", "learn_texts", "part_of"]

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
_SEND_GS: Final = "set the scanner to send GS as Ctrl+], or as itself in its serial mode"
_IDENTIFY: Final = "let the scanner read GS1 symbols as such and send AIM symbology identifiers"
_LOST_KEYS: Final = "Keys were lost on their way from the scanner: scan that code again."
_LOST_TEXT: Final = "The beginning of a scan may be missing: scan that code again."


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
    return _concluded(max((hear(tapes, layout) for layout in keys.LAYOUTS), key=weight), _loss(tapes))


def learn_texts(scans: Sequence[Scan | Garbled]) -> Learnt:
    """Learn from what a scanner sent over a serial line and a `Line` decoded under `LISTENING`, in any order.

    There, CR and LF end a scan; HT is the end of a text that is given up for it in silence; and a text that is given up
    for nothing but silence has no terminator. What was lost in part keeps the profile from being proved, as in `learn`.
    """
    is_lost = any(isinstance(scan, Garbled) and scan.reason is Outcome.LOST_INPUT for scan in scans)
    return _concluded(hear_texts(scans, LISTENING), _LOST_TEXT if is_lost else "")


def drift(tape: Sequence[KeyEvent], profile: Profile) -> str:
    """Say what has changed where a tape is a code of the card typed in another way than the profile's; else `""`.

    A code that is not whole, or has something before or after it, is a change. Of an ordinary scan only the first keys
    are looked at. Keys lost on their way are no change.
    """
    if not may_be_of_the_card(tape) or _loss([tape]):
        return ""
    layouts = sorted(keys.LAYOUTS, key=lambda layout: layout != profile.layout)
    return _changed([hear([tape], layout) for layout in layouts], profile)


def drift_of_text(scan: Scan | Garbled, profile: Profile) -> str:
    """Say the same of what a scanner sent over a serial line and a `Line` decoded under this profile."""
    return _changed([hear_texts([scan], profile)], profile) if text_may_be_of_the_card(scan.text) else ""


def _concluded(heard: Heard, loss: str) -> Learnt:
    readings = heard.readings
    parts = frozenset(reading.part for reading in readings if not reading.flaw)
    flaw = next((reading.flaw for reading in readings if reading.flaw), "")
    trouble = loss or next(iter(heard.damaged), "")
    if flaw or not readings:
        nothing = "No code of the check card was read: print it with kiosk print check-card, and scan its codes."
        return Learnt(profile=None, parts=parts, says=flaw or trouble or nothing)
    trouble = trouble or _contradiction(readings) or _doubts(readings)
    profile = _profile(readings, is_proved=parts == TEXTS.keys() and not trouble)
    return Learnt(profile=profile, parts=parts, says=trouble or _learnt(readings, parts))


def _changed(heard: Sequence[Heard], profile: Profile) -> str:
    """Say what one scan tells of a change, read in each of several ways, the profile's first."""
    readings = [reading for each in heard for reading in each.readings]
    if not readings:
        return next((damage for each in heard for damage in each.damaged), "")
    reading = min(readings, key=lambda reading: bool(reading.flaw))
    changes = "; ".join(_changes(reading, profile))
    if reading.flaw or not changes:
        return reading.flaw
    return f"This scanner has changed since it was paired: {changes}. Set it back, or pair it again."


# What is wrong ------------------------------------------------------------------------------------------------------


def _loss(tapes: Sequence[Sequence[KeyEvent]]) -> str:
    is_lost = any(event.type == keys.EV_SYN and event.code == keys.SYN_DROPPED for tape in tapes for event in tape)
    return _LOST_KEYS if is_lost else ""


def _contradiction(readings: Sequence[Reading]) -> str:
    """Say where codes of the card arrived in different ways, or in one that cannot be used."""
    separators = {reading.separator for reading in readings} - {""}
    if "none" in separators:
        return f"The scanner leaves out GS, so that a lot runs into what follows it: {_SEND_GS}."
    if len(separators) > 1:
        ways = " and ".join(sorted(_named(each, readings[0].layout) for each in separators))
        return f"GS arrives in two ways, as {ways}: {_SEND_GS}."
    ends = {reading.terminator for reading in readings}
    if len(ends) > 1:
        told = " and with ".join(sorted(_ENDS[end] for end in ends))
        return f"Some scans end with {told}: set the scanner to end all with Enter."
    if len({bool(reading.identifier) for reading in readings}) > 1:
        return "Some scans begin with a symbology identifier and some do not: let the scanner send it for all codes."
    wrong = next((each for each in readings if each.identifier and not each.is_identified), None)
    return f"Symbols are not told apart, {_misnamed(wrong)}: {_IDENTIFY}." if wrong else ""


def _doubts(readings: Sequence[Reading]) -> str:
    """Say where what stands for GS may also be data."""
    stand_in = next((reading.separator for reading in readings if not _is_plain(reading.separator)), "")
    return f"GS arrives as {_named(stand_in)}, which may as well be data: {_SEND_GS}." if stand_in else ""


def _is_plain(separator: str) -> bool:
    """Whether it is GS or a text that cannot be data: no character of a lot, and not in a code of the card.

    The row of all characters holds every single one, and so proves nothing against it.
    """
    stand_in = separator.partition(":")[2]
    return not stand_in or not (
        _GS1_CHARACTERS.fullmatch(stand_in)
        or any(stand_in in text for part, text in TEXTS.items() if part != "characters" or len(stand_in) > 1)
    )


# What is told -------------------------------------------------------------------------------------------------------


def _profile(readings: Sequence[Reading], *, is_proved: bool) -> Profile:
    """Give the profile; what stands for GS and may be data as well is not read as GS."""
    separator = _separator(readings)
    pause = max(reading.longest_gap for reading in readings) * GAP_FACTOR
    return Profile(
        layout=readings[0].layout or "us",
        separator=separator if _is_plain(separator) else "none",
        terminator=readings[0].terminator,
        aim=any(reading.identifier for reading in readings),
        gap=min(max(math.ceil(pause * 100) / 100, GAPS[0]), GAPS[1]),
        proved=is_proved,
    )


def _separator(readings: Sequence[Reading]) -> str:
    """Give the way GS arrives, of several one in which it does."""
    ways = {reading.separator for reading in readings} - {""}
    return min(ways, key=lambda way: (way == "none", way), default="ctrl")


def _learnt(readings: Sequence[Reading], parts: frozenset[str]) -> str:
    missing = [part for part in TEXTS if part not in parts]
    layout = readings[0].layout
    sends = f"types on a {layout.upper()} keyboard" if layout else "sends over a serial line"
    gs = "" if parts.isdisjoint({"datamatrix", "code128"}) else f", GS as {_named(_separator(readings), layout)}"
    identifiers = "with" if readings[0].identifier else "without"
    told = f"{sends}{gs}, ended by {_ENDS[readings[0].terminator]}, {identifiers} symbology identifiers"
    if missing:
        return f"So far this scanner {told}; still to scan: {', '.join(missing)}."
    return f"The whole check card was read: this scanner {told}."


def _changes(reading: Reading, profile: Profile) -> Iterator[str]:
    if reading.layout not in {None, profile.layout}:
        yield f"it types on a {str(reading.layout).upper()} keyboard, it was {profile.layout.upper()}"
    separator = reading.separator if _is_plain(reading.separator) else "none"
    if separator not in {"", profile.separator}:
        arrives, was = _named(reading.separator, reading.layout), _named(profile.separator, reading.layout)
        yield f"GS now arrives as {arrives}, it was {was}"
    if reading.terminator != profile.terminator:
        yield f"scans now end with {_ENDS[reading.terminator]}, it was {_ENDS[profile.terminator]}"
    if bool(reading.identifier) != profile.aim:
        yield "symbology identifiers now arrive" if reading.identifier else "symbology identifiers no longer arrive"
    elif profile.proved and profile.aim and not reading.is_identified:
        yield _misnamed(reading)


def _misnamed(reading: Reading) -> str:
    return f"the code {reading.part!r} arrives as {reading.identifier}, expected {SYMBOLS[reading.part]}"


def _named(separator: str, layout: str | None = "us") -> str:
    way = "itself" if layout is None and separator in GS_TYPED else _WAYS.get(separator)
    return way or repr(separator.partition(":")[2])
