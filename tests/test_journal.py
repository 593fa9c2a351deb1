"""The journal keeps what it acknowledged, in order, and shows every change."""

import json
import os
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.records.chain import Chain
from stations.records.journal import FIRST_PREV, Broken, Entry, Journal, JournalBroken, Verified, entries, verify

PACIFIC = timezone(-timedelta(hours=7))
MORNING = datetime(2026, 3, 10, 8, tzinfo=PACIFIC)
STRANGER = Path(__file__).with_name("verify_journal.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    with closing(Journal.open(folder, "bench-1")) as opened:
        yield opened


def fill(folder: Path, days: int = 2, a_day: int = 3) -> list[Entry]:
    with closing(Journal.open(folder, "bench-1")) as opened:
        return [
            opened.append("scanned", {"text": f"scan {number}"}, MORNING + timedelta(days=day, seconds=number))
            for day in range(days)
            for number in range(a_day)
        ]


def stranger(folder: Path, *head: str) -> str:
    run = subprocess.run([sys.executable, STRANGER, folder, *head], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert (run.returncode == 0) == run.stdout.startswith("ok")
    return run.stdout.strip()


def run_child(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True, bufsize=1
    )


def test_a_line_is_the_same_bytes_for_ever(folder: Path, journal: Journal) -> None:
    entry = journal.append("signed-in", {"by": "B0042173"}, MORNING)
    body = (
        b'{"seq":1,"ts":"2026-03-10T15:00:00.000Z","offset":"-07:00","station":"bench-1","kind":"signed-in",'
        b'"data":{"by":"B0042173"},"prev":"' + b"0" * 64 + b'"'
    )
    digest = sha256(body).hexdigest()
    assert (folder / "2026-03-10.jsonl").read_bytes() == body + f',"hash":"{digest}"}}\n'.encode()
    assert entry.hash == journal.head == digest
    assert journal.last_seq == 1


def test_an_entry_comes_back_as_it_was_returned(journal: Journal) -> None:
    data = {"lots": ("A1", "B2"), "none": None, "count": 3, "part": 0.5, "nested": {"gtin": "00309991234563"}}
    written = [journal.append("scanned", data, MORNING), journal.append("confirmed", {}, MORNING)]
    assert list(journal.entries()) == written
    assert written[0].data["lots"] == ["A1", "B2"]


def test_a_journal_opened_again_goes_on_where_it_ended(folder: Path) -> None:
    written = fill(folder)
    with closing(Journal.open(folder, "bench-1")) as again:
        assert (again.last_seq, again.head, again.torn) == (6, written[-1].hash, ())
        written.append(again.append("signed-out", {}, MORNING + timedelta(days=1, hours=1)))
    assert list(entries(folder)) == written
    assert verify(folder) == Verified(entries=7, head=written[-1].hash)


def test_days_are_utc(folder: Path, journal: Journal) -> None:
    journal.append("a", {}, datetime(2026, 3, 10, 16, 59, 59, 999_999, tzinfo=PACIFIC))
    journal.append("b", {}, datetime(2026, 3, 10, 17, 0, tzinfo=PACIFIC))
    assert [file.name for file in sorted(folder.iterdir())] == ["2026-03-10.jsonl", "2026-03-11.jsonl"]
    assert [entry.ts for entry in journal.entries()] == ["2026-03-10T23:59:59.999Z", "2026-03-11T00:00:00.000Z"]


def test_a_clock_that_moves_back_does_not_break_the_order(folder: Path) -> None:
    for day in (2, 0, 1):
        with closing(Journal.open(folder, "bench-1")) as opened:
            opened.append("scanned", {"day": day}, MORNING + timedelta(days=day))
    assert [file.name for file in folder.iterdir()] == ["2026-03-12.jsonl"]
    assert [entry.data["day"] for entry in entries(folder)] == [2, 0, 1]
    assert isinstance(verify(folder), Verified)


def test_an_empty_journal_verifies(folder: Path) -> None:
    assert verify(folder) == Verified(entries=0, head=FIRST_PREV)
    assert verify(folder, FIRST_PREV) == Verified(entries=0, head=FIRST_PREV)
    assert list(entries(folder)) == []


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"hash": "x"}, "data has a key 'hash'"),
        ({"rows": [{"hash": 1}]}, r"data.rows\[0\] has a key 'hash'"),
        ({"limit": float("nan")}, "data.limit is nan"),
        ({"limit": float("inf")}, "data.limit is inf"),
        ({"what": object()}, "cannot be written as JSON"),
        ({"raw": "\ud800"}, "cannot be written as JSON"),
        ({1: "x"}, "cannot be written as JSON"),
    ],
)
def test_what_a_line_cannot_hold_is_refused_and_nothing_is_written(
    folder: Path, journal: Journal, data: dict[Any, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        journal.append("scanned", data, MORNING)
    assert journal.append("next", {}, MORNING).seq == 1
    assert isinstance(verify(folder), Verified)


def test_a_time_without_an_offset_is_refused(journal: Journal) -> None:
    with pytest.raises(ValueError, match="has no offset"):
        journal.append("scanned", {}, datetime(2026, 3, 10, 8))  # noqa: DTZ001 - the point of the test


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["hash", ',"hash":"', '"}', "\n", "\x1d"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(lambda t: t != "hash"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(texts.filter(lambda t: t != "hash"), values, max_size=3), max_size=4))
def test_any_text_from_a_bar_code_stays_data(
    tmp_path_factory: pytest.TempPathFactory, written: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    with closing(Journal.open(folder, "bench-1")) as opened:
        for data in written:
            opened.append("scanned", data, MORNING)
    assert [entry.data for entry in entries(folder)] == written
    lines = b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
    assert lines.count(b',"hash"') == lines.count(b"\n") == len(written)
    found = verify(folder)
    assert isinstance(found, Verified)
    assert found.entries == len(written)


def test_a_stranger_can_verify_with_fifty_lines_of_his_own(folder: Path) -> None:
    written = fill(folder)
    assert len(STRANGER.read_text().splitlines()) <= 50
    assert stranger(folder) == f"ok: 6 entries, head {written[-1].hash}"
    assert stranger(folder, written[2].hash).startswith("ok")
    last = folder / "2026-03-11.jsonl"
    last.write_bytes(last.read_bytes().replace(b"scan 1", b"scan 2"))
    assert stranger(folder) == "2026-03-11.jsonl, line 2: changed"


def test_every_single_byte_changed_is_found(folder: Path) -> None:
    fill(folder, days=2, a_day=1)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for place in range(len(whole)):
            for flipped in (whole[place] ^ 1, whole[place] ^ 0x20, 0x0A):
                if flipped != whole[place]:
                    path.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
                    found = verify(folder)
                    assert isinstance(found, Broken), (path.name, place)
                    assert (found.file, found.line) == (path.name, 1)
        path.write_bytes(whole)
    assert isinstance(verify(folder), Verified)


def test_every_single_byte_removed_or_inserted_is_found(folder: Path) -> None:
    fill(folder, days=2, a_day=1)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        for place in range(len(whole)):
            path.write_bytes(whole[:place] + whole[place + 1 :])
            assert isinstance(verify(folder), Broken), place
            path.write_bytes(whole[:place] + b" " + whole[place:])
            assert isinstance(verify(folder), Broken), place
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("order", "seq"),
    [
        ((0, 2, 3), 2),
        ((1, 2, 3), 1),
        ((0, 1, 1, 2, 3), 3),
        ((0, 2, 1, 3), 2),
        ((3, 1, 2, 0), 1),
    ],
)
def test_lines_removed_repeated_or_exchanged_are_found(folder: Path, order: tuple[int, ...], seq: int) -> None:
    fill(folder, days=1, a_day=4)
    (path,) = folder.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[number] for number in order))
    found = verify(folder)
    assert isinstance(found, Broken)
    assert (found.seq, found.line) == (seq, seq)
    assert f"line {seq}" in found.sentence


