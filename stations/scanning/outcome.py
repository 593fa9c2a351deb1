"""Which words may the answer about one scan use?

The kinds of thing a text can name, what a code may say of one, and what can be wrong with it. The list of outcomes is
closed: each one but `ok` is a reason that ends in STOP, save `ambiguous-ndc`, which a person resolves.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Literal

import msgspec


class Kind(enum.StrEnum):
    """What a text names. A text that is refused keeps the kind it claims."""

    PRODUCT = "product"
    BADGE = "badge"
    LOCATION = "location"
    DEVICE = "device"
    LABEL = "label"
    TASK = "task"
    DOCUMENT = "document"
    COMMAND = "command"
    PATIENT = "patient"
    STUDY = "study"
    KIT = "kit"
    SHIPMENT = "shipment"
    UNKNOWN = "unknown"


class Outcome(enum.StrEnum):
    """`ok`, or the reason a scan or its text cannot be used."""

    OK = "ok"
    UNREADABLE = "unreadable"
    """Keys or characters that make no text, or a text that contradicts itself."""
    NOT_OURS = "not-ours"
    """A known form that names nothing a bench works with."""
    CHECK_DIGIT = "check-digit"
    SEPARATOR_LOST = "separator-lost"
    """A variable-length field ran on into what seems to be the next one."""
    INVALID_DATE = "invalid-date"
    TRUNCATED = "truncated"
    CONTROL_CHARACTER = "control-character"
    TOO_LONG = "too-long"
    LOST_INPUT = "lost-input"
    """The kernel dropped keys of this scan."""
    UNKNOWN_CODE = "unknown-code"
    AMBIGUOUS_NDC = "ambiguous-ndc"
    """Bare digits that are up to three different NDCs."""
    CHECK_YEAR = "check-year"
    """The expiry is too far from today to be believed after one scan."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a text was refused, or what a person must settle."""

    outcome: Outcome
    message: str
    """One sentence: what was found, what was expected, where."""
    expiry: dt.date | None = None
    """With `check-year`: the date that is not believed."""
    digits: str = ""
    """With `ambiguous-ndc`: the bare digits."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a well-formed code says, in whichever system it was written."""

    kind: Kind
    """`unknown` where it holds nothing but a company's internal data."""
    key: str | None = None
    """The number of a thing that is not a product."""
    gtin: str | None = None
    ndc10: str | None = None
    ndc12: str | None = None
    hibc: str | None = None
    link_character: str | None = None
    contents: str | None = None
    lot: str | None = None
    expiry: dt.date | None = None
    expiry_precision: Literal["day", "month"] | None = None
    expiry_time: dt.time | None = None
    serial: str | None = None
    quantity: int | None = None
    elements: tuple[tuple[str, str], ...] = ()
    """GS1 application identifiers and data, in the order of the symbol."""
