"""Reading label definitions: the ones that ship are usable, and every fault is told in one sentence."""

from pathlib import Path

import pytest

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
