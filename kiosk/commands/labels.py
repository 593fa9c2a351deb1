"""What does a label look like with these values, and what prints it?"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.site import StationFile, default_folder, shipped, station_named
from kiosk.station import transport_for
from kiosk.telling import Clock, Ended, complain, say
from printers.drawing import Drawing, draw, png
from printers.job import NotReady
from printers.label import LabelRefused, Layout, samples
from printers.layout import layouts, named
from printers.printer import compose
from printers.transport import PROFILES, Profile, TransportBroken
from printers.virtual import VirtualPrinter, blocks
from stations.records.lock import StationLock
from stations.scanning.decoding.card import TEXTS
from stations.scanning.gs1 import element_string
from stations.scanning.gs1.element_string import GS
from stations.scanning.outcome import Fault

RESERVED = ("test-page", "badge")
CARD = "check-card"
_COLUMNS = 72
Values = Mapping[str, str | tuple[str, ...]]


def label(asked: argparse.Namespace, clock: Clock) -> int:
    """Draw a label; write it as a picture or as bytes, or print it."""
    site = asked.data or default_folder()
    is_site = (site / "settings.toml").exists()
    layout = _layout(asked.name, (site if is_site else shipped()) / "labels")
    station, file = station_named(site, asked.station) if is_site else ("", StationFile(name="none"))
    profile = _profile(file, asked.paper)
    try:
        drawing = draw(layout, _values(layout, asked), profile.paper)
    except LabelRefused as refused:
        raise Ended(Exit.DATA, f"{refused}.") from refused
    if asked.preview is None and asked.raw is None:
        if not is_site:
            raise Ended(Exit.USAGE, f"{site} is no data folder, so there is no printer; expected --preview or --raw.")
        _print(file, site / "stations" / station, drawing, profile, clock)
        return Exit.DONE
    for path, data in ((asked.preview, png), (asked.raw, lambda drawn: compose(drawn, profile))):
        if path is not None:
            path.write_bytes(data(drawing))
            say(f"{path} written: {layout.id}, {profile.paper:d} mm, {drawing.height // 8} mm long")
    return Exit.DONE


def _layout(name: str, folder: Path) -> Layout:
    if name in RESERVED:
        raise Ended(
            Exit.USAGE, f"The {name} comes with a later version of this program: kiosk print {name} is reserved."
        )
    known, refused = layouts(folder)
    about = [sentence for sentence in refused if f"/{name}.toml" in sentence]
    if about:
        raise Ended(Exit.DATA, *about)
    try:
        return named(known, name)
    except LabelRefused as error:
        raise Ended(Exit.USAGE, f"{folder}: {error}.") from error


def _profile(file: StationFile, paper: int | None) -> Profile:
    """Return the station's printer, or the usual one for the paper asked for."""
    own = PROFILES[file.printer.profile]
    return own if paper in (None, own.paper) else PROFILES[f"roll-{paper}"]


def _values(layout: Layout, asked: argparse.Namespace) -> Values:
    if layout.id == CARD:
        return _card(asked)
    given: dict[str, list[str]] = {}
    for field in asked.fields:
        name, equals, value = field.partition("=")
        if not equals:
            raise Ended(Exit.USAGE, f"Found {field!r}, expected FIELD=VALUE with a field of {layout.id}.")
        given.setdefault(name, []).append(value)
    lists = {field.name for field in layout.fields if field.is_list}
    values: dict[str, str | tuple[str, ...]] = samples(layout) if asked.sample else {}
    for name, texts in given.items():
        if name not in lists and len(texts) > 1:
            raise Ended(Exit.USAGE, f"{layout.id}, field {name}: given {len(texts)} times, expected once.")
        values[name] = tuple(texts) if name in lists else texts[0]
    return values


def _card(asked: argparse.Namespace) -> Values:
    """Give the codes of the check card, which are those that a scanner's typing is compared with and no others."""
    if asked.fields:
        raise Ended(Exit.USAGE, f"Found {asked.fields[0]!r}, expected no fields: the check card holds always the same.")
    return {part: _elements(text) if GS in text else text for part, text in TEXTS.items()}


def _elements(text: str) -> str:
    """Write a GS1 element string as a label holds it, with its identifiers in brackets."""
    elements = element_string.split(text)
    if isinstance(elements, Fault):
        raise TypeError(f"The check card holds {text!r}: {elements.message}")
    return "".join(f"({ai}){value}" for ai, value in elements)


def _print(file: StationFile, station: Path, drawing: Drawing, profile: Profile, clock: Clock) -> None:
    """Send a label to the station's printer, which the kiosk must not be using; a virtual one shows the paper here."""
    if profile != PROFILES[file.printer.profile]:
        expected = f"{PROFILES[file.printer.profile].paper:d} mm"
        raise Ended(
            Exit.USAGE, f"The station's printer holds {expected} paper; expected --preview or --raw for another."
        )
    with StationLock.take(station / "lock", clock().isoformat(timespec="seconds")):
        transport = transport_for(file, station)
        status = transport.status()
        if isinstance(status, NotReady):
            raise Ended(Exit.DEVICE, status.sentence)
        try:
            transport.send(compose(drawing, profile))
        except TransportBroken as broken:
            raise Ended(Exit.DEVICE, f"{broken.sentence}.") from broken
    if isinstance(transport, VirtualPrinter):
        complain("The station's printer is a virtual one; this is its paper:")
        for sheet in transport.paper():
            for line in blocks(sheet, _COLUMNS):
                say(line)
    else:
        say(f"Printed: {file.printer.kind} in {station / 'spool'}")
