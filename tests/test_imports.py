"""Is a file from outside taken whole or not at all, and does a refusal say where to look?"""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from in_memory import SAMPLE, SAMPLE_FILES, InMemory, sample_hospital

from stations.records import csv_files, hospital_files, reading
from stations.records.imports import KINDS, Import, ImportRefused, read_import
from stations.work.facts import NoFacts

STAFF = hospital_files.header("staff")
ITEMS = hospital_files.header("items").removesuffix(",hazardous")
"""The columns of the first version, which are taken as ever."""
GOOD_ITEM = "demo-tab,demo,demo 5 mg tablet,5 mg,tablet,oral,,,no,,room,"


def read(folder: Path, kind: str, data: bytes | str, facts: InMemory | None = None) -> Import:
    path = folder / f"{kind}.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_import(kind, [path], facts or NoFacts())


def refusal(folder: Path, kind: str, data: bytes | str, facts: InMemory | None = None) -> tuple[str, ...]:
    with pytest.raises(ImportRefused) as refused:
        read(folder, kind, data, facts)
    return refused.value.sentences


def items(*lines: str) -> str:
    return "\n".join([ITEMS, *lines, ""])


# A hospital's own files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "not ended"])
def test_a_file_says_the_same_however_its_lines_end(tmp_path: Path, mark: bytes, end: bytes, *, last: bool) -> None:
    text = mark + end.join([ITEMS.encode(), GOOD_ITEM.encode()]) + (end if last else b"")
    (put,) = read(tmp_path, "items", text).puts
    assert (put.register, put.key) == ("item", "demo-tab")
    assert put.row is not None
    assert (put.row["name"], put.row["high_alert"], put.row["note"]) == ("demo 5 mg tablet", False, "")


def test_a_hazardous_drug_is_told_in_a_column_that_a_file_may_lack(tmp_path: Path) -> None:
    lines = (f"{GOOD_ITEM},yes", f"{GOOD_ITEM.replace('demo-tab', 'other-tab')},no")
    puts = read(tmp_path, "items", "\n".join([hospital_files.header("items"), *lines, ""])).puts
    (old,) = read(tmp_path, "items", items(GOOD_ITEM)).puts
    assert [put.row["hazardous"] for put in (*puts, old) if put.row is not None] == [True, False, False]


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+1", "-1", "=cmd|' /C calc'!A0", "<b>", "[bold]", "π Ω", "a;b"])
def test_text_that_looks_like_a_formula_or_like_markup_is_text(tmp_path: Path, cell: str) -> None:
    (put,) = read(tmp_path, "items", items(GOOD_ITEM.replace("demo 5 mg tablet", cell))).puts
    assert put.row is not None
    assert put.row["name"] == cell


def test_a_cell_in_quotes_may_hold_commas_and_quotes(tmp_path: Path) -> None:
    (put,) = read(tmp_path, "items", items(GOOD_ITEM.replace("demo 5 mg tablet", '"a, ""b"""'))).puts
    assert put.row is not None
    assert put.row["name"] == 'a, "b"'


