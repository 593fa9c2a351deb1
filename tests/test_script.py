"""What a scan script may say, and how one that cannot be read is refused before anything runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scripts.script import PRINTER_STATES, SCREENS, WORDS, Line, ScriptRefused, read_script

GOOD = [
    ("now 2026-03-10T08:00:00-07:00", "now", "2026-03-10T08:00:00-07:00", ()),
    ("badge B0042173", "badge", "B0042173", ("B0042173",)),
    ("pin 420173", "pin", "420173", ("420173",)),
    ("task automation.refill-pick", "task", "automation.refill-pick", ("automation.refill-pick", "")),
    ("task automation.cycle-count 03-A-12", "task", "automation.cycle-count", ("automation.cycle-count", "03-A-12")),
    ('task automation.cycle-count "robot 1"', "task", "automation.cycle-count", ("automation.cycle-count", "robot 1")),
    ("task automation.cycle-count robot 1", "task", "automation.cycle-count", ("automation.cycle-count", "robot 1")),
    ("scan ]d2010A<GS>21S1", "scan", "]d2010A\x1d21S1", ()),
    ("scan ]d2010A\x1d21S1", "scan", "]d2010A\x1d21S1", ()),
    ('scan "a\\u001db"', "scan", "a\x1db", ()),
    ('scan " "', "scan", " ", ()),
    ("key 0999-1234-56", "key", "0999-1234-56", ()),
    ('key "=1+1"', "key", "=1+1", ()),
    ("enter 24", "enter", "24", ()),
    ('enter ""', "enter", "", ()),
    ("enter one # two", "enter", "one # two", ()),
    ('choose "on duty"', "choose", "on duty", ()),
    ("unable will not read", "unable", "will not read", ()),
    *((f"press {word}", "press", word, (word,)) for word in WORDS),
    *((f"printer {state}", "printer", state, (state,)) for state in PRINTER_STATES if state != "drop-after"),
    ("printer drop-after 100", "printer", "drop-after", ("drop-after", "100")),
    *((f"scanner {state}", "scanner", state, (state,)) for state in ("unplug", "plug", "lose")),
    ("wait 90", "wait", "90", ("90",)),
    ("crash", "crash", "", ()),
    ("expect PASS", "expect", "PASS", ("PASS",)),
    ("expect PASS only", "expect", "PASS", ("PASS", "only")),
    ("expect STOP wrong-item expired", "expect", "STOP", ("STOP", "wrong-item", "expired")),
    ("expect step line[2].package", "expect", "step", ("step", "line[2].package")),
    *((f"expect screen {name}", "expect", "screen", ("screen", name)) for name in SCREENS),
    ("expect register serial count 0", "expect", "register", ("register", "serial", "count", "0")),
    (
        'expect register stock_level count >=1 location=03-A-12 name="a b"',
        "expect",
        "register",
        ("register", "stock_level", "count", ">=1", "location=03-A-12", "name=a b"),
    ),
    ('expect label T02 text "DO NOT USE"', "expect", "label", ("label", "T02", "text", "DO NOT USE")),
    ("expect worklist below-par excludes A4W", "expect", "worklist", ("worklist", "below-par", "excludes", "A4W")),
    ("expect journal ok", "expect", "journal", ("journal", "ok")),
]

ACTIONS = tuple(dict.fromkeys(action for _, action, _, _ in GOOD))

BAD = [
    ("sacn L03A12Z", "found 'sacn', expected one of now, badge, pin"),
    ("Scan L03A12Z", "found 'Scan', expected one of"),
    ("now tomorrow", "found 'tomorrow', expected a time like 2026-03-10T08:00:00-07:00"),
    ("now", "expected a time like"),
    ("now 2026-03-10T08:00:00", "has no offset"),
    ("now 9999-12-31T23:59:59-07:00", "is not in the years 2000 to 2100"),
    ("now 0001-01-01T00:00:00+14:00", "is not in the years 2000 to 2100"),
    ("badge", "badge needs one word after it, found 0"),
    ("badge B0042173 420173", "badge needs one word after it, found 2"),
    ("badge Bé", "is on no key of a US keyboard"),
    ("pin", "pin needs one word"),
    ("task", "task needs a checklist's id"),
    ('task "automation.refill-pick', "No closing quotation"),
    ("scan", "scan needs a text after it"),
    ('scan "no end', "is not a whole JSON string"),
    ('scan "one" two', "is not a whole JSON string"),
    ('enter "\\x"', "is not a whole JSON string"),
    ("press enter", "found 'enter', expected one of confirm, back"),
    ("press", "press needs one word"),
    ("press 7", "found '7', expected one of"),
    ("printer", "expected one of ready, near-end"),
    ("printer on-fire", "found 'on-fire', expected one of"),
    ("printer ready now", "the others nothing"),
    ("printer drop-after", "drop-after takes a number of bytes"),
    ("printer drop-after many", "drop-after takes a number of bytes"),
    ("scanner gone", "found 'gone', expected one of unplug, plug, lose"),
    ("wait", "wait needs one word"),
    ("wait -1", "found '-1', expected a whole number of seconds"),
    ("wait ٣", "expected a whole number of seconds"),
    ("wait 1.5", "expected a whole number of seconds"),
    ("wait 999999999999", "expected a whole number of seconds"),
    ("crash now", "crash takes nothing after it, found 'now'"),
    ("expect", "found '', expected one of PASS, HOLD, STOP"),
    ("expect OK", "found 'OK', expected one of PASS"),
    ("expect screen main", "expected one of the screens signed-out"),
    ("expect screen", "expected one of the screens"),
    ("expect step", "is not a whole expectation"),
    ("expect step a b", "is not a whole expectation"),
    ("expect register serial", "is not a whole expectation"),
    ("expect register serial count", "is not a whole expectation"),
    ("expect register serial count few", "is not a whole expectation"),
    ("expect register serial count <3", "is not a whole expectation"),
    ("expect register serial count 1 lot", "is not a whole expectation"),
    ("expect label T02", "is not a whole expectation"),
    ("expect label T02 says x", "is not a whole expectation"),
    ("expect worklist below-par has A4W", "is not a whole expectation"),
    ("expect journal whole", "is not a whole expectation"),
]


@pytest.mark.parametrize(("text", "action", "rest", "words"), GOOD, ids=[text for text, *_ in GOOD])
def test_each_action_is_read(text: str, action: str, rest: str, words: tuple[str, ...]) -> None:
    (line,) = read_script(text)
    assert (line.action, line.text, line.words) == (action, rest, words)


@pytest.mark.parametrize(("text", "says"), BAD, ids=[text for text, _ in BAD])
def test_a_line_that_cannot_be_read_is_named_and_refuses_the_whole_script(text: str, says: str) -> None:
    with pytest.raises(ScriptRefused) as refused:
        read_script(f"badge B0042173\n\n# why\n{text}\npress back\n")
    assert str(refused.value).startswith("line 4: ")
    assert says in str(refused.value)


def test_comments_blank_lines_and_indents_are_passed_over_and_lines_count_as_an_editor_counts() -> None:
    script = "# first\n\n   # indented\n\tbadge B0042173\r\n  crash  \n"
    assert [(line.number, line.action) for line in read_script(script)] == [(4, "badge"), (5, "crash")]


@pytest.mark.parametrize("break_within", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
def test_a_control_character_within_a_scan_ends_no_line(break_within: str) -> None:
    (line,) = read_script(f"scan 10A{break_within}21B")
    assert line.text == f"10A{break_within}21B"


def test_a_pin_is_not_shown_again() -> None:
    (line,) = read_script("pin 420173")
    assert line.shown == "pin ······"


def test_an_empty_script_does_nothing() -> None:
    assert read_script("") == ()
    assert read_script("# only this\n") == ()


def refusal(text: str) -> str:
    """Read a script; return why it was refused, or nothing."""
    try:
        lines = read_script(text)
    except ScriptRefused as refused:
        return str(refused)
    assert all(isinstance(line, Line) for line in lines)
    return ""


@given(st.text())
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    says = refusal(text)
    assert not says or says.startswith("line ")


@given(st.sampled_from(ACTIONS), st.text(max_size=40))
def test_any_text_after_an_action_is_read_or_refused(action: str, text: str) -> None:
    says = refusal(f"{action} {text}")
    assert not says or says.startswith("line ")
