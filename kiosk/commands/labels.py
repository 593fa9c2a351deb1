"""What does a label look like with these values, and who prints it?

A look at a label changes nothing. A label that is printed goes through the journal, as every label of the bench does:
the station prints it, and it is confirmed when it is scanned back. All are drawn before the first is asked for, so that
what cannot be drawn is refused with nothing printed.
"""

import argparse
import getpass
import os
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kiosk import filled
from kiosk.commandline import SCREEN, Exit
from kiosk.commands import paper
from kiosk.commands.printing import MANY, have_printed, tell, wishes
from kiosk.definitions import Definitions
from kiosk.filled import NotFilled, Values
from kiosk.looking import registers_of
from kiosk.printer_place import Virtual, profile_of
from kiosk.product_codes import contradiction
from kiosk.site import StationFile, check_folder, default_folder, printer_profile, shipped, station_named
from kiosk.telling import Clock, Ended, Progress, say
from printers.composing import compose, test_page
from printers.drawing import Drawing, draw
from printers.label import LabelRefused, Layout
from printers.layout import LayoutRefused, load
from printers.profile import Profile
from printers.virtual import VirtualPrinter
from stations.records.registers import Registers
from stations.work.settings import Settings, SettingsRefused, read_settings

_INITIALS_MOST = 8


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a label is drawn for."""

    site: Path
    is_site: bool
    """False where there is no data folder: labels can be looked at, and not printed."""
    station: str
    file: StationFile
    profile: Profile

    @property
    def definitions(self) -> Path:
        """The folder with the definitions in use."""
        return self.site if self.is_site else shipped()

    def registers(self) -> Registers:
        """Give the station's registers; raises SiteRefused where there is no data folder."""
        check_folder(self.site)
        return registers_of(self.site, self.station)


def label(asked: argparse.Namespace, clock: Clock) -> int:
    """Draw labels; show them, write them as a picture or as bytes, or have them printed."""
    try:
        return _label(asked, clock)
    except Ended as ended:
        raise Ended(ended.status, *map(filled.brief, ended.sentences)) from ended


def _label(asked: argparse.Namespace, clock: Clock) -> int:
    place = _place(asked)
    layout = _layout(asked.name, place.definitions / "labels")
    looked_at = asked.preview is not None or asked.raw is not None
    if not looked_at:
        _check_printable(asked, place)
    labels = _filled(layout, asked, place, keep=filled.STAMPS if looked_at and asked.sample else ())
    drawings = _drawings(layout, labels, place, clock)
    if looked_at:
        _look(asked, layout, drawings, place.profile)
        return Exit.DONE
    return _printed(layout, labels, asked.copies, place, clock)


def _printed(layout: Layout, labels: Sequence[Values], copies: int, place: _Place, clock: Clock) -> int:
    virtual = VirtualPrinter(place.profile.paper) if isinstance(place.file.printer, Virtual) else None
    wanted = wishes(layout, labels, copies, _user())
    rows = have_printed(place.site, place.station, clock, wanted, virtual)
    tell(rows, len(wanted), scans_back=any(field.name == "label_id" for field in layout.fields))
    return Exit.DONE


# What is drawn --------------------------------------------------------------------------------------------------------


def _place(asked: argparse.Namespace) -> _Place:
    site = asked.data or default_folder()
    is_site = (site / "settings.toml").exists()
    station, file = station_named(site, asked.station) if is_site else ("", StationFile(name="no station"))
    own = printer_profile(site, file)
    if asked.paper not in (None, own.paper):
        usual = Virtual(profile=f"roll-{asked.paper}")
        own = profile_of(usual, shipped() / "printers")
    return _Place(site=site, is_site=is_site, station=station, file=file, profile=own)


def _layout(name: str, folder: Path) -> Layout:
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in known:
        found = f"there is no label {name!r}; there are {', '.join(known) or 'none'}"
        raise Ended(Exit.USAGE, f"{folder}: {found}.")
    try:
        return load(folder / f"{name}.toml")
    except LayoutRefused as refused:
        raise Ended(Exit.DATA, f"{refused}.") from refused


def _check_printable(asked: argparse.Namespace, place: _Place) -> None:
    if not place.is_site:
        raise Ended(Exit.USAGE, f"{place.site} is no data folder, so there is no printer; expected --preview or --raw.")
    own = printer_profile(place.site, place.file)
    if place.profile.paper is not own.paper:
        found = f"The station's printer holds {own.paper:d} mm paper"
        raise Ended(Exit.USAGE, f"{found}; expected --preview or --raw for another.")
    try:
        filled.check_printed(asked.name, (field.partition("=")[0] for field in asked.fields))
    except NotFilled as refused:
        raise Ended(Exit.USAGE, str(refused)) from refused


