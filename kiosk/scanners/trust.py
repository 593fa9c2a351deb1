"""Is what a scanner sends to be believed?

Pure. Laws:
* A code of the check card that arrives otherwise than the scanner was paired raises a doubt; nothing else does.
* A doubt is over once all codes of the card have been read as paired since it was raised. One code alone cannot show
  every change: a GS that is left out shows in two of them only.
* What is sent in doubt is no data. It stays as evidence, with the code that raised the doubt.

>>> doubted = Trust().after(None, "GS no longer arrives.")
>>> doubted.doubt, doubted.missing
('GS no longer arrives.', ('terminator', 'case', 'characters', 'datamatrix', 'code128'))
"""

import msgspec
from msgspec.structs import replace

from stations.scanning.decoding import card
from stations.scanning.decoding.wedge import Garbled, Scan
from stations.scanning.outcome import Outcome


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one scanner."""

    doubt: str = ""
    """How it types otherwise than it was paired; empty where it is believed."""
    rightly: frozenset[str] = frozenset()
    """The codes of the card that were read as paired since the doubt was raised."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The codes of the card that are still to be read as paired, in the card's order; none where it is believed."""
        return tuple(part for part in card.TEXTS if self.doubt and part not in self.rightly)

    @property
    def says(self) -> str:
        """What is wrong, in one word first, then the mend; empty where nothing is."""
        if not self.doubt:
            return ""
        codes = ", ".join(self.missing)
        taken = "Until then nothing it sends is taken"
        return f"Re-programmed: {self.doubt} {taken}; set back, it has still to read of the check card: {codes}."

    def after(self, part: str | None, drift: str) -> "Trust":
        """Give what is held after a scan: `part` is the code of the card that it is, `drift` how that one differs."""
        if drift:
            return Trust(doubt=drift)
        if not self.doubt or part is None:
            return self
        heard = replace(self, rightly=self.rightly | {part})
        return heard if heard.missing else Trust()

    def judged(self, found: Scan | Garbled) -> Scan | Garbled:
        """Give a scan as it is, or in doubt as one that could not be read."""
        return found.refused(Outcome.UNREADABLE) if self.doubt else found
