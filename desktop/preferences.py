"""Display settings of this computer: theme, text size, language, window geometry, columns. Nothing personal.

A small JSON file beside the store, readable before it is unlocked. If it is damaged, defaults are used.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from db.files import put

UNNOTED = "recovery_unnoted"
"""Set (1) from the making of a recovery code until the user confirms that it is written down: a power cut in between loses the only
copy."""


class Preferences:
    """Named values stored in a file; without a file they last until the program ends."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._temporary: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        if file is not None and file.exists():
            try:
                read = json.loads(file.read_text(encoding="utf-8"))
                self._values = read if isinstance(read, dict) else {}
            except (OSError, ValueError):
                self._values = {}

    def text(self, name: str, default: str = "") -> str:
        """Return the text stored under `name`."""
        value = self._temporary.get(name, self._values.get(name))
        return value if isinstance(value, str) else default

    def override(self, name: str, value: str) -> None:
        """Use another text until the program ends or `keep` stores a new one; it is not written to the file."""
        self._temporary[name] = value

    def number(self, name: str, default: float) -> float:
        """Return the number stored under `name`."""
        value = self._values.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else default

    def words(self, name: str) -> list[str] | None:
        """Return the list of texts stored under `name`, None if there is none."""
        value = self._values.get(name)
        return [str(item) for item in value] if isinstance(value, list) else None

    def keep(self, name: str, value: str | float | list[str] | None) -> None:
        """Store a value (None deletes it); the file is written at once, atomically."""
        self._temporary.pop(name, None)
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self._values, ensure_ascii=False, indent=1), encoding="utf-8")
        put(fresh, self._file)
