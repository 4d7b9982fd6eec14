"""Resolves the references of a row in a plain list: by id, through the person it names, or by the name of the referenced record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.fields import Field, Kind, kind_of
from domain.grouping import by_key
from domain.values import Type, unmarked
from domain.words import _, chinese
from services.importing.plan import Draft
from services.importing.rows.drafting import Context, find_employer
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.tables.heading_words import plain
from services.lists.titles import titles

_PROPOSES = frozenset({"placement", "work_training", "vacancy"})
"""Kinds whose lists propose an employer that is not on record, as wage sheets do."""


def _found_by_name(kind: Kind) -> bool:
    """Whether a kind has few records, with names: not those about people, and not notices, whose title is their level."""
    return kind.group != "people" and "person_id" not in kind.by_name and kind.by_name[kind.title[0]].type is Type.TEXT


class Resolver:
    """Resolves the references of one table's rows."""

    def __init__(self, context: Context, lines: Lines, kind: Kind) -> None:
        self.context, self.lines, self.kind = context, lines, kind
        self.fields = [f for f in kind.references() if f.type is Type.ID]
        self.named: dict[str, dict[str, list[Row]]] = {}
        self.through: dict[str, dict[str, list[Row]]] = {}
        self.households: dict[str, str] = {}
        self.villages: dict[str, str] = {}
        self.stored: dict[str, Row] = {}
        """The stored records of the rows that have a record id."""
        self.proposed: dict[str, Draft] = {}
        """The employers and work-relief projects that this table proposes, by id."""
        self.titles: dict[str, dict[str, str]] = {}
        """Field → id → title of the referenced record."""

    def prepare(self, people: Mapping[int, PersonRef]) -> None:
        """Look up in bulk the records to which the rows may refer."""
        ids = {person.id for person in people.values()}
        known = self.context.known
        for f in self.fields:
            if f.ref in ("employment", "appointment") and ids:
                self.through[f.ref] = known.children(f.ref, "person_id", ids)
            if f.ref == "household" and ids:
                self.households = {id: row["household_id"] for id, row in known.rows("person", ids).items() if row["household_id"]}
            if _found_by_name(kind_of(str(f.ref))) and self.lines.has(f"{self.kind.name}.{f.name}"):
                self.named[str(f.ref)] = self._by_name(str(f.ref))
        self._ask_villages()
        self._ask_titles()

    def _by_name(self, kind: str) -> dict[str, list[Row]]:
        title = kind_of(kind).title[0]
        return by_key((plain(row[title] or ""), row) for row in self.context.known.all(kind))

    def _ask_villages(self) -> None:
        """Look up the scopes of records referenced by id, for rows that do not state a scope."""
        for f in self.fields:
            target = f"{self.kind.name}.{f.name}#id"
            if self.lines.has(target) and not kind_of(str(f.ref)).shared:
                ids = {id for id in self.lines.values(target) if id}
                self.villages |= {id: row["village"] for id, row in self.context.known.rows(str(f.ref), ids).items()}

    def _ask_titles(self) -> None:
        """Look up the titles that this program's export has for the referenced records."""
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
        """Reference fields of row `i` whose name was edited but not their id, with the warning; the id counts."""
        for f in self.fields:
            id, words = self.lines.values(f"{self.kind.name}.{f.name}#id")[i], self.lines.written(f"{self.kind.name}.{f.name}")[i]
            title = self.titles.get(f.name, {}).get(id or "")
            if title and words and plain(unmarked(words)) != plain(title):
                message = _("写的是「{words}」，编码是「{title}」的，按编码导入；要改成别的，请改编码那一列")
                yield f.name, message.format(words=words[:30], title=title[:30])

    def village(self, values: Mapping[str, Any]) -> str | None:
        """The scope of the record to which a row refers; a person's takes precedence."""
        order = sorted(self.fields, key=lambda f: f.ref != "person")
        return next((self.villages[values[f.name]] for f in order if values.get(f.name) in self.villages), None)

    def references(self, i: int, person: PersonRef | None, values: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str]]:
        """For each reference of row `i`: the field, the id (None if not given) and an error message, or ""."""
        for f in self.fields:
            id = self.lines.values(f"{self.kind.name}.{f.name}#id")[i]
            if id is not None:
                yield f.name, id, ""
                continue
            words = self.lines.values(f"{self.kind.name}.{f.name}")[i]
            stored = self.stored.get(self.lines.values("record.id")[i] or "")
            if stored is not None and words and self.titles[f.name].get(stored[f.name]) == words:
                yield f.name, stored[f.name], ""
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
            if not people and f.ref == "employer" and self.kind.name in _PROPOSES:
                return self._proposed(words, f), ""
            if not people and f.ref == "relief_project":
                return self._project(words), ""
        if len(people) == 1:
            return people[0], ""
        message = _("找不到{kind}「{name}」，请先登记或导入") if not people else _("有不止一个「{name}」，请填写编码")
        return None, message.format(name=words[:30], kind=_(kind_of(str(f.ref)).label))

    def _proposed(self, name: str, f: Field) -> str:
        """The id of an employer that is proposed because it is not on record; it is imported with the rows that refer to it."""
        draft = find_employer(self.context, name, None, type="agency" if f.name == "agency_id" else None)
        self.proposed[draft.id] = draft
        return draft.id

    def _project(self, name: str) -> str:
        """The id of a work-relief project that is proposed because it is not on record."""

        def make() -> Draft:
            self.context.propose(_("新建以工代赈项目「{name}」，投资和起止日期请事后补上").format(name=name))
            return self.context.new("relief_project", self.context.home.default, {"name": name})

        draft = self.context.shared_draft(("relief_project", plain(name)), make)
        self.proposed[draft.id] = draft
        return draft.id

    def _through(self, kind: str, person: PersonRef, values: Mapping[str, Any]) -> tuple[str | None, str]:
        """The person's latest employment or appointment that had begun by the row's month or day."""
        rows = sorted(self.through[kind].get(person.id, ()), key=lambda row: str(row["start"]))
        day = str(values.get("month") or values.get("start") or values.get("on") or "9999")
        begun = [row for row in rows if str(row["start"])[: len(day)] <= day]
        if begun or rows:
            return (begun or rows)[-1]["id"], ""
        return None, _("{name}没有{kind}记录").format(name=person.name, kind=_(kind_of(kind).label))
