"""外出务工名单 and 车间用工花名册 → employments, 返乡人员台账 → their ends; and finding the employment that a row means among a
person's employments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from domain import divisions, periods
from domain.divisions import Region, region
from domain.errors import FieldError
from domain.fields import kind_of
from domain.scopes import county_of
from domain.words import _
from services.importing.columns.matching import CONTRACT, SPAN
from services.importing.plan import Draft, Level, PlanRow
from services.importing.records.with_work import idle, in_register
from services.importing.records.work_besides import Fares, Remarks, Trips, ask_start, doubts, fill_places, undated
from services.importing.rows.drafting import Context, against, find_employer, require
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import PeopleMaker, Ready
from services.importing.tables.heading_words import plain
from services.importing.tables.titles import carrier_type
from services.importing.values.cells import written_out

_NOT_WORKING = ("否", "未", "0", "未务工", "没有", "×")
_HOME = re.compile("否|未|0|不在|已?返|×|回[乡村家来]|已回|在家|待业")
"""What a list answers about somebody who is not away any more."""
_CHANNELS = {"enterprise": "enterprise", "cooperative": "cooperative"}
_ROSTER_COLUMNS = ("place", "address", "industry", "job", "start", "end", "organised", "point_to_point", "contract", "contract_start")
_MORE_COLUMNS = ("contract_end", "open_ended", "insured", "monthly_wage", "proofs", "end_reason", "employer_name", "channel")


def employment_values(lines: Lines) -> list[dict[str, Any]]:
    """The values of the employment columns of each row, with ranges split into start and end."""
    names = [name for name in _ROSTER_COLUMNS + _MORE_COLUMNS if lines.has(f"employment.{name}")]
    columns = [lines.values(f"employment.{name}") for name in names]
    found = [{n: v for n, v in zip(names, values, strict=True) if v is not None} for values in zip(*columns, strict=True)]
    found = found or [{} for _i in range(len(lines))]
    for values, span, term in zip(found, _single_months_as_starts(lines), lines.values("contract.range"), strict=True):
        _complete(values, SPAN, span or ())
        if term is not None and (reach := term.begun(values.get("contract_start"))).start:
            _complete(values, CONTRACT, map(_full_date, (reach.start, reach.end)))
    _mark_open_ended(lines, found)
    return found


def _full_date(day: str | None) -> str | None:
    return day if day and len(day) == 10 else None


def _mark_open_ended(lines: Lines, found: Sequence[dict[str, Any]]) -> None:
    for target in ("employment.contract_start", "employment.contract_end", "contract.range"):
        for values, written in zip(found, lines.written(target), strict=True):
            if "无固定" in written:
                values.setdefault("open_ended", True)


def _complete(values: dict[str, Any], names: Sequence[str], days: Iterable[str | None]) -> None:
    for name, day in zip(names, days, strict=False):
        if day is not None:
            values.setdefault(name, day)


def _single_months_as_starts(lines: Lines) -> list[Any]:
    """The spells of work of a list. If 务工时间 has only single months, they are starts; if other spells have two ends, a single month is
    the whole month."""
    spells = lines.values("work.range")
    months = {i for i, span in enumerate(spells) if span and span[0] == span[1] and len(span[0]) == 7}
    if not months or any(span and span[1] is not None and span[0] != span[1] for span in spells):
        return spells
    message = _("只写了一个日期，按开始时间导入，还没有结束时间")
    for i in sorted(months):
        lines.noticed.setdefault(i, []).append(lines.about(i, "work.range", message, "start", Level.WARNING))
    return [(span[0], None) if i in months else span for i, span in enumerate(spells)]


def _start_from_contract(lines: Lines, found: Sequence[dict[str, Any]], *, whole: bool = False) -> None:
    """If there is no start of work, take it from the contract, of which the month is enough. Without `whole`, only where the contract's
    start is not a day, which is used for the start anyway."""
    ranges, days = lines.values("contract.range"), lines.written("employment.contract_start")
    for values, span, day in zip(found, ranges, days, strict=True):
        if "start" not in values and (whole or "contract_start" not in values) and ((span and span.start) or day):
            with suppress(FieldError):
                values["start"] = span.start if span and span.start else periods.parse_fdate(written_out(day, []))


class Spells:
    """The employments of a table's people: those in the store and those that this import adds."""

    def __init__(self, context: Context, lines: Lines, people: Sequence[PersonRef]) -> None:
        self.context, self.lines = context, lines
        ids = {person.id for person in people}
        self.by_person: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        self.rows: dict[str, Row] = {}
        """Stored employments by id."""
        self.taken: dict[str, int] = {}
        """Employment id → number of the row of this table that it belongs to."""
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
        """The employer's name in `plain` form: as written, otherwise that of the referenced employer."""
        return plain(values.get("employer_name") or self.names.get(values.get("employer_id") or "", ""))

    def same_employer(self, person: str, values: Mapping[str, Any]) -> str | None:
        """The id of the employment with the same start and employer, even if another row has it."""
        employer = self.employer(values)
        for id, spell in self.by_person.get(person, ()):
            if spell["start"] == values.get("start") and employer and self.employer(spell) == employer:
                return id
        return None

    def same_place(self, person: str, values: Mapping[str, Any]) -> str | None:
        """The id of the employment with the same start and place that no other row has, unless the employers cannot be compared."""
        for id, spell in self.by_person.get(person, ()):
            same = spell["start"] == values.get("start") and spell["place"] == values.get("place")
            if same and (id not in self.taken or not (self.employer(values) and self.employer(spell))):
                return id
        return None

    def _running(self, person: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The employments that have not ended with the same employer, or at the same place if employers cannot be compared."""
        employer = self.employer(values)
        for id, spell in self.by_person.get(person, ()):
            known = self.employer(spell)
            same = known == employer if known and employer else spell["place"] == values.get("place")
            if same and not spell.get("end") and id not in self.taken:
                yield id, spell

    def going_on(self, person: str, values: Mapping[str, Any]) -> str | None:
        """The id of the only employment that still runs."""
        running = list(self._running(person, values))
        return running[0][0] if len(running) == 1 else None

    def keep_running(self, people: Mapping[int, PersonRef], rows: Sequence[dict[str, Any]]) -> None:
        """Give the rows of a list without starts the start of the work on record that still runs: otherwise importing the list every month
        would record the same work again."""
        for i, person in people.items():
            for _id, spell in self._running(person.id, rows[i]):
                rows[i]["start"] = spell["start"]

    def at(self, person: str, employer: Draft, day: str | None = None) -> str | None:
        """The id of a person's employment with an employer: the last that covers `day` (a date or month), otherwise the latest that had not
        ended by then."""
        name = plain(employer.values.get("name") or self.names.get(employer.id, ""))
        spells = [
            one for one in self.by_person.get(person, ()) if one[1].get("employer_id") == employer.id or self.employer(one[1]) == name
        ]
        spells.sort(key=lambda one: str(one[1]["start"]))
        covering = [id for id, spell in spells if day and _covers(spell, day)]
        later = [id for id, spell in spells if not (day and spell.get("end") and periods.last_day(spell["end"])[: len(day)] < day)]
        return covering[-1] if covering else later[-1] if later else None

    def draft(self, i: int, row: PlanRow, person: PersonRef, values: dict[str, Any], found: str | None) -> Draft | None:
        """A draft of a new employment, or of the changes to the one found; None if the row is refused."""
        doubts(self.lines, i, row, values)
        if found is not None:
            made = self.context.shared.get(("employment", found))
            if made is not None:
                return made.amended(values)
            given = {name: value for name, value in values.items() if name != "channel" or self.lines.has("employment.channel")}
            return against("employment", self.rows[found], given)
        draft = self.context.new("employment", person.village, values)
        require(self.lines, i, row, draft)
        if row.refused:
            return None
        if (before := self._corrected(person.id, values)) is not None:
            message = _("台账里已有从 {start} 起的一段，日期重叠；这一行是更正的，导入后请删掉原来那段").format(start=before["start"])
            self.lines.add_issue(row, i, "employment.start", message, "overlap", Level.WARNING)
        if not row.questioned:
            self.context.shared["employment", draft.id] = draft
            self.add(draft)
        return draft

    def _corrected(self, person: str, values: Mapping[str, Any]) -> Row | None:
        """The stored overlapping employment that a new one may correct: with the same start or the same employer, by which employments are
        found."""
        for id, spell in self.by_person.get(person, ()):
            alike = spell["start"] == values["start"] or (self.employer(spell) and self.employer(spell) == self.employer(values))
            if id in self.rows and alike and (_covers(spell, values["start"]) or _covers(values, spell["start"])):
                return self.rows[id]
        return None


def _covers(employment: Mapping[str, Any], day: str) -> bool:
    end = employment.get("end")
    return periods.first_day(employment["start"])[: len(day)] <= day and (end is None or day <= periods.last_day(end)[: len(day)])


# ---------------------------------------------------------------- 外出务工名单


class WorkMaker(PeopleMaker):
    """Makes the rows of one list of work away."""

    reads: tuple[str, ...] = ("person.", "employment.", "work.", "contract.", "area.", "travel.")

    def _rows(self) -> list[tuple[int, PlanRow]]:
        """As in any list, but rows of people who do not work are skipped."""
        self.values = employment_values(self.lines)
        if not self.lines.has("employment.start") and not self.lines.has("work.range"):
            _start_from_contract(self.lines, self.values, whole=True)
        fill_places(self.lines, self.context.home.scope, self.values)
        self.in_register = in_register(self.lines.binding)
        for i, row in (rows := super()._rows()):
            row.skipped = row.skipped or self._idle(i)
        return rows

    def _ask(self, ready: Ready) -> str:
        people = {i: person for i, _row, person in ready}
        self.spells = Spells(self.context, self.lines, list(people.values()))
        if "employment.start" in self.lines.binding.title_values:
            self.spells.keep_running(people, self.values)
        self.fares = Fares(self.context, self.lines, people)
        self.trips = Trips(self.context, self.lines, people)
        self.found: dict[int, str | None] = {}
        for i, row, person in ready:  # certain matches first, so that a similar row further up does not take their record
            found = self.found[i] = self.spells.same_employer(person.id, self.values[i])
            if found is not None:
                self.spells.taken.setdefault(found, row.number)
        self.remarks, self.undated = Remarks(self.lines), undated(self.lines)
        return _("核对务工名单")

    def _idle(self, i: int) -> bool:
        """Whether a row says that the person does not work: 是否已务工 = 否 and no end; in a register, nothing about work."""
        values, already = self.values[i], self.lines.text("work.already")[i]
        return (self.in_register and idle(values)) or (already in _NOT_WORKING and not values.get("end"))

    def _home(self, i: int) -> bool:
        return _HOME.match(self.lines.text("work.still")[i]) is not None  # 是否在外 = 否

    def _channel(self, place: Any) -> str:
        """The way of working that the title tells, of those who work in the county or its city."""
        titled = self.lines.binding.headlines.channel
        at_home = not place or region(str(place), self.lines.home) in (Region.COUNTY, Region.CITY)
        return titled if titled and at_home else "migrant"

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        found = self.found[i]
        values = self.values[i] | {"person_id": person.id}
        values.setdefault("channel", self._channel(values.get("place")))
        if self._home(i) and not values.get("end"):
            message = _("表里写现在不在外，却没有写结束时间，先按仍在务工登记；请补上哪天返乡")
            self.lines.add_issue(row, i, "work.still", message, "still", Level.WARNING)
        self.remarks.apply(i, row, values)
        first = self.context.claimed_by("employment", found or "")
        if self.undated and not values.get("start"):
            if (found := self.spells.going_on(person.id, values)) is None:
                if fares := self.fares.alone(i, row, person):
                    row.drafts = fares
                    return
                ask_start(self.lines, i, row, values)
        elif found is None and values.get("start"):
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
        row.drafts = [draft, *self.fares.drafts(i, row, person, values), *self.trips.drafts(row, person, values)]


# ---------------------------------------------------------------- 车间用工花名册


def named_carriers(lines: Lines) -> list[str | None]:
    """The carrier of each row from its column; if the column is empty throughout, the carrier in the title."""
    named = lines.values("employer.name")
    return named if any(named) else [lines.binding.headlines.carrier or None] * len(lines)


class WorkshopMaker(PeopleMaker):
    """Makes the rows of one 用工花名册."""

    reads: tuple[str, ...] = ("person.", "employment.", "contract.", "area.", "employer.name")

    def _ask(self, ready: Ready) -> str:
        self.spells = Spells(self.context, self.lines, [person for _i, _row, person in ready])
        self.values = employment_values(self.lines)
        _start_from_contract(self.lines, self.values)
        self.employers = named_carriers(self.lines)
        return _("核对务工名单")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines, context = self.lines, self.context
        name = self.employers[i]
        if not name:
            lines.add_issue(row, i, "employer.name", _("没有写明用工单位"), "required")
            return
        employer = find_employer(context, str(name), self.titled)
        values = self.values[i] | {"person_id": person.id}
        values.pop("employer_name", None)
        found = self.spells.at(person.id, employer, values.get("start") or values.get("contract_start"))
        self._claim(i, row, _("与{place}是同一个人"), "employment", person.id, employer.id)
        if found is not None and "employment.start" in lines.binding.title_values:  # the start on record counts
            values.pop("start", None)
        if found is None:
            values = self._proposed(values, person, employer)
            if not values.get("start") and undated(lines):
                ask_start(lines, i, row, values)
        draft = self.spells.draft(i, row, person, values, found)
        if draft is not None:
            row.uses, row.drafts = [employer], [draft]

    def _proposed(self, values: dict[str, Any], person: PersonRef, employer: Draft) -> dict[str, Any]:
        months = self.lines.binding.headlines.titled.months
        start = values.get("start") or values.get("contract_start") or (months[0] if months else None)
        return proposed_employment(self.context, person, employer, start) | {n: v for n, v in values.items() if v is not None}


def proposed_employment(context: Context, person: PersonRef, employer: Draft, start: str | None) -> dict[str, Any]:
    """Default values of an employment at a carrier: in the village's county, from `start`."""
    type = employer.values.get("type") or carrier_type(str(employer.values.get("name") or ""))
    name = employer.values.get("name")
    if name is None:
        stored = context.known.rows("employer", [employer.id]).get(employer.id)
        name, type = (stored["name"], stored["type"]) if stored else ("", type)
    elsewhere = _registered_elsewhere(str(name or ""), person.village)
    if elsewhere is None:
        context.propose(_("在「{name}」的务工记录没有的按花名册新建，务工地记为本县").format(name=name))
    else:
        message = _("在「{name}」的务工记录没有的按花名册新建，务工地按单位名称记为{place}，请核对")
        context.propose(message.format(name=name, place=kind_of("employment").by_name["place"].show(elsewhere)))
    return {
        "person_id": person.id,
        "employer_id": employer.id,
        "employer_name": name,
        "channel": _CHANNELS.get(str(type), "workshop"),
        "place": elsewhere or kind_of("employment").by_name["place"].read(county_of(person.village)),
        "start": start,
    }


_COMPANY = re.compile("(?:公司|集团)$")


def _registered_elsewhere(name: str, village: str) -> str | None:
    """The place at the start of a company's registered name (大连某某有限公司) if it is outside the village's county; otherwise None."""
    code = divisions.parse_place(name, home=village) if _COMPANY.search(name) else None
    return None if code is None or village.startswith((county_of(code), code.rstrip("0"))) else code


class ReturnMaker(PeopleMaker):
    """Makes the rows of one list of people who have come back."""

    reads: tuple[str, ...] = ("person.", "employment.end", "employment.employer_name", "area.")

    def _ask(self, ready: Ready) -> str:
        self.spells = self.context.known.children("employment", "person_id", {person.id for _i, _row, person in ready})
        return _("核对务工名单")

    def _row(self, i: int, row: PlanRow, person: PersonRef) -> None:
        lines = self.lines
        end, reason = lines.values("employment.end")[i], lines.values("employment.end_reason")[i]
        if end is None:
            lines.add_issue(row, i, "employment.end", _("没有写明哪天返乡"), "required")
            return
        open_ones = self._ended_by(person, end, str(lines.values("employment.employer_name")[i] or ""))
        if len(open_ones) != 1:
            message = (
                _("台账里{name}没有在外的务工记录，请先导入务工名单") if not open_ones else _("{name}有不止一段在外的务工，请写明单位")
            )
            lines.add_issue(row, i, "employment.end", message.format(name=person.name), "reference")
            return
        values: dict[str, Any] = {"end": end} | ({"end_reason": reason} if reason else {})
        if (first := self.context.claim(row, "employment", open_ones[0]["id"])) is not None:
            row.add(lines.of_row(i, _("与{place}是同一段务工").format(place=first), "duplicate", Level.QUESTION))
        row.drafts = [against("employment", open_ones[0], values)]

    def _ended_by(self, person: PersonRef, end: str, employer: str) -> list[Row]:
        """The person's employments that began by then and are open or have this end; those with the employer if the list names one that is
        known."""
        begun = [
            spell
            for spell in self.spells.get(person.id, ())
            if periods.first_day(spell["start"]) <= periods.last_day(end) and spell["end"] in (None, end)
        ]
        named = [spell for spell in begun if employer and plain(spell["employer_name"] or "") == plain(employer)]
        return named or begun
