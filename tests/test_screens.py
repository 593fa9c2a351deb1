"""The screens as a person meets them: keys, clicks and scans on the real app, without a terminal or in a real one."""

import asyncio
import os
import pty
import select
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable

import pyte
import pytest
from msgspec.structs import replace
from pictures import ROOT, readme_pictures
from pretend import HYDROXYZINE, Pretend
from screens_reached import REACHED
from textual import events
from textual.pilot import Pilot

from kiosk.screens.app import KioskApp
from kiosk.screens.burst import Burst
from kiosk.screens.letters import large
from kiosk.screens.surface import Surface
from stations.bench.events import CodeKeyed, PinGiven, Pressed
from stations.work.verdict import Word

Playing = Pilot[None]


class Heard(KioskApp):
    """Keeps what the terminal would ring; every key is a hand's, and holding none back nobody needs to wait for it."""

    def __init__(self, station: Pretend, *, plain: bool = False) -> None:
        super().__init__(station, demo=station.demo, plain=plain, burst=Burst(gap=0.0))
        self.rung: list[str] = []

    def ring(self, text: str) -> None:
        self.rung.append(text)


def played(
    station: Pretend, play: Callable[[Heard, Playing], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> Heard:
    async def run() -> Heard:
        app = Heard(station)
        async with app.run_test(size=size) as pilot:
            await play(app, pilot)
        return app

    return asyncio.run(run())


def text_of(app: KioskApp, surface: str = "work") -> str:
    shown = app.query_one(f"#{surface}", Surface)
    return "\n".join(shown.render_line(y).text for y in range(shown.size.height))


async def click(app: KioskApp, pilot: Playing, words: str, surface: str = "work") -> None:
    """Click the middle of these words, wherever they are on a surface."""
    for y, row in enumerate(text_of(app, surface).split("\n")):
        if words in row:
            assert await pilot.click(f"#{surface}", offset=(row.index(words) + len(words) // 2, y))
            return
    raise AssertionError(f"{words!r} is not on the screen:\n{text_of(app, surface)}")


# By the keyboard alone, by the mouse alone ------------------------------------------------------------------------


def test_a_line_is_picked_with_the_keyboard_alone() -> None:
    station = Pretend()

    async def play(app: Heard, pilot: Playing) -> None:
        await pilot.press(*"B0042173", "enter")
        await pilot.press(*"420173")
        assert "420173" not in text_of(app)
        await pilot.press("enter", "1", "enter")
        assert "Go to the shelf" in text_of(app)
        await pilot.press(*"L03A12Z", "enter", *"L03A12Z", "enter")
        assert "Scan every package" in text_of(app)
        await pilot.press("f9")
        assert "Refill pick" in text_of(app)

    played(station, play)
    assert station.bench.screen() == "signed-out"
    assert [task.title for task in station.bench.kept.tasks] == ["Refill pick"]


def test_the_demo_is_worked_with_the_mouse_alone() -> None:
    station = Pretend(with_demo=True).signed_in()

    async def play(app: Heard, pilot: Playing) -> None:
        await click(app, pilot, "Refill pick, A4W")
        await click(app, pilot, "shelf 03-A-12", "tray")
        await click(app, pilot, "hydrALAZINE", "tray")
        assert "1 of 3" in text_of(app)
        await click(app, pilot, "hydrOXYzine", "tray")
        assert station.bench.screen() == "stop"
        await click(app, pilot, "Put it back")
        assert station.bench.screen() == "task"
        await click(app, pilot, "unable")
        await click(app, pilot, "not enough on the shelf")
        await click(app, pilot, "sign out")

    played(station, play, (140, 45))
    assert station.bench.screen() == "signed-out"
    assert station.bench.kept.tasks[0].deviation


def test_a_question_is_answered_by_a_click() -> None:
    station = REACHED["task-cancel"]()

    async def play(app: Heard, pilot: Playing) -> None:
        await click(app, pilot, " N ")

    played(station, play)
    assert station.posted[-1] == replace(Pressed(at=station.posted[-1].at, word="no"))


def test_the_tray_is_scanned_with_alt_and_a_letter() -> None:
    station = Pretend(with_demo=True)

    async def play(app: Heard, pilot: Playing) -> None:
        assert "Begin: click badge of AT (Alt+A), type 420173, Enter" in text_of(app, "begin")
        await pilot.press("alt+a", *"420173", "enter")
        assert "Begin" not in text_of(app, "begin")

    played(station, play, (140, 45))
    assert station.bench.screen() == "home"


def test_the_tray_turns_with_the_wheel_and_hides_with_a_key() -> None:
    station = Pretend(with_demo=True)

    async def play(app: Heard, pilot: Playing) -> None:
        assert "badge of AT" in text_of(app, "tray")
        app.query_one("#tray", Surface).on_mouse_scroll_down()
        await pilot.pause()
        assert "badge of AT" not in text_of(app, "tray")
        wide = app.query_one("#work", Surface).size.width
        await pilot.press("f7")
        await pilot.pause()
        assert app.query_one("#work", Surface).size.width > wide

    played(station, play)


def test_the_paper_comes_out_beside_the_screens_and_large_by_a_key() -> None:
    station = Pretend(with_demo=True)

    async def play(app: Heard, pilot: Playing) -> None:
        assert "█" in text_of(app, "roll")
        await click(app, pilot, "no paper", "roll")
        assert station.demo is not None
        assert "out of paper" in str(station.demo.printer.status())
        await pilot.press("f8")
        await pilot.pause()
        assert app.query_one("#roll", Surface).size.width > 100
        await pilot.press("f8")

    played(station, play, (140, 45))


# No way out -------------------------------------------------------------------------------------------------------

_AWAY = ("ctrl+q", "ctrl+c", "ctrl+z", "ctrl+p", "ctrl+backslash", "ctrl+d", "ctrl+s", "f11", "tab", "shift+tab")


def test_no_key_leads_out_of_the_kiosk() -> None:
    station = Pretend().picking()

    async def play(app: Heard, pilot: Playing) -> None:
        before, posted = text_of(app), len(station.posted)
        await pilot.press(*_AWAY)
        assert app.is_running
        assert len(app.screen_stack) == 1
        assert (text_of(app), len(station.posted)) == (before, posted)
        assert app.focused is None

    played(station, play)


def test_only_the_demo_can_be_left_by_a_key() -> None:
    async def play(app: Heard, pilot: Playing) -> None:
        assert "Ctrl+Q out" in " ".join(text_of(app, "begin").split())
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not app.is_running

    played(Pretend(with_demo=True), play, (140, 45))


def test_a_stop_leaves_by_back_alone() -> None:
    station = Pretend().picking().scan(HYDROXYZINE)

    async def play(app: Heard, pilot: Playing) -> None:
        before = text_of(app)
        await pilot.press("enter", "y", "1", "enter", "space", "enter")
        assert (station.bench.screen(), text_of(app)) == ("stop", before)
        await pilot.press("escape")
        assert station.bench.screen() == "task"

    played(station, play)


def test_what_is_pasted_is_not_taken() -> None:
    station = Pretend().picking()

    async def play(app: Heard, pilot: Playing) -> None:
        before = text_of(app)
        app.post_message(events.Paste("B0042173\n"))
        await pilot.pause()
        assert text_of(app) == before

    played(station, play)


# From the station -------------------------------------------------------------------------------------------------


def test_a_bench_published_on_another_thread_is_shown_and_heard() -> None:
    station = Pretend().picking()

    async def play(app: Heard, pilot: Playing) -> None:
        other = threading.Thread(target=station.scan, args=(HYDROXYZINE,))
        other.start()
        other.join()
        await pilot.pause()
        assert "wrong item" in text_of(app)

    app = played(station, play)
    assert app.rung[0] == "\a"


def test_of_several_verdicts_at_once_the_last_is_shown_and_the_gravest_is_heard() -> None:
    station = Pretend().picking()
    heard: list[Word] = []

    class Listening(Heard):
        def _sound(self, word: Word) -> None:
            heard.append(word)

    async def run() -> None:
        app = Listening(station)
        async with app.run_test(size=(80, 24)) as pilot:
            station.scan(HYDROXYZINE).press("back").scan("]d201003099912345631727022810LOT7A<GS>21S0007")
            await pilot.pause()
            assert "1 of 3" in text_of(app)

    asyncio.run(run())
    assert heard == [Word.STOP]


def test_only_lines_that_changed_are_drawn_again() -> None:
    station = Pretend().picking()

    async def play(app: Heard, pilot: Playing) -> None:
        surface = app.query_one("#work", Surface)
        before = [surface.render_line(y) for y in range(24)]
        station.scan("]d201003099912345631725022810LOT7A<GS>21S0009")
        await pilot.pause()
        after = [surface.render_line(y) for y in range(24)]
        same = sum(one is other for one, other in zip(before, after, strict=True))
        assert same >= 14

    played(station, play)


def test_light_and_dark_change_colours_and_no_word() -> None:
    station = Pretend().picking()

    async def play(app: Heard, pilot: Playing) -> None:
        before, strips = text_of(app), app.query_one("#work", Surface).render_line(0)
        await pilot.press("f12")
        assert text_of(app) == before
        assert app.query_one("#work", Surface).render_line(0) != strips

    played(station, play)


def test_the_terminal_may_change_its_size() -> None:
    station = Pretend().picking()

    async def play(app: Heard, pilot: Playing) -> None:
        for size in ((160, 50), (80, 24), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.query_one("#work", Surface).size == size
            assert "Scan every package" in text_of(app)

    played(station, play)


def test_half_typed_words_show_large_and_backspace_takes_one_away() -> None:
    station = REACHED["task-count"]()

    async def play(app: Heard, pilot: Playing) -> None:
        await pilot.press("3", "7", "8", "backspace")
        assert all(row in text_of(app) for row in large("37_"))
        await pilot.press("enter")

    played(station, play)
    assert station.bench.task() is not None
    assert station.bench.task().result("line[1].left").value == "37"  # type: ignore[union-attr] # just asked


def test_a_badge_and_a_pin_are_told_apart() -> None:
    station = Pretend()

    async def play(app: Heard, pilot: Playing) -> None:
        await pilot.press(*"B0042173", "enter", *"111111", "enter")
        assert "wrong PIN" in text_of(app)

    played(station, play)
    badge, pin = station.posted[:2]
    assert isinstance(badge, CodeKeyed)
    assert isinstance(pin, PinGiven)


# The README's pictures --------------------------------------------------------------------------------------------


def test_the_readmes_pictures_are_what_the_screens_look_like() -> None:
    for file, text in readme_pictures().items():
        assert file.read_text(encoding="utf-8") == text, f"{file.name}: `python tests/pictures.py` draws it again"


# A real terminal --------------------------------------------------------------------------------------------------

_RUN = """
import sys
sys.path.insert(0, {tests!r})
from pretend import Pretend
from kiosk.screens.app import KioskApp, is_plain_terminal
KioskApp(Pretend().picking(), plain=is_plain_terminal()).run()
print("left whole")
"""


def _in_a_terminal(term: str, number: int) -> tuple[int, bytes]:
    """Run the app in a pseudo-terminal until its first picture, send it a signal; give its exit status and bytes."""
    child, terminal = pty.fork()
    if not child:
        os.environ.update(TERM=term, COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, "-c", _RUN.format(tests=str(ROOT / "tests"))])  # noqa: S606 - ourselves
    seen, told, until = b"", False, time.monotonic() + 20
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not told and b"sign out" in seen:
            os.kill(child, number)
            told = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_leaves_the_terminal_whole(number: signal.Signals) -> None:
    status, seen = _in_a_terminal("xterm-256color", number)
    assert status == 0
    after = seen.rpartition(b"sign out")[2]
    assert b"\x1b[?1049l" in after  # back from the alternate screen
    assert b"\x1b[?25h" in after  # the cursor shows
    assert b"left whole" in after


def test_the_linux_console_gets_sixteen_colours_and_signs_it_has() -> None:
    _, seen = _in_a_terminal("linux", signal.SIGTERM)
    assert b"38;2;" not in seen
    assert b"38;5;" not in seen
    assert b"\x1b[1;32;40m" in seen  # PASS: the console's own bright green on black
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(seen.partition(b"\x1b[?1049l")[0])
    text = "\n".join(screen.display)
    assert "hydrALAZINE 25 mg tablet" in text
    assert {character for character in text if not character.isascii()} <= set("─│·●█░▀▄√→")
