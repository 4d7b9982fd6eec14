"""Beginnings of what broke off on its way, kept so that only the remainder travels again. Losing one costs time, never data."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, delete, select

from db.mapping import TEXT, metadata
from db.session import Session

part = Table(
    "part",
    metadata,
    Column("log", TEXT, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""One beginning a log. At the county of a sealed batch, by author and number; at a station of an entry's batch, by scope and seq."""


def keep_part(session: Session, log: str, number: int, body: bytes) -> None:
    """Keep the beginning of a log's next item, in place of any kept before; an empty one is not kept."""
    session.conn.execute(delete(part).where(part.c.log == log))
    if body:
        session.conn.execute(part.insert().values(log=log, number=number, body=body))


def kept_part(session: Session, log: str, number: int) -> bytes:
    """What is kept of that item: empty when nothing is."""
    found = session.conn.execute(select(part.c.body).where(part.c.log == log, part.c.number == number)).scalar()
    return b"" if found is None else bytes(found)
