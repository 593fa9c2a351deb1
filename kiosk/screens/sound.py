"""How does a verdict sound?

PASS one short tone, HOLD two, STOP a long low one: never the same for good and bad. A terminal has only its bell; the
Linux console also lets pitch and length be set, other terminals hear a long tone as a row of bells.

>>> [len(rings(tones(word), is_console=False)) for word in (Word.PASS, Word.HOLD, Word.STOP)]
[1, 2, 5]
"""

import msgspec

from stations.work.verdict import Word


class Tone(msgspec.Struct, frozen=True, kw_only=True):
    """One tone and the silence after it."""

    hertz: int
    ms: int
    then_ms: int = 120


_TONES = {
    Word.PASS: (Tone(hertz=1320, ms=70),),
    Word.HOLD: (Tone(hertz=880, ms=120), Tone(hertz=880, ms=120)),
    Word.STOP: (Tone(hertz=196, ms=900),),
}
_BELL_MS = 180
_DEFAULT_BELL = "\x1b[10]\x1b[11]"


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes for the terminal, so long after the verdict."""

    after_s: float
    text: str


def tones(word: Word) -> tuple[Tone, ...]:
    """Give the tones of a verdict."""
    return _TONES[word]


def rings(wanted: tuple[Tone, ...], *, is_console: bool) -> tuple[Ring, ...]:
    """Turn tones into bells; `is_console`: the Linux console, whose bell has pitch and length (console_codes(4))."""
    found: list[Ring] = []
    at = 0
    for tone in wanted:
        if is_console:
            text = f"\x1b[10;{tone.hertz}]\x1b[11;{tone.ms}]\a{_DEFAULT_BELL}"
            found.append(Ring(after_s=at / 1000, text=text))
        else:
            found += [
                Ring(after_s=(at + done) / 1000, text="\a") for done in range(0, max(tone.ms, _BELL_MS), _BELL_MS)
            ]
        at += tone.ms + tone.then_ms
    return tuple(found)
