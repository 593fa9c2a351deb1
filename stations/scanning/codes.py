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
import unicodedata
from typing import Final, Literal

import msgspec

from stations.scanning import hibc, mistyped, ndc, numbers, ours
from stations.scanning.decoding.wedge import DATA_CONTROLS, is_control
from stations.scanning.gs1 import digital_link, element_string, identifiers
from stations.scanning.gs1.element_string import GS
from stations.scanning.gs1.separators import Separators
from stations.scanning.outcome import Fault, Kind, Outcome, Reading

LONGEST: Final = 4096
"""Most characters that are read at all."""

GS1_SYMBOLS: Final = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
"""GS1-128, GS1 DataMatrix, GS1 QR, GS1 DataBar, GS1 DotCode."""
_SYMBOL: Final = re.compile(r"\][A-Zcdez][0-9A-Za-z]")
_BARE_GS1: Final = re.compile(r"(?:1[1-7][0-9]{6})*01[0-9]{14}|00[0-9]{18}\Z")
"""How a GS1 message without an identifier may begin: with a GTIN, dates before it or none; or it is an SSCC."""
_MESSAGE: Final = re.compile(r"\[\)>\x1e.*", re.DOTALL)
"""An ISO/IEC 15434 message."""
_NAMED: Final = {GS: "<GS>", "\x1e": "<RS>", "\x04": "<EOT>", "\x1c": "<FS>", "\x1f": "<US>"}
_WRITTEN: Final = re.compile(r"<(GS|RS|EOT|FS|US)>")
_MAY_BE_MISTYPED: Final = frozenset({Outcome.UNREADABLE, Outcome.UNKNOWN_CODE, Outcome.CHECK_DIGIT})


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
    hibc: str | None = None
    """Labeler, product number and unit digit of a HIBC code."""
    link_character: str | None = None
    """The check character of the primary HIBC symbol to which this secondary one belongs."""
    contents: str | None = None
    """AI 02: the GTIN of what a shipment holds."""
    own: str | None = None
    """The whole text of a code we printed ourselves."""
    key: str | None = None
    """The number by which registers know a thing that is not a product: a code of ours, SSCC, GLN (and, after a
    hyphen, its extension), GIAI or GSRN."""
    doubted_expiry: dt.date | None = None
    """With outcome `check-year`: what the code says, and is not believed."""
    outcome: Outcome
    message: str
    """One sentence for the person who scanned."""
    ais: tuple[tuple[str, str], ...] = ()
    """Application identifier and data, in the order of the symbol."""

    @property
    def names_product(self) -> bool:
        """Whether an item can be looked up: without it a product's code holds only lot, expiry and the like."""
        return bool(self.gtin or self.ndc10 or self.ndc12 or self.ndc_candidates or self.hibc)

    @property
    def bare(self) -> str:
        """The text without its symbology identifier."""
        return self.raw.removeprefix(self.symbology or "")

    @property
    def indicator(self) -> int | None:
        """The packaging level a product's code tells: 0 the item itself, 1-8 higher ones, 9 a variable measure."""
        digit = self.gtin[0] if self.gtin else self.hibc[-1] if self.hibc else None
        return int(digit) if digit else None

    @property
    def command(self) -> str | None:
        """The word of a command code, such as `confirm` or `7`; None for any other."""
        return ours.command_of(self.own) if self.own else None


def read(text: str, today: dt.date, *, aim: bool = True, years_ahead: int = 10, sends_separators: bool = False) -> Code:
    """Say what a text is, on the day it is scanned.

    `aim` says whether the scanner sends symbology identifiers; without it a leading `]` is data. An expiry
    more than `years_ahead` years ahead is `check-year`. `sends_separators` says that the scanner was proved to send
    every separator. It never raises.
    """
    symbology = text[:3] if aim and _SYMBOL.match(text) else None
    claim = Code(raw=text, kind=Kind.UNKNOWN, symbology=symbology, outcome=Outcome.OK, message="")
    body = text[3:] if symbology else text
    fault = _unfit(body)
    known = Separators.PROVED if sends_separators else Separators.UNKNOWN
    code = _refused(claim, fault) if fault is not None else _fit(claim, body, today, years_ahead, known)
    wrongly = mistyped.own_code(text) if code.outcome in _MAY_BE_MISTYPED else None
    return code if wrongly is None else _refused(claim, wrongly[1], ours.KINDS[wrongly[0][0]])


