"""What is below par, what is picked to mend it, and what does a pick leave behind?

Par terms: `min` is the reorder point, `par` the most, `on_hand` what the record says. A line is below par when on hand
is at or under its reorder point; what is picked and not yet loaded counts as under way.
"""

import datetime as dt
from collections.abc import Mapping

import msgspec

from stations.pharmacy.formulary import item_named
from stations.pharmacy.packages import key_of
from stations.work.facts import Facts, Put, Row, kept
from stations.work.tasks import Result, Situation

UNDER_WAY = ("picked", "checked", "sealed")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a worklist: what is due, and which checklist answers it."""

    id: str
    name: str
    why: str
    """Why it is due, as the home screen says it."""
    opens: str
    subject: str
    """The checklist and the subject it opens with."""
    fields: Mapping[str, object] = {}
    """The columns of the worklist as text and tables show them."""


def below_par(facts: Facts, today: dt.date) -> tuple[Due, ...]:  # noqa: ARG001 - every worklist has this shape
    """List the cabinet pockets at or below their reorder point, less what is on its way."""
    due = []
    for row in facts.rows("stock_level", kind="cabinet"):
        coming = _under_way(row, facts)
        have = int(row["on_hand"]) + coming
        if have > int(row["min"]):
            continue
        need = int(row["par"]) - have
        line = _open_line(row, facts)
        due.append(
            Due(
                id=str(row["item"]),
                name=str(row["name"]),
                why=f"{row['on_hand']} on hand, par {row['par']}",
                opens="automation.refill-pick",
                subject=str(row["location"]),
                fields={
                    "location": row["location"],
                    "bin": row["bin"],
                    "item": row["item"],
                    "name": row["name"],
                    "on_hand": row["on_hand"],
                    "min": row["min"],
                    "par": row["par"],
                    "need": need,
                    "list": line["list"] if line is not None else "",
                },
            ),
        )
    return tuple(due)


def _lines(row: Row, facts: Facts) -> list[Row]:
    lines = facts.rows("pick_line", item=str(row["item"]))
    return [line for line in lines if line["cabinet"] == row["location"] and line["bin"] == row["bin"]]


def _under_way(row: Row, facts: Facts) -> int:
    return sum(int(line["picked"]) for line in _lines(row, facts) if line["state"] in UNDER_WAY)


def _open_line(row: Row, facts: Facts) -> Row | None:
    return next((line for line in _lines(row, facts) if line["state"] == "open"), None)


def pick_list_for(name: str, facts: Facts) -> str | None:
    """Return the open pick list of a cabinet, named by its name, its code or the list's own code."""
    own = facts.row("pick_list", name)
    if own is not None:
        return name if _is_open(own, facts) else None
    device = facts.row("device", name)
    cabinet = str(device["device"]) if device is not None else name
    lists = facts.rows("pick_list", cabinet=cabinet)
    return next((str(row["list"]) for row in lists if _is_open(row, facts)), None)


def _is_open(row: Row, facts: Facts) -> bool:
    lines = facts.rows("pick_line", list=str(row["list"]))
    return bool(row["state"] == "open" and any(line["state"] == "open" for line in lines))


def new_pick_list(name: str, code: str, facts: Facts, today: dt.date) -> tuple[Put, ...]:
    """Return a pick list of what a cabinet is short of now, under the code `code`; nothing if it is short of none.

    `name` is the cabinet's name or its code. What no shelf here holds cannot be picked here, and stays due.
    """
    device = facts.row("device", name)
    cabinet = str(device["device"]) if device is not None else name
    due = [line for line in below_par(facts, today) if line.subject == cabinet]
    shelves = [(line, shelf) for line in due if (shelf := _shelf_of(line.id, facts)) is not None]
    lines = [_new_line(code, number, line, shelf) for number, (line, shelf) in enumerate(shelves, 1)]
    header = {"list": code, "cabinet": cabinet, "state": "open", "seal": "", "checked_by": ""}
    return (Put(register="pick_list", key=code, row=header), *lines) if lines else ()


def _shelf_of(item: str, facts: Facts) -> Row | None:
    return next((row for row in facts.rows("stock_level", item=item) if row["kind"] == "shelf"), None)


def _new_line(code: str, number: int, due: Due, shelf: Row) -> Put:
    key = f"{code}/{number}"
    row = {
        "key": key,
        "list": code,
        "line": number,
        "cabinet": due.fields["location"],
        "bin": due.fields["bin"],
        "item": due.id,
        "name": due.name,
        "quantity": due.fields["need"],
        "picked": 0,
        "shelf": shelf["code"],
        "shelf_name": shelf["location"],
        "state": "open",
    }
    return Put(register="pick_line", key=key, row=row)


