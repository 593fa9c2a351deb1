r"""Which characters go on a label, and where do lines break?

What a scan or a file brought is hostile until it is spelled here: control characters are refused, look-alike
characters are written in plain ones, and whatever is left that the letters do not have is refused rather than dropped.
Words are never broken, and a number stays with its unit, for "25" at the end of a line and "mg" on the next has
caused dosing errors (ISMP, List of Error-Prone Abbreviations, Symbols, and Dose Designations). A "not" stays with what
it denies and a range whole, for a line may be read alone. No line begins with a dash, for "- 5" would read as less
than nothing.

>>> spelled("fentaNYL 50 µg, at ≥ 2 °C")
'fentaNYL 50 mcg, at >= 2 °C'
>>> spelled("1½ tablets for Núñez, 5 µL")
'1\xa01/2 tablets for Nunez, 5 mcL'
>>> spelled("LOT\x1d21")
Traceback (most recent call last):
...
printers.label.LabelRefused: 'LOT\x1d21' holds the control character U+001D, which is never printed
>>> wrapped("hydrALAZINE 25 mg tablet", 16, len)
('hydrALAZINE', '25 mg tablet')
>>> wrapped("sulfamethoxazole-trimethoprim 800 mg", 20, len)
('sulfamethoxazole-', 'trimethoprim 800 mg')
>>> wrapped("QUARANTINE - DO NOT USE", 16, len)
('QUARANTINE -', 'DO NOT USE')
>>> wrapped("hydrALAZINE 25 mg tablet", 18, len), evenly_wrapped("hydrALAZINE 25 mg tablet", 18, len)
(('hydrALAZINE 25 mg', 'tablet'), ('hydrALAZINE', '25 mg tablet'))
"""

import re
import unicodedata
from collections.abc import Callable

from printers.label import LabelRefused

GLUE = "\N{NO-BREAK SPACE}"
"""A space at which no line breaks; drawn as a space."""

_SPELLINGS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
    | dict.fromkeys("\u00a0\u2007\u202f", GLUE)
    | dict.fromkeys("\u2002\u2003\u2009\u200a", " ")
    | dict.fromkeys("\u00ae\u2122", "")
    | {"\u2265": ">=", "\u2264": "<=", "\u00d7": "x", "\u2026": "...", "\u2044": "/"}
    | {"\u00bc": "1/4", "\u00bd": "1/2", "\u00be": "3/4", "\u00df": "ss"}
    | {"\u00e6": "ae", "\u00c6": "AE", "\u00f8": "o", "\u00d8": "O", "\u0142": "l", "\u0141": "L"}
)
"""Trade mark signs go, as ISMP asks of labels. The micro sign is not here: only before a unit is it written out."""

_MICRO = re.compile("[\u00b5\u03bc](?=(?:g|L|l|m|M|mol|Ci|Eq|Osm)(?![A-Za-z]))")
"""The micro sign or a Greek mu where a unit follows it; alone it may mean micron, micro or mean, and is refused."""
_MIXED = re.compile("(?<=[0-9])(?=[\u00bc-\u00be])")
"""Where a fraction follows a number: written together, one and a half would read as eleven halves."""
_UNITS = "|".join(
    (
        *("x", "pt", "%", "°C", "°F", "mm", "L", "mL", "mcL", "tsp", "drops?"),
        *(
            "mcg",
            "mg",
            "g",
            "kg",
            "micrograms?",
            "milligrams?",
            "grams?",
            "units?",
            "million units?",
            "IU",
            "million IU",
        ),
        *("mEq", "mmol", "mcmol", "mCi", "mcCi", "h", "hours?", "minutes?", "days?"),
        *("tablets?", "capsules?", "vials?", "syringes?"),
    )
)
_BEFORE_UNIT = re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?![A-Za-z0-9]))|(?<=\d.million) (?=(?:units?|IU)(?![A-Za-z0-9]))")
_IN_RANGE = re.compile(r"(?<=[0-9CF%]) (?=to -?[0-9])|(?<=[0-9CF%] to) (?=-?[0-9])")
"""In 2 °C to 8 °C, or -25 °C to -15 °C: half of a range reads as a limit, or as a temperature to keep."""
_IN_MOMENT = re.compile(r"(?<=[0-9]{4}-[0-9]{2}-[0-9]{2}) (?=[0-9]{2}:[0-9]{2})")
"""In 2026-03-11 20:00: a use-by date alone reads as good until midnight."""
_PARTS = re.compile(r"(?<=[A-Za-z]{4}-)(?=[A-Za-z]{4})|(?<=[A-Za-z]/)(?=[0-9][0-9.,]* )")
"""Between two names, as in sulfamethoxazole-trimethoprim, and after the slash of 25,000 units/250 mL: where something
too wide for a line is parted, and each name, and each number with its unit, stays whole."""
_BEFORE_DASH = re.compile(r" (?=-(?: |$))")
_NOT = re.compile(r"\b(?:do )?not (?=\w)", re.IGNORECASE)
_REPERTOIRE = frozenset(map(chr, range(0x20, 0x7F))) | {GLUE, "\N{DEGREE SIGN}", "\N{PLUS-MINUS SIGN}"}


