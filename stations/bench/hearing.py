"""How was a scan heard: is it the same one read twice, and could a hand have made it?

Every scan's entry carries the evidence gathered here. A double read of the scanner is told and not taken again;
packages are never dropped so, for each may be another one. What looks like scanning a stand-in for the thing itself, a
saved sheet of codes or one package for many, is flagged in the record for a supervisor.
"""

import datetime as dt
import re
from typing import Any

from msgspec.structs import replace

from stations.bench.state import Heard, Turn
from stations.scanning import ours
from stations.scanning.codes import Code, visible
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Kind, Outcome
from stations.work import people
from stations.work.checklists import ScanProduct
from stations.work.verdict import Reason

LONGEST_RAW = 4096
"""Most characters of a scan that an entry keeps."""
_SAME_THING_TWICE = {
    Reason.NEXT_PACKAGE: "proxy scanning? the same package again, faster than a hand takes the next one",
    Reason.DUPLICATE_SERIAL: "proxy scanning? the same serial again",
}


def heard(turn: Turn, scan: Scan | Garbled) -> dict[str, Any]:
    """Return what an entry keeps of how a scan came in: device, keys, timing in milliseconds, what was lost."""
    before = turn.bench.heard
    since = {"since_ms": _ms(turn.at - before.at)} if before is not None else {}
    return {
        "device": scan.device,
        "through": scan.source,
        "keys": scan.keys,
        "gap_ms": round(scan.longest_gap * 1000),
        "lost": isinstance(scan, Garbled) and scan.reason == Outcome.LOST_INPUT,
        **({} if scan.terminated else {"unterminated": True}),
        **since,
    }


def remembered(turn: Turn, scan: Scan) -> Turn:
    """Keep this scan in mind as the last one heard."""
    place = turn.bench.heard.place if turn.bench.heard is not None else ""
    visited = turn.bench.heard.visited if turn.bench.heard is not None else None
    last = Heard(text=scan.text, device=scan.device, at=turn.at, place=place, visited=visited)
    return replace(turn, bench=replace(turn.bench, heard=last))


def is_double(turn: Turn, scan: Scan, code: Code) -> bool:
    """Say whether the scanner read the same symbol twice in a moment, where a second one cannot be meant.

    A package at a step that asks for packages may be the next one, and a digit may be meant twice.
    """
    last, place = turn.bench.heard, turn.bench.place()
    if last is None or (last.text, last.device) != (scan.text, scan.device):
        return False
    if _ms(turn.at - last.at) >= turn.bench.settings.scanning.double_read_ms:
        return False
    is_digit = code.command is not None and code.command.isdigit()
    is_package = code.names_product and place is not None and isinstance(place.step, ScanProduct)
    return not is_digit and not is_package


def doubled(turn: Turn, scan: Scan, evidence: dict[str, Any]) -> Turn:
    """Tell a double read and take nothing: what was asked and answered stands."""
    turn = remembered(turn.entry("scan", **evidence, double=True), scan)
    says = turn.bench.says.removesuffix(_TWICE).rstrip()
    return replace(turn, bench=replace(turn.bench, says=f"{says} {_TWICE}".strip()))


_TWICE = "Read twice, taken once."


def visited(turn: Turn, place: str) -> Turn:
    """Note that a place was scanned and right; two places in less time than a walk between them are flagged."""
    last = turn.bench.heard
    if last is None:
        return turn
    least = turn.bench.settings.scanning.walk_minimum_ms
    if last.visited is not None and last.place != place and (gap := _ms(turn.at - last.visited)) < least:
        turn = flagged(turn, f"proxy scanning? two places {gap / 1000:.1f} s apart: a sheet of saved codes?")
    return replace(turn, bench=replace(turn.bench, heard=replace(last, place=place, visited=turn.at)))


def paced(turn: Turn) -> Turn:
    """Flag a verdict that says the same thing was scanned for another one."""
    verdict = turn.bench.verdict
    told = (
        [_SAME_THING_TWICE[Reason(reason)] for reason in verdict.reasons if reason in _SAME_THING_TWICE]
        if verdict
        else []
    )
    return flagged(turn, told[0]) if told and turn.kind else turn


def flagged(turn: Turn, why: str) -> Turn:
    """Mark the entry for a supervisor to look at."""
    return turn.entry("", flag=why)


def evidence(code: Code, source: str) -> dict[str, object]:
    """Return what an entry keeps of what a scan says; a badge is masked, and a text is kept up to a limit."""
    return {
        "raw": masked(code),
        "source": source,
        "symbology": code.symbology or "",
        "code": str(code.kind),
        "reading": str(code.outcome),
        "key": "" if code.kind is Kind.BADGE else code.key or "",
        "gtin": code.gtin or "",
        "ndc12": code.ndc12 or "",
        "hibc": code.hibc or "",
        "lot": code.lot or "",
        "expiry": code.expiry.isoformat() if code.expiry else "",
        "expiry_time": code.expiry_time.isoformat("minutes") if code.expiry_time else "",
        "serial": code.serial or "",
        "quantity": code.quantity,
    }


def masked(code: Code) -> str:
    """Return the text of a code with every control character visible, and no badge whole."""
    raw = visible(code.raw[:LONGEST_RAW])
    if code.kind is Kind.BADGE:
        return people.masked(raw)
    return raw if code.kind is Kind.PRODUCT and code.outcome is Outcome.OK else without_badges(raw)


def told(code: Code) -> str:
    """Return what is wrong with a code, in words that give no badge away."""
    if code.kind is Kind.BADGE:
        return without_badges(code.message.replace(code.bare, people.masked(code.bare)))
    return without_badges(code.message)


def without_badges(text: str) -> str:
    """Mark every whole badge that stands in a text: ours, also with CapsLock the wrong way round, or a GSRN after 8017.

    >>> without_badges("]C0B0051085<GS>b0042173, B0051086, 8017061414123456789012")
    ']C0B005…085<GS>b004…173, B0051086, 80170614…012'
    """
    text = _GSRN.sub(lambda found: people.masked(found[0]), text)
    shown, at = "", 0
    while at < len(text):
        badge = _badge_at(text, at)
        shown += people.masked(badge) if badge else text[at]
        at += len(badge) or 1
    return shown


def _badge_at(text: str, at: int) -> str:
    """Return the badge that begins there; its check character proves it, shorter texts would too often by chance."""
    if text[at] not in "Bb":
        return ""
    longest_first = (text[at : at + length] for length in range(_BADGE_MOST, _BADGE_LEAST - 1, -1))
    return next((one for one in longest_first if ours.is_ours(one.upper()) and len(one) >= _BADGE_LEAST), "")


_BADGE_LEAST, _BADGE_MOST = 6, 12
_GSRN = re.compile(r"(?:(?<=8017)|(?<=8017\))|(?<=8017/)|(?<=8017 holds ))[0-9]{18}")
"""The number of a person, after its identifier (GS1 General Specifications 2.5)."""


def _ms(time: dt.timedelta) -> int:
    return round(time / dt.timedelta(milliseconds=1))
