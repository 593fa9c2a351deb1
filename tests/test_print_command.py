"""What does `kiosk print` print, show and refuse, and what is in the record afterwards, kiosk running or not?"""

import datetime as dt
import errno
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import zxingcpp
from PIL import Image
from printing import LAYOUTS, NARROW, WIDE
from said import Run, asking

from kiosk import filled
from kiosk.commandline import Exit
from kiosk.commands import paper
from kiosk.commands.asking import answers
from kiosk.commands.printing import have_printed, tell, wishes
from kiosk.live.beside import Live
from kiosk.live.inbox import Inbox, answered
from kiosk.live.requests import ANSWER, REQUEST, Answer, LabelRow, Print, read_answer, write_json
from kiosk.looking import registers_of
from kiosk.sample import make_sample
from kiosk.station import Station
from kiosk.telling import Ended, Progress
from printers.canvas import Raster, png
from printers.drawing import draw
from printers.label import Paper
from printers.virtual import Glyphs, Sheet, VirtualPrinter
from stations.bench.events import StepFailed
from stations.records.journal import Entry, entries
from stations.records.registers import Registers
from stations.scanning.codes import read
from stations.scanning.ours import checklist_code, is_ours

NOW = dt.datetime.fromisoformat("2026-03-10T08:00:00-07:00")
BENCH = "bench-3"
SEAL = LAYOUTS["T20"]
QUOTES = "'\"\\" * 10_000
"""Every mark with which a value may be written, so often that none can stay as it is."""
PLACE = {"name": "03-A-12", "code": "L03A12Z"}
LINES_OF_PAPER = set(Glyphs.QUADRANTS + Glyphs.ASCII)


@pytest.fixture
def kiosk(capsys: pytest.CaptureFixture[str]) -> Run:
    return asking(capsys)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hospital") / "site"
    make_sample(made, NOW)
    return made


@pytest.fixture
def site(hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("getpass.getuser", lambda: "ana.automation")
    return shutil.copytree(hospital, tmp_path / "site")


@pytest.fixture(scope="module")
def registers(hospital: Path) -> Registers:
    return registers_of(hospital, BENCH)


class Running:
    """A kiosk that runs: the station with all its threads, and its printer."""

    def __init__(self, site: Path) -> None:
        self.printer = VirtualPrinter()
        self.station = Station(site, None, lambda: NOW, transport=self.printer, live=True)
        self.station.start()
        self.live = Live(self.station)
        self.live.start()

    def close(self) -> None:
        self.live.close()
        self.station.close()


@pytest.fixture
def running(site: Path) -> Iterator[Running]:
    opened = Running(site)
    yield opened
    opened.close()


def recorded(site: Path) -> list[Entry]:
    return [entry for entry in entries(site / "stations" / BENCH / "journal") if entry.kind == "label"]


def states(site: Path) -> list[str]:
    return [one["state"] for entry in recorded(site) for one in entry.data["labels"]]


def codes(picture: bytes | Path) -> list[str]:
    """Every code on the paper from the top down."""
    with Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]


def came_out(raw: bytes, width: Paper = Paper.MM80) -> tuple[Sheet, ...]:
    """What a printer makes of these bytes."""
    printer = VirtualPrinter(width)
    printer.send(raw)
    return printer.paper()


def scanned(sheet: Raster) -> list[str]:
    return codes(png(sheet))


# With the kiosk running -----------------------------------------------------------------------------------------------


def test_the_running_kiosk_prints_the_label_and_the_command_tells_its_id(
    kiosk: Run, site: Path, running: Running
) -> None:
    said = kiosk("--data", site, "print", "T20", "--sample", "seal_no=ZZ-9")
    assert said.status == Exit.DONE, said.err
    (line,) = said.lines
    label, _, rest = line.partition(" ")
    assert is_ours(label)
    assert rest == "sent to the printer; scan it back at the bench to confirm it"
    (sheet,) = running.printer.paper()
    assert label in scanned(sheet)
    assert recorded(site)[0].data["by"] == "user:ana.automation"
    assert states(site) == ["queued", "sending", "sent"]
    assert list((site / "inbox").iterdir()) == []


