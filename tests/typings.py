"""Every way a simulated scanner may type, for properties over them all."""

from hypothesis import strategies as st

from stations.scanning.decoding.typist import Typing
from stations.scanning.decoding.wedge import Profile

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
GS = "\x1d"
SEPARATORS = ("ctrl", "alt", "f8", "text:|", "text:{GS}", "text:\\x1D", "text:^]")
"""The ways of typing GS that can be proved."""

scan_text = st.text(PRINTABLE + GS, min_size=1, max_size=40)
typings = st.builds(
    Typing,
    layout=st.sampled_from(["us", "uk", "de", "fr"]),
    separator=st.sampled_from(SEPARATORS),
    terminator=st.sampled_from(["enter", "tab", "none", "enter ctrl-j", "enter down"]),
    alt_codes=st.booleans(),
    alt_width=st.sampled_from([1, 3, 4]),
    keypad=st.booleans(),
    caps_lock=st.sampled_from(["no", "data", "scan"]),
    repeats=st.booleans(),
    scan_codes=st.booleans(),
    keeps_shift=st.booleans(),
    right=st.booleans(),
)


def profile_of(typing: Typing) -> Profile:
    """The profile of a scanner that types so."""
    ends = typing.terminator.split()[0]
    return Profile(
        layout=typing.layout,
        separator=typing.separator,
        terminator="enter" if ends == "enter" else "tab" if ends == "tab" else "none",
    )


def stands_for_itself(text: str, typing: Typing) -> bool:
    """Whether no data look like the text that stands for GS."""
    stand_in = typing.separator.partition(":")[2]
    return not stand_in or all(
        stand_in not in part for part in (text, text.replace(GS, stand_in[:-1]), text.replace(GS, stand_in[1:]))
    )
