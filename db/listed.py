"""Payments that this laptop wrote into sheets for the bank and that the bank has not answered: they are neither listed again unasked nor
undone. Another laptop does not know of them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from db import local
from db.session import Session


def note(session: Session, ids: Iterable[str]) -> None:
    """Note payments as listed today."""
    local.set_meta(session, local.LISTED, json.dumps(waiting(session) | dict.fromkeys(ids, session.today)))


def waiting(session: Session) -> dict[str, str]:
    """The payments by id, with the day on which they were listed last."""
    kept = json.loads(local.get_meta(session, local.LISTED) or "{}")
    open_ones = {one.id for one in session.select("payment", id=kept, bank_result=None)} if kept else set()
    return {id: day for id, day in kept.items() if id in open_ones}
