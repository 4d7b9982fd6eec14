"""Display settings of this computer: theme, text size, language, window geometry, columns. Nothing personal.

One small JSON file beside the store, readable before anybody has unlocked it. A damaged file means the defaults.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from db.files import put

UNNOTED = "recovery_unnoted"
"""Set (1) from when a recovery code is made until somebody says it is on paper: a power cut between takes the only copy away."""


class Preferences:
    """Named values kept in a file; without a file they last as long as the program runs."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lent: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        if file is not None and file.exists():
            try:
                read = json.loads(file.read_text(encoding="utf-8"))
                self._values = read if isinstance(read, dict) else {}
            except (OSError, ValueError):
                self._values = {}

    def text(self, name: str, default: str = "") -> str:
        """The text kept under `name`."""
        value = self._lent.get(name, self._values.get(name))
        return value if isinstance(value, str) else default

    def lend(self, name: str, value: str) -> None:
        """Use another text until the program ends or `keep` stores a new one; it is not written to the file."""
        self._lent[name] = value

    def number(self, name: str, default: float) -> float:
        """The number kept under `name`."""
        value = self._values.get(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else default

    def words(self, name: str) -> list[str] | None:
        """The list of texts kept under `name`, None when there is none."""
        value = self._values.get(name)
        return [str(item) for item in value] if isinstance(value, list) else None

    def keep(self, name: str, value: str | float | list[str] | None) -> None:
        """Remember a value (None forgets it); written at once, whole or not at all."""
        self._lent.pop(name, None)
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
