"""What the commands answer, and how they end: through `main`, and as processes where that is what matters."""

import csv
import datetime as dt
import fcntl
import importlib
import io
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Self
from unittest import mock

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from said import Run, asking

from kiosk import commandline
from kiosk.__main__ import main
from kiosk.commandline import Exit
from kiosk.sample import make_sample
from kiosk.scanners.paired import scanners_file
from kiosk.site import station_named
from kiosk.telling import Ended, Progress
from stations.records import imports
from stations.records.journal import Journal
from stations.records.lock import StationLock

PIPE = subprocess.PIPE
ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
MORNING = dt.datetime.fromisoformat("2026-03-10T08:00:00-07:00")
HOSTILE = "=cmd|' /C calc'!A1\x1b[2J\u202egnp"
SCRIPT = "badge B0042173\npin 420173\nexpect screen home\n"


@pytest.fixture
def kiosk(capsys: pytest.CaptureFixture[str]) -> Run:
    return asking(capsys)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hospital") / "site"
    make_sample(made, MORNING)
    return made


@pytest.fixture
def site(hospital: Path, tmp_path: Path) -> Path:
    return shutil.copytree(hospital, tmp_path / "site")


def started(*words: object, stdout: int = PIPE) -> subprocess.Popen[str]:
    """Start the program as a shell would."""
    command = [sys.executable, "-m", "kiosk", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=PIPE, stdout=stdout, stderr=PIPE)


# The command line -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        *("run", "demo", "init", "check", "import", "replay", "parse"),
        *("devices", "pair", "print", "log", "verify", "worklist"),
    ],
)
def test_every_command_explains_itself_with_an_example_that_can_be_read(kiosk: Run, command: str) -> None:
    said = kiosk(command, "--help")
    assert said.status == Exit.DONE
    assert "--data DIR" in said.out
    examples = [line.strip().removeprefix("kiosk ") for line in said.out.partition("examples:\n")[2].splitlines()]
    assert examples
    assert all(command in example for example in examples)


def test_every_command_has_something_that_answers_it() -> None:
    words = {"import": ["staff", "x"], "replay": ["x"], "print": ["x"], "worklist": ["x"], "pair": ["scanner"]}
    commands = [
        "run",
        "demo",
        "init",
        "check",
        "import",
        "replay",
        "parse",
        "devices",
        "pair",
        "print",
        "log",
        "verify",
        "worklist",
    ]
    for command in commands:
        module, _, name = commandline.read([command, *words.get(command, [])]).answer.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


def test_what_can_be_imported_is_what_the_intake_takes() -> None:
    assert set(commandline.KINDS) == set(imports.KINDS)


@pytest.mark.parametrize("words", [("--data", "here", "check"), ("check", "--data", "here")])
def test_the_data_folder_is_named_before_the_command_or_after(words: tuple[str, ...]) -> None:
    assert commandline.read(words).data == Path("here")


def test_options_may_stand_among_the_files_and_fields() -> None:
    assert commandline.read(["import", "ndc", "a.txt", "--data", "x", "b.txt"]).files == [Path("a.txt"), Path("b.txt")]
    assert commandline.read(["print", "T20", "--sample", "a=1", "--paper", "58", "b=2"]).fields == ["a=1", "b=2"]


@pytest.mark.parametrize("name", sorted(commandline.RESERVED))
def test_a_name_kept_for_later_is_refused_with_a_sentence(kiosk: Run, name: str) -> None:
    said = kiosk(name, "--serve", "localhost:80")
    assert said.status == Exit.USAGE
    assert said.err.count("\n") == 1
    assert "later version" in said.err


