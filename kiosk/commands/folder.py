"""How does a site get its data folder?"""

import argparse
import contextlib
import shlex
import shutil

from kiosk import site
from kiosk.commandline import Exit
from kiosk.sample import make_sample
from kiosk.telling import Clock, say


def init(asked: argparse.Namespace, clock: Clock) -> int:
    """Make a data folder, empty or with the sample hospital; one that holds anything is refused."""
    folder = asked.data or site.default_folder()
    with contextlib.ExitStack() as undo:
        # What is refused is not ours to remove; half a folder would be taken for a whole one.
        if not folder.exists() or not any(folder.iterdir()):
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            say(f"Making {folder}")
        if asked.sample:
            make_sample(folder, clock(), lambda kind: say(f"  sample {kind}"))
        else:
            site.make(folder)
        undo.pop_all()
    station = ", ".join(site.stations_of(folder))
    say(f"Done: station {station}, its printer in stations/{station}/station.toml; its scanner: kiosk pair scanner")
    begin = "kiosk" if folder == site.default_folder() else f"kiosk --data {shlex.quote(str(folder))}"
    say(f"Begin with: {begin}" if asked.sample else f"Next, your people: {begin} import staff staff.csv")
    return Exit.DONE
