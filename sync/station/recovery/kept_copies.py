"""Maintains the copies of the store made before a rewind (`sync.station.recovery.rewind`) drops others' changes that are here only from a
snapshot: after a restore of the county, no other copy of them may exist.

Erasures by rule are applied to the copies too. A copy is removed half a year later by the county's clock, once everything of this station
has reached the county: personal data must not be kept for ever.
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
from db.session import Session
from db.store import Store
from domain.errors import CunzhanError
from domain.words import _
from sync.replica.erased_rows import erase_in_copy
from sync.station.outstanding import outstanding

KEPT = 180 * 24 * 3600
"""How long a copy is kept, in seconds."""
_SINCE = "beside:"
"""Prefix of the settings that record since when a copy has been kept, in seconds of the county's clock."""
_UNOPENED = "beside_unopened"
"""The setting with the names of copies that could not be read, so that no erasure reaches them."""

logger = logging.getLogger(__name__)


def clean_up_copies(store: Store, now: int) -> None:
    """Apply this store's erasures to the copies and remove old copies. Called after an exchange, which an unreadable copy must not fail.
    `now`: the county's time from its answer, since the local clock may be years ahead."""
    unopened = []
    for copy in sorted((store.home / "backups").glob("before-rewind-*.db")):
        try:
            if _expired(store, copy.name, now):
                _remove(copy)
                store.set_meta(_SINCE + copy.name, None)
            else:
                _erase(store, copy)
        except Exception as error:
            logger.warning("a copy beside the store could not be looked through: %s", type(error).__name__)
            unopened.append(copy.name)
    with suppress(CunzhanError):
        if (names := " ".join(unopened) or None) != store.get_meta(_UNOPENED):
            store.set_meta(_UNOPENED, names)


def unopened_sentence(session: Session) -> str:
    """Which copies could not be read at the last exchange, and what to do about them; empty if none."""
    names = (get_meta(session, _UNOPENED) or "").split()
    if not names:
        return ""
    text = _(
        "数据文件夹 backups 里的 {names} 打不开（是换密钥以前的，或者损坏了），按规定删除的个人信息在里面删不掉。"
        "请县管理员看一看；确实不用了，把它删掉，下次同步后就不再提醒。"
    )
    return text.format(names=_("、").join(names))


def _expired(store: Store, name: str, now: int) -> bool:
    """Whether a copy has been kept long enough, counted from the first exchange after it was made."""
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
    """Apply to a copy the erasures it does not have yet."""
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
            with suppress(Exception), engine.connect() as conn:  # the write-ahead log still contains the erased values
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