def test_a_label_waits_in_the_running_kiosk_for_a_printer_that_is_not_ready(
    kiosk: Run, site: Path, running: Running
) -> None:
    running.printer.set_state("out-of-paper")
    said = kiosk("--data", site, "print", "T20", "--sample")
    assert said.status == Exit.DEVICE
    assert said.err.startswith("The printer is out of paper; load a roll. K")
    assert "the label waits and is printed when the printer is ready" in said.err
    assert running.printer.paper() == ()
    (job,) = running.station.bench.kept.jobs
    running.printer.set_state("ready")
    running.station.retry()
    row = running.station.label_state(job.ticket, 0)
    while row is not None and row["state"] != "sent":
        row = running.station.label_state(job.ticket, 20)
    assert len(running.printer.paper()) == 1


def test_a_cable_pulled_in_the_middle_leaves_a_label_that_a_person_must_look_at(
    kiosk: Run, site: Path, running: Running
) -> None:
    running.printer.set_state("drop-after", 2000)
    said = kiosk("--data", site, "print", "T20", "--sample")
    assert (said.status, said.out) == (Exit.DEVICE, "")
    assert "The line to the printer broke after 2000 of" in said.err
    assert said.err.rstrip().endswith("tear off what came out and scan it.")
    assert states(site)[-1] == "unknown"


def test_a_request_that_came_twice_is_printed_once_and_answered_twice(site: Path) -> None:
    printer = VirtualPrinter()
    request = Print(ticket="ticket-1", template="location", fields={**PLACE}, by="user:ana")
    told = []
    for _ in range(2):
        with Station(site, None, lambda: NOW, transport=printer) as station:
            station.settle()
            told += [through_the_inbox(station, request), through_the_inbox(station, request)]
    assert {answer.label for answer in told} == {LabelRow(label="K000000017", state="sent")}
    assert len(printer.paper()) == 1


def through_the_inbox(station: Station, request: Print) -> Answer:
    path = station.site / "inbox" / f"r{REQUEST}"
    write_json(path, request)
    Inbox(station).take(path)
    answer = read_answer(station.site / "inbox" / f"r{ANSWER}")
    (station.site / "inbox" / f"r{ANSWER}").unlink()
    return answer


@pytest.mark.parametrize(
    ("template", "fields", "why"),
    [
        ("T99", {}, "there is no label 'T99'"),
        ("location", {"name": "03-A-12"}, "location, field code: nothing was given"),
        ("location", {**PLACE, "colour": "red"}, "location has no field 'colour'"),
    ],
)
def test_a_request_that_cannot_be_drawn_is_refused_and_leaves_no_trace(
    site: Path, template: str, fields: dict[str, str | list[str]], why: str
) -> None:
    with Station(site, None, lambda: NOW, transport=VirtualPrinter()) as station:
        station.settle()
        answer = through_the_inbox(station, Print(ticket="ticket-1", template=template, fields=fields, by="user:ana"))
    assert not answer.done
    assert answer.recorded
    assert answer.says.startswith(why)
    assert recorded(site) == []


HOSTILE = {
    "no copy": {"copies": 0},
    "too many copies": {"copies": 100},
    "copies in words": {"copies": "two"},
    "half a copy": {"copies": 1.5},
    "a stamp of no bench": {"stamped": ["blood_group"]},
    "a stamp that the label lacks": {"stamped": ["label_id"]},
    "a label id of its own": {"template": "T20", "fields": {"label_id": "K000000017"}},
    "a time of its own": {"template": "T20", "fields": {"time": "2020-01-01 00:00"}},
    "no ticket": {"ticket": ""},
    "a ticket of other letters": {"ticket": "../../ticket"},
    "a ticket with a line end": {"ticket": "ticket-1\n"},
    "an enormous ticket": {"ticket": "t" * 100_000},
    "no label": {"template": ""},
    "an enormous label": {"template": "T" * 100_000},
    "the mark of a reprint": {"template": "T23", "fields": {"duplicate": "1", "reprinted": "today", "reason": "torn"}},
    "fields in a list": {"fields": ["03-A-12"]},
    "a number for a text": {"fields": {"name": 3, "code": "L03A12Z"}},
    "a list for a text": {"fields": {"name": ["03-A-12"], "code": "L03A12Z"}},
    "an enormous text": {"fields": {"name": "n" * 100_000, "code": "L03A12Z"}},
    "many texts": {"fields": {"name": ["n"] * 201, "code": "L03A12Z"}},
    "many fields": {"fields": {f"f{number}": "x" for number in range(101)}},
    "nobody asks": {"by": "user:"},
    "somebody with a line end asks": {"by": "user:ana\n"},
    "another kind": {"kind": "k" * 100_000},
    "one without its label": {"template": None},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_request_that_no_command_makes_is_answered_with_no_and_the_next_one_is_printed(
    site: Path, change: dict[str, object]
) -> None:
    good = {"kind": "print", "ticket": "ticket-1", "template": "location", "fields": PLACE, "by": "user:ana"}
    with Station(site, None, lambda: NOW, transport=VirtualPrinter()) as station:
        station.settle()
        refused, printed = (told(station, json.dumps(one).encode()) for one in (good | change, good))
        assert not station.bench.out_of_order
    assert (refused.done, refused.recorded, refused.label) == (False, True, None)
    assert refused.says.count("\n") == 0
    assert 0 < len(refused.says) < 700
    assert printed.done
    assert states(site) == ["queued", "sending", "sent"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"[" * 100_000,
        b'{"kind":"print","x":' + b"[" * 100_000,
        b'{"\xff":1}',
        b" " * (1 << 20) + b"{}",
    ],
    ids=["empty", "no text", "null", "brackets", "brackets within", "no text within", "enormous"],
)
def test_what_is_no_request_is_answered_with_no(site: Path, data: bytes) -> None:
    with Station(site, None, lambda: NOW, transport=VirtualPrinter()) as station:
        station.settle()
        answer = told(station, data)
    assert not answer.done
    assert answer.says.startswith(f"r{REQUEST}: ")


