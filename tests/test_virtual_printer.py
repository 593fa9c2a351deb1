"""The bytes of a job, and what a printer without a printer makes of them."""

import contextlib
import io
import itertools
import json
import logging
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from printing import LAYOUTS, NARROW, PROFILES, WIDE, slip, slip_bytes

from printers.composing import compose
from printers.drawing import draw
from printers.label import Paper
from printers.profile import Profile
from printers.status import Fault, Ready, Unanswered
from printers.transports import TransportBroken
from printers.virtual import Glyphs, State, VirtualPrinter, blocks, png

# Bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_job_starts_with_a_reset_and_ends_with_paper_to_take_and_a_question_where_one_is_answered(
    profile: Profile,
) -> None:
    data = slip_bytes(slip(), profile)
    assert data.startswith(b"\x1b@\x1dv0\x00")
    cut = {"partial": b"\x1dVB\x00", "full": b"\x1dVA\x00", "none": b"\x1bd\x04"}[profile.cut]
    end = cut + (b"\x1dr\x01" if profile.status else b"")
    assert data.endswith(end)
    paper = VirtualPrinter(profile.paper)
    paper.send(data)
    assert [sheet.cut for sheet in paper.paper()] == [profile.cut != "none"]
    assert paper.strays() == b""


@pytest.mark.parametrize("profile", [WIDE, NARROW], ids=lambda profile: profile.name)
def test_a_picture_leaves_in_fragments_no_longer_than_the_printer_takes(profile: Profile) -> None:
    data = slip_bytes(slip(), profile)
    header = b"\x1dv0\x00" + (profile.paper.dots // 8).to_bytes(2, "little")
    heights = [int.from_bytes(part[:2], "little") for part in data.split(header)[1:]]
    assert len(heights) > 1
    assert max(heights) <= profile.fragment_rows
    assert sum(heights) == draw(LAYOUTS["T07"], slip().fields, profile.paper).height


def test_a_drawing_is_refused_by_a_printer_of_another_width() -> None:
    drawing = draw(LAYOUTS["T07"], slip().fields, Paper.MM80)
    with pytest.raises(ValueError, match="576 dots wide, roll-58 prints 384"):
        compose(drawing, NARROW)


AFTERMATH = """
import json, logging, os, sys, tempfile
from printers.composing import compose
from pathlib import Path
from printers.drawing import Drawing
from printers.profile import load
profile = load(Path("data/printers/roll-58.toml"))
assert "escpos" not in sys.modules
compose(Drawing(width=384, height=1, rows=bytes(48), text=(), codes=()), profile)
assert "escpos" in sys.modules
left = os.listdir(tempfile.gettempdir())
print(json.dumps([len(logging.getLogger().handlers), left, os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"]]))
"""


def test_the_library_leaves_no_log_handler_no_folder_and_no_word_behind(tmp_path: Path) -> None:
    poisoned = tmp_path / "pickles"
    poisoned.mkdir()
    (poisoned / f"{platform.python_version()}.capabilities.pickle").write_bytes(b"torn")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {**os.environ, "TMPDIR": str(scratch), "ESCPOS_CAPABILITIES_PICKLE_DIR": str(poisoned)}
    done = subprocess.run([sys.executable, "-c", AFTERMATH], env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, [], str(poisoned)]
    assert done.stderr == ""


def test_composing_says_nothing_on_standard_output_or_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        slip_bytes(slip())
    assert said.getvalue() == ""
    assert [record for record in caplog.records if record.name.startswith("escpos")] == []


# The virtual printer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "n", "told"),
    [
        ("on-fire", None, "'on-fire' is no state of a printer; there are ready, near-end"),
        ("drop-after", None, "belongs to drop-after"),
        ("drop-after", -1, "belongs to drop-after"),
        ("jam", 5, "belongs to drop-after"),
    ],
)
def test_a_state_that_no_printer_has_is_refused(word: str, n: int | None, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        VirtualPrinter().set_state(word, n)


@pytest.mark.parametrize("fault", list(Fault))
def test_a_virtual_printer_that_is_not_ready_takes_nothing(fault: Fault) -> None:
    paper = VirtualPrinter()
    paper.set_state(fault)
    with pytest.raises(TransportBroken) as caught:
        paper.send(b"\x1b@")
    assert caught.value.sent == 0
    assert paper.paper() == ()


def test_a_line_that_drops_loses_the_rest_and_leaves_half_a_label_hanging() -> None:
    whole, half = VirtualPrinter(Paper.MM58), VirtualPrinter(Paper.MM58)
    data = slip_bytes(slip())
    whole.send(data)
    half.set_state(State.DROP_AFTER, len(data) // 2)
    with pytest.raises(TransportBroken) as caught:
        half.send(data)
    assert caught.value.sent == len(data) // 2
    (full,), (torn,) = whole.paper(), half.paper()
    assert not torn.cut
    assert 0 < torn.height < full.height
    assert full.rows.startswith(torn.rows)
    assert isinstance(half.status(), Unanswered)
    with pytest.raises(TransportBroken):
        half.send(data)


def test_a_line_that_drops_counts_bytes_across_jobs() -> None:
    paper = VirtualPrinter()
    paper.set_state("drop-after", 5)
    paper.send(b"\x1b@\x1b@")
    assert isinstance(paper.status(), Ready)
    with pytest.raises(TransportBroken) as caught:
        paper.send(b"\x1b@")
    assert caught.value.sent == 1


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 3000), max_size=8))
def test_paper_does_not_depend_on_how_the_bytes_arrive(cuts: list[int]) -> None:
    data = (
        b"\x1b@\x1dv0\x00\x48\x00\x20\x00" + bytes(range(72)) * 32 + b"\x1bd\x02\n\x1bJ\x07\x1dVB\x09\x1dV\x00\x1dr\x01"
    )
    whole, pieces = VirtualPrinter(), VirtualPrinter()
    whole.send(data)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start_at, end in itertools.pairwise(edges):
        pieces.send(data[start_at:end])
    assert pieces.paper() == whole.paper()
    assert [sheet.height for sheet in whole.paper()] == [32 + 60 + 30 + 7 + 9, 0]
    assert whole.strays() == b""


