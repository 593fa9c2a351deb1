"""Is this the PIN whose hash is kept?

A PIN is six digits, so its hash must be slow and hungry for memory: scrypt (RFC 7914), with its parameters beside it,
as `scrypt$n$r$p$salt$hash` (salt and hash in hex). Checking takes about a tenth of a second: call it beside the bench.

>>> check_pin("420173", hash_pin("420173", n=2**4))
True
"""

import hashlib
import hmac
import re
import secrets

_BLOCK, _LANES = 8, 1
_SALT_BYTES, _HASH_BYTES = 16, 32
_HARDEST = 2**20  # n * r * p; a kept hash that asks for more, over 128 MB or half a second, was not made here
_KEPT = re.compile(
    r"scrypt\$(?P<n>[0-9]{1,7})\$(?P<r>[0-9]{1,2})\$(?P<p>[0-9]{1,2})\$(?P<salt>(?:[0-9a-f]{2}){8,64})\$(?P<hash>[0-9a-f]{64})"
)


def hash_pin(pin: str, *, n: int = 2**15) -> str:
    """Hash a PIN with a salt of its own; `n` is scrypt's cost, a power of 2. Raises ValueError for another `n`."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _scrypt(pin, salt, n, _BLOCK, _LANES)
    return f"scrypt${n}${_BLOCK}${_LANES}${salt.hex()}${digest.hex()}"


def check_pin(pin: str, pin_hash: str) -> bool:
    """Whether that is the PIN; compares in constant time. A hash that cannot be one is nobody's: False."""
    kept = _KEPT.fullmatch(pin_hash)
    if kept is None:
        return False
    n, r, p = int(kept["n"]), int(kept["r"]), int(kept["p"])
    if not _is_workable(n, r, p):
        return False
    digest = _scrypt(pin, bytes.fromhex(kept["salt"]), n, r, p)
    return hmac.compare_digest(digest, bytes.fromhex(kept["hash"]))


def _is_workable(n: int, r: int, p: int) -> bool:
    """Whether scrypt takes these (RFC 7914, 2: n a power of 2 below 2^(16r)) and a bench has room and time for them."""
    return 0 < n * r * p <= _HARDEST and 1 < n < 2 ** (16 * r) and n & (n - 1) == 0


def _scrypt(pin: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    # What scrypt needs is 128 * r * (n + p) bytes; OpenSSL refuses over a limit of its own unless told.
    room = 128 * r * (n + p + 2)
    return hashlib.scrypt(pin.encode(errors="surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=room, dklen=_HASH_BYTES)
