"""Is this file a label's definition, and may it be used?

A definition is a TOML file that a site edits. It is used whole or not at all: a misspelt key, a field that no line
draws, or a label that does not fit its paper even with its sample values is refused when it is read, in one sentence
that names the file, the place in it, what was found and what was expected. What a site may not change is in
`printers.fixed`.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import get_args

import msgspec
from msgspec.structs import replace

from printers.drawing import draw
from printers.fixed import lack
from printers.label import (
    Align,
    BlankLine,
    CodeLine,
    CodesLine,
    Field,
    Kind,
    LabelRefused,
    Layout,
    Line,
    ListLine,
    Mark,
    Paper,
    Symbology,
    TextLine,
    field_names,
    samples,
    shown_together,
)
from printers.lettering import spelled

__all__ = ["Field", "LabelRefused", "Layout", "LayoutRefused", "layouts", "load", "named"]

_NUMBERED = re.compile(r"\[(\d+)\]")
_STEP = re.compile(r"([A-Za-z_]+)|\[(\d+)\]")
_EXPECTED = re.compile("Expected (.+?)(?:, got .*)?$")
_BYTE_ORDER_MARK = "\ufeff"
_LONGEST = 60
"""Characters of what was found that a sentence repeats."""
_KINDS = {kind.__struct_config__.tag: kind for kind in get_args(Line)}
_CHOICES = {
    "kind": tuple(_KINDS),
    "papers": tuple(int(paper) for paper in Paper),
    "align": tuple(Align),
    "mark": tuple(Mark),
    "symbology": tuple(Symbology),
}
"""Values that a key may have, by the key's last name."""


class LayoutRefused(ValueError):
    """A file is not a usable definition; the message is one sentence for the person who edits it."""


def layouts(folder: Path) -> tuple[dict[str, Layout], tuple[str, ...]]:
    """Read a folder: every usable definition by its id, and a sentence for each file that was refused."""
    if not folder.is_dir():
        return {}, (f"{folder}: no such folder; a folder of label definitions was expected",)
    good: dict[str, Layout] = {}
    refused: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            good[path.stem] = load(path)
        except LayoutRefused as reason:
            refused.append(str(reason))
    return good, tuple(refused)


def named(known: Mapping[str, Layout], name: str) -> Layout:
    """Find the definition with this id; raises LabelRefused, telling which there are."""
    if name not in known:
        raise LabelRefused(f"there is no label {name!r}; there are {', '.join(sorted(known)) or 'none'}")
    return known[name]


def load(path: Path, papers: Collection[Paper] = tuple(Paper)) -> Layout:
    """Read one definition and see whether it fits its papers, of these alone; raises LayoutRefused."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as reason:
        raise LayoutRefused(f"{path}: cannot be read: {reason.strerror}") from reason
    except UnicodeDecodeError as reason:
        raise LayoutRefused(f"{path}: byte {reason.start} is not UTF-8 text") from reason
    if text.startswith(_BYTE_ORDER_MARK):
        raise LayoutRefused(f"{path}: a byte order mark was found at its start; save it as UTF-8 without one (BOM)")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise LayoutRefused(f"{path}: not TOML: {reason}") from reason
    try:
        layout = msgspec.convert(document, Layout)
    except msgspec.ValidationError as reason:
        raise LayoutRefused(f"{path}: {_sentence(str(reason), document)}") from reason
    fault = _fault(layout, path.stem) or lack(layout) or _hidden(layout)
    if fault:
        raise LayoutRefused(f"{path}: {fault}")
    layout = _in_letters(layout, path)
    fault = _misfit(layout, papers)
    if fault:
        raise LayoutRefused(f"{path}: {fault}")
    return layout


def _in_letters(layout: Layout, path: Path) -> Layout:
    """Spell a definition's own words as values are spelled; what is left of them is what is drawn."""
    lines = []
    for number, line in enumerate(layout.lines, start=1):
        try:
            lines.append(_spelled(line))
        except LabelRefused as reason:
            raise LayoutRefused(f"{path}: lines {number}: {reason}") from reason
    return replace(layout, lines=tuple(lines))


def _spelled(line: Line) -> Line:
    match line:
        case TextLine():
            return _spelled_text(line)
        case CodeLine():
            return replace(line, beside=tuple(map(_spelled_text, line.beside)))
        case ListLine():
            return replace(line, blanks=tuple(map(spelled, line.blanks)))
        case BlankLine():
            return replace(line, captions=tuple(map(spelled, line.captions)))
        case _:
            return line


def _spelled_text(line: TextLine) -> TextLine:
    text = spelled(line.text)
    if not text:
        raise LabelRefused(f"{line.text!r} holds no words")
    return replace(line, text=text, caption=spelled(line.caption))


def _sentence(told: str, document: Mapping[str, object]) -> str:
    """Put the place first, count entries from 1, and tell the keys there are where one is unknown."""
    found, _, where = told.partition(" - at `$")
    place = where.rstrip("`").lstrip(".")
    readable = _NUMBERED.sub(lambda number: f" {int(number[1]) + 1}", place)
    last = _NUMBERED.sub("", place).rpartition(".")[2]
    expected = _EXPECTED.match(found)
    if expected:
        found = f"{_briefly(_at(place, document))} was found, {expected[1]} was expected"
    elif "unknown field" in found:
        found += f"; known are {', '.join(_keys(place, document))}"
    elif found.startswith("Invalid") and last in _CHOICES:
        choices = tuple(Kind) if place.startswith("fields[") else _CHOICES[last]
        found += f"; one of {', '.join(map(str, choices))} was expected"
    return f"{readable}: {found}" if readable else found