def told(station: Station, data: bytes) -> Answer:
    """The answer to a request of these bytes, which is gone then."""
    path, answer = (station.site / "inbox" / f"r{ending}" for ending in (REQUEST, ANSWER))
    path.write_bytes(data)
    Inbox(station).take(path)
    assert [left.name for left in path.parent.iterdir()] == [answer.name]
    said = read_answer(answer)
    answer.unlink()
    return said


def test_a_command_is_told_where_its_request_was_put_away_without_an_answer(
    site: Path, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("kiosk.live.inbox.write_json", full)
    request = Print(ticket="ticket-1", template="location", fields={**PLACE}, by="user:ana")
    with Progress("test") as progress, pytest.raises(Ended, match="put away without an answer") as ended:
        next(answers(site, BENCH, lambda: NOW, [request], progress))
    assert ended.value.status == Exit.DEVICE
    assert not running.station.bench.out_of_order


def test_a_station_that_has_stopped_itself_prints_nothing_and_says_why(site: Path) -> None:
    with Station(site, None, lambda: NOW, transport=VirtualPrinter()) as station:
        station.post(StepFailed(at=NOW, says="broken"))
        station.settle()
        answer = answered(station, Print(ticket="ticket-1", template="location", fields={**PLACE}, by="user:ana"))
    assert not answer.done
    assert not answer.recorded
    assert "The station met a fault of its own" in answer.says


def test_a_record_that_cannot_take_a_label_ends_the_command_as_a_broken_journal_does(
    site: Path, running: Running
) -> None:
    running.station.post(StepFailed(at=NOW, says="broken"))
    request = Print(ticket="ticket-1", template="location", fields={**PLACE}, by="user:ana")
    with Progress("test") as progress, pytest.raises(Ended, match="a fault of its own") as ended:
        next(answers(site, BENCH, lambda: NOW, [request], progress))
    assert ended.value.status == Exit.JOURNAL


# With no kiosk running ------------------------------------------------------------------------------------------------


def test_without_a_kiosk_the_station_is_opened_and_a_virtual_printer_shows_its_paper(kiosk: Run, site: Path) -> None:
    first, second = (kiosk("--data", site, "print", "location", "code=L03A12Z") for _ in range(2))
    assert (first.status, second.status) == (Exit.DONE, Exit.DONE)
    assert first.lines[-1] == "K000000017 sent to the printer"  # it carries no id of its own, so nothing to scan back
    assert second.lines[-1] == "K000000025 sent to the printer"
    assert set("".join(first.lines[:-1])) <= LINES_OF_PAPER
    assert states(site) == ["queued", "sending", "sent"] * 2


def test_a_file_that_stands_for_the_printer_takes_the_label(kiosk: Run, site: Path) -> None:
    path = site / "stations" / BENCH / "station.toml"
    path.write_text(path.read_text().replace('"virtual"', '"file"').replace("roll-80", "roll-80-silent"))
    said = kiosk("--data", site, "print", "T20", "--sample")
    assert said.status == Exit.DONE
    (sheet,) = came_out((site / "stations" / BENCH / "spool" / "labels.bin").read_bytes())
    assert said.lines[-1].split()[0] in scanned(sheet)


def test_what_waits_is_printed_once_by_the_kiosk_that_starts_next(site: Path) -> None:
    printer = VirtualPrinter()
    printer.set_state("cover-open")
    wanted = wishes(LAYOUTS["location"], [{**PLACE}] * 3, 1, "ana")
    rows = have_printed(site, BENCH, lambda: NOW, wanted, printer)
    assert [row.state for row in rows] == ["waiting"] * 3
    with pytest.raises(
        Ended, match=r"cover is open; close it. K.* to K.*: 3 labels wait and are printed when"
    ) as ended:
        tell(rows, 3, scans_back=False)
    assert ended.value.status == Exit.DEVICE
    assert printer.paper() == ()
    printer.set_state("ready")
    for _ in range(2):
        with Station(site, None, lambda: NOW, transport=printer) as station:
            station.settle()
    assert len(printer.paper()) == 3


@pytest.mark.parametrize(("after", "state"), [(0, "failed"), (3000, "unknown")])
def test_a_line_that_breaks_ends_a_batch_so_that_the_rest_is_not_spoilt(site: Path, after: int, state: str) -> None:
    printer = VirtualPrinter()
    printer.set_state("drop-after", after)
    rows = have_printed(site, BENCH, lambda: NOW, wishes(LAYOUTS["location"], [{**PLACE}] * 3, 1, "ana"), printer)
    assert [row.state for row in rows] == [state]
    with pytest.raises(Ended, match="2 of 3 labels were not asked for after that") as ended:
        tell(rows, 3, scans_back=True)
    assert ended.value.status == Exit.DEVICE


@pytest.mark.parametrize(
    ("state", "scans_back", "sentence"),
    [
        ("unknown", True, "It broke. K1: tear off what came out and scan it."),
        ("unknown", False, "It broke. K1: tear off what came out and see whether it is whole."),
        ("failed", True, "It broke. K1 was not printed; at the bench it can be printed again or given up."),
        ("waiting", True, "It broke. K1: the label waits and is printed when the printer is ready and the kiosk runs."),
        ("sending", True, "K1 is still being printed; kiosk log tells what becomes of it."),
        ("void", True, "K1 was given up at the bench."),
    ],
)
def test_every_end_of_a_label_has_its_sentence(state: str, scans_back: bool, sentence: str) -> None:  # noqa: FBT001 - a table's column
    with pytest.raises(Ended) as ended:
        tell([LabelRow(label="K1", state=state, says="It broke.")], 1, scans_back=scans_back)
    assert ended.value.sentences == (sentence,)


def test_several_labels_are_told_with_their_number(capsys: pytest.CaptureFixture[str]) -> None:
    tell([LabelRow(label=f"K{n}", state="sent") for n in range(3)], 3, scans_back=True)
    assert (
        capsys.readouterr().out == "3 labels sent to the printer, K0 to K2; scan each back at the bench to confirm it\n"
    )


def test_copies_come_out_of_one_job(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "print", "location", "code=L03A12Z", "--copies", 2, "--raw", site / "two.bin")
    assert said.status == Exit.DONE
    assert [scanned(sheet) for sheet in came_out((site / "two.bin").read_bytes())] == [["L03A12Z"]] * 2
    assert kiosk("--data", site, "print", "location", "code=L03A12Z", "--copies", 2).lines[-1].startswith("K000000017 ")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["T20", "--sample", "--paper", "58"], "80 mm paper"),
        (["T20", "--sample", "label_id=K000000017"], "T20, field label_id: a value was given"),
        (["T20", "--sample", "station=Bench 9"], "the bench fills it in"),
        (["T20", "--sample", "time=2020-01-01 00:00"], "the bench fills it in"),
        (["T20", "--sample", "seal_no=1", "initials=XX"], "the bench fills it in"),
        (["T23", "--sample"], "T23 is not printed alone"),
        (["T20", "x" * 100_000], "expected FIELD=VALUE"),
        (["T" * 100_000], "there is no label"),
        (["location", f"code={'L' * 100_000}"], "found no place with"),
        (["T20", "wherever"], "FIELD=VALUE"),
        (["T20", "seal_no=1", "seal_no=2"], "given 2 times"),
        (["location", "--each", "99"], "no place for '99'"),
        (["badge", "person=OLD"], "no active person with person=OLD"),
    ],
)
def test_what_is_asked_wrongly_is_one_sentence_and_nothing_is_recorded(
    kiosk: Run, site: Path, words: list[str], found: str
) -> None:
    said = kiosk("--data", site, "print", *words)
    assert (said.status, said.out) == (Exit.USAGE, "")
    assert found in said.err
    assert said.err.count("\n") == 1
    assert len(said.err) < 700
    assert recorded(site) == []


