"""QR codes as SVG, which needs no image from elsewhere (Content-Security-Policy) and prints sharply."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from server.console.markup import element
from services.qr import dots

_QUIET: Final = 4
"""Modules of white around a code."""


def drawn(text: str, label: str) -> Element:
    """A QR code of a text, as an image called `label`."""
    found = dots(text)
    height, width = found.shape
    black = [(x, y) for y in range(height) for x in range(width) if not found[y, x]]
    path = element("path", d="".join(f"M{x + _QUIET} {y + _QUIET}h1v1h-1z" for x, y in black))
    size = width + 2 * _QUIET
    made = element("svg", element("title", label), path, viewBox=f"0 0 {size} {size}", role="img", class_="qr")
    made.set("shape-rendering", "crispEdges")
    return made
