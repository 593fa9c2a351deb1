"""Which rule lets the kiosk read a scanner, and nothing else?

A rule of udev (udev(7)): the nodes of one model of device belong to a group of their own, so that the kiosk's user need
not belong to `input`, which may read every keyboard. It tells libinput to leave the device alone, so that no desktop
types what is scanned, and links the node below `/dev/kiosk/` once it may be read. The rule does not keep scans from the
console: only holding the device does.
"""

from collections.abc import Iterable, Sequence

from kiosk.scanners.paired import Paired
from stations.scanning.devices.listing import Found

GROUP = "kiosk-scanner"
RULES = "/etc/udev/rules.d/70-kiosk-scanner.rules"
"""After the system's own 50 and 60: the last group a rule names is the one that counts."""


def rule_for(device: Found | Paired) -> str:
    """Give the rule, one line, for all devices of this one's model.

    Both numbers are looked for on one and the same parent device, as text in lower case. What is not of USB has them
    on the input device itself.

    >>> rule_for(Paired(name="left", phys="usb-1", vendor="0c2e", product="0b61")).split(", ")[1:4]
    ['SUBSYSTEM=="input"', 'KERNEL=="event*"', 'ATTRS{idVendor}=="0c2e"']
    """
    vendor, product = ("idVendor", "idProduct") if device.phys.startswith("usb-") else ("id/vendor", "id/product")
    numbers = _numbers(device)
    if device.kind == "keys":
        place, apart = ('SUBSYSTEM=="input"', 'KERNEL=="event*"'), 'ENV{LIBINPUT_IGNORE_DEVICE}="1"'
    else:
        # A modem manager would open every serial line and talk to it.
        place, apart = ('SUBSYSTEM=="tty"', 'KERNEL=="tty[A-Z]*"'), 'ENV{ID_MM_PORT_IGNORE}="1"'
    match = ('ACTION!="remove"', *place, f'ATTRS{{{vendor}}}=="{numbers[0]}"', f'ATTRS{{{product}}}=="{numbers[1]}"')
    return ", ".join((*match, f'GROUP="{GROUP}"', 'MODE="0660"', apart, 'SYMLINK+="kiosk/%k"'))


def rules(devices: Iterable[Found | Paired]) -> Sequence[str]:
    """Give the lines of a rules file for these devices, each model once, with how it is put to use."""
    models: dict[str, str] = {}
    for device in devices:
        models.setdefault(rule_for(device), device.name)
    lines = [
        f"# {RULES}",
        f"# groupadd --system {GROUP}; usermod --append --groups {GROUP} USER; then start the kiosk of that USER anew",
        "# udevadm control --reload; udevadm trigger --action=add --subsystem-match=input --subsystem-match=tty",
    ]
    for rule, name in models.items():
        lines += [f"# {' '.join(name.split())}", rule]
    return lines


def _numbers(device: Found | Paired) -> tuple[str, str]:
    if isinstance(device, Paired):
        return device.vendor, device.product
    return f"{device.vendor:04x}", f"{device.product:04x}"