BROKEN = {
    "nothing at all": (b"", "found an empty file"),
    "another head": (b"item,name\n", "line 1: found 'item,name' (it lacks drug), expected item,drug,name"),
    "a column too many": (ITEMS.encode() + b",price\n", "(it has 'price')"),
    "columns in another order": (ITEMS.replace("item,drug", "drug,item").encode() + b"\n", "line 1: found 'drug,item"),
    "semicolons": (ITEMS.replace(",", ";").encode() + b"\n", "line 1: found"),
    "UTF-16": (items(GOOD_ITEM).encode("utf-16"), "line 1: found the control character 0x00, expected text in utf-8"),
    "Windows-1252": (items(GOOD_ITEM.replace("demo 5", "d\xe9mo 5")).encode("cp1252"), "the byte 0xE9 at place 16"),
    "a zero byte": (items(GOOD_ITEM.replace("oral", "or\0al")).encode(), "line 2: found the control character 0x00"),
    "an escape": (items(GOOD_ITEM.replace("oral", "\x1b[2J")).encode(), "line 2: found the control character 0x1B"),
    "a cell of ten megabytes": (items(GOOD_ITEM + "x" * 10_000_000).encode(), "line 2: found more than 65,536 bytes"),
    "a quote that is never closed": (items(GOOD_ITEM + '"no end').encode(), "line 2: found unexpected end of data"),
    "a quote within a cell": (items(GOOD_ITEM.replace("oral", '"or"al')).encode(), "line 2: found ',' expected after"),
    "a line break within a cell": (items(GOOD_ITEM + '"a\nb"').encode(), "line 2: found unexpected end of data"),
    "a lone carriage return": (items(GOOD_ITEM + "a\rb").encode(), "line 2: found the control character 0x0D"),
    "an empty line": (items("", GOOD_ITEM).encode(), "line 2: found 0 cells, expected 12: item,drug"),
    "a cell too few": (items(GOOD_ITEM.rpartition(",")[0]).encode(), "line 2: found 11 cells, expected 12"),
    "the same key twice": (items(GOOD_ITEM, GOOD_ITEM).encode(), "line 3: found 'demo-tab', which line 2 has already"),
    "a letter that turns the line": (
        items(GOOD_ITEM + "\u202e").encode(),
        "column note: found '\\u202e', expected pri",
    ),
    "a no-break space": (items(GOOD_ITEM + "a\u00a0b").encode(), "column note: found 'a\\xa0b', expected printable"),
    "a long cell": (items(GOOD_ITEM + "x" * 201).encode(), "x…', expected at most 200 characters"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_not_as_it_should_be_gets_one_sentence(tmp_path: Path, how: str) -> None:
    data, part = BROKEN[how]
    (sentence,) = refusal(tmp_path, "items", data)
    assert sentence.startswith("items.csv")
    assert sentence.endswith(".")
    assert part in sentence
    assert len(sentence) < 400


def cell(column: str, text: str, kind: str) -> str:
    """The sample's first line of that kind, one cell of it changed."""
    head, line = (SAMPLE / f"{kind}.csv").read_text(encoding="utf-8").splitlines()[:2]
    cells = line.split(",")
    cells[head.split(",").index(column)] = text
    return f"{head}\n{','.join(cells)}\n"


@pytest.mark.parametrize(
    ("kind", "column", "text", "expected"),
    [
        (
            "items",
            "item",
            "Demo Tab",
            "an id of small letters and digits, with single hyphens or full stops between them",
        ),
        ("items", "item", "", "a value"),
        ("items", "high_alert", "true", "yes or no"),
        ("items", "schedule", "CI", "one of CII, CIII, CIV, CV"),
        ("items", "ndc12", "0999-1234-56", "an NDC as 000999-1234-56"),
        ("items", "ndc12", "٠٠٠٩٩٩-1234-56", "an NDC as 000999-1234-56"),
        ("items", "name", " hydrALAZINE", "printable characters with no space around them"),
        ("links", "gtin", "00309991234564", "a GTIN of fourteen digits with its check digit"),
        ("links", "gtin", "309991234563", "a GTIN of fourteen digits with its check digit"),
        ("links", "pack_qty", "1.0", "a whole number from 0 to 99999"),
        ("links", "pack_qty", "-1", "a whole number from 0 to 99999"),
        ("links", "pack_qty", "²", "a whole number from 0 to 99999"),
        ("links", "pack_qty", "100000", "a whole number from 0 to 99999"),
        ("links", "status", "Active", "one of requested, verified, active, retired"),
        ("links", "verified_by", "p1", "one to eight of A-Z and 0-9"),
        ("devices", "code", "DA4WY", "D, up to ten of 0-9 and A-Z, and their check character"),
        ("devices", "code", "L03A12Z", "D, up to ten of 0-9 and A-Z, and their check character"),
        ("devices", "pm_due", "2026-02-30", "a day such as 2026-03-10"),
        ("devices", "pm_due", "20260310", "a day such as 2026-03-10"),
        ("locations", "device", "A5W", "the name of a device: import devices first"),
        ("stock", "adu", "1e3", "a number such as 4.25"),
        ("stock", "adu", "nan", "a number such as 4.25"),
        ("stock", "item", "nothing", "an item of the formulary: import items first"),
        ("stock", "code", "L99ZZ", "the code of a location: import locations first"),
        ("stock", "location", "B2E", "A4W, as LA4W12X has it"),
        ("stock", "min", "7", "a number from critical, 2, to par, 6"),
        ("picks", "cabinet", "A5W", "the name of a device: import devices first"),
        ("picks", "shelf", "L99ZZ", "the code of a location: import locations first"),
        ("picks", "quantity", "0", "a whole number from 1 to 99999"),
        ("staff", "level", "4", "a whole number from 1 to 3"),
        ("staff", "roles", "automation;automation", "each value once"),
        ("staff", "competencies", "adc-load:", "competencies as adc-load:2028-03-09, or without a last day adc-load"),
        ("staff", "competencies", "adc-load:soon", "a day such as 2026-03-10"),
        ("staff", "pin_hash", "420173", "a PIN's hash as scrypt$n$r$p$salt$hash, or nothing"),
    ],
)
def test_a_wrong_cell_is_told_with_what_its_column_expects(
    tmp_path: Path, kind: str, column: str, text: str, expected: str
) -> None:
    facts = sample_hospital("items", "devices", "locations")
    (sentence,) = refusal(tmp_path, kind, cell(column, text, kind), facts)
    assert sentence == f"{kind}.csv, line 2, column {column}: found {text!r}, expected {expected}."


def test_one_bad_line_among_good_ones_takes_nothing(tmp_path: Path) -> None:
    lines = [GOOD_ITEM.replace("demo-tab", f"demo-{number}") for number in range(50)]
    assert len(read(tmp_path, "items", items(*lines)).puts) == 50
    lines[30] = lines[30].replace(",no,", ",maybe,")
    assert refusal(tmp_path, "items", items(*lines)) == (
        "items.csv, line 32, column high_alert: found 'maybe', expected yes or no.",
    )


def test_every_wrong_cell_is_told_up_to_a_number_a_person_still_reads(tmp_path: Path) -> None:
    bad = GOOD_ITEM.replace(",no,", ",maybe,").replace("room", "cellar")
    assert len(refusal(tmp_path, "items", items(bad, bad))) == 4
    many = refusal(tmp_path, "items", items(*[bad] * 500))
    assert len(many) == 21
    assert many[-1] == "There may be more: reading stopped after 20 of these."


TWICE = {
    "a badge of two people": (
        "staff",
        "B0042173",
        2,
        "column badge: found 'B0042173', expected one of its own: line 2",
    ),
    "a device's name twice": ("devices", "A4W", 2, "column device: found 'A4W', expected one of its own: line 2 has"),
    "a location's name twice": ("locations", "03-A-12", 2, "column name: found '03-A-12', expected one of its own"),
}


@pytest.mark.parametrize("how", TWICE)
def test_a_name_belongs_to_one_row(tmp_path: Path, how: str) -> None:
    kind, name, line, part = TWICE[how]
    rows = (SAMPLE / f"{kind}.csv").read_text(encoding="utf-8").splitlines()
    cells = rows[line].split(",")
    cells[1] = name
    (sentence,) = refusal(tmp_path, kind, "\n".join([rows[0], rows[1], ",".join(cells)]), sample_hospital("devices"))
    assert part in sentence


def test_a_badge_of_somebody_the_register_knows_is_refused_to_another(tmp_path: Path) -> None:
    facts = sample_hospital("staff")
    (sentence,) = refusal(tmp_path, "staff", cell("person", "ZZ", "staff"), facts)
    assert sentence == "staff.csv, line 2, column badge: found 'B0042173', expected one of its own: AT has it."


def test_two_people_may_change_badges_in_one_file(tmp_path: Path) -> None:
    facts = sample_hospital("staff")
    text = (SAMPLE / "staff.csv").read_text(encoding="utf-8")
    text = text.replace("B0042173", "?").replace("B0051085", "B0042173").replace("?", "B0051085")
    facts.take(read(tmp_path, "staff", text, facts))
    assert [row["person"] for row in facts.rows("staff", badge="B0042173")] == ["CT"]


LINKS = hospital_files.header("links").removesuffix(",hibc")
"""As a file of an earlier version begins, which knows no HIBC."""


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        (
            ["00309991234563,000999-1234-56,hydralazine-50-tab,unit,1,active,,"],
            "found 'hydralazine-50-tab', expected hydralazine-25-tab, to which 000999-1234-56 is linked already",
        ),
        (
            [
                "00309991237779,000999-1237-77,hydralazine-25-tab,unit,1,active,,",
                "30309991237770,000999-1237-77,hydralazine-50-tab,unit,1,active,,",
            ],
            "found 'hydralazine-50-tab', expected hydralazine-25-tab, to which line 2 links 000999-1237-77",
        ),
        ([",,hydralazine-25-tab,unit,1,active,,"], "column gtin: found '', expected a GTIN, an NDC or a HIBC"),
        (["00309991234563,,,unit,1,active,,"], "column item: found '', expected an item of the formulary"),
    ],
)
def test_a_product_is_never_linked_to_two_items_or_to_none(tmp_path: Path, lines: list[str], part: str) -> None:
    facts = sample_hospital("items", "links")
    (sentence,) = refusal(tmp_path, "links", "\n".join([LINKS, *lines]), facts)
    assert part in sentence


