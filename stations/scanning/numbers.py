"""What product or shipment may a bare number be? EAN, UPC and ITF symbols, and numbers that people key.

Laws:
* A check digit is verified wherever the number has one; the arithmetic alone never names an item.
* A number that may be two things is neither: which one, a person or the scanner's symbology identifier must say.
* In a symbol that is no EAN or UPC there is neither EAN-8 nor UPC-A.

>>> read("309991234563", None).gtin, read("0999123456", None).outcome.value
('00309991234563', 'ambiguous-ndc')
"""

from __future__ import annotations

from typing import Final

from stations.scanning import ndc
from stations.scanning.outcome import Fault, Kind, Outcome, Reading

DIGITS: Final = {"]E0": 13, "]E4": 8, "]I0": 14, "]I1": 14, "]I3": 14}
"""Symbology identifier → digits: EAN-13 with UPC in full EAN form, EAN-8, ITF-14 (ISO/IEC 15424)."""
_LEADING_OF_NDC12: Final = ("0", "1")
"""First digits of six-digit labelers; those of five digits are written with a zero (91 FR 10749)."""


def of_symbol(text: str, symbology: str) -> Reading | Fault:
    """Read the data of a symbol that holds digits of one length only; `symbology` is one of `DIGITS`."""
    length = DIGITS[symbology]
    if ndc.is_digits(text) and len(text) == length:
        return _gtin(text)
    is_short = ndc.is_digits(text) and len(text) < length
    mend = "; set the scanner to send UPC as EAN-13" if is_short and symbology == "]E0" else ""
    return Fault(
        outcome=Outcome.TRUNCATED if is_short else Outcome.UNREADABLE,
        message=f"A {symbology} symbol holds {length} digits; found {text[:40]!a}{mend}.",
    )


def read(text: str, symbology: str | None) -> Reading | Fault | None:
    """Read bare digits, or an NDC with hyphens, spaces or the word before it; None for any other text.

    `symbology` is that of a symbol which may hold any text.
    """
    if not ndc.is_digits(text):
        return _typed_ndc(text)
    match len(text):
        case 8:
            return _eight(text) if symbology is None else None
        case 10 | 11:
            return _ambiguous(text)
        case 12:
            return _twelve(text, symbology)
        case 13 | 14:
            return _gtin(text)
        case 18:
            return _shipment(text)
        case _:
            return None


def _gtin(number: str) -> Reading | Fault:
    if ndc.has_check_digit(number):
        return Reading(kind=Kind.PRODUCT, gtin=ndc.gtin14(number))
    return ndc.wrong_check_digit(number, "The code")


def _eight(number: str) -> Reading | Fault:
    """Read an EAN-8, or a UPC-E in short, whose check digit is that of the UPC-A it stands for."""
    if ndc.upc_a_of(number) is None:
        return _gtin(number)
    may_be = "may be a UPC-E in short" + (" or an EAN-8" if ndc.has_check_digit(number) else "")
    mend = "set the scanner to send UPC-E as EAN-13, or key the NDC on the package"
    return Fault(outcome=Outcome.UNREADABLE, message=f"{number} {may_be}: {mend}.")


def _twelve(number: str, symbology: str | None) -> Reading | Fault:
    """Read a UPC-A, or an NDC of 6-4-2 digits where it may be one: the digits alone do not always tell."""
    if symbology is not None:
        return _ambiguous(number)
    if not number.startswith(_LEADING_OF_NDC12) or not number.strip("0"):
        return _gtin(number)
    return _ambiguous(number, f" or the UPC {number}" if ndc.has_check_digit(number) else " or a misread UPC")


def _shipment(number: str) -> Reading | Fault:
    if ndc.has_check_digit(number):
        return Reading(kind=Kind.SHIPMENT, key=number)
    return ndc.wrong_check_digit(number, "The code")


def _typed_ndc(text: str) -> Reading | Fault | None:
    parts = ndc.segments(text)
    if parts is not None:
        digits = "".join(parts)
        is_ten = len(digits) == ndc.NDC10_DIGITS
        return Reading(kind=Kind.PRODUCT, ndc10=digits if is_ten else None, ndc12=ndc.ndc12_of(text))
    digits = ndc.bare(text)
    is_bare = digits != text and ndc.is_digits(digits) and len(digits) in ndc.SHAPES
    return _ambiguous(digits) if is_bare else None


def _ambiguous(digits: str, other: str = "") -> Fault:
    found = " or ".join(ndc.candidates(digits))
    return Fault(
        outcome=Outcome.AMBIGUOUS_NDC,
        message=f"{digits} may be the NDC {found}{other}: compare the hyphens on the package.",
        digits=digits,
    )
