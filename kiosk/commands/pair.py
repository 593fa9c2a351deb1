"""How is a scanner told from a keyboard, and how does it type? By scanning the check card.

Nothing of what is scanned runs in the shell: while devices are listened to the terminal shows nothing that is typed,
and what a scanner typed into it is thrown away at the end. No station lock is taken; a kiosk that runs picks the file
up.
"""

import argparse
import contextlib
import errno
import math
import os
import select
import shutil
import sys
import termios
import textwrap
import time
from collections.abc import Generator, Iterator

from kiosk import telling
from kiosk.commandline import Exit
from kiosk.live.running import runs
from kiosk.scanners.doors import DOORS, Doors
from kiosk.scanners.paired import change_scanners, read_scanners, scanners_file, with_paired
from kiosk.scanners.pairing import Listening, Pairing, Sent
from kiosk.scanners.udev import PLACE, rule_for
from kiosk.site import default_folder, station_named
from kiosk.telling import Clock, Ended
from stations.scanning.devices.listing import Found
from stations.scanning.devices.trouble import why

_LOOK_S = 0.25
"""How often new devices, the countdown and the keyboard's Enter are looked at."""
_ONE = "Scan one code of the check card with the scanner that is to be paired; kiosk print check-card prints one."


def scanner(asked: argparse.Namespace, _: Clock, doors: Doors = DOORS) -> int:
    """Pair a scanner with the station; 4 where none was paired."""
    site = asked.data or default_folder()
    station, _file = station_named(site, asked.station)
    path = scanners_file(site, station)
    before = read_scanners(path)
    _need_devices(doors)
    with _quiet_terminal(), contextlib.closing(Listening(doors)) as listening:
        pairing = Pairing(listening, before, only=asked.only)
        listening.look()
        _tell_refused(listening, is_running=runs(site, station))
        found = _first_code(listening, pairing, asked.seconds)
        _other_codes(listening, pairing, asked.seconds, all_needed=asked.card)
    if asked.card and not pairing.profile.proved:
        raise Ended(Exit.DEVICE, *_wrapped(f"No scanner was paired: {_unproved(pairing)} Nothing was changed."))
    new = change_scanners(path, lambda now: with_paired(now, found, pairing.profile, asked.name, listening.found)[0])[
        -1
    ]
    say(f"{station}: {found.name} at {new.phys} is now the scanner {new.name}. {pairing.says}")
    if not new.profile.proved and pairing.is_complete:
        say(f"Not proved yet: {_unproved(pairing)}")
    if runs(site, station):
        say("The kiosk that runs here takes it up within a few seconds.")
    return Exit.DONE


def say(sentence: str) -> None:
    """Write a sentence to standard output, on a terminal as lines that end between two words."""
    for line in _wrapped(sentence):
        telling.say(line)


def complain(sentence: str) -> None:
    """Write a sentence to standard error in the same way."""
    for line in _wrapped(sentence):
        telling.complain(line)


def _wrapped(sentence: str) -> list[str]:
    if not sys.stderr.isatty():
        return [sentence]
    return textwrap.wrap(sentence, shutil.get_terminal_size().columns - 1, break_on_hyphens=False) or [""]


def _need_devices(doors: Doors) -> None:
    if any(device.kind == "serial" for device in doors.listed()):
        return
    if not doors.can_read_keys():
        found, expected = "found no evdev", "a Linux system with it installed"
    elif not doors.nodes.is_dir():
        found, expected = f"found no {doors.nodes}", "a Linux system with input devices"
    else:
        return
    raise Ended(Exit.DEVICE, *_wrapped(f"No scanner can be paired: {found}, expected {expected}."))


def _unproved(pairing: Pairing) -> str:
    missing = ", ".join(pairing.missing)
    return f"these codes of the check card were not read: {missing}." if missing else pairing.says


# What cannot be listened to -------------------------------------------------------------------------------------------


def _tell_refused(listening: Listening, *, is_running: bool) -> None:
    """Say what is not listened to; raise Ended where that is everything that could be a scanner."""
    refused = list(listening.refused.values())
    lines = [line for device, error in refused for line in _wrapped(_refusal(device, error, is_running=is_running))]
    closed = [device for device, error in refused if isinstance(error, PermissionError)]
    # A keyboard of the machine itself is refused as well, and must stay so.
    models = {rule_for(device): device for device in closed if device.phys.startswith(("usb-", "bluetooth-"))}
    if models:
        lines += _wrapped(f"What mends it: the line of the scanner, and of no keyboard, in {PLACE}:")
        lines += [line for rule, device in models.items() for line in (f"# {device.name}", rule)]
    if refused and not listening.heard:
        raise Ended(Exit.DEVICE, *lines)
    for line in lines:
        telling.complain(line)