def test_a_request_for_a_link_need_not_know_its_item(tmp_path: Path) -> None:
    (put,) = read(tmp_path, "links", f"{LINKS}\n00309991234563,,,,0,requested,AT,\n").puts
    assert put.key == "00309991234563"


def test_a_link_may_be_that_of_a_hibc(tmp_path: Path) -> None:
    head, line = hospital_files.header("links"), ",,hydralazine-25-tab,unit,1,active,AT,P1,"
    facts = sample_hospital("items")
    (put,) = read(tmp_path, "links", f"{head}\n{line}A99912345\n", facts).puts
    assert (put.key, put.row and put.row["hibc"]) == ("A99912345", "A99912345")
    (sentence,) = refusal(tmp_path, "links", f"{head}\n{line}+A99912345J\n", facts)
    assert "column hibc: found '+A99912345J', expected labeler, product and unit digit of a HIBC" in sentence


def test_what_the_work_has_noted_in_a_row_stays(tmp_path: Path) -> None:
    facts = sample_hospital()
    key = "03-A-12/hydralazine-25-tab"
    facts.tables["stock_level"][key] = {**facts.tables["stock_level"][key], "counted_by": "AT", "seq": 7}
    facts.tables["pick_line"]["P00127X/1"] = {**facts.tables["pick_line"]["P00127X/1"], "state": "picked", "picked": 3}
    text = (SAMPLE / "stock.csv").read_text(encoding="utf-8")
    found = read(tmp_path, "stock", text.replace("20,60,8,40", "20,60,8,44"), facts)
    assert [(put.key, put.row and (put.row["on_hand"], put.row["counted_by"])) for put in found.puts] == [
        (key, (44, "AT"))
    ]
    assert (found.report.taken, found.report.changed, found.report.unchanged) == (26, 1, 25)
    assert read(tmp_path, "picks", (SAMPLE / "picks.csv").read_bytes(), facts).puts == ()


