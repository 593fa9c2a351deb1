"""A command of the program, asked within the test: what it said, and how it ended."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.__main__ import main


class Said:
    """What a command said, and how it ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def values(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


Run = Callable[..., Said]


def asking(capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a way to ask for commands, each with what it alone said."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return Said(status, told.out, told.err)

    return run
