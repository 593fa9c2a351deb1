"""Reading label definitions: the ones that ship are usable, and every fault is told in one sentence."""

import re
from pathlib import Path
from typing import get_args

import pytest

from printers.drawing import draw
from printers.label import LabelRefused, Line, Paper, samples
from printers.layout import LayoutRefused, layouts, load, named
from stations.scanning.ours import is_ours, own_code

SHIPPED = Path(__file__).parents[1] / "data" / "labels"
README = Path(__file__).parents[1] / "printers" / "README.md"

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
        ("size = 2", "size = 4", ["lines 1.size: 4 was found, `int` <= 3 was expected"]),
        ("size = 2", 'size = "large"', ["lines 1.size: 'large' was found, `int` was expected"]),
        ("size = 2", 'align = "centre"', ["lines 1.align", "'centre'", "left, center, right"]),
        ('kind = "list"', 'kind = "lists"', ["lines 2.kind", "'lists'", "list"]),
        ("max_length = 30, sample = [", "max_len = 30, sample = [", ["fields 2", "max_len", "max_length"]),
        ("papers = [80, 58]", "papers = [80, 57]", ["papers 2", "57", "80, 58"]),
        ("papers = [80, 58]", "papers = []", ["papers: [] was found", "length >= 1 was expected"]),
        ("papers = [80, 58]", "papers = [80, 80]", ["papers: 80 was found twice, once was expected"]),
        ("size = 2 }", 'size = 2 }, { kind = "gap", mm = 0 }', ["lines 2.mm: 0 was found, `int` >= 1 was expected"]),
        (
            "max_length = 30, sample = [",
            "max_length = true, sample = [",
            ["fields 2.max_length: True was found, `int`"],
        ),
        ('name = "name"', f'name = "{"N" * 99}"', [f"fields 1.name: '{'N' * 59}... was found, `str` matching regex"]),
        ('name = "name"', 'kind = "day", name = "name"', ["fields 1.kind", "'day'", "text, date, expiry, moment"]),
        ('name = "name"', 'kind = "date", name = "name"', ["X1, field name: 'hydrALAZINE' was found, a date such as"]),
        ('name = "name"', 'asks = "x", name = "name"', ["fields 1: pattern and asks were expected together"]),
        ('name = "name"', 'pattern = ".*", name = "name"', ["fields 1: pattern and asks were expected together"]),
        ('name = "name"', 'pattern = "(", asks = "x", name = "name"', ["fields 1.pattern: '(' is no regular"]),
        (
            'name = "name"',
            'pattern = "h", asks = "an h", name = "name"',
            ["'hydrALAZINE' was found, an h was expected"],
        ),
        ('name = "name"', 'pattern = "h.*", asks = "an h", name = "name"', []),
        (
            'kind = "text", text = "{name}", size = 2',
            'kind = "code", symbology = "qr", field = "name", align = "right", beside = [{ text = "x" }]',
            ["lines 1: align = 'right' was found, and a code with words beside it stands at the left"],
        ),
        (
            'kind = "text", text = "{name}", size = 2',
            'kind = "code", symbology = "qr", field = "name", align = "right"',
            [],
        ),
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
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    with pytest.raises(LayoutRefused, match="a byte order mark was found at its start; save it as UTF-8 without one"):
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
        ('one_of = ["gtin", "code"]', 'one_of = "gtin"', "one_of: 'gtin' was found, `array` was expected"),
        ('sample = ""', 'sample = "I1"', "80 mm: X1: gtin and code were given, exactly one of gtin and code"),
        ('sample = "00309991234563"', 'sample = ""', "X1: nothing was given, exactly one of gtin and code"),
    ],
)
def test_a_choice_that_is_none_is_refused(write: Writer, found: str, instead: str, told: str) -> None:
    assert found in TWO_CODES
    with pytest.raises(LayoutRefused, match=told):
        load(write(TWO_CODES.replace(found, instead)))


BOUND = TWO_CODES.replace('one_of = ["gtin", "code"]', 'together = [["gtin", "code"]]').replace('""', '"I1"')


def test_optional_fields_may_be_bound_to_be_given_together(write: Writer) -> None:
    assert load(write(BOUND)).together == (("gtin", "code"),)


