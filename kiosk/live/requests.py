"""What may a command ask of the process that holds a station, and how do the two tell each other?

By two files in the inbox: the command puts `<name>.request.json` there, the holder `<name>.answer.json` beside it. Each
is put in place whole, so that neither side ever reads half of one.
"""

from pathlib import Path
from typing import Any

import msgspec

from stations.records.disk import put_in_place, write_beside
from stations.records.imports import ImportRefused

REQUEST, ANSWER = ".request.json", ".answer.json"
ANSWER_WITHIN_S = 300.0
"""How long a command waits for its answer; an older request is nobody's any more."""


class Import(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="import"):
    """Take files in, all or nothing."""

    what: str
    """The kind of import: `ndc`, `staff`, …"""
    files: tuple[str, ...]


class Print(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="print"):
    """Print one label."""

    ticket: str
    """Names the wish: asked for again under the same ticket, a label is not printed again."""
    template: str
    fields: dict[str, str | list[str]]
    stamped: tuple[str, ...] = ()
    """The fields that the bench fills in: of `label_id`, `station`, `initials`, `time`."""
    copies: int = 1
    by: str
    """The user of the system who asks."""


Request = Import | Print


class LabelRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the register `label` has of a label, as far as whoever asked for it needs to know."""

    label: str
    """Its id."""
    state: str
    """`sent`, `failed`, `unknown`, `waiting`, …"""
    says: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a request."""

    done: bool
    """False: nothing of it was done, and `says` tells why; a sentence a line."""
    says: str = ""
    recorded: bool = True
    """False where the record, and not the request, is the reason that nothing was done."""
    report: dict[str, Any] = {}
    """Of an import: rows taken, changed, unchanged, refused."""
    label: LabelRow | None = None
    """Of a print."""


def read_request(path: Path) -> Request:
    """Read a request; raise ImportRefused where it is none."""
    try:
        request: Request = msgspec.json.decode(path.read_bytes(), type=Request)
    except (OSError, msgspec.DecodeError) as error:
        raise ImportRefused(f"{path.name}: is no request: {error}.") from error
    return request


def read_answer(path: Path) -> Answer:
    """Read an answer, which the holder has put in place whole."""
    return msgspec.json.decode(path.read_bytes(), type=Answer)


def write_json(path: Path, value: Request | Answer) -> None:
    """Put a request or an answer where the other process finds it whole."""
    put_in_place(write_beside(path, [msgspec.json.encode(value)]), path, keep=False)
