"""Is what a script expects what is there?"""

from typing import Any

import msgspec

from kiosk.station import Station
from printers.job import Job, drawn
from printers.label import LabelRefused
from stations.pharmacy.words import WORKLISTS
from stations.records.journal import Verified, verify
from stations.work.verdict import Verdict


class Seen(msgspec.Struct, kw_only=True):
    """What a run has seen so far."""

    verdict: Verdict | None = None
    """Of the last judged action."""
    jobs_from: int = 0
    """The first label since the task began."""


def check(words: tuple[str, ...], seen: Seen, station: Station) -> dict[str, Any]:
    """Return nothing where the expectation holds, else what was expected and what was there."""
    got = _got(words, seen, station)
    return {} if got is None else {"expected": " ".join(words), "got": got}


def _got(words: tuple[str, ...], seen: Seen, station: Station) -> Any:  # noqa: ANN401 - any JSON value
    match words:
        case ("screen", name):
            screen = station.bench.screen()
            return None if screen == name else screen
        case ("step", path):
            place = station.bench.place()
            asked = place.path if place is not None else "no step"
            return None if asked == path else asked
        case ("register", register, "count", number, *fields):
            return _register(register, number, fields, station)
        case ("label", template, "text", text):
            return _label(template, text, seen, station)
        case ("worklist", name, word, wanted):
            return _worklist(name, word, wanted, station)
        case ("journal", "ok"):
            found = verify(station.site / "stations" / station.id / "journal")
            return None if isinstance(found, Verified) else found.sentence
        case _:
            return _verdict(words, seen.verdict)


def _verdict(words: tuple[str, ...], verdict: Verdict | None) -> str | None:
    if verdict is None:
        return "nothing was judged"
    got = " ".join((verdict.word, *verdict.reasons))
    wanted = set(words[1:])
    reasons = set(verdict.reasons)
    fits = not reasons if wanted == {"only"} else wanted <= reasons
    return None if verdict.word == words[0] and fits else got


def _register(register: str, number: str, fields: list[str], station: Station) -> str | None:
    wanted = dict(field.split("=", 1) for field in fields)
    try:
        rows = station.runtime.registers.rows(register)
    except KeyError:
        return f"no register {register}"
    count = sum(all(_text(row.get(field)) == value for field, value in wanted.items()) for row in rows)
    least = number.startswith(">=")
    fits = count >= int(number[2:]) if least else count == int(number)
    return None if fits else f"{count} of {len(rows)} rows"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _label(template: str, text: str, seen: Seen, station: Station) -> Any:  # noqa: ANN401 - any JSON value
    found = [_drawn(job, station) for job in station.jobs[seen.jobs_from :] if job.template == template]
    wanted = " ".join(text.split())
    return (
        None if any(wanted in " ".join(one.text.split()) for one in found) else [one.text or one.why for one in found]
    )


class _Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a label says as the printer draws it, or why it draws none."""

    text: str = ""
    why: str = ""


def _drawn(job: Job, station: Station) -> _Drawn:
    try:
        return _Drawn(text=" ".join(drawn(job, station.read.layouts, station.paper).text))
    except LabelRefused as refused:
        return _Drawn(why=str(refused))


def _worklist(name: str, word: str, wanted: str, station: Station) -> Any:  # noqa: ANN401 - any JSON value
    if name not in WORKLISTS:
        return f"no worklist {name}"
    rows = WORKLISTS[name](station.runtime.registers, station.now().date())
    there = any(wanted in (row.id, row.name, *map(str, row.fields.values())) for row in rows)
    return None if there == (word == "includes") else [row.name for row in rows]
