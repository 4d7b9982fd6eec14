"""Monthly employment report (务工监测月报): people at work by region at the end of a month, by village, with the people behind each figure.

    made = report(session, "2026-10")                 # lines with figures by the names of MEASURES
    ids(session, "2026-10", "230826101", "outside")   # the people behind one of them

Figures and people come from the same subquery, so that they cannot differ. A month that is not over is counted as of today. Later entries
about an earlier month count in that month, so its report may still change (`services.reports.sealing` keeps it as handed in).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Subquery,
    Table,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from db.mapping import table
from db.merged import owned, stands
from db.session import Session
from domain import divisions
from domain.alerts import fell
from domain.divisions import Region
from domain.errors import DomainError, FieldError, NotFound
from domain.grouping import by_key
from domain.periods import add_months, last_day
from domain.records import MonthlyCheck
from domain.records.people import ABLE, MONITORED
from domain.scopes import is_county, is_township, is_village, township_of
from domain.words import N_, _
from services import work
from services.standing import FAR, Places, holding, limits, living, places, with_category

_AWAY = FAR.index(Region.OUTSIDE)
"""Index in `FAR` from which a place is outside the province."""
BEFORE = "before"
"""Key in `AreaMonth.figures`, besides the measures: number of people at work at the end of the month before."""


@dataclass(frozen=True)
class Facts:
    """Columns that say how each person is at the end of a month. `far`: the index in `FAR` of their farthest place of work, null without
    work; `was`: the same at the end of the month before, when they were `there` (alive)."""

    there: ColumnElement[bool]
    alive: ColumnElement[bool]
    able: ColumnElement[bool]
    far: ColumnElement[int]
    was: ColumnElement[int]
    post: ColumnElement[bool]
    workshop: ColumnElement[bool]
    monitored: ColumnElement[bool]
    wishing: ColumnElement[bool]


@dataclass(frozen=True)
class Measure:
    """A column of the report. `meaning`: its definition, in the clerk's words; `counts`: its condition."""

    name: str
    label: str
    meaning: str
    counts: Callable[[Facts], ColumnElement[bool]]


@dataclass(frozen=True)
class AreaMonth:
    """A village, or the sum of a township or county. `area`: its code of 12, 9 or 6 digits; `fell`: whether the number of people at work
    dropped markedly (务工人数下降明显)."""

    area: str
    name: str
    figures: Mapping[str, int]
    fell: bool

    @property
    def village(self) -> bool:
        """Whether the line is for a single village."""
        return is_village(self.area)


@dataclass(frozen=True)
class Monthly:
    """The report of a month. `day`: the day it refers to; `lines`: villages, at a county each township's after its sum; `checks`: progress
    of the monthly check, which the figures depend on; `silent`: names of the villages without any person on record."""

    month: str
    day: str
    scope: str
    lines: Sequence[AreaMonth]
    total: AreaMonth
    checks: work.CheckCounts
    silent: Sequence[str]


def _works(f: Facts) -> ColumnElement[bool]:
    return and_(f.alive, f.far.is_not(None))


def _at(where: Region) -> Callable[[Facts], ColumnElement[bool]]:
    return lambda f: and_(f.alive, f.far == FAR.index(where))


def _stopped(f: Facts) -> ColumnElement[bool]:
    return and_(f.was.is_not(None), not_(_works(f)))


_ALL = (
    Measure("labour", N_("劳动力"), N_("在世、劳动技能为普通、技能、弱或半劳动力的人，不论年龄。"), lambda f: and_(f.alive, f.able)),
    Measure("working", N_("已务工"), N_("月末这天有务工记录或在公益岗的人，一人只算一次。"), _works),
    Measure(
        "outside", N_("省外"), N_("已务工的人里，在省外或境外的。一人在几处的，算最远的一处。"), lambda f: and_(f.alive, f.far >= _AWAY)
    ),
    Measure("province", N_("市外省内"), N_("已务工的人里，在本市以外、本省以内的。一人在几处的，算最远的一处。"), _at(Region.PROVINCE)),
    Measure("city", N_("县外市内"), N_("已务工的人里，在本县以外、本市以内的。一人在几处的，算最远的一处。"), _at(Region.CITY)),
    Measure("county", N_("县内"), N_("已务工的人里，在本县的，公益岗也算在县内。"), _at(Region.COUNTY)),
    Measure("monitored", N_("监测"), N_("已务工的人里，月末这天属于监测对象的。"), lambda f: and_(_works(f), f.monitored)),
    Measure("post", N_("公益岗"), N_("已务工的人里，在公益岗的。"), lambda f: and_(_works(f), f.post)),
    Measure("workshop", N_("车间"), N_("已务工的人里，在帮扶车间的。"), lambda f: and_(_works(f), f.workshop)),
    Measure("started", N_("本月新增"), N_("月末在务工、上月末没有务工的人。"), lambda f: and_(_works(f), f.was.is_(None))),
    Measure(
        "returned",
        N_("本月返乡"),
        N_("上月末在务工、月末已不务工的人，从外地回来的和在本地停工的都算，去世的不算。"),
        lambda f: and_(f.alive, _stopped(f)),
    ),
    Measure(
        "wishing",
        N_("有意愿未就业"),
        N_("没有务工、但有未了结的就业需求，或本月监测为待业的人。"),
        lambda f: and_(f.alive, f.far.is_(None), f.wishing),
    ),
    Measure(
        "change",
        N_("较上月"),
        N_("已务工人数减去上月末的已务工人数。名单是两个月末之间开始务工的和不再务工的人。"),
        lambda f: or_(and_(_works(f), f.was.is_(None)), _stopped(f)),
    ),
)
MEASURES: Mapping[str, Measure] = {one.name: one for one in _ALL}
"""The columns in order. 省外 with 境外, 市外省内, 县外市内 and 县内 add up to 已务工."""


