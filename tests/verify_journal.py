"""A stranger's check of a station's journal: python verify_journal.py FOLDER [HEAD]. Needs Python and no more.

A line is a JSON object whose last key is `hash`: the SHA-256 of the line's bytes before `,"hash"`. `prev` is
the hash of the line before, `seq` counts from 1. A head noted earlier must still be some line's hash.
"""

import hashlib
import json
import sys
from pathlib import Path


def check(folder: Path, head: str = "") -> str:
    seq, prev, seen = 0, "0" * 64, head == ""
    for path in sorted(folder.glob("????-??-??.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
            body, _, end = line.partition(b',"hash"')
            digest = hashlib.sha256(body).hexdigest()
            if end != b':"' + digest.encode() + b'"}\n':
                return f"{path.name}, line {number}: changed"
            entry = json.loads(line)
            if entry["seq"] != seq + 1 or entry["prev"] != prev:
                return f"{path.name}, line {number}: does not follow seq {seq}"
            seq, prev, seen = seq + 1, digest, seen or digest == head
    return f"ok: {seq} entries, head {prev}" if seen else f"cut off after seq {seq}"


if __name__ == "__main__":
    answer = check(Path(sys.argv[1]), *sys.argv[2:3])
    sys.stdout.write(answer + "\n")
    sys.exit(0 if answer.startswith("ok") else 1)
