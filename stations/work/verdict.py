"""What is an answer worth: PASS, HOLD or STOP?

Laws that bind here: one place decides, nobody else builds a `Verdict`; a verdict is that of its worst reason and one
more reason never softens it; unknown is never PASS. Settings may make a reason stricter, never softer.

>>> decide([Finding(reason=Reason.EXPIRES_SOON, says="in 40 days")], says="taken").word
<Word.PASS: 'PASS'>
>>> decide([Finding(reason=Reason.EXPIRED, says="yesterday"), Finding(reason=Reason.WRONG_ITEM, says="other")]).reasons
('wrong-item', 'expired')
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec


class Word(StrEnum):
    """The three verdicts, mildest first."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    HOLD = "HOLD"
    STOP = "STOP"


_RANK = {word: rank for rank, word in enumerate(Word)}


class Reason(StrEnum):
    """The closed list of reasons, worst first within a verdict."""

    SELF_SIGN = "self-sign"
    SAME_PERSON = "same-person"
    WRONG_PATIENT = "wrong-patient"
    WRONG_SUBJECT = "wrong-subject"
    WRONG_PROTOCOL = "wrong-protocol"
    KIT_NOT_ASSIGNED = "kit-not-assigned"
    WRONG_ITEM = "wrong-item"
    WRONG_STRENGTH = "wrong-strength"
    WRONG_FORM = "wrong-form"
    WRONG_ROUTE = "wrong-route"
    RECALLED = "recalled"
    QUARANTINED = "quarantined"
    EXPIRED = "expired"
    RECALL_LOT_UNKNOWN = "recall-lot-unknown"
    EXPIRES_TOO_SOON = "expires-too-soon"
    LOST_INPUT = "lost-input"
    CONTROL_CHARACTER = "control-character"
    TOO_LONG = "too-long"
    TRUNCATED = "truncated"
    SEPARATOR_LOST = "separator-lost"
    CHECK_DIGIT = "check-digit"
    INVALID_DATE = "invalid-date"
    CHECK_YEAR = "check-year"
    UNREADABLE = "unreadable"
    NOT_OURS = "not-ours"
    NOT_THAT_KIND = "not-that-kind"
    UNKNOWN_CODE = "unknown-code"
    WRONG_PACK = "wrong-pack"
    WRONG_LOCATION = "wrong-location"
    LOCATION_OUT = "location-out"
    DUPLICATE_SERIAL = "duplicate-serial"
    NEXT_PACKAGE = "next-package"
    NOT_ENROLLED = "not-enrolled"
    IRB_EXPIRED = "irb-expired"
    NOT_DELEGATED = "not-delegated"
    NEGATIVE_BALANCE = "negative-balance"
    BADGE_UNKNOWN = "badge-unknown"
    BADGE_INACTIVE = "badge-inactive"
    PIN_LOCKED = "pin-locked"
    WRONG_PIN = "wrong-pin"
    NOT_YOUR_ROLE = "not-your-role"
    LEVEL_TOO_LOW = "level-too-low"
    CREDENTIAL_EXPIRED = "credential-expired"
    COMPETENCY_EXPIRED = "competency-expired"
    NO_COMPETENCY = "no-competency"
    NOT_AUTHORISED = "not-authorised"
    SIGNATURE_LATE = "signature-late"
    NO_PHARMACIST = "no-pharmacist"
    RATIO = "ratio"
    CLOCK_SUSPECT = "clock-suspect"
    IMPLAUSIBLE = "implausible"
    SUM_MISMATCH = "sum-mismatch"
    COUNT_MISMATCH = "count-mismatch"
    BLANK = "blank"
    TOO_SHORT = "too-short"
    PRINTER_NOT_READY = "printer-not-ready"
    PRINT_UNCONFIRMED = "print-unconfirmed"
    AMBIGUOUS_NDC = "ambiguous-ndc"
    SHORTER_THAN_BUD = "shorter-than-bud"
    LOT_MISMATCH = "lot-mismatch"
    OUT_OF_LIMITS = "out-of-limits"
    STALE_DATA = "stale-data"
    DIFFERENT_NDC = "different-ndc"
    EXPIRES_SOON = "expires-soon"
    LATE = "late"
    KEYED = "keyed"


