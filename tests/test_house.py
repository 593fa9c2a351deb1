"""Does the house still stand as it was drawn: one-way arrows, one door a library, pure rooms, plain names?

What is looked at is found by looking into the folders, so a new file falls under every law by itself. Each law is
also shown a breach of itself: a law that cannot be broken holds nothing up.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: dict[str, str] = {each["id"]: each["name"] for each in PROJECT["tool"]["importlinter"]["contracts"]}
EXCEPTIONS = {line for each in PROJECT["tool"]["importlinter"]["contracts"] for line in each.get("ignore_imports", ())}
PACKAGES = ("kiosk", "stations", "printers")
PURE_STATIONS = ("stations/scanning", "stations/work", "stations/pharmacy", "stations/bench")


def python_files(*folders: str) -> list[str]:
    """Every Python file under these folders, as a path from the root of the project."""
    return sorted(path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def pure_files(*rooms: str) -> list[str]:
    """What is bound to be pure in these rooms: all but the doors that the contracts name, each with its reason."""
    return [file for file in python_files(*rooms) if f"{module_name(file)} -> *" not in EXCEPTIONS]


# Arrows and doors: the contracts in pyproject.toml ----------------------------------------------------------------

WRONG_IMPORTS = [
    ("rooms", "stations/__init__.py", "import kiosk"),
    ("rooms", "stations/work/__init__.py", "import printers"),
    ("rooms", "printers/__init__.py", "import kiosk"),
    ("rooms", "printers/__init__.py", "import stations"),
    ("stations", "stations/scanning/__init__.py", "import stations.work"),
    ("stations", "stations/scanning/devices/scanner.py", "import stations.records"),
    ("stations", "stations/scanning/devices/serial_scanner.py", "import stations.records"),
    ("stations", "stations/work/__init__.py", "import stations.pharmacy"),
    ("stations", "stations/pharmacy/__init__.py", "import stations.bench"),
    ("stations", "stations/bench/__init__.py", "import stations.records"),
    ("stations", "stations/records/__init__.py", "import stations.runtime"),
    ("stations", "stations/attic.py", '"""A room that has no place among the others."""'),
    ("toml", "kiosk/site.py", "import tomli_w"),
    ("scanner", "stations/bench/__init__.py", "import stations.scanning.devices.scanner"),
    ("doors", "stations/records/watch.py", "import stations.records.journal"),
    ("doors", "stations/records/registers.py", "import stations.records.watch"),
    ("pure-stations", "stations/scanning/__init__.py", "import time"),
    ("pure-stations", "stations/work/__init__.py", "from random import choice"),
    ("pure-stations", "stations/pharmacy/__init__.py", "import logging.handlers"),
    ("pure-stations", "stations/bench/__init__.py", "from pathlib import Path"),
    ("paper", "printers/__init__.py", "import printers.transports"),
    ("usb", "printers/transports/lp.py", "import usb"),
    ("pure-printers", "printers/__init__.py", "import socket"),
    ("evdev", "stations/runtime.py", "import evdev"),
    ("escpos", "kiosk/__init__.py", "import escpos.printer"),
    ("tinydb", "stations/records/journal.py", "from tinydb import TinyDB"),
    ("watchdog", "stations/records/registers.py", "import watchdog.observers"),
    ("screens", "stations/runtime.py", "from textual.app import App"),
    ("biip", "stations/work/__init__.py", "import biip"),
    ("pictures", "kiosk/__init__.py", "from PIL import Image"),
    ("pytest", "kiosk/__init__.py", "import pytest"),
    ("shell", "kiosk/__init__.py", "from subprocess import run"),
]


def broken_contracts(root: Path) -> set[str]:
    """Lint the packages under `root` as `make arrows` does; the ids of the contracts that do not hold."""
    finished = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache", "--config", "pyproject.toml"],
        cwd=root,
        env={**os.environ, "COLUMNS": "500"},  # or the long names are wrapped
        capture_output=True,
        text=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    broken = {key for key, name in CONTRACTS.items() if f"{name} BROKEN" in said}
    kept = {key for key, name in CONTRACTS.items() if f"{name} KEPT" in said}
    assert broken | kept == set(CONTRACTS), said
    assert (finished.returncode != 0) == bool(broken), said
    return broken


@pytest.fixture(scope="module")
def copied_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = tmp_path_factory.mktemp("house")
    for file in ("pyproject.toml", *python_files(*PACKAGES)):
        (house / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, house / file)
    return house


@pytest.fixture(scope="module")
def broken_before(copied_house: Path) -> set[str]:
    """What is broken without our doing; it must not hide whether the other contracts bite."""
    return broken_contracts(copied_house)


def test_every_arrow_and_every_door_holds(broken_before: set[str]) -> None:
    assert broken_before == set()


def test_every_contract_has_a_wrong_import_of_its_own() -> None:
    assert {contract for contract, _, _ in WRONG_IMPORTS} == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "file", "line"), WRONG_IMPORTS)
def test_a_wrong_import_breaks_its_contract_and_no_other(
    copied_house: Path, broken_before: set[str], contract: str, file: str, line: str
) -> None:
    wrong = copied_house / file
    before = wrong.read_text() if wrong.exists() else None
    wrong.write_text(f"{before or ''}\n{line}\n")
    try:
        assert broken_contracts(copied_house) - broken_before == {contract}
    finally:
        if before is None:
            wrong.unlink()
        else:
            wrong.write_text(before)


# What is really loaded --------------------------------------------------------------------------------------------

LOAD = """
import importlib, json, sys
first, then = json.loads(sys.argv[1])
for name in first: importlib.import_module(name)
before = set(sys.modules)
for name in then: importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""
# What decides needs none of these, however far round they would come in.
FOREIGN = {"asyncio", "concurrent", "http", "logging", "multiprocessing", "random", "secrets", "socket", "sqlite3"}
FOREIGN |= {"ssl", "subprocess", "tempfile", "threading", "escpos", "evdev", "pytest", "rich", "textual", "tinydb"}
FOREIGN |= {"watchdog", "kiosk"}


