r"""What did a scanner in serial mode send? Bytes of one device, in; whole scans, out.

Laws:
* However the bytes are cut into pieces, the scans are the same.
* No clock: time is handed in with the bytes, and to `idle`.
* A scan is whole or it is `Garbled`. What may be the end of a scan that began unheard is not read.
* Where a terminator ends scans, no end of one is ever a scan: what follows a pause within it is refused, too, until a
  terminator has come or `QUIET` has passed.
* It never raises, whatever the bytes, and keeps no more of them than the longest scan may have.

CR, LF and CR LF end a scan where the profile says Enter, HT where it says Tab, silence where it says that nothing is
sent. The text is UTF-8 (RFC 3629); U+FFFD in it stands for what somebody could not read. GS is byte 0x1D, whatever the
profile says of how a keyboard would send it; only a text that stands for GS still does.

>>> line = Line("left")
>>> [scan.text for scan in line.feed(b"]d2ab\r\n]d2c", 0.0)], [scan.text for scan in line.feed(b"d\r", 0.1)]
([']d2ab'], [']d2cd'])
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from stations.scanning.decoding.wedge import (
    DATA_CONTROLS,
    NO_CHARACTER,
    QUIET,
    Garbled,
    Profile,
    Scan,
    is_control,
    with_separators,
)
from stations.scanning.outcome import Outcome

LONGEST_CHARACTER: Final = 4
"""Bytes of one character in UTF-8, at most."""
TERMINATORS: Final = MappingProxyType(
    {"enter": re.compile(rb"[\r\n]"), "tab": re.compile(rb"\t"), "none": re.compile(rb"(?!)")}
)
"""Terminator of a profile → the bytes that are it. Of CR LF the LF ends nothing, and so is nothing."""


class Line:
    """The decoder of one serial device. Feed it every byte of that device, in order."""

    def __init__(self, device: str, profile: Profile = Profile()) -> None:  # noqa: B008 -- a frozen value
        self.device = device
        self.profile = profile
        self._terminator = TERMINATORS[profile.terminator]
        self._most = profile.limit * LONGEST_CHARACTER
        self._kept = bytearray()
        self._count = 0
        self._doubted = False
        self._is_rest = False
        self._started = 0.0
        self._touched = 0.0
        self._longest_gap = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether a scan has begun and not ended, so that silence would mean something."""
        return self._count > 0 or self._doubted

    def feed(self, data: bytes, now: float) -> tuple[Scan | Garbled, ...]:
        """Take the bytes that came at `now`, in seconds; give the scans that end in them, and one that ended before."""
        if not data:
            return ()
        *whole, rest = self._terminator.split(data)
        ended = [self.idle(now)]
        if now - self._touched > QUIET:
            self._is_rest = False
        for part in whole:
            self._take(part, now)
            ended.append(self._end(now, terminated=True))
        self._take(rest, now)
        return tuple(found for found in ended if found is not None)

    def idle(self, now: float) -> Scan | Garbled | None:
        """End a scan when the device has been silent for longer than the gap: as whole where no terminator is sent."""
        if not self.is_busy or now - self._touched <= self.profile.gap:
            return None
        return self._end(self._touched, terminated=False)

    def doubt(self, now: float) -> None:
        """Take note that what comes until a terminator or silence may be the end of a scan that began before `now`."""
        self._touched = now
        self._doubted = True

    def _take(self, data: bytes, now: float) -> None:
        if not data:
            return
        if self._count:
            self._longest_gap = max(self._longest_gap, now - self._touched)
        else:
            self._started = now
        self._touched = now
        self._count += len(data)
        self._kept += data[: self._most - len(self._kept)]

    def _end(self, now: float, *, terminated: bool) -> Scan | Garbled | None:
        """Judge what was kept, and start afresh."""
        found = self._judged(now, terminated=terminated) if self._count else None
        self._is_rest = found is not None and not terminated and self.profile.terminator != "none"
        self._kept.clear()
        self._count = 0
        self._doubted = False
        self._longest_gap = 0.0
        return found

    def _judged(self, now: float, *, terminated: bool) -> Scan | Garbled:
        text = self._kept.decode(errors="replace")
        evidence = text[: self.profile.limit]
        whole = Scan(
            text=with_separators(evidence, self.profile),
            device=self.device,
            started=self._started,
            ended=now,
            keys=self._count,
            longest_gap=self._longest_gap,
            aim=self.profile.aim,
            sends_separators=self.profile.sends_separators,
            terminated=terminated,
            source="serial",
        )
        is_cut = self._is_rest or not (terminated or self.profile.terminator == "none")
        if self._doubted:
            return whole.refused(Outcome.LOST_INPUT)
        if any(is_control(character) and character not in DATA_CONTROLS for character in evidence):
            return whole.refused(Outcome.CONTROL_CHARACTER)
        if self._count > self._most or len(text) > self.profile.limit:
            return whole.refused(Outcome.TOO_LONG)
        if NO_CHARACTER in text:
            return whole.refused(Outcome.UNREADABLE)
        return whole.refused(Outcome.TRUNCATED) if is_cut else whole
