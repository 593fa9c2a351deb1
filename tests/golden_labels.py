"""Draws the golden files again: what the shipped labels look like (`.png`) and what is sent to print them (`.bin`).

    python tests/golden_labels.py

writes `golden/labels/NAME-80.png` and the like for every shipped label with its sample values, takes away those of
labels that are no longer shipped, and names what changed. Nothing else writes them; look at the new pictures before
they are kept.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from on_paper import BY_PAPER
from PIL import Image

from printers.composing import compose
from printers.drawing import Drawing, draw, png
from printers.label import Layout, Paper, samples
from printers.layout import load

LABELS = Path(__file__).parents[1] / "data" / "labels"
GOLDEN = Path(__file__).parent / "golden" / "labels"


def shipped() -> dict[str, Layout]:
    """Every label that the program brings; raises LayoutRefused where one is not usable."""
    return {path.stem: load(path) for path in sorted(LABELS.glob("*.toml"))}


def files(layout: Layout, paper: Paper) -> tuple[Path, Path]:
    """Where the picture and the bytes of a label are kept."""
    return GOLDEN / f"{layout.id}-{paper:d}.png", GOLDEN / f"{layout.id}-{paper:d}.bin"


def is_pictured(drawing: Drawing, file: Path) -> bool:
    """Whether the file shows the drawing dot for dot, however its PNG is packed."""
    with Image.open(file) as golden:
        size_and_dots = golden.mode, golden.size, golden.tobytes("raw", "1;I")
    return size_and_dots == ("1", (drawing.width, drawing.height), drawing.rows)


def drawn_again() -> Iterator[str]:
    """Write every golden file that differs, and tell of each that was written or taken away."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    kept = set()
    for layout in shipped().values():
        for paper in layout.papers:
            drawing = draw(layout, samples(layout), paper)
            picture, sent = files(layout, paper)
            kept |= {picture, sent}
            if not picture.exists() or not is_pictured(drawing, picture):
                picture.write_bytes(png(drawing))
                yield f"{picture.name} drawn"
            data = compose(drawing, BY_PAPER[paper])
            if not sent.exists() or sent.read_bytes() != data:
                sent.write_bytes(data)
                yield f"{sent.name} written"
    for file in sorted(set(GOLDEN.iterdir()) - kept):
        file.unlink()
        yield f"{file.name} taken away"


if __name__ == "__main__":
    sys.stdout.writelines(f"{told}\n" for told in drawn_again())
