"""Checks the references of imported records: the referenced record must be in the store or in the same import, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import select

from db.among import among
from db.mapping import table
from db.session import Session
from domain.fields import Field
from domain.words import _
from services.importing.plan import Action, Draft, Issue, PlanRow

Complain = Callable[[PlanRow, Field, str, str], Issue]
"""Makes the issue for a dangling reference from the row, the field, the id and a message."""


def refuse_dangling(session: Session, rows: Sequence[PlanRow], everything: Iterable[PlanRow], complain: Complain) -> None:
    """Refuse each of `rows` that refers to a record neither in the store nor created by an imported row of `everything`.

    Refusing a row may make references of other rows dangle, so this is repeated until no more rows are refused.
    """
    pool = list(everything)
    waiting = [(row, draft, f, id) for row in rows for draft in row.drafts for f, id in _references(draft)]
    stored = _stored(session, {(str(f.ref), id) for _row, _draft, f, id in waiting})
    while True:
        made = {
            (draft.kind.name, draft.id) for row in pool if row.goes_in for draft in (*row.uses, *row.drafts) if draft.action is Action.NEW
        }
        lost = [(row, f, id) for row, _draft, f, id in waiting if row.goes_in and (f.ref, id) not in made and (f.ref, id) not in stored]
        if not lost:
            return
        for row, f, id in lost:
            if row.goes_in:
                row.add(complain(row, f, id, _("{label}：所指的记录 {id} 不存在或已删除").format(label=_(f.label), id=id)))


def _references(draft: Draft) -> Iterator[tuple[Field, str]]:
    if draft.action is Action.UNCHANGED:
        return
    for f in draft.kind.references():
        value = draft.values.get(f.name)
        if value is not None:
            yield from ((f, id) for id in ((value,) if isinstance(value, str) else value))


def _stored(session: Session, wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind in {kind for kind, _id in wanted}:
        t = table(kind)
        living = select(t.c.id).where(among(t.c.id, (id for name, id in wanted if name == kind)), t.c.deleted_at.is_(None))
        found.update((kind, id) for id in session.conn.execute(living).scalars())
    return found
