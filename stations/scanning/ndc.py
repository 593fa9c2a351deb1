"""Which National Drug Code is it? Its written forms, what bare digits may mean, and the GTIN that holds one.

Laws:
* A format is never guessed: ten bare digits are three NDCs (21 CFR 207.33), and stay three here.
* The one form into which every other maps without loss is the 12-digit one, 6-4-2, written with hyphens
  (91 FR 10749, in force from 7 March 2033); each short segment is filled with zeros on the left.
* Digits are ASCII digits.

>>> ndc12_of("0999-1234-56")
'000999-1234-56'
>>> candidates("0999123456")
('000999-1234-56', '009991-0234-56', '009991-2345-06')
"""

from __future__ import annotations

import re
from typing import Final

from stations.scanning.outcome import Fault, Outcome

Shape = tuple[int, int, int]
"""Digits of labeler, product and package."""

SHAPES: Final[dict[int, tuple[Shape, ...]]] = {
    10: ((4, 4, 2), (5, 3, 2), (5, 4, 1)),
    11: ((5, 4, 2), (6, 3, 2), (6, 4, 1)),
    12: ((6, 4, 2),),
}
"""Count of digits → shapes. 5-4-2 is the billing form; 6-3-2 and 6-4-1 are those of six-digit labelers."""

NDC10_DIGITS: Final = 10
SSCC_DIGITS: Final = 18
CODE_LENGTHS: Final = frozenset({8, 12, 13, 14, 17, 18})
"""GTIN-8, -12, -13 (and GLN), -14, GSIN, SSCC (and GSRN)."""

_DIGITS: Final = re.compile(r"[0-9]+")
_WORD: Final = re.compile(r"\s*NDC\b[\s:#]*", re.IGNORECASE | re.ASCII)
_HYPHENATED: Final = re.compile(r"([0-9]{4,6})[- ]([0-9]{3,4})[- ]([0-9]{1,2})")


def is_digits(text: str) -> bool:
    """Whether it is one or more of 0-9; `str.isdigit` takes other scripts too."""
    return _DIGITS.fullmatch(text) is not None


def check_digit(payload: str) -> str:
    """Give the check digit of a GTIN, GLN, SSCC or GSRN without one (GS1 General Specifications 7.9).

    >>> check_digit("03600029145")
    '2'
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)


def has_check_digit(number: str) -> bool:
    """Whether the last digit of a GTIN, GLN, SSCC or GSRN is the right one. Zeros alone are the number of nothing."""
    has_form = len(number) in CODE_LENGTHS and is_digits(number) and number.strip("0") != ""
    return has_form and check_digit(number[:-1]) == number[-1]


def wrong_check_digit(number: str, where: str) -> Fault:
    """Say that such a number is wrong, and what its last digit would have to be."""
    expected = check_digit(number[:-1])
    found = f"whose check digit is {number[-1]}; expected {expected}" if number.strip("0") else "the number of nothing"
    return Fault(outcome=Outcome.CHECK_DIGIT, message=f"{where} holds {number}, {found}.")


def bare(text: str) -> str:
    """Give a typed NDC without the letters NDC before it and the spaces around it.

    >>> bare(" NDC 0999-1234-56 ")
    '0999-1234-56'
    """
    return _WORD.sub("", text, count=1).strip(" ") if _WORD.match(text) else text.strip(" ")


def segments(text: str) -> tuple[str, str, str] | None:
    """Give labeler, product and package of an NDC with hyphens or spaces; None where it has no known shape.

    >>> segments("09991 0234 56")
    ('09991', '0234', '56')
    """
    match = _HYPHENATED.fullmatch(bare(text))
    if match is None:
        return None
    labeler, product, package = match.groups()
    shape = (len(labeler), len(product), len(package))
    return (labeler, product, package) if shape in SHAPES.get(sum(shape), ()) else None


def ndc12_of(hyphenated: str) -> str:
    """Give the 12-digit form, `NNNNNN-NNNN-NN`, of an NDC written with hyphens or spaces.

    Raises ValueError where the segments have no known shape.
    """
    parts = segments(hyphenated)
    if parts is None:
        raise ValueError(
            f"{hyphenated!r} is no NDC; expected the shape 4-4-2, 5-3-2, 5-4-1, 5-4-2, 6-3-2, 6-4-1 or 6-4-2."
        )
    return _padded(*parts)


def candidates(digits: str) -> tuple[str, ...]:
    """Give each NDC, in the 12-digit form, that 10, 11 or 12 bare digits may mean.

    Ten digits and eleven give three, twelve one. Raises ValueError for anything else.
    """
    if not is_digits(digits) or len(digits) not in SHAPES:
        raise ValueError(f"{digits!r} is no NDC; expected 10, 11 or 12 digits.")
    return tuple(
        _padded(digits[:labeler], digits[labeler : labeler + product], digits[labeler + product :])
        for labeler, product, _ in SHAPES[len(digits)]
    )


def gtin14(number: str) -> str:
    """Give a GTIN-8, -12, -13 or -14 as the 14 digits it is compared in (GS1 General Specifications 3.3.2)."""
    return number.zfill(14)


def gtin_of(ndc10: str, indicator: int = 0) -> str:
    """Give the GTIN-14 that holds ten NDC digits: indicator, 03, NDC, check digit.

    `indicator` is 0 for the item itself, 1-8 for higher packaging levels. Raises ValueError for what is not
    ten digits or an indicator not in 0-9.

    >>> gtin_of("0999123456", 3)
    '30309991234564'
    """
    if len(ndc10) != len("0999123456") or not is_digits(ndc10):
        raise ValueError(f"{ndc10!r} is no NDC; expected 10 digits without hyphens.")
    if not 0 <= indicator <= 9:  # noqa: PLR2004 -- one digit
        raise ValueError(f"{indicator} is no packaging level; expected 0 to 9.")
    payload = f"{indicator}03{ndc10}"
    return payload + check_digit(payload)


def ndc10_in_gtin(gtin: str) -> str | None:
    """Give the ten NDC digits that a GTIN-14 with the prefix 03 holds; None for any other GTIN.

    >>> ndc10_in_gtin("30309991234564"), ndc10_in_gtin("00614141000012")
    ('0999123456', None)
    """
    return gtin[3:13] if len(gtin) == len("30309991234564") and gtin[1:3] == "03" else None


def upc_a_of(upc_e: str) -> str | None:
    """Give the UPC-A that eight digits of a UPC-E stand for (GS1 General Specifications 5.2.3); None for any other.

    >>> upc_a_of("01234565"), upc_a_of("96385074")
    ('012345000065', None)
    """
    if upc_e[0] not in "01" or len(upc_e) != len("01234565"):
        return None
    company, item, last = upc_e[1:4], upc_e[4:6], upc_e[6]
    match last:
        case "0" | "1" | "2":
            middle = f"{company[:2]}{last}0000{company[2]}{item}"
        case "3":
            middle = f"{company}00000{item}"
        case "4":
            middle = f"{company}{item[0]}00000{item[1]}"
        case _:
            middle = f"{company}{item}0000{last}"
    number = upc_e[0] + middle + upc_e[7]
    return number if has_check_digit(number) else None


def _padded(labeler: str, product: str, package: str) -> str:
    return f"{labeler:0>6}-{product:0>4}-{package:0>2}"
