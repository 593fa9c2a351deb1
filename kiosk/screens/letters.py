r"""How are words written large on a terminal, so that they are read from a metre away?

Each letter is four dots wide and seven high, drawn two dots to a character with half blocks, which every console has.
Capitals and small letters differ, so tall-man letters stay what they are. The letters are those of
`misc-fixed 5x7`, the bitmap font that came with the X Window System and is in the public domain.

>>> print("\n".join(line.rstrip() for line in large("Go 7")))
▄▀▀▄           ▀▀▀█
█ ▄▄ ▄▀▀▄        █
▀▄▄█ ▀▄▄▀       █
<BLANKLINE>
"""

from collections.abc import Sequence

HEIGHT = 4
"""Lines of one row of large letters; the last holds what hangs below."""
_DOTS_HIGH = 7
_DOTS_WIDE = 4
_FIRST = " "
# Seven digits a character from space to tilde: one hexadecimal digit is one row of four dots, top row first.
_ROWS = (
    "0000000 2222020 5550000 05f5f50 07a7270 8924910 04a4a50 2220000 2444420 4222240 0527250 022f220 0000324 "
    "000f000 0000660 0124800 2555520 2622270 69124f0 f161960 26af220 f8e1960 68e9960 f122440 6969960 6997160 "
    "0660660 0660648 0124210 00f0f00 0421240 2512020 69bb860 699f990 e9e99e0 6988960 e9999e0 f8e88f0 f8e8880 "
    "698b970 99f9990 7222270 1111960 9acca90 88888f0 9ff9990 9ddbb90 6999960 e99e880 6999d61 e99ea90 6942960 "
    "7222220 9999960 9999660 999ff90 9966990 5552220 f1248f0 7444470 0842100 7111170 2500000 00000f0 4200000 "
    "0079b50 88e99e0 0068860 1179970 006bc60 254e440 0079687 88e9990 2062270 1011152 88aca90 6222270 00af990 "
    "00e9990 0069960 00e99e8 0079971 00e9880 007c3e0 44e4430 0099970 0055520 0099ff0 0096690 0099524 00f24f0 "
    "1262210 2222220 4232240 5a00000 "
)
_HALVES = " ▀▄█"


def is_drawable(text: str) -> bool:
    """Whether every character can be written large."""
    return all(" " <= character <= "~" for character in text)


def large_width(text: str, scale: int = 1) -> int:
    """Columns that the text takes when written large."""
    return max(0, len(text) * (_DOTS_WIDE + 1) - 1) * scale


def large(text: str, scale: int = 1) -> list[str]:
    """Write a text of ASCII large: `HEIGHT` lines for each step of `scale`."""
    rows = ["".join(_dots(character, row) for character in text)[:-1] for row in range(_DOTS_HIGH)]
    wide = ["".join(dot * scale for dot in row) for row in rows for _ in range(scale)]
    if len(wide) % 2:
        wide.append("0" * len(wide[0]))
    return [_halved(upper, lower) for upper, lower in zip(wide[::2], wide[1::2], strict=True)]


def _dots(character: str, row: int) -> str:
    at = (ord(character) - ord(_FIRST)) * (_DOTS_HIGH + 1) + row
    return f"{int(_ROWS[at], 16):04b}0"


def _halved(upper: str, lower: str) -> str:
    return "".join(_HALVES[int(above) + 2 * int(below)] for above, below in zip(upper, lower, strict=True))


def large_lines(text: str, width: int, rows: int) -> Sequence[str]:
    """Write words large, broken between words; nothing where they do not fit into that many rows of letters."""
    if not is_drawable(text):
        return ()
    broken: list[str] = []
    for word in text.split():
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and large_width(longer) <= width:
            broken[-1] = longer
        else:
            broken.append(word)
    if not broken or len(broken) > rows or any(large_width(line) > width for line in broken):
        return ()
    return [line for words in broken for line in large(words)]
