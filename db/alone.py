"""One program at a time: a lock that ends with its process, the same on every system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from db.engine import problem
from domain.errors import Refused


@contextmanager
def alone(lock: Path, seconds: float, otherwise: str) -> Iterator[None]:
    """Hold an empty file's lock inside the block. Waits at most these seconds for whoever holds it, then raises `Refused(otherwise)`.
    Raises `CannotWrite` if there can be no such file.

    It is SQLite's lock on an empty database, because the system frees it however the program ends, and SQLite knows every system's locks.
    """
    with ExitStack() as stack:
        try:
            held = stack.enter_context(
                closing(sqlcipher.connect(str(lock), check_same_thread=False, isolation_level=None, timeout=seconds))
            )
            held.execute("BEGIN EXCLUSIVE")
        except sqlcipher.OperationalError as error:
            if "locked" in str(error):
                raise Refused(otherwise) from error
            raise problem(error) from error
        yield