def loaded(modules: list[str], *, first: tuple[str, ...] = (), script: str = LOAD) -> set[str]:
    """Import `first`, then `modules`, in a fresh interpreter; the top-level names that the second part brought in."""
    command = [sys.executable, "-W", "error", "-c", script, json.dumps([first, modules])]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return set(json.loads(finished.stdout))


@pytest.mark.parametrize("room", PURE_STATIONS)
def test_a_room_that_decides_loads_neither_door_nor_screen_nor_paper(room: str) -> None:
    # biip opens its tables of company prefixes through importlib.resources, which brings tempfile and random.
    names = [module_name(file) for file in pure_files(room)]
    assert names
    assert loaded(names, first=("msgspec", "biip")) & (FOREIGN | {"printers", "PIL", "zxingcpp"}) == set()


def test_a_label_is_drawn_without_a_wire_a_screen_or_a_station() -> None:
    names = [module_name(file) for file in pure_files("printers")]
    first = ("msgspec", "PIL.ImageDraw", "PIL.ImageFont", "zxingcpp")
    assert loaded(names, first=first) & (FOREIGN | {"stations", "biip"}) == set()


def test_a_station_with_all_its_doors_loads_neither_screen_nor_paper() -> None:
    names = [module_name(file) for file in python_files("stations")]
    assert loaded(names) & {"kiosk", "printers", "textual", "rich", "escpos"} == set()


def test_everything_loads_where_there_is_no_evdev_and_escpos_waits_for_the_first_job() -> None:
    scanner = module_name("stations/scanning/devices/scanner.py")
    names = [name for file in python_files(*PACKAGES) if (name := module_name(file)) != scanner]
    brought = loaded(names, script=f"import sys; sys.modules['evdev'] = None{LOAD}")
    assert set(PACKAGES) <= brought
    assert "escpos" not in brought


def test_the_look_at_what_is_loaded_sees_what_is_loaded() -> None:
    assert "logging" in loaded(["logging.handlers"])


# Laws that one file can break -------------------------------------------------------------------------------------


