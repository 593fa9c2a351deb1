"""What was asked on the command line?

Reads arguments and nothing else. Each command names the function that answers it, so that only what is asked is
imported. Names that later versions answer are refused with a sentence rather than as unknown.
"""

import argparse
import datetime as dt
import enum
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

RESERVED = {
    "supervise": "The supervisor's screens",
    "report": "Reports",
    "staff": "Changing staff",
    "fleet": "Other stations",
}
"""Commands of later versions, and what they will be for."""

KINDS = ("ndc", "staff", "items", "links", "devices", "locations", "stock", "picks")
"""What can be imported; the same words the station's intake knows."""

SCREEN = Path("-")
"""Where a label is previewed that is not written to a file."""
_FIELD = re.compile(r"[a-z][a-z0-9_]*=")

_EPILOG = """\
two ways to begin:
  kiosk demo                       a throwaway sample hospital, a tray of barcodes for a scanner
  kiosk init --sample && kiosk     the same hospital in a data folder that stays

exit status:
  0 done   1 an expectation or a check failed   2 wrong usage   3 bad data or definitions
  4 device trouble, or the station is held by another process
  5 the journal is broken or cannot be written   70 a fault of the program
"""


class Exit(enum.IntEnum):
    """How a command ended."""

    DONE = 0
    """Warnings allowed, such as nothing paired."""
    FAILED = 1
    """An expectation or a check."""
    USAGE = 2
    DATA = 3
    """Bad data or definitions."""
    DEVICE = 4
    """Trouble with a device, or the station is held by another process."""
    JOURNAL = 5
    """It is broken or cannot be written."""
    BUG = 70
    INTERRUPTED = 130
    """As shells name the end by Ctrl+C."""


class UsageRefused(Exception):
    """The arguments are not what a command takes; one sentence."""


class _Parser(argparse.ArgumentParser):
    """Refuses with one sentence."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as argparse takes them
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise UsageRefused."""
        raise UsageRefused(f"{self.prog}: {message}; see {self.prog} --help")


