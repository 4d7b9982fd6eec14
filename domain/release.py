"""Which release of the program this is."""

from typing import Final

VERSION: Final = "0.1.0"
"""As in pyproject.toml; said here because a built application has no installed package to ask."""