def joins(one: Code, other: Code) -> bool:
    """Whether two symbols may stand on one package: the product on one, in either order, the rest on the other.

    HIBC symbols prove it with their link character; GS1 symbols cannot, and must not contradict one another.
    """
    if other.names_product:
        one, other = other, one
    is_rest = other.outcome is Outcome.OK and other.kind is Kind.PRODUCT and not other.names_product
    if not one.names_product or not is_rest:
        return False
    link = hibc.check_character(f"+{one.hibc}") if one.hibc else None
    return link == other.link_character and not any(
        mine is not None and its is not None and mine != its
        for mine, its in (
            (one.lot, other.lot),
            (one.expiry, other.expiry),
            (one.expiry_time, other.expiry_time),
            (one.serial, other.serial),
            (one.quantity, other.quantity),
        )
    )


def warm() -> None:
    """Load the tables of application identifiers, which costs about 0.2 s, so that no scan waits for them."""
    identifiers.identifier_of("01")


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
        "hibc": code.hibc,
        "link_character": code.link_character,
        "indicator": code.indicator,
        "key": code.key,
        "contents": code.contents,
        "expiry_time": code.expiry_time.isoformat("minutes") if code.expiry_time else None,
    }


def visible(text: str) -> str:
    r"""Give a text in which every character shows, for people: GS as `<GS>`, others as `\x07`.

    What would lie over the character before it shows as a number, too, and a written `<GS>` as `\x3cGS>`.

    >>> visible("10A\x1d21B\x07")
    '10A<GS>21B\\x07'
    """
    text = _WRITTEN.sub(r"\\x3c\1>", text)
    return "".join(
        _NAMED.get(character) or (character if _shows(character) else ascii(character)[1:-1]) for character in text
    )


def _shows(character: str) -> bool:
    return character.isprintable() and not unicodedata.combining(character)


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


def _fit(claim: Code, body: str, today: dt.date, years_ahead: int, known: Separators) -> Code:
    """Read a text by the system it claims to be written in."""
    symbology = claim.symbology
    if _is_gs1(symbology, body):
        return _told(claim, element_string.read(body, today, years_ahead, known), _claimed(body))
    if symbology in numbers.DIGITS:
        return _told(claim, numbers.of_symbol(body, symbology), Kind.PRODUCT)
    if _MESSAGE.fullmatch(body):
        return _refused(claim, _not_ours("This is an ISO/IEC 15434 message, which is not read here"))
    bare = body[1:-1] if body.startswith("*+") and body.endswith("*") else body
    if hibc.is_hibc(bare):
        return _told(claim, hibc.read(bare, today, years_ahead), Kind.PRODUCT)
    if digital_link.is_address(body):
        return _linked(claim, body, today, years_ahead)
    return _plain(claim, body)


def _is_gs1(symbology: str | None, body: str) -> bool:
    if symbology is not None:
        return symbology in GS1_SYMBOLS
    return (GS in body and not _MESSAGE.fullmatch(body)) or _BARE_GS1.match(body) is not None


def _claimed(body: str) -> Kind:
    """Say what a GS1 message claims to name, by its first identifier."""
    start = body.lstrip(GS)[:2]
    return {"01": Kind.PRODUCT, "00": Kind.SHIPMENT, "02": Kind.SHIPMENT}.get(start, Kind.UNKNOWN)


def _linked(claim: Code, body: str, today: dt.date, years_ahead: int) -> Code:
    elements = digital_link.elements_of(body)
    if elements is None:
        return _refused(claim, _not_ours("This is a web address that names no product"))
    found = elements if isinstance(elements, Fault) else element_string.judged(elements, today, years_ahead)
    return _told(claim, found, Kind.PRODUCT)