def test_an_empty_pin_leaves_the_one_its_owner_chose(tmp_path: Path) -> None:
    facts = sample_hospital("staff")
    before = facts.tables["staff"]["AT"] = {**facts.tables["staff"]["AT"], "pin_failures": 2}
    facts.take(read(tmp_path, "staff", cell("pin_hash", "", "staff").replace("Ana", "Anna"), facts))
    after = facts.tables["staff"]["AT"]
    assert after["name"] == "Anna Automation"
    assert [after[name] for name in ("pin_hash", "pin_failures")] == [before["pin_hash"], 2]


def test_a_new_person_without_a_pin_has_none(tmp_path: Path) -> None:
    (put,) = read(tmp_path, "staff", cell("pin_hash", "", "staff")).puts
    assert put.row is not None
    assert (put.row["pin_hash"], put.row["pin_failures"], put.row["pin_locked"]) == ("", 0, False)


def test_a_kept_file_is_read_again_as_it_was_whatever_its_name_and_the_registers_say_now(tmp_path: Path) -> None:
    facts = sample_hospital("items", "devices", "locations")
    first = read_import("stock", [SAMPLE / "stock.csv"], facts)
    (source,) = first.files
    kept = tmp_path / f"{source.sha256}-{source.name}"
    kept.write_bytes(source.data)
    assert read_import("stock", [kept], facts).puts == first.puts
    facts.tables["item"].clear()
    with pytest.raises(ImportRefused):
        read_import("stock", [kept], facts)
    again = read_import("stock", [kept], facts, again=True)
    assert ([put.key for put in again.puts], again.sha256) == ([put.key for put in first.puts], first.sha256)