@pytest.mark.parametrize(
    "words",
    [
        ["T20", "--sample", f"seal_no={'9' * 17}"],
        ["T20", "--sample", "from=\x1b@"],
        ["T20"],
        ["T20", "--sample", f"from={'A' * 100_000}"],
        ["T20", "--sample", f"from={QUOTES}"],
    ],
    ids=["long", "control", "empty", "enormous", "quotes"],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_printed(kiosk: Run, site: Path, words: list[str]) -> None:
    said = kiosk("--data", site, "print", *words)
    assert (said.status, said.out) == (Exit.DATA, "")
    assert said.err.startswith("T20, field ")
    assert said.err.count("\n") == 1
    assert len(said.err) < 200
    assert recorded(site) == []


def test_one_label_that_cannot_be_drawn_refuses_the_whole_batch(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "print", "location", "--each", "all", f"kind={'x' * 31}")
    assert said.status == Exit.DATA
    assert recorded(site) == []


# A look ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 58])
def test_a_label_is_a_picture_whose_code_can_be_read_and_bytes_that_print_it(
    kiosk: Run, tmp_path: Path, width: int
) -> None:
    picture, raw = tmp_path / "seal.png", tmp_path / "seal.bin"
    said = kiosk(
        *("--data", tmp_path / "none", "print", "T20", "seal_no=ZZ-9", "--sample"),
        *("--paper", width, "--preview", picture, "--raw", raw),
    )
    assert said.status == Exit.DONE
    with Image.open(picture) as image:
        assert image.width == (576 if width == 80 else 384)
    assert codes(picture) == scanned(came_out(raw.read_bytes(), Paper(width))[0]) != []


@pytest.mark.parametrize("after", [["seal_no=ZZ-9"], ["seal_no=a.b/c", "seal_no=ZZ-9"], [], ["--sample"]])
def test_a_preview_without_a_file_is_shown_with_its_words_and_eats_no_field(
    kiosk: Run, site: Path, after: list[str]
) -> None:
    words = ["--preview", *after] if len(after) < 2 else [after[1], "--preview", after[0].replace("seal_no", "total")]
    said = kiosk("--data", site, "print", "T20", "--sample", *words)
    assert said.status == Exit.DONE, said.err
    seals = [line for line in said.lines if line.startswith("Seal ")]
    assert seals[0] == ("Seal ZZ-9" if after and after != ["--sample"] else "Seal S-0004127")
    assert set(said.lines[0]) <= LINES_OF_PAPER
    assert recorded(site) == []


def test_the_name_may_stand_behind_a_preview(kiosk: Run, site: Path) -> None:
    assert kiosk("--data", site, "print", "--preview", "T20", "--sample").status == Exit.DONE


def test_a_look_needs_no_data_folder_and_printing_does(kiosk: Run, tmp_path: Path) -> None:
    words = ("--data", tmp_path / "none", "print", "T20", "--sample")
    assert kiosk(*words, "--preview").status == Exit.DONE
    assert "no data folder" in kiosk(*words).err
    assert "no data folder" in kiosk("--data", tmp_path / "none", "print", "badge", "person=AT", "--preview").err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "words", [["T23"], ["T20", "label_id=K000000017", "station=B", "time=2026-03-10 07:00", "initials=XX"]]
)
def test_a_look_may_show_what_only_the_bench_prints(kiosk: Run, site: Path, words: list[str]) -> None:
    said = kiosk("--data", site, "print", *words, "--sample", "--preview", site / "a.png", "--raw", site / "a.bin")
    assert said.status == Exit.DONE, said.err


