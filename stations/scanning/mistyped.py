"""Is this a code of ours that the scanner typed wrongly: Caps Lock on, or for another country's keyboard?

Nothing is ever repaired: the scan is refused, and the sentence says what to mend. Law: only what is certain is said.
The text must become a code of ours by one such change, its check character proving it, and the change must touch more
than the check character itself.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final

from stations.scanning import ours
from stations.scanning.decoding import keys
from stations.scanning.outcome import Fault, Outcome

_SYMBOL: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_LONGEST: Final = len("]C0B1234567890X")
_PLACES: Final = {"us": "US", "uk": "British", "de": "German", "fr": "French"}


def own_code(text: str) -> tuple[str, Fault] | None:
    """Give the code of ours that a wrongly typed text is, and what is wrong with the scanner; None for any other."""
    if len(text) > _LONGEST:
        return None
    own = _proved(text, text.swapcase())
    if own is not None:
        return own, _fault(
            "capital and small letters are exchanged: turn off Caps Lock, or set the scanner's case again"
        )
    for typed, read in _pairs():
        own = _proved(text, text.translate(_changes(typed, read)))
        if own is not None:
            kinds = f"the scanner types for a {_PLACES[typed]} keyboard and is read as a {_PLACES[read]} one"
            return own, _fault(f"{kinds}: pair the scanner again, or scan its check card")
    return None


def _pairs() -> list[tuple[keys.LayoutName, keys.LayoutName]]:
    """Pair what a scanner may type with what it may be read as; the British one writes our codes as the US one does."""
    layouts: tuple[keys.LayoutName, ...] = ("us", "de", "fr")
    return list(itertools.permutations(layouts, 2))


@functools.cache
def _changes(typed: keys.LayoutName, read: keys.LayoutName) -> dict[int, str]:
    """Character as read → character that was typed."""
    meant = {code: levels[:2] for code, levels in keys.LAYOUTS[typed].items()}
    return {
        ord(seen): wanted
        for code, levels in keys.LAYOUTS[read].items()
        for seen, wanted in zip(levels[:2], meant.get(code, ()), strict=False)
        if len(seen) == 1
    }


def _proved(text: str, changed: str) -> str | None:
    symbol = _SYMBOL.match(changed)
    own = changed[symbol.end() :] if symbol else changed
    before = text[len(text) - len(own) :]
    is_proved = own[:-1] != before[:-1] and ours.is_plainly_ours(own) and ours.is_ours(own)
    return own if is_proved and (own[0] != "C" or ours.is_command(own)) else None


def _fault(sentence: str) -> Fault:
    return Fault(outcome=Outcome.UNREADABLE, message=f"This is a code of ours, but {sentence}.")
