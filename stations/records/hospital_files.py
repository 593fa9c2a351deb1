"""Which files does a hospital hand in itself, which columns have they, and which rows do they become?

One CSV file a kind: staff, items, links, devices, locations, stock, picks. What a line names must be known: an item, a
place, a cabinet that no register holds is refused, so hand the files in in the order of `KINDS`. A line says what its
columns say and nothing more: what the work has noted in a row since (a count, a wrong PIN) stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from stations.records.csv_files import (
    CellRefused,
    Column,
    Line,
    read_date,
    read_decimal,
    read_flag,
    read_gtin,
    read_hibc,
    read_id,
    read_initials,
    read_list,
    read_ndc12,
    read_number,
    read_own,
    read_text,
    read_word,
)
from stations.records.reading import shown
from stations.records.tables import TABLES
from stations.work.facts import Facts

_MOST = 99_999
_LOCATIONS = ("shelf", "pocket", "tote", "quarantine", "vault")
_DEVICES = (
    *("cabinet", "robot", "carousel", "packager", "refrigerator", "freezer"),
    *("vault", "printer", "scanner", "scale"),
)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says of one row."""

    register: str
    key: str
    row: dict[str, Any]
    otherwise: Mapping[str, Any] = MappingProxyType({})
    """Fields the line does not speak of, for a row that is not there yet."""
    shared: bool = False
    """Several lines speak of this row, and say the same."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file."""

    columns: tuple[Column, ...]
    drafts: Callable[[Line, Facts], Iterator[Draft]]
    once: tuple[str, ...]
    """Columns beside the key that name one thing: a value stands in one line, and in the register under one key."""


def _column(name: str, read: Callable[[str], Any] = read_text, empty: Any = None) -> Column:  # noqa: ANN401 - any cell
    return Column(name=name, read=read, empty=empty)


def _columns(names: str, read: Callable[[str], Any], empty: Any = None) -> tuple[Column, ...]:  # noqa: ANN401 - any cell
    return tuple(_column(name, read, empty) for name in names.split())


def _read_competency(text: str) -> dict[str, str | None]:
    name, colon, last = text.partition(":")
    if colon and not last:
        raise CellRefused("competencies as adc-load:2028-03-09, or without a last day adc-load")
    return {"id": read_id(name), "valid_to": read_date(last) if colon else None}


def _read_hash(text: str) -> str:
    if not text.startswith("scrypt$"):
        raise CellRefused("a PIN's hash as scrypt$n$r$p$salt$hash, or nothing")
    return read_text(text)


# Rows ----------------------------------------------------------------------------------------------------------------


def _item_named(line: Line, facts: Facts) -> str:
    """Return the name of the line's item, or note that no register has it."""
    row = facts.row("item", line["item"])
    if row is None:
        line.refuse_beside("item", "an item of the formulary: import items first")
    return str(row["name"]) if row is not None else ""


def _item(line: Line, facts: Facts) -> Iterator[Draft]:  # noqa: ARG001 - every kind has this shape
    yield Draft(register="item", key=line["item"], row=dict(line.cells))


def _link_key(line: Line) -> str:
    return str(line["gtin"] or line["ndc12"] or line["hibc"])


def _link(line: Line, facts: Facts) -> Iterator[Draft]:
    key = _link_key(line)
    if not key:
        line.refuse("gtin", "a GTIN, an NDC or a HIBC")
    if line["status"] != "requested" or line["item"]:
        _item_named(line, facts)
    yield Draft(register="ndc_link", key=key, row={"link": key, **line.cells})


def _device(line: Line, facts: Facts) -> Iterator[Draft]:  # noqa: ARG001 - every kind has this shape
    yield Draft(register="device", key=line["code"], row=dict(line.cells))


def _location(line: Line, facts: Facts) -> Iterator[Draft]:
    _device_named(line, "device", facts)
    yield Draft(register="location", key=line["code"], row=dict(line.cells))


def _device_named(line: Line, column: str, facts: Facts) -> None:
    if line[column] and not facts.rows("device", device=line[column]):
        line.refuse_beside(column, "the name of a device: import devices first")


