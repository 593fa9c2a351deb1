"""Every shipped label says what its template must say, in that order, and its codes scan back from the whole paper.

What is expected is written by hand in `label_expectations/NAME.toml`, from what the template is for and never from its
layout: `text` in the order in which it is read, and `codes` as a scanner tells them, symbology identifier and content.
"""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from golden_labels import LABELS
from msgspec import Struct, convert
from on_paper import codes_on, printed

from printers import drawing
from printers.blocks import stacked
from printers.drawing import Drawing, draw
from printers.label import DOTS_PER_MM, Paper, samples
from printers.layout import load
from printers.symbols import Symbol

EXPECTED = Path(__file__).parent / "label_expectations"
NAMES = sorted(path.stem for path in LABELS.glob("*.toml"))
EACH = pytest.mark.parametrize(
    ("name", "paper"),
    [(name, paper) for name in NAMES for paper in Paper],
    ids=[f"{name}-{paper:d}" for name in NAMES for paper in Paper],
)
TEMPLATES = {f"T{number:02}" for number in range(1, 24)}


class Expected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on a label that is filled with its samples."""

    text: list[str]
    codes: list[tuple[str, str]]


def expected(name: str) -> Expected:
    return convert(tomllib.loads((EXPECTED / f"{name}.toml").read_text(encoding="utf-8")), Expected)


def sample_drawing(name: str, paper: Paper) -> Drawing:
    layout = load(LABELS / f"{name}.toml")
    return draw(layout, samples(layout), paper)


def test_all_23_templates_are_shipped_and_nothing_is_expected_of_a_label_that_is_not() -> None:
    assert set(NAMES) >= TEMPLATES
    assert sorted(path.stem for path in EXPECTED.glob("*.toml")) == NAMES


@EACH
def test_a_template_says_what_it_must_in_this_order(name: str, paper: Paper) -> None:
    said = " ".join(sample_drawing(name, paper).text)
    assert expected(name).text
    read_to = 0
    for part in expected(name).text:
        place = said.find(part, read_to)
        assert place >= 0, f"{part!r} does not stand after {said[:read_to]!r}; there stands {said[read_to:]!r}"
        read_to = place + len(part)


@EACH
def test_the_codes_of_a_template_scan_back_from_the_whole_paper_and_no_others_do(name: str, paper: Paper) -> None:
    found = codes_on(printed(sample_drawing(name, paper), paper))
    assert sorted(found) == sorted(expected(name).codes)


@pytest.mark.parametrize("paper", list(Paper), ids=lambda paper: f"{paper:d}mm")
def test_a_shift_of_200_tasks_has_a_receipt_with_the_code_of_each(paper: Paper) -> None:
    layout = load(LABELS / "T07.toml")
    runs = [f"T01{number:07} 07:02 Refill pick, cabinet A4W - done" for number in range(200)]
    codes = [content for _, content in draw(layout, {**samples(layout), "runs": runs}, paper).codes]
    assert codes[:-1] == [run.partition(" ")[0] for run in runs]


@EACH
def test_no_word_of_a_field_is_broken_across_lines(name: str, paper: Paper) -> None:
    layout = load(LABELS / f"{name}.toml")
    drawn = draw(layout, samples(layout), paper)
    in_code = {content for _, content in drawn.codes}
    for field in layout.fields:
        items = [field.sample] if isinstance(field.sample, str) else field.sample
        words = {word for item in items if item not in in_code for word in item.split() if word not in in_code}
        size = field.group or 500
        groups = {word[start : start + size] for word in words for start in range(0, len(word), size)}
        broken = [group for group in groups if not any(is_whole_in(line, group) for line in drawn.text)]
        assert not broken, f"{field.name}: {broken} are on no line of {drawn.text}"


def is_whole_in(line: str, word: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", line) is not None


@EACH
def test_two_codes_of_a_template_are_so_far_apart_that_a_scanner_does_not_take_the_neighbour(
    name: str, paper: Paper
) -> None:
    layout = load(LABELS / f"{name}.toml")
    codes = stacked(drawing._blocks(layout, samples(layout), paper)).symbols
    assert codes
    for one, other in itertools.combinations(codes, 2):
        apart = max(_white_between(one, other))
        assert apart >= 8 * DOTS_PER_MM, f"{one[2].content} and {other[2].content} are {apart / DOTS_PER_MM} mm apart"


def _white_between(one: tuple[int, int, Symbol], other: tuple[int, int, Symbol]) -> tuple[int, int]:
    """Dots between two codes, across and down; less than 0 where they overlap."""
    (left, top, symbol), (other_left, other_top, other_symbol) = one, other
    across = max(other_left - left - symbol.width, left - other_left - other_symbol.width)
    return across, max(other_top - top - symbol.height, top - other_top - other_symbol.height)
