"""What fills a label's fields when a person asks for it at the command line?

What is known already is not typed again: a badge names its person, a bin label its place, and the rest stands in the
registers. What was typed always wins over what was found. The check card and the command sheet fill themselves.

>>> place = Found(names={"code": ("L03A12Z",)}, begins=("03-A-12",), values={"name": "03-A-12"})
>>> place.fits("03-a"), place.fits("A-12"), place.fits("all")
(True, False, True)
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from printers.job import MARKER
from printers.label import Layout, samples
from stations.scanning.decoding.card import TEXTS
from stations.scanning.gs1 import element_string
from stations.scanning.gs1.element_string import GS
from stations.scanning.ours import COMMANDS, checklist_code, command_code
from stations.scanning.outcome import Fault
from stations.work.checklists import Checklist
from stations.work.facts import Facts, Row

CARD, SHEET, TEST_PAGE = "check-card", "command-sheet", "test-page"
STAMPS = ("label_id", "station", "initials", "time")
"""What the bench puts on every label that it prints."""
PREVIEW = "PREVIEW ONLY"
"""Stands for the id that only a printed label has. With a space, for by its check character the bare word is a code."""
ALL = ("", "all")
"""Words that every row fits."""

Values = dict[str, str | list[str]]

_REPEATED, _LONGEST = 60, 600
"""Characters of a value, and of a whole sentence, that are told."""
_QUOTED = re.compile(rf"""(['"])((?:\\.|(?!\1)[^\\]){{{_REPEATED}}})(?:\\.|(?!\1).)+\1""", re.DOTALL)


_TO_BE_TYPED = frozenset({"max", "min", "kind"})
"""What a register knows and a person may still say otherwise; never what a thing is or where."""


class NotFilled(ValueError):
    """The fields cannot be found, or more than one row has them; one sentence."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one row of a register puts on a label."""

    names: Mapping[str, tuple[str, ...]]
    """By which field, and as what, a person names the row."""
    is_called: tuple[str, ...] = ()
    """Words that stand for the row, or for a group that it is in."""
    begins: tuple[str, ...] = ()
    """Words of which the beginning is enough."""
    values: Values

    def fits(self, words: str) -> bool:
        """Whether the row is among those that a person asks for with these words; capital or small is the same."""
        asked = words.strip().casefold()
        if asked in ALL or asked in map(str.casefold, self.is_called):
            return True
        return any(text.casefold().startswith(asked) for text in self.begins)


# Registers ------------------------------------------------------------------------------------------------------------


def _people(facts: Facts) -> Iterator[Found]:
    """Find who works here; whoever is on leave or has left gets no badge."""
    for row in facts.rows("staff"):
        if row["status"] == "active":
            person, name = str(row["person"]), str(row["name"])
            yield Found(
                names={"person": (person,)},
                is_called=(person, *map(str, row["roles"])),
                begins=(name, *name.split()),
                values={"person": person, "initials": person, "name": name, "badge": str(row["badge"])},
            )


def _places(facts: Facts) -> Iterator[Found]:
    for row in facts.rows("location"):
        code, name = str(row["code"]), str(row["name"])
        yield Found(
            names={"code": (code,), "name": (name,)},
            begins=(code, name),
            values={"code": code, "name": name, "kind": str(row["kind"])},
        )


def _bins(facts: Facts) -> Iterator[Found]:
    for row in facts.rows("stock_level"):
        code, cabinet = str(row["code"]), str(row["location"])
        place, item = facts.row("location", code), facts.row("item", str(row["item"]))
        if place is None or item is None:
            continue
        name = str(place["name"])
        yield Found(
            names={"location": (name, code), "item": (str(row["item"]),)},
            is_called=(cabinet,),
            begins=(name,),
            values={
                "location": name,
                "location_code": code,
                "name": _name_alone(item),
                "strength": str(item["strength"]),
                "form": str(item["form"]),
                "max": str(row["par"]),
                "min": str(row["min"]),
                "warnings": warnings(item),
            },
        )


def _name_alone(item: Row) -> str:
    """Give an item's name as shown, tall man letters and all, without the strength and form that stand below it."""
    return str(item["name"]).removesuffix(f" {item['strength']} {item['form']}")


def warnings(item: Row) -> list[str]:
    """Name what a bin label warns of (ISMP: high-alert and look-alike; NIOSH: hazardous; 21 CFR 1302.04)."""
    schedule = str(item["schedule"])
    found = {
        "HIGH ALERT": item["high_alert"],
        "LOOK-ALIKE SOUND-ALIKE": item["lasa_group"],
        "HAZARDOUS": item.get("hazardous"),
        f"C-{schedule.removeprefix('C')}": schedule,
    }
    return [warning for warning, applies in found.items() if applies]


class _Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a label's fields stand."""

    what: str
    """What a row is, in words."""
    keys: tuple[str, ...]
    """Fields by which one row is named, the plainest first."""
    rows: Callable[[Facts], Iterator[Found]]


_SOURCES: Mapping[str, _Source] = MappingProxyType(
    {
        "badge": _Source(what="active person", keys=("person",), rows=_people),
        "location": _Source(what="place", keys=("code", "name"), rows=_places),
        "T05": _Source(what="stock at a place", keys=("location", "item"), rows=_bins),
    }
)
"""By a label's id."""


def is_looked_up(layout: Layout, given: Values) -> bool:
    """Whether a field that was given names a row of a register."""
    source = _SOURCES.get(layout.id)
    return source is not None and any(key in given for key in source.keys)


def looked_up(layout: Layout, given: Values, facts: Facts) -> Values:
    """Add to what was given what the row has that it names; raises NotFilled where there is not exactly one."""
    source = _SOURCES[layout.id]
    rows, used = list(source.rows(facts)), set[str]()
    for key in source.keys:
        fitting = [row for row in rows if given.get(key) in row.names.get(key, ())]
        if fitting:
            rows = fitting
            used.add(key)
    asked = ", ".join(f"{key}={given[key]}" for key in source.keys if key in given)
    if not used:
        if lacks(layout, given):
            raise NotFilled(f"{layout.id}: found no {source.what} with {asked}.")
        return given
    if len(rows) > 1:
        others = [key for key in source.keys if key not in used]
        which = " ".join(sorted(f"{key}={text}" for row in rows for key in others for text in row.names.get(key, ())))
        raise NotFilled(f"{layout.id}: found {len(rows)} rows with {asked}, expected one; add one of: {which}.")
    typed = {name: value for name, value in given.items() if name not in used}
    return _joined(layout, rows[0].values, typed)


def _joined(layout: Layout, known: Values, typed: Values) -> Values:
    """Add what was typed to what a row tells; raises NotFilled where they differ about what the thing is."""
    for name, value in typed.items():
        held = known.get(name)
        if name not in _TO_BE_TYPED and held and value != held:
            raise NotFilled(f"{layout.id}, field {name}: found {value!r}, the register holds {held!r}; leave it out.")
    return _drawn(layout, known) | typed


def each(layout: Layout, words: str, given: Values, facts: Facts) -> tuple[Values, ...]:
    """Fill one label for each row that the words fit, in the register's order; raises NotFilled where none does."""
    source = _SOURCES.get(layout.id)
    if source is None:
        raise NotFilled(f"{layout.id}: found --each, expected it with one of {', '.join(sorted(_SOURCES))}.")
    found = tuple(_joined(layout, row.values, given) for row in source.rows(facts) if row.fits(words))
    if not found:
        raise NotFilled(f"{layout.id}: found no {source.what} for {words!r}.")
    return found


def _drawn(layout: Layout, values: Values) -> Values:
    known = {field.name for field in layout.fields}
    return {name: value for name, value in values.items() if name in known}


def lacks(layout: Layout, given: Values) -> bool:
    """Whether a field is missing that the bench does not fill in."""
    return any(not field.optional and field.name not in given and field.name not in STAMPS for field in layout.fields)


# What fills itself ----------------------------------------------------------------------------------------------------


def card() -> Values:
    """Give the codes of the check card, which are those that a scanner's typing is compared with and no others."""
    return {part: _elements(text) if GS in text else text for part, text in TEXTS.items()}


def _elements(text: str) -> str:
    """Write a GS1 element string as a label holds it, with its identifiers in brackets."""
    elements = element_string.split(text)
    if isinstance(elements, Fault):
        raise TypeError(f"The check card holds {text!r}: {elements.message}")
    return "".join(f"({ai}){value}" for ai, value in elements)


def sheet(checklists: Sequence[Checklist]) -> Values:
    """Give the command sheet's codes, each with its words: what is pressed, the digits, each checklist."""
    return {
        "commands": [f"{command_code(word)} {_words(word)}" for word in COMMANDS if not word.isdigit()],
        "digits": [f"{command_code(word)} {word}" for word in COMMANDS if word.isdigit()],
        "checklists": [f"{checklist_code(checklist.id)} {checklist.title}" for checklist in checklists],
    }


def _words(word: str) -> str:
    return word.replace("-", " ").capitalize()


def sampled(layout: Layout) -> Values:
    """Give every field its sample value."""
    return {name: value if isinstance(value, str) else list(value) for name, value in samples(layout).items()}


# Stamps ---------------------------------------------------------------------------------------------------------------


def stamped(layout: Layout, given: Values) -> tuple[str, ...]:
    """Name the fields that are left to the bench."""
    known = {field.name for field in layout.fields}
    return tuple(name for name in STAMPS if name in known and name not in given)


def check_printed(template: str, given: Iterable[str], bench_fills: Sequence[str] = STAMPS) -> None:
    """Raise NotFilled where a label that is printed cannot have these fields, by name, from whoever asks for it.

    Only the bench tells which label it is, where and when it was printed, and that it is a reprint.
    """
    if template == MARKER:
        raise NotFilled(f"{MARKER} is the mark above a reprint, expected another label: {MARKER} is not printed alone.")
    own = next((name for name in given if name in bench_fills), None)
    if own is not None:
        raise NotFilled(f"{template}, field {own}: a value was given, expected none: the bench fills it in.")


def brief(sentence: str) -> str:
    """Shorten what a sentence repeats of a value, in quotation marks, and a sentence that is long nevertheless.

    >>> brief(f"found {'x' * 99!r}, expected a number") == f"found '{'x' * 60}…', expected a number"
    True
    """
    short = _QUOTED.sub(r"\1\2…\1", sentence)
    return short if len(short) <= _LONGEST else f"{short[:_LONGEST]}…"


def previewed(given: Values, left: Sequence[str], *, station: str, by: str, at: dt.datetime) -> Values:
    """Fill in what is left to the bench as it will, but for the id: no label that is not printed looks as if it were.

    `station` is its name, `by` who asks, `at` in the site's zone.
    """
    stamps = {"label_id": PREVIEW, "station": station, "initials": by, "time": at.strftime("%Y-%m-%d %H:%M")}
    return {**given, **{name: stamps[name] for name in left}}
