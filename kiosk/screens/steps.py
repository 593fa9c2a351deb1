"""Which steps does the list at the left show, and how far is each?

Of a step repeated over many lines only the present line is told step by step, so that the list stays short. A blind
count never tells a second person what the first one counted.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from stations.bench.state import Bench
from stations.work.checklists import BlindCount, Checklist, Each, Step
from stations.work.tasks import Place, Result, Task, places


class Mark(StrEnum):
    """How far a step is."""

    DONE = "done"
    NOW = "now"
    TO_DO = "to do"
    LEFT_OUT = "left out"


class StepLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of steps."""

    label: str
    value: str = ""
    mark: Mark = Mark.TO_DO
    is_inner: bool = False
    """One of the steps repeated for a line."""


def step_lines(bench: Bench) -> Iterator[StepLine]:
    """List the steps; of a repeated one the lines before and after the present one share a line each."""
    task, now = bench.task(), bench.place()
    if task is None:
        return
    definition = bench.kept.definitions[task.sha256]
    grouped = _by_step(definition, task)
    for step in definition.step:
        found = grouped.get(step.id, [])
        if isinstance(step, Each):
            yield from _each(step, found, task, now)
        elif found:
            yield _line(found[0], task, now)


def _by_step(definition: Checklist, task: Task) -> dict[str, list[Place]]:
    grouped: dict[str, list[Place]] = {}
    for place in places(definition, task):
        grouped.setdefault(place.group or place.path, []).append(place)
    return grouped


def _each(step: Each, found: list[Place], task: Task, now: Place | None) -> Iterator[StepLine]:
    if not found:
        yield StepLine(label=step.asks)
        return
    of = found[0].of
    here = now.number if now is not None and now.group == step.id else 0
    ended = {result.path for result in task.results}
    before = here - 1 if here else (of if found[-1].path in ended else 0)
    if before:
        yield StepLine(label=_lines_label(1, before), mark=Mark.DONE)
    if here:
        yield StepLine(label=f"line {here} of {of}", mark=Mark.NOW)
        for place in found:
            if place.number == here:
                yield _line(place, task, now)
    if before + bool(here) < of:
        yield StepLine(label=_lines_label(before + bool(here) + 1, of))


def _lines_label(first: int, last: int) -> str:
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _line(place: Place, task: Task, now: Place | None) -> StepLine:
    result = task.result(place.path)
    label = _label(place.step)
    if result is None:
        mark = Mark.NOW if now is not None and now.path == place.path else Mark.TO_DO
        taken = len(task.taken(place.path))
        return StepLine(label=label, value=str(taken) if taken else "", mark=mark, is_inner=bool(place.group))
    # Who counts blind again must not see what the first person counted.
    hidden = isinstance(place.step, BlindCount) and now is not None and isinstance(now.step, BlindCount)
    value = "counted" if hidden else value_of(result)
    mark = Mark.LEFT_OUT if result.outcome == "skipped" else Mark.DONE
    return StepLine(label=label, value=value, mark=mark, is_inner=bool(place.group))


def _label(step: Step) -> str:
    return step.id.replace("-", " ")


def value_of(result: Result) -> str:
    """Give an answer as people say it: a place by its name, a signature by who signed."""
    if result.kind in ("pharmacist", "signature"):
        return result.by
    name = result.fields.get("name", "") if result.kind == "scan-location" else ""
    return name or result.note or result.value
