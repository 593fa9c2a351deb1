"""Which rule does a checklist's word mean?

A checklist names its rules by word; here each word finds its function. A word that is not here is refused when the
checklist is read, so a task never meets one.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from stations.pharmacy import counts, stock
from stations.pharmacy.stock import Due
from stations.work.checklists import (
    Automatic,
    BlindCount,
    Checklist,
    Count,
    Each,
    Print,
    ScanIdentity,
    ScanLocation,
    ScanProduct,
    Single,
    singles,
)
from stations.work.facts import Facts, Put, Row
from stations.work.tasks import Result, Situation
from stations.work.verdict import Finding

EXPECTS: Mapping[str, Callable[[Situation], int | None]] = MappingProxyType(
    {"on-hand": counts.on_hand, "left-on-shelf": stock.left_on_shelf},
)
"""The number a count should give; None where the record knows none."""

LINES: Mapping[str, Callable[[Situation, Result], tuple[dict[str, str], ...]]] = MappingProxyType(
    {"pick-lines": stock.pick_lines},
)
"""The lines a repeated step repeats over, once the step that names them is answered."""

COMPUTES: Mapping[str, Callable[[Situation], tuple[str, str]]] = MappingProxyType({"adjustment": counts.adjustment})
"""What an automatic step computes: the value to show, and the outcome later steps ask about."""

KEEPS: Mapping[str, Callable[[Situation, Result], tuple[Put, ...]]] = MappingProxyType(
    {"line-picked": stock.line_picked, "tote-checked": stock.tote_checked, "tote-sealed": stock.tote_sealed},
)
"""The register rows an answer leaves."""

ENDS: Mapping[str, Callable[[Situation], tuple[Put, ...]]] = MappingProxyType(
    {"stock-counted": counts.counted_rows},
)
"""The register rows a finished task leaves."""

UNDOES: Mapping[str, Callable[[Situation], tuple[Put, ...]]] = MappingProxyType({"pick-undone": stock.pick_undone})
"""The register rows a task leaves that was given up, once what it took was put back."""

FIELDS: Mapping[str, Callable[[Situation], dict[str, str | list[str]]]] = MappingProxyType(
    {"seal": stock.seal_fields},
)
"""What fills a label."""

FIELD_NAMES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"seal": frozenset({"from", "to", "items", "total", "verified_by"})},
)
"""Which fields each of them fills."""

CHECKS: Mapping[str, Callable[[Row, Facts], list[Finding]]] = MappingProxyType({"one-item": counts.countable})
"""What may stand against using a place."""

SUBJECTS: Mapping[str, Callable[[str, Facts], str | None]] = MappingProxyType({"pick_list": stock.pick_list_for})
"""The row of a register that a name said by a person stands for."""

MAKES: Mapping[str, Callable[[str, str, Facts, dt.date], tuple[Put, ...]]] = MappingProxyType(
    {"pick_list": stock.new_pick_list},
)
"""The rows that make a new subject where a name stands for none yet, under a code of ours."""

WORKLISTS: Mapping[str, Callable[[Facts, dt.date], tuple[Due, ...]]] = MappingProxyType(
    {"below-par": stock.below_par},
)
"""What is due, computed from the registers."""


LINE_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType({"pick-lines": stock.LINE_FIELDS})
"""What a line of each rule tells: the fields a step may refer to as `line.<field>`."""

FOUND_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"pick_list": frozenset({"list", "cabinet"}), "location": frozenset({"code", "name", "kind", "device"})},
)
"""What the register tells of a thing that was identified: the fields to refer to as `<step>.<field>`."""


def unknown_words(checklist: Checklist) -> Iterator[str]:
    """Say which of a checklist's words and references nothing answers to."""
    for where, word, known in _words(checklist):
        if word not in known:
            yield f"{where}: found {word!r}, expected one of {', '.join(sorted(known))}"
    earlier: dict[str, frozenset[str]] = {}
    for step in checklist.step:
        if isinstance(step, Each):
            lines = LINE_FIELDS.get(step.lines.partition(" ")[0], frozenset())
            inner = dict(earlier)
            for single in step.step:
                yield from _unknown_references(single, {**inner, "line": lines})
                inner[single.id] = _found_fields(single)
        else:
            yield from _unknown_references(step, earlier)
            earlier[step.id] = _found_fields(step)


def _found_fields(step: Single) -> frozenset[str]:
    match step:
        case ScanIdentity():
            return FOUND_FIELDS.get(step.of, frozenset()) | {"value"}
        case ScanLocation():
            return FOUND_FIELDS["location"] | {"value"}
        case _:
            return frozenset({"value"})


def _unknown_references(step: Single, known: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Find references that lead nowhere: each would make its check vanish without a word."""
    match step:
        case ScanProduct():
            references = {"item": step.item, "repeat": step.repeat}
        case ScanLocation() if step.expected:
            references = {"expected": step.expected}
        case _:
            return
    for key, reference in references.items():
        owner, dot, field = reference.partition(".")
        where = f"step {step.id}: {key}: found {reference!r}"
        if not dot and key == "repeat" and not (reference.isascii() and reference.isdigit() and int(reference) > 0):
            yield f"{where}, expected a number of packages or where it is named"
        elif dot and field not in known.get(owner, frozenset()):
            there = sorted(f"{name}.{one}" for name, fields in known.items() for one in fields)
            yield f"{where}, expected one of {', '.join(there)}"


def _words(checklist: Checklist) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    if checklist.worklist:
        yield "key worklist", checklist.worklist, WORKLISTS
    if checklist.keeps:
        yield "key keeps", checklist.keeps, ENDS
    if checklist.undoes:
        yield "key undoes", checklist.undoes, UNDOES
    for step in checklist.step:
        if isinstance(step, Each):
            yield f"step {step.id}: lines", step.lines.partition(" ")[0], LINES
    for single in singles(checklist.step):
        yield from _step_words(single)


def _step_words(step: Single) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    where = f"step {step.id}"
    if step.keeps:
        yield f"{where}: keeps", step.keeps, KEEPS
    match step:
        case Count() | BlindCount():
            yield f"{where}: expect", step.expect, EXPECTS
        case Automatic():
            yield f"{where}: computes", step.computes, COMPUTES
        case Print():
            yield f"{where}: fields", step.fields, FIELDS
        case ScanIdentity():
            yield f"{where}: of", step.of, SUBJECTS
        case ScanLocation() if step.check:
            yield f"{where}: check", step.check, CHECKS
        case _:
            pass
