"""What fills a label: values of their field's kind and length, which go together, and who is told of a fault."""

import re

import pytest
from golden_labels import shipped
from on_paper import codes_on, of_lines, printed

from printers.drawing import draw
from printers.label import CodeLine, Kind, LabelRefused, ListLine, Paper, Symbology, TextLine, samples

SHIPPED = shipped()
WHOLE = pytest.mark.parametrize("paper", list(Paper), ids=lambda paper: f"{paper:d}mm")


# Values and their fields ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "it: nothing was given"),
        ({"it": "  "}, "it: nothing was given"),
        ({"it": "x", "that": "y"}, "no field 'that'; it has it"),
        ({"it": ["x"]}, "a list was given, one text was expected"),
        ({"it": "x" * 31}, "has 31 characters, at most 30"),
        ({"it": "W" * 30}, "wider than its line"),
    ],
)
def test_values_that_do_not_fit_the_definition_are_refused(fields: dict[str, str | list[str]], told: str) -> None:
    with pytest.raises(LabelRefused, match=told):
        draw(of_lines(TextLine(text="{it}", size=2), max_length=30), fields, Paper.MM58)


@pytest.mark.parametrize(
    ("given_items", "told"),
    [("x", "one text was given, a list was expected"), ([], "nothing was given"), (["x", " "], "items is blank")],
)
def test_lists_that_do_not_fit_the_definition_are_refused(given_items: str | list[str], told: str) -> None:
    with pytest.raises(LabelRefused, match=told):
        draw(of_lines(ListLine(field="it"), sample=("x",)), {"it": given_items}, Paper.MM58)


def test_too_many_items_are_refused() -> None:
    with pytest.raises(LabelRefused, match="61 items were given, at most 60"):
        draw(of_lines(ListLine(field="it"), sample=("x",)), {"it": ["x"] * 61}, Paper.MM58)


# One of several fields --------------------------------------------------------------------------------------------

RELABEL = {name: value for name, value in samples(SHIPPED["T01"]).items() if name != "element_string"}


@WHOLE
def test_a_relabel_without_a_gtin_carries_the_item_code_instead(paper: Paper) -> None:
    drawing = draw(SHIPPED["T01"], {**RELABEL, "item_code": "I0002741"}, paper)
    assert codes_on(printed(drawing, paper)) == [("]C0", "I0002741"), ("]Q1", RELABEL["label_id"])]
    assert "I0002741" in drawing.text
    assert "Product code" not in drawing.text


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ({}, "T01: nothing was given, exactly one of element_string and item_code was expected"),
        ({"item_code": " "}, "T01: nothing was given"),
        (
            {"item_code": "I0002741", "element_string": "(01)00309991234563"},
            "T01: element_string and item_code were given, exactly one of element_string and item_code was expected",
        ),
    ],
)
def test_a_relabel_carries_one_code_of_the_product_and_only_one(codes: dict[str, str], told: str) -> None:
    with pytest.raises(LabelRefused, match=told):
        draw(SHIPPED["T01"], {**RELABEL, **codes}, Paper.MM58)


# Both or neither --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_out", "told"),
    [("patient_id", "patient without patient_id"), ("patient", "patient_id without patient")],
)
def test_a_preparation_names_its_patient_by_two_identifiers_or_not_at_all(left_out: str, told: str) -> None:
    fields = {name: value for name, value in samples(SHIPPED["T10"]).items() if name != left_out}
    with pytest.raises(LabelRefused, match=f"T10: {told} was given, all of them or none were expected"):
        draw(SHIPPED["T10"], fields, Paper.MM58)
    nobody = draw(SHIPPED["T10"], {**fields, "patient": "", "patient_id": ""}, Paper.MM58)
    assert nobody.text[0].startswith("Protocol")


# Dates and patterns -----------------------------------------------------------------------------------------------

DATE, EXPIRY, MOMENT = "such as 2027-02-28 was", "or 2027-02 where the package", "such as 2026-03-11 20:00 was"


