"""Every drug, person, place and device of the sample hospital fits each label that names one, on either paper.

A drug's name is drawn letter for letter, no word of it broken, and its strength stands whole on one line: "25,000" over
"units/250 mL" would be read wrongly (ISMP, List of Error-Prone Abbreviations, Symbols, and Dose Designations).
"""

import csv
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from golden_labels import shipped

from printers.drawing import Drawing, draw
from printers.label import Paper, samples

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SHIPPED = shipped()
Row = Mapping[str, str]
Fields = Mapping[str, str | tuple[str, ...]]
WHOLE = pytest.mark.parametrize("paper", list(Paper), ids=lambda paper: f"{paper:d}mm")


def rows(file: str) -> list[Row]:
    with (SAMPLE / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        found: list[Row] = list(csv.DictReader(lines))
    assert found
    return found


def filled(label: str, paper: Paper, fields: Fields) -> Drawing:
    return draw(SHIPPED[label], {**samples(SHIPPED[label]), **fields}, paper)


# Drugs ----------------------------------------------------------------------------------------------------------------


def name_alone(drug: Row) -> str:
    return drug["name"].removesuffix(f" {drug['strength']} {drug['form']}")


def apart(name: str) -> Callable[[Row], Fields]:
    return lambda drug: {name: name_alone(drug), "strength": drug["strength"], "form": drug["form"]}


def whole(field: str) -> Callable[[Row], Fields]:
    return lambda drug: {field: drug["name"]}


ONE: dict[str, Callable[[Row], Fields]] = {
    "T01": apart("name"),
    "T05": apart("name"),
    "T08": apart("product"),
    "T09": apart("name"),
    "T10": lambda drug: {"name": name_alone(drug), "strength": drug["strength"]},
    **dict.fromkeys(("T02", "T04", "T12", "T13", "T19"), whole("item")),
    "T11": whole("product"),
}
"""Labels of one drug, and how it fills them."""

SEVERAL = {
    "T06": ("contents", "12 x {}"),
    "T10": ("ingredients", "{}, 45 mL"),
    "T15": ("items", "12 x {}, Lot\u00a0LOT5P, Exp\u00a02027-01-31"),
    "T16": ("medicines", "12. {}: 25 mg by mouth three times a day"),
    "T17": ("medicines", "STOPPED - {}: Do not take it, it caused confusion at night."),
    "T18": ("items", "12. {}"),
    "T20": ("items", "12 x {}"),
    "T21": ("findings", "Cabinet A4W, 4 West: 12 x {}, Lot\u00a0LOT6C"),
}
"""Labels with a list of drugs: the field, and an item of it."""


def assert_shows(drawing: Drawing, drug: Row, name: str) -> None:
    said = " ".join(drawing.text)
    assert name in said
    words = {word.strip(",.:") for line in drawing.text for word in line.split()}
    assert {word.strip(",") for word in name.split()} <= words
    if drug["strength"] in said:
        assert any(drug["strength"] in line for line in drawing.text), drawing.text


@WHOLE
@pytest.mark.parametrize("label", sorted(ONE))
def test_every_drug_fits_each_label_of_one_drug(label: str, paper: Paper) -> None:
    for drug in rows("items"):
        fields = ONE[label](drug)
        drawing = filled(label, paper, fields)
        name = drug["name"] if drug["name"] in fields.values() else name_alone(drug)
        assert_shows(drawing, drug, name)
        assert "strength" not in fields or any(drug["strength"] in line for line in drawing.text)


@WHOLE
@pytest.mark.parametrize("label", sorted(SEVERAL))
def test_every_drug_fits_each_label_with_a_list_of_drugs(label: str, paper: Paper) -> None:
    field, item = SEVERAL[label]
    most = next(known.max_items for known in SHIPPED[label].fields if known.name == field)
    left = iter(rows("items"))
    while drugs := list(itertools.islice(left, most)):
        drawing = filled(label, paper, {field: tuple(item.format(drug["name"]) for drug in drugs)})
        for drug in drugs:
            assert_shows(drawing, drug, drug["name"])


# Names that look alike ------------------------------------------------------------------------------------------------

TALL_MAN = [row["form"] for row in rows("fda_tall_man_2026-06")]
"""Names as the FDA writes them to tell them apart."""
NAMES = [*dict.fromkeys(TALL_MAN), "hydroCHLOROthiazide", "spironolactone-hydroCHLOROthiazide"]


def drug_called(name: str) -> Row:
    return {"name": f"{name} 25 mg tablet", "strength": "25 mg", "form": "tablet"}


@WHOLE
@pytest.mark.parametrize("label", sorted(ONE))
def test_every_name_in_tall_man_letters_fits_each_label_of_one_drug(label: str, paper: Paper) -> None:
    for name in NAMES:
        drug = drug_called(name)
        assert_names(filled(label, paper, ONE[label](drug)), name)


@WHOLE
@pytest.mark.parametrize("label", sorted(SEVERAL))
def test_every_name_in_tall_man_letters_fits_each_label_with_a_list_of_drugs(label: str, paper: Paper) -> None:
    field, item = SEVERAL[label]
    for name in NAMES:
        assert_names(filled(label, paper, {field: (item.format(drug_called(name)["name"]),)}), name)


def assert_names(drawing: Drawing, name: str) -> None:
    """Each part of the name stands whole on a line, and the parts one under the other at most."""
    lines = [line.strip(",.:") for line in drawing.text]
    last = name.rpartition("-")[2]
    assert any(last in line for line in lines), lines
    assert name in " ".join(lines).replace("- ", "-")


# People, places, devices ----------------------------------------------------------------------------------------------


@WHOLE
def test_every_person_fits_a_badge(paper: Paper) -> None:
    for row in rows("staff"):
        drawing = filled("badge", paper, {name: row[name] for name in ("person", "name", "badge")})
        assert drawing.text == (row["person"], row["name"], row["badge"])


@WHOLE
def test_every_place_fits_its_label_and_a_blind_count_of_it(paper: Paper) -> None:
    for row in rows("locations"):
        drawing = filled("location", paper, {name: row[name] for name in ("name", "code", "kind")})
        assert drawing.text == (row["name"], row["kind"], row["code"])
        assert row["name"] in filled("T18", paper, {"location": row["name"]}).text


@WHOLE
def test_every_stocked_place_fits_its_bin_label_with_its_drug(paper: Paper) -> None:
    drugs = {row["item"]: row for row in rows("items")}
    places = {row["code"]: row["name"] for row in rows("locations")}
    for row in rows("stock"):
        drug, place = drugs[row["item"]], places[row["code"]]
        limits = {"location": place, "location_code": row["code"], "max": row["par"], "min": row["min"]}
        drawing = filled("T05", paper, {**limits, **apart("name")(drug)})
        assert place in drawing.text
        assert f"Max {row['par']}, min {row['min']}" in drawing.text


@WHOLE
def test_every_device_fits_the_tag_that_takes_it_out_of_service_and_a_blind_count_of_it(paper: Paper) -> None:
    for row in rows("devices"):
        device = f"{row['kind'].capitalize()} {row['device']}, {row['place']}"
        assert device in " ".join(filled("T03", paper, {"device": device, "use_device": device}).text)
        assert device in " ".join(filled("T18", paper, {"location": device}).text)
