"""统计: what the records say of a month, by township or by village, with the records behind each figure.

    found = counted(session, "2026-10")                                # every figure of every village
    lines(found), lines(found, "230826101")                            # by township; the villages of one
    behind(session, "2026-10", FIGURES["filed"], Area("230826101"))    # the records counted
    over_months(session, ["2026-09", "2026-10"], FIGURES["filed"])     # one figure of every village, by month

Figures are counted in SQL, and figure and list come from the same select, so that they cannot differ. They use the definitions of the
monthly report (`services.reports.monthly`), the pages for workshops, posts, training and services, and the overview of data quality. The
session's scope must be a county, township or village: regions of work are as seen from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select, true

from db import erased
from db.funds import went_out
from db.mapping import table
from db.merged import any_merged, with_owners
from db.session import Session
from domain import clock, divisions
from domain.grouping import by_key
from domain.periods import add_months
from domain.records.people import LIFTED, MONITORED
from domain.scopes import DIGITS, within
from domain.words import N_, _
from services import work
from services.quality.overview import MISSING, grown, lacks
from services.reports import monthly
from services.standing import limits, living
from services.workshop.workshop import CARRIERS


@dataclass(frozen=True)
class Month:
    """The month counted: `2026-10`; the `day` its state refers to, its last or today; its beginning and end as record times. With `codes`,
    only people of these categories count."""

    month: str
    day: str
    since: str
    until: str
    codes: frozenset[str] = frozenset()


Rows = Callable[[Session, Month], Select[Any]]
"""Selects `id`, `village` and `amount` (fen) of records, and a condition for each `mark`."""


@dataclass(frozen=True)
class Figure:
    """A column. `meaning`: its definition; `kind`: the records behind it; `rows`: None for a measure of the monthly report of the same
    name; `mark`: the column of `rows` that says which of them count, "" for all; `money`: the sum of the amounts (fen) instead of the
    number of records."""

    name: str
    label: str
    meaning: str
    kind: str = "person"
    rows: Rows | None = None
    mark: str = ""
    money: bool = False
    lasting: bool = False
    """Whether it says how records are now, whatever the month."""


@dataclass(frozen=True)
class Area:
    """A place and everything below it; with `own` only the records kept at that level itself. "" is the whole store."""

    code: str = ""
    own: bool = False

    def holds(self, village: ColumnElement[str]) -> ColumnElement[bool]:
        """Condition: a record's village is in the area."""
        return village == self.code if self.own else func.substr(village, 1, len(self.code)) == self.code


@dataclass(frozen=True)
class AreaFigures:
    """A township or a village, with its figures by name."""

    area: Area
    name: str
    figures: Mapping[str, int]
    unknown: frozenset[str] = frozenset()
    """Names of figures that nobody can tell, which are 0 here."""


Asked = Collection[tuple[str, str]]
"""Months and villages in which anybody was asked, as in `work.asked`."""


@dataclass(frozen=True)
class Counted:
    """Every figure of every village of a month, by code and by name. `day`: as in `Month`."""

    month: str
    day: str
    villages: Mapping[str, Mapping[str, int]]
    asked: Asked = frozenset()


# -- what is counted -----------------------------------------------------------------------------------------------------


_NOTHING: Final = literal(0).label("amount")

_GROUPS: Final = {"lifted": LIFTED, "watched": MONITORED, "low_income": frozenset({"low_income"})}
"""Codes of the categories by which people are counted."""


def _people(session: Session, at: Month) -> Select[Any]:
    p = table("person")
    marks = (condition.label(name) for name, condition in _marks(session, at).items() if name)
    return select(p.c.id, p.c.village, _NOTHING, *marks).where(*living(at.day), erased.kept(), _limited(session, at.codes, at.day))


def _households(session: Session, at: Month) -> Select[Any]:
    of = _people(session, at).add_columns(table("person").c.household_id).subquery()
    query = select(of.c.household_id.label("id"), func.min(of.c.village).label("village"), _NOTHING)
    return query.where(of.c.household_id.is_not(None)).group_by(of.c.household_id)


def _limited(session: Session, codes: Collection[str], day: str) -> ColumnElement[bool]:
    id, merged = table("person").c.id, any_merged(session)
    return and_(true(), *(id.in_(with_owners(people) if merged else people) for people in limits(codes, day)))


def _marks(session: Session, at: Month) -> dict[str, ColumnElement[bool]]:
    """What people are counted as; "" is everybody."""
    marks: dict[str, ColumnElement[bool]] = {"": true()}
    marks |= {name: _limited(session, codes, at.day) for name, codes in _GROUPS.items()}
    return marks | {name: and_(grown(at.day), lacks(name)) for name in MISSING}