def spelled(text: str) -> str:
    """Write a text in characters that the letters have, single spaces between words.

    Raises LabelRefused, naming the character, where one is a control character or has no spelling.
    """
    control = next((mark for mark in text if unicodedata.category(mark) == "Cc"), None)
    if control is not None:
        raise LabelRefused(f"{text!r} holds the control character U+{ord(control):04X}, which is never printed")
    units = _MICRO.sub("mc", unicodedata.normalize("NFC", text))
    plain = "".join(map(_unaccented, _MIXED.sub(GLUE, units).translate(_SPELLINGS)))
    odd = next((mark for mark in plain if mark not in _REPERTOIRE), None)
    if odd is not None:
        raise LabelRefused(f"{text!r} holds {_named(odd)}, which a label cannot show; spell it in plain letters")
    return " ".join(word for glued in plain.split(" ") if (word := glued.strip(GLUE)))


def _unaccented(character: str) -> str:
    """Take the accent off a letter; a sign that is struck through, as in "not equal", means something else."""
    if character.isascii():
        return character
    parts = unicodedata.normalize("NFD", character)
    is_letter = parts[0].isascii() and parts[0].isalpha()
    is_accented = is_letter and all(unicodedata.category(accent) == "Mn" for accent in parts[1:])
    return parts[0] if is_accented else character


def _named(character: str) -> str:
    name = unicodedata.name(character, "a character without a name")
    return f"U+{ord(character):04X} ({name.lower()})"


def fits(text: str, room: int, measure: Callable[[str], int]) -> bool:
    """Whether a text can be wrapped to the room with everything whole that belongs together, as a number and its unit.

    What does not fit may still be wrapped, parted at places that do least harm; a smaller size is better.
    """
    return all(measure(word) <= room for word in _held_together(text))


def can_be_wrapped(text: str, room: int, measure: Callable[[str], int]) -> bool:
    """Whether no word alone, nor a part of one where it may be parted, is wider than the room."""
    return all(measure(part) <= room for word in _words(text, room, measure) for part in _PARTS.split(word))


def wrapped(text: str, room: int, measure: Callable[[str], int]) -> tuple[str, ...]:
    """Break a text into lines no wider than the room, between words only.

    `room` and what `measure` gives are in the same unit. Raises LabelRefused where one word alone is wider.
    """
    lines: list[str] = []
    for word in _words(text, room, measure):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer) <= room:
            lines[-1] = longer
        else:
            lines += _parted(word, room, measure)
    return tuple(lines)


def evenly_wrapped(text: str, room: int, measure: Callable[[str], int]) -> tuple[str, ...]:
    """Break a text into as few lines as `wrapped` does, in the narrowest column that takes no more of them.

    So no word stands alone under a full line. Raises as `wrapped` does.
    """
    lines = wrapped(text, room, measure)
    while len(lines) > 1:
        narrower = max(map(measure, lines)) - 1
        if not fits(text, narrower, measure):
            break
        others = wrapped(text, narrower, measure)
        if len(others) > len(lines):
            break
        lines = others
    return lines


def _parted(word: str, room: int, measure: Callable[[str], int]) -> list[str]:
    """Give a word a line; one that is too wide for it gets a line for each of its parts."""
    lines: list[str] = []
    for part in [word] if measure(word) <= room else _PARTS.split(word):
        if lines and measure(lines[-1] + part) <= room:
            lines[-1] += part
        elif measure(part) <= room:
            lines.append(part)
        else:
            raise LabelRefused(f"{part!r} is wider than its line, and a word is never broken; shorten it")
    return lines


def _words(text: str, room: int, measure: Callable[[str], int]) -> list[str]:
    """Find the unbreakable words. Glue gives way where it would make a word too wide to draw at all."""
    words: list[str] = []
    for word in _held_together(text):
        can_be_drawn = all(measure(part) <= room for part in _PARTS.split(word))
        words.extend([word] if can_be_drawn else word.split())
    return words


def _held_together(text: str) -> list[str]:
    """Split a text into what a line should hold whole: a word, or words that mean something else when apart."""
    denied = _NOT.sub(lambda found: found[0].replace(" ", GLUE), text)
    for together in (_BEFORE_UNIT, _IN_RANGE, _IN_MOMENT, _BEFORE_DASH):
        denied = together.sub(GLUE, denied)
    return [word.replace(GLUE, " ") for word in denied.split(" ")]
