r"""How are words written large on a terminal, so that they are read from a metre away?

Each letter is four dots wide and seven high, `m` and `w` five wide: mg must not read as ng. Half blocks, which every
console has, hold two dots. Capitals and small letters differ, so tall-man letters stay what they are. The letters are
those of `misc-fixed 5x7`, the bitmap font that came with the X Window System and is in the public domain.

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
_WIDE = {
    "M": ("10001", "11011", "10101", "10101", "10001", "10001", "00000"),
    "W": ("10001", "10001", "10101", "10101", "11011", "10001", "00000"),
    "m": ("00000", "00000", "11010", "10101", "10101", "10101", "00000"),
    "w": ("00000", "00000", "10001", "10101", "10101", "01010", "00000"),
}
_SHAPES = {
    "✓": ("0000000", "0000001", "0000011", "1000110", "1101100", "0111000", "0010000"),
    "▲": ("0001000", "0001000", "0011100", "0011100", "0111110", "0111110", "1111111"),
    "■■": ("1111101111100", *("1111101111100",) * 5, "0000000000000"),
}
_HALVES = " ▀▄█"


def is_drawable(text: str) -> bool:
    """Whether every character can be written large."""
    return all(" " <= character <= "~" for character in text)


def large_width(text: str, scale: int = 1) -> int:
    """Columns that the text takes when written large."""
    return max(0, sum(_DOTS_WIDE + 1 + (character in _WIDE) for character in text) - 1) * scale


def large(text: str, scale: int = 1) -> list[str]:
    """Write a text of ASCII large: `HEIGHT` lines for each step of `scale`."""
    return _drawn(["".join(_dots(character, row) for character in text)[:-1] for row in range(_DOTS_HIGH)], scale)


def large_shape(shape: str, scale: int = 1) -> list[str]:
    """Draw the shape of a verdict as high as large letters; nothing for a shape that is not known."""
    return _drawn(_SHAPES[shape], scale) if shape in _SHAPES else []


def _drawn(rows: Sequence[str], scale: int) -> list[str]:
    wide = ["".join(dot * scale for dot in row) for row in rows for _ in range(scale)]
    if len(wide) % 2:
        wide.append("0" * len(wide[0]))
    return [_halved(upper, lower) for upper, lower in zip(wide[::2], wide[1::2], strict=True)]


def _dots(character: str, row: int) -> str:
    if character in _WIDE:
        return f"{_WIDE[character][row]}0"
    at = (ord(character) - ord(_FIRST)) * (_DOTS_HIGH + 1) + row
    return f"{int(_ROWS[at], 16):04b}0"


def _halved(upper: str, lower: str) -> str:
    return "".join(_HALVES[int(above) + 2 * int(below)] for above, below in zip(upper, lower, strict=True))


def large_lines(text: str, width: int, rows: int) -> Sequence[str]:
    """Write words large, broken between words; nothing where they do not fit into that many rows of letters."""
    if not is_drawable(text):
        return ()
    broken: list[str] = []
    for word in _bound(text.split()):
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and large_width(longer) <= width:
            broken[-1] = longer
        else:
            broken.append(word)
    if not broken or len(broken) > rows or any(large_width(line) > width for line in broken):
        return ()
    return [line for words in broken for line in large(words)]


def _bound(words: Sequence[str]) -> list[str]:
    """Keep a number with the unit that follows it: a strength broken over two lines is misread."""
    bound: list[str] = []
    for word in words:
        if bound and bound[-1][-1].isdigit() and " " not in bound[-1]:
            bound[-1] = f"{bound[-1]} {word}"
        else:
            bound.append(word)
    return bound