def _filled(layout: Layout, asked: argparse.Namespace, place: _Place, keep: Sequence[str]) -> tuple[Values, ...]:
    """Fill each label but for what the bench fills in; of the samples' stamps `keep` these."""
    given = _given(layout, asked.fields)
    try:
        if asked.each is not None:
            labels = filled.each(layout, asked.each, given, place.registers())
        else:
            labels = (_one(layout, given, place),)
    except NotFilled as refused:
        raise Ended(Exit.USAGE, str(refused)) from refused
    samples = filled.sampled(layout) if asked.sample or layout.id == filled.TEST_PAGE else {}
    kept = {name: value for name, value in samples.items() if name not in filled.STAMPS or name in keep}
    has_initials = any(field.name == "initials" for field in layout.fields)
    by = {"initials": _initials(_user())} if has_initials else {}
    return tuple({**by, **kept, **values} for values in labels)


def _given(layout: Layout, words: Sequence[str]) -> Values:
    """Read FIELD=VALUE; a field that is a list may be given several times."""
    texts: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise Ended(Exit.USAGE, f"Found {word!r}, expected FIELD=VALUE with a field of {layout.id}.")
        texts.setdefault(name, []).append(value)
    lists = {field.name for field in layout.fields if field.is_list}
    for name, several in texts.items():
        if name not in lists and len(several) > 1:
            raise Ended(Exit.USAGE, f"{layout.id}, field {name}: given {len(several)} times, expected once.")
    return {name: several if name in lists else several[0] for name, several in texts.items()}


def _one(layout: Layout, given: Values, place: _Place) -> Values:
    """Fill one label from what was given, and from where the rest is known."""
    if layout.id == filled.CARD:
        if given:
            found = "=".join(map(str, next(iter(given.items()))))
            raise NotFilled(f"Found {found!r}, expected no fields: the check card holds always the same.")
        return filled.card()
    if layout.id == filled.SHEET:
        known = {field.name for field in layout.fields}
        own = filled.sheet(Definitions(place.definitions).read().checklists)
        return {name: value for name, value in own.items() if name in known} | given
    if filled.is_looked_up(layout, given) and (place.is_site or filled.lacks(layout, given)):
        return filled.looked_up(layout, given, place.registers())
    return given


def _drawings(layout: Layout, labels: Sequence[Values], place: _Place, clock: Clock) -> list[Drawing]:
    """Draw every label as it will be, but for the id that only a printed one has."""
    at = clock().astimezone(ZoneInfo(_settings(place).zone))
    drawings = []
    with Progress("drawing labels") as progress:
        for values in labels:
            left = filled.stamped(layout, values)
            shown = filled.previewed(values, left, station=place.file.name, by=_initials(_user()), at=at)
            wrong = contradiction(layout, shown, at.date())
            if wrong:
                raise Ended(Exit.DATA, f"{wrong}.")
            try:
                drawings.append(draw(layout, shown, place.profile.paper))
            except LabelRefused as refused:
                raise Ended(Exit.DATA, f"{refused}.") from refused
            if len(labels) > MANY:
                progress(len(drawings), len(labels))
    return drawings


def _settings(place: _Place) -> Settings:
    try:
        return read_settings((place.definitions / "settings.toml").read_text(encoding="utf-8"))
    except (SettingsRefused, UnicodeDecodeError) as error:
        raise Ended(Exit.DATA, str(error)) from error


def _user() -> str:
    """Name the user of the system."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id that no name is known for, as in a container
        return f"u{os.getuid()}"


def _initials(user: str) -> str:
    """Give the letters and digits of a name that a label has room for.

    >>> _initials("ana.automation")
    'anaautom'
    """
    return "".join(letter for letter in user if letter.isascii() and letter.isalnum())[:_INITIALS_MOST] or "user"


# A look ---------------------------------------------------------------------------------------------------------------


def _look(asked: argparse.Namespace, layout: Layout, drawings: Sequence[Drawing], profile: Profile) -> None:
    if asked.preview == SCREEN:
        paper.shown(drawings)
    elif asked.preview is not None:
        _written(asked.preview, paper.picture(drawings), layout, drawings, profile)
    if asked.raw is not None:
        data = b"".join(_composed(layout, drawing, profile, asked.copies) for drawing in drawings)
        _written(asked.raw, data, layout, drawings, profile)


def _composed(layout: Layout, drawing: Drawing, profile: Profile, copies: int) -> bytes:
    return test_page(drawing, profile) * copies if layout.id == filled.TEST_PAGE else compose(drawing, profile, copies)


def _written(path: Path, data: bytes, layout: Layout, drawings: Sequence[Drawing], profile: Profile) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:  # a full disk is told without the file's name
        raise OSError(error.errno, error.strerror, str(path)) from error
    count = f"{len(drawings):,} x {layout.id}" if len(drawings) > 1 else layout.id
    long = sum(drawing.height for drawing in drawings) // 8
    say(f"{path} written: {count}, {profile.paper:d} mm, {long:,} mm long")
