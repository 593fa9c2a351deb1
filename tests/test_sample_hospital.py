"""Is the sample hospital the one that people, scripts and the demo rely on?"""

import csv
import datetime as dt
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from in_memory import SAMPLE, SAMPLE_FILES, InMemory, sample_hospital

from kiosk.pins import check_pin
from stations.pharmacy import counts, formulary, stock
from stations.records.imports import read_import
from stations.records.tables import TABLES
from stations.scanning import codes, ndc, ours
from stations.work import people
from stations.work.facts import typed
from stations.work.settings import Settings, read_settings

DATA = SAMPLE.parent
TODAY = dt.date(2026, 3, 10)
ROLES = ["automation", "compliance", "investigational", "assistance", "specialty", "reconciliation", "surveillance"]


@pytest.fixture(scope="module")
def facts() -> InMemory:
    return sample_hospital()


@pytest.mark.parametrize("kind", SAMPLE_FILES)
def test_a_second_import_of_a_file_changes_nothing(kind: str, facts: InMemory) -> None:
    found = read_import(kind, [SAMPLE / name for name in SAMPLE_FILES[kind]], facts)
    assert found.puts == ()
    assert found.report.unchanged == found.report.taken > 0
    assert (found.report.changed, found.report.refused) == (0, ())


def test_every_row_stands_under_its_key(facts: InMemory) -> None:
    for register, table in TABLES.items():
        for key, row in facts.tables[register].items():
            assert row[table.key] == key
            assert set(table.indexed) <= set(row), register


def test_the_directory_is_the_whole_sample_of_it(facts: InMemory) -> None:
    assert len(facts.tables["directory"]) == 1990
    assert len(set(SAMPLE.joinpath("product.txt").read_bytes().splitlines())) == 1 + 1041


# People --------------------------------------------------------------------------------------------------------------

PEOPLE = [
    ("B0042173", "420173", "AT", "technician", ["automation"], 3),
    ("B0051085", "510285", "CT", "technician", ["compliance"], 3),
    ("B006220Q", "622039", "IT", "technician", ["investigational"], 3),
    ("B007331X", "733146", "PT", "technician", ["assistance"], 3),
    ("B0084423", "844253", "ST", "technician", ["specialty"], 3),
    ("B009553A", "955360", "MT", "technician", ["reconciliation"], 3),
    ("B010664Q", "106647", "SU", "technician", ["surveillance"], 3),
    ("B020101R", "201518", "P1", "pharmacist", [], 3),
    ("B020202H", "202629", "P2", "pharmacist", [], 3),
    ("B030303K", "303730", "SV", "supervisor", [], 3),
    ("B040404F", "404841", "T2", "technician", ROLES, 3),
    ("B050505A", "505952", "L1", "technician", [], 1),
    ("B0606065", "606063", "X1", "technician", ["automation"], 3),
    ("B070707Z", "707174", "X2", "technician", ["automation"], 3),
]


@pytest.mark.parametrize(("badge", "pin", "who", "duty", "roles", "level"), PEOPLE)
def test_each_badge_and_pin_belong_to_the_person_they_should(
    badge: str, pin: str, who: str, duty: str, roles: list[str], level: int, facts: InMemory
) -> None:
    person = people.by_badge(badge, facts)
    assert person is not None
    assert (person.person, person.duty, list(person.roles), person.level) == (who, duty, roles, level)
    assert check_pin(pin, person.pin_hash)
    assert not check_pin(pin[::-1], person.pin_hash)


def test_nobody_else_works_here(facts: InMemory) -> None:
    assert list(facts.tables["staff"]) == [row[2] for row in PEOPLE]


@pytest.mark.parametrize(
    ("who", "reasons"),
    [(row[2], []) for row in PEOPLE if row[2] not in ("X1", "X2")]
    + [("X1", ["badge-inactive"]), ("X2", ["pin-locked"])],
)
def test_only_who_left_and_who_is_locked_cannot_sign_in(who: str, reasons: list[str], facts: InMemory) -> None:
    assert [finding.reason for finding in people.badge_findings(people.by_id(who, facts))] == reasons


@pytest.mark.parametrize(
    ("who", "reasons"),
    [
        ("AT", []),
        ("T2", []),
        ("CT", ["not-your-role", "no-competency"]),
        ("L1", ["not-your-role", "level-too-low", "no-competency"]),
    ],
)
def test_loading_a_cabinet_is_for_automation_people(who: str, reasons: list[str], facts: InMemory) -> None:
    person = people.by_id(who, facts)
    assert person is not None
    needs = people.Needs(role="automation", level=3, competencies=("adc-load",))
    assert [finding.reason for finding in people.start_findings(person, needs, on_duty=True, today=TODAY)] == reasons


