"""Is everything in order, and if not, what mends it?

One line each. Nothing is changed and no lock is taken, so it may be asked while the kiosk works.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.commands.checked import Line, bad, warn
from kiosk.commands.printer_checks import label_mend, labels_compared, printer_checked
from kiosk.commands.scanner_checks import scanners_checked
from kiosk.definitions import Definitions, Read
from kiosk.looking import registers_of
from kiosk.pins import check_pin
from kiosk.sample import PINS
from kiosk.site import SiteRefused, check_folder, default_folder, is_sample, station_file, station_id
from kiosk.telling import Clock, Progress, say
from stations.records.imports import ImportRefused
from stations.records.journal import Broken, JournalBroken, verify
from stations.records.registers import Registers


def check(asked: argparse.Namespace, _: Clock) -> int:
    """Look everything over; 1 where anything failed."""
    site = asked.data or default_folder()
    failed = False
    for line in _lines(site, asked.station):
        say(str(line))
        failed = failed or not (line.is_well or line.is_warning)
    return Exit.FAILED if failed else Exit.DONE


def _lines(site: Path, wanted: str | None) -> Iterator[Line]:
    try:
        check_folder(site)
        yield Line(about="data folder", says=f"{site}{' (the sample hospital)' if is_sample(site) else ''}")
    except SiteRefused as refused:
        yield bad("data folder", str(refused), "make or name one")
        return
    try:
        station = station_id(site, wanted)
    except SiteRefused as refused:
        yield bad("station", str(refused), "name one with --station")
        return
    try:
        file = station_file(site, station)
    except SiteRefused as refused:
        yield bad("station", str(refused), "edit the file")
        return
    yield Line(about="station", says=f"{station}, {file.name}")
    read = Definitions(site).read()
    yield from _definitions(site, read)
    yield from labels_compared(site)
    yield from scanners_checked(site, station, keyboard_scans=file.keyboard_scans)
    yield from printer_checked(site, station, file)
    yield from _record(site, station)


def _definitions(site: Path, read: Read) -> Iterator[Line]:
    for about, ending in (("settings", "settings.toml"), ("labels", "labels/"), ("checklists", "")):
        told = [sentence for sentence in read.refused if _folder_of(sentence) == about]
        for sentence in told:
            mend = label_mend(site, sentence) or "edit the file; the last good one is used until then"
            yield bad(about, sentence, mend)
        if not told:
            yield Line(about=about, says=_counted(about, read, site) or ending)
    names = sorted(path.stem for path in (site / "roles").glob("*.toml"))
    strangers = sorted({checklist.role for checklist in read.checklists} - set(names))
    if strangers:
        yield bad(
            "roles", f"checklists name {', '.join(strangers)}, roles has {', '.join(names)}", "add the role's file"
        )
    else:
        yield Line(about="roles", says=f"{len(names)} roles")


def _folder_of(sentence: str) -> str:
    if sentence.startswith("settings.toml"):
        return "settings"
    return "labels" if "/labels" in sentence.partition(":")[0] else "checklists"


def _counted(about: str, read: Read, site: Path) -> str:
    match about:
        case "settings":
            return f"{read.settings.site}, {read.settings.zone}"
        case "labels":
            return f"{len(read.layouts)} labels"
        case _:
            return f"{len(read.checklists)} checklists in {site / 'checklists'}"


def _record(site: Path, station: str) -> Iterator[Line]:
    with Progress("reading the journal") as progress:
        found = verify(site / "stations" / station / "journal", None, progress)
    if isinstance(found, Broken):
        yield bad("journal", found.sentence, "keep the folder as it is and call for help; do not edit it")
        return
    yield Line(about="journal", says=f"{found.entries:,} entries, head {found.head}")
    try:
        registers = registers_of(site, station)
        yield from _registers(registers)
        yield from _pins(site, registers)
    except (ImportRefused, JournalBroken) as error:
        yield bad("registers", str(error), "put the file back under done from a copy")


def _registers(registers: Registers) -> Iterator[Line]:
    for remark in registers.remarks:
        yield bad("registers", remark, "start the kiosk: it is rebuilt from the journal")
    people, items = registers.count("staff"), registers.count("item")
    if people and items:
        yield Line(about="registers", says=f"{people:,} people, {items:,} items")
    else:
        kinds = " and ".join(kind for kind, count in (("staff", people), ("items", items)) if not count)
        yield warn("registers", f"no {kinds} yet", f"kiosk import {kinds.partition(' ')[0]} FILE")


def _pins(site: Path, registers: Registers) -> Iterator[Line]:
    """Find people who kept a PIN that everybody knows from the sample hospital."""
    if is_sample(site):
        yield warn("PINs", "those of the sample hospital, which everybody knows", "never work with patients here")
        return
    hashes = [(str(row["person"]), str(row.get("pin_hash", ""))) for row in registers.rows("staff")]
    pairs = [(person, kept, pin) for person, kept in hashes if kept for pin in PINS]
    with Progress("trying the sample's PINs") as progress, ThreadPoolExecutor() as beside:
        known: list[str] = []
        for number, (person, same) in enumerate(beside.map(_kept_by, pairs), start=1):
            progress(number, len(pairs))
            if same:
                known.append(person)
    if known:
        yield bad("PINs", f"{', '.join(known)} keep a PIN of the sample hospital", "let each choose another")
    else:
        yield Line(about="PINs", says=f"{len(hashes):,} people, no PIN of the sample hospital")


def _kept_by(pair: tuple[str, str, str]) -> tuple[str, bool]:
    person, kept, pin = pair
    return person, check_pin(pin, kept)