@pytest.mark.parametrize(
    ("found", "instead", "told"),
    [
        ('[["gtin", "code"]]', '[["gtin", "coda"]]', "together: 'coda' was found, the name of an optional field"),
        ('[["gtin", "code"]]', '[["gtin"]]', "together: gtin was found, two different fields or more"),
        ('[["gtin", "code"]]', '[["gtin", "gtin"]]', "together: gtin, gtin was found, two different fields"),
        ('[["gtin", "code"]]', "[[]]", "together: nothing was found, two different fields"),
        (
            'sample = "I1", optional = true',
            'sample = "I1"',
            "together: 'code' was found, the name of an optional field",
        ),
        ('"I1"', '""', "X1: gtin without code was given, all of them or none were expected"),
    ],
)
def test_fields_that_cannot_be_bound_are_refused(write: Writer, found: str, instead: str, told: str) -> None:
    assert found in BOUND
    with pytest.raises(LayoutRefused, match=told):
        load(write(BOUND.replace(found, instead)))


# A label's own words ----------------------------------------------------------------------------------------------

WORDS = """\
id = "X1"
title = "A label of words"
papers = [80, 58]
fields = [{ name = "it", max_length = 30, sample = ["one"] }, { name = "id", max_length = 9, sample = "K1" }]
lines = [
  { kind = "text", text = "@" },
  { kind = "text", text = "words", caption = "@" },
  { kind = "list", field = "it", blanks = ["@", "Unit"] },
  { kind = "blank", captions = ["By", "@"] },
  { kind = "code", symbology = "qr", field = "id", beside = [{ text = "@" }] },
]
"""
PLACES = range(1, 6)


def with_words(words: str, place: int) -> str:
    """The label with the words, escaped as TOML has them, on one line, and plain ones on the others."""
    parts = WORDS.split("@")
    return (
        "".join(f"{part}{words if number == place else 'plain'}" for number, part in enumerate(parts[:-1], 1))
        + parts[-1]
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("escaped", "told"),
    [
        (r"Exp\n2027", "holds the control character U+000A"),
        (r"Exp\t2027", "holds the control character U+0009"),
        (r"\u001b@", "holds the control character U+001B"),
        (r"pill \U0001f48a", "holds U+1F48A (pill)"),
        (r"5 \u00b5", "holds U+00B5 (micro sign)"),
        (r"a\u200bb", "holds U+200B"),
    ],
)
def test_words_of_a_label_that_cannot_be_printed_are_refused_with_their_line(
    write: Writer, place: int, escaped: str, told: str
) -> None:
    path = write(with_words(escaped, place))
    with pytest.raises(LayoutRefused) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: lines {place}: ")
    assert told in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("escaped", "drawn"),
    [
        (r"2\u20138 \u00b0C", "2-8 \u00b0C"),
        (r"50 \u00b5g", "50 mcg"),
        (r"N\u00fa\u00f1ez\u2122", "Nunez"),
        ("two  words", "two words"),
    ],
)
def test_words_of_a_label_are_spelled_as_values_are(write: Writer, place: int, escaped: str, drawn: str) -> None:
    layout = load(write(with_words(escaped, place)))
    assert drawn in " ".join(draw(layout, samples(layout), Paper.MM80).text)


def test_a_line_of_no_words_is_refused(write: Writer) -> None:
    with pytest.raises(LayoutRefused, match="lines 1: ' ' holds no words"):
        load(write(with_words(" ", 1)))


def test_the_date_of_a_line_is_never_lost_behind_a_line_break(write: Writer) -> None:
    broken = GOOD.replace('text = "{name}"', r'text = "Exp\n{name}"')
    with pytest.raises(LayoutRefused, match=r"lines 1: .* holds the control character U\+000A"):
        load(write(broken))


# Samples ----------------------------------------------------------------------------------------------------------


def test_no_sample_of_a_label_id_scans_as_a_label_of_ours() -> None:
    good, _ = layouts(SHIPPED)
    ids = {
        value for layout in good.values() for name in ("label_id", "replaces") if (value := samples(layout).get(name))
    }
    assert len(ids) >= 23
    for sample in ids:
        assert own_code("K", str(sample)[1:-1]) != sample
        assert not is_ours(str(sample))


def test_the_label_in_the_readme_can_be_loaded_as_it_stands(write: Writer) -> None:
    chapter = README.read_text(encoding="utf-8").split("## A new layout")[1].split("## ")[0]
    (block,) = re.findall("```toml\n(.*?)```", chapter, re.DOTALL)
    name = re.search('^id = "([^"]+)"', block, re.MULTILINE)
    assert name is not None
    layout = load(write(block, f"{name[1]}.toml"))
    assert {type(line) for line in layout.lines} == set(get_args(Line))


def test_the_labels_of_a_site_itself_are_free(write: Writer) -> None:
    assert load(write(GOOD)).id == "X1"