def _hired(_session: Session, at: Month) -> Select[Any]:
    t = table("employment")
    mine = t.c.deleted_at.is_(None), t.c.channel == "workshop", func.substr(t.c.start, 1, 7) == at.month, t.c.start <= at.day
    return select(t.c.id, t.c.village, _NOTHING).where(*mine)


def _wages(_session: Session, at: Month) -> Select[Any]:
    w, t, e, r = table("wage"), table("employment"), table("employer"), table("recognition")
    recognised = select(r.c.employer_id).where(r.c.deleted_at.is_(None))
    carriers = select(e.c.id).where(e.c.deleted_at.is_(None), or_(e.c.type.in_(sorted(CARRIERS)), e.c.id.in_(recognised)))
    query = select(w.c.id, t.c.village, w.c.amount).join(t, t.c.id == w.c.employment_id)
    employer = t.c.employer_id + ""  # not the bare column: SQLite would go through its index to all wages of every month
    return query.where(w.c.month == at.month, w.c.deleted_at.is_(None), t.c.deleted_at.is_(None), employer.in_(carriers))


def _post_pay(_session: Session, at: Month) -> Select[Any]:
    t, a = table("post_pay"), table("appointment")
    query = select(t.c.id, a.c.village, t.c.amount).join(a, a.c.id == t.c.appointment_id)
    return query.where(t.c.month == at.month, t.c.deleted_at.is_(None), a.c.deleted_at.is_(None))


def _trained(session: Session, at: Month) -> Select[Any]:
    e, c, p = table("enrolment"), table("course"), table("person")
    certified = (func.coalesce(e.c.certificate, "") != "").label("certified")
    query = select(e.c.id, p.c.village, _NOTHING, certified).join(c, c.c.id == e.c.course_id).join(p, p.c.id == e.c.person_id)
    there = e.c.deleted_at.is_(None), c.c.deleted_at.is_(None), p.c.deleted_at.is_(None)
    left = func.coalesce(e.c.outcome, "").in_(("dropped", "refused"))
    trades = [code.removeprefix("trade=") for code in at.codes if code.startswith("trade=")]
    query = query.where(_limited(session, at.codes, at.day), c.c.trade.in_(trades) if trades else true())
    return query.where(*there, ~left, func.substr(c.c.start, 1, 7) == at.month, c.c.start <= at.day)


def _served(_session: Session, at: Month) -> Select[Any]:
    s, p = table("service"), table("person")
    query = select(s.c.id, p.c.village, _NOTHING, *((s.c.type == type).label(type) for type in ("guidance", "job")))
    there = s.c.deleted_at.is_(None), p.c.deleted_at.is_(None), func.coalesce(s.c.result, "") != "unreached"
    return query.join(p, p.c.id == s.c.person_id).where(*there, func.substr(s.c.on, 1, 7) == at.month, s.c.on <= at.day)


def _claims() -> Select[Any]:
    c = table("claim")
    return select(c.c.id, c.c.village, c.c.amount).where(c.c.deleted_at.is_(None))


def _filed(_session: Session, at: Month) -> Select[Any]:
    return _claims().where(func.substr(table("claim").c.filed_on, 1, 7) == at.month)


def _approved(_session: Session, at: Month) -> Select[Any]:
    return _taken_to("approved", at)


def _recovered(_session: Session, at: Month) -> Select[Any]:
    return _taken_to("recovered", at)


def _taken_to(state: str, at: Month) -> Select[Any]:
    s = table("claim_step")
    steps = select(s.c.claim_id).where(s.c.to_state == state, s.c.deleted_at.is_(None), s.c.at >= at.since, s.c.at < at.until)
    return _claims().where(table("claim").c.id.in_(steps))


def _paid(_session: Session, at: Month) -> Select[Any]:
    return _payments(at).where(table("payment").c.amount >= 0)


def _refunded(_session: Session, at: Month) -> Select[Any]:
    return _payments(at).where(table("payment").c.amount < 0)


def _payments(at: Month) -> Select[Any]:
    t, c = table("payment"), table("claim")
    village = func.coalesce(c.c.village, t.c.village).label("village")
    query = select(t.c.id, village, func.abs(t.c.amount).label("amount")).outerjoin(c, c.c.id == t.c.claim_id)
    return query.where(went_out(), func.substr(t.c.paid_on, 1, 7) == at.month)


def _report(name: str) -> Figure:
    """A column of the monthly report."""
    return Figure(name, monthly.MEASURES[name].label, monthly.MEASURES[name].meaning)


