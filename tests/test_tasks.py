"""How far a task is: which step is asked, under which condition, and what a reference names."""

import datetime as dt

import pytest
from msgspec.structs import replace

from stations.work.checklists import Checklist, read_checklist
from stations.work.tasks import Package, Result, Task, named, next_place, places

AT = dt.datetime(2026, 3, 10, 8, tzinfo=dt.UTC)
TEXT = """
id = "automation.example"
version = 1
title = "Example"
role = "automation"
about = "For the tests."

[[step]]
id = "list"
kind = "scan-identity"
asks = "Scan the list"
of = "pick_list"

[[step]]
id = "line"
kind = "each"
asks = "Each line"
lines = "pick-lines list"

    [[step.step]]
    id = "shelf"
    kind = "scan-location"
    asks = "Scan the shelf"
    expected = "line.shelf"

    [[step.step]]
    id = "found"
    kind = "choice"
    asks = "Is it there?"
    options = ["yes", "no"]

    [[step.step]]
    id = "why"
    kind = "text"
    asks = "Why not?"
    when = { step = "found", outcome = ["no"] }

[[step]]
id = "note"
kind = "text"
asks = "Anything else?"
when = { step = "list", outcome = ["done", "skipped"] }
"""


def checklist() -> Checklist:
    return read_checklist(TEXT, "example.toml")


def result(path: str, outcome: str = "done", value: str = "x", **fields: str) -> Result:
    return Result(path=path, kind="text", value=value, outcome=outcome, by="AT", at=AT, fields=fields)


def task(*results: Result, lines: int = 0) -> Task:
    return Task(
        id="T0000000015",
        checklist="automation.example",
        version=1,
        sha256="",
        title="Example",
        role="automation",
        performer="AT",
        performers=("AT",),
        started=AT,
        touched=AT,
        results=results,
        lines={"line": tuple({"shelf": f"L{number}", "item": "tablet"} for number in range(1, lines + 1))},
    )


def asked(found: Task) -> str:
    place = next_place(checklist(), found)
    return place.path if place is not None else ""


def test_the_first_step_that_has_not_ended_is_asked() -> None:
    assert asked(task()) == "list"
    assert asked(task(result("list"), lines=2)) == "line[1].shelf"
    assert asked(task(result("list"), result("line[1].shelf"), lines=2)) == "line[1].found"


def test_a_step_is_asked_only_if_the_one_it_names_ended_so() -> None:
    before = (result("list"), result("line[1].shelf"))
    assert asked(task(*before, result("line[1].found", "no"), lines=1)) == "line[1].why"
    assert asked(task(*before, result("line[1].found", "yes"), lines=1)) == "note"


def test_a_condition_within_a_line_looks_at_that_line() -> None:
    done = [result("list")]
    for number, outcome in ((1, "no"), (2, "yes")):
        done += [result(f"line[{number}].shelf"), result(f"line[{number}].found", outcome)]
    found = task(*done, lines=2)
    assert [place.path for place in places(checklist(), found) if place.path.endswith("why")] == ["line[1].why"]


def test_a_list_without_lines_asks_nothing_of_them() -> None:
    assert asked(task(result("list"))) == "note"


def test_when_every_step_has_ended_nothing_is_asked() -> None:
    assert asked(task(result("list"), result("note"))) == ""


def test_a_place_knows_its_line_and_how_many_there_are() -> None:
    place = next_place(checklist(), task(result("list"), lines=3))
    assert place is not None
    assert (place.group, place.number, place.of, dict(place.line)) == ("line", 1, 3, {"shelf": "L1", "item": "tablet"})


@pytest.mark.parametrize(
    ("reference", "means"),
    [
        ("line.shelf", "L1"),
        ("line.nothing", ""),
        ("list.cabinet", "A4W"),
        ("list.value", "P00127X"),
        ("list.nothing", ""),
        ("nothing.value", ""),
        ("shelf.value", "of this line"),
        ("3", "3"),
        ("", ""),
    ],
)
def test_a_reference_names_a_field_of_the_line_or_of_an_earlier_step(reference: str, means: str) -> None:
    listed = result("list", value="P00127X", cabinet="A4W")
    found = task(listed, result("line[1].shelf", value="of this line"), lines=1)
    place = next_place(checklist(), found)
    assert place is not None
    assert named(reference, found, place) == means


def test_the_packages_of_a_step_are_those_it_took() -> None:
    one, two = (Package(path=f"line[{number}].package", item="tablet", name="tablet", at=AT) for number in (1, 2))
    found = replace(task(), packages=(one, two))
    assert found.taken("line[2].package") == (two,)
    assert found.taken("line[3].package") == ()
