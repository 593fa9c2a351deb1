"""What stands beside the screens in the demo: a tray of bar codes to scan, the paper that comes out, how to begin?"""

import string
from collections.abc import Sequence
from typing import Protocol

from kiosk.screens.lines import Glyphs, Ink, Line, Span, fitted, line, span, spread
from printers.virtual import Sheet, State, blocks

KEYS = "".join(letter for letter in string.ascii_lowercase if letter not in "bf")
"""With Alt, each scans one thing of the tray; Alt+B and Alt+F are what terminals send for words back and forth."""
_STATES = {State.READY: "ready", State.OUT_OF_PAPER: "no paper", State.COVER_OPEN: "open", State.JAM: "jam"}


class TrayItem(Protocol):
    """Something with a bar code that lies on the tray."""

    @property
    def id(self) -> str:
        """What names it, however the tray is turned."""

    @property
    def name(self) -> str:
        """What it is, as people say it."""

    @property
    def group(self) -> str:
        """What it lies among: badges, packages, places, …"""


def item_of(key: str, tray: Sequence[TrayItem]) -> TrayItem | None:
    """Find the thing that a letter scans."""
    at = KEYS.find(key) if len(key) == 1 else -1
    return tray[at] if 0 <= at < len(tray) else None


def _key(at: int) -> str:
    return KEYS[at].upper() if at < len(KEYS) else " "


def how_to_begin(tray: Sequence[TrayItem], width: int, *, signed_out: bool) -> list[Line]:
    """Say how to begin, what the keys of the demo are, and how to leave it."""
    first = tray[0].name if tray else ""
    begin = f"Begin: click {first} (Alt+A), type 420173, Enter"
    says = begin if signed_out and first else "Demo: click the tray, or Alt and a letter, to scan"
    pad = " " if width > len(says) + 42 else ""
    spans: list[Span] = []
    for key, label, target in (("F7", "tray", "tray"), ("F8", "paper", "paper"), ("Ctrl+Q", "out", "leave")):
        spans += [span(f"{pad}{key}{pad}", Ink.KEY, f"demo:{target}"), span(f" {label} ", Ink.DEMO, f"demo:{target}")]
    return [spread((span(f" {says}", Ink.DEMO),), spans, width, Ink.DEMO)]


def tray_lines(tray: Sequence[TrayItem]) -> list[Line]:
    """List what lies on the tray, group by group; a click scans it."""
    found: list[Line] = []
    group = ""
    for index, item in enumerate(tray):
        if item.group != group:
            group = item.group
            found += [*([()] if found else []), line(f" {group}", Ink.DIM)]
        target = f"tray:{item.id}"
        found.append((span(" "), span(f" {_key(index)} ", Ink.KEY, target), span(f" {item.name}", Ink.TEXT, target)))
    return found


def framed(title: str, lines: Sequence[Line], width: int, height: int, top: int) -> list[Line]:
    """Set lines under a title, from the line `top` on; an arrow says that there is more."""
    room = height - 1
    more = "↓ more" if top + room < len(lines) else ""
    head = spread((span(f" {title}", Ink.DEMO),), (span(f"{more} ", Ink.DEMO),), width, Ink.DEMO)
    bar = span("│", Ink.RULE)
    body = [fitted((bar, *one), width) for one in lines[top : top + room]]
    return [head, *body, *([fitted((bar,), width)] * (room - len(body)))]


def paper_lines(sheets: Sequence[Sheet], columns: int, glyphs: Glyphs) -> list[Line]:
    """Draw the paper that came out, the newest last, each piece torn off below."""
    found: list[Line] = []
    for sheet in sheets:
        found += [line(f"{row:{columns}}", Ink.PAPER) for row in blocks(sheet, columns, glyphs.paper)]
        found.append(line("- " * (columns // 2), Ink.RULE) if sheet.cut else ())
    return found or [(), line("  Paper appears here when a label prints.", Ink.DIM)]


def printer_line(width: int) -> Line:
    """Offer the states the printer can be put in, each by a click."""
    spans = [span(" make it ", Ink.DIM)]
    for state, says in _STATES.items():
        spans += [span(f" {says} ", Ink.KEY, f"printer:{state.value}"), span(" ")]
    return fitted(spans, width)
