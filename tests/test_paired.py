"""Which scanners belong to a bench, where they are, and which rule lets them be read."""

import os
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import KEYBOARD, LINE, OTHER_PORT, PORT, SCANNER

from kiosk.scanners.paired import Paired, change_scanners, find, read_scanners, with_paired, write_scanners
from kiosk.scanners.udev import rule_for, rules
from kiosk.site import SiteRefused, shipped
from stations.scanning.decoding.wedge import Profile
from stations.scanning.devices.listing import Found

replace = msgspec.structs.replace
LEFT = Paired(name="left", phys=PORT, vendor="0c2e", product="0b61")
RIGHT = replace(LEFT, name="right", phys=OTHER_PORT)
ELSEWHERE = "usb-0000:00:14.0-9"
GOOD = '[[scanner]]\nname = "left"\nphys = "usb-1"\nvendor = "0c2e"\nproduct = "0b61"\n'

profiles = st.builds(
    Profile,
    layout=st.sampled_from(["us", "uk", "de", "fr"]),
    separator=st.sampled_from(["ctrl", "alt", "f8", "none", 'text:"\\', "text:{GS}"]),
    terminator=st.sampled_from(["enter", "tab", "none"]),
    aim=st.booleans(),
    gap=st.floats(0.1, 1.0),
    limit=st.integers(1, 4096),
    proved=st.booleans(),
)


def at(port: str, **changes: object) -> Found:
    return replace(SCANNER, phys=f"{port}/input0", path=f"/dev/input/by-{port}", **changes)


# The file -------------------------------------------------------------------------------------------------------------