# -- the report ---------------------------------------------------------------------------------------------------------


def report(session: Session, month: str) -> Monthly:
    """The report of a month on all records of this station. Raises `FieldError` for an invalid month, `DomainError` for a future one."""
    day, villages, scope = counted_on(session, month), by_village(session, month), session.scope
    return Monthly(
        month, day, scope, _lines(scope, villages), _line(scope, villages.values()), work.counts(session, month), _silent(scope, villages)
    )


def total(session: Session, month: str) -> AreaMonth:
    """The total line of a month's report, without the rest."""
    return _line(session.scope, by_village(session, month).values())


def nobody_asked(line: AreaMonth, month: str, asked: Collection[tuple[str, str]]) -> bool:
    """Whether it is unknown who wants work: nobody is on record, and nobody of the area was asked in that month (`work.asked`)."""
    return unasked(line.figures["wishing"], line.area, month, asked)


def unasked(wishing: int, area: str, month: str, asked: Collection[tuple[str, str]]) -> bool:
    """Like `nobody_asked`, by the number of people who want work in an area."""
    return not wishing and not any(when == month and village.startswith(area) for when, village in asked)


def by_village(session: Session, month: str, codes: frozenset[str] = frozenset()) -> dict[str, dict[str, int]]:
    """Every figure of every village, by code and by name of the measure. With `codes`, only of the people whom they limit
    (`standing.limits`)."""
    rows = session.conn.execute(_sums(places(session), codes), _days(session, [month])).mappings()
    found = {row["village"]: {name: int(row[name]) for name in row if name != "village"} for row in rows}
    return {village: figures | {"change": figures["working"] - figures[BEFORE]} for village, figures in found.items()}


@lru_cache(maxsize=4)
def _sums(places: Places, codes: frozenset[str]) -> Select[Any]:
    people, (f,) = _people(places, 1, codes)
    sums = [func.sum(case((one.counts(f), 1), else_=0)).label(one.name) for one in _ALL if one.name != "change"]
    before = func.sum(case((f.was.is_not(None), 1), else_=0)).label(BEFORE)
    return select(people.c.village, *sums, before).group_by(people.c.village).order_by(people.c.village)


def over_months(session: Session, months: Sequence[str], measure: str) -> dict[str, dict[str, int]]:
    """A measure by month and by village, of months that follow each other. The records are read once for all of them."""
    if measure == "working":
        spells = series(session, counted_on(session, months[-1])[:7], len(months))
        return by_month(months, [(village, *(n for _month, n in numbers)) for village, numbers in spells.items()])
    people, facts = _people(places(session), len(months))
    counts = MEASURES[measure].counts
    sums = (func.sum(case((and_(f.there, counts(f)), 1), else_=0)) for f in facts)
    return by_month(months, session.conn.execute(select(people.c.village, *sums).group_by(people.c.village), _days(session, months)).all())


def by_month(months: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, dict[str, int]]:
    """Rows of a village with its number in each month, by month and by village, without zeros."""
    return {month: {village: int(numbers[n]) for village, *numbers in rows if numbers[n]} for n, month in enumerate(months)}


def ids(session: Session, month: str, area: str, measure: str) -> list[str]:
    """Ids of the people counted in a figure, sorted by pinyin. Raises `NotFound` for an unknown measure."""
    found = counted(session, month, measure).subquery()
    inside = func.substr(found.c.village, 1, len(area)) == area
    return list(session.conn.execute(select(found.c.id).where(inside).order_by(found.c.pinyin, found.c.id)).scalars())


