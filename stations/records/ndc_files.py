"""What does FDA's drug directory list?

Reads the pair of files that FDA publishes, as text or in its zip: products and packages of the National Drug Code
Directory (21 CFR 207), or the pair for unfinished drugs. Tab between fields, CRLF, Windows-1252, no quoting; columns
are found by their names, which differ between the two pairs.

Laws: the files are well-formed or nothing is taken: a torn line, a missing column, an unfit pair. A single row that
cannot be used (real files hold package codes such as `02`) is set aside, counted and told, for it is FDA's and nobody
here can mend it. Each NDC is kept by its segments in the 12-digit form (6-4-2), never by its bare digits.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from operator import itemgetter

import msgspec

from stations.records.reading import (
    ImportRefused,
    Pace,
    Progress,
    Refusals,
    Source,
    count_lines,
    let_go,
    lines,
    printable,
    shown,
)
from stations.scanning.ndc import ndc12_of, segments

ENCODING = "cp1252"
LARGEST = 256 << 20
"""Bytes of one file; FDA's are under 60 MB."""

_PRODUCT = ("PRODUCTID", "NONPROPRIETARYNAME", "LABELERNAME")
_PACKAGE = ("PRODUCTID", "NDCPACKAGECODE", "PACKAGEDESCRIPTION")
_PRODUCT_FIELDS = (
    *("PRODUCTID", "NONPROPRIETARYNAME", "SUBSTANCENAME", "PROPRIETARYNAME", "PROPRIETARYNAMESUFFIX"),
    *("ACTIVE_NUMERATOR_STRENGTH", "ACTIVE_INGRED_UNIT", "DOSAGEFORMNAME", "ROUTENAME", "LABELERNAME", "DEASCHEDULE"),
)
_ZIP = b"PK\x03\x04"
_CHUNK = 1 << 16
_LABELER = 6  # digits
_MOST_MEMBERS = 16
_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, EOFError, OverflowError, ValueError, OSError)


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a well-formed file that cannot be used, for one reason."""

    reason: str
    rows: int
    example: str
    """The first of them: its line and what stood there."""


class Product(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What all packages of a product share."""

    name: str
    brand: str
    strength: str
    form: str
    route: str
    labeler: str
    schedule: str