def _at(place: str, document: object) -> object:
    """Find what stands at a place that a refusal names, such as `lines[1].mm`."""
    for name, number in _STEP.findall(place):
        if isinstance(document, dict) and name:
            document = document.get(name)
        elif isinstance(document, list) and number:
            document = document[int(number)]
    return document


def _briefly(found: object) -> str:
    told = repr(found)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}..."


def _keys(place: str, document: Mapping[str, object]) -> tuple[str, ...]:
    """Name the keys that a table of the document may have."""
    if place.startswith("fields["):
        return Field.__struct_fields__
    if ".beside[" in place:
        return TextLine.__struct_fields__
    number = _NUMBERED.search(place)
    lines = document.get("lines")
    if not number or not isinstance(lines, list):
        return Layout.__struct_fields__
    return ("kind", *_KINDS[lines[int(number[1])]["kind"]].__struct_fields__)


def _fault(layout: Layout, stem: str) -> str:
    """Tell what types alone do not; empty where all is well."""
    if layout.id != stem:
        return f"id: {layout.id!r} was found, the file's own name {stem!r} was expected"
    rolls = next((paper for paper in layout.papers if layout.papers.count(paper) > 1), None)
    if rolls is not None:
        return f"papers: {rolls:d} was found twice, once was expected"
    names = [field.name for field in layout.fields]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        return f"fields: {twice!r} stands there twice, once was expected"
    known = {field.name: field for field in layout.fields}
    drawn: set[str] = set()
    for number, line in enumerate(layout.lines, start=1):
        try:
            used = _used(line, known)
        except ValueError as reason:
            return f"lines {number}: {reason}"
        drawn |= used
    idle = next((name for name in names if name not in drawn), None)
    if idle:
        return f"fields: {idle!r} is drawn by no line"
    return _no_pattern(layout) or _no_choice(layout, known) or _no_set(layout, known)


def _no_pattern(layout: Layout) -> str:
    """Tell of a pattern that cannot be used, or not be told to who fills the field."""
    for number, field in enumerate(layout.fields, start=1):
        try:
            re.compile(field.pattern)
        except re.error as reason:
            return f"fields {number}.pattern: {field.pattern!r} is no regular expression: {reason}"
        if bool(field.pattern) != bool(field.asks):
            return f"fields {number}: pattern and asks were expected together, what is asked and how to say it"
    return ""


def _no_set(layout: Layout, known: Mapping[str, Field]) -> str:
    """Tell why `together` binds nothing."""
    for names in layout.together:
        wrong = next((name for name in names if name not in known or not known[name].optional), None)
        if wrong is not None:
            return f"together: {wrong!r} was found, the name of an optional field was expected"
        if len(set(names)) != len(names) or len(names) == 1 or not names:
            return f"together: {', '.join(names) or 'nothing'} was found, two different fields or more were expected"
    return ""


def _no_choice(layout: Layout, known: Mapping[str, Field]) -> str:
    """Tell why `one_of` leaves nothing to choose."""
    wrong = next((name for name in layout.one_of if name not in known or not known[name].optional), None)
    if wrong is not None:
        return f"one_of: {wrong!r} was found, the name of an optional field was expected"
    if len(set(layout.one_of)) != len(layout.one_of) or len(layout.one_of) == 1:
        return f"one_of: {', '.join(layout.one_of)} was found, two different fields or more were expected"
    return ""


def _hidden(layout: Layout) -> str:
    """Tell of a field that must be given, and that an empty field on its line would keep off the label."""
    optional = {field.name for field in layout.fields if field.optional}
    together = [names for line in layout.lines for names in shown_together(line)]
    sure = frozenset[str]().union(*(names for names in together if names.isdisjoint(optional)))
    hidden = next((field.name for field in layout.fields if not field.optional and field.name not in sure), None)
    if hidden is None:
        return ""
    return f"fields: {hidden!r} is not optional, and stands only in lines that an optional field can leave out"


def _used(line: Line, known: Mapping[str, Field]) -> set[str]:
    """Name the fields that a line draws; raises ValueError where one is unknown or of the wrong sort."""
    if isinstance(line, TextLine) and line.inverse and line.caption:
        raise ValueError(f"the caption {line.caption!r} was found, and on a band of ink there is room for none")
    if isinstance(line, TextLine | ListLine) and line.least is not None and line.least > line.size:
        raise ValueError(f"least = {line.least} was found, its size {line.size} or a smaller one was expected")
    if isinstance(line, CodeLine) and line.beside and line.align is not None:
        raise ValueError(f"align = {line.align.value!r} was found, and a code with words beside it stands at the left")
    for name in field_names(line):
        if name not in known:
            raise ValueError(f"the field {name!r} was found, one of {', '.join(known)} was expected")
        if known[name].is_list != isinstance(line, ListLine | CodesLine):
            wanted = "one text" if known[name].is_list else "a list"
            raise ValueError(f"{wanted} was expected, the field {name!r} is not; see its sample")
        if known[name].group and isinstance(line, CodeLine | CodesLine):
            raise ValueError(f"the field {name!r} is written in groups, and what a bar code holds is never changed")
    beside = line.beside if isinstance(line, CodeLine) else ()
    return set(field_names(line)).union(*(_used(words, known) for words in beside))


def _misfit(layout: Layout, papers: Collection[Paper]) -> str:
    for paper in layout.papers:
        if paper not in papers:
            continue
        try:
            draw(layout, samples(layout), paper)
        except LabelRefused as reason:
            return f"its samples do not fit paper of {paper:d} mm: {reason}"
    return ""
