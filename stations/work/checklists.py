"""What does a checklist ask, step by step?

A checklist is a TOML file that a pharmacist reads and edits. It is read into typed values that refuse unknown keys; a
file that cannot be used is refused with one sentence that names file, key or line, what was found and what was
expected. All fifteen kinds of step are known by name; one this version cannot run yet is refused at load.
"""

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec

from stations.work.people import MEANINGS

_Words = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
_Length = Annotated[int, msgspec.Meta(ge=1, le=500)]
_Days = Annotated[int, msgspec.Meta(ge=0, le=3650)]
_STEP = re.compile(r"\s*\[\[\s*step\s*\]\]")


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The step is asked only if an earlier step ended so."""

    step: str
    outcome: _Words


class Unable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coded reason for which the step cannot be done as asked, and what follows."""

    reason: str
    then: Literal["key", "skip"]
    """`key`: the code is keyed instead, twice. `skip`: the step ends here and the task ends with a deviation."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every kind of step has."""

    id: str
    asks: str
    """What to do, in a few words, as the screen shows it."""
    reason_codes: tuple[Unable, ...] = ()
    when: When | None = None
    by: Literal["performer", "another"] = "performer"
    """`another`: a second person does this step, with badge and PIN."""
    keeps: str = ""
    """The word of the rule that says which register rows the answer leaves."""


class ScanProduct(Asked, frozen=True, kw_only=True, tag="scan-product"):
    """SP: scan every package of an item."""

    item: str
    """Where the expected item is named: `line.item`, `<step>.<field>`."""
    repeat: str = "1"
    """How many packages: a number, or where it is named."""
    not_before_days: _Days = 0
    """The package must not expire within this many days."""
    packs: bool = False
    """Whether a larger pack of the item may be taken."""
    same_ndc: bool = False
    """Whether another maker's product of the same item is refused."""


class ScanLocation(Asked, frozen=True, kw_only=True, tag="scan-location"):
    """SL: scan a location's or device's label."""

    of: tuple[str, ...] = ()
    """The kinds of location that will do; empty: any."""
    expected: str = ""
    """Where the one expected location is named."""
    check: str = ""
    """The word of the rule that looks at the place before it will do."""


class ScanIdentity(Asked, frozen=True, kw_only=True, tag="scan-identity"):
    """SI: scan the thing the task is about."""

    of: str
    """The register it must be in."""


class Count(Asked, frozen=True, kw_only=True, tag="count"):
    """CT: count, the expected number shown."""

    expect: str
    """The word of the rule that knows the expected number."""
    tolerance: Literal["none", "site"] = "none"
    """`site`: a difference within the site's tolerance is taken."""


class BlindCount(Asked, frozen=True, kw_only=True, tag="blind-count"):
    """BC: count, the expected number hidden until it is committed."""

    expect: str
    tolerance: Literal["none", "site"] = "none"


class Measurement(Asked, frozen=True, kw_only=True, tag="measurement"):
    """ME: a decimal with its unit, a hard and a soft range."""

    unit: str
    plausible: tuple[float, float]
    accept: tuple[float, float]


class Choice(Asked, frozen=True, kw_only=True, tag="choice"):
    """CH: one of a closed list."""

    options: _Words


class Text(Asked, frozen=True, kw_only=True, tag="text"):
    """TX: words."""

    min_length: _Length = 1
    max_length: _Length = 500


class Date(Asked, frozen=True, kw_only=True, tag="date"):
    """DT: a date or a time."""

    not_before: str = ""
    not_after: str = ""


class Pharmacist(Asked, frozen=True, kw_only=True, tag="pharmacist"):
    """RX: a pharmacist on duty, not the performer, verifies with badge and PIN."""

    meaning: str = "verified"


class Witness(Asked, frozen=True, kw_only=True, tag="witness"):
    """W2: a second person who was there."""

    within_seconds: int = 120


class Signature(Asked, frozen=True, kw_only=True, tag="signature"):
    """SG: somebody signs, with the meaning the step names (21 CFR 11.50)."""

    meaning: str
    signer: Literal["performer", "pharmacist", "supervisor", "anyone"] = "performer"


class Print(Asked, frozen=True, kw_only=True, tag="print"):
    """PL: print a label and scan it back."""

    label: str
    fields: str
    """The word of the rule that fills the label's fields."""


class Attach(Asked, frozen=True, kw_only=True, tag="attach"):
    """AT: a document's number or a file's hash."""

    of: str = "document"


class Automatic(Asked, frozen=True, kw_only=True, tag="automatic"):
    """AU: computed, shown and kept."""

    computes: str
    """The word of the rule that computes it."""


Single = (
    ScanProduct
    | ScanLocation
    | ScanIdentity
    | Count
    | BlindCount
    | Measurement
    | Choice
    | Text
    | Date
    | Pharmacist
    | Witness
    | Signature
    | Print
    | Attach
    | Automatic
)


class Each(Asked, frozen=True, kw_only=True, tag="each"):
    """The same steps for every line of a list."""

    lines: str
    """The word of the rule that knows the lines, and after a space the step that names their list."""
    step: Annotated[tuple[Single, ...], msgspec.Meta(min_length=1)]


Step = Single | Each
_UNFINISHED = (Measurement, Date, Witness, Attach)
_BY_NOBODY_ELSE = (Pharmacist, Signature, Automatic)
"""Kinds whose person is settled already, so that `by` would promise what is not done."""


