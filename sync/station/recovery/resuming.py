"""Resumption of broken transfers at a station: whether to ask how much of an upload arrived, and the beginnings of downloads."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy import delete, func, select

from db.bundles import keep_part, kept_part, part
from db.exchange import cursors
from db.session import Session
from sync.wire.columns import WireError
from sync.wire.framing import Beginning
from sync.wire.messages import Answer, Entry

_UPLOAD = "up"
_DOWNLOAD = "down "
_KEPT = select(part.c.log, part.c.number, func.length(part.c.body))


@dataclass(frozen=True)
class Begun:
    """Broken transfers. `upload`: whether one broke off. `download`: an entry (scope, seq) and how many of its bytes are here."""

    upload: bool
    download: tuple[str, int, int] | None


NOTHING = Begun(False, None)


def begun(session: Session) -> Begun:
    """Return the transfers to resume."""
    kept = session.conn.execute(_KEPT).all()
    heads = cursors(session) if kept else {}
    scopes = [(log.removeprefix(_DOWNLOAD), seq, size) for log, seq, size in kept if log.startswith(_DOWNLOAD)]
    next_ones = [(scope, seq, size) for scope, seq, size in scopes if heads.get(scope, 0) + 1 == seq]
    return Begun(any(log == _UPLOAD for log, _number, _size in kept), next_ones[0] if next_ones else None)


def mark_upload(session: Session) -> None:
    """Record that an upload broke off."""
    keep_part(session, _UPLOAD, 0, b"?")


def forget_upload(session: Session) -> None:
    """Record that the county answered how much of the upload arrived."""
    keep_part(session, _UPLOAD, 0, b"")


def whole(session: Session, answer: Answer) -> list[Entry]:
    """Return the entries of an answer, with the beginning received earlier prepended to the first batch. Raises `WireError` if it is
    missing."""
    entries = list(answer.entries)
    place = next((n for n, e in enumerate(entries) if e.batch is not None), None)
    if place is not None and answer.skip:
        entries[place] = replace(entries[place], batch=_beginning(session, entries[place], answer.skip) + (entries[place].batch or b""))
    if place is not None:
        forget_downloads(session)
    return entries


def keep_download(session: Session, came: Beginning) -> None:
    """Keep the beginning of the entry at which an answer broke off."""
    if came.of is None or not came.rest:
        return
    first = all(e.batch is None for e in came.answer.entries)
    before = _beginning(session, came.of, came.answer.skip) if first and came.answer.skip else b""
    keep_part(session, _DOWNLOAD + came.of.scope, came.of.seq, before + came.rest)


def forget_downloads(session: Session) -> None:
    """Delete beginnings that were completed or are no longer needed."""
    session.conn.execute(delete(part).where(part.c.log.startswith(_DOWNLOAD)))


def _beginning(session: Session, e: Entry, size: int) -> bytes:
    kept = kept_part(session, _DOWNLOAD + e.scope, e.seq)
    if len(kept) < size:
        raise WireError("the beginning of an entry is not here")
    return kept[:size]