GROUPS: Final[Mapping[str, Sequence[Figure]]] = {
    N_("登记情况"): (
        Figure("households", N_("登记户数"), N_("登记人数里的人所在的户。"), "household", _households),
        Figure("people", N_("登记人数"), N_("月末这天在世、没有并入别人的人。"), rows=_people),
        Figure("lifted", N_("脱贫人数"), N_("月末这天是脱贫户或脱贫不稳定户的人。"), rows=_people, mark="lifted"),
        Figure("watched", N_("监测人数"), N_("月末这天是监测对象的人，脱贫不稳定户也在内。"), rows=_people, mark="watched"),
        Figure("low_income", N_("低收入人数"), N_("月末这天是低保、特困等低收入人口的人。"), rows=_people, mark="low_income"),
        _report("labour"),
    ),
    N_("务工"): tuple(map(_report, ("working", "county", "city", "province", "outside", "started", "returned", "wishing"))),
    N_("车间和公益岗"): (
        _report("workshop"),
        Figure("hired", N_("车间新招"), N_("本月到帮扶车间上班的，按务工记录数。"), "employment", _hired),
        Figure("wages", N_("车间工资"), N_("帮扶车间等载体记录的这个月的工资，更正的也算在内。"), "wage", _wages, money=True),
        _report("post"),
        Figure("post_pay", N_("岗位补贴"), N_("公益岗记录的这个月已发的补贴。"), "post_pay", _post_pay, money=True),
    ),
    N_("培训和服务"): (
        Figure("trained", N_("培训人次"), N_("本月开班的培训班里的人次，中途退出和拒绝的不算。"), "enrolment", _trained),
        Figure("certified", N_("取得证书"), N_("培训人次里有证书编号的。"), "enrolment", _trained, "certified"),
        Figure("served", N_("服务次数"), N_("本月各种就业服务的次数，未接通的不算。"), "service", _served),
        Figure("guidance", N_("职业指导"), N_("服务次数里的职业指导。"), "service", _served, "guidance"),
        Figure("offered", N_("岗位推荐"), N_("服务次数里的岗位推荐。"), "service", _served, "job"),
    ),
    N_("补助"): (
        Figure("filed", N_("申请笔数"), N_("申请日期在本月的补助申请，不论现在办到哪一步。"), "claim", _filed),
        Figure("filed_sum", N_("申请金额"), N_("申请日期在本月的补助申请，不论现在办到哪一步。"), "claim", _filed, money=True),
        Figure("approved", N_("批准笔数"), N_("本月批准过的补助申请，后来退回的也算。"), "claim", _approved),
        Figure("approved_sum", N_("批准金额"), N_("本月批准过的补助申请，后来退回的也算。"), "claim", _approved, money=True),
        Figure("paid", N_("拨付笔数"), N_("拨付日期在本月的拨付，银行退回的不算。"), "payment", _paid),
        Figure("paid_sum", N_("拨付金额"), N_("拨付日期在本月的拨付，银行退回的不算。"), "payment", _paid, money=True),
        Figure("recovered_sum", N_("追回金额"), N_("本月登记已追回的补助申请。"), "claim", _recovered, money=True),
        Figure("refunded_sum", N_("退回差额"), N_("退款日期在本月的差额，多发了一部分的退回来的。"), "payment", _refunded, money=True),
    ),
    N_("资料不全"): tuple(
        Figure(name, label, N_("满 16 周岁和没填出生日期的人里，现在还没填这一项的。"), rows=_people, mark=name, lasting=True)
        for name, label in MISSING.items()
    ),
}
"""The columns, by heading."""
FIGURES: Final[Mapping[str, Figure]] = {one.name: one for group in GROUPS.values() for one in group}


# -- figures -------------------------------------------------------------------------------------------------------------


def of_people(figure: Figure) -> bool:
    """Whether a figure counts people or their households, so that it can be limited to those of some categories."""
    return figure.rows in (None, _people, _households, _trained)


def in_course(figure: Figure) -> bool:
    """Whether a figure is of what happens in a month, so that those of several months add up."""
    return figure.rows not in (None, _people, _households)


def counted(session: Session, month: str, codes: frozenset[str] = frozenset()) -> Counted:
    """Every figure of a month; with `codes` (as in `standing.limits`, and `trade=缝纫工` of courses) those `of_people`, limited to
    them. Raises `FieldError` for an invalid month, `DomainError` for a future one."""
    at = replace(_month(session, month), codes=codes)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for village, measures in monthly.by_village(session, at.month, codes).items():
        found[village] |= {name: measures[name] for name in FIGURES.keys() & measures.keys()}
    together: dict[Rows, list[Figure]] = defaultdict(list)
    for one in FIGURES.values():
        if one.rows is not None and (not codes or of_people(one)):
            together[one.rows].append(one)
    for rows, ones in together.items():
        of = rows(session, at).subquery()
        place = (of.c.village + "").label("place")  # not the bare column: as in the monthly report
        query = select(place, *(_sum(of, one) for one in ones)).group_by(place)
        for village, *sums in session.conn.execute(query):
            found[village] |= {one.name: int(sum_) for one, sum_ in zip(ones, sums, strict=True)}
    return Counted(at.month, at.day, found, work.asked(session, [at.month]))


