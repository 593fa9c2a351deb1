"""Does the product code of a label say what its words say?

A relabelled package is scanned by its code and read by its words: where they differ, one of them hurts somebody. The
element string is read as a scan of it would be (GS1 General Specifications 3 and 7.9, check digits, dates), and its lot
and expiry are those of the label.
"""

import datetime as dt
import re

from kiosk.filled import Values
from printers.label import Layout
from stations.scanning.codes import read
from stations.scanning.gs1.element_string import GS
from stations.scanning.outcome import Kind, Outcome

FIELD = "element_string"
"""The field of a label that holds its product code, with the identifiers in brackets."""
_ELEMENT = re.compile(r"\((\d{2,4})\)([^()]+)")
_GS1_DATAMATRIX = "]d2"


def contradiction(layout: Layout, values: Values, today: dt.date) -> str:
    """Say what is wrong with a label's product code, if it has one and anything is; `today` decides the century."""
    text = values.get(FIELD, "")
    if not isinstance(text, str) or not text:
        return ""
    where = f"{layout.id}, field {FIELD}"
    elements = _ELEMENT.findall(text)
    if "".join(f"({ai}){value}" for ai, value in elements) != text:
        return f"{where}: {text!r} was given, identifiers in brackets such as (01)…(17)…(10)… were expected"
    code = read(_GS1_DATAMATRIX + GS.join(f"{ai}{value}" for ai, value in elements), today)
    if code.outcome != Outcome.OK or code.kind is not Kind.PRODUCT:
        return f"{where}: {code.message.rstrip('.')}"
    if code.gtin is None:
        return f"{where}: {text!r} names no product; identifier (01) was expected"
    printed = {"lot": code.lot, "expiry": code.expiry.isoformat() if code.expiry is not None else None}
    differs = next((name for name, held in printed.items() if held and values.get(name, held) != held), "")
    if differs:
        return f"{where}: the code holds {differs} {printed[differs]}, the label says {values[differs]}"
    return ""
