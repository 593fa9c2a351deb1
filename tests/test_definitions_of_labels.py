"""Labels that the bench fills by itself: a data folder of an older version still prints its receipts and reprints."""

from pathlib import Path

import pytest

from kiosk.definitions import Definitions
from kiosk.site import make
from printers.label import Paper, samples


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make(tmp_path / "site")
    return tmp_path / "site"


def test_a_label_that_the_site_lacks_is_the_programs_own(site: Path) -> None:
    (site / "labels" / "T23.toml").unlink()
    read = Definitions(site).read()
    assert "T23" in read.layouts
    assert read.refused == ()


def test_a_label_of_another_version_is_told_and_the_programs_own_is_used(site: Path) -> None:
    path = site / "labels" / "T07.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"runs"', '"tasks"'), encoding="utf-8")
    definitions = Definitions(site)
    for _ in range(2):
        read = definitions.read()
        assert "runs" in samples(read.layouts["T07"])
        (told,) = read.refused
        assert told == f"{path}: field runs is missing, which the bench fills; the program's own is used."


WIDE = """
id = "wide"
title = "Wide"
papers = [80, 58]
fields = [{ name = "it", max_length = 30, sample = "ABCDEFGHIJKLMNOPQRST" }]
lines = [{ kind = "code", symbology = "code128", field = "it" }]
"""


def test_a_label_is_drawn_on_the_stations_own_paper_alone(site: Path) -> None:
    (site / "labels" / "wide.toml").write_text(WIDE, encoding="utf-8")
    assert Definitions(site, (Paper.MM80,)).read().refused == ()
    for papers in ((Paper.MM58,), tuple(Paper)):
        (told,) = Definitions(site, papers).read().refused
        assert "do not fit paper of 58 mm" in told
