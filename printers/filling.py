"""May these values fill this label?

What a scan, a file or a person brought is hostile until it has passed here: it is spelled in letters that the label has
(`printers.lettering`), it is as long as its field allows and of its field's kind, for a wrong expiry in clean print
reads as a right one, and nothing that was given is left out. What a bar code holds is never changed. A refusal is one
sentence that names the label, the field, what was found and what was expected.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from printers.blocks import Values
from printers.label import CodeLine, CodesLine, Field, Kind, LabelRefused, Layout, shown_together
from printers.lettering import spelled


def checked(layout: Layout, fields: Mapping[str, str | Sequence[str]]) -> Values:
    """Give every field the value that is drawn, empty where an optional one was not given; raises LabelRefused."""
    known = sorted(field.name for field in layout.fields)
    unknown = next((name for name in fields if name not in known), None)
    if unknown is not None:
        raise LabelRefused(f"{layout.id} has no field {unknown!r}; it has {', '.join(known)}")
    codes = {line.field: line for line in layout.lines if isinstance(line, CodeLine | CodesLine)}
    values = {
        field.name: _value(layout.id, field, fields.get(field.name, ()), codes.get(field.name))
        for field in layout.fields
    }
    _refuse_choice(layout, values)
    _refuse_half(layout, values)
    _refuse_hidden(layout, values)
    return values


def _refuse_choice(layout: Layout, values: Values) -> None:
    """Refuse none and more than one of the fields of which the label must carry one."""
    chosen = [name for name in layout.one_of if values[name]]
    if layout.one_of and len(chosen) != 1:
        found = f"{' and '.join(chosen)} were given" if chosen else "nothing was given"
        raise LabelRefused(f"{layout.id}: {found}, exactly one of {' and '.join(layout.one_of)} was expected")


def _refuse_half(layout: Layout, values: Values) -> None:
    """Refuse some without the others of fields that mean something only together."""
    for names in layout.together:
        given = [name for name in names if values[name]]
        if given and len(given) < len(names):
            found = f"{' and '.join(given)} without {' and '.join(name for name in names if name not in given)}"
            raise LabelRefused(f"{layout.id}: {found} was given, all of them or none were expected")


def _refuse_hidden(layout: Layout, values: Values) -> None:
    """Refuse to leave out a value that was given because another one of its line was not."""
    given = frozenset(name for name, value in values.items() if value)
    together = [names for line in layout.lines for names in shown_together(line)]
    shown = frozenset[str]().union(*(names for names in together if names <= given))
    hidden = next((field.name for field in layout.fields if field.name in given - shown), None)
    if hidden is not None:
        empty = min((sorted(names - given) for names in together if hidden in names), key=len)
        raise LabelRefused(f"{layout.id}, field {hidden}: it is not shown while {' and '.join(empty)} is empty")


def _value(
    label: str, field: Field, given: str | Sequence[str], code: CodeLine | CodesLine | None
) -> str | tuple[str, ...]:
    place = f"{label}, field {field.name}"
    if given and field.is_list == isinstance(given, str):
        found, wanted = ("one text", "a list") if field.is_list else ("a list", "one text")
        raise LabelRefused(f"{place}: {found} was given, {wanted} was expected")
    texts = tuple(_item(place, field, text, code) for text in ([given] if isinstance(given, str) else given))
    if len(texts) > field.max_items:
        raise LabelRefused(f"{place}: {len(texts)} items were given, at most {field.max_items} are allowed")
    if field.is_list and not all(texts):
        raise LabelRefused(f"{place}: one of its items is blank")
    if not field.optional and not any(texts):
        raise LabelRefused(f"{place}: nothing was given, a value was expected")
    return texts if field.is_list else "".join(texts)


def _item(place: str, field: Field, text: str, code: CodeLine | CodesLine | None) -> str:
    try:
        plain = spelled(text)
    except LabelRefused as reason:
        raise LabelRefused(f"{place}: {reason}") from reason
    if code and plain and _content(plain, code) != _content(text, code):
        raise LabelRefused(f"{place}: {text!r} would be written {plain!r}, and what a bar code holds is never changed")
    unfit = _unfit(field, plain) if plain else ""
    if unfit:
        raise LabelRefused(f"{place}: {plain!r} was found, {unfit} was expected")
    if len(plain) > field.max_length:
        raise LabelRefused(f"{place}: {plain!r} has {len(plain)} characters, at most {field.max_length} are allowed")
    return _grouped(plain, field.group) if field.group else plain


_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_FORMS = {
    Kind.DATE: (re.compile(_DAY), "a date such as 2027-02-28"),
    Kind.EXPIRY: (
        re.compile(rf"{_DAY}|[0-9]{{4}}-[0-9]{{2}}"),
        "a date such as 2027-02-28, or 2027-02 where the package names no day,",
    ),
    Kind.MOMENT: (re.compile(rf"{_DAY} [0-9]{{2}}:[0-9]{{2}}"), "a date and time such as 2026-03-11 20:00"),
}


def _unfit(field: Field, text: str) -> str:
    """Tell what was expected where a value is not of its field's kind or pattern; empty where it is."""
    if field.pattern and re.fullmatch(field.pattern, text) is None:
        return field.asks
    if field.kind is Kind.TEXT:
        return ""
    form, asked = _FORMS[field.kind]
    return "" if form.fullmatch(text) and _is_in_calendar(text) else asked


def _is_in_calendar(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text if len(text) > len("2027-02") else f"{text}-01")
    except ValueError:
        return False
    return True


def _content(text: str, code: CodeLine | CodesLine) -> str:
    """Give the part of an item that its bar code holds."""
    return text.partition(" ")[0] if isinstance(code, CodesLine) else text


def _grouped(text: str, size: int) -> str:
    return " ".join(text[start : start + size] for start in range(0, len(text), size))
