"""How do painted lines get onto the terminal, with the least work?

One widget shows lines. When new ones come, only those that differ are drawn again: no layout, no styles looked up, so a
verdict is on the terminal a few milliseconds after it was recorded. Nothing here can have focus.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kiosk.screens.lines import Ink, Line, filled

Painter = Callable[[int, int], Sequence[Line]]
"""Width and height in, that many lines out."""


def _regions(changed: Sequence[int], width: int) -> Iterator[Region]:
    """Give neighbouring lines as one region."""
    for _, group in groupby(enumerate(changed), key=lambda pair: pair[1] - pair[0]):
        lines = [at for _, at in group]
        yield Region(0, lines[0], width, len(lines))


class Surface(Widget, inherit_bindings=False):
    """Lines of words, some of which mean something when clicked."""

    ALLOW_SELECT = False
    can_focus = False

    class Clicked(Message):
        """Something that means something was clicked."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    class Turned(Message):
        """The wheel was turned over a surface: so many lines down."""

        def __init__(self, surface: str, by: int) -> None:
            super().__init__()
            self.surface = surface
            self.by = by

    def __init__(self, painter: Painter, styles: dict[Ink, Style], name: str) -> None:
        super().__init__(id=name)
        self._painter = painter
        self._styles = styles
        self._lines: list[Line] = []
        self._strips: list[Strip] = []

    def repaint(self) -> None:
        """Paint anew, and draw what has changed."""
        width, height = self.size
        if not width or not height:
            return
        lines = filled(self._painter(width, height), width, height)
        if len(lines) != len(self._lines):
            self._lines, self._strips = lines, [self._strip(line) for line in lines]
            self.refresh()
            return
        changed = [at for at, line in enumerate(lines) if line != self._lines[at]]
        for at in changed:
            self._strips[at] = self._strip(lines[at])
        self._lines = lines
        if changed:
            self.refresh(*_regions(changed, width))

    def restyle(self, styles: dict[Ink, Style]) -> None:
        """Change the colours of every ink."""
        self._styles, self._lines = styles, []
        self.repaint()

    def _strip(self, line: Line) -> Strip:
        return Strip([Segment(span.text, self._styles[span.ink]) for span in line if span.text])

    def render_line(self, y: int) -> Strip:
        """Give one line, as Textual asks for it."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def on_resize(self) -> None:
        """Paint for the new size."""
        self._lines = []
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Find what was clicked."""
        event.stop()
        left = event.x
        for span in self._lines[event.y] if event.y < len(self._lines) else ():
            left -= cell_len(span.text)
            if left < 0:
                if span.target:
                    self.post_message(self.Clicked(span.target))
                return

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.post_message(self.Turned(str(self.id), 3))

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.post_message(self.Turned(str(self.id), -3))
