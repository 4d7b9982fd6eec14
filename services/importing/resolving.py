"""Whom and what a row of a kind's own list refers to: by id, through the person it names, or by the name written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.fields import Field, Kind, kind_of
from domain.grouping import by_key
from domain.values import Type, unmarked
from domain.words import _, chinese
from services.importing.drafting import Context
from services.importing.heading_words import plain
from services.importing.known import PersonRef, Row
from services.importing.lines import Lines
from services.titles import titles

_NAMED = ("employer", "course", "post", "vacancy", "relief_project", "labour_trip", "service_station")
"""Kinds few enough to be found by what they are called."""


class Resolver:
    """References of the rows of one table."""

    def __init__(self, context: Context, lines: Lines, kind: Kind) -> None:
        self.context, self.lines, self.kind = context, lines, kind
        self.fields = [f for f in kind.references() if f.type is Type.ID]
        self.named: dict[str, dict[str, list[Row]]] = {}
        self.through: dict[str, dict[str, list[Row]]] = {}
        self.households: dict[str, str] = {}
        self.villages: dict[str, str] = {}
        self.stored: dict[str, Row] = {}
        """Records the rows name by their own id."""
        self.titles: dict[str, dict[str, str]] = {}
        """By field, what is written for the records referred to."""

    def prepare(self, people: Mapping[int, PersonRef]) -> None:
        """Look up at once what the rows may refer to."""
        ids = {person.id for person in people.values()}
        known = self.context.known
        for f in self.fields:
            if f.ref in ("employment", "appointment") and ids:
                self.through[f.ref] = known.children(f.ref, "person_id", ids)
            if f.ref == "household" and ids:
                self.households = {id: row["household_id"] for id, row in known.rows("person", ids).items() if row["household_id"]}
            if f.ref in _NAMED and self.lines.has(f"{self.kind.name}.{f.name}"):
                self.named[f.ref] = self._by_name(f.ref)
        self._ask_villages()
        self._ask_titles()

    def _by_name(self, kind: str) -> dict[str, list[Row]]:
        title = kind_of(kind).title[0]
        return by_key((plain(row[title] or ""), row) for row in self.context.known.all(kind))

    def _ask_villages(self) -> None:
        """The scopes of parents named by id, for rows that do not say their own."""
        for f in self.fields:
            target = f"{self.kind.name}.{f.name}#id"
            if self.lines.has(target) and not kind_of(str(f.ref)).shared:
                ids = {id for id in self.lines.values(target) if id}
                self.villages |= {id: row["village"] for id, row in self.context.known.rows(str(f.ref), ids).items()}

    def _ask_titles(self) -> None:
        """What this program writes for the records that the rows of its own export refer to."""
        if not self.lines.has("record.id"):
            return
        self.stored = self.context.known.rows(self.kind.name, filter(None, self.lines.values("record.id")))
        for f in self.fields:
            target = f"{self.kind.name}.{f.name}"
            if self.lines.has(target):
                ids = {row[f.name] for row in self.stored.values()} | set(self.lines.values(f"{target}#id"))
                with chinese():
                    self.titles[f.name] = titles(self.context.session, str(f.ref), filter(None, ids))

    def misnamed(self, i: int) -> Iterator[tuple[str, str]]:
        """Fields of row i whose name was changed and whose id was not, and what is said of it: the id counts."""
        for f in self.fields:
            id, words = self.lines.values(f"{self.kind.name}.{f.name}#id")[i], self.lines.written(f"{self.kind.name}.{f.name}")[i]
            title = self.titles.get(f.name, {}).get(id or "")
            if title and words and plain(unmarked(words)) != plain(title):
                said = _("写的是「{words}」，编码是「{title}」的，按编码导入；要改成别的，请改编码那一列")
                yield f.name, said.format(words=words[:30], title=title[:30])

    def village(self, values: Mapping[str, Any]) -> str | None:
        """The scope of what a row refers to: rows about a person live in the person's village."""
        order = sorted(self.fields, key=lambda f: f.ref != "person")
        return next((self.villages[values[f.name]] for f in order if values.get(f.name) in self.villages), None)

    def references(self, i: int, person: PersonRef | None, values: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str]]:
        """For each reference of row i: field, id (None when the row says nothing), what is wrong."""
        for f in self.fields:
            id = self.lines.values(f"{self.kind.name}.{f.name}#id")[i]
            if id is not None:
                yield f.name, id, ""
                continue
            words = self.lines.values(f"{self.kind.name}.{f.name}")[i]
            there = self.stored.get(self.lines.values("record.id")[i] or "")
            if there is not None and words and self.titles[f.name].get(there[f.name]) == words:
                yield f.name, there[f.name], ""
                continue
            yield (f.name, *self._one(f, person, words, values))

    def _one(self, f: Field, person: PersonRef | None, words: str | None, values: Mapping[str, Any]) -> tuple[str | None, str]:
        if f.ref == "person" and person is not None and f.name == "person_id":
            return person.id, ""
        if f.ref == "household" and person is not None:
            return self.households.get(person.id), ""
        if f.ref in self.through and person is not None:
            return self._through(str(f.ref), person, values)
        if words is None:
            return None, ""
        if f.ref == "person":
            people = [p.id for p in self.context.known.named(words)]
        elif f.ref == "household":
            found = list(self.context.known.where("household", "number", [words]))
            self.villages |= {row["id"]: row["village"] for row in found}
            people = [row["id"] for row in found]
        else:
            people = [row["id"] for row in self.named.get(str(f.ref), {}).get(plain(words), ())]
        if len(people) == 1:
            return people[0], ""
        said = _("找不到{kind}「{name}」，请先登记或导入") if not people else _("有不止一个「{name}」，请填写编码")
        return None, said.format(name=words[:30], kind=_(kind_of(str(f.ref)).label))

    def _through(self, kind: str, person: PersonRef, values: Mapping[str, Any]) -> tuple[str | None, str]:
        """The person's employment or appointment: the latest that had begun by the month or day of the row."""
        rows = sorted(self.through[kind].get(person.id, ()), key=lambda row: str(row["start"]))
        day = str(values.get("month") or values.get("start") or values.get("on") or "9999")
        begun = [row for row in rows if str(row["start"])[: len(day)] <= day]
        if begun or rows:
            return (begun or rows)[-1]["id"], ""
        return None, _("{name}没有{kind}记录").format(name=person.name, kind=_(kind_of(kind).label))
