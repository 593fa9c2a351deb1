"""Did we print this code ourselves? Codes of people, places, devices, labels, tasks, documents and commands.

A code of ours is one type letter, one to ten of 0-9A-Z, and a check character after ISO/IEC 7064
MOD 37,36, which finds every single wrong character and every swap of neighbours. The letter tells a badge
scanned where a bin was expected from a code nobody knows.

>>> own_code("B", "004217")
'B0042173'
>>> is_ours("B0042173"), is_ours("B0042174")
(True, False)
"""

from __future__ import annotations

import hashlib
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from stations.scanning.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "B": Kind.BADGE,
        "L": Kind.LOCATION,
        "D": Kind.DEVICE,
        "K": Kind.LABEL,
        "T": Kind.TASK,
        "P": Kind.DOCUMENT,
        "C": Kind.COMMAND,
    }
)
"""Type letter → what it names."""

COMMANDS: Final = (
    *("confirm", "back", "done", "cancel", "yes", "no", "reprint", "hold", "sign-out", "lock", "help"),
    *"0123456789",
)
"""The words on the command sheet, besides the checklists."""

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = MappingProxyType({character: value for value, character in enumerate(_ALPHABET)})
_SHAPE: Final = re.compile(r"[BLDKTPC][0-9A-Z]{1,10}[0-9A-Z]")
_BODY: Final = re.compile(r"[0-9A-Z]{1,10}")
_CHECKLIST_LETTER: Final = "X"
"""First letter of a checklist's body; no word on the command sheet begins with it."""


def check_character(text: str) -> str:
    """Give the ISO/IEC 7064 MOD 37,36 check character of a text of 0-9A-Z (hybrid system, clause 8).

    >>> check_character("A12425GABC1234002")
    'M'
    """
    product = 36
    for character in text:
        total = (product + _VALUES[character]) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def own_code(letter: str, body: str) -> str:
    """Give the whole code: letter, body, check character.

    Raises ValueError for another letter, or a body that is not one to ten of 0-9A-Z.
    """
    if letter not in KINDS:
        raise ValueError(f"{letter!r} is no type letter of ours; expected one of {' '.join(KINDS)}.")
    if _BODY.fullmatch(body) is None:
        raise ValueError(f"{body!r} cannot stand in a code of ours; expected one to ten of 0-9 and A-Z.")
    return letter + body + check_character(letter + body)


def is_ours(text: str) -> bool:
    """Whether it is a code of ours, check character and all."""
    return _SHAPE.fullmatch(text) is not None and check_character(text[:-1]) == text[-1]


def is_plainly_ours(text: str) -> bool:
    """Whether it has our shape so plainly that a wrong check character means a misread code of ours.

    Words typed in capitals have the shape too; they hold no digit and do not begin with C.
    """
    return _SHAPE.fullmatch(text) is not None and (text[0] == "C" or any(map(str.isdigit, text)))


def command_code(word: str) -> str:
    """Give the code of a word on the command sheet. Raises ValueError for a word that is not on it.

    >>> command_code("sign-out")
    'CSIGNOUTK'
    """
    if word not in COMMANDS:
        raise ValueError(f"{word!r} is no command; expected one of {' '.join(COMMANDS)}.")
    return own_code("C", word.replace("-", "").upper())


def checklist_code(checklist: str) -> str:
    """Give the command code that opens a checklist, such as `automation.refill-pick`.

    An id is longer than a code may be, so the code carries nine characters of its BLAKE2b hash.
    """
    number = int.from_bytes(hashlib.blake2b(checklist.encode(), digest_size=8).digest())
    body = ""
    for _ in range(9):
        number, value = divmod(number, 36)
        body += _ALPHABET[value]
    return own_code("C", _CHECKLIST_LETTER + body)


_WORDS: Final = MappingProxyType({command_code(word): word for word in COMMANDS})


def command_of(code: str) -> str | None:
    """Give the word of a command code; None for any other text, a checklist's code among them."""
    return _WORDS.get(code)


def checklist_of(code: str, checklists: Iterable[str]) -> str | None:
    """Give the one of these checklists that a command code opens; None where it opens none of them."""
    return next((checklist for checklist in checklists if checklist_code(checklist) == code), None)


def is_command(code: str) -> bool:
    """Whether a command code is one that a command sheet carries."""
    return command_of(code) is not None or is_checklist(code)


def is_checklist(code: str) -> bool:
    """Whether a code of ours opens a checklist, known here or not."""
    return code.startswith("C" + _CHECKLIST_LETTER)