def read(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; raise UsageRefused, or SystemExit where help was asked for.

    `answer` names the function, as module:function.
    """
    parser = _parser()
    asked, rest = parser.parse_known_args(list(_preview_apart(argv)))
    reserved = RESERVED.get(asked.command or "")
    if reserved is not None:
        raise UsageRefused(f"{reserved} comes with a later version of this program: kiosk {asked.command} is reserved.")
    if rest:
        _add_rest(parser, asked, rest)
    return asked


def _preview_apart(argv: Sequence[str]) -> Iterator[str]:
    """Keep `--preview` from taking the field or the label's name behind it for its file.

    >>> list(_preview_apart(["--preview", "a.png", "--preview", "note=a.png", "--preview", "T20"]))
    ['--preview', 'a.png', '--preview=-', 'note=a.png', '--preview=-', 'T20']
    """
    for word, after in zip(argv, [*argv[1:], ""], strict=True):
        is_file = ("." in after or "/" in after) and not _FIELD.match(after)
        yield f"{word}={SCREEN}" if word == "--preview" and not is_file else word


def _add_rest(parser: _Parser, asked: argparse.Namespace, rest: Sequence[str]) -> None:
    """Add files or fields that stand behind an option: argparse takes only those before the first one."""
    if asked.command not in ("import", "print") or any(word.startswith("-") for word in rest):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if asked.command == "import":
        asked.files += map(Path, rest)
    else:
        asked.fields += rest


def _parser() -> _Parser:
    parser = _Parser(
        prog="kiosk",
        description="A bench kiosk for hospital pharmacies: scan, check, verdict, record, label.",
        epilog=_EPILOG,
    )
    _add_places(parser, default=None)
    parser.set_defaults(answer="kiosk.commands.bench:run")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add in (_add_benches, _add_folder, _add_scans, _add_devices, _add_record):
        add(_Adder(commands))
    for name in RESERVED:
        later = commands.add_parser(name, add_help=False, prefix_chars="\0")
        later.add_argument("rest", nargs="*")
    return parser


def _add_places(parser: argparse.ArgumentParser, default: str | None) -> None:
    place = parser.add_argument_group("where")
    folder = "the site's data folder; else $KIOSK_DATA, else the user's"
    place.add_argument("--data", type=Path, metavar="DIR", default=default, help=folder)
    bench = "the bench; needed where the folder has several"
    place.add_argument("--station", metavar="ID", default=default, help=bench)


class _Adder:
    """Adds one command after the other."""

    def __init__(self, commands: Any) -> None:  # noqa: ANN401 - a private type of argparse
        self._commands = commands

    def __call__(self, name: str, answer: str, does: str, *examples: str) -> _Parser:
        """Add a command that the function `answer` of `kiosk.commands` answers."""
        lines = [f"  kiosk {example}" for example in examples]
        epilog = "\n".join(["examples:", *lines]) if lines else None
        added: _Parser = self._commands.add_parser(
            name, help=does, description=f"{does[0].upper()}{does[1:]}.", epilog=epilog
        )
        # What stands before the command must not be overwritten by a default after it.
        _add_places(added, default=argparse.SUPPRESS)
        added.set_defaults(answer=f"kiosk.commands.{answer}")
        return added


def _add_benches(add: _Adder) -> None:
    add("run", "bench:run", "this station's screens", "run", "--data /srv/pharmacy run --station bench-3")
    add(
        "demo",
        "bench:demo",
        "a throwaway sample hospital with a tray of barcodes and a paper roll on the screen",
        "demo",
    )


def _add_folder(add: _Adder) -> None:
    init = add("init", "folder:init", "make a site's data folder", "init --sample", "--data /srv/pharmacy init")
    init.add_argument("--sample", action="store_true", help="with the sample hospital in it")
    add("check", "check:check", "look over folder, definitions, devices, printer and journal, with the mend", "check")
    files = add(
        "import",
        "imports:take",
        "take files in, all or nothing, and report what changed",
        "import staff staff.csv",
        "import ndc product.txt package.txt",
        "import ndc ndctext.zip",
    )
    files.add_argument("kind", metavar="KIND", choices=KINDS, help=f"one of {', '.join(KINDS)}")
    files.add_argument("files", metavar="FILE", nargs="+", type=Path)


def _add_scans(add: _Adder) -> None:
    replay = add(
        "replay",
        "scans:replay",
        "run a scan script without a screen: one JSON line an action",
        "replay refill.scan",
        "replay refill.scan --data /srv/pharmacy --keep /tmp/after",
    )
    replay.add_argument("script", metavar="SCRIPT", type=Path)
    replay.add_argument("--keep", type=Path, metavar="DIR", help="keep the folder it ran on there")
    parse = add(
        "parse",
        "scans:parse",
        "codes on standard input, one a line; one JSON object a line",
        "parse < codes.txt",
        "parse --today 2026-03-10 < codes.txt",
    )
    parse.add_argument("--today", type=_day, metavar="DATE", help="the day of the scan, as 2026-03-10; else today")


def _add_devices(add: _Adder) -> None:
    devices = add(
        "devices",
        "devices:devices",
        "list scanners and printers with their stable names",
        "devices",
        "devices --udev > 70-kiosk-scanner.rules",
    )
    devices.add_argument(
        "--udev", action="store_true", help="instead, the udev rules that let a group read the scanners"
    )
    pair = add(
        "pair",
        "pair:scanner",
        "tell which device is the scanner, and how it types, by scanning the check card",
        "pair scanner",
        "pair scanner --name left --card",
    )
    pair.add_argument("what", metavar="scanner", choices=("scanner",), help="what is paired")
    pair.add_argument("--name", type=_name, help="what people call it, such as left; else its old name, or scanner")
    pair.add_argument("--card", action="store_true", help="all five codes must be read; else one is enough")
    pair.add_argument("--only", action="store_true", help="even where no other device could be a keyboard")
    pair.add_argument("--seconds", type=_seconds, default=30, help="how long to wait for each code; else 30")
    _add_print(add)


def _add_print(add: _Adder) -> None:
    label = add(
        "print",
        "labels:label",
        "draw a label and print it, or look at it first",
        "print T20 --sample --preview",
        "print T05 location=03-A-12 --paper 58 --preview bin.png",
        "print badge person=AT",
        "print location --each 03-A --raw shelves.bin",
        "print check-card",
    )
    others = "badge, location, command-sheet, check-card, test-page"
    label.add_argument("name", metavar="NAME", help=f"a label's id, T01 to T23; or {others}")
    found = "badge person=AT, location code=L03A12Z and T05 location=03-A-12 find the rest"
    fields = f"given twice, the field is a list; {found}"
    label.add_argument("fields", metavar="FIELD=VALUE", nargs="*", help=fields)
    label.add_argument("--sample", action="store_true", help="fill what is not given with the label's sample values")
    every = "one badge, location or T05 for each of these: a role, a name's beginning, a cabinet, or all"
    label.add_argument("--each", metavar="WORDS", help=every)
    label.add_argument("--copies", type=_copies, metavar="N", default=1, help="of each label, 1 to 99; else 1")
    label.add_argument("--paper", type=int, choices=(80, 58), help="width of the roll in mm; else the station's")
    look = "look at it instead of printing: on the terminal, or as a picture in a file"
    label.add_argument("--preview", type=Path, nargs="?", const=SCREEN, metavar="FILE.png", help=look)
    label.add_argument("--raw", type=Path, metavar="FILE.bin", help="write the printer's bytes instead of printing")


def _add_record(add: _Adder) -> None:
    log = add(
        "log",
        "record:log",
        "the station's log",
        "log --since 2026-03-10 --verdict STOP",
        "log --follow",
        "log --lot LOT7A --csv > lot.csv",
    )
    log.add_argument("--follow", action="store_true", help="go on with what comes, until interrupted")
    log.add_argument("--since", type=_moment, metavar="TIME", help="a day or a time, as 2026-03-10 or 2026-03-10T08:00")
    log.add_argument("--until", type=_moment, metavar="TIME", help="before this time; a day is included whole")
    for name, what in (
        ("who", "a person's initials"),
        ("role", "the role of the task, such as automation"),
        ("task", "a task's code or a checklist's id"),
        ("verdict", "PASS, HOLD or STOP"),
        ("reason", "a reason, such as wrong-item"),
        ("item", "an item, a GTIN or an NDC"),
        ("lot", "a lot"),
        ("serial", "a serial number"),
    ):
        log.add_argument(f"--{name}", metavar=name.upper(), help=what)
    _add_form(log)
    verify = add(
        "verify", "record:verified", "is every line of the journal what was written", "verify", "verify --head 9f2c…"
    )
    verify.add_argument("--head", type=_head, metavar="HASH", help="a hash noted before: it must still be in the chain")
    worklist = add(
        "worklist", "record:worklist", "what is due, computed from the registers", "worklist below-par --csv"
    )
    worklist.add_argument("name", metavar="NAME")
    _add_form(worklist)


def _add_form(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", dest="how", action="store_const", const="csv", default="text", help="as a CSV file")
    form.add_argument(
        "--json", dest="how", action="store_const", const="json", default="text", help="as JSON, one object a line"
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a day as 2026-03-10") from error


def _name(text: str) -> str:
    if not text.isprintable() or not 1 <= len(text.strip()) <= 40:  # noqa: PLR2004 - a name fits a line of the screen
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a name of 1 to 40 printable characters")
    return text.strip()


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3600):  # noqa: PLR2004 - an hour
        raise argparse.ArgumentTypeError(f"found {text!r}, expected whole seconds, 1 to 3600")
    return int(text)


def _copies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 99):  # noqa: PLR2004 - a slip never empties the roll
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a number of copies, 1 to 99")
    return int(text)


def _moment(text: str) -> dt.date | dt.datetime:
    """Read a day, or a time with or without its offset."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected 2026-03-10 or 2026-03-10T08:00") from error


def _head(text: str) -> str:
    head = text.lower()
    if len(head) != 64 or set(head) - set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256 in hex
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a hash of 64 hex digits")
    return head
