"""What stands in the foot of every screen, and what is wrong in whole sentences?

A light says a few words, so that the essential one is never what the edge cuts off. The sentence with its mend is told
where there is room to read it: as the message while nothing else is said, and behind F1 for every trouble.

>>> left = Trouble(about="scanner left", says="Not there: plug it in at usb-1.")
>>> troubled(left).says, said(left)
('not there', 'Scanner left, not there: plug it in at usb-1.')
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from stations.bench import labels
from stations.bench.state import Bench, Printer, Trouble


class How(StrEnum):
    """How what a light is about is."""

    WELL = "well"
    PLAIN = "plain"
    """Nothing is known, and nothing need be."""
    SOON = "soon"
    """It works, and somebody should look after it soon."""
    WRONG = "wrong"


class Light(msgspec.Struct, frozen=True, kw_only=True):
    """One status at the bottom."""

    about: str
    how: How = How.WELL
    says: str = ""
    """A few words."""

    @property
    def is_well(self) -> bool:
        """Whether it asks nothing of anybody."""
        return self.how in (How.WELL, How.PLAIN)


_BRIEFLY: Mapping[str, str] = MappingProxyType(
    {
        "stays in the inbox": "waits",
    }
)
"""Words of a sentence → the few words for it."""
_OTHERWISE: Mapping[str, str] = MappingProxyType(
    {"file": "refused", "definitions": "refused", "scanners.toml": "refused"}
)
"""By what a trouble is about, where its sentence is one of many."""
_LONGEST_BRIEF = 30
"""Columns of the few words."""
_LONGEST_NAME = 24
"""Columns of a name in the foot; a longer file's name is told with its sentence."""
_LISTS = MappingProxyType({"ndc": "directory", "links": "formulary", "recalls": "recalls"})
"""Lists from outside whose age matters, and what people call them."""


def said(trouble: Trouble) -> str:
    """Give the whole sentence, with what it is about where it does not name that itself."""
    about = f"{trouble.about[:1].upper()}{trouble.about[1:]}"
    if _is_scanner(trouble):
        return f"{about}, {_within(trouble.says)}"
    name = trouble.about.partition(" ")[2] or trouble.about
    return trouble.says if name.casefold() in trouble.says.casefold() else f"{about}: {trouble.says}"


def troubled(trouble: Trouble) -> Light:
    """Give the light of a trouble."""
    kind, _, name = trouble.about.partition(" ")
    about = name if kind == "scanner" and not _is_scanner(trouble) else trouble.about
    brief = next((brief for words, brief in _BRIEFLY.items() if words in trouble.says), "")
    if _is_scanner(trouble):
        # What is wrong with a scanner stands in few words before its mend.
        brief, colon, _ = _within(trouble.says).partition(": ")
        brief = brief if colon and len(brief) <= _LONGEST_BRIEF else ""
    says = brief or _OTHERWISE.get(about.partition(" ")[0], "see F1")
    return Light(about=about if len(about) <= _LONGEST_NAME else kind, how=How.WRONG, says=says)


def _is_scanner(trouble: Trouble) -> bool:
    """Whether it is about a scanner, and not about the file that names them."""
    kind, _, name = trouble.about.partition(" ")
    return kind == "scanner" and not name.endswith(".toml")


def _within(sentence: str) -> str:
    """Begin a sentence as it stands within another: small, but for a name such as CapsLock."""
    first = sentence.partition(" ")[0]
    return sentence if first[1:] != first[1:].lower() else f"{sentence[:1].lower()}{sentence[1:]}"


def lights(bench: Bench, now: dt.datetime, *, by_keyboard: bool, has_scanner: bool) -> Iterator[Light]:
    """Show the lights, what matters most first; a device that nobody has complained of is well."""
    wrong = [troubled(trouble) for trouble in bench.troubles]
    scanners = [light for light in wrong if _is_of_scanner(light)]
    printer = printer_light(bench.printer)
    yield from scanners
    yield from () if printer.is_well else (printer,)
    if by_keyboard:
        yield Light(about="keyboard scans (less safe)", how=How.WRONG)
    elif not has_scanner:
        yield Light(about="scanner", how=How.WRONG, says="none is paired")
    yield from _doubtful(bench)
    yield from (light for light in wrong if not _is_of_scanner(light))
    if has_scanner and not scanners:
        yield Light(about="scanner")
    yield from (printer,) if printer.is_well else ()
    waiting = sum(job.state in ("queued", "waiting", "sending") for job in bench.kept.jobs)
    if waiting:
        yield Light(about="labels", says=f"{waiting} on the way")
    stopped = bool(bench.out_of_order)
    counted = f"{bench.entries:,} entries" if bench.entries else ""
    yield Light(about="record", how=How.WRONG, says="stopped") if stopped else Light(about="record", says=counted)
    for what, name in _LISTS.items():
        if what in bench.kept.imports:
            yield Light(about=name, says=ago(now - bench.kept.imports[what]))


def _is_of_scanner(light: Light) -> bool:
    return light.about.partition(" ")[0] == "scanner"


def _doubtful(bench: Bench) -> Iterator[Light]:
    """Count the labels that nobody knows of whether they came out."""
    count = len(labels.doubtful(bench.kept))
    if count:
        yield Light(about="labels", how=How.WRONG, says=f"{count} in doubt")


def printer_light(printer: Printer) -> Light:
    """Give the light of the printer, by what it answered.

    Without an answer and without a complaint it cannot tell, or was not asked yet: no reason for alarm.
    """
    match printer.answer:
        case "ready":
            return Light(about="printer")
        case "warning":
            return Light(about="printer", how=How.SOON, says="look after it")
        case "fault":
            return Light(about="printer", how=How.WRONG, says="not ready")
        case _ if printer.says:
            return Light(about="printer", how=How.WRONG, says="does not answer")
        case _:
            return Light(about="printer", how=How.PLAIN)


def troubles(bench: Bench) -> tuple[str, ...]:
    """Tell all that is wrong in whole sentences: scanners, the printer, the rest; the newest of each first."""
    newest = tuple(reversed(bench.troubles))
    dead = printer_light(bench.printer).how is How.WRONG
    return (
        *(said(trouble) for trouble in newest if _is_scanner(trouble)),
        *((bench.printer.says,) if dead else ()),
        *(said(trouble) for trouble in newest if not _is_scanner(trouble)),
    )


def ago(past: dt.timedelta) -> str:
    """Say how long ago something was, in the largest whole unit that people would use."""
    minutes = int(past.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"  # noqa: PLR2004 - hours in two days
