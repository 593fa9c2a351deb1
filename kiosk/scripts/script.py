r"""What does a scan script say?

One action a line; a line whose first visible character is `#` is a comment. The whole script is read before anything
runs, so an unreadable one names its line and runs nothing.

>>> [line.action for line in read_script('badge B0042173\n# a comment\nscan "a\\u001db"\n')]
['badge', 'scan']
"""

import datetime as dt
import json
import shlex
from typing import Any

import msgspec

from stations.scanning.codes import from_visible
from stations.scanning.decoding.typist import keystrokes
from stations.scanning.ours import COMMANDS
from stations.work.verdict import Reason

PRINTER_STATES = ("ready", "near-end", "out-of-paper", "offline", "cover-open", "jam", "drop-after")
SCANNER_STATES = ("unplug", "plug", "lose")
SCREENS = ("signed-out", "locked", "home", "task", "stop", "hold", "supervisor", "out-of-order")
VERDICTS = ("PASS", "HOLD", "STOP")
WORDS = tuple(word for word in COMMANDS if not word.isdigit())
_YEARS = range(2000, 2101)
_LONGEST_WAIT = 8
_LONGEST_NUMBER = 9
_REASONS = frozenset(map(str, Reason))
EXPECTED = ("step", "screen", "register", "label", "worklist", "journal")


class ScriptRefused(ValueError):
    """A script that cannot be read; its text names the line, what was found and what was expected."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One action of a script."""

    number: int
    """From 1, as an editor counts."""
    action: str
    text: str = ""
    """What follows the action, decoded."""
    words: tuple[str, ...] = ()
    """The same, split as a shell splits words, for actions that take several."""
    shown: str = ""
    """The line as it was written; a PIN is not shown."""


def read_script(text: str) -> tuple[Line, ...]:
    """Read a whole script; raise `ScriptRefused` with one sentence that names the line."""
    found = []
    # Not splitlines: it breaks at a separator, too, which may stand in a scan as it came.
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        try:
            found.append(_read_line(number, line))
        except ValueError as error:
            raise ScriptRefused(f"line {number}: {error}") from error
    return tuple(found)


def _read_line(number: int, line: str) -> Line:
    action, _, rest = line.partition(" ")
    rest = rest.strip(" \t")
    if action not in _ACTIONS:
        raise ValueError(f"found {action!r}, expected one of {', '.join(_ACTIONS)}.")
    text, words = _ACTIONS[action](action, rest)
    shown = "pin ······" if action == "pin" else line
    return Line(number=number, action=action, text=text, words=words, shown=shown)


_Read = tuple[str, tuple[str, ...]]


def _quoted(action: str, rest: str) -> _Read:
    """Read free text: as it stands, or a JSON string where it starts with a quotation mark."""
    if not rest:
        raise ValueError(f"{action} needs a text after it.")
    if not rest.startswith('"'):
        return rest, ()
    try:
        text = json.loads(rest)
    except json.JSONDecodeError as error:
        raise ValueError(f"{rest} is not a whole JSON string: {error.msg}.") from error
    return str(text), ()


def _scan(action: str, rest: str) -> _Read:
    text, _ = _quoted(action, rest)
    if not rest.startswith('"'):
        text = from_visible(text)
    return text, ()


def _one_word(action: str, rest: str) -> _Read:
    words = rest.split()
    if len(words) != 1:
        raise ValueError(f"{action} needs one word after it, found {len(words)}.")
    return words[0], (words[0],)


def _badge(action: str, rest: str) -> _Read:
    text, words = _one_word(action, rest)
    keystrokes(text, 0.0)
    return text, words


def _task(action: str, rest: str) -> _Read:
    words = shlex.split(rest)
    if not words:
        raise ValueError(f"{action} needs a checklist's id after it.")
    return words[0], (words[0], " ".join(words[1:]))