LINE_FIELDS = frozenset({"key", "line", "item", "name", "quantity", "shelf", "shelf_name", "ndc12"})
"""What a pick line tells."""


def pick_lines(situation: Situation, result: Result) -> tuple[dict[str, str], ...]:
    """Return the open lines of the list that was scanned, with the shelf each item is kept on."""
    rows = [row for row in situation.facts.rows("pick_line", list=result.value) if row["state"] == "open"]
    return tuple(
        {field: str(row[field]) for field in sorted(LINE_FIELDS - {"ndc12"})}
        | {"ndc12": _usual_ndc(str(row["item"]), situation.facts)}
        for row in sorted(rows, key=lambda row: int(row["line"]))
    )


def _usual_ndc(item: str, facts: Facts) -> str:
    known = item_named(item, facts)
    return known.ndc12 if known is not None else ""


def left_on_shelf(situation: Situation) -> int | None:
    """Return what the shelf should hold after this line's packages were taken from it."""
    row = _shelf(situation)
    return int(row["on_hand"]) - _picked(situation) if row is not None else None


def _shelf(situation: Situation) -> Row | None:
    return _stock_at(situation.named("line.shelf"), situation.named("line.item"), situation.facts)


def _stock_at(code: str, item: str, facts: Facts) -> Row | None:
    return next((row for row in facts.rows("stock_level", code=code) if row["item"] == item), None)


def _picked(situation: Situation) -> int:
    place = situation.place
    return len(situation.task.taken(f"{place.group}[{place.number}].package"))


def line_picked(situation: Situation, result: Result) -> tuple[Put, ...]:
    """Return the shelf with what is left on it, and the pick line as picked."""
    puts = []
    shelf = _shelf(situation)
    if shelf is not None:
        row = {**kept(shelf), "on_hand": int(result.value), "counted": result.at.isoformat(), "counted_by": result.by}
        puts.append(Put(register="stock_level", key=str(shelf["stock"]), row=row))
    key = situation.named("line.key")
    line = situation.facts.row("pick_line", key)
    if line is not None:
        row = {**kept(line), "state": "picked", "picked": _picked(situation)}
        puts.append(Put(register="pick_line", key=key, row=row))
    return tuple(puts)


def pick_undone(situation: Situation) -> tuple[Put, ...]:
    """Return what a pick leaves that was given up: everything goes back to its shelf, and its lines are open again.

    The next pick counts each shelf, so a package that was not put back shows then.
    """
    task, facts = situation.task, situation.facts
    keys = [key_of(one) for one in task.packages if one.serial]
    mine = [key for key in keys if (used := facts.row("serial", key)) is not None and used["task"] == task.id]
    puts = [Put(register="serial", key=key, row=None) for key in mine]
    picked = [line for lines in task.lines.values() for line in lines]
    for line in picked:
        row, shelf = facts.row("pick_line", line["key"]), _stock_at(line["shelf"], line["item"], facts)
        if row is None or row["state"] not in UNDER_WAY:
            continue
        puts.append(Put(register="pick_line", key=line["key"], row={**kept(row), "state": "open", "picked": 0}))
        if shelf is not None:
            back = {**kept(shelf), "on_hand": int(shelf["on_hand"]) + int(row["picked"])}
            puts.append(Put(register="stock_level", key=str(shelf["stock"]), row=back))
    return (*puts, *_list_row(situation, state="open", checked_by=""))


def tote_checked(situation: Situation, result: Result) -> tuple[Put, ...]:
    """Return the pick list as checked by the pharmacist."""
    return _list_row(situation, state="checked", checked_by=result.by)


def tote_sealed(situation: Situation, result: Result) -> tuple[Put, ...]:
    """Return the pick list as sealed, with the seal's number."""
    return _list_row(situation, state="sealed", seal=result.value)


def _list_row(situation: Situation, **changes: str) -> tuple[Put, ...]:
    listed = situation.task.result("list")
    row = situation.facts.row("pick_list", listed.value) if listed is not None else None
    if row is None:
        return ()
    return (Put(register="pick_list", key=str(row["list"]), row={**kept(row), **changes}),)


def seal_fields(situation: Situation) -> dict[str, str | list[str]]:
    """Fill the tamper seal: from where, to where, which items, how many, who verified."""
    task = situation.task
    counts: dict[str, int] = {}
    for package in task.packages:
        counts[package.name] = counts.get(package.name, 0) + 1
    verified = task.result("pharmacist")
    listed = task.result("list")
    return {
        "from": situation.settings.site,
        "to": f"cabinet {listed.fields.get('cabinet', '')}" if listed is not None else "",
        "items": [f"{number} x {name}" for name, number in counts.items()] or ["nothing: everything was short"],
        "total": f"{len(task.packages)} package{'' if len(task.packages) == 1 else 's'}",
        "verified_by": verified.by if verified is not None else "",
    }
