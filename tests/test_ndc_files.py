"""Is FDA's drug directory read whole, with the oddities that its real files have?"""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from in_memory import SAMPLE, InMemory

from stations.records.imports import Import, ImportRefused, read_import
from stations.work.facts import NoFacts

HEAD = "PRODUCTID\tPRODUCTNDC\tNONPROPRIETARYNAME\tLABELERNAME\tDEASCHEDULE"
PACKED = "PRODUCTID\tPRODUCTNDC\tNDCPACKAGECODE\tPACKAGEDESCRIPTION"


def pair(folder: Path, products: str, packages: str, encoding: str = "cp1252") -> tuple[Path, Path]:
    """A product and a package file; bars stand for tabs."""
    files = folder / "one.txt", folder / "other.txt"
    for path, head, text in zip(files, (HEAD, PACKED), (products, packages), strict=True):
        lines = [head, *text.replace("|", "\t").split("\n")]
        path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return files


def ndc(*files: Path, facts: InMemory | None = None) -> Import:
    return read_import("ndc", files, facts or NoFacts())


def ndc_refusal(*files: Path) -> str:
    with pytest.raises(ImportRefused) as refused:
        ndc(*files)
    (sentence,) = refused.value.sentences
    return sentence


def test_fdas_own_files_of_unfinished_drugs_are_read_and_their_oddities_told() -> None:
    found = ndc(SAMPLE / "unfinished_product.txt", SAMPLE / "unfinished_package.txt")
    (aside,) = found.report.refused
    assert (aside.reason, aside.rows, aside.example) == ("the package code is no NDC", 1, "line 350: '02'")
    rows = {row["ndc10"]: row for row in found.replaced["directory"]}
    assert found.report.taken == len(rows) == 348
    assert rows["0023-6100-00"] == {
        "ndc12": "000023-6100-00",
        "digits": "0023610000",
        "ndc10": "0023-6100-00",
        "name": "PANCRELIPASE LIPASE, PANCRELIPASE PROTEASE, PANCRELIPASE AMYLASE",
        "brand": "",
        "strength": "10000 [USP'U]; 32000 [USP'U]; 42000 [USP'U]",
        "form": "CAPSULE, DELAYED RELEASE",
        "route": "",
        "labeler": "Allergan, Inc.",
        "schedule": "",
        "package": "50000 CAPSULE, DELAYED RELEASE in 1 DRUM (0023-6100-00)",
    }
    assert rows["0079-1650-01"]["schedule"] == "CI"
    assert any(not row["labeler"].isascii() or not row["name"].isascii() for row in rows.values())


def test_the_segments_of_a_code_decide_its_12_digits() -> None:
    rows = {row["ndc10"]: row for row in ndc(SAMPLE / "product.txt", SAMPLE / "package.txt").replaced["directory"]}
    assert rows["0002-4182-30"]["ndc12"] == "000002-4182-30"
    assert rows["16729-288-11"]["ndc12"] == "016729-0288-11"
    assert rows["59762-0057-1"]["ndc12"] == "059762-0057-01"
    assert (rows["0009-0017-58"]["schedule"], rows["0009-0017-58"]["strength"]) == ("CIV", "0.25 mg")
    assert {row["digits"] for row in rows.values()} == {code.replace("-", "") for code in rows}


def test_the_order_and_the_names_of_the_two_files_decide_nothing(tmp_path: Path) -> None:
    one, other = pair(tmp_path, "A|0999-1|demo|Maker|", "A|0999-1|0999-1234-56|box")
    assert list(ndc(one, other).replaced["directory"]) == list(ndc(other, one).replaced["directory"])


def zipped(folder: Path, **files: bytes) -> Path:
    path = folder / "ndctext.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"ndc/{name}.TXT", data)
        archive.writestr("ndc/readme.pdf", b"%PDF")
    return path


def test_fdas_zip_is_read_as_the_two_files_in_it(tmp_path: Path) -> None:
    files = [SAMPLE / "product.txt", SAMPLE / "package.txt"]
    both = zipped(tmp_path, product=files[0].read_bytes(), package=files[1].read_bytes())
    assert list(ndc(both).replaced["directory"]) == list(ndc(*files).replaced["directory"])


