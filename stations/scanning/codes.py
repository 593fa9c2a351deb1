r"""What is this text? A product, a badge, a place, a command … or nothing that may be believed.

Laws:
* Total: every text has an answer; bad input is an answer with an outcome, never an exception.
* Never a guess. Where two readings are possible, or a check fails, nothing of the reading is told.
* A symbology identifier is read once, at the start (ISO/IEC 15424). Only a symbol that begins with FNC1 is
  GS1, and a text without identifier only where it begins `01` and parses strictly.
* No clock: the day of the scan is an argument.

>>> today = dt.date(2026, 3, 10)
>>> code = read("]d201003099912345631727020010LOT7A\x1d21S0001", today)
>>> code.gtin, code.lot, str(code.expiry), code.serial
('00309991234563', 'LOT7A', '2027-02-28', 'S0001')
>>> read("B0042174", today).message
'B0042174 looks like one of our codes, but its check character is wrong: scan it again.'
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from stations.scanning import gs1, ndc, ours
from stations.scanning.gs1 import GS, warm
from stations.scanning.outcome import Fault, Kind, Outcome
from stations.scanning.wedge import DATA_CONTROLS, is_control

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LONGEST", "Code", "as_dict", "from_visible", "read", "visible", "warm"]

LONGEST: Final = 4096
"""Most characters that are read at all."""

GS1_SYMBOLS: Final = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
"""GS1-128, GS1 DataMatrix, GS1 QR, GS1 DataBar, GS1 DotCode."""
_SYMBOL: Final = re.compile(r"\][A-Zcdez][0-9A-Za-z]")
_DIGITS_OF_SYMBOL: Final = {"]E0": 13, "]E4": 8, "]I0": 14, "]I1": 14, "]I3": 14}
"""EAN-13 and UPC in full EAN form, EAN-8, ITF-14: digits, of one length only."""
_BARE_GS1: Final = re.compile(r"01[0-9]{14}")
_FOREIGN: Final = (
    (re.compile(r"\[\)>\x1e.*", re.DOTALL), "This is an ISO/IEC 15434 message"),
    (re.compile(r"\+[A-Z0-9].*"), "This is a HIBC code"),
    (re.compile(r"https?://.*", re.IGNORECASE), "This is a web address"),
)
_NAMED: Final = {GS: "<GS>", "\x1e": "<RS>", "\x04": "<EOT>", "\x1c": "<FS>", "\x1f": "<US>"}


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """What one text is. With an outcome other than `ok` all that is doubtful is None."""

    raw: str
    """The text as it came, symbology identifier and separators included."""
    kind: Kind
    """What it names; of a refused text, what it claims to name."""
    symbology: str | None = None
    """The symbology identifier, such as `]d2`; None where the scanner sent none."""
    gtin: str | None = None
    """14 digits."""
    ndc10: str | None = None
    """Ten digits without hyphens: three NDCs are possible."""
    ndc12: str | None = None
    """`NNNNNN-NNNN-NN`, only when certain: hyphens were given, or AI 715."""
    ndc_candidates: tuple[str, ...] = ()
    """Every ndc12 that bare digits, or the NDC in a GTIN, may mean."""
    lot: str | None = None
    expiry: dt.date | None = None
    """The last day of use."""
    expiry_precision: Literal["day", "month"] | None = None
    expiry_time: dt.time | None = None
    """With AI 7003 only: not usable from this time of that day."""
    serial: str | None = None
    quantity: int | None = None
    """AI 30, units in this pack."""
    own: str | None = None
    """The whole text of a code we printed ourselves."""
    outcome: Outcome
    message: str
    """One sentence for the person who scanned."""
    ais: tuple[tuple[str, str], ...] = ()
    """Application identifier and data, in the order of the symbol."""

    @property
    def command(self) -> str | None:
        """The word of a command code, such as `confirm` or `7`; None for any other."""
        return ours.command_of(self.own) if self.own else None


def read(text: str, today: dt.date, *, aim: bool = True, years_ahead: int = 10) -> Code:
    """Say what a text is, on the day it is scanned.

    `aim` says whether the scanner sends symbology identifiers; without it a leading `]` is data. An expiry
    more than `years_ahead` years ahead is `check-year`. It never raises.
    """
    symbology = text[:3] if aim and _SYMBOL.match(text) else None
    claim = Code(raw=text, kind=Kind.UNKNOWN, symbology=symbology, outcome=Outcome.OK, message="")
    body = text[3:] if symbology else text
    fault = _unfit(body)
    if fault is not None:
        return _refused(claim, fault)
    for pattern, sentence in _FOREIGN:
        if pattern.fullmatch(body):
            return _refused(claim, _not_ours(f"{sentence}, which is not read here: scan another code of the package."))
    if _is_gs1(symbology, body):
        return _gs1(claim, body, today, years_ahead)
    if symbology in _DIGITS_OF_SYMBOL:
        return _digits_of_symbol(claim, body, _DIGITS_OF_SYMBOL[symbology])
    return _plain(claim, body)


def as_dict(code: Code) -> dict[str, object]:
    """Give the public fields as plain values; what is absent is None, dates are ISO."""
    return {
        "raw": code.raw,
        "kind": code.kind.value,
        "symbology": code.symbology,
        "gtin": code.gtin,
        "ndc10": code.ndc10,
        "ndc12": code.ndc12,
        "ndc_candidates": list(code.ndc_candidates) or None,
        "lot": code.lot,
        "expiry": code.expiry.isoformat() if code.expiry else None,
        "expiry_precision": code.expiry_precision,
        "serial": code.serial,
        "quantity": code.quantity,
        "outcome": code.outcome.value,
        "message": code.message,
    }


def visible(text: str) -> str:
    r"""Give a text in which every character shows, for people: GS as `<GS>`, others as `\x07`.

    >>> visible("10A\x1d21B\x07")
    '10A<GS>21B\\x07'
    """
    return "".join(
        _NAMED.get(character) or (character if character.isprintable() else ascii(character)[1:-1])
        for character in text
    )


def from_visible(text: str) -> str:
    """Give the text that people and scripts write with `<GS>` or `{GS}` for the separator."""
    return text.replace("<GS>", GS).replace("{GS}", GS)


def _unfit(body: str) -> Fault | None:
    """Refuse what no reading should see."""
    if not body.strip(" "):
        return Fault(outcome=Outcome.UNREADABLE, message="The scan holds no characters: scan again.")
    if len(body) > LONGEST:
        return Fault(
            outcome=Outcome.TOO_LONG, message=f"The scan holds {len(body)} characters; expected {LONGEST} at most."
        )
    control = next((each for each in body if is_control(each) and each not in DATA_CONTROLS), None)
    if control is not None:
        return Fault(
            outcome=Outcome.CONTROL_CHARACTER,
            message=f"The scan holds the control character {control!a}: the code is damaged or hostile.",
        )
    if not body.isascii():
        strange = next(each for each in body if not each.isascii())
        return Fault(
            outcome=Outcome.UNREADABLE,
            message=f"The scan holds {strange!a}, which is not ASCII: check the keyboard layout of the scanner.",
        )
    return None


def _is_gs1(symbology: str | None, body: str) -> bool:
    if symbology is not None:
        return symbology in GS1_SYMBOLS
    return GS in body or _BARE_GS1.match(body) is not None


def _gs1(claim: Code, body: str, today: dt.date, years_ahead: int) -> Code:
    found = gs1.read(body, today, years_ahead)
    if isinstance(found, Fault):
        kind = Kind.PRODUCT if body.lstrip(GS).startswith("01") else Kind.UNKNOWN
        kind = Kind.SHIPMENT if body.lstrip(GS).startswith(("00", "02")) else kind
        return _refused(claim, found, kind)
    return msgspec.structs.replace(
        _trade_item(claim, found.gtin),
        ndc12=found.ndc12,
        lot=found.lot,
        expiry=found.expiry,
        expiry_precision="day" if found.expiry else None,
        expiry_time=found.expiry_time,
        serial=found.serial,
        quantity=found.quantity,
        ais=found.elements,
    )


def _digits_of_symbol(claim: Code, body: str, length: int) -> Code:
    if ndc.is_digits(body) and len(body) == length:
        return _gtin(claim, body)
    outcome = Outcome.TRUNCATED if ndc.is_digits(body) and len(body) < length else Outcome.UNREADABLE
    fault = Fault(
        outcome=outcome, message=f"A {claim.symbology} symbol holds {length} digits; found {visible(body[:40])!r}."
    )
    return _refused(claim, fault, Kind.PRODUCT)


def _plain(claim: Code, body: str) -> Code:
    """Read a text that no symbology restricts."""
    readings: tuple[Callable[[Code, str], Code | None], ...] = (_bare_digits, _own, _typed_ndc)
    for reading in readings:
        code = reading(claim, body)
        if code is not None:
            return code
    if claim.symbology and (GS in body or _BARE_GS1.match(body)):
        sentence = (
            f"The data read like GS1, but a {claim.symbology} symbol is not GS1: scan another code of the package."
        )
        return _refused(claim, _not_ours(sentence))
    sentence = f"{visible(body[:40])!r} has no form known here: scan another code."
    return _refused(claim, Fault(outcome=Outcome.UNKNOWN_CODE, message=sentence))


def _bare_digits(claim: Code, body: str) -> Code | None:
    if not ndc.is_digits(body):
        return None
    if len(body) in {8, 12, 13, 14}:
        return _gtin(claim, body)
    if len(body) in {10, 11}:
        return _ambiguous(claim, body)
    if len(body) == 18 and ndc.has_check_digit(body):  # noqa: PLR2004 -- the length of an SSCC
        fault = _not_ours("This names a shipping container, not a product: scan the package itself.")
        return _refused(claim, fault, Kind.SHIPMENT)
    return None


def _own(claim: Code, body: str) -> Code | None:
    if not ours.is_plainly_ours(body) and not ours.is_ours(body):
        return None
    kind = ours.KINDS[body[0]]
    if not ours.is_ours(body):
        sentence = f"{body} looks like one of our codes, but its check character is wrong: scan it again."
        return _refused(claim, Fault(outcome=Outcome.CHECK_DIGIT, message=sentence), kind)
    if kind is Kind.COMMAND and ours.command_of(body) is None and not ours.is_checklist(body):
        sentence = f"{body} is on no command sheet of this kiosk: print the sheet again."
        return _refused(claim, Fault(outcome=Outcome.UNKNOWN_CODE, message=sentence), kind)
    return msgspec.structs.replace(claim, kind=kind, own=body, message=f"This is the {kind} code {body}.")


def _typed_ndc(claim: Code, body: str) -> Code | None:
    parts = ndc.segments(body)
    if parts is not None:
        digits = "".join(parts)
        return msgspec.structs.replace(
            claim,
            kind=Kind.PRODUCT,
            ndc10=digits if len(digits) == 10 else None,  # noqa: PLR2004 -- an NDC10
            ndc12=ndc.ndc12_of(body),
            message=f"This is the product with NDC {'-'.join(parts)}.",
        )
    digits = ndc.bare(body)
    return _ambiguous(claim, digits) if digits != body and ndc.is_digits(digits) and len(digits) in ndc.SHAPES else None


def _gtin(claim: Code, number: str) -> Code:
    if ndc.has_check_digit(number):
        return _trade_item(claim, ndc.gtin14(number))
    return _refused(claim, gs1.wrong_check_digit(number, "The code"), Kind.PRODUCT)


def _trade_item(claim: Code, gtin: str) -> Code:
    ndc10 = ndc.ndc10_in_gtin(gtin)
    return msgspec.structs.replace(
        claim,
        kind=Kind.PRODUCT,
        gtin=gtin,
        ndc10=ndc10,
        ndc_candidates=ndc.candidates(ndc10) if ndc10 else (),
        message=f"This is the product with GTIN {gtin}.",
    )


def _ambiguous(claim: Code, digits: str) -> Code:
    found = ndc.candidates(digits)
    return msgspec.structs.replace(
        claim,
        kind=Kind.PRODUCT,
        ndc10=digits if len(digits) == 10 else None,  # noqa: PLR2004 -- an NDC10
        ndc_candidates=found,
        outcome=Outcome.AMBIGUOUS_NDC,
        message=f"{digits} may be the NDC {' or '.join(found)}: compare the hyphens on the package.",
    )


def _not_ours(sentence: str) -> Fault:
    return Fault(outcome=Outcome.NOT_OURS, message=sentence)


def _refused(claim: Code, fault: Fault, kind: Kind = Kind.UNKNOWN) -> Code:
    return msgspec.structs.replace(claim, kind=kind, outcome=fault.outcome, message=fault.message)
