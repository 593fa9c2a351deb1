"""What was recorded, is it what was written, and what is due now?

Commands that only look: none takes the station's lock, so each may be used while the kiosk works.
"""

import argparse
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.commandline import Exit
from kiosk.definitions import zone_of
from kiosk.site import default_folder, station_named
from kiosk.telling import Clock, Ended, Progress, csv_line, rows_said, say, say_json
from stations.pharmacy.words import WORKLISTS
from stations.records.journal import Broken, Entry, entries, verify

LOOK_EVERY_S = 0.5
"""How long `--follow` waits before it looks for new entries."""
COLUMNS = ("seq", "time", "kind", "who", "task", "step", "verdict", "reasons", "what", "says", "flag")
_THINGS = {"item": frozenset({"item", "gtin", "ndc12"}), "lot": frozenset({"lot"}), "serial": frozenset({"serial"})}
_SAID = ("says", "answer", "signed", "duty", "state", "what", "outcome", "reading", "pin")
"""Where an entry says what happened, the plainest first."""

Wanted = Callable[[Entry], bool]


def log(asked: argparse.Namespace, _: Clock) -> int:
    """Write the entries asked for, one line each; with `--follow` until interrupted."""
    site = asked.data or default_folder()
    station, _file = station_named(site, asked.station)
    zone = zone_of(site)
    wanted, journal = _wanted(asked, zone), site / "stations" / station / "journal"
    write = _writer(asked.how, zone)
    try:
        last = _write_after(journal, 0, wanted, write)
        while asked.follow:
            time.sleep(LOOK_EVERY_S)
            last = _write_after(journal, last, wanted, write)
    except KeyboardInterrupt:
        if not asked.follow:
            raise
    return Exit.DONE


def _write_after(journal: Path, last: int, wanted: Wanted, write: Callable[[Entry], None]) -> int:
    for entry in entries(journal, last):
        last = entry.seq
        if wanted(entry):
            write(entry)
    return last


def _writer(how: str, zone: ZoneInfo) -> Callable[[Entry], None]:
    if how == "json":
        return lambda entry: say_json({name: getattr(entry, name) for name in Entry.__struct_fields__})
    if how == "csv":
        say(csv_line(COLUMNS))
        return lambda entry: say(csv_line(_row(entry, zone)[column] for column in COLUMNS))
    return lambda entry: say(_line(_row(entry, zone)))


def _row(entry: Entry, zone: ZoneInfo) -> dict[str, object]:
    data = entry.data
    return {
        "seq": entry.seq,
        "time": f"{dt.datetime.fromisoformat(entry.ts).astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "kind": entry.kind,
        "who": data.get("person") or data.get("by") or "",
        "task": data.get("task", ""),
        "step": data.get("step", ""),
        "verdict": data.get("verdict", ""),
        "reasons": " ".join(data.get("reasons", ())),
        "what": data.get("raw") or data.get("value") or _labels(data) or data.get("checklist") or "",
        "says": next((str(data[name]) for name in _SAID if data.get(name)), ""),
        "flag": data.get("flag", ""),
    }


def _labels(data: Mapping[str, Any]) -> str:
    """Say what became of which labels."""
    told = (
        f"{one['job']} {one['template']} {one['state']}" + (f" -> {one['replaced_by']}" if "replaced_by" in one else "")
        for one in data.get("labels", ())
    )
    return ", ".join(told)


def _line(row: Mapping[str, object]) -> str:
    task = " ".join(filter(None, (str(row["task"]), str(row["step"]))))
    judged = " ".join(filter(None, (str(row["verdict"]), str(row["reasons"]))))
    begins = (row["time"], f"{row['who']:<4}", f"{row['kind']:<8}", f"{judged:<5}", task)
    cells = (*begins, row["what"], row["says"], row["flag"])
    return "  ".join(str(cell) for cell in cells if cell != "").rstrip()


def _wanted(asked: argparse.Namespace, zone: ZoneInfo) -> Wanted:
    """Make one test of all the filters; an entry must pass each."""
    since, until = _from(asked.since, zone), _to(asked.until, zone)
    checklists: dict[str, str] = {}

    def passes(entry: Entry) -> bool:
        data = entry.data
        if "checklist" in data and "task" in data:
            checklists[data["task"]] = data["checklist"]
        checklist = checklists.get(data.get("task", ""), data.get("checklist", ""))
        return (
            (since is None or entry.ts >= since)
            and (until is None or entry.ts < until)
            and (not asked.who or asked.who in (data.get("by"), data.get("person")))
            and (not asked.role or checklist.partition(".")[0] == asked.role)
            and (not asked.task or asked.task in (data.get("task"), checklist))
            and (not asked.verdict or data.get("verdict") == asked.verdict.upper())
            and (not asked.reason or asked.reason in data.get("reasons", ()))
            and all(
                not getattr(asked, thing) or getattr(asked, thing) in _named(data, keys)
                for thing, keys in _THINGS.items()
            )
        )

    return passes


def _named(value: Any, keys: frozenset[str]) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Find every text under one of these keys, however deep: in the scan, in a change, in a row."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in keys and isinstance(inner, str):
                yield inner
            yield from _named(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, keys)


def _from(moment: dt.date | None, zone: ZoneInfo) -> str | None:
    """Give a moment as entries write theirs, in UTC, so that texts compare as times do."""
    if moment is None:
        return None
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return local.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _to(moment: dt.date | None, zone: ZoneInfo) -> str | None:
    """Do the same for an end; of a day the end is the beginning of the next."""
    if moment is not None and not isinstance(moment, dt.datetime):
        moment += dt.timedelta(days=1)
    return _from(moment, zone)


def verified(asked: argparse.Namespace, _: Clock) -> int:
    """Say the number of entries and the head, or name the first broken line."""
    site = asked.data or default_folder()
    station, _file = station_named(site, asked.station)
    with Progress("reading the journal") as progress:
        found = verify(site / "stations" / station / "journal", asked.head, progress)
    if isinstance(found, Broken):
        raise Ended(Exit.JOURNAL, found.sentence)
    say(f"{found.entries:,} entries, head {found.head}")
    return Exit.DONE


def worklist(asked: argparse.Namespace, clock: Clock) -> int:
    """Write what is due, as text, CSV or JSON."""
    from kiosk.looking import registers_of  # noqa: PLC0415 - the log needs no registers

    if asked.name not in WORKLISTS:
        raise Ended(Exit.USAGE, f"Found no worklist {asked.name!r}, expected one of {', '.join(sorted(WORKLISTS))}.")
    site = asked.data or default_folder()
    station, _file = station_named(site, asked.station)
    zone = zone_of(site)
    due = WORKLISTS[asked.name](registers_of(site, station), clock().astimezone(zone).date())
    if not due and asked.how == "text":
        say(_EMPTY.get(asked.name, "Nothing is due."))
        return Exit.DONE
    rows = [{"id": line.id, **line.fields, "why": line.why} for line in due]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    rows_said(columns, rows, asked.how)
    return Exit.DONE


_EMPTY = {"below-par": "Nothing is below par. A cabinet pocket at or under its reorder point would stand here."}
"""What would fill an empty list."""
