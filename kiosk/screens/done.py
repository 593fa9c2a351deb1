"""What was done in this task, as whoever signs for it must see it?

A signature is worth what the signer saw: every item with its lots and expiries, what was keyed, what was left out, what
was counted and what did not agree (21 CFR 11.50). Facts only; what was out of the ordinary stands first.
"""

from collections import Counter

from stations.work.tasks import Package, Result, Task

_TOLD = ("scan-location", "scan-identity", "scan-product", "print", "pharmacist", "signature")
"""Kinds of answer that the packages, or the screen itself, already tell."""


def work_done(task: Task) -> tuple[str, ...]:
    """Name what a signer answers for, a line each."""
    packages = Counter(_alike(package) for package in task.packages)
    taken = tuple(f"{number} x {said}" for said, number in packages.items())
    return (*(said for result in task.results if (said := _answer(result))), *taken)


def _alike(package: Package) -> str:
    """Say what packages have in common that are told as one."""
    keyed = " · keyed" if package.source == "keyed" else ""
    accepted = f" · accepted: {', '.join(package.approved)}" if package.approved else ""
    return f"{package.name} · lot {package.lot} · exp {package.expiry}{keyed}{accepted}"


def _answer(result: Result) -> str:
    where = result.path.replace("[", " ").replace("].", ", ")
    if result.outcome in ("skipped", "discrepancy"):
        return f"{where}: {result.note or result.value} - {result.outcome}, {result.by}"
    if result.kind in _TOLD or (result.kind == "count" and result.outcome == "equal"):
        return ""
    return f"{where}: {result.value} - {result.by}"
