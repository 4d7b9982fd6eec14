"""Authorisation of findings about key information changes (`domain.key_changes`): a village explains its own and confirms none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from db.mapping import table
from db.session import Session
from domain.key_changes import speaks_of_change
from domain.records import Finding
from sync.wire.columns import Change, Group

_CODE, _STATE = (Finding.KIND.by_name[name].number for name in ("code", "state"))
_VILLAGE = 12


def unheard(session: Session, scope: str, groups: Sequence[Group]) -> dict[int, str]:
    """Return the changes of findings that the station of `scope` may not make, with reasons by place: a village's confirmation of a change,
    and its edits of findings by others."""
    if len(scope) != _VILLAGE:
        return {}
    said = [placed for g in groups if g.kind == Finding.KIND.number for placed in g.changes()]
    made = {change.row_id: change for _place, change in said if change.what == "I"}
    return {place: "level" for place, change in said if _too_high(session, change, made)}


def _too_high(session: Session, change: Change, made: Mapping[str, Change]) -> bool:
    """Whether a change of a finding is reserved to the levels above. `made`: findings inserted by the same batch, by id."""
    new_code, state = change.values.get(_CODE), change.values.get(_STATE, "open")
    t = table("finding")
    known = session.conn.execute(select(t.c.code, t.c.created_by).where(t.c.id == change.row_id)).first()
    if isinstance(new_code, str) and speaks_of_change(new_code) and (state != "open" or change.what != "I"):
        return True
    first = made.get(change.row_id)
    if known is None and first is not None and change.what != "I":
        return speaks_of_change(str(first.values.get(_CODE))) and state != "open"
    if known is None or change.what == "I" or not speaks_of_change(known.code):
        return False
    return state != "open" or known.created_by != change.by
