"""Keeps the copies of the store that are made before a rewind (`sync.station.rewind`) drops others' changes which are here only as a
snapshot: after the county was restored there may be no other copy of those.

What is erased by rule is erased in the copies too. They are removed after half a year by the county's clock, once everything of this
station has reached the county: personal data are not kept for ever.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from db import upgrade
from db.engine import sqlite_engine
from db.erased import erased
from db.local import get_meta, set_meta
from db.store import Store
from sync.replica.erased_rows import erase_in_copy
from sync.station.outstanding import outstanding

KEPT = 180 * 24 * 3600
"""Seconds."""
_SINCE = "beside:"

logger = logging.getLogger(__name__)


def tend(store: Store, now: int) -> None:
    """Apply to the copies the erasures that this store has heard of, and remove copies that are old. Called after an exchange, which a copy
    that cannot be read must not fail. `now`: the county's time from its answer, since the clock here may be years ahead."""
    for copy in sorted((store.home / "backups").glob("before-rewind-*.db")):
        try:
            if _over(store, copy.name, now):
                _remove(copy)
                store.set_meta(_SINCE + copy.name, None)
            else:
                _erase(store, copy)
        except Exception as error:
            logger.warning("a copy beside the store could not be looked through: %s", type(error).__name__)


def _over(store: Store, name: str, now: int) -> bool:
    """Whether a copy was kept long enough, counted from the first exchange after it was made."""
    with store.read() as session:
        since = get_meta(session, _SINCE + name)
        sent = outstanding(session).unsent == 0
    if since is None:
        with store.applying() as session:
            set_meta(session, _SINCE + name, str(now))
    return since is not None and sent and now - int(since) > KEPT


def _remove(copy: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _erase(store: Store, copy: Path) -> None:
    with store.read() as session:
        lines = session.conn.execute(select(erased)).all()
    if not lines:
        return
    engine = sqlite_engine(copy, store.data_key)
    try:
        with engine.connect() as conn:
            found = upgrade.version(conn)
        if found != upgrade.HEAD:
            upgrade.run(engine)
        with engine.connect() as conn:
            known = {(line.scope, line.kind, line.row_id, line.at) for line in conn.execute(select(erased))}
        news = [line for line in lines if (line.scope, line.kind, line.row_id, line.at) not in known]
        if news:
            with engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
                erase_in_copy(conn, news)
            with suppress(Exception), engine.connect() as conn:  # the log of pages still has what was there
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