def _moment(_: str, rest: str) -> _Read:
    expected = "expected a time like 2026-03-10T08:00:00-07:00"
    try:
        moment = dt.datetime.fromisoformat(rest)
    except ValueError as error:
        raise ValueError(f"found {rest!r}, {expected}.") from error
    if moment.tzinfo is None:
        raise ValueError(f"{rest} has no offset; {expected}.")
    if moment.year not in _YEARS:
        raise ValueError(f"{rest} is not in the years {_YEARS.start} to {_YEARS.stop - 1}.")
    return moment.isoformat(), ()


def _press(action: str, rest: str) -> _Read:
    word, words = _one_word(action, rest)
    if word not in WORDS:
        raise ValueError(f"found {word!r}, expected one of {', '.join(WORDS)}.")
    return word, words


def _printer(_: str, rest: str) -> _Read:
    words = tuple(rest.split())
    if not words or words[0] not in PRINTER_STATES:
        raise ValueError(f"found {rest!r}, expected one of {', '.join(PRINTER_STATES)}.")
    counted = words[0] == "drop-after"
    if len(words) != 1 + counted or (counted and not _is_number(words[1])):
        raise ValueError(f"found {rest!r}; drop-after takes a number of bytes, the others nothing.")
    return words[0], words


def _scanner(action: str, rest: str) -> _Read:
    word, words = _one_word(action, rest)
    if word not in SCANNER_STATES:
        raise ValueError(f"found {word!r}, expected one of {', '.join(SCANNER_STATES)}.")
    return word, words


def _wait(action: str, rest: str) -> _Read:
    word, words = _one_word(action, rest)
    if not _is_number(word) or len(word) > _LONGEST_WAIT:
        raise ValueError(f"found {word!r}, expected a whole number of seconds of {_LONGEST_WAIT} digits at most.")
    return word, words


def _nothing(action: str, rest: str) -> _Read:
    if rest:
        raise ValueError(f"{action} takes nothing after it, found {rest!r}.")
    return "", ()


def _expect(_: str, rest: str) -> _Read:
    words = tuple(shlex.split(rest))
    what = words[0] if words else ""
    good = what in VERDICTS or what in EXPECTED
    if not good:
        raise ValueError(f"found {what!r}, expected one of {', '.join((*VERDICTS, *EXPECTED))}.")
    _check_expectation(what, words[1:])
    return what, words


def _check_expectation(what: str, rest: tuple[str, ...]) -> None:
    match what, rest:
        case "screen", (name,) if name in SCREENS:
            return
        case "screen", _:
            raise ValueError(f"expected one of the screens {', '.join(SCREENS)}.")
        case ("step", (_,)) | ("journal", ("ok",)) | ("worklist", (_, "includes" | "excludes", _)):
            return
        case "label", (_, "text", _):
            return
        case "register", (_, "count", number, *fields) if _is_count(number) and all("=" in field for field in fields):
            return
        case (("step" | "journal" | "worklist" | "label" | "register"), _):
            raise ValueError(f"{' '.join((what, *rest))!r} is not a whole expectation.")
        case _:
            _check_reasons(rest)


def _check_reasons(reasons: tuple[str, ...]) -> None:
    unknown = next((reason for reason in reasons if reason not in _REASONS), None)
    if unknown is not None and reasons != ("only",):
        raise ValueError(f"found the reason {unknown!r}, expected one of the list of reasons, or only.")


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= _LONGEST_NUMBER


def _is_count(word: str) -> bool:
    return _is_number(word.removeprefix(">="))


_ACTIONS: dict[str, Any] = {
    "now": _moment,
    "badge": _badge,
    "pin": _one_word,
    "task": _task,
    "scan": _scan,
    "key": _quoted,
    "enter": _quoted,
    "choose": _quoted,
    "unable": _quoted,
    "press": _press,
    "printer": _printer,
    "scanner": _scanner,
    "wait": _wait,
    "crash": _nothing,
    "expect": _expect,
}