def test_every_competency_holds_for_more_than_a_year(facts: InMemory) -> None:
    held = [typed(row, people.Person).competencies for row in facts.tables["staff"].values()]
    days = [one.valid_to for competencies in held for one in competencies]
    assert days
    assert all(day is not None and day > TODAY + dt.timedelta(days=365) for day in days)


# Places and stock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("register", "code", "name"),
    [
        ("location", "L03A12Z", "03-A-12"),
        ("location", "L03A13X", "03-A-13"),
        ("location", "L03B07F", "03-B-07"),
        ("location", "LA4W12X", "A4W-12"),
        ("location", "LTOTE1V", "tote 1"),
        ("location", "LQUAR1K", "quarantine"),
        ("device", "DA4WX", "A4W"),
        ("device", "DF01W", "F01"),
        ("device", "DROB1Z", "robot 1"),
    ],
)
def test_a_place_has_the_code_and_the_name_that_people_use(
    register: str, code: str, name: str, facts: InMemory
) -> None:
    row = facts.row(register, code)
    assert row is not None
    assert name == row["name" if register == "location" else "device"]


@pytest.mark.parametrize("file", ["staff.csv", "devices.csv", "locations.csv", "stock.csv", "picks.csv"])
def test_every_code_of_ours_has_its_check_character(file: str) -> None:
    rows = list(csv.DictReader((SAMPLE / file).read_text(encoding="utf-8").splitlines()))
    written = [row[column] for row in rows for column in ("badge", "code", "list", "shelf") if column in row]
    assert written
    assert all(ours.is_ours(code) for code in written)


@pytest.mark.parametrize(
    ("shelf", "item"),
    [
        ("L03A12Z", "hydrALAZINE 25 mg tablet"),
        ("L03A13X", "hydrALAZINE 50 mg tablet"),
        ("L03B07F", "hydrOXYzine 25 mg tablet"),
        ("L04C021", "heparin 25,000 units/250 mL bag"),
        ("L04C030", "potassium chloride concentrate 500 mEq/250 mL bag"),
        ("LVLT011", "fentaNYL 100 mcg/2 mL vial"),
    ],
)
def test_a_shelf_holds_one_item_that_can_be_counted(shelf: str, item: str, facts: InMemory) -> None:
    assert [row["name"] for row in facts.rows("stock_level", code=shelf)] == [item]
    place = facts.row("location", shelf)
    assert place is not None
    assert counts.countable(place, facts) == []


def test_a_count_in_the_vault_has_no_tolerance(facts: InMemory) -> None:
    item = formulary.item_named("fentanyl-100-2-vial", facts)
    assert item is not None
    assert item.schedule == "CII"
    assert counts.compare(23, 24, item, Settings().counting) == counts.DIFFERENT


def test_three_items_of_cabinet_a4w_are_below_par_and_nothing_else_is(facts: InMemory) -> None:
    due = stock.below_par(facts, TODAY)
    assert [(line.subject, line.name, line.fields["need"], line.fields["list"]) for line in due] == [
        ("A4W", "hydrALAZINE 25 mg tablet", 3, "P00127X"),
        ("A4W", "hydrALAZINE 50 mg tablet", 2, "P00127X"),
        ("A4W", "heparin 25,000 units/250 mL bag", 2, "P00127X"),
    ]


@pytest.mark.parametrize("name", ["A4W", "DA4WX", "P00127X"])
def test_the_pick_list_is_found_by_the_cabinet_or_by_its_own_code(name: str, facts: InMemory) -> None:
    assert stock.pick_list_for(name, facts) == "P00127X"


def test_the_shelves_hold_enough_for_the_pick_list(facts: InMemory) -> None:
    lines = facts.rows("pick_line", list="P00127X")
    assert [(line["line"], line["item"], line["quantity"], line["shelf_name"], line["state"]) for line in lines] == [
        (1, "hydralazine-25-tab", 3, "03-A-12", "open"),
        (2, "hydralazine-50-tab", 2, "03-A-13", "open"),
        (3, "heparin-25000-250-bag", 2, "04-C-02", "open"),
    ]
    for line in lines:
        (shelf,) = facts.rows("stock_level", code=line["shelf"], item=line["item"])
        assert shelf["on_hand"] - line["quantity"] > shelf["min"]


# Products ------------------------------------------------------------------------------------------------------------

