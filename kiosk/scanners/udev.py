"""Which rule lets the kiosk read a scanner, and nothing else?

The rules file that comes with the program (udev(7)), with the models of some scanners put into it: their nodes belong
to a group of their own, so that the kiosk's user need not belong to `input`, which may read every keyboard. The rule
does not keep scans from the console: only holding the device does.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from kiosk.scanners.paired import Paired
from kiosk.site import shipped
from stations.scanning.devices.listing import Found

RULES: Final = "70-kiosk-scanner.rules"
PLACE: Final = f"/etc/udev/rules.d/{RULES}"
"""After the system's own 50 and 60: the last group a rule names is the one that counts."""
_BEGIN, _END = 'LABEL="kiosk_scanner_model"', 'ENV{KIOSK_SCANNER}!="1"'
"""Between the lines that begin so stand the models."""


def rule_for(device: Found | Paired) -> str:
    """Give the line of the rules file for all devices of this one's model.

    Both numbers are looked for on one and the same parent device, as text in lower case. What is not of USB has them
    on the input device itself.

    >>> rule_for(Paired(name="left", phys="usb-1", vendor="0c2e", product="0b61"))
    'ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", ENV{KIOSK_SCANNER}="1"'
    """
    vendor, product = ("idVendor", "idProduct") if device.phys.startswith("usb-") else ("id/vendor", "id/product")
    numbers = _numbers(device)
    return f'ATTRS{{{vendor}}}=="{numbers[0]}", ATTRS{{{product}}}=="{numbers[1]}", ENV{{KIOSK_SCANNER}}="1"'


def rules(devices: Iterable[Found | Paired]) -> Sequence[str]:
    """Give the lines of the rules file for these devices, each model once; how it is put to use stands in it."""
    models: dict[str, str] = {}
    for device in devices:
        models.setdefault(rule_for(device), " ".join(device.name.split()))
    file = (shipped() / "bench" / RULES).read_text(encoding="utf-8").splitlines()
    begin = next(at for at, line in enumerate(file, 1) if line.startswith(_BEGIN))
    end = next(at for at, line in enumerate(file) if line.startswith(_END))
    named = [line for rule, name in models.items() for line in (f"# {name}", rule)]
    return [*file[:begin], *named, "", *file[end:]]


def _numbers(device: Found | Paired) -> tuple[str, str]:
    if isinstance(device, Paired):
        return device.vendor, device.product
    return f"{device.vendor:04x}", f"{device.product:04x}"
