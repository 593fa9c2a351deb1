"""Which words of a label may a site not change, and what must every label carry, or never?

A site edits its labels, but not the sentences that law or the house fixes, nor what ties the paper to the record: the
label's own id as a code that scans back, and station, initials and time. Where a definition lacks one, or asks for what
its label must not tell, it is refused. Labels of other names are a site's own, and free. A fixed sentence is a line of
its own, letter for letter, without a caption, and no smaller than it is shipped.

>>> sentences("T03")
('OUT OF SERVICE',)
>>> sentences("location")
()
"""

from collections.abc import Iterator

from msgspec import Struct

from printers.label import CodeLine, Layout, Symbology, TextLine, field_names


class FixedText(Struct, frozen=True, kw_only=True):
    """A sentence that stands on a label as it is."""

    text: str
    source: str
    """The law it is from, or why the house fixes it."""
    size: int = 1
    """At least."""
    least: int = 1
    """It may go down to no less."""
    may_lack: tuple[str, ...] = ()
    """Fields without which it may be left out."""

    def is_in(self, line: TextLine, optional: frozenset[str]) -> bool:
        """Whether a line of a definition is this sentence, nothing more, and always shown."""
        is_large = line.size >= self.size and (line.least or line.size) >= self.least
        is_shown = optional.isdisjoint(set(field_names(line)) - set(self.may_lack))
        return line.text == self.text and not line.caption and is_large and is_shown


class Secret(Struct, frozen=True, kw_only=True):
    """What a label must not tell."""

    fields: frozenset[str]
    source: str


_CAUTION = FixedText(
    text="Caution: New Drug--Limited by Federal (or United States) law to investigational use.",
    source="21 CFR 312.6(a)",
)
_FIXED = {
    "T02": (
        FixedText(
            text="QUARANTINE - DO NOT USE", size=3, least=2, source="21 CFR 211.142(a), drugs held in quarantine"
        ),
    ),
    "T03": (
        FixedText(text="OUT OF SERVICE", size=3, least=3, source="a device that waits for repair must not be used"),
    ),
    "T06": (
        FixedText(
            text="HOLD for pharmacist", size=3, least=3, source="a pharmacist alone judges drugs after an excursion"
        ),
    ),
    "T08": (_CAUTION,),
    "T09": (_CAUTION, FixedText(text="Keep out of reach of children", source="dispensed to a person's home")),
    "T11": (
        FixedText(text="NOT FOR RE-DISPENSING", size=2, least=2, source="21 CFR 312.59, disposition of unused supply"),
    ),
    "T12": (
        FixedText(
            text="PATIENT ASSISTANCE - DO NOT BILL - NOT FOR STOCK",
            size=2,
            least=2,
            source="free goods belong to the patient they were given for",
        ),
    ),
    "T23": (
        FixedText(
            text="DUPLICATE {duplicate} - REPRINTED {reprinted} {reason}",
            source="two papers of one label must be told apart",
        ),
        FixedText(
            text="Void: {replaces}. Destroy it.",
            source="of two papers of one label only one may count",
            may_lack=("replaces",),
        ),
    ),
}
"""To be checked by a pharmacist, like every label."""

_ARM = Secret(
    fields=frozenset({"arm", "arms", "treatment"}),
    source="a blinded label must not tell the arm (ICH E6(R2), 5.13.1)",
)
_SECRETS = {
    "T08": _ARM,
    "T09": _ARM,
    "T18": Secret(
        fields=frozenset({"qty", "quantity", "expected", "on_hand", "count"}),
        source="who counts blind must not know what is expected",
    ),
}
_MOST = {"T12": {"patient_initials": 4, "mrn_last4": 4}}
"""Characters of a person that a label may show (45 CFR 164.502(b), minimum necessary)."""
_CODED = {"T01": ("element_string", "item_code"), "T05": ("location_code",)}
"""Fields of which each label carries one, and as a code, for it is scanned at every load and pick."""
_NAMED_LARGE = ("T01", "T05")
_LARGE = 2
"""12.7 pt: ISMP asks for 12 pt or more for a drug's name where it is read from a shelf or a package."""

