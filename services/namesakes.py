"""People of the same name in one village, told apart in lists (`domain.namesakes`)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, tuple_

from db.mapping import table
from db.session import Session
from domain import namesakes
from domain.namesakes import Bearer
from services.standing import living


def marks(session: Session) -> Mapping[str, str]:
    """The marks of all living people here who share their name with another of their village, by id."""
    p = table("person")
    alive = living(session.today)
    shared = select(p.c.village, p.c.name).where(*alive).group_by(p.c.village, p.c.name).having(func.count() > 1)
    query = select(p.c.id, p.c.village, p.c.name, p.c.birth, p.c.id_number).where(*alive, tuple_(p.c.village, p.c.name).in_(shared))
    return namesakes.marks(Bearer(*row) for row in session.conn.execute(query))
