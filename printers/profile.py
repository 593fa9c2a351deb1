"""What can this make of printer do?

A profile is a TOML file that a site may add or edit: which paper, how many letters a line, how it cuts, which code page
it has, whether it answers questions. It is used whole or not at all.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from printers.label import Paper


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One make of printer."""

    name: str = ""
    """The file's own name; not written in it."""
    title: Annotated[str, Meta(pattern="^[ -~]+$", max_length=80)]
    """What people call it."""
    paper: Paper
    dots: Annotated[int, Meta(ge=384, le=832)]
    """Printable width at 203 dpi; a label is never wider."""
    columns: Annotated[int, Meta(ge=24, le=64)]
    """Letters of font A on a line; the test page shows whether they fit."""
    code_page: Annotated[str, Meta(min_length=1)]
    """Its name, such as CP437; used by the test page alone, for labels are pictures."""
    code_page_number: Annotated[int, Meta(ge=0, le=255)]
    """What the printer calls it: n of `ESC t n`."""
    cut: Literal["full", "partial", "none"]
    """`none`: the paper is fed past the tear bar instead."""
    status: bool
    """It answers questions; a job then waits for a good answer, and is confirmed after printing."""
    fragment_rows: Annotated[int, Meta(ge=8, le=255)]
    """Rows of dots sent as one picture; cheap printers lose their place in long ones."""


class ProfileRefused(ValueError):
    """A file is not a usable profile, or there is none of that name; one sentence."""


def load(path: Path) -> Profile:
    """Read one profile; raises ProfileRefused."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        profile = msgspec.structs.replace(msgspec.convert(document, Profile), name=path.stem)
    except OSError as reason:
        raise ProfileRefused(f"{path}: cannot be read: {reason.strerror}.") from reason
    except UnicodeDecodeError as reason:
        raise ProfileRefused(f"{path}: byte {reason.start} is not UTF-8 text.") from reason
    except tomllib.TOMLDecodeError as reason:
        raise ProfileRefused(f"{path}: not TOML: {reason}.") from reason
    except msgspec.ValidationError as reason:
        raise ProfileRefused(f"{path}: {reason}.") from reason
    if not _is_one_byte_a_letter(profile.code_page):
        raise ProfileRefused(
            f"{path}: code_page: {profile.code_page!r} was found, a code page such as CP437 was expected."
        )
    if profile.dots < profile.paper.dots:
        wide = f"labels for paper of {profile.paper:d} mm are {profile.paper.dots} dots wide"
        raise ProfileRefused(f"{path}: dots: {profile.dots} was found, and {wide}; take a narrower paper.")
    return profile


def names(*folders: Path) -> tuple[str, ...]:
    """Name every profile of these folders."""
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.toml")}))


def named(name: str, *folders: Path) -> Profile:
    """Find a profile in the first folder that has it; raises ProfileRefused, telling which there are."""
    for folder in folders:
        path = folder / f"{name}.toml"
        if path.is_file():
            return load(path)
    raise ProfileRefused(f"there is no printer profile {name!r}; there are {', '.join(names(*folders)) or 'none'}.")


def _is_one_byte_a_letter(code_page: str) -> bool:
    """Whether the name is known and every plain letter is itself in it, as in each code page of a printer."""
    plain = "".join(map(chr, range(0x20, 0x7F)))
    try:
        return plain.encode(code_page) == plain.encode("ascii")
    except (LookupError, UnicodeError):
        return False
