"""How does what is typed, and what may be chosen, look on every screen?"""

from kiosk.screens.asking import Ask, Wants
from kiosk.screens.hand import Hand
from kiosk.screens.letters import HEIGHT, is_drawable, large, large_width
from kiosk.screens.lines import Glyphs, Ink, Line, line, paragraph, span

_PIN_ROWS = 3


def entry(ask: Ask, hand: Hand, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Show what is typed so far: large where there is room, a PIN as dots alone."""
    typed = ask.scanned + hand.typed
    if ask.wants is Wants.PIN:
        dots = "  ".join(glyphs.dot for _ in typed)
        inside = f"  {dots}{'  ' if dots else ''}_  "
        blank = [line(" " * len(inside), Ink.ENTRY)] if height >= _PIN_ROWS else []
        return [*blank, line(inside, Ink.ENTRY), *blank]
    if ask.wants is Wants.BADGE and typed.isdigit():
        # No badge is a number alone: it is a PIN typed by habit, before it was asked.
        typed = glyphs.dot * len(typed)
    fits = is_drawable(typed) and large_width(f"{typed}_") + 2 <= width and height >= HEIGHT
    if ask.wants is Wants.NUMBER and fits:
        return [line(f" {one} ", Ink.ENTRY) for one in large(f"{typed}_")]
    if not typed and ask.wants not in (Wants.TEXT, Wants.DATE, Wants.WHY, Wants.NUMBER):
        return []
    return [line(f" {typed[-(width - 4) :]}_ ", Ink.ENTRY)]


def options(ask: Ask, hand: Hand, glyphs: Glyphs) -> list[Line]:
    """List the choices, each with its number and what it leads to; every one can be clicked."""
    found: list[Line] = []
    longest = max((len(option.words) for option in ask.options), default=0)
    for number, option in enumerate(ask.options, 1):
        marked = hand.selected == number
        ink = Ink.CHOSEN if marked else Ink.STRONG
        target = f"choose:{option.words}"
        words = f"{glyphs.now if marked else ' '} {option.words:{max(longest, 8)}} "
        note = (span(f"  {option.note}", Ink.DIM, target),) if option.note else ()
        found.append((span(f" {number} ", Ink.KEY, target), span(words, ink, target), *note))
    return found


def yes_no(ask: Ask, width: int) -> list[Line]:
    """Offer yes and no, with what yes does."""
    if not ask.yes_no:
        return []
    keys = ("Ctrl+Y", "Ctrl+N") if ask.wants in (Wants.TEXT, Wants.DATE, Wants.WHY) else ("Y", "N")
    yes = (span(f" {keys[0]} ", Ink.KEY, "press:yes"), span(f" {ask.yes_no}", Ink.STRONG, "press:yes"))
    no = (span(f" {keys[1]} ", Ink.KEY, "press:no"), span(" no", Ink.STRONG, "press:no"))
    long = len(ask.yes_no) + 24 > width
    return [yes, no] if long else [(*yes, span("     "), *no)]


def hint(ask: Ask, width: int) -> list[Line]:
    """Say what can be scanned or typed, and what Enter would do."""
    return paragraph(ask.hint, width, Ink.DIM, 2)
