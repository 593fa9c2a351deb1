"""How does a station get onto a terminal, and what a person does get back to it?

One screen that never changes, a few surfaces on it. Benches are published on the funnel's thread and handed over; the
screens only show them. There is no way out for a person at the bench: no quit, no palette, no suspend. The composition
root owns the station and closes it after the terminal is whole again.
"""

import asyncio
import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen

from kiosk.screens import demo as beside
from kiosk.screens import hand, labels, sound, themes
from kiosk.screens.asking import Wants
from kiosk.screens.burst import KEYBOARD, Burst, refused
from kiosk.screens.frame import paint
from kiosk.screens.hand import Hand
from kiosk.screens.keyboard import Keyboard, KeyboardApp
from kiosk.screens.lines import FULL, LETTERS, PLAIN, Glyphs, Line
from kiosk.screens.preview import Previews, Printing
from kiosk.screens.surface import Surface
from kiosk.screens.view import View, view
from printers.virtual import Sheet
from stations.bench.events import Event, Scanned
from stations.bench.state import Bench
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Outcome
from stations.work.verdict import Word

ROOM_FOR_BOTH = 116
"""From this width on the demo's tray and paper stand beside the screens; below, the tray alone."""
MOST_PAPER = 144
"""Columns that paper is drawn in at most: two of its dots for one of the picture's."""
_TICK_S = 1.0
_FORGOTTEN = dt.timedelta(minutes=10)
"""After so long without one, nobody scans through the keyboard any more."""
_KEY_BY_KEY = "Type the PIN key by key: it came all at once, as a scan does."
_LETTERS_ALONE = ("vt100", "vt220")
"""Terminals, by `TERM`, whose fonts have no blocks."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_GRAVITY = {word: place for place, word in enumerate(Word)}


class DemoLike(Protocol):
    """What the demo has beside the station."""

    @property
    def tray(self) -> Sequence[beside.TrayItem]:
        """Everything that can be scanned, what fits the present step first."""

    def tap(self, item: str) -> None:
        """Scan a thing of the tray, named by its id, through the simulated scanner."""

    def paper(self) -> tuple[Sheet, ...]:
        """Give what was printed so far."""

    def printer_state(self, word: str) -> None:
        """Put the printer in a state, such as `out-of-paper`."""


class StationLike(Printing, Protocol):
    """What the screens need of a station."""

    @property
    def bench(self) -> Bench:
        """The last published one."""

    def listen(self, listener: Callable[[Bench], None]) -> None:
        """Call `listener` with every published bench, on the funnel's thread."""

    def post(self, event: Event) -> None:
        """Let something have happened; from any thread, never waits."""

    def now(self) -> dt.datetime:
        """Give the time in the site's zone."""


