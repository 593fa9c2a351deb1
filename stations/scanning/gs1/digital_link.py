"""What does a web address say of a package? GTIN, lot, facts (GS1 Digital Link Standard: URI Syntax 1.2).

    https://id.example/01/00309991234563/10/LOT7A/21/S0001?17=270228

Laws:
* Nothing is looked up: the address is data, whatever its domain, and is never opened.
* Path and query come apart before percent signs are decoded, once; nothing decoded is split again.
* What the address says is judged like an element string: all or nothing. Key names in words, and compressed
  addresses, are not read.

>>> elements_of("https://id.example/01/00309991234563/10/A%2F7?17=270228&linkType=gs1:pip")
(('01', '00309991234563'), ('10', 'A/7'), ('17', '270228'))
>>> elements_of("https://example.com/2027/01/15") is None
True
"""

from __future__ import annotations

import re
from typing import Final

from stations.scanning import ndc
from stations.scanning.gs1.element_string import Elements
from stations.scanning.gs1.identifiers import exact, misfit
from stations.scanning.outcome import Fault, Outcome

_ADDRESS: Final = re.compile(r"(?i:https?)://[^/?#\s]+(/[^?#\s]*)(?:\?([^#\s]*))?(?:#\S*)?")
_GTIN: Final = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_QUALIFIERS: Final = ("22", "10", "21")
"""What may follow a GTIN in the path, in this order (4.7)."""
_IN_PATH_ONLY: Final = frozenset({"00", "01", "02", "03", "21", "22", "235", "414", "8004", "8006", "8017", "8018"})
"""Keys and qualifiers, which are no attributes of the query (4.9)."""
_PERCENT: Final = re.compile(r"%([0-9A-Fa-f]{2})")


def is_address(text: str) -> bool:
    """Whether a text claims to be a web address."""
    return re.match(r"(?i:https?)://", text) is not None


def elements_of(text: str) -> Elements | Fault | None:
    """Give the elements that an address names, its GTIN as 14 digits; None where it names no GTIN."""
    found = _ADDRESS.fullmatch(text)
    named = _named(found[1].removesuffix("/").split("/")[1:]) if found is not None else None
    if found is None or named is None:
        return None
    attributes = _attributes(found[2] or "")
    fault = _misplaced(named, attributes)
    if fault is not None:
        return fault
    elements: list[tuple[str, str]] = []
    for ai, written in [*named, *attributes]:
        element = _element(ai, written)
        if isinstance(element, Fault):
            return element
        elements.append(element)
    return tuple(elements)


def _named(segments: list[str]) -> list[tuple[str, str]] | None:
    """Give key and qualifiers: the pairs from the first GTIN to the end of the path, whatever stands before it."""
    for at in range(len(segments) % 2, len(segments), 2):
        if segments[at] == "01" and _GTIN.fullmatch(segments[at + 1]):
            pairs = list(zip(segments[at::2], segments[at + 1 :: 2], strict=True))
            return pairs if all(ndc.is_digits(ai) for ai, _ in pairs) else None
    return None


def _attributes(query: str) -> list[tuple[str, str]]:
    """Give the pairs of a query whose name is a number; any other is no business of GS1's (4.10)."""
    pairs = [pair.partition("=") for pair in re.split("[&;]", query)]
    return [(key, value) for name, _, value in pairs if ndc.is_digits(key := _decoded(name))]


def _misplaced(named: list[tuple[str, str]], attributes: list[tuple[str, str]]) -> Fault | None:
    places = [_QUALIFIERS.index(ai) if ai in _QUALIFIERS else -1 for ai, _ in named[1:]]
    if -1 in places or places != sorted(set(places)):
        order = ", ".join(_QUALIFIERS)
        return _unreadable(
            f"The path of the web address holds AI {', '.join(ai for ai, _ in named)}; expected {order}."
        )
    wrong = next((ai for ai, _ in attributes if ai in _IN_PATH_ONLY), None)
    return _unreadable(f"The web address gives AI {wrong} as an attribute; expected it in the path.") if wrong else None


def _element(ai: str, written: str) -> tuple[str, str] | Fault:
    value = _decoded(written)
    if "%" in _PERCENT.sub("", written):
        return _unreadable(f"The web address holds a percent sign without two hexadecimal digits, in AI {ai[:8]}.")
    identifier = exact(ai)
    if identifier is None:
        return _unreadable(f"There is no application identifier {ai[:8]}, so nothing in this web address is believed.")
    if ai == "01":
        return ai, ndc.gtin14(value)
    return (ai, value) if identifier.holds(value) else misfit(identifier, value)


def _decoded(text: str) -> str:
    """Decode percent signs, once (RFC 3986, 2.1)."""
    return _PERCENT.sub(lambda found: chr(int(found[1], 16)), text)


def _unreadable(sentence: str) -> Fault:
    return Fault(outcome=Outcome.UNREADABLE, message=sentence)