def called(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    """Each call: the last name of what is called, its line, and whether it hangs on something by a dot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.lineno, False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node.lineno, True


def calls_of(*names: str, dotted: bool | None = None) -> Callable[[ast.Module], Iterator[str]]:
    def finds(tree: ast.Module) -> Iterator[str]:
        for name, line, hangs in called(tree):
            if name in names and dotted in {None, hangs}:
                yield f"line {line}: {name}()"

    return finds


def no_docstring(tree: ast.Module) -> Iterator[str]:
    if not ast.get_docstring(tree):
        yield "no docstring"


def too_long(tree: ast.Module) -> Iterator[str]:
    length = tree.body[-1].end_lineno or 0
    if length > 400:
        yield f"{length} lines"


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (length := (node.end_lineno or 0) - node.lineno + 1) > 60
        ):
            yield f"line {node.lineno}: {node.name} has {length} lines"


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def broad_excepts(tree: ast.Module) -> Iterator[str]:
    broad = {"Exception", "BaseException"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and not raises_again(node):
            named = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else broad
            if named & broad:
                yield f"line {node.lineno}: except"
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            for argument in node.args:
                if ast.unparse(argument) in broad:
                    yield f"line {node.lineno}: suppress"


class Law(NamedTuple):
    """A claim about single files, what finds a breach, which files it binds, and a breach to show that it bites."""

    claim: str
    finds: Callable[[ast.Module], Iterator[str]]
    binds: Callable[[], list[str]]
    breach: str


def every_file() -> list[str]:
    return python_files(*PACKAGES, "tests")


def program() -> list[str]:
    return python_files(*PACKAGES)


LAWS = [
    Law("a module says what it answers", no_docstring, every_file, "x = 1"),
    Law("a module has at most 400 lines", too_long, program, "x = 1\n" * 401),
    Law("a function has at most 60 lines", long_functions, every_file, "def f():\n" + "    x = 1\n" * 60),
    Law(
        "time arrives as an argument",
        calls_of("now", "today", "utcnow", dotted=True),  # the time module is kept out by the contracts
        lambda: pure_files(*PURE_STATIONS, "printers"),
        "import datetime as dt\nwhen = dt.datetime.now(dt.UTC)",
    ),
    Law(
        "a pure room opens, prints and asks nothing",
        calls_of("open", "print", "input", "read_text", "read_bytes", "write_text", "write_bytes", "breakpoint"),
        lambda: pure_files(*PURE_STATIONS),
        "text = path.read_text()",
    ),
    Law(
        "a decision is the same in every process",
        calls_of("hash", "id", dotted=False),  # both differ from one start to the next
        lambda: pure_files(*PURE_STATIONS, "printers"),
        "key = hash('A4W')",
    ),
    Law("no text becomes code", calls_of("eval", "exec", "__import__", dotted=False), every_file, "eval('1')"),
    Law(
        "one place decides",
        calls_of("Verdict"),
        lambda: [file for file in program() if file != "stations/work/verdict.py"],
        "verdict = work.Verdict(worst=None)",
    ),
    Law(
        "only the runtime catches what it cannot name",
        broad_excepts,
        lambda: [file for file in program() if file != "stations/runtime.py"],
        "try:\n    f()\nexcept (OSError, Exception):\n    pass",
    ),
]


def by_claim(law: Law) -> str:
    return law.claim.replace(" ", "-")


@pytest.mark.parametrize("law", LAWS, ids=by_claim)
def test_a_law_holds_in_every_file_it_binds(law: Law) -> None:
    files = law.binds()
    assert files
    trees = {file: ast.parse((ROOT / file).read_text(encoding="utf-8") or "pass", file) for file in files}
    breaches = [f"{file}: {breach}" for file, tree in trees.items() for breach in law.finds(tree)]
    assert not breaches, f"{law.claim}, but\n" + "\n".join(breaches)


@pytest.mark.parametrize("law", LAWS, ids=by_claim)
def test_a_law_sees_its_breach(law: Law) -> None:
    assert list(law.finds(ast.parse(law.breach)))


# Names and words --------------------------------------------------------------------------------------------------

# Names that say where a thing was put, and not what it answers.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "managers", "manager", "services", "service", "common", "base"}
TEXT = {".py", ".md", ".toml", ".scan", ".csv", ".json", ".jsonl", ".txt", ".tcss", ""}
FOREIGN_WORDS = [
    (r"\b(TO[D]O|FIX[M]E|X{3})\b", "TO" + "DO: later"),
    (r"\b(design|interface|screens|domain|hardware|libs)\.md\b", "see domain" + ".md"),
    (r"(?<!\w)/wor[k]/|\bshare[d]/", "from /wor" + "k/main"),
    (r"(?i)\b(issue|session) #?\d+\b", "as issue" + " 4 asked"),
    (r"(?i)\b(pypi\.org|files\.pythonhosted)\b", "from pypi" + ".org"),
]


def texts() -> Iterator[tuple[str, str]]:
    """Everything a person can read in the project, by its path."""
    folders = [ROOT / folder for folder in (*PACKAGES, "data", "tests", ".ci")]
    paths = [*ROOT.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]
    for path in paths:
        if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def test_a_module_is_named_after_its_question() -> None:
    assert [file for file in program() if EMPTY_NAMES & set(Path(file).with_suffix("").parts)] == []


@pytest.mark.parametrize(("pattern", "sample"), FOREIGN_WORDS)
def test_the_project_speaks_of_itself_alone(pattern: str, sample: str) -> None:
    assert re.search(pattern, sample)
    found = [f"{file}: {match.group()}" for file, text in texts() for match in re.finditer(pattern, text)]
    assert not found, "\n".join(found)
