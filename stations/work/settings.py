"""Which numbers does a site choose?

Every number from law or custom is a field here and a line, with its source, in the site's `settings.toml`. Numbers of
custom are to be checked by a pharmacist.
"""

import tomllib
from typing import Annotated

import msgspec

from stations.work.verdict import Reason, Word

_Some = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_OneOrMore = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]


class Expiry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How near an expiry may be."""

    soon_days: _Some = 90
    """From this many days before its expiry a package is told as expiring soon."""
    years_ahead: _OneOrMore = 10
    """An expiry further ahead than this many years is not believed at once."""


class Scanning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How packages are scanned."""

    human_minimum_ms: _Some = 400
    """The same package without a serial again within this time is the same package, not the next one."""
    double_read_ms: _Some = 700
    """The same code from the same scanner again within this time was read twice; packages are never dropped so."""
    walk_minimum_ms: _Some = 2000
    """Two places scanned in less time are told in the record: nobody walks so fast between them."""
    symbols_within_s: _OneOrMore = 60
    """Two symbols of one package are scanned within this time; later ones may be of two packages."""
    faults_before_help: _OneOrMore = 2
    """After so many unreadable scans in a row another way is offered."""


class Counting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a count may be."""

    most: _OneOrMore = 99_999
    """A larger count is implausible."""
    tolerance_units: _Some = 1
    tolerance_percent: _Percent = 2.0
    """Of the recorded quantity; the larger of the two tolerances counts. Controlled substances have none."""
    adjustment_limit: _Some = 5
    """A difference of more units than this needs a pharmacist."""


class Pins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a PIN is guarded."""

    tries: _OneOrMore = 5
    """Wrong PINs in a row before the badge locks (21 CFR 11.300)."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site's `settings.toml`."""

    site: str = "Pharmacy"
    """The name on the screens and labels."""
    zone: str = "America/Los_Angeles"
    """The site's time zone, an IANA name; days, expiries and labels are local."""
    expiry: Expiry = Expiry()
    scanning: Scanning = Scanning()
    counting: Counting = Counting()
    pins: Pins = Pins()
    stricter: dict[Reason, Word] = {}
    """Reason to `HOLD` or `STOP`, where a site is stricter than the list of reasons."""


class SettingsRefused(ValueError):
    """A settings file that cannot be used; its text says what, where and what was expected."""


def read_settings(text: str, name: str = "settings.toml") -> Settings:
    """Read the text of a settings file; raise `SettingsRefused` with one sentence."""
    try:
        return msgspec.convert(tomllib.loads(text), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsRefused(f"{name}: {error}.") from error