def _told(claim: Code, found: Reading | Fault, kind: Kind) -> Code:
    """Give what a code of GS1 or HIBC says; `kind` is what a refused one claims to name."""
    if isinstance(found, Fault):
        return _refused(claim, found, kind)
    if found.kind is Kind.UNKNOWN:
        own = element_string.own_code(found.elements)
        fault = _not_ours("This holds a company's internal data and none of our codes")
        return (_own(claim, own) if own else None) or _refused(claim, fault)
    in_gtin = ndc.ndc10_in_gtin(found.gtin) if found.gtin else None
    if in_gtin and found.ndc12 and found.ndc12 not in ndc.candidates(in_gtin):
        says = f"The GTIN holds the NDC {in_gtin}, AI 715 says {found.ndc12}: two products on one symbol."
        return _refused(claim, Fault(outcome=Outcome.UNREADABLE, message=says), kind)
    code = msgspec.structs.replace(
        claim,
        kind=found.kind,
        key=found.key,
        gtin=found.gtin,
        ndc10=found.ndc10 or in_gtin,
        ndc12=found.ndc12,
        ndc_candidates=ndc.candidates(in_gtin) if in_gtin else (),
        hibc=found.hibc,
        link_character=found.link_character,
        contents=found.contents,
        lot=found.lot,
        expiry=found.expiry,
        expiry_precision=found.expiry_precision,
        expiry_time=found.expiry_time,
        serial=found.serial,
        quantity=found.quantity,
        ais=found.elements,
    )
    return msgspec.structs.replace(code, message=_sentence(code))


def _sentence(code: Code) -> str:
    """Say what a code names."""
    if code.kind is Kind.SHIPMENT:
        held = f", which holds {code.quantity or 'units'} of GTIN {code.contents}" if code.contents else ""
        return f"This is the shipment {code.key or 'of no number'}{held}."
    if code.kind is not Kind.PRODUCT:
        return f"This is the {code.kind} code {code.key}."
    if not code.names_product:
        return "This symbol holds no product code: scan the other symbol of the package."
    names = {"GTIN": code.gtin, "HIBC number": code.hibc, "NDC": code.ndc12}
    name = next(f"{word} {number}" for word, number in names.items() if number)
    if code.indicator == 9:  # noqa: PLR2004 -- a variable measure, in GTIN and HIBC alike
        return f"This is a variable quantity of the product with {name}."
    higher = f"a higher packaging level ({code.indicator}) of " if code.indicator else ""
    return f"This is {higher}the product with {name}."


def _plain(claim: Code, body: str) -> Code:
    """Read a text that no symbology restricts."""
    own = _own(claim, body)
    if own is not None:
        return own
    found = numbers.read(body, claim.symbology)
    if found is not None:
        kind = Kind.SHIPMENT if len(body) == ndc.SSCC_DIGITS and ndc.is_digits(body) else Kind.PRODUCT
        return _told(claim, found, kind)
    if claim.symbology and (GS in body or _BARE_GS1.match(body)):
        return _refused(claim, _not_ours(f"The data read like GS1, but a {claim.symbology} symbol is not GS1"))
    sentence = f"{visible(body[:40])!r} has no form known here: scan another code."
    return _refused(claim, Fault(outcome=Outcome.UNKNOWN_CODE, message=sentence))


def _own(claim: Code, body: str) -> Code | None:
    if not ours.is_plainly_ours(body) and not ours.is_ours(body):
        return None
    kind = ours.KINDS[body[0]]
    if not ours.is_ours(body):
        sentence = f"{body} looks like one of our codes, but its check character is wrong: scan it again."
        return _refused(claim, Fault(outcome=Outcome.CHECK_DIGIT, message=sentence), kind)
    if kind is Kind.COMMAND and not ours.is_command(body):
        sentence = f"{body} is on no command sheet of this kiosk: print the sheet again."
        return _refused(claim, Fault(outcome=Outcome.UNKNOWN_CODE, message=sentence), kind)
    return msgspec.structs.replace(claim, kind=kind, own=body, key=body, message=f"This is the {kind} code {body}.")


def _not_ours(sentence: str) -> Fault:
    return Fault(outcome=Outcome.NOT_OURS, message=f"{sentence}: scan another code.")


def _refused(claim: Code, fault: Fault, kind: Kind = Kind.UNKNOWN) -> Code:
    return msgspec.structs.replace(
        claim,
        kind=kind,
        ndc10=fault.digits if len(fault.digits) == ndc.NDC10_DIGITS else None,
        ndc_candidates=ndc.candidates(fault.digits) if fault.digits else (),
        doubted_expiry=fault.expiry,
        outcome=fault.outcome,
        message=fault.message,
    )
