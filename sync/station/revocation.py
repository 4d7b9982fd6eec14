"""Records what the county's latest answer says about this station: above all whether it is revoked, for the status line and
`cunzhan status`."""

from __future__ import annotations

from time import time
from typing import NoReturn

from sqlalchemy import bindparam, func, select, update

from db import announced, lease
from db.bundles import bundle as noted
from db.local import REVOKED, get_meta, set_meta
from db.prepared import Prepared
from db.session import Session
from domain.errors import Refused
from sync.replica import identity
from sync.replica.identity import Identity
from sync.wire.bundle import Bundle
from sync.wire.link import malformed_answer
from sync.wire.messages import STATUS, Answer
from sync.wire.words import refusal

_OUTDATED = "outdated_file"
"""Setting: the latest file of its own that was written when the county last answered without one: what it says to that is older."""


_LATEST_FILE = Prepared(select(func.max(noted.c.id)).where(noted.c.station == bindparam("by")))


class AnswerFacts:
    """What the answers of one exchange say about clock, lease and releases; the latest counts."""

    def __init__(self) -> None:
        self.clock: int | None = None
        """Seconds the county's clock is ahead of this one."""
        self._lease: tuple[int, int] | None = None
        self._releases: list[tuple[str, str]] = []

    def add(self, answer: Answer) -> None:
        """Note an answer."""
        self.clock = answer.time - int(time())
        if answer.status == "ok":
            self._lease, self._releases = (answer.lease, answer.time), answer.releases

    def keep(self, session: Session, me: Identity) -> None:
        """Store it."""
        if self.clock is not None and abs(self.clock - me.clock) > 1:
            set_meta(session, identity.CLOCK, str(self.clock))
        if self._lease is None:
            lease.notice(session)
            return
        lease.record_term(session, *self._lease)
        announced.record_releases(session, self._releases)
        outdate_files(session)


def refuse(status: str) -> NoReturn:
    """Raise the error for a status other than ok."""
    if status not in STATUS:
        raise malformed_answer()
    raise Refused(refusal(status))


def record_status(session: Session, status: str) -> None:
    """Keep what an answer with that `status` says about it."""
    known = get_meta(session, REVOKED)
    if status == "revoked" and known is None:
        set_meta(session, REVOKED, session.at)
    elif status == "ok" and known is not None:
        set_meta(session, REVOKED, None)


def outdate_files(session: Session) -> None:
    """Note that the county answered without a file: an answer to a file written before, which lay in a bag since, gives no right back."""
    written = _LATEST_FILE.value(session.conn, by=session.station)
    if written is not None and get_meta(session, _OUTDATED) != str(written):
        set_meta(session, _OUTDATED, str(written))


def record_status_by_file(session: Session, answer: Bundle, status: str) -> bool:
    """The same for an answer on a stick, unless the county has answered a later file of this station, or without one, since then; answers
    whether it counted."""
    mine = noted.c.station == session.station
    asked = session.conn.execute(select(noted.c.id).where(mine, noted.c.sha256 == answer.index.of)).scalar()
    told = noted.c.answered_at.is_not(None) | noted.c.problem.is_not(None)
    if asked is None or session.conn.execute(select(noted.c.id).where(mine, told, noted.c.id > asked).limit(1)).first() is not None:
        return False
    if status == "ok" and asked <= int(get_meta(session, _OUTDATED) or 0):
        return False
    record_status(session, status)
    if status == "revoked":
        session.conn.execute(update(noted).where(noted.c.id == asked, noted.c.answered_at.is_(None)).values(problem=status))
    return True