_STAMPED = frozenset(f"T{number:02}" for number in range(1, 23))
_STAMPS = ("label_id", "station", "initials", "time")
_SCANS_BACK = (Symbology.QR, Symbology.CODE128)


def sentences(label: str) -> tuple[str, ...]:
    """Give the sentences that the label of this id must carry, as its definition writes them."""
    return tuple(fixed.text for fixed in _FIXED.get(label, ()))


def lack(layout: Layout) -> str:
    """Tell in one sentence what a definition must hold and does not, or must not and does; empty where all is well."""
    return next(_faults(layout), "")


def _faults(layout: Layout) -> Iterator[str]:
    yield from _lacking_sentence(layout)
    if layout.id in _STAMPED:
        yield from _lacking_stamp(layout)
    yield from _telling_secret(layout)
    yield from _lacking_product(layout)


def _lacking_sentence(layout: Layout) -> Iterator[str]:
    optional = frozenset(field.name for field in layout.fields if field.optional)
    words = [line for line in layout.lines if isinstance(line, TextLine)]
    for fixed in _FIXED.get(layout.id, ()):
        if not any(fixed.is_in(line, optional) for line in words):
            size = f"size {fixed.size} or larger" + (f", least {fixed.least}" if fixed.least < fixed.size else "")
            where = f"as a line of its own, letter for letter, always shown, without a caption, {size}"
            yield f"lines: the text {fixed.text!r} was expected {where} ({fixed.source})"


def _lacking_stamp(layout: Layout) -> Iterator[str]:
    required = {field.name for field in layout.fields if not (field.optional or field.is_list)}
    for name in _STAMPS:
        if name not in required:
            why = "for it ties the paper to the record"
            yield f"fields: {name!r} was expected, as one text that is not optional, {why}"
    codes = [line for line in layout.lines if isinstance(line, CodeLine) and line.field == "label_id"]
    if not any(line.symbology in _SCANS_BACK for line in codes):
        yield f"lines: a code of label_id was expected, {' or '.join(_SCANS_BACK)}, by which the label is scanned back"


def _telling_secret(layout: Layout) -> Iterator[str]:
    secret, most = _SECRETS.get(layout.id), _MOST.get(layout.id, {})
    for field in layout.fields:
        if secret is not None and field.name in secret.fields:
            yield f"fields: {field.name!r} was found, and {secret.source}"
        if field.max_length > most.get(field.name, field.max_length):
            found = f"{field.name!r} was found with max_length = {field.max_length}"
            yield f"fields: {found}, at most {most[field.name]} was expected (45 CFR 164.502(b), minimum necessary)"


def _lacking_product(layout: Layout) -> Iterator[str]:
    """Tell what a label that is scanned to find a product or its place lacks."""
    one_of = _CODED.get(layout.id, ())
    coded = {line.field for line in layout.lines if isinstance(line, CodeLine)}
    required = {field.name for field in layout.fields if not field.optional}
    if not coded.issuperset(one_of):
        missing = next(name for name in one_of if name not in coded)
        yield f"lines: a code of {missing} was expected, for it is scanned at every load and pick"
    if not required.issuperset(one_of) and (len(one_of) == 1 or set(layout.one_of) != set(one_of)):
        asked = f"one_of: {', '.join(one_of)} were" if len(one_of) > 1 else f"fields: {one_of[0]}, not optional, was"
        yield f"{asked} expected, for without its code the label cannot be scanned"
    shown = [line for line in layout.lines if isinstance(line, TextLine) and required.issuperset(field_names(line))]
    if layout.id in _NAMED_LARGE and not any(_is_large(line) for line in shown if "name" in field_names(line)):
        yield f"lines: the field 'name' was expected bold, of size {_LARGE} or larger and least {_LARGE} (ISMP)"


def _is_large(line: TextLine) -> bool:
    return line.bold and line.size >= _LARGE and (line.least or line.size) >= _LARGE