def _stock(line: Line, facts: Facts) -> Iterator[Draft]:
    place = facts.row("location", line["code"])
    if place is None:
        line.refuse_beside("code", "the code of a location: import locations first")
    elif line["location"] not in (place["device"], place["name"]):
        line.refuse_beside("location", f"{place['device'] or place['name']}, as {line['code']} has it")
    if not line["critical"] <= line["min"] <= line["par"]:
        line.refuse("min", f"a number from critical, {line['critical']}, to par, {line['par']}")
    key = "/".join(part for part in (line["location"], line["bin"], line["item"]) if part)
    name = _item_named(line, facts)
    yield Draft(register="stock_level", key=key, row={"stock": key, **line.cells, "name": name})


def _pick(line: Line, facts: Facts) -> Iterator[Draft]:
    _device_named(line, "cabinet", facts)
    shelf = facts.row("location", line["shelf"])
    if shelf is None:
        line.refuse_beside("shelf", "the code of a location: import locations first")
    fresh = {"list": line["list"], "cabinet": line["cabinet"]}
    yield Draft(register="pick_list", key=line["list"], row=fresh, otherwise={"state": "open"}, shared=True)
    key = f"{line['list']}/{line['line']}"
    said = {"key": key, **line.cells, "name": _item_named(line, facts)}
    said["shelf_name"] = str(shelf["name"]) if shelf is not None else ""
    yield Draft(register="pick_line", key=key, row=said, otherwise={"picked": 0, "state": "open"})


def _person(line: Line, facts: Facts) -> Iterator[Draft]:  # noqa: ARG001 - every kind has this shape
    own = {"pin_hash": "", "pin_locked": False, "pin_failures": 0}
    # A PIN is its owner's: an empty cell leaves the one they chose.
    said = {name: value for name, value in line.cells.items() if name not in own or value != ""}
    said |= {name: list(line[name]) for name in ("roles", "competencies")}
    yield Draft(register="staff", key=line["person"], row=said, otherwise=own)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "items": Kind(
            columns=(
                _column("item", read_id),
                *_columns("drug name strength form route", read_text),
                _column("ndc12", read_ndc12, ""),
                _column("schedule", read_word("CII", "CIII", "CIV", "CV"), ""),
                _column("high_alert", read_flag),
                _column("lasa_group", read_id, ""),
                _column("storage", read_word("room", "refrigerate", "freeze")),
                _column("note", read_text, ""),
                Column(name="hazardous", read=read_flag, empty=False, later=True),
            ),
            drafts=_item,
            once=(),
        ),
        "links": Kind(
            columns=(
                _column("gtin", read_gtin, ""),
                _column("ndc12", read_ndc12, ""),
                _column("item", read_id, ""),
                _column("package_level", read_word("unit", "inner", "carton", "case"), ""),
                _column("pack_qty", read_number(0, _MOST)),
                _column("status", read_word("requested", "verified", "active", "retired")),
                *_columns("requested_by verified_by", read_initials, ""),
                Column(name="hibc", read=read_hibc, empty="", later=True),
            ),
            drafts=_link,
            once=(),
        ),
        "devices": Kind(
            columns=(
                _column("code", read_own("D")),
                _column("device"),
                _column("kind", read_word(*_DEVICES)),
                *_columns("model serial place", read_text, ""),
                _column("state", read_word("in", "out", "limited")),
                *_columns("calibration_due pm_due", read_date, ""),
                _column("bins", read_number(0, _MOST)),
                Column(name="gs1", read=read_text, empty="", later=True),
            ),
            drafts=_device,
            once=("device",),
        ),
        "locations": Kind(
            columns=(
                _column("code", read_own("L")),
                _column("name"),
                _column("kind", read_word(*_LOCATIONS)),
                _column("device", read_text, ""),
                _column("state", read_word("in", "out")),
                Column(name="gs1", read=read_text, empty="", later=True),
            ),
            drafts=_location,
            once=("name",),
        ),
        "stock": Kind(
            columns=(
                _column("location"),
                _column("bin", read_text, ""),
                _column("code", read_own("L")),
                _column("kind", read_word("cabinet", "shelf", "vault")),
                _column("item", read_id),
                *_columns("min par critical on_hand", read_number(0, _MOST)),
                _column("earliest_expiry", read_date, ""),
                _column("lot", read_text, ""),
                _column("days_unused", read_number(0, _MOST)),
                _column("adu", read_decimal),
                *_columns("stockouts_30d vends_30d refills_30d", read_number(0, _MOST)),
            ),
            drafts=_stock,
            once=(),
        ),
        "picks": Kind(
            columns=(
                _column("list", read_own("P")),
                _column("line", read_number(1, _MOST)),
                _column("cabinet"),
                _column("bin"),
                _column("item", read_id),
                _column("quantity", read_number(1, _MOST)),
                _column("shelf", read_own("L")),
            ),
            drafts=_pick,
            once=(),
        ),
        "staff": Kind(
            columns=(
                _column("person", read_initials),
                _column("badge", read_own("B")),
                _column("name"),
                _column("duty", read_word("technician", "pharmacist", "supervisor")),
                _column("roles", read_list(read_id), ()),
                _column("level", read_number(1, 3)),
                _column("competencies", read_list(_read_competency), ()),
                _column("status", read_word("active", "leave", "terminated")),
                _column("licence_no", read_text, ""),
                _column("licence_expires", read_date, ""),
                _column("ptcb_no", read_text, ""),
                _column("ptcb_expires", read_date, ""),
                _column("pin_hash", _read_hash, ""),
                _column("pin_locked", read_flag, ""),
                Column(name="gs1", read=read_text, empty="", later=True),
            ),
            drafts=_person,
            once=("badge",),
        ),
    },
)
"""What each kind is called, in the order in which files that speak of one another are handed in."""


