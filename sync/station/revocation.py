"""Records whether the county has revoked this station, by its latest answer, for the status line and `cunzhan status`."""

from __future__ import annotations

from sqlalchemy import select, update

from db.bundles import bundle as noted
from db.local import REVOKED, get_meta, set_meta
from db.session import Session
from sync.wire.bundle import Bundle

_OUTDATED = "outdated_file"
"""Setting: the latest file of its own that was written when the county last answered without one: what it says to that is older."""


def heard(session: Session, status: str) -> None:
    """Keep what an answer with that `status` says about it."""
    known = get_meta(session, REVOKED)
    if status == "revoked" and known is None:
        set_meta(session, REVOKED, session.at)
    elif status == "ok" and known is not None:
        set_meta(session, REVOKED, None)


def outdate_files(session: Session) -> None:
    """Note that the county answered without a file: an answer to a file written before, which lay in a bag since, gives no right back."""
    latest = select(noted.c.id).where(noted.c.station == session.station).order_by(noted.c.id.desc()).limit(1)
    written = session.conn.execute(latest).scalar()
    if written is not None and get_meta(session, _OUTDATED) != str(written):
        set_meta(session, _OUTDATED, str(written))


def heard_by_file(session: Session, answer: Bundle, status: str) -> bool:
    """The same for an answer on a stick, unless the county has answered a later file of this station, or without one, since then; answers
    whether it counted."""
    mine = noted.c.station == session.station
    asked = session.conn.execute(select(noted.c.id).where(mine, noted.c.sha256 == answer.index.of)).scalar()
    told = noted.c.answered_at.is_not(None) | noted.c.problem.is_not(None)
    if asked is None or session.conn.execute(select(noted.c.id).where(mine, told, noted.c.id > asked).limit(1)).first() is not None:
        return False
    if status == "ok" and asked <= int(get_meta(session, _OUTDATED) or 0):
        return False
    heard(session, status)
    if status == "revoked":
        session.conn.execute(update(noted).where(noted.c.id == asked, noted.c.answered_at.is_(None)).values(problem=status))
    return True