def test_bytes_that_a_full_disk_does_not_take_are_told_as_any_file_that_cannot_be_written(
    kiosk: Run, site: Path
) -> None:
    full = kiosk("--data", site, "print", "T20", "--sample", "--raw", "/dev/full")
    assert (full.status, full.err) == (Exit.DEVICE, "/dev/full: No space left on device.\n")
    nowhere = kiosk("--data", site, "print", "T20", "--sample", "--preview", site / "no" / "a.png")
    assert (nowhere.status, nowhere.err) == (Exit.DEVICE, f"{site}/no/a.png: No such file or directory.\n")


def test_a_preview_never_looks_like_a_label_that_was_printed(kiosk: Run, site: Path) -> None:
    given = ["seal_no=1", "from=a", "to=b", "items=c", "total=1"]
    said = kiosk("--data", site, "print", "T20", *given, "--preview", site / "seal.png")
    assert said.status == Exit.DONE, said.err
    assert filled.PREVIEW in codes(site / "seal.png")
    assert read(filled.PREVIEW, NOW.date()).outcome == "unknown-code"
    shown = kiosk("--data", site, "print", "T20", *given, "--preview")
    assert "Sealed by anaautom, Bench 3" in shown.lines


def test_a_user_without_a_name_is_told_by_number(kiosk: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 1234)
    assert kiosk("--data", site, "print", "location", "code=L03A12Z").status == Exit.DONE
    assert recorded(site)[0].data["by"] == "user:u1234"