def header(kind: str) -> str:
    """Return the first line that a file of that kind must have.

    >>> header("picks")
    'list,line,cabinet,bin,item,quantity,shelf'
    """
    return ",".join(column.name for column in KINDS[kind].columns)


def drafts(kind: str, lines: Sequence[Line], facts: Facts) -> list[Draft]:
    """Return what the lines say, one draft a row; what cannot be is noted at its line."""
    said = [(line, draft) for line in lines for draft in KINDS[kind].drafts(line, facts)]
    first: dict[tuple[str, str], tuple[Line, Draft]] = {}
    for line, draft in said:
        earlier, same = first.setdefault((draft.register, draft.key), (line, draft))
        if same is not draft and not (draft.shared and draft.row == same.row):
            line.refuse_line(f"{shown(draft.key)}, which line {earlier.number} has already", "each once")
    for column in KINDS[kind].once:
        _check_once(column, list(first.values()), facts)
    if kind == "links":
        _check_links(lines, facts)
    return [draft for _, draft in first.values()]


def _check_once(column: str, said: Sequence[tuple[Line, Draft]], facts: Facts) -> None:
    """Note a name that stands in two lines, or in the register under a key that no line has."""
    keys = {draft.key for _, draft in said}
    first: dict[str, int] = {}
    for line, draft in said:
        number = first.setdefault(line[column], line.number)
        if number != line.number:
            line.refuse(column, f"one of its own: line {number} has it too")
        for row in facts.rows(draft.register, **{column: line[column]}):
            if (other := str(row[TABLES[draft.register].key])) not in keys:
                line.refuse_beside(column, f"one of its own: {other} has it")


def _check_links(lines: Sequence[Line], facts: Facts) -> None:
    """Note an NDC that active links lead to two items: one of them is wrong, and nobody could say which."""
    keys = {_link_key(line) for line in lines}
    first: dict[str, Line] = {}
    for line in lines:
        if line["status"] != "active" or not line["ndc12"]:
            continue
        earlier = first.setdefault(line["ndc12"], line)
        if earlier["item"] != line["item"]:
            line.refuse("item", f"{earlier['item']}, to which line {earlier.number} links {line['ndc12']}")
        others = facts.rows("ndc_link", ndc12=line["ndc12"])
        linked = (row for row in others if row["status"] == "active" and row["link"] not in keys)
        other = next((str(row["item"]) for row in linked if row["item"] != line["item"]), None)
        if other is not None:
            line.refuse_beside("item", f"{other}, to which {line['ndc12']} is linked already")
