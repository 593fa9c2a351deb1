"""What does a person see on a terminal, and is it what a script expects?

Eyes know nothing but rows of characters. What a verdict, a reason, a screen and a step look like is written here by
hand, not taken from the screens, so that a word that changes there shows here.
"""

import functools
import itertools
import re
from collections.abc import Sequence

from kiosk.screens.letters import is_drawable, large
from kiosk.screens.view import View
from kiosk.scripts.script import Line
from stations.work.verdict import Reason

ASKS_PIN = "Type it and press Enter. Esc goes back."
SCREENS = {
    "signed-out": ("Scan your badge", "F1 help"),
    "home": ("Type a number or letter and press Enter.", "F10 lock"),
    "task": ("▶", "F2 hold", "F6 cancel"),
    "stop": ("STOP", "asked", "scanned", "Put it back. Then press Esc, or scan back."),
}
"""How a person tells where they are."""
TITLES = {"automation.refill-pick": "Refill pick"}
PLAIN = {reason: reason.replace("-", " ") for reason in Reason} | {
    Reason.NOT_OURS: "not our code",
    Reason.NOT_THAT_KIND: "another kind of code",
    Reason.CHECK_DIGIT: "wrong check digit",
    Reason.NEXT_PACKAGE: "same package again",
    Reason.DUPLICATE_SERIAL: "package already used",
    Reason.AMBIGUOUS_NDC: "several products fit",
    Reason.DIFFERENT_NDC: "another maker",
    Reason.EXPIRES_TOO_SOON: "expires too soon",
    Reason.SELF_SIGN: "own work",
    Reason.NO_PHARMACIST: "no pharmacist on duty",
    Reason.KEYED: "keyed, not scanned",
    Reason.WRONG_PIN: "wrong PIN",
    Reason.PIN_LOCKED: "PIN locked",
    Reason.PRINT_UNCONFIRMED: "label not confirmed",
    Reason.IRB_EXPIRED: "IRB approval expired",
}
"""What a person reads for each reason."""


_DRAWN = str.maketrans("█▀▄░─", "     ")


def plain(row: str) -> str:
    """Leave what is written with letters, one space between any two words."""
    return " ".join(row.translate(_DRAWN).split())


@functools.cache
def drawn(words: str) -> tuple[str, ...]:
    """Give the rows of these words in large letters, on one line."""
    return tuple(row.rstrip() for row in large(words))


@functools.cache
def drawings(words: str) -> tuple[tuple[str, ...], ...]:
    """Give every way in which the screens may write these words large, on up to three lines."""
    parts = words.split()
    ends = [(*cuts, len(parts)) for most in range(3) for cuts in itertools.combinations(range(1, len(parts)), most)]
    ways = [[" ".join(parts[first:last]) for first, last in itertools.pairwise((0, *one))] for one in ends]
    twice = tuple(row.rstrip() for row in large(words, 2)) if len(parts) == 1 else ()
    return (*(tuple(row for line in way for row in drawn(line)) for way in ways), *([twice] if twice else []))


class Glass:
    """The rows of a terminal, as eyes read them."""

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = rows
        self._lines = [plain(row) for row in rows]
        parted = [row.partition("│") for row in rows]
        self._text = " ".join(plain(side) for at in (0, 2) for side in (parts[at] for parts in parted) if plain(side))

    def shows(self, *phrases: str) -> bool:
        """Whether all of these are there, as text or in large letters."""
        return all(phrase in self._text or self._is_large(phrase) for phrase in phrases)

    def _is_large(self, words: str) -> bool:
        return is_drawable(words) and any(self._stands(way) for way in drawings(words))

    def _stands(self, way: tuple[str, ...]) -> bool:
        return any(
            all(row.startswith(part, found.start()) for row, part in zip(self.rows[at:], way, strict=False))
            for at in range(len(self.rows) - len(way) + 1)
            for found in re.finditer(re.escape(way[0]), self.rows[at])
        )

    def reasons(self) -> set[str]:
        """Gather the reasons on the one row that says nothing else."""
        words = {said: reason for reason, said in PLAIN.items()}
        return {words[said] for line in self._lines for said in line.split(", ") if set(line.split(", ")) <= {*words}}

    def number_of(self, checklist: str, subject: str) -> str:
        """Find what to type at home for this checklist and thing."""
        title = re.escape(f"{TITLES[checklist]}, {subject}")
        (number,) = (found[1] for line in self._lines if (found := re.search(rf"(\w+) {title}", line)))
        return number


def marks(told: View) -> list[str]:
    """List what must stand on the glass: the question, the thing, how far, the verdict and why."""
    ask, verdict = told.ask, told.verdict
    found = [option.words for option in ask.options]
    if verdict is not None:
        found += [verdict.word, *verdict.reasons]
    if told.screen == "stop":
        return [*found, ask.prompt, *([verdict.asked, verdict.scanned] if verdict is not None else [])]
    if verdict is not None:
        found.append(_first_sentence(verdict.says))
    found += [_first_sentence(told.says), told.title, told.about, told.who, ask.item, ask.yes_no, *ask.details]
    found += [f"{ask.done} of {ask.wanted}"] if ask.wanted > 1 else []
    found += [choice.title for choice in told.home] or [ask.prompt]
    return [phrase for phrase in found if phrase]


def _first_sentence(says: str) -> str:
    return says.partition(". ")[0].rstrip(".")


def expect(glass: Glass, line: Line) -> None:
    """Hold what the glass shows against one expectation; what no screen shows is looked for elsewhere."""
    found = f"line {line.number}: {' '.join(line.words)} expected, found:\n" + "\n".join(glass.rows)
    match line.words:
        case ("screen", name):
            assert glass.shows(*SCREENS[name]), found
            assert name == "stop" or not glass.shows(*SCREENS["stop"]), found
        case ("step", path):
            step, number = path.rpartition(".")[2], re.search(r"\[(\d+)\]", path)
            assert glass.shows(f"▶ {step}", *([f"line {number[1]} of 3"] if number else [])), found
        case ("worklist", "below-par", word, cabinet):
            assert glass.shows(f"Refill pick, {cabinet}") == (word == "includes"), found
        case ("PASS" | "HOLD" | "STOP") as word, *reasons:
            assert glass.shows(word), found
            assert glass.reasons() == set() if reasons == ["only"] else set(reasons) <= glass.reasons(), found
        case _:
            assert line.words[0] in ("register", "label", "journal"), found