@pytest.mark.parametrize(
    ("encoding", "term", "kind"),
    [("utf-8", "xterm", Glyphs.QUADRANTS), ("utf-8", "linux", Glyphs.HALVES), ("ascii", "xterm", Glyphs.ASCII)],
)
def test_paper_is_shown_with_characters_that_the_terminal_has(
    monkeypatch: pytest.MonkeyPatch, encoding: str, term: str, kind: Glyphs
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert paper.glyphs() is kind


@pytest.mark.parametrize("columns", [40, 80, 500])
def test_paper_is_never_wider_than_the_terminal(
    kiosk: Run, site: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    said = kiosk("--data", site, "print", "location", "code=L03A12Z", "--preview")
    assert max(map(len, said.lines)) <= min(columns, 288)


# What fills itself ----------------------------------------------------------------------------------------------------


def test_the_command_sheet_carries_the_checklists_of_the_site(kiosk: Run, site: Path) -> None:
    path = site / "checklists" / "automation" / "cycle-count.toml"
    path.write_text(path.read_text().replace('title = "Cycle count"', 'title = "Count again"'))
    said = kiosk("--data", site, "print", "command-sheet", "--preview")
    assert said.status == Exit.DONE, said.err
    assert "Count again" in said.out
    sheet = came_out(raw_of(kiosk, site, "command-sheet"))[0]
    assert {"CCONFIRM9", "C0Q", checklist_code("automation.cycle-count")} <= set(scanned(sheet))


def raw_of(kiosk: Run, site: Path, *words: object) -> bytes:
    said = kiosk("--data", site, "print", *words, "--raw", site / "raw.bin")
    assert said.status == Exit.DONE, said.err
    return (site / "raw.bin").read_bytes()


@pytest.mark.parametrize("profile", [WIDE, NARROW], ids=lambda profile: profile.name)
def test_the_test_page_needs_no_fields_and_holds_the_printers_own_letters(
    kiosk: Run, tmp_path: Path, profile: SimpleNamespace
) -> None:
    raw = raw_of(kiosk, tmp_path, "test-page", "--paper", int(profile.paper))
    assert f"{profile.name}: {profile.columns} columns".encode() in raw


def test_the_sample_of_a_label_is_printed_with_stamps_of_its_own(kiosk: Run, site: Path, running: Running) -> None:
    said = kiosk("--data", site, "print", "T20", "--sample")
    (job,) = running.station.jobs
    stamps = {name: job.fields[name] for name in filled.STAMPS}
    made = {"station": "Bench 3", "initials": "anaautom", "time": "2026-03-10 08:00"}
    assert stamps == {"label_id": said.lines[-1].split()[0], **made}


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_every_label_can_be_looked_at_before_it_has_an_id(name: str) -> None:
    samples = filled.sampled(LAYOUTS[name])
    given = {field: value for field, value in samples.items() if field not in filled.STAMPS}
    shown = filled.previewed(given, filled.stamped(LAYOUTS[name], given), station="Bench 3", by="AT", at=NOW)
    assert shown.keys() == samples.keys()
    for width in LAYOUTS[name].papers:
        drawn = [content for _, content in draw(LAYOUTS[name], shown, width).codes]
        assert ("label_id" in shown) == (filled.PREVIEW in drawn)


# From the registers ---------------------------------------------------------------------------------------------------


def test_a_badge_is_filled_by_its_person(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "print", "badge", "person=AT", "--preview", site / "at.png")
    assert said.status == Exit.DONE, said.err
    assert codes(site / "at.png") == ["B0042173"]


def test_what_a_thing_is_comes_from_the_register_and_what_it_holds_may_be_typed(registers: Registers) -> None:
    found = filled.looked_up(LAYOUTS["T05"], {"location": "03-A-12", "max": "99"}, registers)
    assert (found["name"], found["max"]) == ("hydrALAZINE", "99")
    for name, value in (("name", "morphine"), ("location_code", "LQUAR1K")):
        with pytest.raises(filled.NotFilled, match=r"the register holds '.*'; leave it out\."):
            filled.looked_up(LAYOUTS["T05"], {"location": "03-A-12", name: value}, registers)
    with pytest.raises(filled.NotFilled, match="the register holds"):
        filled.each(LAYOUTS["badge"], "AT", {"name": "Somebody Else"}, registers)


def test_what_is_given_whole_needs_no_row(registers: Registers) -> None:
    given: filled.Values = {"code": "LNEW01", "name": "a new shelf"}
    assert filled.looked_up(LAYOUTS["location"], given, registers) == given


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("AT", ["AT"]),
        ("ana", ["AT"]),
        ("Ana Automation", ["AT"]),
        ("Compliance", ["CT"]),
        ("p1", ["P1"]),
    ],
)
def test_badges_are_for_initials_a_name_or_a_role(registers: Registers, words: str, people: list[str]) -> None:
    found = [str(values["person"]) for values in filled.each(LAYOUTS["badge"], words, {}, registers)]
    assert set(people) <= set(found)
    by_role = {str(row["person"]) for row in registers.rows("staff") if words.lower() in row["roles"]}
    assert set(found) == set(people) | by_role


