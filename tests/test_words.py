"""The rules a checklist names by word: each word has its rule, and what is due is computed from the registers."""

import datetime as dt

import pytest
from at_bench import HYDRALAZINE, PICK, SHELF, AtBench, checklists, sample_facts

from stations.pharmacy import stock, words
from stations.records.tables import TABLES
from stations.work.checklists import Each, Print, read_checklist

TODAY = dt.date(2026, 3, 10)


def test_no_shipped_checklist_names_a_word_without_a_rule() -> None:
    assert [problem for checklist in checklists() for problem in words.unknown_words(checklist)] == []


def test_every_word_that_names_a_register_names_one_that_is_kept() -> None:
    assert set(words.SUBJECTS) <= set(TABLES)
    assert set(words.MAKES) <= set(words.SUBJECTS)


def test_what_fills_a_label_names_its_fields() -> None:
    assert set(words.FIELDS) == set(words.FIELD_NAMES)
    at = AtBench().at_the_seal()
    (job,) = at.bench.kept.jobs
    stamped = {"label_id", "station", "initials", "time", "seal_no"}
    assert set(job.fields) - stamped == set(words.FIELD_NAMES["seal"])


def test_every_word_of_a_step_is_looked_at_within_lines_too() -> None:
    checklist = next(one for one in checklists() if one.id == PICK)
    assert any(isinstance(step, Each) for step in checklist.step)
    assert any(isinstance(step, Print) for step in checklist.step)
    text = (
        'id = "automation.x"\nversion = 1\ntitle = "X"\nrole = "automation"\nabout = "X"\nworklist = "a"\nkeeps = "b"\n'
        '[[step]]\nid = "list"\nkind = "scan-identity"\nasks = "X"\nof = "c"\nkeeps = "d"\n'
        '[[step]]\nid = "line"\nkind = "each"\nasks = "X"\nlines = "e list"\n'
        '[[step.step]]\nid = "one"\nkind = "count"\nasks = "X"\nexpect = "f"\n'
    )
    assert len(list(words.unknown_words(read_checklist(text, "x.toml")))) == 6


# What is due ----------------------------------------------------------------------------------------------------------


def test_a_pocket_at_its_reorder_point_is_due_and_one_above_it_is_not() -> None:
    facts = sample_facts()
    key, row = next((key, row) for key, row in facts.tables["stock_level"].items() if row["code"] == "LA4W15R")
    for on_hand, due in ((5, False), (4, True), (3, True), (0, True)):
        facts.tables["stock_level"][key] = {**row, "on_hand": on_hand}
        found = [line.id for line in stock.below_par(facts, TODAY)]
        assert ("hydroxyzine-25-tab" in found) == due


def test_what_is_picked_and_not_yet_loaded_is_on_its_way() -> None:
    at = AtBench().at_a_package()
    for serial in (1, 2, 3):
        at.scan(HYDRALAZINE.format(serial))
    assert "hydralazine-25-tab" in [line.id for line in stock.below_par(at.facts, TODAY)]
    at.enter("37")
    assert "hydralazine-25-tab" not in [line.id for line in stock.below_par(at.facts, TODAY)]


def test_what_is_needed_fills_up_to_par() -> None:
    due = {line.id: line for line in stock.below_par(sample_facts(), TODAY)}
    assert due["hydralazine-25-tab"].fields["need"] == 3
    assert due["hydralazine-50-tab"].fields["need"] == 2
    assert {line.subject for line in due.values()} == {"A4W"}


@pytest.mark.parametrize("name", ["A4W", "DA4WX", "P00127X"])
def test_an_open_pick_list_is_found_by_the_cabinets_name_its_code_and_its_own(name: str) -> None:
    assert stock.pick_list_for(name, sample_facts()) == "P00127X"


@pytest.mark.parametrize("state", ["checked", "sealed"])
@pytest.mark.parametrize("name", ["A4W", "P00127X"])
def test_a_pick_list_that_is_done_is_not_found(name: str, state: str) -> None:
    facts = sample_facts()
    facts.tables["pick_list"]["P00127X"] = {**facts.tables["pick_list"]["P00127X"], "state": state}
    assert stock.pick_list_for(name, facts) is None


def test_a_cabinet_that_is_short_of_nothing_gets_no_list() -> None:
    assert stock.new_pick_list("B2E", "P0000001X", sample_facts(), TODAY) == ()
    assert stock.new_pick_list("nowhere", "P0000001X", sample_facts(), TODAY) == ()


def test_a_new_list_has_a_line_for_each_item_that_is_due_with_its_shelf() -> None:
    facts = sample_facts()
    facts.tables["pick_list"].clear()
    facts.tables["pick_line"].clear()
    header, *lines = stock.new_pick_list("DA4WX", "P0000001X", facts, TODAY)
    assert (header.register, header.key) == ("pick_list", "P0000001X")
    rows = [line.row for line in lines if line.row is not None]
    assert [(row["item"], row["quantity"]) for row in rows] == [
        ("hydralazine-25-tab", 3),
        ("hydralazine-50-tab", 2),
        ("heparin-25000-250-bag", 2),
    ]
    assert rows[0]["shelf"] == SHELF