# Computed by hand, digit by digit, and not by the program's own arithmetic.
GTINS = {
    "hydralazine-25-tab": ["00309991234563", "10309991234560", "30309991234564", "50309991234568"],
    "hydroxyzine-25-tab": ["00309991235560", "30309991235561"],
    "hydralazine-50-tab": ["00309991236567", "30309991236568"],
    "heparin-25000-250-bag": [
        *("00350999123458", "10350999123455", "30350999123459", "50350999123453"),
        "00614141000012",
    ],
    "potassium-chloride-500-250-bag": ["00350999124455", "30350999124456"],
    "fentanyl-100-2-vial": ["00309992200017", "30309992200018"],
    "study-a-vial": ["00350999700017", "30350999700018"],
    "specialty-pen-40": ["00350999310025", "30350999310026"],
}


@pytest.mark.parametrize("item", GTINS)
def test_every_pack_of_a_demo_product_leads_to_its_item(item: str, facts: InMemory) -> None:
    for gtin in GTINS[item]:
        (row,) = facts.rows("ndc_link", gtin=gtin)
        assert (row["item"], row["status"]) == (item, "active")
        assert (row["package_level"] == "unit") == (row["pack_qty"] == 1) == gtin.startswith("0")


def test_real_products_are_in_the_directory_and_demo_products_are_not(facts: InMemory) -> None:
    demo = 0
    for row in facts.tables["item"].values():
        listed = facts.row("directory", row["ndc12"])
        demo += (made_up := row["note"].startswith("DEMO"))
        assert (listed is None) == made_up, row["item"]
    assert (demo, len(facts.tables["item"])) == (9, 56)


def test_a_links_gtin_holds_its_ndc_unless_it_is_of_the_time_after_2033(facts: InMemory) -> None:
    for row in facts.tables["ndc_link"].values():
        held = ndc.ndc10_in_gtin(row["gtin"])
        if held is not None:
            assert row["ndc12"] in ndc.candidates(held)
    without = [row["link"] for row in facts.tables["ndc_link"].values() if ndc.ndc10_in_gtin(row["gtin"]) is None]
    assert without == ["00614141000012", "009991-2345-06", "H123RX0451"]


def test_all_links_are_active_but_one_that_waits_for_a_pharmacist(facts: InMemory) -> None:
    waiting = [row["link"] for row in facts.tables["ndc_link"].values() if row["status"] != "active"]
    assert waiting == ["00363739328105"]


def test_typed_bare_digits_are_one_of_two_products(facts: InMemory) -> None:
    found = formulary.find(codes.read("0999123456", TODAY), facts)
    assert found.choices == ("000999-1234-56", "009991-2345-06")
    assert [formulary.label_of(choice, facts) for choice in found.choices] == [
        "hydrALAZINE 25 mg tablet",
        "sampletrol 10 mg tablet",
    ]


def test_names_keep_the_tall_man_letters_of_the_list(facts: InMemory) -> None:
    listed = csv.DictReader((SAMPLE / "fda_tall_man_2026-06.csv").read_text(encoding="utf-8").splitlines())
    forms = {row["form"].lower(): row["form"] for row in listed}
    written = [word for row in facts.tables["item"].values() for word in row["name"].split() if word.lower() in forms]
    assert len(written) > 5
    assert all(forms[word.lower()] == word for word in written)


# The tray ------------------------------------------------------------------------------------------------------------

TRAY: list[dict[str, Any]] = tomllib.loads((SAMPLE / "tray.toml").read_text(encoding="utf-8"))["code"]


def tapped(code: dict[str, Any], day: dt.date = TODAY) -> str:
    """What the first tap of a code sends, as the file's head says."""
    expires = day + dt.timedelta(days=code.get("expires_in_days", 0))
    filled = {"{expiry}": f"{expires:%y%m%d}", "{month}": f"{expires:%y%m}00"}
    filled |= {"{serial}": f"{code.get('first_serial', 0):04}", "<GS>": "\x1d"}
    text = code["text"]
    for place, value in filled.items():
        text = text.replace(place, value)
    return str(text)


def on_tray(name: str) -> dict[str, Any]:
    return next(code for code in TRAY if code["id"] == name)


def test_the_first_package_on_the_tray_is_the_one_of_the_book() -> None:
    assert tapped(TRAY[0]) == "]d201003099912345631727020010LOT7A\x1d21S0001"


def test_every_thing_on_the_tray_says_what_it_is() -> None:
    fields = {"id", "group", "name", "text", "about"}
    assert len({code["id"] for code in TRAY}) == len(TRAY)
    for code in TRAY:
        assert fields <= set(code) <= {*fields, "expires_in_days", "first_serial"}
        assert code["group"] in ("packages", "places", "people", "trouble")
        assert ("expires_in_days" in code) == bool(re.search(r"\{(expiry|month)\}", code["text"]))
        assert ("first_serial" in code) == ("{serial}" in code["text"])


