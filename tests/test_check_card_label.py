"""The printed check card: its codes scan back, on both papers, to exactly what a scanner's typing is compared with."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from kiosk.__main__ import main
from printers.blocks import MARGIN
from printers.drawing import draw
from printers.label import CodeLine, Field, LabelRefused, Layout, Paper, Symbology, TextLine, samples
from printers.layout import load
from stations.scanning.decoding.card import SYMBOLS, TEXTS
from stations.scanning.gs1 import element_string

CARD = load(Path(__file__).parents[1] / "data" / "labels" / "check-card.toml")
PAPERS = pytest.mark.parametrize("paper", Paper, ids=lambda paper: f"{paper:d}mm")


def bracketed(text: str) -> str:
    elements = element_string.split(text)
    assert isinstance(elements, tuple)
    return "".join(f"({ai}){value}" for ai, value in elements)


def scanned(picture: Image.Image) -> list[tuple[str, str]]:
    """Every code on the paper from the top down: symbology identifier and text, GS as it is."""
    codes = sorted(zxingcpp.read_barcodes(picture.convert("L")), key=lambda code: code.position.top_left.y)
    return [(code.symbology_identifier, code.bytes.decode("ascii")) for code in codes]


@PAPERS
def test_each_code_scans_back_to_its_text_and_says_what_it_is(paper: Paper, tmp_path: Path) -> None:
    file = tmp_path / "card.png"
    asked = ["print", "check-card", "--paper", str(int(paper)), "--preview", str(file), "--data", str(tmp_path)]
    assert main(asked) == 0
    with Image.open(file) as picture:
        assert scanned(picture) == [(SYMBOLS[part], text) for part, text in TEXTS.items()]


def test_the_samples_of_the_card_are_its_codes() -> None:
    assert samples(CARD) == {part: bracketed(text) if "\x1d" in text else text for part, text in TEXTS.items()}


def test_the_card_is_the_same_with_and_without_samples(tmp_path: Path) -> None:
    files = [tmp_path / "one.bin", tmp_path / "two.bin"]
    for file, sample in zip(files, ([], ["--sample"]), strict=True):
        assert main(["print", "check-card", "--raw", str(file), "--data", str(tmp_path), *sample]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_card_takes_no_fields_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", "check-card", "case=x", "--raw", str(tmp_path / "x"), "--data", str(tmp_path)]) == 2
    assert "'case=x', expected no fields" in capsys.readouterr().err


@PAPERS
def test_the_card_says_how_it_is_used_and_what_each_code_proves(paper: Paper) -> None:
    said = " ".join(draw(CARD, samples(CARD), paper).text)
    told = ["kiosk pair scanner", "start of a shift", "ends a scan", "Capital and small", "All 95", "GS arrives", "GS1"]
    places = [said.find(part) for part in told]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("beside", [(), (TextLine(text="beside"),)], ids=["alone", "beside"])
def test_a_code_may_stand_without_its_content_in_letters(beside: tuple[TextLine, ...]) -> None:
    field = Field(name="it", sample="x", max_length=100)
    lines = [CodeLine(field="it", symbology=Symbology.QR, beside=beside, letters=letters) for letters in (True, False)]
    with_letters, without = (
        Layout(id="X1", title="X", papers=tuple(Paper), fields=(field,), lines=(line,)) for line in lines
    )
    assert draw(with_letters, {"it": "K1"}, Paper.MM58).text[0] == "K1"
    assert draw(without, {"it": "K1"}, Paper.MM58).text == (("beside",) if beside else ())
    with pytest.raises(LabelRefused, match="wider than its line"):
        draw(with_letters, {"it": TEXTS["characters"]}, Paper.MM58)
    assert draw(without, {"it": TEXTS["characters"]}, Paper.MM80).codes == ((Symbology.QR, TEXTS["characters"]),)
    assert draw(without, {"it": "K1"}, Paper.MM58).height > 21 * 4 + MARGIN
