"""Numbers for people without any document. The contract requires a number, so the program proposes one that nobody else has.

`无证`, the last six digits of the village, and five random digits: two laptops that register people of a village at the same time must not
give one number to two people, who would then count as one.
"""

from __future__ import annotations

import secrets

from sqlalchemy import select

from db.mapping import table
from db.session import Session
from domain.identity import WITHOUT

_DIGITS = 5


def propose(session: Session, village: str | None = None) -> str:
    """A number that no person in the store has, for somebody of the village (by default the station's)."""
    t, start = table("person"), f"{WITHOUT}{(village or session.scope)[-6:]}-"
    taken = set(session.conn.execute(select(t.c.id_number).where(t.c.id_number.startswith(start))).scalars())
    while (number := f"{start}{secrets.randbelow(10**_DIGITS):0{_DIGITS}}") in taken:
        pass
    return number