# Any file ------------------------------------------------------------------------------------------------------------


def test_progress_is_told_often_and_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    files = [SAMPLE / "product.txt", SAMPLE / "package.txt"]
    read_import("ndc", files, NoFacts(), lambda done, total: told.append((done, total)))
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    reading_them = [done for done, total in told if total == lines]
    assert reading_them[-1] == lines
    assert all(0 < after - before <= 2_000 for before, after in zip([0, *reading_them], reading_them, strict=False))


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    for path, part in (
        (tmp_path / "staff.csv", "cannot be read: No such file"),
        (tmp_path, "cannot be read: Is a dir"),
    ):
        with pytest.raises(ImportRefused, match=part):
            read_import("staff", [path], NoFacts())
    with (tmp_path / "items.csv").open("wb") as file:
        file.truncate(csv_files.LARGEST + 1)
    with pytest.raises(ImportRefused, match="found 33,554,433 bytes, expected at most 33,554,432"):
        read_import("items", [tmp_path / "items.csv"], NoFacts())


def test_a_kind_nobody_knows_and_an_import_of_nothing_are_refused() -> None:
    with pytest.raises(ImportRefused, match="Found the kind 'gossip', expected one of ndc, items"):
        read_import("gossip", [SAMPLE / "staff.csv"], NoFacts())
    with pytest.raises(ImportRefused, match="Found no file to import as staff"):
        read_import("staff", [], NoFacts())


def in_a_zip(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("product.txt", data)
    return file.getvalue()


PRODUCTS = b"PRODUCTID\tNONPROPRIETARYNAME\tLABELERNAME"
PACKAGES = b"PRODUCTID\tNDCPACKAGECODE\tPACKAGEDESCRIPTION"
HEADS = [*(hospital_files.header(kind).encode() for kind in hospital_files.KINDS), PRODUCTS, PACKAGES]
ZIP = in_a_zip(PRODUCTS)
LIKELY = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda head, rest: head + b"\n" + rest, st.sampled_from(HEADS), st.binary(max_size=200)),
    st.builds(lambda head, rest: (head + "\n" + rest).encode(), st.sampled_from([ITEMS, STAFF]), st.text(max_size=200)),
    st.builds(
        lambda place, byte: ZIP[:place] + byte + ZIP[place + 1 :], st.integers(0, len(ZIP)), st.binary(max_size=2)
    ),
)


@settings(max_examples=300)
@given(kind=st.sampled_from(KINDS), data=LIKELY)
@example(kind="ndc", data=b"PK\x03\x04")
def test_whatever_is_in_a_file_it_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    facts = InMemory()
    sentences: tuple[str, ...] = ()
    try:
        facts.take(read_import(kind, [path], facts))
    except ImportRefused as refused:
        sentences = refused.sentences or ("",)
    assert all(sentence.endswith(".") and sentence.isprintable() for sentence in sentences)
    assert not (sentences and any(facts.tables.values()))


def test_a_file_name_is_shown_as_harmless_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb\u202e.csv"
    path.write_bytes(b"")
    with pytest.raises(ImportRefused) as refused:
        read_import("staff", [path], NoFacts())
    assert refused.value.sentences[0].startswith("a�[2Jb�.csv: found an empty file")


@given(st.text())
def test_whatever_a_sentence_shows_is_short_and_printable(text: str) -> None:
    assert reading.shown(text).isprintable()
    assert len(reading.shown(text)) <= 10 * 42


def test_every_sample_file_has_a_kind() -> None:
    assert set(SAMPLE_FILES) == set(KINDS)
