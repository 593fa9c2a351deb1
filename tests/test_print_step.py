"""What a person sees of labels: the paper as it will come out, how far it is, what is in doubt, what becomes void."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from pretend import HYDROXYZINE, START, Pretend
from printing import LAYOUTS
from screens_reached import PULLED, REACHED, painted, seen
from textual.pilot import Pilot

from kiosk.screens.app import KioskApp
from kiosk.screens.burst import Burst
from kiosk.screens.hand import Hand
from kiosk.screens.labels import job_here, state_words
from kiosk.screens.lines import FULL, LETTERS, PLAIN, Glyphs
from kiosk.screens.paper import scaled
from kiosk.screens.preview import Previews, preview_of
from kiosk.screens.surface import Surface
from printers import job as printing
from printers.label import Paper
from printers.virtual import Sheet, blocks
from stations.bench.events import JobReported
from stations.bench.kept import Job
from stations.bench.state import Printer

SIZES = ((80, 24), (160, 50))


def text_of(app: KioskApp) -> str:
    shown = app.query_one("#work", Surface)
    return "\n".join(shown.render_line(y).text for y in range(shown.size.height))


def job_of(station: Pretend) -> Job:
    job = job_here(station.bench, START)
    assert job is not None
    return job


# As it will come out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", [Paper.MM80, Paper.MM58])
def test_the_paper_on_the_screen_is_the_one_that_the_printer_draws(paper: Paper) -> None:
    for name in ("task-print", "task-reprinted"):
        job = job_of(REACHED[name]())
        drawing = printing.drawn(
            printing.Job(
                id=f"{job.id}#{job.duplicate}",
                template=job.template,
                fields=job.fields,
                duplicate=job.duplicate,
                reason=job.reason,
                reprinted=job.reprinted,
                replaces=job.replaces,
            ),
            LAYOUTS,
            paper,
        )
        preview = preview_of(job, LAYOUTS, paper)
        assert preview.sheet == Sheet(width=drawing.width, height=drawing.height, rows=drawing.rows, cut=True)
        assert preview.says == drawing.text


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("glyphs", [FULL, PLAIN, LETTERS], ids=["quadrants", "halves", "letters"])
def test_the_whole_label_stands_in_the_middle_as_blocks(width: int, height: int, glyphs: Glyphs) -> None:
    found = seen("task-print")
    assert found.label is not None
    assert found.label.sheet is not None
    rows = painted(found, width=width, height=height, glyphs=glyphs).split("\n")
    right = [row.partition("│")[2] for row in rows]
    first = next(at for at, row in enumerate(right) if "T20" in row) + 1
    ways = [
        picture
        for columns in range(8, 97)
        if (picture := blocks(found.label.sheet, columns, glyphs.paper))
        and all(row[3:].startswith(line) for line, row in zip(picture, right[first:], strict=False))
    ]
    picture = max(ways, key=len)
    assert len(picture) >= height * 3 // 8
    assert "Tear off the label and scan it" in right[first + len(picture)] + right[first + len(picture) + 1]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_label_has_its_template_its_id_and_its_words_beside_it(width: int, height: int) -> None:
    text = painted(seen("task-print"), width=width, height=height)
    for words in ("T20 · K03000001U", "TAMPER SEAL", "3 x hydrALAZINE 25 mg tablet"):
        assert words in text


def test_words_of_a_label_that_have_no_room_are_counted() -> None:
    text = painted(seen("task-print"))
    found = seen("task-print").label
    assert found is not None
    assert "more lines" in text
    assert "more lines" not in painted(seen("task-print"), width=160, height=50)
    assert found.says[-1] in painted(seen("task-print"), width=160, height=50)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_reprint_shows_its_mark_and_what_is_void(width: int, height: int) -> None:
    text = painted(seen("task-reprinted"), width=width, height=height)
    assert "T20 · K03000002S   DUPLICATE 1" in text
    assert "DUPLICATE 1 - REPRINTED 2026-03-10" in text
    assert "Void: K03000001U. Destroy it." in text


def test_a_label_that_cannot_be_drawn_says_why() -> None:
    job = job_of(REACHED["task-print"]())
    preview = preview_of(replace(job, fields={}), LAYOUTS, Paper.MM80)
    assert preview.sheet is None
    assert preview.says[0].startswith("It cannot be drawn: T20, field ")


@pytest.mark.parametrize(("width", "height"), [(42, 22), (60, 16), (80, 20), (200, 60)])
def test_however_little_room_there_is_the_state_and_the_answer_stay(width: int, height: int) -> None:
    text = " ".join(painted(seen("task-print"), Hand(typed="K03"), width, height).replace("│", " ").split())
    assert "Tear off the label and scan it" in text
    assert "K03_" in text


# Drawn once, beside -----------------------------------------------------------------------------------------------


def test_a_job_is_drawn_once_and_its_reprint_once_more() -> None:
    station = REACHED["task-reprinted"]()
    previews, job = Previews(station), job_of(station)
    first = replace(job, duplicate=0, reason="", reprinted="", replaces="")
    assert previews.known(first) is None
    previews.draw(first)
    assert previews.known(first) is previews.known(replace(first, state="sent"))
    assert previews.known(job) is None


def test_a_label_that_has_not_left_is_drawn_anew_when_its_layout_was_edited() -> None:
    station = REACHED["task-no-paper"]()
    previews, job = Previews(station), job_of(station)
    previews.draw(job)
    out = previews.known(replace(job, state="sent"))
    station.read = replace(station.read, layouts={**LAYOUTS})
    assert previews.known(job) is None
    assert previews.known(replace(job, state="sent")) is out


def test_old_drawings_are_let_go() -> None:
    station = REACHED["task-no-paper"]()
    previews, job = Previews(station), job_of(station)
    for number in range(20):
        previews.draw(replace(job, id=f"K{number}"))
    assert [previews.known(replace(job, id=f"K{number}")) is not None for number in (0, 10, 19)] == [False, False, True]


def test_a_sheet_is_scaled_once_for_each_size() -> None:
    sheet = Sheet(width=8, height=16, rows=bytes([0xFF, 0x81, 0x0F, 0xAA] * 4), cut=True)
    assert scaled(sheet, 4, FULL.paper) is scaled(sheet, 4, FULL.paper)
    assert scaled(sheet, 4, FULL.paper) != scaled(sheet, 4, PLAIN.paper)


class Slow(Previews):
    """Draws no label before it is allowed to."""

    def __init__(self, station: Pretend) -> None:
        super().__init__(station)
        self.asked, self.allowed, self.drawn = threading.Event(), threading.Event(), 0

    def draw(self, job: Job) -> None:
        self.asked.set()
        assert self.allowed.wait(20)
        self.drawn += 1
        super().draw(job)


async def until(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await pilot.pause(0.005)


def test_a_verdict_is_shown_while_the_label_is_still_being_drawn() -> None:
    station = REACHED["task-decision"]()
    slow = Slow(station)

    async def play() -> None:
        app = KioskApp(station, burst=Burst(gap=0.0))
        app._previews = slow
        async with app.run_test(size=(80, 24)) as pilot:
            station.choose("approve")
            await until(pilot, slow.asked.is_set)
            assert "P1 verified it." in text_of(app)
            assert "T20 · K03000001U" in text_of(app)
            assert "TAMPER SEAL" not in text_of(app)
            station.scan(HYDROXYZINE)
            await until(pilot, lambda: "the label just printed" in text_of(app))
            slow.allowed.set()
            await until(pilot, lambda: "TAMPER SEAL" in text_of(app))
            for _ in range(3):
                app._ticked()
        assert slow.drawn == 1

    asyncio.run(play())


# How far it is ----------------------------------------------------------------------------------------------------

_OUT = "The printer is out of paper; load a roll."
_NOBODY_KNOWS = "It is not known whether it came out: tear off what came out and scan it, or press reprint."
_STATES = [
    ("queued", "", Printer(answer="ready"), "It waits for the printer."),
    ("queued", "", Printer(answer="fault", says=_OUT), f"It waits for the printer. {_OUT} Then press Enter."),
    ("waiting", _OUT, Printer(answer="untold"), f"It waits for the printer. {_OUT} Then press Enter."),
    ("sending", "", Printer(), "It is being printed."),
    ("sent", "", Printer(), "Tear off the label and scan it: K000000017."),
    ("failed", "No way to it.", Printer(), "It did not come out. No way to it. Mend the printer and press Enter."),
    ("unknown", PULLED, Printer(), f"{PULLED} {_NOBODY_KNOWS}"),
]


@pytest.mark.parametrize(("state", "why", "printer", "says"), _STATES)
def test_each_state_of_a_label_says_what_to_do(state: str, why: str, printer: Printer, says: str) -> None:
    job = Job(id="K000000017", template="T20", fields={}, state=state, says=why)
    assert state_words(job, printer) == says
    assert why not in state_words(job, printer, told=f"{why} Told.") or not why


@pytest.mark.parametrize("state", ["sending", "failed", "unknown", "waiting"])
def test_the_step_shows_the_state_as_it_is_reported(state: str) -> None:
    station = REACHED["task-no-paper"]()
    for reported in ("sending", state) if state in ("failed", "unknown") else (state,):
        station.post(JobReported(at=START, job=job_of(station).id, state=reported, says=PULLED))
    found = station.view()
    assert found.ask.hint
    (says,) = found.ask.details
    assert says in " ".join(painted(found, width=160, height=50).replace("│", " ").split())


def test_help_at_a_print_step_is_about_the_label() -> None:
    text = " ".join(painted(seen("task-print"), Hand(panel="help")).split())
    assert "Tear it off and scan it: only that confirms it." in text
    assert "only that confirms it" not in painted(seen("task-package"), Hand(panel="help"))


# In doubt, and again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_home_tells_of_a_label_that_may_not_have_come_out(width: int, height: int) -> None:
    found = seen("home-in-doubt")
    text = " ".join(painted(found, width=width, height=height).split())
    says = "Label K03000001U (T07) in doubt: tear off and scan it, or press reprint; cancel gives it up."
    assert f"▲ {says}" in text
    assert "▲ labels: 1 in doubt" in text
    assert [command.label for command in found.commands][1:3] == ["reprint", "give up"]
    assert "1 Refill pick, A4W" in text


def test_home_names_the_label_to_settle_first_and_counts_the_others() -> None:
    station = REACHED["home-in-doubt"]()
    (job,) = station.bench.kept.jobs
    others = tuple(replace(job, id=f"K0300000{number}X", state="failed") for number in (2, 3))
    station.bench = replace(station.bench, kept=replace(station.bench.kept, jobs=(job, *others)))
    text = painted(station.view())
    assert "K03000001U" in text
    assert "and 2 more" in text
    assert "▲ labels: 3 in doubt" in text


def test_a_label_that_did_not_come_out_is_told_as_that() -> None:
    station = REACHED["home-in-doubt"]()
    (job,) = station.bench.kept.jobs
    failed = replace(job, state="failed")
    station.bench = replace(station.bench, kept=replace(station.bench.kept, jobs=(failed,)))
    assert station.view().doubts == (
        f"Label {job.id} (T07) did not come out. Press reprint to print it; cancel gives it up.",
    )


def test_a_label_in_doubt_names_nobody_and_nothing_at_the_door() -> None:
    station = REACHED["home-in-doubt"]().press("sign-out")
    text = painted(station.view())
    assert "▲ labels: 1 in doubt" in text
    assert station.view().doubts == ()


@pytest.mark.parametrize("name", ["task-reprint-why", "home-reprint-why"])
def test_who_prints_again_sees_which_label_and_what_will_be_void(name: str) -> None:
    found = seen(name)
    assert found.ask.item == "K03000001U"
    text = " ".join(painted(found, Hand(typed="torn")).replace("│", " ").split())
    assert "K03000001U is void then: tear it up." in text
    assert "torn_" in text
    assert found.says == ""


def test_a_label_of_which_no_byte_left_is_not_said_to_become_void() -> None:
    station = REACHED["task-no-paper"]()
    station.post(JobReported(at=START, job=job_of(station).id, state="failed", says="No way to it."))
    (becomes,) = station.press("reprint").view().ask.details
    assert "keeps this id" in becomes
    assert "void" not in becomes


def test_a_reason_too_long_for_a_label_is_told_and_asked_again() -> None:
    found = REACHED["task-reprint-why"]().enter("x" * 130).view()
    assert found.ask.item == "K03000001U"
    assert "Say it shorter." in painted(found)


def test_a_label_is_given_up_by_yes_alone() -> None:
    station = REACHED["home-give-up"]()
    text = painted(station.view())
    assert "K03000001U" in text
    assert "Y  Give it up" in text
    assert station.press("no").view().doubts
    assert not station.press("cancel").press("yes").view().doubts


def test_the_foot_counts_the_labels_on_the_way() -> None:
    station = Pretend().signed_in()
    station.answers_printer = False
    station.press("reprint")
    assert "● labels: 1 on the way" in painted(station.view())
    station.press("reprint")
    assert "● labels: 2 on the way" in painted(station.view())
