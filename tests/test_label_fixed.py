"""What a site may not change on a label: sentences that law fixes, what ties it to the record, what it never tells."""

import re
from pathlib import Path

import pytest

from printers.fixed import sentences
from printers.layout import LayoutRefused, load

SHIPPED = Path(__file__).parents[1] / "data" / "labels"


@pytest.fixture
def write(tmp_path: Path) -> "Writer":
    return Writer(tmp_path)


class Writer:
    """Writes definitions into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, text: str, name: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


FIXED = {
    "T02": ["QUARANTINE - DO NOT USE"],
    "T03": ["OUT OF SERVICE"],
    "T06": ["HOLD for pharmacist"],
    "T08": ["Caution: New Drug--Limited by Federal (or United States) law to investigational use."],
    "T09": [
        "Caution: New Drug--Limited by Federal (or United States) law to investigational use.",
        "Keep out of reach of children",
    ],
    "T11": ["NOT FOR RE-DISPENSING"],
    "T12": ["PATIENT ASSISTANCE - DO NOT BILL - NOT FOR STOCK"],
    "T23": ["DUPLICATE {duplicate} - REPRINTED {reprinted} {reason}", "Void: {replaces}. Destroy it."],
}
SENTENCES = [(name, text) for name, texts in FIXED.items() for text in texts]
STAMPED = [f"T{number:02}" for number in range(1, 23)]


def test_the_fixed_texts_are_these_and_no_others() -> None:
    assert {name: list(sentences(name)) for name in [*STAMPED, "T23"] if sentences(name)} == FIXED


@pytest.mark.parametrize(("name", "text"), SENTENCES)
@pytest.mark.parametrize(
    ("found", "instead"), [(r"^.", "x"), (r"^", "Perhaps "), (" ", "  ")], ids=["a letter", "a word", "a space"]
)
def test_a_label_without_its_fixed_text_letter_for_letter_is_refused(
    write: Writer, name: str, text: str, found: str, instead: str
) -> None:
    shipped = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    assert f'text = "{text}' in shipped
    changed = re.sub(found, instead, text, count=1)
    path = write(shipped.replace(f'text = "{text}', f'text = "{changed}'), f"{name}.toml")
    with pytest.raises(LayoutRefused) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: lines: the text {text!r} was expected")


def test_a_fixed_text_that_an_optional_field_could_take_away_does_not_count(write: Writer) -> None:
    shipped = (SHIPPED / "T23.toml").read_text(encoding="utf-8")
    reason = '{ name = "reason", max_length = 200, sample = "torn in half"'
    assert reason in shipped
    path = write(shipped.replace(reason, f"{reason}, optional = true"), "T23.toml")
    with pytest.raises(LayoutRefused, match="DUPLICATE"):
        load(path)


SIZES = {"T02": (3, 2), "T03": (3, 3), "T06": (3, 3), "T11": (2, 2), "T12": (2, 2)}
"""The least size a fixed text has, and may go down to; of the others 1."""


@pytest.mark.parametrize(("name", "text"), SENTENCES)
def test_a_fixed_text_with_a_caption_or_words_after_it_or_smaller_than_shipped_is_refused(
    write: Writer, name: str, text: str
) -> None:
    shipped = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    (line,) = [line for line in shipped.splitlines() if f'text = "{text}"' in line]
    size, least = SIZES.get(name, (1, 1))
    plain = f'{{ kind = "text", text = "{text}", size = {size}, least = {least} }},'
    load(write(shipped.replace(line, plain), f"{name}.toml"))
    changes = [
        plain.replace("text =", 'caption = "Not", text =', 1),
        plain.replace(f'{text}"', f'{text} Or do."'),
        *([plain.replace(f"least = {least}", f"least = {least - 1}")] if least > 1 else []),
        *([plain.replace(f"size = {size}, least = {least}", f"size = {size - 1}")] if size > 1 else []),
    ]
    for changed in changes:
        path = write(shipped.replace(line, changed), f"{name}.toml")
        with pytest.raises(LayoutRefused) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}: lines: the text {text!r} was expected"), changed


def test_the_line_that_voids_a_label_may_lack_the_label_and_nothing_else(write: Writer) -> None:
    shipped = (SHIPPED / "T23.toml").read_text(encoding="utf-8")
    assert 'name = "replaces", max_length = 12, sample = "K00010AX", optional = true' in shipped
    with pytest.raises(LayoutRefused, match=r"the text 'Void: {replaces}. Destroy it.' was expected"):
        load(write(shipped.replace("Void: {replaces}", "Void: {label_id}{replaces}"), "T23.toml"))


@pytest.mark.parametrize(
    ("name", "secret", "told"),
    [
        *[
            (name, secret, "must not tell the arm")
            for name in ("T08", "T09")
            for secret in ("arm", "arms", "treatment")
        ],
        *[("T18", secret, "counts blind") for secret in ("qty", "quantity", "expected", "on_hand", "count")],
    ],
)
def test_a_label_that_would_tell_what_it_must_not_is_refused(write: Writer, name: str, secret: str, told: str) -> None:
    shipped = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    field = f'fields = [\n  {{ name = "{secret}", max_length = 9, sample = "x", optional = true }},'
    line = f'lines = [\n  {{ kind = "text", text = "{{{secret}}}" }},'
    path = write(shipped.replace("fields = [", field, 1).replace("lines = [", line, 1), f"{name}.toml")
    with pytest.raises(LayoutRefused, match=f"fields: '{secret}' was found, and .*{told}"):
        load(path)


@pytest.mark.parametrize(
    ("name", "found", "instead", "told"),
    [
        (
            "T12",
            'max_length = 4,  sample = "R.R."',
            'max_length = 40, sample = "R.R."',
            "'patient_initials' was found with",
        ),
        (
            "T12",
            "max_length = 4,  pattern",
            "max_length = 9, pattern",
            "'mrn_last4' was found with max_length = 9, at most",
        ),
        (
            "T05",
            'kind = "code", symbology = "code128", field = "location_code"',
            'kind = "text", text = "{location_code}"',
            "a code of location_code was",
        ),
        (
            "T05",
            'max_length = 12, sample = "LVLT011"',
            'max_length = 12, optional = true, sample = "LVLT011"',
            "fields: location_code, not optional, was expected",
        ),
        (
            "T01",
            'kind = "code", symbology = "code128", field = "item_code"',
            'kind = "text", text = "{item_code}"',
            "a code of item_code was",
        ),
        ("T01", 'one_of = ["element_string", "item_code"]', "", "one_of: element_string, item_code were expected"),
        *[
            (
                name,
                'text = "{name}", size = 3, least = 2',
                f'text = "{{name}}", {small}',
                "the field 'name' was expected bold",
            )
            for name in ("T01", "T05")
            for small in ("size = 1", "size = 3, least = 1")
        ],
        *[
            (
                name,
                'text = "{name}", size = 3, least = 2, bold = true',
                'text = "{name}", size = 3, least = 2',
                "the field 'name' was expected bold",
            )
            for name in ("T01", "T05")
        ],
    ],
)
def test_a_label_keeps_its_code_and_its_large_name_and_its_few_letters_of_a_person(
    write: Writer, name: str, found: str, instead: str, told: str
) -> None:
    shipped = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    assert shipped.count(found) == 1
    with pytest.raises(LayoutRefused, match=told):
        load(write(shipped.replace(found, instead), f"{name}.toml"))


STAMPS = ("label_id", "station", "initials", "time")
STAMPED_LABEL = """\
id = "T13"
title = "A label that is stamped"
papers = [80, 58]
fields = [
  { name = "label_id", max_length = 12, sample = "K00010A2" },
  { name = "station", max_length = 12, sample = "BENCH-1" },
  { name = "initials", max_length = 8, sample = "AT" },
  { name = "time", max_length = 20, sample = "2026-03-10 08:14" },
]
lines = [
  { kind = "code", symbology = "qr", field = "label_id", beside = [{ text = "{station}, {initials}, {time}" }] },
]
"""


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("instead", ['name = "other"', 'optional = true, name = "{}"'])
def test_a_template_without_what_ties_it_to_the_record_is_refused(write: Writer, stamp: str, instead: str) -> None:
    load(write(STAMPED_LABEL, "T13.toml"))
    renamed = STAMPED_LABEL.replace(f'name = "{stamp}"', instead.format(stamp))
    if "other" in instead:
        renamed = renamed.replace(f"{{{stamp}}}", "{other}").replace(f'field = "{stamp}"', 'field = "other"')
    with pytest.raises(LayoutRefused, match=f"fields: '{stamp}' was expected, as one text that is not optional"):
        load(write(renamed, "T13.toml"))


@pytest.mark.parametrize(
    "instead",
    [
        'kind = "text", text = "{label_id} {station}, {initials}, {time}" },',
        'kind = "code", symbology = "qr", field = "station" }, { kind = "text", text = "{label_id}{initials}{time}" },',
        'kind = "code", symbology = "gs1-128", field = "label_id", beside = [{ text = "{station}{initials}{time}" }] }',
    ],
)
def test_a_template_without_its_own_id_as_a_code_is_refused(write: Writer, instead: str) -> None:
    code = STAMPED_LABEL[STAMPED_LABEL.index('kind = "code"') : STAMPED_LABEL.rindex("\n]")]
    with pytest.raises(LayoutRefused, match="a code of label_id was expected, qr or code128"):
        load(write(STAMPED_LABEL.replace(code, instead), "T13.toml"))