class BenchScreen(Screen[None], inherit_bindings=False):
    """The one screen; nothing on it can have focus, be selected or be copied."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""


class KioskApp(KeyboardApp, inherit_bindings=False):
    """A station's terminal."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS_PATH = Path(__file__).with_name("kiosk.tcss")
    BINDINGS: ClassVar = []

    class Published(Message):
        """A new bench waits to be shown."""

    def __init__(
        self,
        station: StationLike,
        *,
        demo: DemoLike | None = None,
        plain: bool = False,
        keyboard: Keyboard = Keyboard(),  # noqa: B008 - a frozen value
        burst: Burst | None = None,
    ) -> None:
        """`plain` is for terminals with few colours and signs; `burst` tells scans from typing, at its own pace."""
        super().__init__(burst or Burst(), plain=plain)
        self._station = station
        self._keyboard = keyboard
        self._scanned_at: dt.datetime | None = None
        """When a scan last came through the keyboard."""
        self._demo = demo
        self._laid: tuple[beside.TrayItem, ...] = ()
        """The tray as it was last drawn: what a letter means."""
        self._glyphs = _plain_glyphs() if plain else FULL
        self._looks = themes.PLAIN if plain else themes.LIGHT
        self._hand = Hand()
        self._previews = Previews(station)
        self._drawing = ""
        """The label that is being drawn beside."""
        self._view: View = self._seen(station.bench)
        self._waiting = threading.Lock()
        self._news: Bench | None = None
        self._judged = station.bench.judged
        self._heard: list[Word] = []
        self._top = 0
        self._paper: tuple[tuple[Sheet, ...], int, list[Line]] = ((), 0, [])

    # The picture ------------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """Start on the one screen."""
        return BenchScreen(id="_default")

    def compose(self) -> ComposeResult:
        """Lay the surfaces out."""
        styles = self._looks.styles()
        if self._demo is not None:
            yield Surface(self._begin, styles, "begin")
        with Horizontal(id="bench"):
            yield Surface(self._work, styles, "work")
            if self._demo is not None:
                with Vertical(id="side"):
                    yield Surface(self._tray, styles, "tray")
                    yield Surface(self._roll, styles, "roll")

    def _work(self, width: int, height: int) -> Sequence[Line]:
        return paint(self._view, self._hand, width, height, self._glyphs)

    def _begin(self, width: int, _height: int) -> Sequence[Line]:
        return beside.how_to_begin(
            self._demo.tray if self._demo is not None else (), width, signed_out=self._view.screen == "signed-out"
        )

    def _tray(self, width: int, height: int) -> Sequence[Line]:
        self._laid = tuple(self._demo.tray) if self._demo is not None else ()
        lines = beside.tray_lines(self._laid)
        self._top = max(0, min(self._top, len(lines) - height + 1))
        return beside.framed("Tray: click, or Alt+letter", lines, width, height, self._top)

    def _roll(self, width: int, height: int) -> Sequence[Line]:
        sheets = self._demo.paper() if self._demo is not None else ()
        if (sheets, width) != self._paper[:2] or not self._paper[2]:
            columns = min(width - 3, MOST_PAPER)
            self._paper = (sheets, width, beside.paper_lines(sheets, columns, self._glyphs))
        lines = self._paper[2]
        framed = beside.framed("Paper", lines, width, height - 1, max(0, len(lines) - height + 2))
        return [*framed, beside.printer_line(width)]

    def _surfaces(self) -> list[Surface]:
        return list(self.query(Surface))

    # From the station -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Listen, show the bench as it is, let the clock run."""
        self._station.listen(self._published)
        self.set_interval(_TICK_S, self._ticked)
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                asyncio.get_running_loop().add_signal_handler(number, self.request_exit)
        if self._demo is not None:
            self.screen.add_class("with-tray")
        self._show(self._station.bench)

    def on_unmount(self) -> None:
        """Give the signals back."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                asyncio.get_running_loop().remove_signal_handler(number)

    def _published(self, bench: Bench) -> None:
        """Take a bench on the funnel's thread; several that wait are shown as one, but none goes unheard."""
        with self._waiting:
            if bench.judged != self._judged and bench.verdict is not None:
                self._heard.append(bench.verdict.word)
            self._judged = bench.judged
            was_empty, self._news = self._news is None, bench
        if was_empty:
            self.post_message(self.Published())

    def on_kiosk_app_published(self) -> None:
        """Show the newest bench; sound the gravest of what was judged."""
        with self._waiting:
            bench, heard = self._news, self._heard
            self._news, self._heard = None, []
        if bench is not None:
            self._show(bench)
        if heard:
            self.screen.remove_class("paper-alone")
            self._sound(max(heard, key=_GRAVITY.__getitem__))

    def _show(self, bench: Bench) -> None:
        new = self._seen(bench)
        self._hand = hand.settled(self._hand, self._view, new)
        self._view = new
        self._repaint()
        if new.label is not None and new.label.sheet is None and not new.label.says and not self._drawing:
            self._drawing = new.label.id
            # Whatever was judged is on the terminal before the label is drawn.
            self.call_after_refresh(lambda: self.run_worker(self._draw()))

    async def _draw(self) -> None:
        """Draw the label of this step beside, then show it."""
        try:
            job = labels.job_here(self._station.bench, self._station.now())
            if job is not None:
                await asyncio.to_thread(self._previews.draw, job)
        finally:
            self._drawing = ""
        self._show(self._station.bench)

    def _seen(self, bench: Bench) -> View:
        has_scanner = self._keyboard.has_scanner()
        in_use = self._keyboard.takes_scans and (not has_scanner or self._scans_by_keyboard(bench))
        job = labels.job_here(bench, self._station.now())
        preview = self._previews.known(job) if job is not None else None
        return view(bench, self._station.now(), by_keyboard=in_use, has_scanner=has_scanner, preview=preview)

    def _scans_by_keyboard(self, bench: Bench) -> bool:
        """Whether the last scan came through the keyboard, and not long ago."""
        at, heard = self._scanned_at, bench.heard
        if at is None or self._station.now() - at > _FORGOTTEN:
            return False
        return heard is None or heard.at < at or heard.device == KEYBOARD

    def _ticked(self) -> None:
        self._show(self._station.bench)

    def _repaint(self) -> None:
        for surface in self._surfaces():
            surface.repaint()

    def _sound(self, word: Word) -> None:
        for ring in sound.rings(sound.tones(word), is_console=self._glyphs.is_plain):
            if ring.after_s:
                self.set_timer(ring.after_s, lambda text=ring.text: self.ring(text))
            else:
                self.ring(ring.text)

    def ring(self, text: str) -> None:
        """Let the terminal ring."""
        if self._driver is not None:
            self._driver.write(text)

    # From the person --------------------------------------------------------------------------------------------------

    def scanned(self, scan: Scan | Garbled) -> None:
        """Tell the station; the front of a scan that broke may stand where a person types, so nothing stays there."""
        # Typed digits that a slow line held up come at once, too, and the record must not keep a PIN.
        is_number = not scan.text.strip("0123456789")
        if is_number and self._view.ask.wants is Wants.PIN:
            self._hand = Hand(note=_KEY_BY_KEY)
            self._repaint()
            return
        is_secret = is_number and self._view.ask.wants is Wants.BADGE
        if not self._keyboard.takes_scans:
            scan = refused(scan, Outcome.NOT_OURS, is_secret=is_secret)
        elif is_secret:
            scan = refused(scan, Outcome.UNREADABLE, is_secret=True)
        self._hand = hand.dropped(self._hand)
        self._scanned_at = self._station.now()
        self._station.post(Scanned(at=self._station.now(), scan=scan))

    def on_key(self, event: events.Key) -> None:
        """Take every key here: nothing else has focus."""
        event.stop()
        event.prevent_default()
        if self._demo_key(event.key):
            return
        if event.key == "f12":
            self._other_theme()
            return
        self._did(hand.pressed(self._hand, self._view, event.key, event.character, self._station.now()))

    def on_paste(self, event: events.Paste) -> None:
        """Take nothing that was pasted: nobody at the bench types by pasting, and it is no scan."""
        event.stop()

    def on_surface_clicked(self, message: Surface.Clicked) -> None:
        """Take a click on something that means something."""
        kind, _, what = message.target.partition(":")
        if self._demo is not None and kind in ("tray", "printer", "demo"):
            self._demo_click(self._demo, kind, what)
            return
        self._did(hand.clicked(self._hand, self._view, message.target, self._station.now()))

    def _did(self, did: hand.Did) -> None:
        self._hand, event = did
        self._repaint()
        if event is not None:
            self._station.post(event)

    def _other_theme(self) -> None:
        if self._glyphs.is_plain:
            return
        self._looks = themes.DARK if self._looks is themes.LIGHT else themes.LIGHT
        for surface in self._surfaces():
            surface.restyle(self._looks.styles())

    # The demo ---------------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Set the demo's paper beside the screens where there is room."""
        if self._demo is not None:
            self.screen.set_class(event.size.width >= ROOM_FOR_BOTH, "with-roll")

    def _demo_key(self, key: str) -> bool:
        found = self._demo
        if found is None:
            return False
        item = beside.item_of(key.removeprefix("alt+"), self._laid) if key.startswith("alt+") else None
        if item is not None:
            found.tap(item.id)
            return True
        does = {"f7": "tray", "f8": "paper", "ctrl+q": "leave"}.get(key)
        if does is not None:
            self._demo_click(found, "demo", does)
        return does is not None

    def _demo_click(self, found: DemoLike, kind: str, what: str) -> None:
        match kind, what:
            case "tray", _:
                found.tap(what)
            case "printer", _:
                found.printer_state(what)
            case _, "leave":
                self.request_exit()
            case _, "paper":
                self.screen.toggle_class("paper-alone")
            case _:
                self.screen.toggle_class("with-tray")

    def on_surface_turned(self, message: Surface.Turned) -> None:
        """Turn the tray."""
        if message.surface == "tray":
            self._top = max(0, self._top + message.by)
            self._repaint()

    @property
    def fault(self) -> Exception | None:
        """A fault of the program that ended the screens; who started them writes it down."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback, which shows the values of variables and so perhaps a PIN."""
        self._close_messages_no_wait()

    def request_exit(self) -> None:
        """Leave the terminal whole and return from `run`; for signals, and for who started the program."""
        self.exit()


def _plain_glyphs() -> Glyphs:
    return LETTERS if os.environ.get("TERM", "") in _LETTERS_ALONE else PLAIN


def is_plain_terminal() -> bool:
    """Whether this is the Linux console: sixteen colours, few glyphs."""
    return os.environ.get("TERM", "") in ("linux", *_LETTERS_ALONE)
