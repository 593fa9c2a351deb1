"""Can this station print, and if not, what mends it?

The printer is asked how it is, which puts nothing on paper, and only where no kiosk holds the station: the way to a
printer is one program's at a time, and a kiosk asks it anyway and shows the answer.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from kiosk.commands.checked import Line, bad, warn
from kiosk.live.running import runs
from kiosk.printer_place import File, Virtual, transport_to
from kiosk.site import SiteRefused, StationFile, printer_profile, shipped
from printers.profile import Profile
from printers.status import NotReady, Ready, Status, Unanswered, Warned
from printers.transports import Transport

_ABOUT = "printer"
_NO_ANSWER = "does not answer"
"""What is said of a printer that was reached, and kept silent."""
_SILENT = "if it never answers, take a profile that ends in -silent"


def printer_checked(site: Path, station: str, file: StationFile, transport: Transport | None = None) -> Iterator[Line]:
    """Check the printer of a station; `transport` leads to it in place of the one that the station's file names."""
    try:
        profile = printer_profile(site, file)
    except SiteRefused as refused:
        yield bad(
            _ABOUT, str(refused), f"edit stations/{station}/station.toml, or printers/{file.printer.profile}.toml"
        )
        return
    place = file.printer
    says = f"{place.kind}, {place.where}, {profile.name}, {profile.paper:d} mm"
    match place:
        case Virtual():
            yield warn(_ABOUT, f"{says}: labels come on the screen only", "name one that kiosk devices lists")
        case File():
            yield _spool(site / "stations" / station, says)
        case _ if runs(site, station):
            yield Line(about=_ABOUT, says=f"{says}: the kiosk that runs here has it, and shows how it is")
        case _:
            way = transport or transport_to(place, profile, site / "stations" / station)
            yield _told(way.status(), says, profile)


def _told(status: Status, says: str, profile: Profile) -> Line:
    match status:
        case Ready():
            return Line(about=_ABOUT, says=f"{says}: ready")
        case Warned():
            return warn(_ABOUT, f"{says}: {status.sentence}", "do that before a label is needed")
        case NotReady():
            return bad(_ABOUT, f"{says}: {status.sentence}", "do that; labels wait until then")
        case Unanswered(is_there=True) if not profile.status:
            return Line(about=_ABOUT, says=f"{says}: cannot tell: this make answers no questions")
        case Unanswered():
            # What keeps a printer from being reached is told with its own mend.
            might_be_silent = status.is_there or _NO_ANSWER in status.sentence
            return warn(_ABOUT, f"{says}: cannot tell: {status.sentence}", _SILENT if might_be_silent else "")


def _spool(station: Path, says: str) -> Line:
    """Tell whether a file takes labels; the folder and the file are made by the first."""
    folder, file = station / "spool", station / "spool" / "labels.bin"
    if folder.exists() and not folder.is_dir():
        return bad(_ABOUT, f"{says}: {folder} is no folder", f"move it away: mv {_twice(folder)}")
    if file.exists() and not file.is_file():
        return bad(_ABOUT, f"{says}: {file} is no file", f"move it away: mv {_twice(file)}")
    return Line(about=_ABOUT, says=f"{says}: a file cannot tell how a printer is")


def _twice(path: Path) -> str:
    return f"{shlex.quote(str(path))} {shlex.quote(f'{path}.old')}"


def label_mend(site: Path, sentence: str) -> str:
    """Tell what mends a label that cannot be used, where the program has one of that name; empty where it has none."""
    for ours in (shipped() / "labels").glob("*.toml"):
        theirs = site / "labels" / ours.name
        if sentence.startswith(f"{theirs}:"):
            return f"edit the file, or take the program's: cp {shlex.quote(str(ours))} {shlex.quote(str(theirs))}"
    return ""


def labels_compared(site: Path) -> Iterator[Line]:
    """Tell which labels of the program the site's folder lacks, with the copying that mends it."""
    ours, theirs = shipped() / "labels", site / "labels"
    missing = sorted({path.name for path in ours.glob("*.toml")} - {path.name for path in theirs.glob("*.toml")})
    if missing:
        files = " ".join(shlex.quote(str(ours / name)) for name in missing)
        names = ", ".join(name.removesuffix(".toml") for name in missing)
        yield warn("labels", f"{names} of the program not in {theirs}", f"cp {files} {shlex.quote(str(theirs))}")
