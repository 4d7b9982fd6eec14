"""外出务工名单 and 车间用工花名册 → employments; and finding the employment a row means among those a person has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from domain import clock, periods
from domain.errors import FieldError
from domain.fields import kind_of
from domain.words import _
from services.importing.carrier_names import ENTERPRISE, carrier_type
from services.importing.cells import Notice, place_code, written_out
from services.importing.drafting import Context, against, require
from services.importing.fares import Fares
from services.importing.heading_words import plain
from services.importing.known import PersonRef, Row
from services.importing.lines import Lines
from services.importing.people_maker import PeopleMaker, Ready
from services.importing.plan import Draft, Level, PlanRow
from services.importing.terms import Reach

_WAGE_RANGE = range(100_00, 30_000_00 + 1)
"""Monthly pay outside 100 to 30 000 yuan is doubtful (`domain.md` §7)."""
_CHANNELS = {"enterprise": "enterprise", "cooperative": "cooperative"}
_ROSTER_COLUMNS = ("place", "address", "industry", "job", "start", "end", "organised", "point_to_point", "contract", "contract_start")
_MORE_COLUMNS = ("contract_end", "open_ended", "insured", "monthly_wage", "proofs", "end_reason", "employer_name", "channel")


def employment_values(lines: Lines) -> list[dict[str, Any]]:
    """What the employment columns of each row say; ranges split into start and end."""
    names = [name for name in _ROSTER_COLUMNS + _MORE_COLUMNS if lines.has(f"employment.{name}")]
    columns = [lines.values(f"employment.{name}") for name in names]
    found = [{n: v for n, v in zip(names, values, strict=True) if v is not None} for values in zip(*columns, strict=True)]
    found = found or [{} for _i in range(len(lines))]
    spells = _begun_only(lines)
    for values, span in zip(found, spells, strict=True):
        for name, day in zip(("start", "end"), span or (), strict=False):
            if day is not None:
                values.setdefault(name, day)
    for values, term in zip(found, lines.values("contract.range"), strict=True):
        reach = term.begun(values.get("contract_start")) if term else Reach()
        for name, day in (("contract_start", reach.start), ("contract_end", reach.end)):
            if day is not None and len(day) == 10 and reach.start:  # a contract's days are days
                values.setdefault(name, day)
    for target in ("employment.contract_start", "employment.contract_end", "contract.range"):
        if lines.has(target):
            for values, written in zip(found, lines.written(target), strict=True):
                if "无固定" in written:
                    values.setdefault("open_ended", True)
    return found


def _begun_only(lines: Lines) -> list[Any]:
    """The spells of a list. Where 务工时间 has nothing but single months they are those in which the work began; beside spells with two
    ends a month is all of it."""
    spells = lines.values("work.range")
    months = {i for i, span in enumerate(spells) if span and span[0] == span[1] and len(span[0]) == 7}
    if not months or any(span and span[1] is not None and span[0] != span[1] for span in spells):
        return spells
    said = _("只写了一个日期，按开始时间导入，还没有结束时间")
    for i in sorted(months):
        lines.noticed.setdefault(i, []).append(lines.about(i, "work.range", said, "start", Level.WARNING))
    return [(span[0], None) if i in months else span for i, span in enumerate(spells)]


def _begun(lines: Lines, found: Sequence[dict[str, Any]]) -> None:
    """A contract known to the month says at least when the work began."""
    ranges, days = lines.values("contract.range"), lines.written("employment.contract_start")
    for values, span, day in zip(found, ranges, days, strict=True):
        if "start" not in values and "contract_start" not in values and ((span and span.start) or day):
            with suppress(FieldError):
                values["start"] = span.start if span and span.start else periods.parse_fdate(written_out(day, []))


class Spells:
    """The employments of the people of a table: those in the store and those this import is adding."""

    def __init__(self, context: Context, lines: Lines, people: Sequence[PersonRef]) -> None:
        self.context, self.lines = context, lines
        ids = {person.id for person in people}
        self.by_person: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        self.rows: dict[str, Row] = {}
        """Employments in the store, by id."""
        self.taken: dict[str, int] = {}
        """Employments claimed by a row of this table, with its number."""
        for row in context.known.where("employment", "person_id", ids):
            self.rows[row["id"]] = row
            self.by_person.setdefault(row["person_id"], []).append((row["id"], row))
        for key, draft in context.shared.items():
            if key[0] == "employment":
                self.add(draft)
        self.names = {row["id"]: str(row["name"]) for row in context.known.all("employer")}

    def add(self, draft: Draft) -> None:
        """Let later rows find an employment that this import adds."""
        self.by_person.setdefault(draft.values["person_id"], []).append((draft.id, draft.values))

    def employer(self, values: Mapping[str, Any]) -> str:
        """Who employs, for comparison: the name written, else that of the employer referred to."""
        return plain(values.get("employer_name") or self.names.get(values.get("employer_id") or "", ""))

    def same_employer(self, person: str, values: Mapping[str, Any]) -> str | None:
        """The employment with the same start and employer, taken or not."""
        employer = self.employer(values)
        for id, there in self.by_person.get(person, ()):
            if there["start"] == values.get("start") and employer and self.employer(there) == employer:
                return id
        return None

    def same_place(self, person: str, values: Mapping[str, Any]) -> str | None:
        """The employment with the same start and place that no other row means."""
        for id, there in self.by_person.get(person, ()):
            same = there["start"] == values.get("start") and there["place"] == values.get("place")
            if same and (id not in self.taken or not (self.employer(values) and self.employer(there))):
                return id
        return None

    def at(self, person: str, employer: Draft, day: str | None = None) -> str | None:
        """A person's employment with an employer: the one that covers `day` (a date or month), else the latest not over by then."""
        name = plain(employer.values.get("name") or self.names.get(employer.id, ""))
        there = [one for one in self.by_person.get(person, ()) if one[1].get("employer_id") == employer.id or self.employer(one[1]) == name]
        there.sort(key=lambda one: str(one[1]["start"]))
        covering = [id for id, spell in there if day and _covers(spell, day)]
        later = [id for id, spell in there if not (day and spell.get("end") and periods.last_day(spell["end"])[: len(day)] < day)]
        return covering[-1] if covering else later[-1] if later else None

    def draft(self, i: int, row: PlanRow, person: PersonRef, values: dict[str, Any], found: str | None) -> Draft | None:
        """A new employment, or what row i changes about the one found; None when the row is refused."""
        doubts(self.lines, i, row, values)
        if found is not None:
            made = self.context.shared.get(("employment", found))
            if made is not None:
                return made.amended(values)
            told = {name: value for name, value in values.items() if name != "channel" or self.lines.has("employment.channel")}
            return against("employment", self.rows[found], told)
        draft = self.context.new("employment", person.village, values)
        require(self.lines, i, row, draft)
        if row.refused:
            return None
        if (before := self._corrected(person.id, values)) is not None:
            said = _("台账里已有从 {start} 起的一段，日期重叠；这一行是更正的，导入后请删掉原来那段").format(start=before["start"])
            self.lines.tell(row, i, "employment.start", said, "overlap", Level.WARNING)
        if not row.questioned:
            self.context.shared["employment", draft.id] = draft
            self.add(draft)
        return draft

    def _corrected(self, person: str, values: Mapping[str, Any]) -> Row | None:
        """The employment in the store that a row may correct the start or the employer of: those are what it is found by."""
        for id, there in self.by_person.get(person, ()):
            alike = there["start"] == values["start"] or (self.employer(there) and self.employer(there) == self.employer(values))
            if id in self.rows and alike and (_covers(there, values["start"]) or _covers(values, there["start"])):
                return self.rows[id]
        return None


