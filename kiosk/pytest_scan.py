"""How does a site test its checklists with pytest and no Python written?

A plugin: every `*.scan` file that pytest finds is one test. It runs on a throwaway copy of a data folder (the option
`--rxkiosk-data` or the setting `rxkiosk_data`), else of a fresh sample hospital, and its report names each line that
failed. Every run of pytest loads this module, so it imports the station only when a script is run.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest


class ScriptFailed(AssertionError):
    """What a script expects is not what is there, or the script cannot be run; the text is the report."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, under a heading of their own."""
    group = parser.getgroup("rxkiosk", "scan scripts of the bench kiosk")
    group.addoption("--rxkiosk-data", metavar="DIR", help="run *.scan files on copies of this data folder")
    group.addoption("--rxkiosk-station", metavar="ID", help="the station of that folder they run at")
    parser.addini("rxkiosk_data", "Run *.scan files on copies of this data folder; relative to the root folder.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a scan script."""
    return ScanFile.from_parent(parent, path=file_path) if file_path.suffix == ".scan" else None


class ScanFile(pytest.File):
    """A script on disk."""

    def collect(self) -> Iterable[pytest.Item]:
        """Yield the one test it is."""
        yield ScanScript.from_parent(self, name=self.path.stem)


class ScanScript(pytest.Item):
    """One script, run as a test."""

    def runtest(self) -> None:
        """Run the script and raise ScriptFailed with every line that failed."""
        failed = [answer for answer in self._answers() if "expected" in answer]
        if failed:
            raise ScriptFailed("\n".join(_told(self.path, answer) for answer in failed))

    def _answers(self) -> Iterator[dict[str, Any]]:
        from kiosk.scripts.replay import Replay, throwaway  # noqa: PLC0415 - every run of pytest loads this module
        from kiosk.scripts.script import ScriptRefused, read_script  # noqa: PLC0415 - the same
        from kiosk.site import SiteRefused, check_folder  # noqa: PLC0415 - the same

        try:
            lines = read_script(self.path.read_text(encoding="utf-8"))
            data = self._data()
            if data is not None:
                check_folder(data)
        except (ScriptRefused, SiteRefused, UnicodeDecodeError) as error:
            raise ScriptFailed(f"{self.path}: {error}") from error
        folder = throwaway(data)
        try:
            replay = Replay(folder, self.config.getoption("--rxkiosk-station"))
            try:
                yield from replay.run(lines)
            finally:
                replay.close()
        finally:
            shutil.rmtree(folder)

    def _data(self) -> Path | None:
        """Return the folder to copy; None asks for a fresh sample hospital."""
        given = self.config.getoption("--rxkiosk-data")
        if given is not None:
            return Path(self.config.invocation_params.dir, given)
        named = self.config.getini("rxkiosk_data")
        return Path(self.config.rootpath, named) if named else None

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401 - as pytest types it
        """Show what failed in the script, and a traceback only where the program itself did."""
        if isinstance(excinfo.value, ScriptFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the script as the place."""
        return self.path, None, f"scan script {self.name}"


def _told(script: Path, answer: dict[str, Any]) -> str:
    return "\n".join(
        (
            f"{script}:{answer['line']}: {answer['action']}",
            f"    expected {answer['expected']}",
            f"    got      {answer['got']}",
        )
    )