@pytest.mark.parametrize(
    ("label", "field", "value", "told"),
    [
        ("T04", "pull_by", "04/30/26", DATE),
        ("T04", "pull_by", "2026-04-31", DATE),
        ("T04", "pull_by", "2026-04", DATE),
        ("T04", "pull_by", "20260430", DATE),
        ("T04", "pull_by", "2026-W17-4", DATE),
        ("T04", "pull_by", "2026-04-30 10:00", DATE),
        ("T04", "expiry", "05/2026", EXPIRY),
        ("T04", "expiry", "2026-13", EXPIRY),
        ("T04", "expiry", "2026-05-00", EXPIRY),
        ("T04", "expiry", "2026", EXPIRY),
        ("T10", "bud", "2026-03-11", MOMENT),
        ("T10", "bud", "2026-03-11 24:30", MOMENT),
        ("T10", "bud", "2026-03-11T20:00", MOMENT),
        ("T03", "since", "this morning", MOMENT),
        ("T12", "mrn_last4", "552", "exactly 4 digits"),
        ("T12", "mrn_last4", "55a1", "exactly 4 digits"),
        ("T12", "patient_initials", "R. R.", "at most 4"),
    ],
)
def test_a_value_that_is_not_what_its_field_asks_is_refused_by_label_and_field(
    label: str, field: str, value: str, told: str
) -> None:
    with pytest.raises(LabelRefused) as caught:
        draw(SHIPPED[label], {**samples(SHIPPED[label]), field: value}, Paper.MM80)
    assert str(caught.value).startswith(f"{label}, field {field}: {value!r} ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("label", "field", "value"),
    [("T04", "expiry", "2027-02"), ("T04", "expiry", "2028-02-29"), ("T10", "bud", "2026-03-11 00:00")],
)
def test_a_date_that_is_one_is_drawn_as_it_was_given(label: str, field: str, value: str) -> None:
    drawing = draw(SHIPPED[label], {**samples(SHIPPED[label]), field: value}, Paper.MM58)
    assert value in " ".join(drawing.text)


NOT_ONE_DATE = {("T07", "next_due"), ("T21", "period")}
"""Free text that begins with a date."""


def test_every_field_of_a_shipped_label_that_holds_a_date_is_checked_as_one() -> None:
    text = {
        (layout.id, field.name)
        for layout in SHIPPED.values()
        for field in layout.fields
        if field.kind is Kind.TEXT and re.match(r"\d{4}-\d\d-\d\d", "".join(field.sample))
    }
    assert text == NOT_ONE_DATE


# Who is told ------------------------------------------------------------------------------------------------------

WIDE = "W" * 40


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"seal_no": "Seal 1 or 2 or 3"}, "T20, field seal_no: "),
        ({"to": WIDE}, "T20, field to: "),
        ({"items": [WIDE]}, "T20, field items: "),
        ({"verified_by": WIDE}, "T20, field verified_by: "),
        ({"station": "W" * 20}, "T20, fields initials and station: "),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_label_and_field(fields: dict[str, str | list[str]], told: str) -> None:
    with pytest.raises(LabelRefused) as caught:
        draw(SHIPPED["T20"], {**samples(SHIPPED["T20"]), **fields}, Paper.MM58)
    assert str(caught.value).startswith(told)


def test_words_of_the_label_itself_that_do_not_fit_and_codes_that_do_not_read_back_name_the_label() -> None:
    with pytest.raises(LabelRefused, match=r"^X1: 'WWW"):
        draw(of_lines(TextLine(text="{it}"), TextLine(text=WIDE, size=3)), {"it": "x"}, Paper.MM58)
    with pytest.raises(LabelRefused, match=r"^X1: the gs1-datamatrix code of "):
        draw(
            of_lines(CodeLine(field="it", symbology=Symbology.GS1_DATAMATRIX)), {"it": "[01]00309991234563"}, Paper.MM80
        )