@pytest.mark.parametrize("day", [TODAY, dt.date(2024, 2, 29), dt.date(2030, 12, 31)])
@pytest.mark.parametrize("code", TRAY, ids=lambda code: code["id"])
def test_a_code_on_the_tray_reads_as_its_group_says_on_any_day(code: dict[str, Any], day: dt.date) -> None:
    troubled = {"wrong-check-digit": "check-digit", "no-separator": "separator-lost", "no-such-day": "invalid-date"}
    expected = {"hydralazine-25-digits": "ambiguous-ndc", **troubled}.get(code["id"], "ok")
    assert codes.read(tapped(code, day), day).outcome == expected


@pytest.mark.parametrize("code", [code for code in TRAY if code["group"] == "packages"], ids=lambda code: code["id"])
def test_every_package_on_the_tray_is_known(code: dict[str, Any], facts: InMemory) -> None:
    found = formulary.find(codes.read(tapped(code), TODAY), facts)
    if found.item is None:
        assert len(found.choices) == 2
    else:
        assert code["name"].startswith(found.item.name)
        assert ("DEMO" in code["name"]) == facts.tables["item"][found.item.item]["note"].startswith("DEMO")


@pytest.mark.parametrize("name", ["unknown-product", "requested-product"])
def test_an_unknown_product_on_the_tray_is_unknown_for_its_own_reason(name: str, facts: InMemory) -> None:
    found = formulary.find(codes.read(tapped(on_tray(name)), TODAY), facts)
    assert found.finding is not None
    assert found.finding.reason == "unknown-code"
    assert ("requested" in found.finding.says.partition(".")[0]) == (name == "requested-product")


@pytest.mark.parametrize(("name", "days"), [("expired", -9), ("in-20-days", 20), ("in-60-days", 60)])
def test_a_package_expires_as_many_days_off_as_it_is_named(name: str, days: int) -> None:
    code = codes.read(tapped(on_tray(f"hydralazine-25-{name}")), TODAY)
    assert code.expiry == TODAY + dt.timedelta(days=days)


def test_every_badge_place_and_list_on_the_tray_is_registered(facts: InMemory) -> None:
    for code in TRAY:
        if code["group"] == "people":
            assert people.by_badge(code["text"], facts) is not None, code["id"]
        if code["group"] == "places":
            assert any(facts.row(register, code["text"]) for register in ("location", "device", "pick_list"))
    assert people.by_badge(on_tray("unknown-badge")["text"], facts) is None


# What every site starts with -----------------------------------------------------------------------------------------


def test_the_settings_file_shows_every_setting_with_its_value_and_where_it_comes_from() -> None:
    text = (DATA / "settings.toml").read_text(encoding="utf-8")
    assert read_settings(text) == msgspec.structs.replace(Settings(), site="Central Pharmacy")
    shown = tomllib.loads(text)
    for field in msgspec.structs.fields(Settings):
        assert field.name in shown
        if isinstance(field.default, msgspec.Struct):
            assert list(shown[field.name]) == [inner.name for inner in msgspec.structs.fields(field.default)]
    blocks = [block for block in text.split("\n\n") if re.search(r"^\w+ = \d", block, re.MULTILINE)]
    assert len(blocks) == 11
    assert all("CFR" in block or "to be checked by a pharmacist" in block for block in blocks)


def test_there_are_seven_roles_each_with_a_letter_of_its_own() -> None:
    roles = [tomllib.loads(path.read_text(encoding="utf-8")) for path in (DATA / "roles").glob("*.toml")]
    roles.sort(key=lambda role: role["order"])
    assert [role["id"] for role in roles] == ROLES
    assert [role["order"] for role in roles] == list(range(1, 8))
    assert len({role["letter"] for role in roles}) == len(ROLES)
    assert all(role["title"] and role["about"].endswith(".") for role in roles)
    assert {path.stem for path in (DATA / "roles").iterdir()} == set(ROLES)


def test_the_readme_names_the_columns_that_the_files_have() -> None:
    readme = Path(SAMPLE / "README.md").read_text(encoding="utf-8")
    for kind, (name, *_) in SAMPLE_FILES.items():
        if kind != "ndc":
            assert f"| `{kind}` | {(SAMPLE / name).read_text(encoding='utf-8').partition(chr(10))[0]} |" in readme