class Checklist(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One checklist, as its file says."""

    id: str
    """`<role>.<name>`."""
    version: int
    title: str
    role: str
    about: str
    """What it is for, and the rule or custom it follows."""
    level: Literal[1, 2, 3] = 3
    competencies: tuple[str, ...] = ()
    dispensing: bool = False
    subject: str = ""
    """The id of the first step, where the task can be opened with its subject already named."""
    worklist: str = ""
    """The worklist that knows when this checklist is due."""
    keeps: str = ""
    """The word of the rule that says which register rows the finished task leaves."""
    undoes: str = ""
    """The word of the rule for a task that is given up: everything it took is put back first."""
    step: tuple[Step, ...]
    sha256: str = ""
    """Of the file's bytes; set when the file is read."""


class ChecklistRefused(ValueError):
    """A checklist that cannot be used; its text says what, where and what was expected."""


def read_checklist(text: str, name: str) -> Checklist:
    """Read the text of a checklist file called `name`; raise `ChecklistRefused` with one sentence."""
    try:
        found = msgspec.convert(tomllib.loads(text), Checklist)
    except tomllib.TOMLDecodeError as error:
        raise ChecklistRefused(f"{name}: not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise ChecklistRefused(f"{name}: {_located(str(error), text)}.") from error
    if found.sha256:
        raise ChecklistRefused(f"{name}: key sha256: found a value, expected none: it is computed from the file.")
    for problem in _problems(found):
        raise ChecklistRefused(f"{name}: {problem}.")
    return msgspec.structs.replace(found, sha256=hashlib.sha256(text.encode()).hexdigest())


def _located(message: str, text: str) -> str:
    """Turn msgspec's path (`$.step[2].item`) into a key path and, for a step, the line it starts on."""
    what, _, path = message.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    if not path.startswith("step["):
        return f"key {path}: {what}" if path else what
    number = int(path[5 : path.index("]")])
    heads = [at for at, line in enumerate(text.split("\n"), 1) if _STEP.match(line)]
    where = f" (the step at line {heads[number]})" if number < len(heads) else ""
    return f"key {path}{where}: {what}"


def singles(steps: Collection[Step]) -> Iterator[Single]:
    """Give every step that asks something, repeated ones once."""
    for step in steps:
        if isinstance(step, Each):
            yield from step.step
        else:
            yield step


def _problems(checklist: Checklist) -> Iterator[str]:
    if not checklist.step:
        yield "key step: found none, expected at least one"
    taken: set[str] = set()
    earlier: set[str] = set()
    for step in checklist.step:
        yield from _id_problems(step, taken)
        if isinstance(step, Each):
            yield from _each_problems(step, taken, earlier)
        else:
            yield from _single_problems(step, earlier)
            earlier.add(step.id)
    if checklist.subject and checklist.step and checklist.step[0].id != checklist.subject:
        yield f"key subject: found {checklist.subject}, expected the id of the first step, {checklist.step[0].id}"


def _id_problems(step: Step, taken: set[str]) -> Iterator[str]:
    if step.id in taken or not step.id.isascii() or not step.id.replace("-", "").isalnum():
        yield f"step {step.id}: its id is taken or has other than letters, digits and hyphens"
    taken.add(step.id)


def _each_problems(each: Each, taken: set[str], earlier: set[str]) -> Iterator[str]:
    """Look at a repeated step: what stands at it holds for every line, so conditions stand at the steps within."""
    if each.lines.partition(" ")[2] not in earlier:
        yield f"step {each.id}: lines is {each.lines!r}, expected a rule's word and the id of an earlier step"
    for key, default in (("when", None), ("by", "performer"), ("keeps", ""), ("reason_codes", ())):
        if getattr(each, key) != default:
            yield f"step {each.id}: found {key} at a repeated step, expected it at the steps within"
    inner = set(earlier)
    for step in each.step:
        yield from _id_problems(step, taken)
        yield from _single_problems(step, inner)
        inner.add(step.id)


_UNABLE: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {ScanProduct: ("key", "skip"), Choice: ("skip",), Text: ("skip",)},
)
"""What may follow a coded reason, by kind of step: a signature, an identity or a count is never left out."""


def _either(words: tuple[str, ...]) -> str:
    return " or ".join(words) if words else "none"


def _single_problems(step: Single, earlier: set[str]) -> Iterator[str]:
    """Look at a step that may name those in `earlier`: a line's steps are known within their line alone."""
    kind = type(step).__struct_config__.tag
    if step.when is not None and step.when.step not in earlier:
        yield f"step {step.id}: when names {step.when.step}, expected the id of an earlier step"
    if isinstance(step, _UNFINISHED):
        yield f"step {step.id}: steps of kind {kind} cannot be run by this version of the kiosk yet"
    if isinstance(step, _BY_NOBODY_ELSE) and step.by != "performer":
        yield f"step {step.id}: found by at a step of kind {kind}, which says itself whose step it is"
    if isinstance(step, Pharmacist | Signature) and step.meaning not in MEANINGS:
        yield f"step {step.id}: meaning is {step.meaning!r}, expected one of {', '.join(MEANINGS)}"
    allowed = _UNABLE.get(type(step), ())
    for code in step.reason_codes:
        if code.then not in allowed:
            yield f"step {step.id}: found reason_codes with then = {code.then!r}, expected {_either(allowed)} at {kind}"
    if isinstance(step, Text) and step.min_length > step.max_length:
        yield f"step {step.id}: min_length is {step.min_length}, expected at most max_length, {step.max_length}"
