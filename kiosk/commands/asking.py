"""Who does what a command asks, whether or not the kiosk is running?

One process writes a station. Where none does, the station is opened and it is done here; where the kiosk runs, it is
asked through the inbox and its answer awaited. A kiosk that ends without an answer leaves the rest to be done here.
"""

import os
import time
from collections import deque
from collections.abc import Generator, Sequence
from pathlib import Path

from kiosk.commandline import Exit
from kiosk.live.inbox import answered
from kiosk.live.requests import ANSWER, ANSWER_WITHIN_S, REQUEST, Answer, Request, read_answer, write_json
from kiosk.live.running import runs
from kiosk.station import Station
from kiosk.telling import Clock, Ended, Progress
from printers.transports import Transport
from stations.records.lock import StationHeld

LOOK_EVERY_S = 0.1


def answers(
    site: Path,
    station: str,
    clock: Clock,
    requests: Sequence[Request],
    progress: Progress,
    *,
    printer: Transport | None = None,
    prints: bool = True,
) -> Generator[Answer]:
    """Do one request after the other and give its answer; close it, for the station may be open meanwhile.

    `printer` takes the labels where the station is opened here; None: its own. Without `prints` labels that wait stay
    the kiosk's to print, where somebody sees them. Raises Ended where a request cannot be
    done, and what opening a station raises but StationHeld.
    """
    left = deque(requests)
    while left:
        try:
            opened = Station(site, station, clock, transport=printer, prints=prints)
        except StationHeld as held:
            answer = _from_holder(site, station, left[0], held, progress)
            if answer is not None:
                left.popleft()
                yield _done(answer)
        else:
            with opened:
                opened.settle()
                progress.begin()
                while left:
                    yield _done(answered(opened, left.popleft(), progress))


def _from_holder(site: Path, station: str, request: Request, held: StationHeld, progress: Progress) -> Answer | None:
    """Ask the process that holds the station; None where it ended without an answer."""
    name = f"{request.__struct_config__.tag}-{os.getpid()}-{time.time_ns()}"
    asking, answering = (site / "inbox" / f"{name}{ending}" for ending in (REQUEST, ANSWER))
    write_json(asking, request)
    try:
        end = time.monotonic() + ANSWER_WITHIN_S
        while not _is_answered(asking, answering, held):
            if not runs(site, station):
                return None
            if time.monotonic() > end:
                raise Ended(Exit.DEVICE, f"No answer within {ANSWER_WITHIN_S:.0f} seconds: {held}")
            time.sleep(LOOK_EVERY_S)
            progress.dot()
        return read_answer(answering)
    finally:
        asking.unlink(missing_ok=True)
        answering.unlink(missing_ok=True)


def _is_answered(asking: Path, answering: Path, held: StationHeld) -> bool:
    """Whether the answer is there; raises Ended where none will come."""
    is_asked = asking.exists()  # looked at first: the answer is in place before its request goes
    if not answering.exists() and not is_asked:
        raise Ended(Exit.DEVICE, f"The request was put away without an answer; see the bench's screen: {held}")
    return answering.exists()


def _done(answer: Answer) -> Answer:
    if not answer.done:
        raise Ended(Exit.DATA if answer.recorded else Exit.JOURNAL, *answer.says.splitlines())
    return answer
