"""Attachment contents, stored by SHA-256: complete ones, checked, and those still being transferred. The same at stations and county.

An `attachment` record names its content by hash; these tables never travel. At a station they are part of the encrypted store.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Index, delete, func, or_, select, true, update

from db.among import among
from db.exchange import held_change, moved
from db.mapping import TABLES, program_table
from db.session import Session
from domain.attachments import MAX_SIZE, REPORT, is_sha256
from domain.grouping import by_key
from domain.records import Attachment

content = program_table("content", "sha256! size:big at sent_at?")
"""Complete content. `sent_at`: when the county last confirmed that it holds it too; NULL: nobody else may have it (station)."""

content_piece = program_table("content_piece", "source! sha256! start:big! body:bytes")
"""The bytes from `start` on, without gaps. `source`: empty for complete content; otherwise the sender, so that no sender can spoil what
another sends."""

content_wanted = program_table("content_wanted", "sha256!")
"""Content that a township or county station asked for: it does not fetch all its villages' files by itself."""

content_from = program_table("content_from", "sha256! scope!")
"""At the county: the scopes whose stations have sent this content. A record in another scope may merely state its hash."""

_attachment = TABLES["attachment"]
Index("ix_attachment_sha256", _attachment.c.sha256)

PIECE = 64 * 1024
_REPORT_SIZE = 2**20
"""Larger reports of a village are fetched only when asked for, in bytes."""
_RETENTION_DAYS = 30
_RECHECK_DAYS = 1
"""How often the county is asked again whether it still holds what it was sent: it may have been restored from a backup."""


def keep(session: Session, data: bytes) -> str:
    """Store complete content; returns its SHA-256. Content that is stored already stays as it is."""
    sha = sha256(data).hexdigest()
    if size(session, sha) is None:
        pieces = [(start, data[start : start + PIECE]) for start in range(0, len(data), PIECE)]
        session.conn.execute(content_piece.insert(), [{"source": "", "sha256": sha, "start": n, "body": body} for n, body in pieces])
        session.conn.execute(content.insert().values(sha256=sha, size=len(data), at=session.at))
    return sha


def size(session: Session, sha: str) -> int | None:
    """Size in bytes of complete content, otherwise None."""
    return session.conn.execute(select(content.c.size).where(content.c.sha256 == sha)).scalar()


def spoilt(session: Session) -> list[tuple[str, str]]:
    """Scope and id of the attachments whose content no longer matches its hash: the disk failed, or somebody altered the database."""
    whole = session.conn.execute(select(content.c.sha256)).scalars().all()
    bad = [sha for sha in whole if sha256(_joined(session, "", sha)).hexdigest() != sha]
    return _naming(session, among(_attachment.c.sha256, bad))


def missing(session: Session) -> list[tuple[str, str]]:
    """At the county: scope and id of the attachments whose content was sent and is gone. Their stations will send it again."""
    t = _attachment
    sent = t.c.sha256.in_(select(content_from.c.sha256)) & t.c.sha256.not_in(select(content.c.sha256))
    return _naming(session, sent & t.c.deleted_at.is_(None))


def _naming(session: Session, which: ColumnElement[bool]) -> list[tuple[str, str]]:
    t = _attachment
    named = session.conn.execute(select(t.c.village, t.c.id).where(which).order_by(t.c.village, t.c.id))
    return [(row.village, row.id) for row in named]


def held(session: Session, source: str, sha: str) -> int:
    """How many leading bytes are stored from a source; the full size if the content is complete."""
    whole = size(session, sha)
    return sent_by(session, source, sha) if whole is None else whole


def sent_by(session: Session, source: str, sha: str) -> int:
    """How many leading bytes of content that is not complete a source has sent."""
    length = func.length(content_piece.c.body)
    query = select(func.coalesce(func.max(content_piece.c.start + length), 0)).where(_from(source, sha))
    return int(session.conn.execute(query).scalar_one())


def add(session: Session, source: str, sha: str, whole: int, piece: tuple[int, bytes], *, anew: bool = False) -> int:
    """Store the bytes `piece` (start, body) of content of `whole` bytes; returns how many are stored now.

    Only a piece that continues the stored bytes is taken. Complete content is checked: if its SHA-256 differs, it is dropped and 0 is
    returned. `anew`: the source has to send it though it may be here, to show that it has it.
    """
    start, body = piece
    known = size(session, sha) is not None
    here = sent_by(session, source, sha) if anew else held(session, source, sha)
    if (known and not anew) or start != here or not body or start + len(body) > min(whole, MAX_SIZE):
        return here
    session.conn.execute(content_piece.insert().values(source=source, sha256=sha, start=start, body=body))
    if start + len(body) < whole:
        return start + len(body)
    if sha256(_joined(session, source, sha)).hexdigest() != sha:
        drop(session, source, sha)
        return 0
    if known:
        drop(session, source, sha)
        return whole
    session.conn.execute(content.insert().values(sha256=sha, size=whole, at=session.at))
    session.conn.execute(update(content_piece).where(_from(source, sha)).values(source=""))
    session.conn.execute(delete(content_piece).where(content_piece.c.sha256 == sha, content_piece.c.source != ""))
    session.conn.execute(delete(content_wanted).where(content_wanted.c.sha256 == sha))
    return whole


