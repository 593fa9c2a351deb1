"""May this very package be used: its expiry, its serial, and is it another one than the last?

Expiry: usable through the end of its day, local time (USP <7>; GS1 General Specifications 3.4.7). Serial: the unique
number of one package (DSCSA, 21 USC 360eee); the same number twice is the same package twice.
"""

import datetime as dt

from stations.work.facts import Facts, Put
from stations.work.tasks import Package, Task
from stations.work.verdict import Finding, Reason


def expiry_findings(expiry: dt.date, today: dt.date, *, floor_days: int, soon_days: int) -> list[Finding]:
    """Say what stands against an expiry on that day; `floor_days` is the least time left a step accepts."""
    left = (expiry - today).days
    shown = expiry.isoformat()
    if left < 0:
        says = f"Expired on {shown}. Set it aside for the quarantine shelf."
        return [Finding(reason=Reason.EXPIRED, says=says)]
    if left < floor_days:
        first = (today + dt.timedelta(days=floor_days)).isoformat()
        says = f"Expires on {shown}, in {_days(left)}. Not before {first} here. Set it aside for the quarantine shelf."
        return [Finding(reason=Reason.EXPIRES_TOO_SOON, says=says)]
    if left <= soon_days:
        return [Finding(reason=Reason.EXPIRES_SOON, says=f"Expires on {shown}, in {_days(left)}.")]
    return []


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def hour_findings(expiry: dt.date, time: dt.time | None, now: dt.datetime) -> list[Finding]:
    """Say whether a package that expires at a time of day (AI 7003) has expired; `now` is local time."""
    if time is None or expiry != now.date() or now.time() < time:
        return []
    says = f"Expired today at {time:%H:%M}. Set it aside for the quarantine shelf."
    return [Finding(reason=Reason.EXPIRED, says=says)]


def serial_key(product: str, serial: str) -> str:
    """Name one package in the world: a serial is its maker's, so the product's number goes with it."""
    return f"{product}/{serial}"


def key_of(package: Package) -> str:
    """Name a package that carries a serial."""
    return serial_key(package.gtin or package.ndc12 or package.item, package.serial)


def serial_findings(package: Package, task: Task, facts: Facts) -> list[Finding]:
    """Say whether this package has been taken before, in this task or any other."""
    if not package.serial:
        return []
    here = any(taken.serial and key_of(taken) == key_of(package) for taken in task.packages)
    if here:
        says = f"Serial {package.serial} was already scanned in this task. Scan the next package."
        return [Finding(reason=Reason.DUPLICATE_SERIAL, says=says)]
    row = facts.row("serial", key_of(package))
    if row is None:
        return []
    says = (
        f"Serial {package.serial} was already used in task {row['task']}. Set this package aside and call a supervisor."
    )
    return [Finding(reason=Reason.DUPLICATE_SERIAL, says=says)]


def pace_findings(package: Package, last: Package | None, minimum_ms: int) -> list[Finding]:
    """Say whether the same item came again faster than a hand can take the next package.

    Which symbol of the package was read does not matter; two serials tell by themselves whether they are two packages.
    """
    if last is None or last.item != package.item or not is_hurried(package, last, minimum_ms):
        return []
    if package.serial and last.serial:
        return []
    says = "The same package again. Scan the next package."
    return [Finding(reason=Reason.NEXT_PACKAGE, says=says)]


def is_hurried(package: Package, last: Package | None, minimum_ms: int) -> bool:
    """Whether two packages were scanned in less time than a hand needs."""
    return last is not None and (package.at - last.at) / dt.timedelta(milliseconds=1) < minimum_ms


def remember(package: Package, task: Task, facts: Facts) -> tuple[Put, ...]:
    """Return the row that makes a serial known as used; who used it first stays named, also after an override."""
    if not package.serial:
        return ()
    key = key_of(package)
    if facts.row("serial", key) is not None:
        return ()
    row = {"package": key, "gtin": package.gtin, "serial": package.serial, "item": package.item, "lot": package.lot}
    return (Put(register="serial", key=key, row={**row, "task": task.id}),)


def set_aside(package: Package, reason: str, task: Task, by: str) -> tuple[Put, ...]:
    """Return the row of a package that a technician puts on the quarantine shelf."""
    key = f"{task.id}/{package.path}/{package.at.isoformat()}"
    row = {
        "quarantine": key,
        "item": package.item,
        "name": package.name,
        "lot": package.lot,
        "expiry": package.expiry.isoformat() if package.expiry else "",
        "serial": package.serial,
        "quantity": 1,
        "reason": reason,
        "state": "waiting",
        "set_aside_by": by,
    }
    return (Put(register="quarantine", key=key, row=row),)
