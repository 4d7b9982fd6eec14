"""References between records: a record that others refer to may not be deleted while they remain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import ColumnElement, select

from db.among import among
from db.capture import op
from db.mapping import table
from db.session import Session
from domain.fields import KINDS, Field, Kind
from domain.values import Type

Ids = Mapping[str, set[str]]
"""Ids by name of kind."""


def referring_fields(kind: str) -> Iterator[tuple[Kind, Field]]:
    """The kinds and fields that can refer to a record of a kind."""
    return ((other, f) for other in KINDS.values() for f in other.references() if f.ref == kind and f.type is Type.ID)


def needed(session: Session, going: Ids, brought: Ids, since: ColumnElement[bool]) -> dict[str, set[str]]:
    """Those of the `going` records to which remaining records refer, directly or indirectly.

    Records that only refer to each other (a household and its head) do not keep each other. Nor are `brought` records (restored by the act)
    kept by those that referred to them while they were deleted, unless ops `since` touched them.
    """
    uses: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    waiting: list[tuple[str, str]] = []
    for name, ids in going.items():
        for other, f in referring_fields(name):
            leaving = going.get(other.name, set())
            held = defaultdict[str, list[str]](list)
            for target, user in _pairs(session, other, f, ids):
                if user in leaving:
                    uses[other.name, user].append((name, target))
                elif target in brought[name]:
                    held[user].append(target)
                else:
                    waiting.append((name, target))
            waiting += [(name, target) for user in _touched(session, other, held, since) for target in held[user]]
    found: dict[str, set[str]] = defaultdict(set)
    while waiting:
        name, id = waiting.pop()
        if id not in found[name]:
            found[name].add(id)
            waiting += uses.get((name, id), ())
    return found


def _pairs(session: Session, kind: Kind, f: Field, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of the record referred to and the record that refers to it; deleted records do not count."""
    t = table(kind)
    return session.conn.execute(select(t.c[f.name], t.c.id).where(among(t.c[f.name], ids), t.c.deleted_at.is_(None)))


def _touched(session: Session, kind: Kind, ids: Iterable[str], since: ColumnElement[bool]) -> Iterator[str]:
    """Those of the records that ops `since` changed."""
    return session.conn.execute(select(op.c.row_id).where(among(op.c.row_id, ids), op.c.kind == kind.number, since).distinct()).scalars()
