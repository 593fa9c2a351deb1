"""What is a label made of?

The vocabulary of a label's definition: fields that are filled in, lines that are drawn from them, papers it is laid
out for. Everything here is a frozen value; reading the definition is `printers.layout`, drawing it `printers.drawing`.
Unknown keys are refused, so that a misspelt option never silently does nothing.

>>> line = TextLine(text="Seal {seal_no}, {station}", size=3)
>>> field_names(line)
('seal_no', 'station')
>>> Paper(80).dots, Paper(58).dots
(576, 384)
"""

import enum
import string
from typing import Annotated

from msgspec import Meta, Struct

DOTS_PER_MM = 8
"""Thermal heads of 203 dpi: one dot is 0.125 mm."""


class LabelRefused(ValueError):
    """A label cannot be drawn as asked; the message is one sentence for the person who asked."""


class Paper(enum.IntEnum):
    """A paper roll by its nominal width in millimetres."""

    MM80 = 80
    MM58 = 58

    @property
    def dots(self) -> int:
        """Printable width in dots at 203 dpi; what is left of the roll is margin on either side."""
        return 576 if self is Paper.MM80 else 384


class Align(enum.StrEnum):
    """Where a line stands between the margins."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Mark(enum.StrEnum):
    """What stands before each item of a list."""

    NONE = "none"
    DASH = "dash"
    BOX = "box"
    """An empty square, to be ticked by hand."""


class Symbology(enum.StrEnum):
    """The bar codes a label may carry."""

    QR = "qr"
    CODE128 = "code128"
    GS1_128 = "gs1-128"
    GS1_DATAMATRIX = "gs1-datamatrix"


class Kind(enum.StrEnum):
    """What a field's value is. Dates are those of ISO 8601, and of the calendar: there is no 2027-02-30."""

    TEXT = "text"
    DATE = "date"
    """2027-02-28."""
    EXPIRY = "expiry"
    """2027-02-28, or 2027-02 where the package itself names no day (USP <7>: the last day of that month)."""
    MOMENT = "moment"
    """2026-03-11 20:00, by the clock of the site."""


class Field(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value that is filled in when the label is drawn."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    sample: str | tuple[str, ...]
    """What `--sample` prints. A sample that is a list makes the field a list."""
    max_length: Annotated[int, Meta(ge=1, le=500)]
    """Characters, as drawn; of each item where the field is a list."""
    max_items: Annotated[int, Meta(ge=1, le=200)] = 60
    """Items, where the field is a list."""
    kind: Kind = Kind.TEXT
    pattern: str = ""
    """A regular expression that the whole value must match, as drawn."""
    asks: str = ""
    """The pattern in words, for the sentence that refuses a value: "a text of exactly 4 digits"."""
    group: Annotated[int, Meta(ge=0, le=16)] = 0
    """Written in groups of this many characters, as long numbers are; 0 leaves the text as it is."""
    optional: bool = False
    """Left empty, every line that names the field is left out."""

    @property
    def is_list(self) -> bool:
        """Whether the field holds several items."""
        return not isinstance(self.sample, str)


type_size = Annotated[int, Meta(ge=1, le=3)]


class TextLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="text"):
    """Words, with fields in braces; wraps between words."""

    text: Annotated[str, Meta(min_length=1)]
    caption: str = ""
    """What the words are ("From"); small, beside them on wide paper and above them on narrow."""
    size: type_size = 1
    """1 is 8.5 pt, 2 is 12.7 pt, 3 is 19.8 pt (ISMP: 12 pt or more for a drug's name and dose)."""
    least: type_size | None = None
    """The size that the whole line may go down to where a word, or a number with its unit, is wider than the line.

    With 2, a word that is too wide even so is set in 11.3 pt rather than refused.
    """
    bold: bool = False
    align: Align = Align.LEFT
    wrap: bool = True
    """False where a second line would mislead; what does not fit on one is then refused."""
    inverse: bool = False
    """White on a black band."""


class RuleLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="rule"):
    """A line across the label."""

    heavy: bool = False
    to_edges: bool = False
    """Over the margins as well, so that a dead dot shows wherever it is."""


class GapLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="gap"):
    """White space."""

    mm: Annotated[int, Meta(ge=1, le=50)] = 2


class ListLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="list"):
    """One line for each item of a list field; what wraps hangs under its own words."""

    field: str
    size: type_size = 1
    least: type_size | None = None
    """The size that an item may go down to by itself, as a line of text may."""
    bold: bool = False
    mark: Mark = Mark.NONE
    inverse: bool = False
    """White on a black band of its own for each item, as warnings are ("HIGH ALERT")."""
    blanks: Annotated[tuple[str, ...], Meta(max_length=3)] = ()
    """Room for handwriting under each item: the captions of ruled blanks side by side."""
    lead: bool = False
    """An item's words up to the first colon stand bold on lines of their own, what it says of them under it."""


class BlankLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="blank"):
    """Room for handwriting: ruled blanks side by side, each with its caption under it."""

    captions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=3)]


class CodeLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="code"):
    """A bar code of one field."""

    field: str
    symbology: Symbology
    align: Align | None = None
    """Where the code stands, in the middle where nothing is said; with words beside it, it stands at the left."""
    letters: bool = True
    """Whether its content stands there in letters as well. False where nobody reads it aloud or types it in."""
    beside: tuple[TextLine, ...] = ()
    """Lines to the right of the code, top down, under its content in letters."""


class CodesLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="codes"):
    """One bar code for each item of a list field, far enough apart that a scanner does not take the neighbour.

    An item is the code's content, a space, and the words that stand beside it: "CCONFIRM9 Confirm".
    """

    field: str
    symbology: Symbology
    size: type_size = 2
    """Of the words, which are bold."""
    letters: bool = True
    """Whether the content stands under the words in letters as well."""


Line = TextLine | RuleLine | GapLine | ListLine | BlankLine | CodeLine | CodesLine


class Layout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label's definition."""

    id: Annotated[str, Meta(min_length=1, max_length=40)]
    title: Annotated[str, Meta(min_length=1)]
    papers: Annotated[tuple[Paper, ...], Meta(min_length=1)]
    """The rolls it is laid out for; on another it is refused."""
    fields: tuple[Field, ...]
    one_of: tuple[str, ...] = ()
    """Optional fields of which exactly one is given, such as two codes that name the same package."""
    together: tuple[tuple[str, ...], ...] = ()
    """Sets of optional fields that are given all or not at all, such as a patient and a second identifier."""
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]


def placeholders(template: str) -> tuple[str, ...]:
    """Find the names in braces, in order.

    Raises ValueError where a brace is unmatched, empty, or holds more than a name: nothing of a value may be computed
    by a label's definition.
    """
    names = []
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if spec or conversion or not name.isidentifier():
            raise ValueError(f"{{{name}}} in {template!r} is not the plain name of a field")
        names.append(name)
    return tuple(names)


def field_names(line: Line) -> tuple[str, ...]:
    """Name the fields without which the line is left out."""
    match line:
        case TextLine(text=text):
            return placeholders(text)
        case ListLine(field=field) | CodesLine(field=field) | CodeLine(field=field):
            return (field,)
        case RuleLine() | GapLine() | BlankLine():
            return ()


def shown_together(line: Line) -> tuple[frozenset[str], ...]:
    """Give each set of fields that a line shows or leaves out as one; words beside a code stand and fall with it."""
    own = frozenset(field_names(line))
    beside = line.beside if isinstance(line, CodeLine) else ()
    return (own, *(own.union(field_names(words)) for words in beside))


def samples(layout: Layout) -> dict[str, str | tuple[str, ...]]:
    """Give every field its sample value."""
    return {field.name: field.sample for field in layout.fields}
