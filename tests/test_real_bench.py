"""What is needed to set a bench up: the rule and the unit are well formed, and the page names only what there is."""

import configparser
import errno
import re
from pathlib import Path

import pytest
from machine import OTHER_PORT, PORT, SCANNER
from msgspec.structs import replace

from kiosk.commandline import Exit, read
from kiosk.scanners.paired import Paired, find
from printers.status import FEEDING, NEAR_END, PAUSED, SENTENCES
from printers.transports.trouble import why
from stations.scanning.devices.trouble import trouble_of

ROOT = Path(__file__).parents[1]
SAYING = [
    *(ROOT / "kiosk" / "commands" / name for name in ("check.py", "scanner_checks.py", "printer_checks.py")),
    *(ROOT / "kiosk" / name for name in ("site.py", "looking.py", "scanners/paired.py")),
    ROOT / "stations" / "scanning" / "devices" / "trouble.py",
    *(ROOT / "printers" / name for name in ("profile.py", "status.py")),
    *sorted((ROOT / "printers" / "transports").glob("*.py")),
]
"""Where the sentences of `kiosk check` stand."""
LEFT = Paired(name="left", phys=PORT, vendor="0c2e", product="0b61", serial="S1")
ELSEWHERE, OTHER = replace(SCANNER, phys=f"{OTHER_PORT}/input0"), replace(SCANNER, product=9)
MOVED = replace(ELSEWHERE, serial="S1")
PAGE = (ROOT / "docs" / "real-bench.md").read_text(encoding="utf-8")
RULE = (ROOT / "data" / "bench" / "70-kiosk-scanner.rules").read_text(encoding="utf-8")
PRINTER_RULE = (ROOT / "data" / "bench" / "71-kiosk-printer.rules").read_text(encoding="utf-8")
UNIT = (ROOT / "data" / "bench" / "kiosk@.service").read_text(encoding="utf-8")
TTY = "/dev/tty1"
_TOKEN = re.compile(r'([A-Z]+)(?:\{(\w+)\})?(==|!=|\+=|:=|=)"([^"]*)"')
_MATCHES = {"ACTION", "SUBSYSTEM", "KERNEL", "ATTRS"}
_SETS = {"GROUP", "MODE", "GOTO", "LABEL", "SYMLINK"}
"""Keys of udev(7) that compare, and that assign; ENV does either."""


