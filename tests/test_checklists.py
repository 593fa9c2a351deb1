"""Files that a site edits: what a checklist may say, how one that cannot be used is refused, and what stays then."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.definitions import Definitions
from stations.pharmacy.words import unknown_words
from stations.work.checklists import Checklist, ChecklistRefused, Each, ScanProduct, read_checklist, singles
from stations.work.settings import Settings, SettingsRefused, read_settings

DATA = Path(__file__).parents[1] / "data"
CHECKLISTS = sorted((DATA / "checklists").glob("*/*.toml"))

HEAD = """\
id = "automation.example"
version = 1
title = "Example"
role = "automation"
about = "For the tests."
"""
PLACE = """
[[step]]
id = "place"
kind = "scan-location"
asks = "Scan a place"
"""
LIST = """
[[step]]
id = "list"
kind = "scan-identity"
asks = "Scan the list"
of = "pick_list"
"""
EACH = """
[[step]]
id = "line"
kind = "each"
asks = "Each line"
lines = "pick-lines list"

    [[step.step]]
    id = "package"
    kind = "scan-product"
    asks = "Scan it"
    item = "line.item"
"""


def step(kind: str, *keys: str, name: str = "more") -> str:
    return "\n".join(("", "[[step]]", f'id = "{name}"', f'kind = "{kind}"', 'asks = "Do it"', *keys, ""))


def refusal(text: str) -> str:
    with pytest.raises(ChecklistRefused) as refused:
        read_checklist(text, "automation/example.toml")
    return str(refused.value)


# What is shipped ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CHECKLISTS, ids=lambda path: path.stem)
def test_every_shipped_checklist_can_be_used(path: Path) -> None:
    found = read_checklist(path.read_text(), path.name)
    assert found.id == f"{path.parent.name}.{path.stem}"
    assert list(unknown_words(found)) == []


def test_the_annotated_example_of_every_feature_can_be_used() -> None:
    readme = (DATA / "checklists" / "README.md").read_text()
    example = readme.partition("```toml\n")[2].partition("```")[0]
    found = read_checklist(example, "automation/example.toml")
    assert found.id == "automation.example"
    assert list(unknown_words(found)) == []


def test_the_hash_of_a_definition_is_that_of_its_bytes_and_changes_with_them() -> None:
    one, two = (read_checklist(HEAD + PLACE + more, "example.toml") for more in ("", "# a word\n"))
    assert len(one.sha256) == 64
    assert one.sha256 != two.sha256


def test_steps_within_a_repeated_one_are_given_once() -> None:
    found = read_checklist(HEAD + LIST + EACH, "example.toml")
    assert [single.id for single in singles(found.step)] == ["list", "package"]
    assert isinstance(found.step[1], Each)
    assert isinstance(found.step[1].step[0], ScanProduct)


# What is refused, and with which sentence -----------------------------------------------------------------------------

REFUSED = [
    ("not = [toml", "not TOML: "),
    (HEAD, "Object missing required field `step`"),
    (f"{HEAD}step = []\n", "key step: found none, expected at least one"),
    (HEAD.replace("version = 1", 'version = "1"') + PLACE, "key version: Expected `int`, got `str`"),
    (HEAD.replace("title", "titel") + PLACE, "Object contains unknown field `titel`"),
    (f"colour = 1\n{HEAD}{PLACE}", "Object contains unknown field `colour`"),
    (f"level = 4\n{HEAD}{PLACE}", "key level: Invalid enum value 4"),
    (f'sha256 = "0"\n{HEAD}{PLACE}', "key sha256: found a value, expected none"),
    (f'subject = "shelf"\n{HEAD}{PLACE}', "key subject: found shelf, expected the id of the first step, place"),
    (HEAD + step("scan"), "key step[0].kind (the step at line 7): Invalid value 'scan'"),
    (HEAD + PLACE + step("count"), "key step[1] (the step at line 12): Object missing required field `expect`"),
    (HEAD + PLACE + step("text", "colour = 1"), "(the step at line 12): Object contains unknown field `colour`"),
    (HEAD + PLACE + step("text", "required = false"), "Object contains unknown field `required`"),
    (
        HEAD + PLACE + step("text", "min_length = 0"),
        "key step[1].min_length (the step at line 12): Expected `int` >= 1",
    ),
    (HEAD + PLACE + step("text", "min_length = 9", "max_length = 8"), "step more: min_length is 9, expected at most"),
    (HEAD + PLACE + step("choice", "options = []"), "key step[1].options (the step at line 12)"),
    (HEAD + PLACE + step("text", name="place"), "step place: its id is taken"),
    (HEAD + step("text", name="a.b"), "step a.b: its id is taken or has other than letters, digits and hyphens"),
    (HEAD + step("text", name=""), "its id is taken or has other than letters"),
    (HEAD + step("text", name="étape"), "has other than letters, digits and hyphens"),
    (
        HEAD + PLACE + step("text", 'when = { step = "more", outcome = ["done"] }'),
        "step more: when names more, expected the id of an earlier step",
    ),
    (HEAD + PLACE + step("text", 'when = { step = "place", outcome = [] }'), "key step[1].when.outcome"),
    (
        HEAD + LIST + EACH + step("text", 'when = { step = "package", outcome = ["done"] }'),
        "step more: when names package, expected the id of an earlier step",
    ),
    (HEAD + EACH, "step line: lines is 'pick-lines list', expected a rule's word and the id of an earlier step"),
    (HEAD + LIST + EACH.replace("pick-lines list", "pick-lines line"), "step line: lines is 'pick-lines line'"),
    (HEAD + LIST + EACH.replace("pick-lines list", "pick-lines package"), "step line: lines is 'pick-lines package'"),
    (HEAD + LIST + EACH.partition("    [[step.step]]")[0], "Object missing required field `step`"),
    (HEAD + LIST + EACH.replace('id = "package"', 'id = "list"'), "step list: its id is taken"),
    (
        HEAD + LIST + EACH.replace('lines = "pick', 'by = "another"\nlines = "pick'),
        "step line: found by at a repeated step, expected it at the steps within",
    ),
    (
        HEAD + LIST + EACH.replace('lines = "pick', 'keeps = "line-picked"\nlines = "pick'),
        "step line: found keeps at a repeated step",
    ),
    (
        HEAD + LIST + EACH.replace('item = "line.item"', 'item = "line.item"\nnot_before_days = -1'),
        "key step[1].step[0].not_before_days (the step at line 13): Expected `int` >= 0",
    ),
    (
        HEAD + LIST + EACH.replace('item = "line.item"', 'item = "line.item"\nnot_before_days = 99999999999'),
        "Expected `int` <= 3650",
    ),
    (HEAD + PLACE + step("pharmacist", 'by = "another"'), "step more: found by at a step of kind pharmacist"),
    (
        HEAD + PLACE + step("pharmacist", 'meaning = "blessed"'),
        "step more: meaning is 'blessed', expected one of performed, witnessed, verified",
    ),
    (HEAD + PLACE + step("signature", 'meaning = ""'), "step more: meaning is '', expected one of"),
    (
        HEAD + PLACE + step("measurement", 'unit = "C"', "plausible = [0.0, 50.0]", "accept = [2.0, 8.0]"),
        "steps of kind measurement cannot be run by this version of the kiosk yet",
    ),
    (HEAD + PLACE + step("date"), "steps of kind date cannot be run by this version of the kiosk yet"),
    (HEAD + PLACE + step("witness"), "steps of kind witness cannot be run by this version of the kiosk yet"),
    (HEAD + PLACE + step("attach"), "steps of kind attach cannot be run by this version of the kiosk yet"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[says[:50] for _, says in REFUSED])
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence_that_names_it(text: str, says: str) -> None:
    sentence = refusal(text)
    assert sentence.startswith("automation/example.toml: ")
    assert says in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("header", ["[[step]]", "[[ step ]]", "  [[step]]", "[[step]] # the second", "[[step]]\t"])
def test_the_line_of_a_step_is_the_one_an_editor_shows_however_its_header_is_written(header: str) -> None:
    text = HEAD + PLACE.replace("[[step]]", header) + step("text", "min_length = 0").replace("[[step]]", header)
    line = [number for number, line in enumerate(text.split("\n"), 1) if "step" in line and "[[" in line][1]
    assert f"(the step at line {line})" in refusal(text)


@given(st.text())
def test_any_text_is_a_checklist_or_is_refused(text: str) -> None:
    with pytest.raises(ChecklistRefused):
        read_checklist(text, "example.toml")


# Words of rules -------------------------------------------------------------------------------------------------------

UNKNOWN = [
    (f'worklist = "nothing-due"\n{HEAD}{PLACE}', "key worklist: found 'nothing-due', expected one of below-par"),
    (f'keeps = "nothing"\n{HEAD}{PLACE}', "key keeps: found 'nothing', expected one of stock-counted"),
    (HEAD + LIST + EACH.replace("pick-lines list", "no-lines list"), "step line: lines: found 'no-lines'"),
    (HEAD + PLACE + step("count", 'expect = "luck"'), "step more: expect: found 'luck', expected one of"),
    (HEAD + PLACE + step("blind-count", 'expect = "luck"'), "step more: expect: found 'luck'"),
    (
        HEAD + PLACE + step("automatic", 'computes = "pi"'),
        "step more: computes: found 'pi', expected one of adjustment",
    ),
    (HEAD + PLACE + step("print", 'label = "T20"', 'fields = "none"'), "step more: fields: found 'none'"),
    (
        HEAD + LIST + EACH.replace('"line.item"', '"line.itemm"'),
        "step package: item: found 'line.itemm', expected one of line.item, line.key",
    ),
    (
        HEAD + LIST + EACH.replace('"line.item"', '"line.item"\nrepeat = "line.quantty"'),
        "step package: repeat: found 'line.quantty', expected one of line.item",
    ),
    (HEAD + PLACE + step("scan-location", 'expected = "place.shelf"'), "step more: expected: found 'place.shelf'"),
    (
        HEAD + PLACE + step("scan-product", 'item = "x"', 'repeat = "0"'),
        "step more: repeat: found '0', expected a number",
    ),
    (HEAD + PLACE + step("scan-identity", 'of = "staff"'), "step more: of: found 'staff', expected one of pick_list"),
    (HEAD + PLACE + step("scan-location", 'check = "clean"'), "step more: check: found 'clean'"),
    (HEAD + PLACE + step("text", 'keeps = "diary"'), "step more: keeps: found 'diary', expected one of line-picked"),
    (
        HEAD + LIST + EACH.replace('item = "line.item"', 'item = "line.item"\nkeeps = "diary"'),
        "step package: keeps: found 'diary'",
    ),
]


@pytest.mark.parametrize(("text", "says"), UNKNOWN, ids=[says[:40] for _, says in UNKNOWN])
def test_a_word_that_no_rule_answers_to_is_told_with_those_that_do(text: str, says: str) -> None:
    problem, *_ = unknown_words(read_checklist(text, "example.toml"))
    assert problem.startswith(says)


# A site's folder ------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("checklists", "labels", "roles"):
        shutil.copytree(DATA / name, tmp_path / name)
    shutil.copy(DATA / "settings.toml", tmp_path / "settings.toml")
    return tmp_path


def ids(found: tuple[Checklist, ...]) -> list[str]:
    return [checklist.id for checklist in found]


def test_the_shipped_definitions_are_read_without_a_complaint(site: Path) -> None:
    read = Definitions(site).read()
    assert ids(read.checklists) == ["automation.cycle-count", "automation.refill-pick"]
    assert read.refused == ()
    assert {"T07", "T20"} <= set(read.layouts)


def test_a_bad_checklist_never_replaces_the_good_one_and_is_told_until_it_is_mended(site: Path) -> None:
    definitions = Definitions(site)
    before = definitions.read()
    path = site / "checklists" / "automation" / "cycle-count.toml"
    good = path.read_text()
    path.write_text(good.replace('expect = "on-hand"', 'expect = "luck"', 1))
    for _ in range(2):
        read = definitions.read()
        assert read.checklists == before.checklists
        (says,) = read.refused
        assert says.startswith("automation/cycle-count.toml: step count: expect: found 'luck'")
    path.write_text(good)
    assert definitions.read() == before


def test_a_bad_checklist_that_was_never_good_is_left_out(site: Path) -> None:
    (site / "checklists" / "automation" / "new.toml").write_text(HEAD)
    read = Definitions(site).read()
    assert ids(read.checklists) == ["automation.cycle-count", "automation.refill-pick"]
    assert len(read.refused) == 1


def test_a_checklist_that_is_taken_away_is_gone(site: Path) -> None:
    definitions = Definitions(site)
    definitions.read()
    (site / "checklists" / "automation" / "cycle-count.toml").unlink()
    read = definitions.read()
    assert (ids(read.checklists), read.refused) == (["automation.refill-pick"], ())


def test_a_checklist_is_called_as_its_file_is(site: Path) -> None:
    folder = site / "checklists" / "automation"
    shutil.copy(folder / "cycle-count.toml", folder / "other-count.toml")
    (says,) = Definitions(site).read().refused
    assert says == (
        "automation/other-count.toml: key id: found automation.cycle-count, expected automation.other-count,"
        " as the file is called."
    )


PRINT = HEAD + PLACE + step("print", 'label = "T20"', 'fields = "seal"')
LABELS = [
    (PRINT.replace('"T20"', '"T99"'), "step more: found label T99, expected one of"),
    (PRINT.replace('"seal"', '"none"'), "step more: fields: found 'none', expected one of seal"),
    (PRINT.replace('"T20"', '"T07"'), "step more: label T07 needs title, which seal does not fill."),
]


@pytest.mark.parametrize(("text", "says"), LABELS, ids=[says[:40] for _, says in LABELS])
def test_a_label_that_is_not_there_or_would_stay_unfilled_refuses_the_checklist(
    site: Path, text: str, says: str
) -> None:
    (site / "checklists" / "automation" / "example.toml").write_text(text)
    read = Definitions(site).read()
    assert any(says in sentence for sentence in read.refused)
    assert "automation.example" not in ids(read.checklists)


def test_bytes_that_are_no_text_are_told_with_their_place(site: Path) -> None:
    path = site / "checklists" / "automation" / "cycle-count.toml"
    path.write_bytes(b'id = "\xff"')
    assert Definitions(site).read().refused == ("automation/cycle-count.toml: not UTF-8 at byte 6.",)


def test_a_file_that_cannot_be_read_is_told(site: Path) -> None:
    (site / "checklists" / "automation" / "folder.toml").mkdir()
    (says,) = Definitions(site).read().refused
    assert says == "automation/folder.toml: cannot be read: Is a directory."


# Settings -------------------------------------------------------------------------------------------------------------


def test_the_shipped_settings_say_what_the_program_would_do_without_them() -> None:
    shipped = read_settings((DATA / "settings.toml").read_text())
    assert shipped == Settings(site=shipped.site)


BAD_SETTINGS = [
    ("zone", 'zone = "Mars/Olympus_Mons"'),
    ("zone", 'zone = "../../etc/passwd"'),
    ("zone", 'zone = ""'),
    ("zone", "zone = 8"),
    ("colour", 'colour = "red"'),
    ("counting", "[counting]\ntolerance_percent = nan"),
    ("counting", "[counting]\ntolerance_percent = -1"),
    ("most", "[counting]\nmost = 0"),
    ("tries", "[pins]\ntries = 0"),
    ("soon_days", "[expiry]\nsoon_days = -1"),
    ("human_minimum_ms", "[scanning]\nhuman_minimum_ms = -1"),
    ("faults_before_help", "[scanning]\nfaults_before_help = 0"),
    ("stricter", '[stricter]\nexpired = "stop"'),
    ("stricter", '[stricter]\nexpierd = "STOP"'),
    ("settings.toml", "site = "),
]


@pytest.mark.parametrize(("names", "text"), BAD_SETTINGS, ids=[text for _, text in BAD_SETTINGS])
def test_settings_that_cannot_be_used_are_told_and_the_last_good_ones_stay(site: Path, names: str, text: str) -> None:
    definitions = Definitions(site)
    before = definitions.read()
    (site / "settings.toml").write_text(text)
    read = definitions.read()
    assert read.settings == before.settings
    (says,) = read.refused
    assert says.startswith("settings.toml: ")
    assert names in says


@given(st.text())
def test_any_text_is_settings_or_is_refused(text: str) -> None:
    try:
        found = read_settings(text)
    except SettingsRefused as refused:
        message = str(refused)
    else:
        assert isinstance(found, Settings)
        message = "settings.toml: none"
    assert message.startswith("settings.toml: ")


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("pharmacist", 'meaning = "verified"'),
        ("signature", 'meaning = "performed"'),
        ("print", 'label = "T20"\nfields = "seal"'),
        ("count", 'expect = "on-hand"'),
        ("scan-location", ""),
        ("scan-identity", 'of = "pick_list"'),
    ],
)
def test_a_signature_a_label_a_count_or_a_place_is_never_left_out(kind: str, line: str) -> None:
    text = HEAD + PLACE + step(kind, line, 'reason_codes = [{ reason = "nobody came", then = "skip" }]')
    with pytest.raises(ChecklistRefused, match=f"then = 'skip', expected none at {kind}"):
        read_checklist(text, "example.toml")
