"""The sheet that lets a bench be worked with the scanner alone: each of its codes is read as what stands beside it."""

import datetime as dt
from pathlib import Path

import pytest

from printers.drawing import draw
from printers.label import Paper, samples
from printers.layout import load
from stations.scanning.codes import read
from stations.scanning.ours import COMMANDS, checklist_code
from stations.work.checklists import read_checklist

DATA = Path(__file__).parents[1] / "data"
SHEET = load(DATA / "labels" / "command-sheet.toml")


@pytest.mark.parametrize("paper", Paper)
def test_every_command_and_every_checklist_is_on_the_sheet_once(paper: Paper) -> None:
    drawn = [content for _, content in draw(SHEET, samples(SHEET), paper).codes]
    today = dt.date(2026, 3, 10)
    words = [read(code, today).command for code in drawn]
    checklists = [read_checklist(path.read_text(), path.name).id for path in sorted(DATA.glob("checklists/*/*.toml"))]
    assert sorted(word for word in words if word is not None) == sorted(COMMANDS)
    assert {code for code, word in zip(drawn, words, strict=True) if word is None} == set(
        map(checklist_code, checklists)
    )


@pytest.mark.parametrize("item", [*samples(SHEET)["commands"], *samples(SHEET)["digits"]])
def test_the_words_beside_a_code_are_what_it_commands(item: str) -> None:
    code, _, words = item.partition(" ")
    assert read(code, dt.date(2026, 3, 10)).command == words.lower().replace(" ", "-")


def test_a_site_without_checklists_has_a_sheet_of_commands_alone() -> None:
    without = {name: items for name, items in samples(SHEET).items() if name != "checklists"}
    codes = draw(SHEET, without, Paper.MM80).codes
    assert len(codes) == len(COMMANDS)