class Package(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One listed package."""

    ndc12: str
    code: str
    """As listed, with hyphens: the only place where the shape of its ten digits stands."""
    description: str
    product: Product


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """All usable packages of a pair of files; iterating gives the register's rows one by one."""

    packages: list[Package]
    """In the file's order; a list, for 215,000 of them are not copied once more."""
    set_aside: tuple[SetAside, ...]

    def __len__(self) -> int:
        return len(self.packages)

    def __iter__(self) -> Iterator[dict[str, str]]:
        return map(_row, self.packages)

    def let_go(self) -> None:
        """Empty bit by bit, when the rows are taken or not wanted: all at once would stop every other thread."""
        let_go(self.packages)


def read_directory(sources: Sequence[Source], progress: Progress) -> Directory:
    """Read a pair of files, or a zip that holds one; raise ImportRefused with the reasons."""
    refusals = Refusals()
    tables = [table for source in sources for table in _unpacked(source, refusals)]
    products, packages = _pair(tables, refusals)
    pace = Pace(count_lines((products, packages)), progress)
    asides = _Asides()
    known = _products(products, refusals, pace, asides)
    listed = _packages(packages, known, refusals, pace, asides)
    let_go(known)
    pace.finish()
    refusals.settle()
    if asides.rows > len(listed):
        refusals.stop(
            f"{packages.name}: {asides.rows:,} rows cannot be used and {len(listed):,} can, expected a pair of files "
            f"of the same day: {asides.told()[0].reason}, as in {asides.told()[0].example}."
        )
    return Directory(packages=listed, set_aside=asides.told())


class _Asides:
    """The rows that are set aside, by reason."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}
        self.rows = 0

    def add(self, reason: str, number: int, what: str) -> None:
        rows, example = self._found.get(reason, (0, f"line {number:,}: {shown(what)}"))
        self._found[reason] = rows + 1, example
        self.rows += 1

    def told(self) -> tuple[SetAside, ...]:
        return tuple(SetAside(reason=reason, rows=rows, example=at) for reason, (rows, at) in self._found.items())


def _unpacked(source: Source, refusals: Refusals) -> list[Source]:
    """Return the text files in a zip, or the file itself."""
    if not source.data.startswith(_ZIP):
        return [source]
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            members = [member for member in archive.infolist() if member.filename.lower().endswith(".txt")]
            if len(members) > _MOST_MEMBERS:
                refusals.stop(f"{source.name}: found {len(members)} text files, expected FDA's two.")
            return [_member(source, archive, member, refusals) for member in members]
    except ImportRefused:
        raise
    except _FAULTS as error:
        why = printable(str(error))
        refusals.stop(f"{source.name}: found a zip that cannot be read ({why}), expected FDA's zip or its text files.")


def _member(source: Source, archive: zipfile.ZipFile, member: zipfile.ZipInfo, refusals: Refusals) -> Source:
    name = f"{source.name}/{printable(member.filename.rpartition('/')[2])}"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refusals.stop(f"{name}: found compression {member.compress_type}, expected stored or deflated.")
    chunks, size = [], 0
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST:
                refusals.stop(f"{name}: found more than {LARGEST:,} bytes, expected less.")
    data = b"".join(chunks)
    return Source(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())


def _pair(tables: Sequence[Source], refusals: Refusals) -> tuple[Source, Source]:
    """Tell the products from the packages by their columns."""
    products = [table for table in tables if set(_PRODUCT) <= _columns(table)]
    packages = [table for table in tables if set(_PACKAGE) <= _columns(table)]
    neither = next((table for table in tables if table not in products and table not in packages), None)
    if neither is not None:
        found = shown(neither.data[:_CHUNK].partition(b"\n")[0].decode(ENCODING, "replace"))
        wanted = f"the columns {', '.join(_PRODUCT)} or {', '.join(_PACKAGE)}, with tabs between them"
        refusals.stop(f"{neither.name}, line 1: found {found}, expected {wanted}.")
    if len(products) != 1 or len(packages) != 1:
        refusals.stop(
            f"Found {len(products)} files of products and {len(packages)} of packages, expected one of each: FDA's "
            f"product and package file, or the zip that holds them."
        )
    return products[0], packages[0]


def _columns(table: Source) -> set[str]:
    head = table.data[:_CHUNK].partition(b"\n")[0]
    return set(head.decode(ENCODING, "replace").rstrip("\r").split("\t"))


def _fields(
    source: Source, columns: Sequence[str], refusals: Refusals, pace: Pace
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each row's line number and its fields in the order of `columns`; a column it lacks is empty."""
    if not source.data.endswith(b"\n"):
        refusals.stop(f"{source.name}: found a last line without its end, expected a whole file and not a part of it.")
    numbered = lines(source, ENCODING, refusals, pace)
    head = next(numbered)[1].split("\t")
    width = len(head)
    wanted = itemgetter(*(head.index(column) if column in head else width for column in columns))
    for number, text in numbered:
        found = text.split("\t")
        if len(found) == width:
            found.append("")
            yield number, tuple(map(str.strip, wanted(found)))
        else:
            refusals.add(f"{source.name}, line {number:,}: found {len(found)} fields, expected {width}.")


def _products(source: Source, refusals: Refusals, pace: Pace, asides: _Asides) -> dict[str, Product]:
    products: dict[str, Product] = {}
    same: dict[str, str] = {}  # forms, routes and labelers come again thousands of times
    for number, (key, generic, substance, brand, suffix, much, unit, *others) in _fields(
        source, _PRODUCT_FIELDS, refusals, pace
    ):
        if key in products:
            asides.add("the PRODUCTID stands in an earlier row", number, key)
            continue
        brand_name = f"{brand} {suffix}".strip()
        name = generic or substance or brand_name
        strength, form, route, labeler, schedule = (
            same.setdefault(text, text) for text in (_strength(much, unit), *others)
        )
        products[key] = Product(
            name=name,
            brand="" if brand_name == name else brand_name,
            strength=strength,
            form=form,
            route=route,
            labeler=labeler,
            schedule=schedule,
        )
    return products


def _strength(numbers: str, units: str) -> str:
    """Join strengths and units; a strength per one piece is told without the piece.

    >>> _strength("5; 160", "mg/1; mg/1"), _strength("50", "mg/mL")
    ('5 mg; 160 mg', '50 mg/mL')
    """
    if not numbers:
        return ""
    pairs = zip_longest(numbers.split("; "), units.split("; "), fillvalue="")
    return "; ".join(f"{number} {unit.removesuffix('/1')}".strip() for number, unit in pairs)


def _packages(
    source: Source, products: dict[str, Product], refusals: Refusals, pace: Pace, asides: _Asides
) -> list[Package]:
    listed: list[Package] = []
    seen: dict[str, set[str]] = {}  # by labeler: one set of 215,000 would stop everybody each time it grows
    for number, (key, code, description) in _fields(source, _PACKAGE, refusals, pace):
        product = products.get(key)
        if segments(code) is None:
            asides.add("the package code is no NDC", number, code)
        elif product is None:
            asides.add("no product has its PRODUCTID", number, code)
        elif (ndc12 := ndc12_of(code)) in (same := seen.setdefault(ndc12[:_LABELER], set())):
            asides.add("the package code stands in an earlier row", number, code)
        else:
            same.add(ndc12)
            listed.append(Package(ndc12=ndc12, code=code, description=description, product=product))
    let_go(seen)
    return listed


def _row(package: Package) -> dict[str, str]:
    product = package.product
    return {
        "ndc12": package.ndc12,
        "digits": package.code.replace("-", ""),
        "ndc10": package.code,
        "name": product.name,
        "brand": product.brand,
        "strength": product.strength,
        "form": product.form,
        "route": product.route,
        "labeler": product.labeler,
        "schedule": product.schedule,
        "package": package.description,
    }
