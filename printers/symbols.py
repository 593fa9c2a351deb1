"""What are a bar code's modules, and does what was drawn read back as what was meant?

The one door to zxing-cpp. Modules are drawn as whole dots and never resized, for a resized symbol has uneven bars.
Sizes at 203 dpi (one dot is 0.125 mm), after GS1 General Specifications, symbol specification table 6, and the
quiet zones of ISO/IEC 18004 (QR), 15417 (Code 128) and 16022 (Data Matrix):

* Data Matrix: 3 dots (0.375 mm; 2 lie under the least allowed 0.254, 4 over the greatest 0.495), quiet 1 module;
* Code 128 and GS1-128: 2 dots (0.25 mm), quiet 10 modules, 104 dots high (at least 12.7 mm);
* QR: 4 dots (0.5 mm), quiet 4 modules.
"""

from collections.abc import Mapping

import zxingcpp
from msgspec import Struct

from printers.label import LabelRefused, Symbology


class _Sizes(Struct, frozen=True, kw_only=True):
    """How a symbology is drawn and known."""

    format: zxingcpp.BarcodeFormat
    options: Mapping[str, object]
    """For the encoder, which ignores in silence what it does not know: keep to names that a test covers."""
    module_dots: int
    quiet_modules: int
    bar_dots: int
    """Height of a linear code; 0 for a square one."""
    identifier: str
    """The symbology identifier that a scanner sends before it (ISO/IEC 15424)."""


_INK = 0
_INVERTED = bytes(range(255, -1, -1))
_GS1 = {"gs1": True}
_SIZES = {
    Symbology.QR: _Sizes(
        format=zxingcpp.BarcodeFormat.QRCode,
        options={"ec_level": "M"},
        module_dots=4,
        quiet_modules=4,
        bar_dots=0,
        identifier="]Q1",
    ),
    Symbology.CODE128: _Sizes(
        format=zxingcpp.BarcodeFormat.Code128,
        options={},
        module_dots=2,
        quiet_modules=10,
        bar_dots=104,
        identifier="]C0",
    ),
    Symbology.GS1_128: _Sizes(
        format=zxingcpp.BarcodeFormat.Code128,
        options=_GS1,
        module_dots=2,
        quiet_modules=10,
        bar_dots=104,
        identifier="]C1",
    ),
    Symbology.GS1_DATAMATRIX: _Sizes(
        format=zxingcpp.BarcodeFormat.DataMatrix,
        options=_GS1 | {"force_square": True},
        module_dots=3,
        quiet_modules=1,
        bar_dots=0,
        identifier="]d2",
    ),
}


class Symbol(Struct, frozen=True, kw_only=True):
    """A bar code ready to be drawn. Lengths are in dots."""

    symbology: Symbology
    content: str
    """Plain ASCII; a GS1 element string in its bracketed form, "(01)…(17)…"."""
    columns: int
    modules: bytes
    """Row by row, one byte a module, 0 is paper and any other ink; one row for a linear code."""
    module_width: int
    module_height: int
    quiet: int
    """White that must stay around it."""

    @property
    def readable(self) -> str:
        """The content for people; a GS1 one may be broken into lines before each application identifier."""
        is_gs1 = self.symbology in {Symbology.GS1_128, Symbology.GS1_DATAMATRIX}
        return self.content.replace("(", " (").strip() if is_gs1 else self.content

    @property
    def width(self) -> int:
        """Without quiet zones."""
        return self.columns * self.module_width

    @property
    def height(self) -> int:
        """Without quiet zones."""
        return len(self.modules) // self.columns * self.module_height


def encode(symbology: Symbology, content: str) -> Symbol:
    """Make the symbol of a content.

    Raises LabelRefused where the content is not plain ASCII or the symbology cannot hold it. Check digits and dates of
    a GS1 element string are not checked here: that is for who knows what the element string means.
    """
    if not content.isascii() or not content.isprintable():
        raise LabelRefused(f"{content!r} cannot be a {symbology} code, which holds printable ASCII only")
    sizes = _SIZES[symbology]
    try:
        barcode = zxingcpp.create_barcode(content, sizes.format, **sizes.options)
    except ValueError as reason:
        raise LabelRefused(f"{content!r} cannot be a {symbology} code: {reason}") from reason
    image = barcode.to_image(scale=1, add_quiet_zones=False)
    columns = image.shape[1]
    white = memoryview(image)  # type: ignore[arg-type] # a buffer, which the library's stubs leave out
    ink = bytes(white).translate(_INVERTED)
    return Symbol(
        symbology=symbology,
        content=content,
        columns=columns,
        modules=ink[:columns] if sizes.bar_dots else ink,
        module_width=sizes.module_dots,
        module_height=sizes.bar_dots or sizes.module_dots,
        quiet=sizes.quiet_modules * sizes.module_dots,
    )


def read(picture: bytes, width: int) -> tuple[tuple[str, str], ...]:
    """Every code in a grey picture (one byte a dot, 0 is ink), as its symbology identifier and content."""
    grey = memoryview(picture).cast("B", shape=(len(picture) // width, width))
    return tuple((found.symbology_identifier, found.text) for found in zxingcpp.read_barcodes(grey))


def confirm(symbol: Symbol, picture: bytes) -> None:
    """Read a drawn symbol back from its part of the label, quiet zone included.

    Raises LabelRefused unless it is the only one there, says what was meant, and its quiet zone is white: this reader
    forgives what stands too near, and a scanner may not.
    """
    width = symbol.width + 2 * symbol.quiet
    meant = (_SIZES[symbol.symbology].identifier, symbol.content)
    found = read(picture, width)
    if found != (meant,):
        said = " and ".join(f"{identifier} {content!r}" for identifier, content in found) or "nothing"
        raise LabelRefused(f"the {symbol.symbology} code of {symbol.content!r} reads back as {said}; not printed")
    if _INK in _around(picture, width, symbol.quiet):
        raise LabelRefused(
            f"something stands within {symbol.quiet} dots of the {symbol.symbology} code of {symbol.content!r}, "
            "where white was expected; not printed"
        )


def _around(picture: bytes, width: int, border: int) -> bytes:
    """Give the dots of a picture's border."""
    inner = picture[border * width : -border * width]
    rows = (inner[start : start + width] for start in range(0, len(inner), width))
    sides = b"".join(row[:border] + row[-border:] for row in rows)
    return picture[: border * width] + sides + picture[-border * width :]