def read(session: Session, sha: str, start: int = 0, length: int = MAX_SIZE) -> bytes:
    """Bytes of complete content; empty if it is not here."""
    ours = _from("", sha)
    first = select(func.max(content_piece.c.start)).where(ours, content_piece.c.start <= start).scalar_subquery()
    rows = session.conn.execute(
        select(content_piece.c.start, content_piece.c.body)
        .where(ours, content_piece.c.start >= first, content_piece.c.start < start + length)
        .order_by(content_piece.c.start)
    )
    return b"".join(bytes(row.body)[max(start - row.start, 0) : start + length - row.start] for row in rows)


def unfinished(session: Session, source: str) -> int:
    """Bytes stored of incomplete content from one source."""
    query = select(func.coalesce(func.sum(func.length(content_piece.c.body)), 0)).where(content_piece.c.source == source)
    return int(session.conn.execute(query).scalar_one())


def drop(session: Session, source: str, sha: str) -> None:
    """Drop what a source has sent of this content."""
    session.conn.execute(delete(content_piece).where(_from(source, sha)))


def drop_unfinished(session: Session, source: str) -> None:
    """Drop all incomplete content of a source."""
    session.conn.execute(delete(content_piece).where(content_piece.c.source == source))


@dataclass(frozen=True)
class Meaning:
    """A record that refers to content, at the county. `own`: the asking station made it, also if it was held and somebody else released
    it; `shown`: the content was sent from its village, or from one in which it was before."""

    village: str
    size: int
    living: bool
    own: bool
    shown: bool


def meanings(session: Session, station: str, shas: Collection[str]) -> dict[str, list[Meaning]]:
    """For each content (SHA-256) the records that refer to it, including deleted ones."""
    t, by = _attachment, f"@{station}"
    held = select(held_change.c.row_id).where(held_change.c.kind == Attachment.KIND.number, held_change.c.by.endswith(by, autoescape=True))
    own = or_(t.c.created_by.endswith(by, autoescape=True), t.c.id.in_(held))
    wanted = sorted(shas)
    rows = session.conn.execute(
        select(t.c.sha256, t.c.id, t.c.village, t.c.size, t.c.deleted_at, own.label("own")).where(t.c.sha256.in_(wanted))
    ).all()
    left = select(moved.c.row_id, moved.c.scope).where(
        moved.c.kind == Attachment.KIND.number, among(moved.c.row_id, [row.id for row in rows])
    )
    stays = by_key([*((row.row_id, row.scope) for row in session.conn.execute(left)), *((row.id, row.village) for row in rows)])
    sent = {(row.sha256, row.scope) for row in session.conn.execute(select(content_from).where(content_from.c.sha256.in_(wanted)))}
    found: dict[str, list[Meaning]] = {sha: [] for sha in shas}
    for row in rows:
        if 0 < (row.size or 0) <= MAX_SIZE:
            shown = any((row.sha256, scope) in sent for scope in stays[row.id])
            found[row.sha256].append(Meaning(row.village, row.size, row.deleted_at is None, bool(row.own), shown))
    return found


def note_from(session: Session, sha: str, scopes: Collection[str]) -> None:
    """Record that stations have sent this content for records in these scopes."""
    there = set(session.conn.execute(select(content_from.c.scope).where(content_from.c.sha256 == sha)).scalars())
    if new := sorted(set(scopes) - there):
        session.conn.execute(content_from.insert(), [{"sha256": sha, "scope": scope} for scope in new])


_living = content.c.sha256.in_(select(_attachment.c.sha256).where(_attachment.c.deleted_at.is_(None)))
_meant = select(_attachment.c.sha256).where(_attachment.c.sha256.is_not(None))
_named = content.c.sha256.in_(_meant)
_unsent = content.c.sent_at.is_(None) & or_(_living, ~_named)
"""Includes content to which no record here refers any more: its person was moved to another village, which gets the file from here or
never."""


def to_offer(session: Session) -> list[tuple[str, int]]:
    """Content (SHA-256, size) that the county may lack: not confirmed, or not confirmed recently. Excludes that of deleted records."""
    query = select(content.c.sha256, content.c.size).where(or_(_unsent, _living & (content.c.sent_at < session.ago(_RECHECK_DAYS))))
    rows = session.conn.execute(query.order_by(content.c.sent_at.is_not(None), content.c.at, content.c.sha256))
    return [(row.sha256, row.size) for row in rows]


