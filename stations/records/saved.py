"""How does a register lie on the disk, and is the file still what was saved?

The file is one JSON object in TinyDB's shape, a document a line, that plain TinyDB opens:

    {"stock_level":{
    "1":{"item":"…","on_hand":24},
    "2":{"item":"…","on_hand":3}
    },"_stamp":{"1":{"seqs":{"bench-1":120},"rows":2,"sha256":"<64 hex>"}}}

`seqs` names the last journal entry of each station that the rows contain. `sha256` (FIPS 180-4) is of the
file's bytes up to and not including `,"sha256"`: a file whose tail is older than its head parses and is
wrong, and only a checksum tells. The file before stays beside it, and is read where the new one is damaged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import orjson

from stations.records.disk import last_good, put_in_place, write_beside
from stations.records.documents import BATCH, Documents, breathe


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a register's file says of itself."""

    seqs: dict[str, int]
    """Last journal entry that the rows contain, by station."""
    rows: int
    sha256: str


class RegisterFile:
    """The file of the register `name`, and what it is known to contain."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.stamp = Stamp(seqs={}, rows=0, sha256="")
        self._good = False

    def read(self, fresh: Callable[[], Documents]) -> tuple[Documents, list[str]]:
        """Return the documents of the file, or of its last good copy, or none.

        With them comes a sentence for each file that was there and is damaged.
        """
        damage: list[str] = []
        for path in (self.path, last_good(self.path)):
            documents = fresh()
            try:
                self.stamp = _load(path, self.name, documents)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                damage.append(str(error))
            else:
                self._good = path == self.path
                return documents, damage
        return fresh(), damage

    def save(self, snapshot: Sequence[bytes | None], seqs: Mapping[str, int]) -> None:
        """Write the documents to the file. Raises OSError, and then the file is as it was."""
        self.place(*self.beside(snapshot, seqs, "new"))

    def beside(self, snapshot: Sequence[bytes | None], seqs: Mapping[str, int], ending: str) -> tuple[Path, Stamp]:
        """Write the documents to `<name>.<ending>` beside the file; return that and its stamp. Raises OSError."""
        stamps: list[Stamp] = []
        path = write_beside(self.path, _chunks(self.name, snapshot, seqs, stamps), ending)
        return path, stamps[0]

    def place(self, beside: Path, stamp: Stamp) -> None:
        """Let what was written beside be the file. Raises OSError."""
        put_in_place(beside, self.path, keep=self._good)
        self.stamp, self._good = stamp, True


def _load(path: Path, name: str, documents: Documents) -> Stamp:
    """Fill empty `documents` from the file of register `name` and return its stamp.

    Raises OSError, and ValueError with a sentence where the file is not, byte for byte, one that was saved.
    """
    with path.open("rb") as file:
        digest = sha256(head := file.readline())
        if head != b'{"%b":{\n' % name.encode():
            raise ValueError(f"{path} begins with {head[:40]!r}, expected the register {name}.")
        for number, line in enumerate(file, start=2):
            if line.startswith(b"}"):
                digest.update(line.partition(b',"sha256"')[0])
                return _stamp(path, line + file.read(1), digest.hexdigest(), len(documents))
            digest.update(line)
            _take_line(path, number, line, documents)
            if number % BATCH == 0:
                breathe()
    raise ValueError(f"{path} ends without its stamp.")


def _chunks(
    name: str, snapshot: Sequence[bytes | None], seqs: Mapping[str, int], stamps: list[Stamp]
) -> Iterator[bytes]:
    """Yield a register's file piece by piece, then add its stamp to `stamps`."""
    head = piece = b'{"%b":{' % name.encode()
    digest, rows = sha256(head), 0
    for start in range(0, len(snapshot), BATCH):
        batch = enumerate(snapshot[start : start + BATCH], start=start)
        lines = [b'\n"%d":%b' % (number, raw) for number, raw in batch if raw is not None]
        if lines:
            yield piece
            piece = (b"," if rows else b"") + b",".join(lines)
            digest.update(piece)
            rows += len(lines)
        breathe()
    stamp = b'\n},"_stamp":{"1":{"seqs":%b,"rows":%d' % (orjson.dumps(dict(seqs)), rows)
    digest.update(stamp)
    stamps.append(Stamp(seqs=dict(seqs), rows=rows, sha256=digest.hexdigest()))
    yield piece + stamp + b',"sha256":"%b"}}}\n' % digest.hexdigest().encode()


def _take_line(path: Path, number: int, line: bytes, documents: Documents) -> None:
    try:
        documents.take(line.partition(b":")[2].rstrip(b",\n"))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}, line {number} is not a document: {error}.") from error


def _stamp(path: Path, line: bytes, checksum: str, rows: int) -> Stamp:
    if not line.endswith(b',"sha256":"%b"}}}\n' % checksum.encode()):
        raise ValueError(f"{path} is not what was saved: its bytes have the checksum {checksum}.")
    stamp = msgspec.convert(orjson.loads(b"{" + line[2:])["_stamp"]["1"], Stamp)
    if stamp.rows != rows:
        raise ValueError(f"{path} holds {rows} different keys, its stamp says {stamp.rows}.")
    return stamp
