"""Looks up stored records in bulk: one query for many rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select

from db.among import among
from db.mapping import table
from db.merged import stands
from db.session import Session
from domain.fields import kind_of
from domain.grouping import by_key
from domain.identity import identifies

_SCAN_FROM = 1_000
"""With at least this many numbers, scanning all people is cheaper than asking for each number."""

Row = Mapping[Any, Any]
"""A table row: column name → stored value."""


class PersonRef(NamedTuple):
    """A person to whom a roster refers."""

    id: str
    village: str
    name: str
    number: str
    document: str


class Known:
    """Looks up records in the store, and people whom this import is going to add."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._numbers: dict[str, list[PersonRef]] = {}
        self._asked: set[str] = set()
        self._names: dict[str, list[PersonRef]] | None = None
        self.waiting: set[str] = set()
        """Numbers and names of people whom this import adds only if the clerk answers a question about them."""

    # -- people ------------------------------------------------------------------------------------------------------

    def ask_people(self, numbers: Iterable[str]) -> None:
        """Look up all people with these 18-character numbers who are not deleted."""
        wanted = set(numbers) - self._asked
        self._asked |= wanted
        t, query = table("person"), _everybody().order_by(table("person").c.id)
        if len(wanted) >= _SCAN_FROM:
            found: Iterable[Any] = (row for row in self.session.conn.execute(query) if row.id_number in wanted)
        else:
            found = self.session.conn.execute(query.where(among(t.c.id_number, wanted)))
        for row in found:
            self.add_person(PersonRef(*row))

    def add_person(self, person: PersonRef) -> None:
        """Let later rows and tables find a person whom this import adds."""
        self._asked.add(person.number)
        self._numbers.setdefault(person.number, []).append(person)
        if self._names is not None:
            self._names.setdefault(person.name, []).append(person)

    def people(self, number: str, document: str | None = None) -> Sequence[PersonRef]:
        """The people with this number, which must have been passed to `ask_people`; `document`: the type of document, if it is known."""
        return [one for one in self._numbers.get(number, ()) if identifies(number, document, one.document)]

    def named(self, name: str) -> Sequence[PersonRef]:
        """The people with this name."""
        if self._names is None:
            self._names = {}
            seen = set()
            for row in self.session.conn.execute(_everybody()):
                self._names.setdefault(row.name, []).append(PersonRef(*row))
                seen.add(row.id)
            for people in self._numbers.values():
                for person in people:
                    if person.id not in seen:
                        self._names.setdefault(person.name, []).append(person)
        return self._names.get(name, ())

    # -- any kind ----------------------------------------------------------------------------------------------------

    def rows(self, kind: str, ids: Iterable[str], *, deleted: bool = False) -> dict[str, Row]:
        """Rows of a kind by id; deleted ones only with `deleted`."""
        return {row["id"]: row for row in self.where(kind, "id", ids, deleted=deleted)}

    def where(self, kind: str, column: str, values: Iterable[str], *also: ColumnElement[bool], deleted: bool = False) -> Iterator[Row]:
        """Rows whose `column` holds one of `values` and that satisfy `also`, by id."""
        t = table(kind)
        query = select(t).where(among(t.c[column], values), *also).order_by(t.c.id)
        if not deleted:
            query = query.where(t.c.deleted_at.is_(None))
        return self.session.conn.execute(query).mappings()

    def children(self, kind: str, column: str, ids: Iterable[str]) -> dict[str, list[Row]]:
        """Rows by the id that they refer to in `column`."""
        return by_key((row[column], row) for row in self.where(kind, column, ids))

    def alike(self, kind: str, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], list[Row]]:
        """The stored records to which rows without an id (stored values by field) may refer, by the values of their kind's identifying
        fields."""
        match, fields = kind_of(kind).match, kind_of(kind).by_name
        by = max(match, key=lambda name: (fields[name].required, fields[name].ref is not None))  # the most selective field
        return by_key(
            (tuple(row[name] for name in match), row) for row in self.where(kind, by, {row[by] for row in rows if row.get(by) is not None})
        )

    def same(self, kind: str, found: Mapping[tuple[Any, ...], list[Row]], values: Mapping[str, Any]) -> list[Row]:
        """Those of the records `found` by `alike` that these stored values identify."""
        rows = found.get(tuple(values.get(name) for name in kind_of(kind).match), [])
        if kind != "person":
            return rows
        return [row for row in rows if identifies(row["id_number"], values.get("document"), row["document"])]

    def all(self, kind: str) -> list[Row]:
        """All rows of a kind that has few (employers, courses, posts)."""
        t = table(kind)
        return list(self.session.conn.execute(select(t).where(t.c.deleted_at.is_(None)).order_by(t.c.id)).mappings())


def _everybody() -> Select[Any]:
    """The query for the people on record, with the columns of `PersonRef`."""
    t = table("person")
    return select(t.c.id, t.c.village, t.c.name, t.c.id_number, t.c.document).where(t.c.deleted_at.is_(None), stands())
