"""Full (unmasked) numbers: whether this laptop may show them, and the log of who saw what, and why."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from db.capture import view_log
from db.lease import notice, refusal
from db.session import Session


def log_view(session: Session, what: str, reason: str, by: str = "") -> None:
    """Log that `by` (by default the session's user) looks at unmasked data, at what, and why. `what` names kinds and ids, never the
    data. Call it before showing the data: raises `Refused` if the county revoked this laptop or its offline term is over."""
    refused = refusal(session)
    if refused is not None:
        raise refused
    notice(session)
    session.conn.execute(view_log.insert().values(at=session.at, by=by or session.author, what=what, reason=reason))


@dataclass(frozen=True)
class View:
    """A logged view of unmasked data. `by`: `name@station`."""

    at: str
    by: str
    what: str
    reason: str


def views(session: Session, limit: int | None = None) -> list[View]:
    """The views of unmasked data here, the latest first."""
    query = select(view_log.c.at, view_log.c.by, view_log.c.what, view_log.c.reason).order_by(view_log.c.id.desc()).limit(limit)
    return [View(*row) for row in session.conn.execute(query)]


def views_lost(session: Session) -> int:
    """How many log lines of views at this station are missing: somebody deleted them behind the program's back."""
    given = session.conn.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'view_log'").scalar() or 0
    return int(given) - session.conn.execute(select(func.count()).select_from(view_log)).scalar_one()
