"""What do these scans say: a code's text on its own, or a whole script of actions?"""

import argparse
import json
import shutil
import sys

from kiosk.commandline import Exit
from kiosk.telling import Clock, Ended, say_json
from stations.scanning.codes import as_dict, from_visible
from stations.scanning.codes import read as read_code


def parse(asked: argparse.Namespace, clock: Clock) -> int:
    """Answer every line of standard input with one JSON object; no input is refused."""
    today = asked.today or clock().date()
    for line in sys.stdin.buffer:
        text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
        say_json(as_dict(read_code(_scanned(text), today)))
    return Exit.DONE


def _scanned(line: str) -> str:
    """Give the text of a scan: a whole JSON string as it is, anything else with `<GS>` for the separator."""
    if line.startswith('"'):
        try:
            return str(json.loads(line))
        except ValueError:
            pass
    return from_visible(line)


def replay(asked: argparse.Namespace, _: Clock) -> int:
    """Run a script and write one JSON line an action; 1 where an expectation failed."""
    from kiosk.scripts.replay import Replay, throwaway  # noqa: PLC0415 - parsing needs no station
    from kiosk.scripts.script import ScriptRefused, read_script  # noqa: PLC0415 - the same
    from kiosk.site import check_folder  # noqa: PLC0415 - the same

    try:
        lines = read_script(asked.script.read_text(encoding="utf-8"))
    except (ScriptRefused, UnicodeDecodeError) as error:
        raise Ended(Exit.DATA, f"{asked.script}: {error}") from error
    except OSError as error:
        raise Ended(Exit.DATA, f"{asked.script}: cannot be read: {error.strerror}.") from error
    if asked.keep is not None and asked.keep.exists() and any(asked.keep.iterdir()):
        raise Ended(Exit.USAGE, f"--keep {asked.keep}: found other files there, expected an empty folder or none.")
    if asked.data is not None:
        check_folder(asked.data)
    folder = throwaway(asked.data, asked.keep)
    failed = False
    try:
        run = Replay(folder, asked.station)
        try:
            for answer in run.run(lines):
                failed = failed or "expected" in answer
                say_json(answer)
        finally:
            run.close()
    finally:
        if asked.keep is None:
            shutil.rmtree(folder)
    return Exit.FAILED if failed else Exit.DONE