def _refusal(device: Found, error: OSError, *, is_running: bool) -> str:
    called = f"{device.name} at {device.port}"
    if isinstance(error, PermissionError):
        return f"{called} cannot be listened to: {device.path} may not be read by this user."
    if error.errno == errno.EBUSY:
        holder = "the kiosk that runs here" if is_running else "another program, perhaps a kiosk"
        return f"{called} cannot be listened to: {holder} holds it; stop that one to pair this device anew."
    return f"{called} cannot be listened to: {why(device.path, error)}"


# The codes ------------------------------------------------------------------------------------------------------------


def _first_code(listening: Listening, pairing: Pairing, seconds: int) -> Found:
    """Wait for the first code of the card, which tells the scanner from the keyboards."""
    listening.settle()
    say(_ONE)
    with contextlib.closing(_codes(listening, seconds)) as codes:
        for sent in codes:
            if pairing.take(sent) and pairing.scanner is not None:
                return pairing.scanner
            complain(pairing.says)
    raise Ended(Exit.DEVICE, f"No scanner was paired: no code of the check card came within {seconds} s.")


def _other_codes(listening: Listening, pairing: Pairing, seconds: int, *, all_needed: bool) -> None:
    """Let the other codes of the card prove the scanner, as far as they are scanned."""
    _throw_typed_away()
    called = pairing.scanner.name if pairing.scanner else ""
    say(f"It is {called}, held from now on. {pairing.says}")
    while not pairing.is_complete:
        skip = "" if all_needed or not sys.stdin.isatty() else "; Enter leaves them out"
        say(f"Scan the other codes of the card: {', '.join(pairing.missing)}{skip}.")
        with contextlib.closing(_codes(listening, seconds, can_skip=bool(skip))) as codes:
            sent = next(codes, ())
        if listening.has_lost_it:
            raise Ended(Exit.DEVICE, *_wrapped(f"No scanner was paired: {called} was unplugged. Nothing was changed."))
        if not sent:
            return
        if not pairing.take(sent):
            complain(pairing.says)


def _codes(listening: Listening, seconds: int, *, can_skip: bool = False) -> Generator[tuple[Sent, ...], None, None]:
    """Give what is sent, moment by moment, until time is over, or Enter is pressed where that is a way out."""
    until = time.monotonic() + seconds
    countdown = _Countdown()
    with contextlib.closing(countdown):
        while (left := until - time.monotonic()) > 0:
            countdown.show(math.ceil(left))
            sent = listening.next(min(_LOOK_S, left))
            if sent:
                countdown.close()
                yield sent
            elif can_skip and select.select([sys.stdin], [], [], 0)[0]:
                _throw_typed_away()
                return
            had = listening.has_lost_it
            listening.look()
            if listening.has_lost_it != had:
                countdown.close()
                complain("It is back and held again." if had else "It was unplugged: plug it back in where it was.")


class _Countdown:
    """Shows on a terminal how long there is still time."""

    def __init__(self) -> None:
        self._shown = 0

    def show(self, seconds: int) -> None:
        if seconds != self._shown and sys.stderr.isatty():
            self._shown = seconds
            sys.stderr.write(f"\r  {seconds:3d} s ")
            sys.stderr.flush()

    def close(self) -> None:
        if self._shown:
            self._shown = 0
            sys.stderr.write("\r         \r")
            sys.stderr.flush()


# The terminal ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _quiet_terminal() -> Iterator[None]:
    """Show nothing that is typed, let no key but Ctrl+C act, and throw everything typed away at the end."""
    if not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = termios.tcgetattr(terminal)
    quiet[3] &= ~termios.ECHO
    off = os.fpathconf(terminal, "PC_VDISABLE").to_bytes(1, "big")
    # A scan may hold the characters of these keys (GS1 separators lie among them).
    quiet[6][termios.VQUIT] = quiet[6][termios.VSUSP] = off
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, quiet)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _throw_typed_away() -> None:
    if sys.stdin.isatty():
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
