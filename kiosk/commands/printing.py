"""Who prints these labels, and what became of them?

The station's printer does, through the journal: the bench where a kiosk runs, else the station opened here. What failed
or is unknown ends it, for it would happen to the rest as well; a printer that is not ready keeps them all in the queue.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.commands.asking import answers
from kiosk.commands.paper import paper_shown
from kiosk.filled import Values, stamped
from kiosk.live.requests import LabelRow, Print
from kiosk.telling import Clock, Ended, Progress, complain, say
from printers.label import Layout
from printers.virtual import VirtualPrinter

MANY = 20
"""Above so many labels it is shown how far they are."""
_OUT = ("sent", "confirmed")
_WAITS = ("queued", "waiting")
_SPOILT = ("failed", "unknown")


def wishes(layout: Layout, labels: Sequence[Values], copies: int, user: str) -> tuple[Print, ...]:
    """Make one request a label, each with a ticket of its own."""
    return tuple(
        Print(
            ticket=uuid.uuid4().hex,
            template=layout.id,
            fields=values,
            stamped=stamped(layout, values),
            copies=copies,
            by=f"user:{user}",
        )
        for values in labels
    )


def have_printed(
    site: Path, station: str, clock: Clock, wanted: Sequence[Print], virtual: VirtualPrinter | None
) -> tuple[LabelRow, ...]:
    """Have labels printed and return those that were asked for; `virtual` prints what is printed here, and is shown."""
    rows: list[LabelRow] = []
    with (
        Progress("printing") as progress,
        closing(answers(site, station, clock, wanted, progress, printer=virtual)) as given,
    ):
        for answer in given:
            if answer.label is None:
                raise TypeError(f"The answer to a print tells of no label: {answer}")
            rows.append(answer.label)
            if len(wanted) > MANY:
                progress(len(rows), len(wanted))
            if answer.label.state in _SPOILT:
                break
    if virtual is not None and virtual.paper():
        complain("The station's printer is a virtual one; this is its paper:")
        paper_shown(virtual.paper())
    return tuple(rows)


def tell(rows: Sequence[LabelRow], wanted: int, *, scans_back: bool) -> None:
    """Tell which labels were sent; raises Ended with a sentence for each trouble.

    `scans_back`: the label carries its own id, so that it can be confirmed.
    """
    sent = [row for row in rows if row.state in _OUT]
    which = "it" if len(sent) == 1 else "each"
    ending = f"; scan {which} back at the bench to confirm it" if scans_back else ""
    if len(sent) == 1:
        say(f"{sent[0].label} sent to the printer{ending}")
    elif sent:
        say(f"{len(sent):,} labels sent to the printer, {sent[0].label} to {sent[-1].label}{ending}")
    troubles = list(_troubles(rows, scans_back=scans_back))
    if len(rows) < wanted:
        troubles.append(f"{wanted - len(rows):,} of {wanted:,} labels were not asked for after that.")
    if troubles:
        raise Ended(Exit.DEVICE, *troubles)


def _troubles(rows: Sequence[LabelRow], *, scans_back: bool) -> Iterator[str]:
    waiting = [row for row in rows if row.state in _WAITS]
    if waiting:
        which = "the label waits and is" if len(waiting) == 1 else f"{len(waiting):,} labels wait and are"
        ids = waiting[0].label if len(waiting) == 1 else f"{waiting[0].label} to {waiting[-1].label}"
        yield f"{waiting[0].says} {ids}: {which} printed when the printer is ready and the kiosk runs.".strip()
    for row in rows:
        match row.state:
            case "unknown":
                look = "scan it" if scans_back else "see whether it is whole"
                yield f"{row.says} {row.label}: tear off what came out and {look}.".strip()
            case "failed":
                then = "at the bench it can be printed again or given up"
                yield f"{row.says} {row.label} was not printed; {then}.".strip()
            case "sending":
                yield f"{row.label} is still being printed; kiosk log tells what becomes of it."
            case "void" | "cancelled":
                yield f"{row.label} was given up at the bench."
