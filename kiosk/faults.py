"""Where does an engineer find what nobody expected?

A fault of the program never reaches a person as a traceback: it is written to a file of its own, and the person is told
which.
"""

import os
import tempfile
import traceback
from pathlib import Path


def sentence_of(error: BaseException, folder: Path | None) -> str:
    """Write an error down and give the sentence for the person who met it, which names the file."""
    try:
        written = write_down(error, folder)
    except OSError as trouble:
        what = f"{type(error).__name__}, which could not be written down: {trouble.strerror}."
        return f"This is a fault of the program: {what}"
    return f"This is a fault of the program; what happened is written down in {written}"


def write_down(error: BaseException, folder: Path | None) -> Path:
    """Write an error's traceback into a new file under `<folder>/faults`, else among temporary files; return its name.

    `folder` is the site's data folder, if there is one.
    """
    place = None
    if folder is not None and (folder / "settings.toml").exists():
        place = folder / "faults"
        place.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="rxkiosk-fault-", suffix=".txt", dir=place)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(traceback.format_exception(error))
    return Path(name)
