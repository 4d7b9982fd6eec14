"""Opening a store at the start of a program.

Stretching a password is a fifth of a second in C on one core; loading SQLAlchemy and the tables is twice that in Python on another.
This module loads neither by being imported.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from db import keys

if TYPE_CHECKING:
    from db.store import Store


def open_store(home: Path, *, user: str | None, password: str) -> Store:
    """As `Store.open`, with the database library loaded while the password is stretched."""
    with ThreadPoolExecutor(1) as beside:
        unlocked = beside.submit(keys.unlock, home / keys.KEY_FILE, user, password)
        from db.store import Store

        return Store.with_key(home, *unlocked.result())
