"""Follows `merged_into`: people who were merged into another do not count in lists, searches and figures."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, func, or_

from db.mapping import table


def stands() -> ColumnElement[bool]:
    """Condition on people: merged into nobody who is on record here, or of two that were merged each way the one `merging.root` names.

    A township merges people of two villages, and the one village does not read the other's; the other may also be deleted by now.
    """
    p, other = table("person"), table("person").alias("other")
    there = other.c.id == p.c.merged_into, other.c.deleted_at.is_(None)
    taken = exists().where(*there, or_(func.coalesce(other.c.merged_into, "") != p.c.id, p.c.id > other.c.id))
    return or_(p.c.merged_into.is_(None), p.c.merged_into == "", ~taken)
