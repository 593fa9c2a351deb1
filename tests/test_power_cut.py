"""The power goes at any moment of a morning: nothing shown is lost, nothing is done twice, the work goes on.

Real processes over real folders, ended by SIGKILL from outside or at an fsync; `power_cut` is what runs in them.
"""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path

import msgspec
import pytest
from person import LIST, Made, Shown
from power_cut import REGISTERS, Cut, Fault, Order, Over, Rebuilt, Story

from stations.bench.events import CancelJob, CheckPin, PrintLabel, ReleaseJob
from stations.bench.kept import Kept, fold
from stations.bench.state import Bench
from stations.records.chain import Entry
from stations.records.journal import Verified, entries, verify
from stations.records.registers import Row
from stations.runtime import Runtime

STATION = "bench-3"
SERIALS = ["S0001", "S0002", "S0003", "S0101", "S0102", "S0201", "S0202"]
LEFT = {"03-A-12": 37, "03-A-13": 23, "04-C-02": 10}
STEPS = [
    "list",
    *(f"line[{line}].{step}" for line in (1, 2, 3) for step in ("shelf", "package", "left")),
    *("tote", "pharmacist", "seal"),
]
MOST_LIVES = 40


class Forge:
    """The process that forks the lives."""

    def __init__(self, process: "subprocess.Popen[bytes]", first: Path) -> None:
        self._process, self._first = process, first

    def new_site(self, site: Path) -> None:
        shutil.copytree(self._first, site)

    def story(self, order: Order) -> Story:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Story)


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    first = tmp_path_factory.mktemp("first") / "site"
    program = [sys.executable, str(Path(__file__).with_name("power_cut.py")), str(first)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield Forge(process, first)


class Site:
    """One hospital's folder, the lives its bench has had, and what must hold after each."""

    def __init__(self, forge: Forge, folder: Path) -> None:
        self.folder = folder
        self._forge = forge
        self._journal = folder / "stations" / STATION / "journal"
        self._made: tuple[int, ...] = ()
        self._lives = 0
        forge.new_site(folder)
        self._entries: list[Entry] = []
        self._kept = [Kept()]
        """What the journal adds up to after each entry; none at 0."""
        self._read()
        self._known = len(self._entries)
        """The last entry of which anything is known outside the bench."""

    def live(self, cut: Cut) -> bool:
        """Let the bench live until the cut, and check what it left; true where it came to the morning's end."""
        told = self._forge.story(Order(site=str(self.folder), life=self._lives, cut=cut, made=self._made))
        self._lives += 1
        self._made += tuple(one.line for one in told if isinstance(one, Made))
        assert not [one.says for one in told if isinstance(one, Fault)]
        self._read()
        for one in told:
            if isinstance(one, Rebuilt):
                self._check_rebuilt(one)
        self._check_shown([one for one in told if isinstance(one, Shown)])
        self._known = max([self._known, *(one.seq for one in told if isinstance(one, Shown | Rebuilt))])
        self._check_paper()
        return any(isinstance(one, Over) for one in told)

    def finish(self) -> None:
        """Let the bench live until the morning is over, and check how it ended."""
        assert self._lives < MOST_LIVES
        while not self.live(Cut()):
            assert self._lives < MOST_LIVES
        self.check_morning()

    def _read(self) -> None:
        """Read the journal on; what was read before has not changed."""
        before, self._entries = self._entries, list(entries(self._journal))
        assert [entry.hash for entry in self._entries[: len(before)]] == [entry.hash for entry in before]
        for entry in self._entries[len(before) :]:
            self._kept.append(fold(self._kept[-1], (entry.data,)))

    def _check_rebuilt(self, found: Rebuilt) -> None:
        """What was shown is there, and at most the one act that was under way besides."""
        assert 0 <= found.seq - self._known <= 1
        assert bytes(found.kept) == msgspec.json.encode(self._kept[found.seq])
        taken = [package for entry in self._entries[: found.seq] for package in _taken(entry)]
        assert sorted(row["serial"] for row in found.registers["serial"]) == sorted(taken)
        assert len(set(taken)) == len(taken)

    def _check_shown(self, shown: list[Shown]) -> None:
        """Every verdict that was seen stands in an entry of its own; every step is the one the journal gives."""
        for one in shown:
            assert one.seq <= len(self._entries)
            bench = Bench(station=STATION, name="", kept=self._kept[one.seq])
            place = bench.place()
            assert one.step == (place.path if place is not None else "")
            assert one.question == bench.kept.question
        for before, after in pairwise(shown):
            assert 0 <= after.seq - before.seq <= 1
            if after.judged != before.judged:
                entry = self._entries[after.seq - 1]
                assert after.seq == before.seq + 1
                assert (entry.data["verdict"], tuple(entry.data["reasons"])) == (after.verdict, after.reasons)

    def _check_paper(self) -> None:
        """No label's first byte left twice, and none before its `sending` was on disk."""
        paper = self.folder / "paper"
        lines = paper.read_text().splitlines() if paper.exists() else []
        begun = [line for line in lines if line.startswith("begun")]
        assert len(set(begun)) == len(begun)
        labels = [one for entry in self._entries for one in entry.data.get("labels", ())]
        sending = [one for one in labels if one["state"] == "sending"]
        reprints = [one for one in labels if one["state"] == "queued" and one.get("duplicate")]
        assert len(begun) <= len(sending)
        assert len(begun) <= 1 + len(reprints)

    def check_morning(self) -> None:
        """The record is whole, each step was answered once, and the registers say what the journal says."""
        found = verify(self._journal)
        assert isinstance(found, Verified)
        kept = self._kept[found.entries]
        reprints = [one for entry in self._entries for one in entry.data.get("labels", ()) if "reprint_of" in one]
        given_out = 1 + len({one["job"] for one in reprints})
        assert (kept.session, kept.tasks, kept.jobs, kept.question, kept.labels) == (None, (), (), "", given_out)
        changes = [change for entry in self._entries for change in entry.data.get("changes", [])]
        assert [change["result"]["path"] for change in changes if change["change"] == "step-answered"] == STEPS
        assert [change["state"] for change in changes if change["change"] == "task-moved"][-1] == "done"
        assert [package for entry in self._entries for package in _taken(entry)] == SERIALS
        self._check_questions()
        self._check_registers()

    def _check_questions(self) -> None:
        """Each start with a task open asked one question, and nothing else ever asked one."""
        for entry in self._entries:
            asked = [change for change in entry.data.get("changes", []) if change["change"] == "question-set"]
            questions = [change for change in asked if change["question"]]
            bench = Bench(station=STATION, name="", kept=self._kept[entry.seq - 1])
            assert len(questions) == (1 if entry.kind == "start" and bench.place() is not None else 0)

    def _check_registers(self) -> None:
        """Saved behind the work or made again from the journal alone: the same rows."""
        saved = self._registers()
        assert [row["state"] for row in saved["pick_list"] if row["list"] == LIST] == ["sealed"]
        assert sorted(row["serial"] for row in saved["serial"]) == SERIALS
        left = {row["location"]: row["on_hand"] for row in saved["stock_level"] if row["location"] in LEFT}
        assert left == LEFT
        for name in ("staff", "formulary", "places", f"stations/{STATION}/registers"):
            shutil.rmtree(self.folder / name)
        (self.folder / "stations" / STATION / "checkpoint.json").unlink()
        assert self._registers() == saved

    def _registers(self) -> dict[str, list[Row]]:
        runtime = Runtime(Bench(station=STATION, name=""), self.folder, Nothing())
        rows = {name: list(runtime.registers.rows(name)) for name in REGISTERS}
        runtime.journal.close()
        return rows


class Nothing:
    """A station whose bench is never told anything needs nothing outside it."""

    def check_pin(self, effect: CheckPin) -> None: ...

    def print_label(self, effect: PrintLabel) -> None: ...

    def release(self, effect: ReleaseJob) -> None: ...

    def cancel(self, effect: CancelJob) -> None: ...

    def retry(self) -> None: ...


def _taken(entry: Entry) -> list[str]:
    changes = entry.data.get("changes", [])
    return [change["package"]["serial"] for change in changes if change["change"] == "package-taken"]


def run_down(forge: Forge, tmp_path: Path, kills: int, seed: int) -> None:
    """Cut the power so often, at random moments of morning after morning; each morning comes to its end."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    left, number = kills, 0
    while left:
        site = Site(forge, tmp_path / f"site-{number}")
        number += 1
        while left and not site.live(Cut(lines=chance.randint(0, 30), spins=chance.randint(0, 60_000))):
            left -= 1
        if not left:
            site.finish()
        else:
            site.check_morning()


def test_a_bench_cut_off_at_random_moments_goes_on_where_it_was(forge: Forge, tmp_path: Path) -> None:
    run_down(forge, tmp_path, kills=25, seed=1)


@pytest.mark.slow
def test_a_bench_cut_off_two_hundred_times_goes_on_where_it_was(forge: Forge, tmp_path: Path) -> None:
    run_down(forge, tmp_path, kills=200, seed=2)


def cut_at(forge: Forge, tmp_path: Path, fsync: int, how: str) -> bool:
    """Cut the power at one fsync of a morning; false where the morning has fewer."""
    site = Site(forge, tmp_path / f"{how}-{fsync}")
    if site.live(msgspec.convert({"fsync": fsync, "how": how}, Cut)):
        site.check_morning()
        return False
    site.finish()
    return True


@pytest.mark.parametrize("how", ["before", "after", "torn"])
@pytest.mark.parametrize("fsync", [1, 2, 3, 5, 8, 13, 21, 34])
def test_a_bench_cut_off_at_an_fsync_goes_on_where_it_was(forge: Forge, tmp_path: Path, fsync: int, how: str) -> None:
    assert cut_at(forge, tmp_path, fsync, how)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["before", "after", "torn"])
def test_a_bench_cut_off_at_any_fsync_goes_on_where_it_was(forge: Forge, tmp_path: Path, how: str) -> None:
    # How many there are depends on when registers are saved: on, until a morning has fewer.
    survived = next(fsync for fsync in count(1) if not cut_at(forge, tmp_path, fsync, how)) - 1
    assert survived > len(STEPS)