def test_a_missing_file_is_found(folder: Path) -> None:
    fill(folder, days=3)
    (folder / "2026-03-11.jsonl").unlink()
    found = verify(folder)
    assert isinstance(found, Broken)
    assert (found.file, found.line, found.seq) == ("2026-03-12.jsonl", 1, 4)


def test_a_whole_chain_written_anew_is_found_by_the_head(folder: Path) -> None:
    head = fill(folder)[-1].hash
    for path in folder.iterdir():
        path.unlink()
    chain, lines = Chain("bench-1"), b""
    for number in range(6):
        lines += (line := chain.compose("scanned", {"text": f"forged {number}"}, MORNING))
        chain.take(line)
    (folder / "2026-03-10.jsonl").write_bytes(lines)
    assert isinstance(verify(folder), Verified)
    assert isinstance(verify(folder, head), Broken)


def test_cutting_off_the_end_is_found_by_a_head_noted_before(folder: Path) -> None:
    written = fill(folder)
    (folder / "2026-03-11.jsonl").unlink()
    found = verify(folder, written[-1].hash)
    assert isinstance(found, Broken)
    assert (found.file, found.seq) == ("2026-03-10.jsonl", 4)
    assert written[-1].hash in found.sentence
    assert verify(folder, written[1].hash) == Verified(entries=3, head=written[2].hash)


