"""人员信息表 → people, households and category spans. By far the largest roster: processed in blocks, not with a query for each row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.mapping import to_record
from domain.errors import FieldError
from domain.identity import explain, masks, unnumbered
from domain.kinship import HEAD
from domain.records import Person
from domain.scopes import is_village
from domain.words import _
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.records.categories import COLUMNS, Categories
from services.importing.records.homes import Households, beside_family, fill_down
from services.importing.records.work_besides import says_dead
from services.importing.rows.drafting import BLOCK, TICK, Context, against, fill_new_person, refuse_masked
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import (
    ID,
    NAME,
    data_rows,
    drop_coarse_birth,
    number_key,
    other_holder,
    question_contradictions,
    refuse_village,
    villages,
)
from services.importing.values.cells import Masked
from services.importing.values.id_cells import Doubtful, IdCell, Number, read_id
from services.importing.values.other_names import renamed, unlike
from services.unnumbered import propose

_REGISTERS = (
    *("household.number", "person.relation", "person.labour", "person.nation", "person.sex", "person.birth", "person.education"),
    *("category_span.category", "category_span.monitored"),
)
_REQUIRED = [f for f in Person.KIND.fields if f.required]
_HEALTHY, _DISABLED = "健康", "残疾"
_SORT_OR_DEGREE = re.compile(
    "视力|盲|听力|聋|言语|哑|肢|智力|智障|精神|多重|残|[一二三四1-4１-４ⅠⅡⅢⅣ]级|^[一二三四1-4１-４ⅠⅡⅢⅣ]$|^[是有√]$"
)
"""A sort or degree of disability, or that there is one; 健康, 正常 and / are not."""
_NOT_DISABLED = re.compile("无|非|否|没|未|不")
_FOR_KNOWN_PEOPLE = ("person.bank_account", "person.died_on", "disability")
"""Columns of a list that does not register new people unless it also has one of `_REGISTERS`."""


class RegistryMaker:
    """Makes the rows of one 人员信息表."""

    reads: tuple[str, ...] = ("person.", "household.", "area.", "disability", "cleared", *COLUMNS)

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        self.context, self.lines, self.titled = context, lines, titled
        lines.coarse = frozenset({"person.birth"})

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        fill_down(self.lines)
        self.lines.read(self.reads)
        rows = data_rows(self.lines)
        self.context.known.ask_people(key for key in map(number_key, self.lines.values(ID)) if key)
        where = self._villages(rows)
        people = _People(self.context, self.lines, rows, where)
        for start in range(0, len(rows), BLOCK):
            people.block([(i, row) for i, row in rows[start : start + BLOCK] if not row.skipped], where, start, len(rows))
        return [row for _i, row in rows]

    def _villages(self, rows: Sequence[tuple[int, PlanRow]]) -> list[str | None]:
        """The scope of each row; at a township or county, people and households known in a village stay there."""
        where = villages(self.context, self.lines, rows, self.titled)
        if not is_village(self.context.home.default):
            where = [self._registered_village(number, village) for number, village in zip(self.lines.values(ID), where, strict=True)]
            where = beside_family(self.context, self.lines.values("household.number"), where)
            self._warn_no_village(rows, where)
        return where

    def _registered_village(self, number: IdCell, village: str | None) -> str | None:
        """The village of a row that names none: where the person is registered, so as not to be registered again at the level above."""
        people = self.context.known.people(number_key(number)) if village == self.context.home.default else ()
        return people[0].village if len(people) == 1 and self.context.session.may_write(people[0].village) else village

    def _warn_no_village(self, rows: Sequence[tuple[int, PlanRow]], where: Sequence[str | None]) -> None:
        """At a township or county, warn about rows without a village."""
        scope = self.context.home.default
        without = [(i, row) for i, row in rows if where[i] == scope and not row.skipped]
        if not self.lines.has("area.village") and not self.titled and without:
            self.context.notes[_("名册里没有写明哪个村，记在「{scope}」名下").format(scope=scope)] = None
        message = _("没有写明哪个村，记在「{scope}」名下").format(scope=scope)
        for i, row in without if self.lines.has("area.village") else ():
            self.lines.add_issue(row, i, "area.village", message, "village", Level.WARNING)


@dataclass
class _Person:
    """What a row says of a person of a village, and what the store has of them."""

    i: int
    row: PlanRow
    village: str
    number: IdCell
    current: Row | None
    values: dict[str, Any]


class _People:
    """Plans the people of a register, with their households and categories. By far the largest roster: every column is read once, and the
    people of a block are looked up together."""

    def __init__(self, context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], where: Sequence[str | None]) -> None:
        self.context, self.lines = context, lines
        self.fields = [t.partition(".")[2] for t in lines.binding.columns if t.startswith("person.") and t != ID]
        self.cells = list(zip(*(lines.values(f"person.{name}") for name in self.fields), strict=True))
        self.registers = any(map(lines.has, _REGISTERS)) or not any(map(lines.has, _FOR_KNOWN_PEOPLE))
        self.heads_only = {"relation": HEAD} if lines.heading(NAME).startswith(HEAD) else {}
        self.disability = lines.text("disability")
        self.masked = any(target.startswith("person.") for target in lines.masked)
        self.categories = Categories(context, lines)
        self.households = Households(context, lines, rows, where, registers=self.registers)

    def block(self, rows: list[tuple[int, PlanRow]], where: Sequence[str | None], done: int, total: int) -> None:
        """Plan a block of rows."""
        numbers, names, documents = (self.lines.values(target) for target in (ID, NAME, "person.document"))
        ids = {i: person.id for i, _row in rows if (person := self._who(numbers[i], names[i], documents[i], where[i])) is not None}
        stored = self.context.known.rows("person", ids.values()) if ids else {}
        self.categories.ask(stored)
        for step, (i, row) in enumerate(rows):
            if (done + step) % TICK == 0:
                self.context.tick(done + step, total, _("核对名册"))
            village, current = where[i], stored.get(ids.get(i, ""))
            if village is None:
                refuse_village(self.lines, i, row)
            else:
                self._row(_Person(i, row, village, numbers[i], current, self._values(i, current)))

    def _who(self, number: IdCell, name: str | None, document: str | None, village: str | None) -> PersonRef | None:
        """The person registered in the village with this number, or with this name and a number that matches the masked one."""
        if isinstance(number, Number | Doubtful):
            people = self.context.known.people(number_key(number), document)
            return next((p for p in people if p.village == village), None)
        if name is None or (number is None and document != "other"):
            return None
        here = [p for p in self.context.known.named(name) if p.village == village]
        people = [p for p in here if (masks(number, p.number) if number is not None else unnumbered(p.number))]
        return people[0] if len(people) == 1 else None

    def _values(self, i: int, current: Row | None) -> dict[str, Any]:
        """The person's values in a row; only a register says who is 户主: a list of loans, for example, must not change relations."""
        values = {name: value for name, value in zip(self.fields, self.cells[i], strict=True) if value is not None}
        other_list = self.households.numbers is None and current is not None and current["relation"]
        values = values if other_list else {**self.heads_only, **values}
        if _SORT_OR_DEGREE.search(self.disability[i]) and not _NOT_DISABLED.search(self.disability[i]):
            health = values.get("health") or (to_record(Person, current).health if current is not None else None) or ()
            values["health"] = frozenset({*health, _DISABLED} - {_HEALTHY})
        return values

    # -- one row -------------------------------------------------------------------------------------------------------

    def _row(self, one: _Person) -> None:
        i, row = one.i, one.row
        self._set_number(one)
        self._judge(one)
        drop_coarse_birth(one.values)
        self._warn_other_holder(one)
        if row.refused:
            return
        id18 = one.number.id18 if isinstance(one.number, Number) else one.current["id_number"] if one.current is not None else ""
        earlier = self.context.shared.get(("person", one.village, id18))
        household = self.households.of(i, row, one.village, one.current)
        if household is not None:
            one.values["household_id"] = household.id
            row.uses = [household]
        person = self._draft(one)
        if person is None or row.refused:
            return
        if household is None and self.households.numbers is not None and person.action is Action.NEW:
            self.lines.add_issue(row, i, "household.number", _("没有户编号，人先不归户"), "household", Level.WARNING)
        row.drafts = [person, *self.categories.drafts(i, row, person, one.village)]
        if household is not None:
            self.households.set_head(i, row, household, person, one.values.get("relation"))
        if earlier is None:
            self.context.shared["person", one.village, id18] = person
            self.context.claim(row, "person", one.village, id18)
            self._make_known(one, person, id18)

    def _make_known(self, one: _Person, person: Draft, id18: str) -> None:
        """Let later rows and tables find a new person."""
        name = str(one.values["name"])
        if person.action is Action.NEW and one.row.questioned:
            self.context.known.waiting |= {id18, name}
        elif person.action is Action.NEW:
            self.context.known.add_person(PersonRef(person.id, one.village, name, id18, str(one.values["document"])))

    def _set_number(self, one: _Person) -> None:
        """Take the number of another document as it is, or propose one for a person without documents."""
        other = one.values.get("document") == "other"
        if isinstance(one.number, Doubtful) and (one.current is not None or other):
            one.number = Number(one.number.text, None, None, None)
        if one.number is None and one.current is None and other:
            one.number = Number(propose(self.context.session, one.village), None, None, None)
            self.lines.add_issue(one.row, one.i, ID, _("没有证件，由程序编号；办了证件再改成真的"), "unnumbered", Level.WARNING)
        if isinstance(one.number, Number):
            one.values |= {"id_number": one.number.id18} | (
                {"original_number": one.number.original} if one.number.original is not None else {}
            )

    def _judge(self, one: _Person) -> None:
        """Add the issues about the row's name and ID number, and about values that contradict the number."""
        lines, i, row, values = self.lines, one.i, one.row, one.values
        if values.get("name") is None:
            lines.add_issue(row, i, NAME, _("没有姓名"), "no_name")
        unmasked = read_id(one.current["id_number"], []) if isinstance(one.number, Masked) and one.current is not None else one.number
        if not isinstance(unmasked, Number):
            self._refuse_number(one)
            return
        if not row.refused:
            question_contradictions(lines, i, row, values, unmasked, one.current)
        if one.current is None and says_dead(values.get("note")) and not values.get("died_on"):
            message = _("备注写着「{remark}」：已经去世的不要收下").format(remark=str(values["note"])[:20])
            lines.add_issue(row, i, "person.note", message, "remark", Level.QUESTION)
        first = self.context.claimed_by("person", one.village, unmasked.id18)
        if first is None or row.refused:
            return
        earlier = self.context.shared["person", one.village, unmasked.id18]
        known = earlier.values.get("name", values.get("name"))
        if earlier.action is Action.NEW and known != values.get("name"):
            message = _("与{place}「{name}」是同一个证件号码，两人有一个的号码抄错了")
            lines.add_issue(row, i, ID, message.format(place=first, name=known), "name")
        else:
            lines.add_issue(row, i, ID, _("与{place}是同一个证件号码").format(place=first), "duplicate", Level.QUESTION)

    def _refuse_number(self, one: _Person) -> None:
        """Refuse a row without a number, unless it is about a person on record."""
        if isinstance(one.number, Doubtful):
            self.lines.add_issue(one.row, one.i, ID, explain(one.number.problem, number=one.number.text), one.number.problem)
        elif one.number is not None and one.current is None:
            self.lines.add_issue(one.row, one.i, ID, _("证件号码打了星号，台账里也对不上人，不能登记"), "masked")
        elif one.number is None and one.current is None and not one.row.refused:
            message = _("没有证件号码。没有证件的，证件类型写「其他」，号码空着，程序给他编一个")
            self.lines.add_issue(one.row, one.i, ID, message, "required")

    def _warn_other_holder(self, one: _Person) -> None:
        """Warn if a new account belongs to another person and the list does not state the relation."""
        account = one.values.get("bank_account")
        if account and not one.values.get("payee_relation") and (one.current is None or one.current["bank_account"] != account):
            holder = other_holder(self.lines, one.i, str(one.values.get("name") or ""))
            if holder:
                message = _("账号的户名是「{holder}」，不是本人，请核对，并写上收款人与本人关系").format(holder=holder)
                self.lines.add_issue(one.row, one.i, "person.bank_account", message, "holder", Level.WARNING)

    def _draft(self, one: _Person) -> Draft | None:
        """The changes to the person on record, to that of an earlier row, or a new person; None if the row is refused."""
        number, values = one.number, one.values
        earlier = self.context.shared.get(("person", one.village, number.id18)) if isinstance(number, Number) else None
        try:
            if one.current is not None:
                self._warn_renamed(one, one.current)
                return against(Person.KIND, one.current, values)
            if earlier is not None:
                return earlier.amended(values)
            if self.masked:
                refuse_masked(values, Person.KIND)
        except FieldError as error:
            self.lines.add_issue(one.row, one.i, f"person.{error.field}", str(error), error.code)
            return None
        return self._new(one, number) if isinstance(number, Number) else None

    def _new(self, one: _Person, number: Number) -> Draft | None:
        for name, derived in number.told.items():
            one.values.setdefault(name, derived)
        if not self.registers:
            message = _("{name}不在人员台账里，请先导入人员信息表或登记").format(name=one.values.get("name"))
            self.lines.add_issue(one.row, one.i, ID, message, "person")
            return None
        proposed = fill_new_person(self.context, self.lines, one.values, number)
        if not any(map(self.lines.has, ("category_span.category", "category_span.monitored"))):
            self.context.notes[_("名册没有「户类型」，新登记的人没有人员类别，请事后补上")] = None
        for f in _REQUIRED:
            if f.name not in one.values:
                self.lines.add_issue(one.row, one.i, f"person.{f.name}", _("缺少{label}").format(label=_(f.label)), "required")
        if one.row.refused:
            return None
        return Draft(Person.KIND, self.context.session.new_id(), one.village, Action.NEW, one.values, proposed=proposed)

    def _warn_renamed(self, one: _Person, current: Row) -> None:
        """Warn if the number has another name in the store: the person was renamed. A wholly different name, or that of somebody else in
        the village, makes the row a question, because cells were probably mixed up."""
        known, name = current["name"], one.values.get("name")
        if not name or name == known:
            return
        message, level = _("注意：把「{known}」改成「{name}」。不是同一个人，请撤销这次导入").format(known=known, name=name), Level.WARNING
        if any(person.village == current["village"] for person in self.context.known.named(name)):
            message = _("台账里这个号码是「{known}」，「{name}」另有其人：多半是号码或姓名串了行，请先核对；收下则姓名改为「{name}」")
            message, level = message.format(known=known, name=name), Level.QUESTION
        elif unlike(known, name):
            message, level = renamed(known, name), Level.QUESTION
        self.lines.add_issue(one.row, one.i, NAME, message, "name", level)
