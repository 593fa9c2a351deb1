"""Reading label definitions: the ones that ship are usable, and every fault is told in one sentence."""

import re
from pathlib import Path

import pytest

from printers.fixed import sentences
from printers.label import LabelRefused, Paper, samples
from printers.layout import LayoutRefused, layouts, load, named

SHIPPED = Path(__file__).parents[1] / "data" / "labels"

GOOD = """\
id = "X1"
title = "A label"
papers = [80, 58]
fields = [
  { name = "name", max_length = 30, sample = "hydrALAZINE" },
  { name = "items", max_length = 30, sample = ["one", "two"] },
]
lines = [
  { kind = "text", text = "{name}", size = 2 },
  { kind = "list", field = "items" },
]
"""


@pytest.fixture
def write(tmp_path: Path) -> "Writer":
    return Writer(tmp_path)


class Writer:
    """Writes definitions into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, text: str, name: str = "X1.toml") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def test_every_shipped_definition_is_usable_on_both_papers() -> None:
    good, refused = layouts(SHIPPED)
    assert refused == ()
    assert {"T07", "T20"} <= set(good)
    for layout in good.values():
        assert set(layout.papers) == {Paper.MM80, Paper.MM58}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_definition_tells_the_source_of_its_content(path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("\n\n")[0]
    assert all(line.startswith("# ") for line in head.splitlines())
    assert "# Content:" in head


def test_a_definition_keeps_its_fields_and_lines_in_order(write: Writer) -> None:
    layout = load(write(GOOD))
    assert (layout.id, layout.title, layout.papers) == ("X1", "A label", (Paper.MM80, Paper.MM58))
    assert [(field.name, field.is_list) for field in layout.fields] == [("name", False), ("items", True)]
    assert samples(layout) == {"name": "hydrALAZINE", "items": ("one", "two")}


@pytest.mark.parametrize(
    ("found", "instead", "told"),
    [
        ('title = "A label"', 'title = "A label', ["not TOML", "line 2"]),
        ('title = "A label"\n', "", ["missing required field `title`"]),
        ('title = "A label"', 'title = "A label"\nauthor = "me"', ["unknown field `author`", "papers"]),
        ("size = 2", "sise = 2", ["lines 1", "unknown field `sise`", "size"]),
        ("size = 2", "size = 4", ["lines 1.size", "<= 3"]),
        ("size = 2", 'size = "large"', ["lines 1.size", "Expected `int`, got `str`"]),
        ("size = 2", 'align = "centre"', ["lines 1.align", "'centre'", "left, center, right"]),
        ('kind = "list"', 'kind = "lists"', ["lines 2.kind", "'lists'", "list"]),
        ("max_length = 30, sample = [", "max_len = 30, sample = [", ["fields 2", "max_len", "max_length"]),
        ("papers = [80, 58]", "papers = [80, 57]", ["papers 2", "57", "80, 58"]),
        ("papers = [80, 58]", "papers = []", ["papers", "length >= 1"]),
        ('id = "X1"', 'id = "X2"', ["id", "'X2'", "'X1'"]),
        ('name = "items"', 'name = "name"', ["fields", "'name'", "twice"]),
        ('text = "{name}"', 'text = "plain"', ["'name'", "no line"]),
        ('text = "{name}"', 'text = "{nome}"', ["lines 1", "'nome'", "name, items"]),
        ('text = "{name}"', 'text = "{name.upper}"', ["lines 1", "name.upper", "plain name"]),
        ('text = "{name}"', 'text = "{name!r}"', ["lines 1", "plain name"]),
        ('text = "{name}"', 'text = "{name"', ["lines 1"]),
        ('text = "{name}"', 'text = "{name} {items}"', ["lines 1", "one text", "items"]),
        ('field = "items"', 'field = "name"', ["lines 2", "a list", "name"]),
        ('field = "items" }', 'field = "items", kinds = 1 }', ["lines 2", "unknown field `kinds`", "blanks"]),
        ('kind = "list"', 'kind = "code", symbology = "qr"', ["lines 2", "one text was expected", "'items'"]),
        ('kind = "list", field = "items"', 'kind = "codes", symbology = "qr", field = "name"', ["a list", "'name'"]),
        ('text = "{name}", size = 2', 'text = "{name}" }, { kind = "codes", symbology = "qr", field = "items"', []),
        ('text = "{name}"', 'text = "{name}", inverse = true, caption = "Drug"', ["lines 1", "the caption 'Drug'"]),
        ("size = 2", "size = 2, least = 3", ["lines 1", "least = 3", "its size 2 or a smaller one"]),
        ('field = "items"', 'field = "items", least = 2', ["lines 2", "least = 2", "its size 1"]),
        ("size = 2", "size = 2, least = 2", []),
        ('["one", "two"] }', '["one", "two"], optional = true }', []),
        ("hydrALAZINE", "hydrALAZINEhydrALAZINE", ["58 mm", "wider than its line"]),
        ("hydrALAZINE", "hydrALAZINE" * 3, ["at most 30"]),
        ("hydrALAZINE", "\u4e2d", ["U+4E2D"]),
        ('text = "{name}", size = 2', 'text = "{name}", size = 3, wrap = false', []),
    ],
)
def test_a_fault_is_refused_in_one_sentence_that_names_its_place(
    write: Writer, found: str, instead: str, told: list[str]
) -> None:
    assert found in GOOD
    path = write(GOOD.replace(found, instead, 1))
    if not told:
        load(path)
        return
    with pytest.raises(LayoutRefused) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    for part in told:
        assert part in sentence


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "X1.toml"
    path.write_bytes(b'id = "\xff"')
    with pytest.raises(LayoutRefused, match="byte 6 is not UTF-8"):
        load(path)
    with pytest.raises(LayoutRefused, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_a_bad_file_leaves_the_good_ones_of_its_folder_usable(write: Writer) -> None:
    write(GOOD)
    write(GOOD.replace("X1", "X2").replace("size", "sise"), "X2.toml")
    write("not a definition", "notes.txt")
    good, refused = layouts(write.folder)
    assert list(good) == ["X1"]
    assert len(refused) == 1
    assert "X2.toml" in refused[0]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    good, refused = layouts(tmp_path / "none")
    assert good == {}
    assert "no such folder" in refused[0]


def test_a_label_that_is_not_there_is_refused_by_name() -> None:
    good, _ = layouts(SHIPPED)
    assert named(good, "T20").id == "T20"
    with pytest.raises(LabelRefused, match=r"no label 'T99'; there are .*T07.*T20"):
        named(good, "T99")


def test_a_field_that_is_a_bar_code_is_not_written_in_groups(write: Writer) -> None:
    grouped = GOOD.replace('sample = "hydrALAZINE"', 'sample = "K1", group = 4').replace(
        'kind = "text", text = "{name}", size = 2', 'kind = "code", symbology = "qr", field = "name"'
    )
    with pytest.raises(LayoutRefused, match="lines 1: the field 'name' is written in groups"):
        load(write(grouped))


def test_a_field_that_must_be_given_may_not_stand_only_where_an_optional_one_can_take_it_away(write: Writer) -> None:
    lot = '{ name = "lot", max_length = 9, sample = "LOT7A", optional = true },\n  '
    both = GOOD.replace("fields = [\n  ", f"fields = [\n  {lot}").replace('"{name}"', '"{name} {lot}"')
    with pytest.raises(
        LayoutRefused, match="fields: 'name' is not optional, and stands only in lines that an optional"
    ):
        load(write(both))
    beside = both.replace(
        'text", text = "{name} {lot}", size = 2',
        'code", symbology = "qr", field = "lot", beside = [{ text = "{name}" }]',
    )
    with pytest.raises(LayoutRefused, match="fields: 'name' is not optional"):
        load(write(beside))
    load(write(both.replace("lines = [", 'lines = [{ kind = "text", text = "{name}" },')))


TWO_CODES = """\
id = "X1"
title = "A label of one code or the other"
papers = [80, 58]
one_of = ["gtin", "code"]
fields = [
  { name = "gtin", max_length = 14, sample = "00309991234563", optional = true },
  { name = "code", max_length = 14, sample = "", optional = true },
]
lines = [{ kind = "text", text = "{gtin}" }, { kind = "text", text = "{code}" }, { kind = "rule" }]
"""


def test_a_label_may_ask_for_exactly_one_of_its_optional_fields(write: Writer) -> None:
    assert load(write(TWO_CODES)).one_of == ("gtin", "code")
    assert load(write(GOOD)).one_of == ()


@pytest.mark.parametrize(
    ("found", "instead", "told"),
    [
        ('one_of = ["gtin", "code"]', 'one_of = ["gtin", "coda"]', "one_of: 'coda' was found, the name of an optional"),
        ('sample = "", optional = true', 'sample = "I1"', "one_of: 'code' was found, the name of an optional field"),
        ('one_of = ["gtin", "code"]', 'one_of = ["gtin"]', "one_of: gtin was found, two different fields or more"),
        ('one_of = ["gtin", "code"]', 'one_of = ["gtin", "gtin"]', "one_of: gtin, gtin was found, two different"),
        ('one_of = ["gtin", "code"]', 'one_of = "gtin"', "one_of: Expected `array`, got `str`"),
        ('sample = ""', 'sample = "I1"', "80 mm: X1: gtin and code were given, exactly one of gtin and code"),
        ('sample = "00309991234563"', 'sample = ""', "X1: nothing was given, exactly one of gtin and code"),
    ],
)
def test_a_choice_that_is_none_is_refused(write: Writer, found: str, instead: str, told: str) -> None:
    assert found in TWO_CODES
    with pytest.raises(LayoutRefused, match=told):
        load(write(TWO_CODES.replace(found, instead)))


# What a site may not change -------------------------------------------------------------------------------------------

FIXED = {
    "T02": ["QUARANTINE - DO NOT USE"],
    "T03": ["OUT OF SERVICE"],
    "T06": ["HOLD for pharmacist"],
    "T08": ["Caution: New Drug--Limited by Federal (or United States) law to investigational use."],
    "T09": [
        "Caution: New Drug--Limited by Federal (or United States) law to investigational use.",
        "Keep out of reach of children",
    ],
    "T11": ["NOT FOR RE-DISPENSING"],
    "T12": ["PATIENT ASSISTANCE - DO NOT BILL - NOT FOR STOCK"],
    "T23": ["DUPLICATE {duplicate} - REPRINTED {reprinted} {reason}"],
}
SENTENCES = [(name, text) for name, texts in FIXED.items() for text in texts]
STAMPED = [f"T{number:02}" for number in range(1, 23)]


def test_the_fixed_texts_are_these_and_no_others() -> None:
    assert {name: list(sentences(name)) for name in [*STAMPED, "T23"] if sentences(name)} == FIXED


@pytest.mark.parametrize(("name", "text"), SENTENCES)
@pytest.mark.parametrize(
    ("found", "instead"), [(r"^.", "x"), (r"^", "Perhaps "), (" ", "  ")], ids=["a letter", "a word", "a space"]
)
def test_a_label_without_its_fixed_text_letter_for_letter_is_refused(
    write: Writer, name: str, text: str, found: str, instead: str
) -> None:
    shipped = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    assert f'text = "{text}' in shipped
    changed = re.sub(found, instead, text, count=1)
    path = write(shipped.replace(f'text = "{text}', f'text = "{changed}'), f"{name}.toml")
    with pytest.raises(LayoutRefused) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: lines: the text {text!r} was expected")


def test_a_fixed_text_that_an_optional_field_could_take_away_does_not_count(write: Writer) -> None:
    shipped = (SHIPPED / "T23.toml").read_text(encoding="utf-8")
    reason = '{ name = "reason", max_length = 200, sample = "torn in half"'
    assert reason in shipped
    path = write(shipped.replace(reason, f"{reason}, optional = true"), "T23.toml")
    with pytest.raises(LayoutRefused, match="DUPLICATE"):
        load(path)


STAMPS = ("label_id", "station", "initials", "time")
STAMPED_LABEL = """\
id = "T13"
title = "A label that is stamped"
papers = [80, 58]
fields = [
  { name = "label_id", max_length = 12, sample = "K00010A2" },
  { name = "station", max_length = 12, sample = "BENCH-1" },
  { name = "initials", max_length = 8, sample = "AT" },
  { name = "time", max_length = 20, sample = "2026-03-10 08:14" },
]
lines = [
  { kind = "code", symbology = "qr", field = "label_id", beside = [{ text = "{station}, {initials}, {time}" }] },
]
"""


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("instead", ['name = "other"', 'optional = true, name = "{}"'])
def test_a_template_without_what_ties_it_to_the_record_is_refused(write: Writer, stamp: str, instead: str) -> None:
    load(write(STAMPED_LABEL, "T13.toml"))
    renamed = STAMPED_LABEL.replace(f'name = "{stamp}"', instead.format(stamp))
    if "other" in instead:
        renamed = renamed.replace(f"{{{stamp}}}", "{other}").replace(f'field = "{stamp}"', 'field = "other"')
    with pytest.raises(LayoutRefused, match=f"fields: '{stamp}' was expected, as one text that is not optional"):
        load(write(renamed, "T13.toml"))


@pytest.mark.parametrize(
    "instead",
    [
        'kind = "text", text = "{label_id} {station}, {initials}, {time}" },',
        'kind = "code", symbology = "qr", field = "station" }, { kind = "text", text = "{label_id}{initials}{time}" },',
        'kind = "code", symbology = "gs1-128", field = "label_id", beside = [{ text = "{station}{initials}{time}" }] }',
    ],
)
def test_a_template_without_its_own_id_as_a_code_is_refused(write: Writer, instead: str) -> None:
    code = STAMPED_LABEL[STAMPED_LABEL.index('kind = "code"') : STAMPED_LABEL.rindex("\n]")]
    with pytest.raises(LayoutRefused, match="a code of label_id was expected, qr or code128"):
        load(write(STAMPED_LABEL.replace(code, instead), "T13.toml"))


def test_the_labels_of_a_site_itself_are_free(write: Writer) -> None:
    assert load(write(GOOD)).id == "X1"
