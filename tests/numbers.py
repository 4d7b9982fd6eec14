"""Valid ID numbers of invented people."""

from __future__ import annotations

from domain.identity import check_digit


def whole(first17: str) -> str:
    """A number with its check character."""
    return first17 + check_digit(first17)


def number(birth: str = "1980-05-05", serial: int = 11) -> str:
    """A number of the county by birth date and serial number; an odd one is a man's."""
    return whole(f"230826{birth.replace('-', '')}{serial:03d}")