@given(profile=profiles, name=st.text(min_size=1, max_size=40), serial=st.text(max_size=12))
def test_what_is_written_is_read_again(
    profile: Profile, name: str, serial: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "scanners.toml"
    name = name.encode("utf-8", "replace").decode()
    written = (
        replace(LEFT, name=name, doubt=name, serial=serial.encode("utf-8", "replace").decode(), profile=profile),
    )
    write_scanners(path, written)
    assert read_scanners(path) == written


def test_where_there_is_no_file_no_scanner_is_paired(tmp_path: Path) -> None:
    assert read_scanners(tmp_path / "scanners.toml") == ()


def test_a_table_a_scanner_with_its_profile_below_it(tmp_path: Path) -> None:
    write_scanners(tmp_path / "scanners.toml", [LEFT, RIGHT])
    text = (tmp_path / "scanners.toml").read_text()
    assert text.startswith("# ")
    assert [table["name"] for table in tomllib.loads(text)["scanner"]] == ["left", "right"]
    assert text.count("[scanner.profile]") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["scanners.toml"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no = [toml", "not TOML"),
        ("a = " + "[" * 5000, "too many brackets"),
        ("a = " + "9" * 5000, "not TOML that can be used"),
        ("\xff", "not UTF-8 at byte"),
        (GOOD.replace('"left"', "7"), "scanner 1, key name: found int, expected str"),
        (GOOD.replace('"0c2e"', '"C2E"'), "scanner 1, key vendor: found 'C2E', expected four hex digits in lower case"),
        (GOOD.replace('"0b61"', '"0b61\\n"'), "scanner 1, key product: found '0b61\\n', expected four hex digits"),
        (GOOD.replace("usb-1", ""), "scanner 1, key phys: found '', expected a port"),
        (GOOD + GOOD.replace("left", "right").replace("usb-1", "/input0"), "scanner 2, key phys: found '/input0'"),
        (GOOD.replace("product", "prodct"), "prodct"),
        (f'{GOOD}[scanner.profile]\nlayout = "dvorak"\n', "scanner 1, key profile.layout"),
        (f"{GOOD}[scanner.profile]\ngap = 9.0\n", "scanner 1, key profile.gap"),
        (f'{GOOD}[scanner.profile]\nseparator = "f9"\n', "scanner 1, key profile.separator"),
        (GOOD * 2, "key name: found 'left' twice"),
        (GOOD + GOOD.replace("left", "right").replace("usb-1", "usb-1/input1"), "key phys: found 'usb-1' twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_file_key_found_and_expected(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "scanners.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(SiteRefused) as refused:
        read_scanners(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "scanners.toml")
    with pytest.raises(SiteRefused, match="found no regular file"):
        read_scanners(tmp_path / "scanners.toml")


def test_a_file_that_may_not_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(SiteRefused, match="cannot be read: Too many levels of symbolic links"):
        read_scanners(tmp_path / "loop")


def test_two_who_change_the_file_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "scanners.toml"

    def add(number: int) -> None:
        new = replace(LEFT, name=f"n{number}", phys=f"usb-{number}")
        change_scanners(path, lambda there: (*there, new))

    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(add, range(24)))
    assert sorted(scanner.name for scanner in read_scanners(path)) == sorted(f"n{number}" for number in range(24))


# Where it is ----------------------------------------------------------------------------------------------------------


def test_all_nodes_of_the_device_are_given_those_that_type_nothing_too() -> None:
    control = replace(SCANNER, path="/dev/input/event8", phys=f"{PORT}/input1", looks_like_scanner=False)
    where = find(LEFT, [LEFT], [KEYBOARD, SCANNER, control, at(OTHER_PORT)])
    assert (where.state, where.nodes) == ("there", (SCANNER, control))


def test_a_device_of_which_nothing_types_yet_is_not_there() -> None:
    control = replace(SCANNER, looks_like_scanner=False)
    assert find(LEFT, [LEFT], [control]).state == "gone"


def test_twins_stay_apart() -> None:
    twins, found = [LEFT, RIGHT], [at(OTHER_PORT), at(PORT)]
    assert [find(each, twins, found).nodes[0].port for each in twins] == [PORT, OTHER_PORT]
    assert find(LEFT, twins, [at(OTHER_PORT)]).state == "gone"


def test_one_with_a_serial_number_is_followed_to_another_port_and_that_is_said() -> None:
    left = replace(LEFT, serial="S1")
    where = find(left, [left], [at(ELSEWHERE, serial="S1"), at(OTHER_PORT, serial="S2")])
    assert (where.state, where.nodes[0].port) == ("moved", ELSEWHERE)
    assert PORT in where.says
    assert ELSEWHERE in where.says


def test_twins_with_serial_numbers_that_changed_places_are_followed_both() -> None:
    twins = [replace(LEFT, serial="S1"), replace(RIGHT, serial="S2")]
    found = [at(PORT, serial="S2"), at(OTHER_PORT, serial="S1")]
    assert [find(each, twins, found).nodes[0].port for each in twins] == [OTHER_PORT, PORT]


@pytest.mark.parametrize(
    ("scanner", "found", "state", "told"),
    [
        (LEFT, [], "gone", PORT),
        (LEFT, [at(ELSEWHERE)], "elsewhere", f"a scanner like it is at {ELSEWHERE}, so plug it back in at {PORT}"),
        (replace(LEFT, serial="S1"), [at(ELSEWHERE, serial="S9")], "elsewhere", ELSEWHERE),
        (replace(LEFT, serial="S1"), [at("usb-8", serial="S1"), at("usb-9", serial="S1")], "elsewhere", "usb-8"),
        (LEFT, [at(PORT, product=7)], "other", "0c2e:0007"),
        (replace(LEFT, serial="S1"), [at(PORT, serial="S9")], "other", "S9"),
        (LEFT, [replace(LINE, path="/dev/ttyACM0")], "other", PORT),
        (LEFT, [KEYBOARD], "gone", "plug it in"),
    ],
)
def test_one_that_is_not_there_is_never_another_device_and_the_mend_is_said(
    scanner: Paired, found: list[Found], state: str, told: str
) -> None:
    where = find(scanner, [scanner], found)
    assert (where.state, where.nodes) == (state, ())
    assert where.says.startswith("Not there: ")
    assert told in where.says
    assert "kiosk pair scanner" in where.says
    assert where.trouble is not None
    assert where.trouble.says == where.says


def test_a_serial_number_that_two_scanners_carry_tells_nobody_from_the_other() -> None:
    twins = [replace(each, serial="00000000") for each in (LEFT, RIGHT)]
    both_moved = [at(ELSEWHERE, serial="00000000")]
    assert [find(each, twins, both_moved).state for each in twins] == ["elsewhere"] * 2
    one_stayed = [at(OTHER_PORT, serial="00000000"), at(ELSEWHERE, serial="00000000")]
    assert [find(each, twins, one_stayed).state for each in twins] == ["elsewhere", "there"]


def test_a_scanner_that_is_paired_as_another_is_not_offered_in_its_place() -> None:
    assert find(LEFT, [LEFT, RIGHT], [at(OTHER_PORT)]).state == "gone"
    assert find(LEFT, [LEFT], [at(OTHER_PORT)]).state == "elsewhere"


# Pairing into the file ------------------------------------------------------------------------------------------------

PROVED = Profile(separator="f8", proved=True)


@pytest.mark.parametrize(
    ("before", "found", "named", "names", "called"),
    [
        ([], at(PORT), None, ["scanner"], "scanner"),
        ([], at(PORT), "left", ["left"], "left"),
        ([replace(LEFT, name="scanner")], at(OTHER_PORT, product=9), None, ["scanner", "scanner 2"], "scanner 2"),
        ([LEFT, RIGHT], at(PORT), None, ["right", "left"], "left"),
        ([LEFT, RIGHT], at(PORT), "middle", ["right", "middle"], "middle"),
        ([LEFT], at(ELSEWHERE), None, ["left"], "left"),
        ([LEFT, RIGHT], at(ELSEWHERE), "left", ["right", "left"], "left"),
        ([replace(LEFT, serial="S1")], at(ELSEWHERE, serial="S1"), None, ["left"], "left"),
        ([LEFT, RIGHT], at(PORT), "right", ["right"], "right"),
    ],
)
def test_the_one_it_was_is_replaced_and_the_others_stay(
    before: list[Paired], found: Found, named: str | None, names: list[str], called: str
) -> None:
    there = [found, *([at(OTHER_PORT)] if RIGHT in before else [])]
    after, new = with_paired(before, found, PROVED, named, there)
    assert [scanner.name for scanner in after] == names
    assert (new.name, new.phys, new.profile) == (called, found.port, PROVED)
    assert (new.vendor, new.product) == (f"{found.vendor:04x}", f"{found.product:04x}")
    assert after[-1] == new


@pytest.mark.parametrize("name", [None, "right"])
def test_a_twin_with_the_same_serial_number_is_another_scanner(name: str | None) -> None:
    left, twin = at(PORT, serial="00000000"), at(OTHER_PORT, serial="00000000")
    paired, _ = with_paired([], left, PROVED, "left", [left, twin])
    both, new = with_paired(paired, twin, PROVED, name, [left, twin])
    assert [scanner.phys for scanner in both] == [PORT, OTHER_PORT]
    assert new.name == (name or "scanner")


def test_one_that_is_just_unplugged_keeps_its_place_when_another_is_paired_by_name() -> None:
    after, _ = with_paired([LEFT], at(OTHER_PORT), PROVED, "right", [at(OTHER_PORT)])
    assert [scanner.name for scanner in after] == ["left", "right"]


def test_pairing_anew_ends_a_doubt() -> None:
    (after,), _ = with_paired([replace(LEFT, doubt="GS no longer arrives.")], at(PORT), PROVED, None, [at(PORT)])
    assert after.doubt == ""


def test_twins_that_are_both_gone_leave_a_new_one_of_their_model_a_name_of_its_own() -> None:
    after, new = with_paired([LEFT, RIGHT], at(ELSEWHERE), PROVED, None, [at(ELSEWHERE)])
    assert ([scanner.name for scanner in after], new.name) == (["left", "right", "scanner"], "scanner")


# The rule -------------------------------------------------------------------------------------------------------------


def test_the_rule_of_a_scanner_is_the_line_of_its_model_in_the_file_that_comes_with_the_program() -> None:
    line = 'ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", ENV{KIOSK_SCANNER}="1"'
    assert rule_for(SCANNER) == rule_for(LEFT) == rule_for(LINE) == line
    file = (shipped() / "bench" / "70-kiosk-scanner.rules").read_text()
    assert f"#{line}" in file.splitlines()


def test_a_wireless_scanner_is_told_by_numbers_of_its_own() -> None:
    assert 'ATTRS{id/vendor}=="0c2e"' in rule_for(replace(SCANNER, phys="bluetooth-00:11"))


def test_the_file_is_the_shipped_one_with_the_models_put_in_each_once_and_a_name_cannot_make_another() -> None:
    hostile = replace(SCANNER, name='a\nRUN+="/bin/sh"', product=9)
    lines = [line for line in rules([SCANNER, LEFT, hostile]) if line and not line.startswith("#")]
    file = (shipped() / "bench" / "70-kiosk-scanner.rules").read_text()
    in_force = [line for line in file.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if line not in in_force] == [rule_for(SCANNER), rule_for(hostile)]
    assert [line for line in lines if line in in_force] == in_force
    at = lines.index('LABEL="kiosk_scanner_model"')
    assert lines[at + 1 : at + 3] == [rule_for(SCANNER), rule_for(hostile)]
    assert not any("\n" in line for line in lines)