def unsent(session: Session) -> int:
    """How many files the county does not hold yet, except those of deleted records."""
    return int(session.conn.execute(select(func.count()).select_from(content).where(_unsent)).scalar_one())


def to_fetch(session: Session) -> list[tuple[str, int]]:
    """Content (SHA-256, size) that live records refer to and that is missing here. A village fetches its own. Stations that read many
    villages fetch the monthly reports handed in there and what was asked for; a village fetches what it asked for of levels above it."""
    t = _attachment
    query = select(t.c.sha256, t.c.size).where(t.c.deleted_at.is_(None), t.c.sha256.not_in(select(content.c.sha256)))
    asked_for = t.c.sha256.in_(select(content_wanted.c.sha256))
    unasked = t.c.village == session.scope if session.role == "village" else t.c.name.startswith(REPORT) & (t.c.size <= _REPORT_SIZE)
    query = query.where(or_(unasked, asked_for))
    rows = session.conn.execute(query.distinct().order_by(t.c.sha256, t.c.size))
    return [(row.sha256, row.size) for row in rows if is_sha256(row.sha256) and 0 < (row.size or 0) <= MAX_SIZE]


def want(session: Session, sha: str) -> None:
    """Request content at the next exchange."""
    if session.conn.execute(select(content_wanted.c.sha256).where(content_wanted.c.sha256 == sha)).first() is None:
        session.conn.execute(content_wanted.insert().values(sha256=sha))


def note_sent(session: Session, sha: str) -> None:
    """Record that the county holds it."""
    session.conn.execute(update(content).where(content.c.sha256 == sha).values(sent_at=session.at))


def sent(session: Session, sha: str) -> bool:
    """Whether the county ever confirmed that it holds it."""
    return session.conn.execute(select(content.c.sent_at).where(content.c.sha256 == sha)).scalar() is not None


def forget_sent(session: Session, sha: str | None = None) -> None:
    """Forget that the county confirmed this content, or all content: it may have lost it."""
    which = true() if sha is None else content.c.sha256 == sha
    session.conn.execute(update(content).where(which).values(sent_at=None))


def spare(session: Session) -> list[str]:
    """Content that the county holds and that no record refers to, except records deleted in the last thirty days."""
    t = _attachment
    needed = select(t.c.sha256).where(or_(t.c.deleted_at.is_(None), t.c.deleted_at > session.ago(_RETENTION_DAYS)), t.c.sha256.is_not(None))
    gone = select(content.c.sha256).where(content.c.sent_at.is_not(None), content.c.sha256.not_in(needed))
    return list(session.conn.execute(gone).scalars())


def sweep(session: Session) -> int:
    """Drop spare content, and incomplete content of records that are gone; returns how many were dropped."""
    t = _attachment
    living = select(t.c.sha256).where(t.c.deleted_at.is_(None), t.c.sha256.is_not(None))
    session.conn.execute(delete(content_piece).where(content_piece.c.source != "", content_piece.c.sha256.not_in(living)))
    return _drop(session, spare(session))


def named(conn: Connection, attachments: Collection[str]) -> set[str]:
    """The content these records mean, which lists and history may name too."""
    found = conn.execute(select(_attachment.c.sha256).where(among(_attachment.c.id, attachments))).scalars()
    return {sha for sha in found if is_sha256(sha)}


def drop_erased(conn: Connection, shas: Collection[str]) -> None:
    """Drop content whose records were erased, sent or not, unless another record or a held change still refers to it."""
    for sha in sorted(shas):
        kept = (
            select(_attachment.c.id)
            .where(_attachment.c.sha256 == sha)
            .union(select(held_change.c.row_id).where(held_change.c["values"].contains(sha)))
        )
        if conn.execute(kept).first() is None:
            for t in (content, content_piece, content_wanted, content_from):
                conn.execute(delete(t).where(t.c.sha256 == sha))


def drop_unreferred(session: Session) -> int:
    """At the county: drop content to which no record, live or deleted, refers any more because its records were erased; returns how
    many."""
    session.conn.execute(delete(content_piece).where(content_piece.c.sha256.not_in(_meant), content_piece.c.source != ""))
    return _drop(session, list(session.conn.execute(select(content.c.sha256).where(~_named)).scalars()))


def _drop(session: Session, shas: Collection[str]) -> int:
    for sha in shas:
        drop(session, "", sha)
        for t in (content, content_from):
            session.conn.execute(delete(t).where(t.c.sha256 == sha))
    return len(shas)


def _from(source: str, sha: str) -> ColumnElement[bool]:
    return (content_piece.c.source == source) & (content_piece.c.sha256 == sha)


def _joined(session: Session, source: str, sha: str) -> bytes:
    rows = session.conn.execute(select(content_piece.c.body).where(_from(source, sha)).order_by(content_piece.c.start)).scalars()
    return b"".join(bytes(body) for body in rows)
