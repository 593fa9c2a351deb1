"""Pictures of the screens: as text for the snapshots, as SVG for the README.

`python tests/pictures.py` draws the snapshots and the README's pictures again, and says what has changed.
"""

import asyncio
import re
import sys
from pathlib import Path

from pretend import Pretend
from screens_reached import REACHED

from kiosk.screens.app import KioskApp
from kiosk.screens.frame import paint
from kiosk.screens.hand import Hand
from kiosk.screens.lines import FULL, PLAIN

ROOT = Path(__file__).parents[1]
SNAPSHOTS = ROOT / "tests" / "snapshots"
SIZES = ((80, 24), (140, 45))
IN_THE_README = {"pass": "task-pass", "stop": "stop"}


def as_text(station: Pretend, width: int, height: int, *, plain: bool = False, hand: Hand = Hand()) -> str:  # noqa: B008 - a frozen value
    """Paint a station's screen as lines of text, blanks at their ends left out."""
    glyphs = PLAIN if plain else FULL
    lines = paint(station.view(), hand, width, height, glyphs)
    return "".join("".join(span.text for span in line).rstrip() + "\n" for line in lines)


def as_svg(station: Pretend, width: int, height: int, *keys: str, dark: bool = False, plain: bool = False) -> str:
    """Run the app without a terminal, press keys, and take its picture."""

    async def taken() -> str:
        app = KioskApp(station, demo=station.demo, plain=plain)
        async with app.run_test(size=(width, height)) as pilot:
            for key in (*(("f12",) if dark else ()), *keys):
                await pilot.press(key)
            await pilot.pause(0.2 if station.view().label is not None else 0)
            return app.export_screenshot(title="kiosk")

    return _BLANKS_FIRST.sub(_moved, asyncio.run(taken()))


_CELL = 12.2
_BLANKS_FIRST = re.compile(r'x="([0-9.]+)" (y="[^"]*") textLength="([0-9.]+)"([^>]*)>((?:&#160;)+)')


def _moved(text: re.Match[str]) -> str:
    """Start a text where its first letter stands: what draws pictures may swallow blanks before it."""
    blanks = len(text[5]) // len("&#160;") * _CELL
    x, length = float(text[1]) + blanks, float(text[3]) - blanks
    return f'x="{x:.1f}" {text[2]} textLength="{length:.1f}"{text[4]}>'


def snapshots(*names: str) -> dict[Path, str]:
    """Draw the snapshots of these screens, or of all."""
    return {
        SNAPSHOTS / f"{name}.{width}x{height}.txt": as_text(REACHED[name](), width, height)
        for name in names or REACHED
        for width, height in SIZES
    }


def readme_pictures() -> dict[Path, str]:
    """Draw the README's pictures."""
    return {ROOT / "docs" / f"{name}.svg": as_svg(REACHED[way](), 100, 30) for name, way in IN_THE_README.items()}


def main() -> int:
    """Draw everything again; the answer is the number of files that changed."""
    drawn = {**snapshots(), **readme_pictures()}
    changed = [file for file, text in drawn.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    for file in changed:
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawn[file], encoding="utf-8")
        sys.stdout.write(f"{file.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