@pytest.mark.parametrize("words", ["", "all", " ALL "])
def test_everybody_is_everybody_who_works_here(registers: Registers, words: str) -> None:
    found = [values["person"] for values in filled.each(LAYOUTS["badge"], words, {}, registers)]
    assert found == [row["person"] for row in registers.rows("staff") if row["status"] == "active"]
    assert len(found) < registers.count("staff")


def test_places_of_one_beginning_are_one_long_picture_and_as_many_cut_labels(kiosk: Run, site: Path) -> None:
    said = kiosk(
        *("--data", site, "print", "location", "--each", "03-a"),
        *("--preview", site / "shelves.png", "--raw", site / "shelves.bin"),
    )
    assert said.status == Exit.DONE, said.err
    assert "2 x location" in said.out
    assert codes(site / "shelves.png") == ["L03A12Z", "L03A13X"]
    assert [scanned(sheet) for sheet in came_out((site / "shelves.bin").read_bytes())] == [["L03A12Z"], ["L03A13X"]]


def test_a_batch_that_is_printed_is_one_job_a_label(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "print", "location", "--each", "L03A")
    assert said.lines[-1] == "2 labels sent to the printer, K000000017 to K000000025"
    assert states(site) == ["queued", "sending", "sent"] * 2


def test_many_labels_show_how_far_they_are_and_few_do_not(
    kiosk: Run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_SHOW_AFTER_S", "_SHOW_EVERY_S"):
        monkeypatch.setattr(f"kiosk.telling.{name}", 0)
    few, many = (kiosk("--data", site, "print", "location", "--each", words) for words in ("03-A", "all"))
    assert "of 2" not in few.err
    count = registers_of(site, BENCH).count("location")
    assert f"drawing labels: {count} of {count}" in many.err
    assert f"printing: {count} of {count}" in many.err
    assert f"{count} labels sent to the printer" in many.out


@pytest.mark.parametrize("place", ["A4W-12", "LA4W12X"])
def test_a_bin_label_is_filled_by_its_place(registers: Registers, place: str) -> None:
    found = filled.looked_up(LAYOUTS["T05"], {"location": place}, registers)
    assert {name: found[name] for name in ("name", "strength", "form", "location", "location_code", "max", "min")} == {
        "name": "hydrALAZINE",
        "strength": "25 mg",
        "form": "tablet",
        "location": "A4W-12",
        "location_code": "LA4W12X",
        "max": "6",
        "min": "4",
    }
    assert found["warnings"] == ["LOOK-ALIKE SOUND-ALIKE"]


def test_bin_labels_are_for_a_cabinet_or_the_beginning_of_a_place(registers: Registers) -> None:
    def places(words: str) -> list[object]:
        return [values["location"] for values in filled.each(LAYOUTS["T05"], words, {}, registers)]

    assert places("A4W") == [f"A4W-{number}" for number in range(12, 19)]
    assert places("A4W-12") == ["A4W-12"]
    assert len(places("all")) == registers.count("stock_level")


def test_every_bin_of_the_hospital_has_a_label_that_can_be_drawn(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "print", "T05", "--each", "all", "--preview", site / "bins.png")
    assert said.status == Exit.DONE, said.err
    rows = registers_of(site, BENCH).rows("stock_level")
    assert [code for code in codes(site / "bins.png") if code != filled.PREVIEW] == [row["code"] for row in rows]


def test_a_place_with_two_drugs_asks_which(registers: Registers) -> None:
    rows = [dict(row) for row in registers.rows("stock_level", code="LA4W12X")]
    both = [*rows, {**rows[0], "item": "hydroxyzine-25-tab"}]

    class Two:
        def row(self, register: str, key: str) -> object:
            return registers.row(register, key)

        def rows(self, register: str, **_: str) -> object:
            return both if register == "stock_level" else ()

    with pytest.raises(filled.NotFilled, match=r"found 2 rows.*item=hydralazine-25-tab item=hydroxyzine-25-tab"):
        filled.looked_up(LAYOUTS["T05"], {"location": "A4W-12"}, Two())  # type: ignore[arg-type] # all that is asked of it
    chosen = filled.looked_up(LAYOUTS["T05"], {"location": "A4W-12", "item": "hydroxyzine-25-tab"}, Two())  # type: ignore[arg-type] # the same
    assert chosen["name"] == "hydrOXYzine"


def test_warnings_are_high_alert_look_alikes_hazards_and_schedules(registers: Registers) -> None:
    found = {
        str(row["item"]): filled.warnings(row)
        for row in registers.rows("item")
        if row["item"] in ("fentanyl-100-2-vial", "sampletrol-10-tab", "finasteride-1-tab")
    }
    assert found == {
        "fentanyl-100-2-vial": ["HIGH ALERT", "LOOK-ALIKE SOUND-ALIKE", "C-II"],
        "finasteride-1-tab": ["HAZARDOUS"],
        "sampletrol-10-tab": [],
    }


@pytest.mark.parametrize(
    ("element_string", "told"),
    [
        ("(01)00309991234567(17)270228(10)LOT7A", "whose check digit is 7; expected 3"),
        ("(01)00309991234563(17)271399(10)LOT7A", "which is no date"),
        ("(01)00309991234563(17)270228(10)OTHER", "the code holds lot OTHER, the label says LOT7A"),
        ("(01)00309991234563(17)280228(10)LOT7A", "the code holds expiry 2028-02-28, the label says 2027-02-28"),
        ("(01)00309991234563(10)LOT7A(10)LOT7B", "AI 10 is there twice"),
        ("(10)LOT7A", "field element_string"),
        ("0100309991234563", "identifiers in brackets"),
    ],
)
def test_a_product_code_that_is_wrong_or_says_otherwise_than_its_label_is_refused(
    kiosk: Run, tmp_path: Path, element_string: str, told: str
) -> None:
    words = ("--data", tmp_path / "none", "print", "T01", "--sample", f"element_string={element_string}")
    said = kiosk(*words, "--preview", tmp_path / "x.png")
    assert (said.status, told in said.err) == (Exit.DATA, True)
    assert not (tmp_path / "x.png").exists()


# Help -----------------------------------------------------------------------------------------------------------------


def test_every_example_of_the_help_does_what_it_shows(
    kiosk: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = kiosk("print", "--help").out.partition("examples:\n")[2]
    examples = [line.split()[1:] for line in text.splitlines()]
    assert len(examples) >= 5
    for words in examples:
        said = kiosk("--data", site, *words)
        assert said.status == Exit.DONE, (words, said.err)
