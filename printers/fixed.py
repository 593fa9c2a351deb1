"""Which words of a label may a site not change, and what must every label carry?

A site edits its labels, but not the sentences that law or the house fixes, nor what ties the paper to the record: the
label's own id as a code that scans back, and station, initials and time. Where a definition lacks one, it is refused.
Labels of other names are a site's own, and free. A fixed sentence is a line of its own, letter for letter.

>>> sentences("T03")
('OUT OF SERVICE',)
>>> sentences("location")
()
"""

from msgspec import Struct

from printers.label import CodeLine, Layout, Symbology, TextLine, field_names


class FixedText(Struct, frozen=True, kw_only=True):
    """A sentence that stands on a label as it is."""

    text: str
    source: str
    """The law it is from, or why the house fixes it."""
    goes_on: bool = False
    """More may follow it on its line."""

    def is_in(self, line: str) -> bool:
        """Whether a line of a definition holds this sentence and nothing before it."""
        return line.startswith(self.text) if self.goes_on else line == self.text


_CAUTION = FixedText(
    text="Caution: New Drug--Limited by Federal (or United States) law to investigational use.",
    source="21 CFR 312.6(a)",
)
_MARK = FixedText(
    text="DUPLICATE {duplicate} - REPRINTED {reprinted} {reason}",
    source="two papers of one label must be told apart",
    goes_on=True,
)
_FIXED = {
    "T02": (FixedText(text="QUARANTINE - DO NOT USE", source="21 CFR 211.142(a), drugs held in quarantine"),),
    "T03": (FixedText(text="OUT OF SERVICE", source="a device that waits for repair must not be used"),),
    "T06": (FixedText(text="HOLD for pharmacist", source="a pharmacist alone judges drugs after an excursion"),),
    "T08": (_CAUTION,),
    "T09": (_CAUTION, FixedText(text="Keep out of reach of children", source="dispensed to a person's home")),
    "T11": (FixedText(text="NOT FOR RE-DISPENSING", source="21 CFR 312.59, disposition of unused supply"),),
    "T12": (
        FixedText(
            text="PATIENT ASSISTANCE - DO NOT BILL - NOT FOR STOCK",
            source="free goods belong to the patient they were given for",
        ),
    ),
    "T23": (_MARK,),
}
"""To be checked by a pharmacist, like every label."""

_STAMPED = frozenset(f"T{number:02}" for number in range(1, 23))
_STAMPS = ("label_id", "station", "initials", "time")
_SCANS_BACK = (Symbology.QR, Symbology.CODE128)


def sentences(label: str) -> tuple[str, ...]:
    """Give the sentences that the label of this id must carry, as its definition writes them."""
    return tuple(fixed.text for fixed in _FIXED.get(label, ()))


def lack(layout: Layout) -> str:
    """Tell in one sentence what a definition must hold and does not; empty where it holds everything."""
    optional = {field.name for field in layout.fields if field.optional}
    words = [line for line in layout.lines if isinstance(line, TextLine)]
    always = [line.text for line in words if optional.isdisjoint(field_names(line))]
    for fixed in _FIXED.get(layout.id, ()):
        if not any(fixed.is_in(line) for line in always):
            where = "at the head of a line" if fixed.goes_on else "as a line of its own"
            asked = f"the text {fixed.text!r} was expected {where}, letter for letter and always shown"
            return f"lines: {asked} ({fixed.source})"
    return _lacking_stamp(layout) if layout.id in _STAMPED else ""


def _lacking_stamp(layout: Layout) -> str:
    required = {field.name for field in layout.fields if not (field.optional or field.is_list)}
    missing = next((name for name in _STAMPS if name not in required), None)
    if missing is not None:
        return (
            f"fields: {missing!r} was expected, as one text that is not optional, for it ties the paper to the record"
        )
    codes = [line for line in layout.lines if isinstance(line, CodeLine) and line.field == "label_id"]
    if not any(line.symbology in _SCANS_BACK for line in codes):
        return f"lines: a code of label_id was expected, {' or '.join(_SCANS_BACK)}, by which the label is scanned back"
    return ""
