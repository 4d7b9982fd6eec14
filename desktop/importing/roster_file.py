"""A file of the page 导入: how it is read, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from db.acts import Undone
from desktop.importing.preview import Preview
from services.importing import ImportResult
from services.importing.assigned import Assigned


@dataclass(eq=False)
class RosterFile:
    """A file to be imported."""

    path: Path
    pasted: bytes | None = None
    """The pasted text, if it is not a file; `path` is then only its name."""
    kind: str | None = None
    """The kind chosen by the user; None lets the program decide."""
    assigned: Assigned = field(default_factory=dict)
    """The columns that the person assigned (`services.importing.assigned`)."""
    supplied: dict[str, str] = field(default_factory=dict)
    """What the person gave for all rows of a list that lacks it (`services.importing.columns.supplied`)."""
    assigning: tuple[int, str] | None = None
    """Place of the table and heading of the column assigned last, while the file is looked at for it."""
    preview: Preview | None = None
    error: Exception | None = None
    result: ImportResult | None = None
    undone: Undone | None = None
    stale: bool = False
    """Whether it was planned before the store changed."""

    @property
    def state(self) -> str:
        """waiting, ready, nothing (it would change nothing), bad, done or undone."""
        if self.undone is not None:
            return "undone"
        if self.result is not None:
            return "done"
        if self.error is not None:
            return "bad"
        if self.preview is None:
            return "waiting"
        return "ready" if self.preview.to_write() else "nothing"

    @property
    def left(self) -> bool:
        """Whether it is not imported yet, or has to be read again."""
        return self.stale or self.state in ("waiting", "ready")