def test_an_entry_of_another_station_is_found(folder: Path) -> None:
    fill(folder, days=1)
    (path,) = folder.iterdir()
    head = list(entries(folder))[-1]
    path.write_bytes(path.read_bytes() + Chain("bench-2", 3, head.hash).compose("scanned", {}, MORNING))
    found = verify(folder)
    assert isinstance(found, Broken)
    assert "bench-2" in found.sentence
    with pytest.raises(JournalBroken, match="bench-2"):
        Journal.open(folder, "bench-1")


def test_verifying_tells_how_far_it_is(folder: Path) -> None:
    fill(folder)
    told: list[tuple[int, int]] = []
    verify(folder, progress=lambda done, total: told.append((done, total)))
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert told[-1] == (size, size)


def test_a_torn_last_line_is_set_aside_and_told(folder: Path) -> None:
    written = fill(folder, days=2, a_day=1)
    path = folder / "2026-03-11.jsonl"
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole[:cut])
        with closing(Journal.open(folder, "bench-1")) as opened:
            (torn,) = opened.torn
            assert (torn.seq, torn.size, torn.source) == (2, cut, path.name)
            assert (folder / torn.file).read_bytes() == whole[:cut]
            assert (opened.last_seq, opened.head) == (1, written[0].hash)
        assert path.read_bytes() == b""
        (folder / torn.file).unlink()
    assert verify(folder) == Verified(entries=1, head=written[0].hash)


@pytest.mark.parametrize("rest", [b"\0" * 300, b'{"seq":4,"ts"\0\0\n', b"\xff\xfe\n", b'{"seq":4}'])
def test_whatever_a_power_cut_leaves_behind_the_last_entry_is_set_aside(folder: Path, rest: bytes) -> None:
    fill(folder, days=1)
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes() + rest)
    for number in (1, 2):
        with closing(Journal.open(folder, "bench-1")) as opened:
            assert [torn.file for torn in opened.torn] == [f"torn-4-{number}.bin"]
        path.write_bytes(path.read_bytes() + rest)
    with closing(Journal.open(folder, "bench-1")) as opened:
        opened.append("torn-bytes", {"file": opened.torn[0].file}, MORNING)
    assert isinstance(verify(folder), Verified)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_damage_before_the_end_is_named_and_nothing_is_opened(folder: Path, line: int) -> None:
    fill(folder, days=1)
    (path,) = folder.iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b"scan", b"skan")
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalBroken, match=rf"2026-03-10\.jsonl, line {line}, where seq {line} was expected"):
        Journal.open(folder, "bench-1")
    with pytest.raises(JournalBroken, match=f"line {line}"):
        list(entries(folder))
    assert path.read_bytes() == b"".join(lines)


def test_opening_checks_that_the_last_file_follows_the_one_before(folder: Path) -> None:
    fill(folder, days=3)
    (folder / "2026-03-11.jsonl").unlink()
    with pytest.raises(JournalBroken, match="carries seq 7, expected 4"):
        Journal.open(folder, "bench-1")


def test_opening_reads_no_file_before_the_last_two(folder: Path) -> None:
    fill(folder, days=3)
    (folder / "2026-03-10.jsonl").write_bytes(b"damaged long ago\n")
    with closing(Journal.open(folder, "bench-1")) as opened:
        assert opened.last_seq == 9
        assert [entry.seq for entry in opened.entries(after=4)] == [5, 6, 7, 8, 9]
    assert isinstance(verify(folder), Broken)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 700))
def test_following_yields_exactly_what_came_after(long_journal: Path, after: int) -> None:
    assert [entry.seq for entry in entries(long_journal, after)] == list(range(after + 1, 641))


@pytest.fixture(scope="module")
def long_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    chain = Chain("bench-1")
    for day in range(4):
        lines = b""
        for number in range(160):
            now = MORNING + timedelta(days=day, seconds=number)
            lines += (line := chain.compose("scanned", {"text": "x" * (number * 7 % 500)}, now))
            chain.take(line)
        (folder / f"{MORNING + timedelta(days=day):%Y-%m-%d}.jsonl").write_bytes(lines)
    return folder


def test_damage_met_while_following_names_the_true_line(long_journal: Path, tmp_path: Path) -> None:
    lines = (long_journal / "2026-03-10.jsonl").read_bytes().splitlines(keepends=True)
    lines[150] = lines[150].replace(b"scanned", b"skanned")
    (tmp_path / "2026-03-10.jsonl").write_bytes(b"".join(lines))
    with pytest.raises(JournalBroken, match="line 151, where seq 151 was expected"):
        list(entries(tmp_path, after=145))


def test_a_line_still_being_written_is_not_read_yet(folder: Path) -> None:
    written = fill(folder, days=1)
    (path,) = folder.iterdir()
    with path.open("ab") as file:
        file.write(b'{"seq":4,"ts":"2026-')
    assert list(entries(folder)) == written