def counted(session: Session, month: str, measure: str) -> Select[Any]:
    """Selects `id`, `village` and `pinyin` of the people counted in a figure. Raises `NotFound` for an unknown measure."""
    if measure not in MEASURES:
        raise NotFound(_("月报没有「{name}」这一项。").format(name=measure[:40]))
    people, (f,) = _people(places(session), 1)
    query = select(people.c.id, people.c.village, people.c.pinyin).where(MEASURES[measure].counts(f))
    return query.params(_days(session, [month]))


def behind(session: Session, month: str) -> Iterator[tuple[str, str, list[str]]]:
    """Everybody counted in any figure, in order of id: id, village, names of the measures. Uses a single query."""
    people, (f,) = _people(places(session), 1)
    marks = [case((one.counts(f), 1), else_=0).label(one.name) for one in _ALL]
    query = select(people.c.id, people.c.village, *marks).order_by(people.c.id)
    for row in session.conn.execute(query, _days(session, [month])).mappings():
        if counted := [name for name in MEASURES if row[name]]:
            yield row["id"], row["village"], counted


def series(session: Session, month: str, count: int = 12) -> dict[str, list[tuple[str, int]]]:
    """By village, the number of people at work at the end of each of the `count` months up to this one."""
    months = [add_months(month, -n) for n in range(count - 1, -1, -1)]
    days = [_end(session, each) for each in months]
    people: dict[str, list[set[str]]] = defaultdict(lambda: [set() for _each in days])
    for id, village, died_on, start, end in session.conn.execute(_spells()).all():
        last = min(bisect_right(days, f"{end or ''}~"), bisect_left(days, died_on or "9"))  # "~" follows all days of a year or month
        for n in range(bisect_left(days, start or ""), last):
            people[village][n].add(id)
    return {village: [(each, len(ids)) for each, ids in zip(months, found, strict=True)] for village, found in people.items()}


def _spells() -> Select[Any]:
    """Spells of work and public posts: the person's id, village and day of death, first and last day (as in `holding`)."""
    p, e, a = table("person"), table("employment"), table("appointment")
    spells = select(e.c.person_id.label("id"), e.c.start, e.c.end).where(e.c.deleted_at.is_(None))
    posts = select(a.c.person_id.label("id"), a.c.start, a.c.exit_on.label("end")).where(a.c.deleted_at.is_(None))
    found = owned(spells, posts).subquery()
    columns = p.c.id, p.c.village, p.c.died_on, found.c.start, found.c.end
    return select(*columns).join(found, found.c.id == p.c.id).where(p.c.deleted_at.is_(None), stands())


def counted_on(session: Session, month: str) -> str:
    """The day a month's figures refer to: its last day, or today while it is not over. Raises `FieldError` and `DomainError`."""
    checked = MonthlyCheck.KIND.by_name["month"].from_json(month)
    if checked is None:
        raise FieldError(_("月份应写成 2023-06"), "date")
    if checked > session.today[:7]:
        raise DomainError(_("{month} 还没有到，没有月报。").format(month=checked))
    return _end(session, checked)


def _end(session: Session, month: str) -> str:
    return min(last_day(month), session.today)


def _lines(scope: str, villages: Mapping[str, Mapping[str, int]]) -> list[AreaMonth]:
    if not is_county(scope):
        return [_line(village, [figures]) for village, figures in villages.items()]
    towns = by_key((township_of(village), village) for village in villages)
    lines = []
    for town, members in towns.items():
        lines.append(_line(town, [villages[one] for one in members]))
        lines += [_line(one, [villages[one]]) for one in members if is_village(one)]
    return lines


def _line(area: str, members: Collection[Mapping[str, int]]) -> AreaMonth:
    figures = {name: sum(one[name] for one in members) for name in (*MEASURES, BEFORE)}
    return AreaMonth(area, divisions.called(area), figures, fell(figures["working"], figures[BEFORE]))


def _silent(scope: str, villages: Collection[str]) -> list[str]:
    if is_village(scope):
        return []
    towns = [scope] if is_township(scope) else divisions.children(scope)
    known = [village for town in towns for village in divisions.children(town)]
    return [divisions.called(village) for village in known if village not in villages]


# -- facts about each person ----------------------------------------------------------------------------------------------


def _day(n: int) -> BindParameter[str]:
    """The last day of the month before the first (0), of the first (1) and so on. Days are parameters, so that a statement is built once:
    building one takes as long as a village's result."""
    return bindparam(f"day{n}", type_=String())