@pytest.mark.parametrize("stray", [b"LOT", b"\x1dv0\x00\x48\x00\x01\x00" + b"\x10\x04\x01".ljust(72, b"\0"), b"\x1b*"])
def test_what_a_real_printer_would_have_acted_on_is_kept_as_stray(stray: bytes) -> None:
    paper = VirtualPrinter()
    paper.send(stray)
    assert paper.strays()


def test_a_sheet_can_be_looked_at_as_a_picture() -> None:
    paper = VirtualPrinter()
    paper.send(slip_bytes(slip(), WIDE))
    (sheet,) = paper.paper()
    with Image.open(io.BytesIO(png(sheet))) as picture:
        assert picture.size == (576, sheet.height)
        assert picture.tobytes("raw", "1;I") == sheet.rows


@pytest.mark.parametrize("glyphs", list(Glyphs), ids=lambda glyphs: glyphs.name)
def test_a_sheet_can_be_looked_at_in_a_terminal(glyphs: Glyphs) -> None:
    paper = VirtualPrinter()
    band = b"\xff" * 36 + b"\0" * 36
    paper.send(b"\x1dv0\x00\x48\x00\x60\x00" + band * 48 + bytes(72) * 48 + b"\x1dVB\x00")
    (sheet,) = paper.paper()
    lines = blocks(sheet, 24, glyphs)
    full = glyphs[-1]
    assert lines == [full * 12 + " " * 12, " " * 24]
    assert glyphs is not Glyphs.ASCII or "".join(lines).isascii()
