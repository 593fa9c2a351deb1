"""Which registers does a station keep, what names a row in each, and by what else is it looked up?

Every look-up of a rule is by a key or an indexed field named here, so that it never walks a table. What the whole
site knows alike (people, formulary, places) is shared; what lies, is picked or is counted at a bench is its own.
"""

from collections.abc import Mapping
from types import MappingProxyType

from stations.records.documents import Table

STAFF, FORMULARY, PLACES, STATION = "site:staff", "site:formulary", "site:places", "station"

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "staff": Table(key="person", indexed=("badge", "gs1"), home=STAFF),
        # Wrong PINs in a row and locks, beside the staff row: what the work counts, and no hash.
        "pin": Table(key="person", home=STAFF),
        "item": Table(key="item", home=FORMULARY),
        "ndc_link": Table(key="link", indexed=("gtin", "ndc12", "hibc", "item"), home=FORMULARY),
        # FDA's drug directory: every listed package, 215,000 of them, replaced whole by an import.
        "directory": Table(key="ndc12", indexed=("digits",), home=FORMULARY, big=True),
        "location": Table(key="code", indexed=("name", "kind", "gs1"), home=PLACES),
        "device": Table(key="code", indexed=("device", "gs1"), home=PLACES),
        "stock_level": Table(key="stock", indexed=("code", "kind", "location", "item"), home=STATION),
        "pick_list": Table(key="list", indexed=("cabinet",), home=STATION),
        "pick_line": Table(key="key", indexed=("list", "item"), home=STATION),
        "serial": Table(key="package", home=STATION),
        "quarantine": Table(key="quarantine", home=STATION),
        # Every label that was asked for, by its own code: which ones are good, in doubt or void.
        "label": Table(key="label", indexed=("ticket", "task"), home=STATION),
        "cs_ledger": Table(key="line", home=STATION),
    },
)
"""Every register of this version, by the name that scripts, files and reports use."""
