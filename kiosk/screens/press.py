"""What is one key press, and what would it add to a scan?

A terminal names keys as Textual does; a character that structures data may come as a control character or as the name
of the keys that make it.

>>> Press(key="a", character="a", at=0.0).text, Press(key="f9", character=None, at=0.0).is_command
('a', True)
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from stations.scanning.decoding.wedge import DATA_CONTROLS

ENDS = frozenset({"enter", "tab"})
"""Keys that end the line of a scanner, and of a hand."""
LINE_FEED = "ctrl+j"
"""What many scanners send after Enter."""
TOUCHES = frozenset({"backspace", "delete", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"})
"""Keys that a hand presses quickly after others, and that no scanner sends."""
NEVER_HELD = frozenset({"escape"})
"""Terminals tell it late, so its time says nothing about what follows."""
_DATA_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "ctrl+d": "\x04",
        "ctrl+backslash": "\x1c",
        "ctrl+right_square_bracket": "\x1d",
        "ctrl+circumflex_accent": "\x1e",
        "ctrl+6": "\x1e",
        "ctrl+shift+6": "\x1e",
        "ctrl+underscore": "\x1f",
        "ctrl+minus": "\x1f",
        "ctrl+shift+minus": "\x1f",
    },
)
"""Control characters that structure data, by the keys as terminals name them where they give no character."""


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """One key, pressed once."""

    key: str
    """As Textual names it."""
    character: str | None
    """What it types, if anything."""
    at: float
    """Seconds, on any clock that never goes back."""

    @property
    def text(self) -> str:
        """What it adds to a scan: a printable character, or one that structures data (ISO/IEC 15434); else nothing."""
        one = self.character or ""
        if self.key.startswith("alt+"):
            return ""
        if len(one) == 1 and (one.isprintable() or one in DATA_CONTROLS):
            return one
        return _DATA_KEYS.get(self.key, "")

    @property
    def is_command(self) -> bool:
        """Whether it does something by itself; Enter and Tab are none."""
        return not self.text and self.key not in TOUCHES | ENDS
