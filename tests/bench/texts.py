"""Does any text at all make the reading of codes raise, contradict itself, or take long? A million are tried.

Each is a code as scanners send it, broken in the ways that codes break: characters lost, doubled, swapped or changed,
two codes run together, separators gone, capital letters exchanged; or plain noise. The same texts come every time.
"""

import collections
import datetime as dt
import random
import time
from collections.abc import Iterator

import msgspec

from stations.scanning import hibc, ndc, ours
from stations.scanning.codes import Code, as_dict, read

TODAY = dt.date(2026, 3, 10)
GOOD = (
    "]d201003099912345631727020010LOT7A\x1d21S0001",
    "]d2010030999123456321S0001\x1d1728020010LOT7A",
    "]C1013030999123456410LOT9",
    "]d20100614141000012715050999012345\x1d17330401",
    "]C1001061414123456789080200309991234563371200",
    "]C14140614141000012254W4",
    "]C11727022810LOT7A",
    "]C191B0042173",
    "]E00309991234563",
    "]I130309991234564",
    "309991234563",
    "0999-1234-56",
    "NDC 0999123456",
    "106141412345678908",
    "B0042173",
    "L03A12Z",
    ours.command_code("confirm"),
    "]A0+A99912345/$$52001510X3/16D20111212/S77DE1G45-",
    "+H123RX04515",
    "+$$3270331LOT7A5J",
    "https://id.example/01/00309991234563/10/LOT7A/21/S0001?17=270228&715=050999012345",
)
NOISE = "0123456789" * 4 + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcz-. $/+%*?&=#:<>[]()" + "\x1d\x1d\x1e\x04\x00\x1b\x7f\t\n"
STRANGE = ("\ud800", "\u202e", "٣", "é", "\U0001f480", "\ufeff", "²", "\x1b[2J", "=1+1", "[bold]", "%00", "<GS>")
EVERY = 10_000
"""Texts between two answers about how far it is."""


class Found(msgspec.Struct, kw_only=True):
    """What came of the texts so far."""

    texts: int = 0
    took: float = 0.0
    """Seconds of reading alone, those in which the machine did something else not counted."""
    slowest: float = 0.0
    outcomes: collections.Counter[str] = msgspec.field(default_factory=collections.Counter[str])


def read_all(count: int) -> Iterator[Found]:
    """Read so many texts; what has been found comes every ten thousand, and at the end."""
    chance, found = random.Random(20260310), Found()  # noqa: S311 - the same texts each time
    read(GOOD[0], TODAY)
    while found.texts < count:
        for _ in range(min(EVERY, count - found.texts)):
            text, proved = broken(chance), chance.random() < 1 / 4
            start = time.process_time()
            code = read(text, TODAY, sends_separators=proved)
            took = time.process_time() - start
            found.took, found.slowest = found.took + took, max(found.slowest, took)
            found.outcomes[code.outcome] += 1
            check(code, text)
        found.texts = found.outcomes.total()
        yield found


def broken(chance: random.Random) -> str:
    """Give a good code with some harm done to it, or noise."""
    if chance.random() < 1 / 10:
        return "".join(chance.choices(NOISE, k=chance.randrange(60)))
    text = chance.choice(GOOD)
    for _ in range(chance.randrange(4)):
        text = _harmed(text, chance)
    return text


def _harmed(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    start, end = text[:place], text[place:]
    match chance.randrange(9):
        case 0:
            return start + end[1:]
        case 1:
            return start + end[:1] + end
        case 2:
            return start + end[1:2] + end[:1] + end[2:]
        case 3:
            return start + chance.choice(NOISE) + end[1:]
        case 4:
            return start + chance.choice(STRANGE) + end
        case 5:
            return text.replace("\x1d", "", 1)
        case 6:
            return text + chance.choice(GOOD)
        case 7:
            return text.swapcase()
        case _:
            return start


def check(code: Code, text: str) -> None:
    """Hold an answer against what every answer promises."""
    shown = f"{text!a} was read as {code}"
    assert code.raw == text, shown
    assert code.message.isprintable(), shown
    assert code.message, shown
    answer = as_dict(code)
    if code.outcome != "ok":
        told = [
            name for name in ("gtin", "ndc12", "lot", "expiry", "serial", "quantity", "key", "hibc") if answer[name]
        ]
        assert not told, shown
        return
    assert code.gtin is None or ndc.has_check_digit(code.gtin), shown
    assert code.own is None or ours.is_ours(code.own), shown
    if code.hibc or code.link_character:
        bare = text[text.index("+") :].removesuffix("*")
        assert hibc.check_character(bare[:-1]) == bare[-1], shown
    written = text.replace("%2F", "/")
    assert all(value is None or value in written for value in (code.serial, code.own)), shown
    assert code.kind == "product" or code.key or code.contents, shown
