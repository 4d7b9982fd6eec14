"""The dots of a QR code, for whoever draws it: on paper, in a Word document, on a web page."""

from __future__ import annotations

from typing import Any


def dots(text: str, scale: int = 1) -> Any:
    """Return the code of a text as a memory view of lines and columns, 0 where it is black, without a white border. `scale`: dots to a
    module. Level M restores 15 % of a damaged code."""
    import zxingcpp  # imported when first needed

    image = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(scale=scale, add_quiet_zones=False)
    return memoryview(image)  # type: ignore[arg-type]  # supports the buffer protocol; the stubs do not say so