def _covers(employment: Mapping[str, Any], day: str) -> bool:
    end = employment.get("end")
    return periods.first_day(employment["start"])[: len(day)] <= day and (end is None or day <= periods.last_day(end)[: len(day)])


def doubts(lines: Lines, i: int, row: PlanRow, values: Mapping[str, Any]) -> None:
    """Warnings that no single cell shows: an end before the start, a pay nobody earns."""
    for first, last in (("start", "end"), ("contract_start", "contract_end")):
        start, end = values.get(first), values.get(last)
        if start and end and periods.last_day(end) < periods.first_day(start):
            lines.tell(row, i, f"employment.{last}", _("结束时间早于开始时间"), "order", Level.WARNING)
    start = values.get("start")
    if start and periods.first_day(start) > clock.today():
        lines.tell(row, i, "employment.start", _("开始时间还没有到，请核对年份"), "ahead", Level.WARNING)
    wage = values.get("monthly_wage")
    if wage is not None and wage not in _WAGE_RANGE:
        lines.tell(row, i, "employment.monthly_wage", _("月工资低于 100 元或高于 30000 元，请核对"), "wage_range", Level.WARNING)


# ---------------------------------------------------------------- 外出务工名单


class WorkMaker(PeopleMaker):
    """Makes the rows of one list of work away."""

    reads: tuple[str, ...] = ("person.", "employment.", "work.", "contract.", "area.", "travel.")

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """Without those who say that nobody works."""
        self.values = employment_values(self.lines)
        self._places()
        for i, row in (rows := super()._rows()):
            row.skipped = row.skipped or self._idle(i)
        return rows

    def _ask(self, ready: Ready) -> str:
        people = {i: person for i, _row, person in ready}
        self.spells = Spells(self.context, self.lines, list(people.values()))
        self.fares = Fares(self.context, self.lines, people)
        self.found: dict[int, str | None] = {}
        for i, row, person in ready:  # first those that are certain, so that a like row further up does not take their record
            found = self.found[i] = self.spells.same_employer(person.id, self.values[i])
            if found is not None:
                self.spells.taken.setdefault(found, row.number)
        return _("核对务工名单")

    def _places(self) -> None:
        """The work place from three columns, each distinct combination read once."""
        lines = self.lines
        parts = [lines.text(f"work.{level}") for level in ("province", "city", "county")]
        codes: dict[tuple[str, ...], tuple[str | None, list[Notice]]] = {}
        for i, key in enumerate(zip(*parts, strict=True)):
            if not any(key) or "place" in self.values[i]:
                continue
            if key not in codes:
                notices: list[Notice] = []
                codes[key] = (place_code("".join(key), self.context.home.scope, notices), notices)
            code, notices = codes[key]
            if code is not None:
                self.values[i]["place"] = code
            if code is None:
                said = _("认不出地名「{text}」").format(text="".join(key)[:30])
                lines.noticed.setdefault(i, []).append(lines.about(i, "work.county", said, "place"))
            for notice in notices:
                lines.noticed.setdefault(i, []).append(lines.about(i, "work.county", notice.message, notice.code, Level.WARNING))

    def _idle(self, i: int) -> bool:
        """Whether a row says that nobody works: 是否已务工 = 否 and no end."""
        return self.lines.text("work.already")[i] in ("否", "未", "0", "未务工", "没有", "×") and not self.values[i].get("end")

    def _home(self, i: int) -> bool:
        """Whether a row says that somebody is not away any more: 是否在外 = 否."""
        return self.lines.text("work.still")[i] in ("否", "未", "0", "不在", "已返乡", "返乡", "×")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        found = self.found[i]
        values = self.values[i] | {"person_id": person.id}
        values.setdefault("channel", "migrant")
        if self._home(i) and not values.get("end"):
            said = _("表里写现在不在外，却没有写结束时间，先按仍在务工登记；请补上哪天返乡")
            self.lines.tell(row, i, "work.still", said, "still", Level.WARNING)
        first = self.context.claimed_by("employment", found or "")
        if found is None and values.get("start"):
            found = self.spells.same_employer(person.id, values) or self.spells.same_place(person.id, values)
            first = self.context.claimed_by("employment", found or "")
        draft = self.spells.draft(i, row, person, values, found)
        if draft is None:
            return
        if first is not None:
            row.add(self.lines.of_row(i, _("与{place}是同一段务工").format(place=first), "duplicate", Level.QUESTION))
        else:
            self.context.claim(row, "employment", draft.id)
            self.spells.taken[draft.id] = row.number
        row.drafts = [draft, *self.fares.drafts(i, row, person, values)]


