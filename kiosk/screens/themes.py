"""Which colours does each ink have?

Two themes for terminals with many colours and one for consoles with sixteen. Prompts and verdicts stand out from their
ground at least seven to one (WCAG 2.2, 1.4.6). Colour is never the only signal: each verdict has its word and shape.
"""

import msgspec
from rich.style import Style

from kiosk.screens.lines import Ink


class Colours(msgspec.Struct, frozen=True, kw_only=True):
    """One ink: letters, ground, weight."""

    letters: str
    """`#rrggbb`, or in the plain theme one of the console's own names."""
    ground: str
    is_bold: bool = False


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """The colours of every ink."""

    name: str
    inks: dict[Ink, Colours]

    def styles(self) -> dict[Ink, Style]:
        """Give each ink as rich draws it."""
        return {
            ink: Style(color=found.letters, bgcolor=found.ground, bold=found.is_bold)
            for ink, found in self.inks.items()
        }


def _theme(name: str, **inks: str) -> Theme:
    """Read `letters ground` with a star for bold."""
    found = {}
    for ink, text in inks.items():
        letters, ground, *star = text.split()
        found[Ink(ink)] = Colours(letters=letters, ground=ground, is_bold=bool(star))
    return Theme(name=name, inks=found)


LIGHT = _theme(
    "light",
    text="#1d2522 #f8f7f3",
    dim="#4a5350 #f8f7f3",
    strong="#111715 #f8f7f3 *",
    band="#ffffff #17424a *",
    rule="#b9bdb6 #f8f7f3",
    now="#0c3f49 #dcebea *",
    done="#2f5a3b #f8f7f3",
    item="#0c3a44 #f8f7f3 *",
    key="#111715 #dedfd8 *",
    chosen="#ffffff #17424a *",
    entry="#111715 #ffffff *",
    trouble="#8a1c12 #f8f7f3 *",
    caution="#624400 #f8f7f3 *",
    well="#2a6b3f #f8f7f3",
    **{"pass": "#0d3b1e #cfe8d2 *"},
    hold="#231a00 #f4c542 *",
    stop="#ffffff #9a1712 *",
    paper="#111111 #fffdf6",
    demo="#1d2522 #e6e2d3",
)
DARK = _theme(
    "dark",
    text="#d9dedb #12181a",
    dim="#a3aeaa #12181a",
    strong="#ffffff #12181a *",
    band="#eaf4f2 #1f4a50 *",
    rule="#3a4748 #12181a",
    now="#e9fffb #1c3a3f *",
    done="#9fd3ac #12181a",
    item="#c9f1ea #12181a *",
    key="#f2f5f3 #333f41 *",
    chosen="#0d1416 #9fd8cf *",
    entry="#ffffff #000000 *",
    trouble="#ffb4a6 #12181a *",
    caution="#f2cf7a #12181a *",
    well="#8fd3a0 #12181a",
    **{"pass": "#d5f7dc #14482a *"},
    hold="#1f1700 #f2bf3a *",
    stop="#ffffff #9a1712 *",
    paper="#141414 #f3f0e6",
    demo="#e3e0d4 #2a2f2c",
)
PLAIN = _theme(
    "plain",
    text="white black",
    dim="white black",
    strong="white black *",
    band="black white",
    rule="white black",
    now="white black *",
    done="white black",
    item="white black *",
    key="black white",
    chosen="black white",
    entry="white black *",
    trouble="red black *",
    caution="yellow black *",
    well="white black",
    **{"pass": "green black *"},
    hold="yellow black *",
    stop="white red *",
    paper="black white",
    demo="black white",
)
"""The console makes bold letters bright; grounds have eight colours."""

CONSOLE = {
    "black": "#000000",
    "red": "#aa0000",
    "white": "#aaaaaa",
    "bold red": "#ff5555",
    "bold green": "#55ff55",
    "bold yellow": "#ffff55",
    "bold white": "#ffffff",
}
"""What the Linux console shows for these names, unless somebody changed it."""


_LINEAR_UP_TO = 0.04045
"""Of sRGB (IEC 61966-2-1)."""


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= _LINEAR_UP_TO else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
