"""人员信息表 → households, people and category spans. By far the largest roster: processed in blocks, not with a query for each row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from db.mapping import to_record
from domain.errors import FieldError
from domain.fields import kind_of
from domain.identity import explain, masks, unnumbered
from domain.kinship import HEAD
from domain.lunar import birthday_of
from domain.records import Person
from domain.scopes import is_village
from domain.words import _
from services.importing.columns.carried import OF_A_HOUSEHOLD, members
from services.importing.plan import Action, Draft, Level, PlanRow
from services.importing.records.categories import COLUMNS, Categories
from services.importing.records.families import HEADS, Families, Family
from services.importing.records.work_besides import says_dead
from services.importing.rows.drafting import BLOCK, TICK, Context, against, labour_for, labour_proposed, refuse_masked
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import (
    ID,
    NAME,
    contradicts,
    data_rows,
    drop_coarse_birth,
    number_key,
    other_holder,
    refuse_village,
    villages,
)
from services.importing.tables.rosters import field_of
from services.importing.values.cells import REPAIR, Masked, Notice, is_empty
from services.importing.values.id_cells import Doubtful, Number, read_id
from services.importing.values.other_names import renamed, unlike
from services.unnumbered import propose

_REGISTERS = (
    *("household.number", "person.relation", "person.labour", "person.nation", "person.sex", "person.birth", "person.education"),
    *("category_span.category", "category_span.monitored"),
)
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

    reads: tuple[str, ...] = ("person.", "household.", "area.", "disability", *COLUMNS)

    def __init__(self, context: Context, lines: Lines, titled: str | None) -> None:
        self.context = context
        self.lines = lines
        self.titled = titled
        self.person_fields = [t.partition(".")[2] for t in lines.binding.columns if t.startswith("person.") and t != ID]
        told = (*lines.binding.columns, *lines.binding.title_values)
        self.household_fields = [t.partition(".")[2] for t in told if t.startswith("household.") and field_of(t)]
        self.number_at = self.household_fields.index("number") if "number" in self.household_fields else None
        self.required = [f for f in Person.KIND.fields if f.required]
        self.registers = any(map(lines.has, _REGISTERS)) or not any(map(lines.has, _FOR_KNOWN_PEOPLE))
        lines.coarse = frozenset({"person.birth"})
        self.found: dict[int, Row] = {}
        self.categories = Categories(context, lines)
        self.families: Families | None = None
        self.households: dict[tuple[str, str], Row] = {}
        self.unnumbered: dict[str, Row] = {}
        """Stored households without a number, by id; each gets the number of the first of its members in the roster."""
        self.first_rows: dict[tuple[str, str, str], int] = {}
        """The first row of each household of this roster."""
        self.heads: dict[str, str | None] = {}
        """The stored head of each household of this roster; a household is removed once a row has set its head."""

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        self._fill_households()
        self.lines.read(self.reads)
        rows = data_rows(self.lines)
        numbers = self.lines.values(ID)
        self.context.known.ask_people(key for key in map(number_key, numbers) if key)
        where = villages(self.context, self.lines, rows, self.titled)
        if not is_village(self.context.home.default):
            where = self._beside_family([self._registered_village(number, village) for number, village in zip(numbers, where, strict=True)])
            self._warn_no_village(rows, where)
        self._read()
        if self.registers and self.number_at is None and self.lines.has(HEADS):
            self.families = Families(self.context, self.lines, rows, where)
        elif self.registers and self.number_at is None and self.lines.has("person.relation"):
            self.context.notes[_("名册没有「户编号」，人先不归户；补上这一列（或「户主姓名」）再导入一次就会归户")] = None
        self._ask_households(where)
        for start in range(0, len(rows), BLOCK):
            self._block([(i, row) for i, row in rows[start : start + BLOCK] if not row.skipped], where, start, len(rows))
        return [row for _i, row in rows]

    def _registered_village(self, number: Number | Doubtful | Masked | None, village: str | None) -> str | None:
        """The village of a row that names none: where the person is registered, so as not to be registered again at the level above."""
        people = self.context.known.people(number_key(number)) if village == self.context.home.default else ()
        return people[0].village if len(people) == 1 and self.context.session.may_write(people[0].village) else village

    def _beside_family(self, where: list[str | None]) -> list[str | None]:
        """The villages of the rows, with new people without a village assigned to the village of their household, so that the household is
        not created again at the level above."""
        above, numbers = self.context.home.default, self.lines.values("household.number")
        homes: dict[str, set[str]] = {number: set() for number, village in zip(numbers, where, strict=True) if number and village == above}
        for number, village in zip(numbers, where, strict=True):
            if number in homes and village is not None and village != above:
                homes[number].add(village)
        for home in self.context.known.where("household", "number", homes) if homes else ():
            if home["village"] != above and self.context.session.may_write(home["village"]):
                homes[home["number"]].add(home["village"])
        only = {number: min(villages) for number, villages in homes.items() if len(villages) == 1}
        return [only.get(number, village) if village == above else village for number, village in zip(numbers, where, strict=True)]

    def _warn_no_village(self, rows: Sequence[tuple[int, PlanRow]], where: Sequence[str | None]) -> None:
        """At a township or county, warn about rows without a village."""
        scope = self.context.home.default
        if not self.lines.has("area.village") and not self.titled and any(where[i] == scope for i, row in rows if not row.skipped):
            self.context.notes[_("名册里没有写明哪个村，记在「{scope}」名下").format(scope=scope)] = None
        for i, row in rows if self.lines.has("area.village") else ():
            if where[i] == scope and not row.skipped:
                self.lines.add_issue(
                    row, i, "area.village", _("没有写明哪个村，记在「{scope}」名下").format(scope=scope), "village", Level.WARNING
                )

    def _fill_households(self) -> None:
        """Copy household columns that are filled only in the first row of a household to its other members."""
        columns = self.lines.binding.columns
        if "household.number" not in columns or not self.lines.has("person.relation"):
            return
        number = columns["household.number"]
        shared = [h.index for t, h in columns.items() if t.startswith(OF_A_HOUSEHOLD)]
        why = Notice(REPAIR, "household", _("户编号空着，按上一行的户导入"))
        numbers = [row[number.index] for row in self.lines.cells]
        for i, above in members(numbers, self.lines.values("person.relation"), HEAD):
            self.lines.carry(i, above, [at for at in shared if is_empty(self.lines.cells[i][at])], why, number)

    def _read(self) -> None:
        """Read every column once; the rows are then tuples of values."""
        self.people = list(zip(*(self.lines.values(f"person.{name}") for name in self.person_fields), strict=True))
        self.homes = list(zip(*(self.lines.values(f"household.{name}") for name in self.household_fields), strict=True))
        self.categories.read()
        self.disability = self.lines.text("disability")
        self.heads_only = {"relation": HEAD} if self.lines.heading(NAME).startswith(HEAD) else {}
        self.masked = any(target.startswith("person.") for target in self.lines.masked)

    def _ask_households(self, where: Sequence[str | None]) -> None:
        """Look up the households of these villages by number, or by id if the list says something of households but not their numbers."""
        if not self.household_fields or not self.context.session.count("household"):
            return
        wanted = {v for v in where if v}
        for row in self.context.known.where("household", "village", wanted):
            if row["number"] is None or self.number_at is None:
                self.unnumbered[row["id"]] = row
            else:
                self.households.setdefault((row["village"], row["number"]), row)

    def _block(self, rows: list[tuple[int, PlanRow]], where: Sequence[str | None], done: int, total: int) -> None:
        """Plan a block of rows; the people already in the store are fetched together."""
        known, numbers, names = self.context.known, self.lines.values(ID), self.lines.values(NAME)
        ids = {i: person.id for i, _row in rows if (person := self._who(i, numbers[i], names[i], where[i])) is not None}
        stored = known.rows("person", ids.values()) if ids else {}
        self.found = {i: stored[id] for i, id in ids.items() if id in stored}
        self.categories.ask(stored)
        for step, (i, row) in enumerate(rows):
            if (done + step) % TICK == 0:
                self.context.tick(done + step, total, _("核对名册"))
            village = where[i]
            if village is None:
                refuse_village(self.lines, i, row)
            else:
                self._row(i, row, numbers[i], village)

    def _who(self, i: int, number: Number | Doubtful | Masked | None, name: str | None, village: str | None) -> PersonRef | None:
        """The person registered in the village with this number, or with this name and a number that matches the masked one."""
        document = self.lines.values("person.document")[i]
        if isinstance(number, Number | Doubtful):
            people = self.context.known.people(number_key(number), document)
            return next((p for p in people if p.village == village), None)
        if name is None or (number is None and document != "other"):
            return None
        here = [p for p in self.context.known.named(name) if p.village == village]
        people = [p for p in here if (masks(number, p.number) if number is not None else unnumbered(p.number))]
        return people[0] if len(people) == 1 else None

    # -- one row -------------------------------------------------------------------------------------------------------

    def _row(self, i: int, row: PlanRow, number: Number | Doubtful | Masked | None, village: str) -> None:
        current = self.found.get(i)
        values = self._values(i, current)
        self._disabled(i, values, current)
        if isinstance(number, Doubtful) and (current is not None or values.get("document") == "other"):
            number = Number(number.text, None, None, None)
        if number is None and current is None and values.get("document") == "other":
            number = Number(propose(self.context.session, village), None, None, None)
            self.lines.add_issue(row, i, ID, _("没有证件，由程序编号；办了证件再改成真的"), "unnumbered", Level.WARNING)
        if isinstance(number, Number):
            values |= {"id_number": number.id18} | ({"original_number": number.original} if number.original is not None else {})
        unmasked = read_id(current["id_number"], []) if isinstance(number, Masked) and current is not None else None
        self._judge(i, row, unmasked if isinstance(unmasked, Number) else number, values, village)
        drop_coarse_birth(values)
        self._warn_other_holder(i, row, values, current)
        id18 = number.id18 if isinstance(number, Number) else current["id_number"] if current is not None else ""
        if row.refused:
            return
        earlier = self.context.shared.get(("person", village, id18))
        household = self._household(i, row, village)
        if household is not None:
            values["household_id"] = household.id
            row.uses = [household]
        person = self._person(i, row, number, values, village)
        if person is None or row.refused:
            return
        if household is None and self.number_at is not None and person.action is Action.NEW:
            self.lines.add_issue(row, i, "household.number", _("没有户编号，人先不归户"), "household", Level.WARNING)
        row.drafts = [person]
        row.drafts += self.categories.drafts(i, row, person, village)
        family = self.families[i] if self.families is not None else None
        if household is not None and (i == family.head if family is not None else values.get("relation") == HEAD):
            self._head(row, household, person)
        if earlier is None:
            self.context.shared["person", village, id18] = person
            self.context.claim(row, "person", village, id18)
            if person.action is Action.NEW and row.questioned:
                self.context.known.waiting |= {id18, str(values["name"])}
            elif person.action is Action.NEW:
                self.context.known.add_person(PersonRef(person.id, village, str(values["name"]), id18, str(values["document"])))

    def _values(self, i: int, current: Row | None) -> dict[str, Any]:
        """The person's values in a row; only a register says who is 户主: a list of loans, for example, must not change relations."""
        given = {name: value for name, value in zip(self.person_fields, self.people[i], strict=True) if value is not None}
        other_list = self.number_at is None and current is not None and current["relation"]
        return given if other_list else {**self.heads_only, **given}

    def _disabled(self, i: int, values: dict[str, Any], current: Row | None) -> None:
        """Record that a person with a sort or degree of disability is disabled."""
        if _SORT_OR_DEGREE.search(self.disability[i]) and not _NOT_DISABLED.search(self.disability[i]):
            health = values.get("health") or (to_record(Person, current).health if current is not None else None) or ()
            values["health"] = frozenset({*health, _DISABLED} - {_HEALTHY})

    def _judge(self, i: int, row: PlanRow, number: Number | Doubtful | Masked | None, values: Mapping[str, Any], village: str) -> None:
        """Add the issues about the row's name and ID number, and about values that contradict the number."""
        lines, current = self.lines, self.found.get(i)
        if values.get("name") is None:
            lines.add_issue(row, i, NAME, _("没有姓名"), "no_name")
        if not isinstance(number, Number):
            if isinstance(number, Doubtful):
                lines.add_issue(row, i, ID, explain(number.problem), number.problem)
            elif number is not None and current is None:
                lines.add_issue(row, i, ID, _("证件号码打了星号，台账里也对不上人，不能登记"), "masked")
            elif number is None and current is None and not row.refused:
                message = _("没有证件号码。没有证件的，证件类型写「其他」，号码空着，程序给他编一个")
                lines.add_issue(row, i, ID, message, "required")
            return
        if not row.refused and contradicts(values, "sex", number.sex, current):
            lines.add_issue(row, i, "person.sex", _("性别与证件号码对不上"), "sex", Level.QUESTION)
        if not row.refused and contradicts(values, "birth", number.birth, current):
            is_lunar = len(values["birth"]) == 10 and birthday_of(values["birth"], str(number.birth))
            message = _("出生日期与证件号码对不上，像是农历生日") if is_lunar else _("出生日期与证件号码对不上")
            lines.add_issue(row, i, "person.birth", message, "birth", Level.QUESTION)
        if current is None and says_dead(values.get("note")) and not values.get("died_on"):
            message = _("备注写着「{remark}」：已经去世的不要收下").format(remark=str(values["note"])[:20])
            lines.add_issue(row, i, "person.note", message, "remark", Level.QUESTION)
        first = self.context.claimed_by("person", village, number.id18)
        if first is not None and not row.refused:
            lines.add_issue(row, i, ID, _("与{place}是同一个证件号码").format(place=first), "duplicate", Level.QUESTION)

    def _warn_other_holder(self, i: int, row: PlanRow, values: Mapping[str, Any], current: Row | None) -> None:
        """Warn if a new account belongs to another person and the list does not state the relation."""
        account = values.get("bank_account")
        if account and not values.get("payee_relation") and (current is None or current["bank_account"] != account):
            holder = other_holder(self.lines, i, str(values.get("name") or ""))
            if holder:
                message = _("账号的户名是「{holder}」，不是本人，请核对，并写上收款人与本人关系").format(holder=holder)
                self.lines.add_issue(row, i, "person.bank_account", message, "holder", Level.WARNING)

    def _person(
        self, i: int, row: PlanRow, number: Number | Doubtful | Masked | None, values: dict[str, Any], village: str
    ) -> Draft | None:
        earlier = self.context.shared.get(("person", village, number.id18)) if isinstance(number, Number) else None
        try:
            if i in self.found:
                self._renamed(i, row, self.found[i]["name"], values.get("name"))
                return against(Person.KIND, self.found[i], values)
            if earlier is not None:
                return earlier.amended(values)
            if self.masked:
                refuse_masked(values, Person.KIND)
        except FieldError as error:
            self.lines.add_issue(row, i, f"person.{error.field}", str(error), error.code)
            return None
        if not isinstance(number, Number):
            return None
        for name, derived in number.told.items():
            values.setdefault(name, derived)
        if not self.registers:
            message = _("{name}不在人员台账里，请先导入人员信息表或登记").format(name=values.get("name"))
            self.lines.add_issue(row, i, ID, message, "person")
            return None
        proposed = self._propose(values, number)
        for f in self.required:
            if f.name not in values:
                self.lines.add_issue(row, i, f"person.{f.name}", _("缺少{label}").format(label=_(f.label)), "required")
        if row.refused:
            return None
        return Draft(Person.KIND, self.context.session.new_id(), village, Action.NEW, values, proposed=proposed)

    def _renamed(self, i: int, row: PlanRow, known: str, name: str | None) -> None:
        """Warn if the number has another name in the store: the person was renamed. A wholly different name, or that of somebody else in
        the village, makes the row a question, because cells were probably mixed up."""
        if not name or name == known:
            return
        message, level = _("注意：把「{known}」改成「{name}」。不是同一个人，请撤销这次导入").format(known=known, name=name), Level.WARNING
        if any(person.village == self.found[i]["village"] for person in self.context.known.named(name)):
            message = _("台账里这个号码是「{known}」，「{name}」另有其人：多半是号码或姓名串了行，请先核对；收下则姓名改为「{name}」")
            message, level = message.format(known=known, name=name), Level.QUESTION
        elif unlike(known, name):
            message, level = renamed(known, name), Level.QUESTION
        self.lines.add_issue(row, i, NAME, message, "name", level)

    def _propose(self, values: dict[str, Any], number: Number) -> tuple[str, ...]:
        """Fill required fields without a column in the roster; returns their names."""
        proposed = []
        if "document" not in values:
            values["document"] = number.document
            proposed.append("document")
        if not any(map(self.lines.has, ("category_span.category", "category_span.monitored"))):
            self.context.notes[_("名册没有「户类型」，新登记的人没有人员类别，请事后补上")] = None
        if not self.lines.has("person.labour"):
            values["labour"] = labour_for(values.get("birth") or number.birth)
            proposed.append("labour")
            self.context.propose(labour_proposed())
        return tuple(proposed)

    # -- the household -----------------------------------------------------------------------------------------------------

    def _household(self, i: int, row: PlanRow, village: str) -> Draft | None:
        family = self.families[i] if self.families is not None else None
        number = self.homes[i][self.number_at] if self.number_at is not None else None
        lives_in = self.found.get(i, {}).get("household_id") if self.number_at is None and self.families is None else None
        if family is None and number is None and (lives_in is None or not self.household_fields):
            return None
        at = number or lives_in
        key = ("family", self.lines.sheet, str(self.lines.number(family.head))) if family is not None else ("household", village, str(at))
        if key not in self.context.shared:
            cells = self.homes[i if family is None else family.head] if self.homes else ()
            values = {name: value for name, value in zip(self.household_fields, cells, strict=True) if value is not None}
            current = self._known_household(i, village, family)
            try:
                draft = self._household_draft(current, village, values)
            except FieldError:  # a masked telephone differs from the stored one; the household itself is certain
                draft = self._household_draft(current, village, values | {"phone": None})
            self.context.shared[key] = draft
            if lives_in is None:
                self.heads[draft.id] = current["head_id"] if current is not None else None
            self.first_rows[key] = i
        elif family is None and number is not None and key in self.first_rows:
            self._warn_differs(i, row, self.first_rows[key])
        return self.context.shared[key]

    def _warn_differs(self, i: int, row: PlanRow, first: int) -> None:
        """Warn if a row gives its household another address or telephone than the household's first row, which counts."""
        for name, known, value in zip(self.household_fields, self.homes[first], self.homes[i], strict=True):
            if value is not None and known is not None and value != known:
                message = _("同一户前面第 {row} 行写的是「{known}」，这一户按那一行导入，请核对")
                shown = kind_of("household").by_name[name].masked(str(known)) if name == "phone" else str(known)[:30]
                target = f"household.{name}"
                self.lines.add_issue(row, i, target, message.format(row=self.lines.number(first), known=shown), "household", Level.WARNING)

    def _known_household(self, i: int, village: str, family: Family | None) -> Row | None:
        """The stored household: that of the family, that with the number, or one without a number where this person lives."""
        if family is not None:
            return self.families.home[family.head] if self.families is not None else None
        known = self.households.get((village, str(self.homes[i][self.number_at or 0])))
        person = self.found.get(i)
        return known or (self.unnumbered.pop(person["household_id"], None) if person is not None and person["household_id"] else None)

    def _household_draft(self, current: Row | None, village: str, values: Mapping[str, Any]) -> Draft:
        if current is not None:
            return against("household", current, values)
        refuse_masked(values, kind_of("household"))
        return self.context.new("household", village, values)

    def _head(self, row: PlanRow, household: Draft, person: Draft) -> None:
        """Let the first row with 户主 set the head of its household."""
        if household.id in self.heads:
            if self.heads[household.id] != person.id:
                household.before = {**(household.before or {}), "head_id": self.heads[household.id]}
                row.fills = [(household, "head_id", person.id)]
            if not row.questioned:
                del self.heads[household.id]