_ORDER = {reason: place for place, reason in enumerate(Reason)}
_HOLD = frozenset({Reason.AMBIGUOUS_NDC, Reason.SHORTER_THAN_BUD, Reason.LOT_MISMATCH, Reason.OUT_OF_LIMITS})
_ADVISORY = frozenset(
    {Reason.STALE_DATA, Reason.DIFFERENT_NDC, Reason.EXPIRES_SOON, Reason.LATE, Reason.KEYED},
)
_SIGNERS = MappingProxyType(
    {
        Reason.AMBIGUOUS_NDC: "pharmacist",
        Reason.SHORTER_THAN_BUD: "pharmacist",
        Reason.LOT_MISMATCH: "pharmacist",
        Reason.OUT_OF_LIMITS: "pharmacist",
        Reason.DUPLICATE_SERIAL: "supervisor",
        Reason.PIN_LOCKED: "supervisor",
        Reason.CLOCK_SUSPECT: "supervisor",
    },
)
FULL_SCREEN = frozenset(
    {
        Reason.WRONG_ITEM,
        Reason.WRONG_STRENGTH,
        Reason.WRONG_FORM,
        Reason.WRONG_ROUTE,
        Reason.WRONG_PATIENT,
        Reason.WRONG_SUBJECT,
        Reason.WRONG_PROTOCOL,
        Reason.KIT_NOT_ASSIGNED,
    },
)
"""Reasons that fill the screen and wait for back; nothing ever overrides them."""

CODE_FAULTS = frozenset(
    {
        Reason.UNREADABLE,
        Reason.NOT_OURS,
        Reason.CHECK_DIGIT,
        Reason.SEPARATOR_LOST,
        Reason.INVALID_DATE,
        Reason.TRUNCATED,
        Reason.CONTROL_CHARACTER,
        Reason.TOO_LONG,
        Reason.LOST_INPUT,
        Reason.CHECK_YEAR,
    },
)
"""Faults of the code itself: scan again; after two the technician is offered another way."""


def word_of(reason: Reason) -> Word:
    """Return the verdict a reason gives by itself, before a site makes it stricter."""
    if reason in _ADVISORY:
        return Word.PASS
    return Word.HOLD if reason in _HOLD else Word.STOP


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found about an answer: a reason and its evidence."""

    reason: Reason
    says: str
    """What was found and what was expected, as a person should read it."""
    advisory: bool = False
    """Told, not enforced: only for reasons whose table allows it (a missing pharmacist outside dispensing)."""
    at_least: Word = Word.PASS
    """Where the work makes the reason graver than the table does (a study's lot, an old list at a cabinet load)."""
    accepted: bool = False
    """A person whom the list of reasons names has accepted it: told, and no longer weighed. Never for a wrong drug."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is worth, with every reason, worst first."""

    word: Word
    reasons: tuple[str, ...] = ()
    says: str = ""
    """The sentence of the worst reason; for a clean PASS, what was accepted."""
    also: tuple[str, ...] = ()
    """The sentences of the other reasons, in the order of `reasons`."""
    signer: str = ""
    """Who may decide otherwise: `pharmacist`, `supervisor`, or nobody."""
    full_screen: bool = False
    """Fills the screen and waits for back."""


_SOFTER_ALLOWED = frozenset({Reason.NO_PHARMACIST, Reason.RATIO})


def _weigh(finding: Finding, stricter: Mapping[Reason, Word]) -> Word:
    word = word_of(finding.reason)
    if finding.advisory and finding.reason in _SOFTER_ALLOWED:
        word = Word.PASS
    graver = max(word, stricter.get(finding.reason, word), finding.at_least, key=_RANK.__getitem__)
    acceptable = graver is Word.HOLD or (graver is word and finding.reason in _SIGNERS)
    return Word.PASS if finding.accepted and acceptable else graver


def signer_named(reason: str) -> str:
    """Say whose word counts for a reason: the list's, else a pharmacist's."""
    return _SIGNERS.get(Reason(reason), "pharmacist")


def _signer_of(word: Word, reason: Reason) -> str:
    """Say who may decide otherwise: a HOLD always has somebody, a STOP only where the list of reasons names one."""
    if word is Word.PASS or (word is Word.STOP and word_of(reason) is not Word.STOP):
        return ""
    return _SIGNERS.get(reason, "pharmacist" if word is Word.HOLD else "")


def decide(
    findings: Iterable[Finding],
    *,
    says: str = "",
    stricter: Mapping[Reason, Word] = MappingProxyType({}),
) -> Verdict:
    """Take the worst of the findings; none at all is a clean PASS that says `says`.

    `stricter` maps a reason to the verdict a site wants for it; a milder one than the table's is without effect.
    """
    weighed = sorted(
        ((_weigh(finding, stricter), finding) for finding in findings),
        key=lambda pair: (-_RANK[pair[0]], _ORDER[pair[1].reason]),
    )
    if not weighed:
        return Verdict(word=Word.PASS, says=says)
    word, worst = weighed[0]
    sentences = tuple(finding.says for _, finding in weighed)
    signers = [_signer_of(one, finding.reason) for one, finding in weighed if one is word]
    return Verdict(
        word=word,
        reasons=tuple(dict.fromkeys(str(finding.reason) for _, finding in weighed)),
        says=says if word is Word.PASS and says else worst.says,
        also=sentences if word is Word.PASS and says else sentences[1:],
        signer=signers[0] if all(signers) else "",
        full_screen=word is Word.STOP and worst.reason in FULL_SCREEN,
    )