def rules(text: str) -> list[list[tuple[str, str, str, str]]]:
    """Read rules as udev(7) tells them: key, its name in braces, operator, value."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = []
    for line in lines:
        tokens = [part.strip() for part in line.split(", ")]
        matches = [_TOKEN.fullmatch(token) for token in tokens]
        assert all(matches), line
        found.append([(match[1], match[2] or "", match[3], match[4]) for match in matches if match])
    return found


def examples(rule: str = RULE) -> str:
    """Give a rule with its examples of models switched on."""
    return re.sub(r"^#(ATTRS)", r"\1", rule, flags=re.MULTILINE)


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as configparser tells to keep capitals
    parser.read_string(UNIT)
    return parser


# The rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [RULE, examples(), PRINTER_RULE, examples(PRINTER_RULE)])
def test_every_line_of_the_rule_is_one_that_udev_reads(text: str) -> None:
    for tokens in rules(text):
        for key, _, operator, _ in tokens:
            assert key in _MATCHES | _SETS | {"ENV"}
            assert (operator in ("==", "!=")) == (key in _MATCHES) or key == "ENV"
    labels = {value for tokens in rules(text) for key, _, _, value in tokens if key == "LABEL"}
    assert {value for tokens in rules(text) for key, _, _, value in tokens if key == "GOTO"} == labels


def test_the_rules_leave_every_device_alone_until_a_model_is_named() -> None:
    for text in (RULE, PRINTER_RULE):
        assert "ATTRS" not in {key for tokens in rules(text) for key, _, _, _ in tokens}
    models = [tokens for tokens in rules(examples()) if tokens[0][0] == "ATTRS"]
    assert all([name for _, name, _, _ in tokens] == ["idVendor", "idProduct", "KIOSK_SCANNER"] for tokens in models)
    assert {tokens[0][3] for tokens in models} >= {"0c2e", "05e0"}
    assert all(re.fullmatch(r"[0-9a-f]{4}|VVVV|PPPP", value) for tokens in models for *_, value in tokens[:2])


def test_a_scanner_is_for_its_own_group_alone_and_not_for_the_desktop() -> None:
    flat = [token for tokens in rules(RULE) for token in tokens]
    assert ("GROUP", "", "=", "kiosk-scanner") in flat
    assert ("MODE", "", "=", "0660") in flat
    assert ("ENV", "LIBINPUT_IGNORE_DEVICE", "=", "1") in flat
    assert rules(RULE)[0] == [("ACTION", "", "==", "remove"), ("GOTO", "", "=", "kiosk_scanner_end")]


def test_a_printer_is_for_the_group_lp_and_has_a_name_that_stays() -> None:
    flat = [token for tokens in rules(PRINTER_RULE) for token in tokens]
    assert ("GROUP", "", "=", "lp") in flat
    assert ("MODE", "", "=", "0660") in flat
    assert ("SYMLINK", "", "+=", "printer-$env{KIOSK_PRINTER}") in flat
    assert {value for key, name, operator, value in flat if (name, operator) == ("KIOSK_PRINTER", "=")} == set()
    names = [tokens[-1] for tokens in rules(examples(PRINTER_RULE)) if tokens[0][0] == "ATTRS"]
    assert set(names) == {("ENV", "KIOSK_PRINTER", "=", "label")}


# The unit ---------------------------------------------------------------------------------------------------------


def test_the_unit_runs_the_bench_on_a_console_of_its_own() -> None:
    service = unit()["Service"]
    assert service["TTYPath"] == TTY
    assert [service[f"Standard{stream}"] for stream in ("Input", "Output", "Error")] == ["tty"] * 3
    assert [service[key] for key in ("TTYReset", "TTYVHangup", "TTYVTDisallocate")] == ["yes"] * 3
    assert "getty@tty1.service" in unit()["Unit"]["Conflicts"].split()


def test_the_unit_is_never_root_and_writes_its_data_folder_alone() -> None:
    service = unit()["Service"]
    assert service["User"] == "kiosk"
    assert set(service["SupplementaryGroups"].split()) == {"kiosk-scanner", "lp"}
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    environment = dict(pair.split("=", 1) for pair in service["Environment"].split())
    assert environment["KIOSK_DATA"] == service["ReadWritePaths"]
    assert environment["TERM"] == "linux"


def test_the_unit_starts_the_bench_again_but_not_in_a_hot_loop() -> None:
    service = unit()["Service"]
    assert service["Restart"] == "always"
    assert re.search(r"\|\| sleep 10;", service["ExecStart"])
    assert service["RestartPreventExitStatus"].split() == [str(int(Exit.USAGE))]
    assert unit()["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_unit_starts_a_command_that_there_is() -> None:
    started = re.search(r"/opt/rxkiosk/bin/kiosk ([^;]*);", unit()["Service"]["ExecStart"])
    assert started is not None
    assert read(started[1].replace('"$$0"', "bench-3").split()).station == "bench-3"


# The page ---------------------------------------------------------------------------------------------------------


def commands() -> list[str]:
    """Find every `kiosk …` that the page has somebody run."""
    blocks = re.findall(r"^```\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines() if not line.startswith("alias")]
    quoted = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", PAGE, flags=re.DOTALL | re.MULTILINE))
    found = [re.search(r"(?:^|-- )kiosk( .+)$", text) for text in (*lines, *quoted)]
    return [match[1].strip() for match in found if match]


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_the_page_names_only_commands_that_there_are(command: str) -> None:
    assert read(command.split()).answer


def test_the_page_shows_how_each_thing_is_done() -> None:
    said = {word for command in commands() for word in command.split()}
    assert {"init", "devices", "check-card", "test-page", "--raw", "scanner", "check"} <= said


def test_the_page_names_the_files_the_program_brings() -> None:
    for name in re.findall(r"data/bench/(\S+\w)", PAGE):
        assert (ROOT / "data" / "bench" / name).is_file()
    assert {"70-kiosk-scanner.rules", "71-kiosk-printer.rules", "kiosk@.service"} <= set(
        re.findall(r"data/bench/(\S+\w)", PAGE)
    )


def rows() -> list[str]:
    """Give what the page lists that `kiosk check` says."""
    table = PAGE.partition("| it says | do |")[2].partition("\n\n")[0]
    return [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]


@pytest.mark.parametrize("row", rows())
def test_the_table_holds_only_what_the_check_says(row: str) -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in SAYING)
    for words in re.split(r" ?… ?|, ", row.removeprefix("scanners: ").replace("/dev/input", "")):
        assert words.strip(": ") in told


_NUMBERS = (errno.ENODEV, errno.ENOENT, errno.EACCES, errno.EBUSY, errno.ENOTTY, errno.EPROTO)
_TROUBLES = [
    *(trouble_of(OSError(number, "Told")).what for number in _NUMBERS),
    *(find(LEFT, [LEFT], there).says for there in ([], [ELSEWHERE], [OTHER], [MOVED])),
]


@pytest.mark.parametrize("says", _TROUBLES)
def test_the_table_has_a_row_for_every_trouble_of_a_scanner(says: str) -> None:
    words = [re.split(r" ?… ?", row.removeprefix("scanners: … ")) for row in rows() if row.startswith("scanners: … ")]
    told = says.replace("Not there", "is not there")
    assert any(all(each in told for each in some) for some in words)


def says() -> list[str]:
    """Give what the page lists that a printer says."""
    table = PAGE.partition("| the printer … | it means | do |")[2].partition("\n\n")[0]
    return [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]


@pytest.mark.parametrize("row", says())
def test_the_printer_s_table_holds_only_what_a_printer_says(row: str) -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in SAYING)
    assert all(words in told for words in re.split(r" ?… ?", row))


_PRINTER_TROUBLES = [
    *SENTENCES.values(),
    *(status.sentence for status in (NEAR_END, PAUSED, FEEDING)),
    *(why("/dev/usb/lp0", OSError(number, "Told")) for number in (errno.ENOENT, errno.EACCES, errno.EBUSY, errno.EIO)),
]


@pytest.mark.parametrize("sentence", _PRINTER_TROUBLES)
def test_the_printer_s_table_has_a_row_for_every_trouble(sentence: str) -> None:
    assert any(row in sentence for row in says())


def test_the_page_says_the_same_names_as_unit_and_rule() -> None:
    for name in ("kiosk-scanner", unit()["Service"]["ReadWritePaths"], "/opt/rxkiosk", "kiosk@bench-3.service"):
        assert name in PAGE