@pytest.mark.parametrize(
    ("status", "words", "found"),
    [
        (Exit.USAGE, ["sneeze"], "sneeze"),
        (Exit.USAGE, ["parse", "--today", "soon"], "soon"),
        (Exit.USAGE, ["import", "toys", "x.csv"], "toys"),
        (Exit.USAGE, ["verify", "--head", "abc"], "abc"),
        (Exit.USAGE, ["log", "--csv", "--json"], "not allowed with"),
        (Exit.USAGE, ["log", "yesterday"], "yesterday"),
        (Exit.USAGE, ["import", "staff", "a.csv", "--force"], "--force"),
        (Exit.USAGE, ["run"], "terminal"),
        (Exit.USAGE, ["demo"], "terminal"),
        (Exit.USAGE, ["worklist", "holidays"], "below-par"),
        (Exit.USAGE, ["print", "T99"], "T20"),
        (Exit.USAGE, ["print", "badge", "person=NOBODY"], "NOBODY"),
        (Exit.USAGE, ["print", "T20", "--sample", "--copies", "100"], "1 to 99"),
        (Exit.USAGE, ["print", "T20", "--each", "all"], "badge, location"),
        (Exit.USAGE, ["print", "T20", "wherever"], "FIELD=VALUE"),
        (Exit.DATA, ["print", "T20", "colour=red", "--preview", "x.png"], "colour"),
        (Exit.DATA, ["replay", "nowhere.scan"], "nowhere.scan"),
        (Exit.DATA, ["import", "staff", "nowhere.csv"], "nowhere.csv"),
        (Exit.DATA, ["init"], "is a data folder already"),
        (Exit.DATA, ["--station", "bench-9", "log"], "bench-9"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_its_status(
    kiosk: Run, site: Path, status: Exit, words: list[str], found: str
) -> None:
    said = kiosk("--data", site, *words)
    assert said.status == status
    assert found in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize("words", [["log"], ["verify"], ["worklist", "below-par"], ["import", "staff", "x"]])
def test_without_a_data_folder_it_is_told_how_to_make_one(kiosk: Run, tmp_path: Path, words: list[str]) -> None:
    said = kiosk("--data", tmp_path / "none", *words)
    assert said.status == Exit.DATA
    assert "init --sample" in said.err
    assert "kiosk demo" in said.err


def test_a_fault_of_the_program_goes_to_a_file_and_its_name_to_the_person(
    kiosk: Run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr("kiosk.commands.record.log", broken)
    said = kiosk("--data", site, "log")
    assert said.status == Exit.BUG
    assert "Traceback" not in said.err
    (written,) = (site / "faults").iterdir()
    assert str(written) in said.err
    assert "ZeroDivisionError: of the test" in written.read_text()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("ends", [None, Ended(Exit.DATA, "Not printed.")])
def test_a_fault_on_any_thread_is_one_sentence_and_the_command_ends_as_at_a_fault_of_its_own(
    kiosk: Run, site: Path, monkeypatch: pytest.MonkeyPatch, ends: Ended | None
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("of the test")

    def command(*_: object) -> int:
        for _again in range(2):
            thread = threading.Thread(target=broken)
            thread.start()
            thread.join()
        if ends is not None:
            raise ends
        return Exit.DONE

    hook = threading.excepthook
    monkeypatch.setattr("kiosk.commands.record.log", command)
    said = kiosk("--data", site, "log")
    assert said.status == Exit.BUG
    assert said.err.count("This is a fault of the program") == 1
    assert "Traceback" not in said.err
    first, second = (path.read_text() for path in (site / "faults").iterdir())
    assert "ZeroDivisionError: of the test" in first
    assert first == second
    assert threading.excepthook is hook


def test_a_fault_that_cannot_be_written_down_is_told_all_the_same(
    kiosk: Run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr("kiosk.commands.record.log", broken)
    (site / "faults").write_text("in the way")
    said = kiosk("--data", site, "log")
    assert said.status == Exit.BUG
    assert (
        said.err == "This is a fault of the program: ZeroDivisionError, which could not be written down: File exists.\n"
    )


# parse ----------------------------------------------------------------------------------------------------------------


def parsed(data: bytes, today: str = "2026-03-10") -> list[dict[str, Any]]:
    out = io.StringIO()
    with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(data))), redirect_stdout(out):
        assert main(["parse", "--today", today]) == Exit.DONE
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_code_is_answered_with_its_fields() -> None:
    (answer,) = parsed(b"]d201003099912345631727020010LOT7A<GS>21S0001\n")
    assert {
        name: answer[name] for name in ("kind", "symbology", "gtin", "ndc10", "ndc12", "lot", "expiry", "serial")
    } == {
        "kind": "product",
        "symbology": "]d2",
        "gtin": "00309991234563",
        "ndc10": "0999123456",
        "ndc12": None,
        "lot": "LOT7A",
        "expiry": "2027-02-28",
        "serial": "S0001",
    }
    assert len(answer["ndc_candidates"]) == 3


@pytest.mark.parametrize(
    ("line", "raw"),
    [
        (b"", ""),
        (b"A<GS>B", "A\x1dB"),
        (rb'"A\u001dB\n"', "A\x1dB\n"),
        (b'"A<GS>B"', "A<GS>B"),
        (b'"not whole', '"not whole'),
        (b'"A" "B"', '"A" "B"'),
        (b"A\r", "A"),
        (b"\xff\xfe", "\udcff\udcfe"),
        (b"9" * 100_000, "9" * 100_000),
    ],
)
def test_a_line_is_the_text_of_one_scan(line: bytes, raw: str) -> None:
    assert [answer["raw"] for answer in parsed(line + b"\n")] == [raw]


@settings(max_examples=60)
@given(st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: json.dumps(text).encode()))))
def test_every_line_whatever_it_holds_gets_one_answer(lines: list[bytes]) -> None:
    flat = [line.replace(b"\n", b" ") for line in lines]
    answers = parsed(b"".join(line + b"\n" for line in flat))
    assert len(answers) == len(flat)
    assert all(answer["outcome"] and answer["message"] for answer in answers)


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_comes_back_as_it_was_given_as_a_json_string(text: str) -> None:
    assert [answer["raw"] for answer in parsed(json.dumps(text).encode() + b"\n")] == [text]


def test_an_answer_comes_before_the_next_line_is_asked_for() -> None:
    with started("parse") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for badge in ("B0042173", "B0051085"):
            process.stdin.write(f"{badge}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["kind"] == "badge"
        process.stdin.close()
        assert process.wait(20) == Exit.DONE


def test_parsing_loads_neither_screens_nor_registers_nor_devices() -> None:
    code = "import sys; from kiosk.__main__ import main; main(['parse']); sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, input="", capture_output=True, text=True, check=True)
    assert not {"textual", "tinydb", "watchdog", "evdev", "escpos", "PIL"} & set(done.stderr.split())


# init, replay ---------------------------------------------------------------------------------------------------------


def test_a_new_folder_can_be_worked_with_at_once(kiosk: Run, tmp_path: Path) -> None:
    said = kiosk("--data", tmp_path / "site", "init")
    assert said.status == Exit.DONE
    assert "import staff staff.csv" in said.lines[-1]
    assert kiosk("--data", tmp_path / "site", "check").status == Exit.DONE
    assert kiosk("--data", tmp_path / "site", "import", "devices", SAMPLE / "devices.csv").status == Exit.DONE


def test_the_sample_hospital_is_relative_to_today_and_knows_that_it_is_the_sample(kiosk: Run, tmp_path: Path) -> None:
    said = kiosk("--data", tmp_path / "site", "init", "--sample")
    assert said.status == Exit.DONE
    assert "  sample staff" in said.lines
    assert "(the sample hospital)" in kiosk("--data", tmp_path / "site", "check").out


def test_a_folder_with_other_files_in_it_is_not_touched(kiosk: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert kiosk("--data", tmp_path, "init", "--sample").status == Exit.DATA
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("text", "status"),
    [(SCRIPT, Exit.DONE), (SCRIPT.replace("home", "task"), Exit.FAILED), ("sneeze\n", Exit.DATA)],
)
def test_a_script_answers_each_action_and_fails_where_an_expectation_does(
    kiosk: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, status: Exit
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    script = tmp_path / "one.scan"
    script.write_text(text)
    said = kiosk("replay", script)
    assert said.status == status
    if status == Exit.DATA:
        assert "line 1" in said.err
        assert said.out == ""
    else:
        assert [value["line"] for value in said.values] == [1, 2, 3]
        assert ("expected" in said.values[-1]) == (status == Exit.FAILED)
    assert [path.name for path in tmp_path.iterdir()] == ["one.scan"]


def test_a_replay_runs_on_a_copy_and_keeps_it_where_it_is_told(kiosk: Run, site: Path, tmp_path: Path) -> None:
    script = tmp_path / "one.scan"
    script.write_text(SCRIPT)
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert kiosk("replay", script, "--data", site, "--keep", tmp_path / "kept").status == Exit.DONE
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert kiosk("--data", tmp_path / "kept", "log", "--who", "AT").out
    assert kiosk("replay", script, "--keep", tmp_path / "kept").status == Exit.USAGE


# import ---------------------------------------------------------------------------------------------------------------


def test_an_import_reports_what_it_changed_and_a_second_one_changes_nothing(kiosk: Run, site: Path) -> None:
    file = site.parent / "devices.csv"
    file.write_text((SAMPLE / "devices.csv").read_text().replace("Demo robot", "Other robot"))
    assert kiosk("--data", site, "import", "devices", file).lines == [
        "5 rows taken: 0 new, 1 changed, 4 unchanged; 0 refused"
    ]
    assert "5 unchanged" in kiosk("--data", site, "import", "devices", file).out
    assert kiosk("--data", site, "verify").status == Exit.DONE


def test_of_a_bad_file_nothing_is_taken_and_each_fault_is_a_sentence(kiosk: Run, site: Path) -> None:
    file = site.parent / "devices.csv"
    text = (SAMPLE / "devices.csv").read_text().replace("robot,", "toaster,").replace("refrigerator,", "oven,")
    file.write_text(text.replace("DVLTL,vault,", "DVLTL,strongroom,"))
    before = imported(kiosk, site)
    said = kiosk("--data", site, "import", "devices", file)
    assert said.status == Exit.DATA
    assert len(said.err.splitlines()) == 2
    assert imported(kiosk, site) == before


def imported(kiosk: Run, site: Path) -> int:
    return sum(entry["kind"] == "imported" for entry in kiosk("--data", site, "log", "--json").values)


HOLDER = """
import datetime as dt, sys
from pathlib import Path
from kiosk.live.beside import Live
from kiosk.station import Station
with Station(Path(sys.argv[1]), None, lambda: dt.datetime.now(dt.UTC), live=True) as station:
    station.start()
    with Live(station):
        print("open", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def held(site: Path) -> Iterator[Path]:
    """A site whose station another process has open, as a running kiosk does."""
    command = [sys.executable, "-c", HOLDER, str(site)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield site
        assert process.communicate(timeout=20)[0] == ""
        assert process.returncode == 0


def test_while_the_kiosk_runs_it_takes_the_files_and_the_command_reports(kiosk: Run, held: Path) -> None:
    file = held.parent / "devices.csv"
    file.write_text((SAMPLE / "devices.csv").read_text().replace("Demo robot", "Other robot"))
    said = kiosk("--data", held, "import", "devices", file)
    assert (said.status, said.lines) == (Exit.DONE, ["5 rows taken: 0 new, 1 changed, 4 unchanged; 0 refused"])
    bad = kiosk("--data", held, "import", "staff", file)
    assert bad.status == Exit.DATA
    assert "devices.csv, line 1" in bad.err
    assert list((held / "inbox").iterdir()) == []
    assert kiosk("--data", held, "verify").status == Exit.DONE
    assert "hydrALAZINE" in kiosk("--data", held, "worklist", "below-par").out


def test_a_kiosk_that_ends_without_an_answer_leaves_the_files_to_the_command(site: Path) -> None:
    deaf = HOLDER.replace("with Live(station):", "if True:")
    with subprocess.Popen(
        [sys.executable, "-c", deaf, str(site)], cwd=ROOT, text=True, stdin=PIPE, stdout=PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with started("--data", site, "import", "devices", SAMPLE / "devices.csv") as process:
            holder.kill()
            holder.wait()
            out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (Exit.DONE, "5 rows taken: 0 new, 0 changed, 5 unchanged; 0 refused\n")
    assert list((site / "inbox").iterdir()) == []


def test_a_station_that_is_held_is_not_opened_twice(held: Path) -> None:
    with AtTerminal("--data", held, "run") as terminal:
        terminal.until(b"is held by pid")
        assert terminal.process.wait(20) == Exit.DEVICE


def test_a_broken_journal_ends_whatever_needs_it(kiosk: Run, site: Path) -> None:
    spoil_journal(site)
    for words in (["log"], ["verify"], ["import", "devices", SAMPLE / "devices.csv"]):
        said = kiosk("--data", site, *words)
        assert (said.status, said.err.count("\n")) == (Exit.JOURNAL, 1)
        assert "line 3" in said.err


# demo, run ------------------------------------------------------------------------------------------------------------


class AtTerminal:
    """The program on a terminal of 80 by 24, as a person starts it."""

    def __init__(self, *words: object, code: str = "", **environment: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(theirs)
        command = [sys.executable, *(("-c", code) if code else ("-m", "kiosk")), *map(str, words)]
        variables = os.environ | {"TERM": "xterm-256color"} | environment
        self.process = subprocess.Popen(command, cwd=ROOT, env=variables, stdin=theirs, stdout=theirs, stderr=theirs)
        self._theirs = theirs
        self.shown = b""

    def until(self, words: bytes) -> None:
        """Read what is shown until these words are among it."""
        while words not in self.shown:
            assert select.select([self._ours], [], [], 20)[0], self.shown[-2000:]
            self.shown += os.read(self._ours, 65536)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self._theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.mark.parametrize("way", ["ctrl+q", "SIGTERM"])
def test_the_demo_says_how_to_begin_and_leaves_terminal_and_disk_as_they_were(tmp_path: Path, way: str) -> None:
    with AtTerminal("demo", TMPDIR=str(tmp_path)) as terminal:
        terminal.until(b"Begin")
        if way == "ctrl+q":
            terminal.type(b"\x11")
        else:
            terminal.process.send_signal(signal.SIGTERM)
        terminal.until(b"\x1b[?1049l")
        assert terminal.process.wait(20) == Exit.DONE
        assert terminal.attributes() == terminal.before
    assert list(tmp_path.iterdir()) == []


BADLY_DRAWN = """
import sys
from kiosk.__main__ import main
from kiosk.screens.app import KioskApp
def badly(*_):
    pin = "a secret"
    raise ZeroDivisionError("drawn badly")
KioskApp._ticked = badly
sys.exit(main(sys.argv[1:]))
"""


def test_a_fault_of_the_screens_leaves_the_terminal_whole_and_shows_one_sentence(site: Path) -> None:
    with AtTerminal("--data", site, "run", code=BADLY_DRAWN) as terminal:
        terminal.until(b"a fault of the program")
        assert terminal.process.wait(20) == Exit.BUG
        assert terminal.attributes() == terminal.before
    assert b"a secret" not in terminal.shown
    (written,) = (site / "faults").iterdir()
    assert "drawn badly" in written.read_text()


# check, devices -------------------------------------------------------------------------------------------------------


def spoil_definition(site: Path) -> None:
    (site / "labels" / "T20.toml").write_text("no = [toml")


def spoil_journal(site: Path) -> None:
    file = next((site / "stations" / "bench-3" / "journal").glob("*.jsonl"))
    file.write_bytes(file.read_bytes().replace(b'"imported"', b'"smuggled"', 1))


def spoil_settings(site: Path) -> None:
    (site / "settings.toml").write_text('zone = "Mars/Olympus"')


def pair_what_is_not_there(site: Path) -> None:
    left = '[[scanner]]\nname = "left"\nphys = "usb-1"\nvendor = "0c2e"\nproduct = "0b61"\n'
    scanners_file(site, "bench-3").write_text(left)


def spoil_station(site: Path) -> None:
    (site / "stations" / "bench-3" / "station.toml").write_text("a = " + "[" * 5000)


def pretend_to_be_real(site: Path) -> None:
    (site / "sample.txt").unlink()


@pytest.mark.parametrize(
    ("spoil", "about"),
    [
        (spoil_definition, "labels"),
        (spoil_settings, "settings"),
        (spoil_journal, "journal"),
        (pair_what_is_not_there, "scanners"),
        (pretend_to_be_real, "PINs"),
        (spoil_station, "station"),
    ],
)
def test_what_is_wrong_fails_the_check_and_says_how_to_mend_it(
    kiosk: Run, site: Path, spoil: Callable[[Path], None], about: str
) -> None:
    assert kiosk("--data", site, "check").status == Exit.DONE
    spoil(site)
    said = kiosk("--data", site, "check")
    assert said.status == Exit.FAILED
    failed = [line for line in said.lines if line.startswith("FAILED")]
    assert about in {line.split()[1] for line in failed}
    assert all("; mend: " in line for line in failed)


def test_a_file_of_scanners_that_cannot_be_used_fails_the_check(kiosk: Run, site: Path) -> None:
    scanners_file(site, "bench-3").write_text('[[scanner]]\nname = "left"\n')
    said = kiosk("--data", site, "check")
    assert said.status == Exit.FAILED
    assert any(line.startswith("FAILED   scanners") and "scanners.toml: scanner 1" in line for line in said.lines)


def test_a_station_that_is_not_there_is_no_fault_of_the_folder(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "check", "--station", "bench-9")
    assert said.status == Exit.FAILED
    assert [line.split()[:2] for line in said.lines] == [["ok", "data"], ["FAILED", "station"]]


def test_a_new_station_says_where_keyboard_scans_are_forbidden(kiosk: Run, tmp_path: Path) -> None:
    assert kiosk("--data", tmp_path / "site", "init").status == Exit.DONE
    text = (tmp_path / "site" / "stations" / "bench-3" / "station.toml").read_text()
    assert "keyboard_scans = true\n" in text.partition("[printer]")[0]
    (tmp_path / "site" / "stations" / "bench-3" / "station.toml").write_text(text.replace("= true", "= false"))
    assert not station_named(tmp_path / "site", None)[1].keyboard_scans


def test_devices_tells_the_printer_and_either_scanners_or_why_there_are_none(kiosk: Run, site: Path) -> None:
    said = kiosk("--data", site, "devices")
    assert said.status == Exit.DONE
    assert any(line.startswith("bench-3") and "roll-80" in line for line in said.lines)
    first, second, *_ = said.lines
    assert first.startswith(("No scanner", "/dev/input has no device")) or second.startswith("  ")


@pytest.mark.parametrize("words", [[], ["printers"], ["scanner", "--seconds", "0"], ["scanner", "--name", "a\x1b[2J"]])
def test_what_cannot_be_paired_so_is_wrong_usage(kiosk: Run, words: list[str]) -> None:
    assert kiosk("pair", *words).status == Exit.USAGE


# log, verify, worklist ------------------------------------------------------------------------------------------------


@pytest.fixture
def told(site: Path) -> Path:
    """A site with a few entries of every sort a filter asks for."""
    journal = Journal.open(site / "stations" / "bench-3" / "journal", "bench-3")
    rows: list[tuple[str, Mapping[str, Any]]] = [
        ("task", {"by": "AT", "task": "T1", "checklist": "automation.refill-pick", "verdict": "PASS", "reasons": []}),
        (
            "scan",
            {"by": "AT", "task": "T1", "raw": HOSTILE, "verdict": "STOP", "reasons": ["wrong-item"], "lot": "LOT7C"},
        ),
        ("scan", {"by": "CT", "task": "T2", "changes": [{"package": {"item": "heparin", "serial": "S9"}}]}),
        ("task", {"by": "CT", "task": "T2", "checklist": "compliance.tracer", "says": "Done."}),
    ]
    for hours, (kind, data) in enumerate(rows, start=1):
        journal.append(kind, data, MORNING + dt.timedelta(hours=hours))
    journal.close()
    return site


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (["--who", "AT"], [11, 12]),
        (["--role", "automation"], [11, 12]),
        (["--task", "T2"], [13, 14]),
        (["--task", "compliance.tracer"], [14]),
        (["--verdict", "stop"], [12]),
        (["--reason", "wrong-item"], [12]),
        (["--lot", "LOT7C"], [12]),
        (["--item", "heparin"], [13]),
        (["--serial", "S9"], [13]),
        (["--since", "2026-03-10T10:00"], [12, 13, 14]),
        (["--since", "2026-03-10T10:00", "--until", "2026-03-10T11:00"], [12]),
        (["--since", "2026-03-10T17:00:00+00:00", "--until", "2026-03-10"], [12, 13, 14]),
        (["--since", "2026-03-11"], []),
        (["--who", "AT", "--verdict", "PASS"], [11]),
        (["--who", "nobody"], []),
    ],
)
def test_the_log_gives_the_entries_that_pass_every_filter(
    kiosk: Run, told: Path, words: list[str], seqs: list[int]
) -> None:
    said = kiosk("--data", told, "log", "--json", *words)
    assert [entry["seq"] for entry in said.values if entry["seq"] > 10] == seqs


def test_a_line_of_the_log_is_local_time_who_verdict_and_what_with_nothing_hidden_in_it(kiosk: Run, told: Path) -> None:
    (line,) = kiosk("--data", told, "log", "--lot", "LOT7C").lines
    assert line.startswith("2026-03-10 10:00:00  AT")
    assert "STOP wrong-item" in line
    assert line.isprintable()
    assert r"\x1b[2J\u202e" in line


def test_a_cell_of_a_csv_file_never_begins_as_a_formula(kiosk: Run, told: Path) -> None:
    said = kiosk("--data", told, "log", "--csv", "--lot", "LOT7C")
    (row,) = csv.DictReader(said.out.splitlines())
    assert row["what"].startswith("'=cmd")
    assert row["what"].isprintable()


def test_following_the_log_goes_on_with_what_comes_until_it_is_interrupted(told: Path) -> None:
    with started("--data", told, "log", "--follow", "--who", "X9") as process:
        assert process.stdout is not None
        journal = Journal.open(told / "stations" / "bench-3" / "journal", "bench-3")
        for number in (1, 2):
            journal.append("scan", {"by": "X9", "says": f"number {number}"}, MORNING)
            assert f"number {number}" in process.stdout.readline()
        journal.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == Exit.DONE
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_whoever_reads_a_pipe_may_stop_reading(told: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with started("--data", told, "log", stdout=write) as process:
        os.close(write)
        assert process.wait(20) == Exit.DONE
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_whole_journal_is_told_with_its_head_and_a_broken_one_with_its_line(kiosk: Run, told: Path) -> None:
    said = kiosk("--data", told, "verify")
    assert said.status == Exit.DONE
    head = said.out.split()[-1]
    assert said.out == f"14 entries, head {head}\n"
    assert kiosk("--data", told, "verify", "--head", head.upper()).status == Exit.DONE
    cut = kiosk("--data", told, "verify", "--head", "f" * 64)
    assert (cut.status, cut.out) == (Exit.JOURNAL, "")
    spoil_journal(told)
    broken = kiosk("--data", told, "verify")
    assert broken.status == Exit.JOURNAL
    assert "line 3" in broken.err


def test_a_worklist_is_text_csv_or_json_and_an_empty_one_says_what_would_fill_it(kiosk: Run, site: Path) -> None:
    text, table, values = (kiosk("--data", site, "worklist", "below-par", *how) for how in ([], ["--csv"], ["--json"]))
    assert text.lines[0].split()[:2] == ["id", "location"]
    assert len(text.lines) == 4
    assert [row["id"] for row in csv.DictReader(table.lines)] == [value["id"] for value in values.values]
    kiosk("--data", site.parent / "empty", "init")
    assert "would stand here" in kiosk("--data", site.parent / "empty", "worklist", "below-par").out


def test_what_was_recorded_since_the_registers_were_saved_counts_in_a_worklist(kiosk: Run, site: Path) -> None:
    journal = Journal.open(site / "stations" / "bench-3" / "journal", "bench-3")
    values = kiosk("--data", site, "worklist", "below-par", "--json").values
    row = msgspec.json.decode(next(line for line in stock_lines(site) if b'"LA4W12X"' in line))
    put = {"register": "stock_level", "key": row["stock"], "row": row | {"on_hand": row["par"]}}
    journal.append("step", {"by": "AT", "rows": [put]}, MORNING)
    journal.close()
    after = kiosk("--data", site, "worklist", "below-par", "--json").values
    assert {value["bin"] for value in values} - {value["bin"] for value in after} == {"12"}


def stock_lines(site: Path) -> list[bytes]:
    lines = (site / "stations" / "bench-3" / "registers" / "stock_level.json").read_bytes().splitlines()
    return [line.partition(b":")[2].rstrip(b",") for line in lines[1:-1]]


def test_looking_takes_no_lock_and_leaves_the_folder_as_it_was(kiosk: Run, site: Path) -> None:
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    with StationLock.take(site / "stations" / "bench-3" / "lock", "08:00"):
        held = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
        for words in (["log"], ["verify"], ["worklist", "below-par"], ["check"], ["devices"]):
            assert kiosk("--data", site, *words).status == Exit.DONE
        assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == held
    assert set(before) == set(held)


def test_a_long_reading_shows_how_far_it_is_and_a_short_one_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = Progress("reading", clock=lambda: now)
    progress(1, 100)
    assert capsys.readouterr().err == ""
    for now in (2.0, 2.1, 3.0, 4.0):
        progress(int(now * 10), 100)
    assert capsys.readouterr().err.splitlines() == ["reading: 20 of 100", "reading: 30 of 100", "reading: 40 of 100"]


def test_what_was_waited_for_before_it_began_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = Progress("reading", clock=lambda: now)
    now = 5.0
    progress.begin()
    progress(50, 100)
    assert capsys.readouterr().err == ""
    now = 7.0
    progress(60, 100)
    assert capsys.readouterr().err == "reading: 60 of 100\n"
