"""Partially transferred items, kept so that only the remainder has to be sent again. Losing one costs time, never data."""

from __future__ import annotations

from sqlalchemy import delete, select

from db.mapping import program_table
from db.session import Session

part = program_table("part", "log! number:big body:bytes")
"""One partial item per log. At the county a sealed batch, by author and number; at a station an entry's batch, by scope and seq."""


def keep_part(session: Session, log: str, number: int, body: bytes) -> None:
    """Store the beginning of a log's next item, replacing any earlier one; an empty beginning is not stored."""
    session.conn.execute(delete(part).where(part.c.log == log))
    if body:
        session.conn.execute(part.insert().values(log=log, number=number, body=body))


def kept_part(session: Session, log: str, number: int) -> bytes:
    """The stored beginning of that item; empty if there is none."""
    found = session.conn.execute(select(part.c.body).where(part.c.log == log, part.c.number == number)).scalar()
    return b"" if found is None else bytes(found)
