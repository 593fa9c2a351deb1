"""What may a command ask of the process that holds a station, and how do the two tell each other?

By two files in the inbox: the command puts `<name>.request.json` there, the holder `<name>.answer.json` beside it. Each
is put in place whole, so that neither side ever reads half of one. Whoever may write into the inbox may ask for
anything: a request is bounded in every part when it is read, before a station sees it.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from kiosk.filled import STAMPS, brief
from stations.records.disk import put_in_place, write_beside
from stations.records.imports import ImportRefused

REQUEST, ANSWER = ".request.json", ".answer.json"
ANSWER_WITHIN_S = 300.0
"""How long a command waits for its answer; an older request is nobody's any more."""
_MOST_BYTES = 1 << 20
"""Of a request: many times what the fullest label holds."""

Ticket = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{8,64}\Z")]
_Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z")]
_Text = Annotated[str, Meta(max_length=500)]
"""As much as a field of a label may ever hold."""
_Texts = Annotated[list[_Text], Meta(max_length=200)]
_Stamp = Annotated[str, Meta(pattern=rf"^({'|'.join(STAMPS)})\Z")]
_By = Annotated[str, Meta(pattern=r"^user:[^\x00-\x1f\x7f-\x9f]{1,128}\Z")]
_File = Annotated[str, Meta(pattern=r"^/[^\x00]{0,4095}\Z")]


class Import(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="import"):
    """Take files in, all or nothing."""

    what: Annotated[str, Meta(max_length=40)]
    """The kind of import: `ndc`, `staff`, …"""
    files: Annotated[tuple[_File, ...], Meta(max_length=40)]


class Print(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="print"):
    """Print one label."""

    ticket: Ticket
    """Names the wish: asked for again under the same ticket, a label is not printed again."""
    template: Annotated[str, Meta(min_length=1, max_length=40)]
    fields: Annotated[dict[_Name, _Text | _Texts], Meta(max_length=100)]
    stamped: Annotated[tuple[_Stamp, ...], Meta(max_length=len(STAMPS))] = ()
    """The fields that the bench fills in: of `label_id`, `station`, `initials`, `time`."""
    copies: Annotated[int, Meta(ge=1, le=99)] = 1
    by: _By
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
    """Read a request; raise ImportRefused where it is none, or asks for more than a station takes."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ImportRefused(f"{path.name}: found more than {_MOST_BYTES:,} bytes, expected a request.")
        request: Request = msgspec.json.decode(data, type=Request)
    except OSError as error:
        raise ImportRefused(f"{path.name}: cannot be read: {error.strerror}.") from error
    except RecursionError as error:
        raise ImportRefused(f"{path.name}: is no request: too many brackets in one another.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportRefused(f"{path.name}: is no request: {brief(str(error))}.") from error
    return request


def read_answer(path: Path) -> Answer:
    """Read an answer, which the holder has put in place whole."""
    return msgspec.json.decode(path.read_bytes(), type=Answer)


def write_json(path: Path, value: Request | Answer) -> None:
    """Put a request or an answer where the other process finds it whole."""
    put_in_place(write_beside(path, [msgspec.json.encode(value)]), path, keep=False)