def test_a_file_that_is_gone_replaced_or_longer_stops_the_journal(folder: Path, journal: Journal) -> None:
    journal.append("a", {}, MORNING)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.unlink()
    with pytest.raises(JournalBroken, match="is gone"):
        journal.append("b", {}, MORNING)
    path.write_bytes(whole)
    with pytest.raises(JournalBroken, match="is another file"):
        journal.append("b", {}, MORNING)


def test_another_writer_is_noticed(folder: Path, journal: Journal) -> None:
    journal.append("a", {}, MORNING)
    (path,) = folder.iterdir()
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(JournalBroken, match="something else wrote to it"):
        journal.append("b", {}, MORNING)


def test_a_closed_journal_says_so(folder: Path) -> None:
    opened = Journal.open(folder, "bench-1")
    opened.close()
    with pytest.raises(JournalBroken, match="is closed"):
        opened.append("a", {}, MORNING)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    fill(folder, days=1)
    (path,) = folder.iterdir()
    path.chmod(stat.S_IRUSR)
    with pytest.raises(JournalBroken, match="Permission denied"):
        Journal.open(folder, "bench-1")


def test_a_day_that_cannot_be_begun_is_told_and_the_next_one_can(folder: Path, journal: Journal) -> None:
    journal.append("a", {}, MORNING)
    (folder / "2026-03-11.jsonl").mkdir()
    with pytest.raises(JournalBroken, match=r"2026-03-11\.jsonl cannot be begun: Is a directory"):
        journal.append("b", {}, MORNING + timedelta(days=1))
    (folder / "2026-03-11.jsonl").rmdir()
    assert journal.append("b", {}, MORNING + timedelta(days=1)).seq == 2
    assert isinstance(verify(folder), Verified)


def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("")
    with pytest.raises(JournalBroken, match="cannot be opened"):
        Journal.open(tmp_path / "journal", "bench-1")


FULL_DISK = """
import resource, signal, sys
from datetime import datetime, timezone
from pathlib import Path
from stations.records.journal import Journal, JournalBroken, verify, Verified
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
now = datetime(2026, 3, 10, 8, tzinfo=timezone.utc)
journal = Journal.open(Path(sys.argv[1]), "bench-1")
first = journal.append("a", {"text": "x" * 100}, now)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for attempt in range(2):
    try:
        journal.append("b", {"text": "y" * 300}, now)
        sys.exit("the second entry was acknowledged")
    except JournalBroken as broken:
        sentence = str(broken)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
head = journal.append("c", {}, now).hash
sys.stdout.write(sentence)
sys.exit(0 if verify(Path(sys.argv[1])) == Verified(entries=2, head=head) else "it does not verify")
"""


@pytest.mark.parametrize("limit", [430, 500, 600])
def test_a_full_disk_refuses_the_entry_takes_half_of_it_back_and_goes_on_with_room(folder: Path, limit: int) -> None:
    run = run_child(FULL_DISK, folder, limit)
    told = run.communicate()[0]
    assert run.returncode == 0
    assert "cannot be written" in told


APPENDING = """
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from stations.records.journal import Journal
journal = Journal.open(Path(sys.argv[1]), "bench-1")
day = datetime(2026, 3, 10, tzinfo=timezone.utc) + timedelta(days=int(sys.argv[2]))
while True:
    now = day + timedelta(hours=journal.last_seq % 30)
    entry = journal.append("scanned", {"text": "x" * (entry_size := journal.last_seq % 4000)}, now)
    sys.stdout.write(f"{entry.seq} {entry.hash}\\n")
    sys.stdout.flush()
"""


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(folder: Path) -> None:
    chance = random.Random(20260310)  # noqa: S311 - where to kill, not a secret
    acknowledged: dict[int, str] = {}
    for run in range(12):
        child = run_child(APPENDING, folder, run)
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 60)):
            seq, digest = child.stdout.readline().split()
            acknowledged[int(seq)] = digest
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines():
            seq, digest = line.split()
            acknowledged[int(seq)] = digest
        child.wait()
        child.stdout.close()
        with closing(Journal.open(folder, "bench-1")) as opened:
            assert opened.last_seq >= max(acknowledged)
    kept = {entry.seq: entry.hash for entry in entries(folder)}
    assert acknowledged.items() <= kept.items()
    assert isinstance(verify(folder), Verified)


def test_the_first_line_of_a_day_is_json_a_person_can_read(folder: Path) -> None:
    fill(folder, days=1)
    (path,) = folder.iterdir()
    first = json.loads(path.read_bytes().splitlines()[0])
    assert list(first) == ["seq", "ts", "offset", "station", "kind", "data", "prev", "hash"]