@pytest.mark.parametrize(
    ("packages", "reason", "example"),
    [
        ("B|0999-1|0999-1234-57|box", "no product has its PRODUCTID", "line 3: '0999-1234-57'"),
        ("A|0999-1|0999-1234-56|bag", "the package code stands in an earlier row", "line 3: '0999-1234-56'"),
        ("A|0999-1|0999-1234-XX|box", "the package code is no NDC", "line 3: '0999-1234-XX'"),
        ("A|0999-1|0999123456|box", "the package code is no NDC", "line 3: '0999123456'"),
        ("A|0999-1|٠٩٩٩-1234-56|box", "the package code is no NDC", "line 3: '٠٩٩٩-1234-56'"),
        ("A|0999-1||box", "the package code is no NDC", "line 3: ''"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_and_told(
    tmp_path: Path, packages: str, reason: str, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stations.records.ndc_files.ENCODING", "utf-8")  # so that other digits can be written at all
    files = pair(tmp_path, "A|0999-1|demo|Maker|", f"A|0999-1|0999-1234-56|box\n{packages}", "utf-8")
    found = ndc(*files)
    assert [(aside.reason, aside.rows, aside.example) for aside in found.report.refused] == [(reason, 1, example)]
    assert [row["package"] for row in found.replaced["directory"]] == ["box"]


def damaged(folder: Path, change: Callable[[bytes], bytes]) -> tuple[Path, Path]:
    one, other = pair(folder, "A|0999-1|demo|Maker|", "A|0999-1|0999-1234-56|box\nA|0999-1|0999-1234-57|box")
    other.write_bytes(change(other.read_bytes()))
    return one, other


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda data: data[:-4], "other.txt: found a last line without its end"),
        (lambda data: data[:-20], "other.txt: found a last line without its end"),
        (lambda data: data.replace(b"57\tbox", b"57 box"), "other.txt, line 3: found 3 fields, expected 4"),
        (lambda data: data.replace(b"57\tbox", b"57\tbox\tmore"), "other.txt, line 3: found 5 fields, expected 4"),
        (lambda data: data.replace(b"57\tbox", b"57\tb\x00x"), "line 3: found the control character 0x00"),
        (lambda data: data.replace(b"57\tbox", b"57\tb\x81x"), "line 3: found the byte 0x81 at place 24"),
        (lambda data: data.replace(b"57\tbox", b"57\t" + b"x" * 70_000), "line 3: found more than 65,536 bytes"),
        (lambda data: data.replace(b"NDCPACKAGECODE", b"CODE"), "other.txt, line 1: found 'PRODUCTID"),
        (lambda data: data.replace(b"\t", b","), "other.txt, line 1: found 'PRODUCTID"),
        (lambda data: data.decode().encode("utf-16"), "other.txt, line 1: found"),
        (lambda _: b"", "other.txt, line 1: found ''"),
        (lambda data: data.replace(b"\nA\t", b"\nZ\t"), "2 rows cannot be used and 0 can, expected a pair of files"),
        (lambda _: (SAMPLE / "product.txt").read_bytes(), "Found 2 files of products and 0 of packages"),
    ],
)
def test_a_damaged_pair_is_refused_whole_with_one_sentence(
    tmp_path: Path, change: Callable[[bytes], bytes], part: str
) -> None:
    sentence = ndc_refusal(*damaged(tmp_path, change))
    assert part in sentence
    assert sentence.endswith(".")


def test_one_file_of_the_two_is_not_enough(tmp_path: Path) -> None:
    files = pair(tmp_path, "A|0999-1|demo|Maker|", "A|0999-1|0999-1234-56|box")
    assert ndc_refusal(files[0]).startswith("Found 1 files of products and 0 of packages, expected one of each")
    assert ndc_refusal(*files, files[1]).startswith("Found 1 files of products and 2 of packages")


def test_a_zip_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, product=HEAD.encode() * 100, package=PACKED.encode() * 100)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "found a zip that cannot be read" in ndc_refusal(path)
    path.write_bytes(whole[:80] + bytes(4) + whole[84:])
    assert "found a zip that cannot be read" in ndc_refusal(path)


def test_a_zip_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stations.records.ndc_files.LARGEST", 1_000_000)
    path = zipped(tmp_path, product=bytes(10_000_000))
    assert "product.TXT: found more than 1,000,000 bytes" in ndc_refusal(path)
    path = zipped(tmp_path, **{f"product{number}": b"" for number in range(20)})
    assert "found 20 text files" in ndc_refusal(path)


def test_an_import_of_the_directory_says_what_it_would_change(tmp_path: Path) -> None:
    facts = InMemory()
    before = "A|0999-1|0999-1234-56|box\nA|0999-1|0999-1234-57|box\nA|0999-1|0999-1234-58|box"
    facts.take(ndc(*pair(tmp_path, "A|0999-1|demo|Maker|", before)))
    after = before.replace("57|box", "57|bag").replace("1234-58", "1234-59")
    found = ndc(*pair(tmp_path, "A|0999-1|demo|Maker|", after), facts=facts)
    assert (found.report.taken, found.report.changed, found.report.unchanged) == (3, 1, 1)
    facts.take(found)
    assert list(facts.tables["directory"]) == ["000999-1234-56", "000999-1234-57", "000999-1234-59"]


def test_rows_that_are_not_wanted_any_more_are_let_go() -> None:
    found = ndc(SAMPLE / "product.txt", SAMPLE / "package.txt")
    found.let_go()
    assert list(found.replaced["directory"]) == []