def _sum(of: Subquery, one: Figure) -> ColumnElement[int]:
    each = of.c.amount if one.money else literal(1)
    return func.coalesce(func.sum(case((of.c[one.mark], each), else_=0) if one.mark else each), 0)


def lines(found: Counted, town: str = "") -> list[AreaFigures]:
    """A line for every township; for every village of a township, and the records kept at the township itself. The last is the total."""
    width = DIGITS["village" if town else "township"]
    areas = by_key((village[:width], figures) for village, figures in found.villages.items() if within(village, town))
    made = [line(code, width, members) for code, members in sorted(areas.items())]
    total = AreaFigures(Area(town), _("合计"), _added(one.figures for one in made))
    return [marked(one, found) for one in (*made, total)]


def marked(one: AreaFigures, found: Counted) -> AreaFigures:
    """The line with the names of the figures that are unknown."""
    code = one.area.code
    asked = {each for each in found.asked if each[1] == code} if one.area.own else found.asked
    names = (name for name, number in one.figures.items() if unknown(name, number, code, found.month, asked))
    return replace(one, unknown=frozenset(names))


def unknown(name: str, number: int, area: str, month: str, asked: Asked) -> bool:
    """Whether a figure of an area is unknown in a month and not 0: who wants work where nobody was asked."""
    return name == "wishing" and monthly.unasked(number, area, month, asked)


def line(code: str, width: int, members: Iterable[Mapping[str, int]] = ()) -> AreaFigures:
    """The line of a place: of a township (`width` 9) or village (12), or of the records kept at a level above."""
    name = divisions.name(code) or code
    own = len(code) < width
    return AreaFigures(Area(code, own), _("{place}本级").format(place=name) if own else name, _added(members))


def _added(members: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums = dict.fromkeys(FIGURES, 0)
    for figures in members:
        for name, number in figures.items():
            sums[name] += number
    return sums


def over_months(session: Session, months: Sequence[str], figure: Figure) -> dict[str, dict[str, int]]:
    """One figure by month, of months that follow each other, and by village. What is counted of people is read once for all of them, the
    rest month by month. Raises as `counted`."""
    if figure.rows is None:
        return monthly.over_months(session, months, figure.name)
    each = [_month(session, month) for month in months]
    if figure.rows is _people:
        p = table("person")
        place, died = (p.c.village + "").label("place"), func.coalesce(p.c.died_on, "9")
        sums = (func.sum(case((and_(died > at.day, _marks(session, at)[figure.mark]), 1), else_=0)) for at in each)
        query = select(place, *sums).where(*living(each[0].day), erased.kept()).group_by(place)
        return monthly.by_month(months, session.conn.execute(query).all())
    return {month: _by_village(session, at, figure) for month, at in zip(months, each, strict=True)}


def _by_village(session: Session, at: Month, figure: Figure) -> dict[str, int]:
    of = _of(session, at, figure).subquery()
    place = (of.c.village + "").label("place")
    amounts = func.sum(of.c.amount if figure.money else literal(1))
    return {village: int(number) for village, number in session.conn.execute(select(place, amounts).group_by(place))}


def behind(session: Session, month: str, figure: Figure, area: Area) -> Select[Any]:
    """Selects the `id` and `amount` of the records counted in a figure. Raises as `counted`."""
    of = _of(session, _month(session, month), figure).subquery()
    return select(of.c.id, of.c.amount).where(area.holds(of.c.village))


def _of(session: Session, at: Month, figure: Figure) -> Select[Any]:
    """Selects `id`, `village` and `amount` of the records counted in a figure."""
    if figure.rows is None:
        people = monthly.counted(session, at.month, figure.name).subquery()
        return select(people.c.id, people.c.village, _NOTHING)
    of = figure.rows(session, at).subquery()
    query = select(of.c.id, of.c.village, of.c.amount)
    return query.where(of.c[figure.mark]) if figure.mark else query


def _month(session: Session, month: str) -> Month:
    day = monthly.counted_on(session, month)
    month = day[:7]  # as in the monthly report
    since, until = (clock.month_start(one) for one in (month, add_months(month, 1)))
    return Month(month, day, since, until)
