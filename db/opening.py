"""Opens the store at program start, in parallel.

Stretching a password takes 0.2 s in C on one core; loading SQLAlchemy and the tables takes twice that in Python on another. Importing this
module loads neither.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from db import keys

if TYPE_CHECKING:
    from db.store import Store


def open_store(home: Path, *, user: str | None, password: str) -> Store:
    """As `Store.open`, but loads the database library while the password is stretched."""
    with ThreadPoolExecutor(1) as beside:
        unlocked = beside.submit(keys.unlock, home / keys.KEY_FILE, user, password)
        from db.store import Store

        return Store.opened(home, unlocked.result(), password)
