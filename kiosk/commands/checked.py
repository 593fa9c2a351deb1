"""What did one check find, and what mends it?"""

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found."""

    about: str
    is_well: bool = True
    is_warning: bool = False
    says: str
    mend: str = ""

    def __str__(self) -> str:
        word = "ok" if self.is_well else "warning" if self.is_warning else "FAILED"
        says = f"{self.says.removesuffix('.')}; mend: {self.mend}" if self.mend else self.says
        return f"{word:<8} {self.about:<12} {says}"


def bad(about: str, says: str, mend: str) -> Line:
    """Tell what fails the check."""
    return Line(about=about, is_well=False, says=says, mend=mend)


def warn(about: str, says: str, mend: str) -> Line:
    """Tell what people should know, and can work with."""
    return Line(about=about, is_well=False, is_warning=True, says=says, mend=mend)