def _month(n: int) -> BindParameter[str]:
    return bindparam(f"month{n}", type_=String())


def _days(session: Session, months: Sequence[str]) -> dict[str, str]:
    """The values of the parameters."""
    days = [counted_on(session, month) for month in months]
    of_months = {f"month{n}": day[:7] for n, day in enumerate(days, 1)}  # as typed they may have full-width digits
    return of_months | {f"day{n}": day for n, day in enumerate([last_day(add_months(days[0], -1)), *days])}


def _people(places: Places, count: int, codes: frozenset[str] = frozenset()) -> tuple[Subquery, list[Facts]]:
    """A row for everybody alive at the end of the month before the first, with `id`, `village` and `pinyin`; and what is known of them in
    each of `count` months. With `codes`, only those whom they limit at the end of the first
    (`standing.limits`)."""
    p, work = table("person"), _work(places, count)
    died, months = func.coalesce(p.c.died_on, "9"), range(1, count + 1)
    people = (
        select(
            p.c.id,
            (p.c.village + "").label(
                "village"
            ),  # not the bare column: its index would fetch the rows in an order that decrypts pages often
            p.c.pinyin,
            p.c.labour.in_(sorted(ABLE)).label("able"),
            *((died > _day(n)).label(f"alive{n}") for n in (0, *months)),
            *(work.c[f"far{n}"] for n in (0, *months)),
            *((func.coalesce(work.c[f"{name}{n}"], 0) == 1).label(f"{name}{n}") for n in months for name in ("post", "workshop")),
            *(_in_any(with_category(MONITORED, _day(n))).label(f"monitored{n}") for n in months),
            *(_in_any(*_wishes(n)).label(f"wishing{n}") for n in months),
        )
        .select_from(p.outerjoin(work, work.c.id == p.c.id))
        .where(*living(_day(0)), *(_in_any(one) for one in limits(codes, _day(1))))
        .subquery()
    )
    return people, [_facts(people, n) for n in months]


def _facts(people: Subquery, n: int) -> Facts:
    c = people.c
    marks = (c[f"{name}{n}"] for name in ("post", "workshop", "monitored", "wishing"))
    return Facts(c[f"alive{n - 1}"], c[f"alive{n}"], c.able, c[f"far{n}"], c[f"far{n - 1}"], *marks)


def _in_any(*members: Select[Any]) -> ColumnElement[bool]:
    return table("person").c.id.in_(select(owned(*members).subquery().c.id))


def _wishes(n: int) -> tuple[Select[Any], Select[Any]]:
    """People who want work in a month: with an open wish at its end, or recorded as unemployed."""
    w, c = table("job_wish"), table("monthly_check")
    still = w.c.opened_on <= _day(n), or_(w.c.closed_on.is_(None), w.c.closed_on > _day(n))
    said = c.c.month == _month(n), c.c.status == "unemployed"
    open_ = select(w.c.person_id.label("id")).where(w.c.deleted_at.is_(None), *still)
    return open_, select(c.c.person_id.label("id")).where(c.c.deleted_at.is_(None), *said)


def _work(places: Places, count: int) -> Subquery:
    """`id` of everybody at work on one of the days, `far` of each, and 1 for whoever is on a `post` or in a `workshop` on it. The same
    definitions as `services.standing.at_work`, but the spells are read once."""
    e, a = table("employment"), table("appointment")
    far = case(*((e.c.place.in_(codes), how_far) for how_far, codes in enumerate(places, 1)), else_=0)
    jobs = _on_days(e, "end", count, far, e.c.channel == "public_post", e.c.channel == "workshop")
    found = owned(jobs, _on_days(a, "exit_on", count, literal(0), true(), false())).subquery()
    farthest = (func.max(column).label(column.name) for column in found.c if column.name != "id")
    return select(found.c.id, *farthest).group_by(found.c.id).subquery()


def _on_days(
    t: Table, end: str, count: int, far: ColumnElement[int], post: ColumnElement[bool], workshop: ColumnElement[bool]
) -> Select[Any]:
    """The spells of a table that contain one of the days."""
    on = [holding(t, _day(n), "start", end) for n in range(count + 1)]
    told = {f"far{n}": (now, far) for n, now in enumerate(on)}
    for n, now in enumerate(on[1:], 1):
        told |= {f"post{n}": (and_(now, post), literal(1)), f"workshop{n}": (and_(now, workshop), literal(1))}
    columns = (case(one).label(name) for name, one in told.items())
    return select(t.c.person_id.label("id"), *columns).where(t.c.deleted_at.is_(None), or_(*on))