# ---------------------------------------------------------------- 车间用工花名册


def find_employer(context: Context, name: str, titled: str | None) -> Draft:
    """The employer of that name that the station can see, else a proposed one."""

    def make() -> Draft:
        same = [row for row in context.known.all("employer") if plain(row["name"]) == plain(name)]
        same.sort(key=lambda row: row["village"] != (titled or context.home.default))
        if same:
            return against("employer", same[0], {})
        village = titled or context.home.default
        context.propose(_("新建用人单位「{name}」").format(name=name))
        sort = carrier_type(name)
        values = {"name": name, "type": sort, "place": None if sort == ENTERPRISE else village}  # a workshop is of the village
        return context.new("employer", village, values, proposed=("type", "place"))

    return context.shared_draft(("employer", plain(name)), make)


def named_carriers(lines: Lines) -> list[str | None]:
    """The carrier of each row as its column has it; that of the title where the column has none at all."""
    named = lines.values("employer.name")
    return named if any(named) else [lines.binding.said.carrier or None] * len(lines)


class WorkshopMaker(PeopleMaker):
    """Makes the rows of one 用工花名册."""

    reads: tuple[str, ...] = ("person.", "employment.", "contract.", "area.", "employer.name")

    def _ask(self, ready: Ready) -> str:
        self.spells = Spells(self.context, self.lines, [person for _i, _row, person in ready])
        self.values = employment_values(self.lines)
        _begun(self.lines, self.values)
        self.employers = named_carriers(self.lines)
        return _("核对务工名单")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines, context = self.lines, self.context
        name = self.employers[i]
        if not name:
            lines.tell(row, i, "employer.name", _("没有写明用工单位"), "required")
            return
        employer = find_employer(context, str(name), self.titled)
        values = self.values[i] | {"person_id": person.id}
        values.pop("employer_name", None)
        found = self.spells.at(person.id, employer, values.get("start") or values.get("contract_start"))
        first = context.claim(row, "employment", person.id, employer.id)
        if first is not None:
            said = _("与{place}是同一个人").format(place=first)
            lines.tell(row, i, "person.name", said, "duplicate", Level.QUESTION)
        if found is None:
            values = self._proposed(values, person, employer)
        draft = self.spells.draft(i, row, person, values, found)
        if draft is not None:
            row.uses, row.drafts = [employer], [draft]

    def _proposed(self, values: dict[str, Any], person: PersonRef, employer: Draft) -> dict[str, Any]:
        months = self.lines.binding.said.titled.months
        start = values.get("start") or values.get("contract_start") or (months[0] if months else None)
        return proposed_employment(self.context, person, employer, start) | {n: v for n, v in values.items() if v is not None}


def proposed_employment(context: Context, person: PersonRef, employer: Draft, start: str | None) -> dict[str, Any]:
    """What an employment at a carrier is taken to be when a roster does not say: at the village's county, from `start`."""
    type = employer.values.get("type") or carrier_type(str(employer.values.get("name") or ""))
    name = employer.values.get("name")
    if name is None:
        stored = context.known.rows("employer", [employer.id]).get(employer.id)
        name, type = (stored["name"], stored["type"]) if stored else ("", type)
    context.propose(_("在「{name}」的务工记录没有的按花名册新建，务工地记为本县").format(name=name))
    return {
        "person_id": person.id,
        "employer_id": employer.id,
        "employer_name": name,
        "channel": _CHANNELS.get(str(type), "workshop"),
        "place": kind_of("employment").by_name["place"].read(person.village[:6]),
        "start": start,
    }
