"""People's status on a given day: their categories (脱贫人口, 监测对象 ...) and their work.

Conditions and subqueries select people in lists of any length; `standings` reads the status of the rows shown, in batches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, case, func, literal, or_, select, tuple_, union

from db.among import among
from db.mapping import table
from db.merged import counted_for, owned, stands
from db.session import Session
from domain import divisions, namesakes
from domain.dependents import ERASED
from domain.divisions import Region
from domain.fields import kind_of
from domain.identity import age_on
from domain.periods import years_before
from domain.records import Appointment, CategorySpan, Person
from domain.records.people import ABLE, LIFTED, MONITORED, UNABLE, WORKING_AGE
from domain.words import _

FAR = tuple(Region)
"""Regions from near to far."""
Day = str | ColumnElement[str]
"""An ISO date, or an expression: a bind parameter in a statement that is built once and run for many days, a column."""
Places = tuple[tuple[str, ...], ...]
"""Place codes grouped by distance: those in region `FAR[1]`, in `FAR[2]` and so on."""


@dataclass(frozen=True)
class Work:
    """A job held on a day. `kind`: employment or appointment; `where`: employer, post or place, as text to display."""

    kind: str
    channel: str
    where: str
    place: str | None
    region: Region | None


@dataclass
class PersonStatus:
    """A person's status on a day: codes of their categories, and their work."""

    categories: list[str] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)

    @property
    def lifted(self) -> bool:
        """Counts as 脱贫人口."""
        return not LIFTED.isdisjoint(self.categories)

    @property
    def monitored(self) -> bool:
        """Counts as 监测对象."""
        return not MONITORED.isdisjoint(self.categories)

    def category_text(self) -> str:
        """Labels of the person's categories."""
        f = CategorySpan.KIND.by_name["category"]
        return _("、").join(f.label_of(code) for code in sorted(set(self.categories)))

    def work_text(self) -> str:
        """Where the person works, as text for a list."""
        return _("；").join(work.where for work in self.works)


def holding(t: Table, day: Day, start: str = "start", end: str = "end") -> ColumnElement[bool]:
    """Condition: the row's span of (possibly partial) dates, read at its longest, contains the day. A missing bound is open.

    ISO dates compare correctly as text.
    """
    first, last = t.c[start], t.c[end]
    return (or_(first.is_(None), first <= day)) & (or_(last.is_(None), last >= func.substr(day, 1, func.length(last))))


def living(day: Day) -> tuple[ColumnElement[bool], ...]:
    """Conditions on people: not deleted, alive on the day and not merged into another record."""
    p = table("person")
    return p.c.deleted_at.is_(None), stands(), func.coalesce(p.c.died_on, "9") > day


def able_to_work(day: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions on people: able to work and of working age on the day."""
    p = table("person")
    birth = func.coalesce(p.c.birth, "")
    born = birth > years_before(day, WORKING_AGE.stop), birth <= years_before(day, WORKING_AGE.start)
    return p.c.labour.in_(sorted(ABLE)), *born


def with_category(codes: Collection[str], day: Day) -> Select[Any]:
    """Ids of people who count as one of `codes` on the day."""
    t = table("category_span")
    return select(t.c.person_id.label("id")).where(t.c.deleted_at.is_(None), t.c.category.in_(sorted(codes)), holding(t, day))


def limits(codes: Collection[str], day: Day) -> list[Select[Any]]:
    """Ids of people, once for each way in which `codes` limit them: to categories, `sex=female`, `group=1组`, or who on the day works in
    `industry=C` or holds `post=保洁员` (the post's name)."""
    p, h, e, t = (table(name) for name in ("person", "household", "employment", "post"))
    named = select(t.c.id).where(t.c.deleted_at.is_(None))
    ways: dict[str, Callable[[str], Select[Any]]] = {
        "sex": lambda value: select(p.c.id).where(p.c.sex == value),
        "group": lambda value: select(p.c.id).join(h, h.c.id == p.c.household_id).where(h.c.group == value),
        "industry": lambda value: employed(day, e.c.industry == value),
        "post": lambda value: on_post(day).where(table("appointment").c.post_id.in_(named.where(t.c.name == value))),
    }
    categories = [code for code in codes if "=" not in code]
    others = [ways[way](value) for way, _sign, value in (code.partition("=") for code in sorted(codes)) if way in ways]
    return [*([with_category(categories, day)] if categories else []), *others]


def employed(day: Day, *more: ColumnElement[bool]) -> Select[Any]:
    """Ids of people with an employment on the day; `more` are further conditions on the employment table."""
    t = table("employment")
    return select(t.c.person_id.label("id")).where(t.c.deleted_at.is_(None), holding(t, day), *more)


def on_post(day: Day) -> Select[Any]:
    """Ids of people on a public post on the day."""
    t = table("appointment")
    return select(t.c.person_id.label("id")).where(t.c.deleted_at.is_(None), holding(t, day, "start", "exit_on"))


def working(day: str) -> Select[Any]:
    """Ids of people with an employment or a public post on the day."""
    both = union(employed(day), on_post(day)).subquery()
    return select(both.c.id)


def places(session: Session) -> Places:
    """The places of all recorded employments, grouped by their distance from the station."""
    place = table("employment").c.place
    found: dict[int, list[str]] = {far: [] for far in range(1, len(FAR))}
    for code in session.conn.execute(select(place).where(place.is_not(None)).distinct().order_by(place)).scalars():
        if how_far := FAR.index(divisions.region(code, session.scope)):
            found[how_far].append(code)
    return tuple(map(tuple, found.values()))


def at_work(places: Places, day: Day) -> Select[Any]:
    """`id` of everybody at work on the day, and `far`, the index in `FAR` of their farthest place of work.

    The work of merged records counts for the person they were merged into. A public post is in the county.
    """
    e = table("employment")
    far = case(*((e.c.place.in_(codes), how_far) for how_far, codes in enumerate(places, 1)), else_=0)
    spells = select(e.c.person_id.label("id"), far.label("far")).where(e.c.deleted_at.is_(None), holding(e, day))
    found = owned(spells, on_post(day).add_columns(literal(0).label("far"))).subquery()
    return select(found.c.id, func.max(found.c.far).label("far")).group_by(found.c.id)


def names(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Names of people by id, sorted by pinyin."""
    t = table("person")
    found = session.conn.execute(select(t.c.pinyin, t.c.id, t.c.name).where(among(t.c.id, ids)))
    return {id: name for _pinyin, id, name in sorted((pinyin or "", id, name) for pinyin, id, name in found)}


def standings(session: Session, ids: Iterable[str], day: str) -> dict[str, PersonStatus]:
    """The status of each person on the day, by id, in a constant number of queries; merged records count for the person they belong to."""
    found: dict[str, PersonStatus] = defaultdict(PersonStatus)
    wanted = list(dict.fromkeys(ids))
    whose = counted_for(session, wanted)
    for add in (_add_categories, _add_spells, _add_posts):
        add(session, whose, day, found)
    for id, owner in whose.items():
        if id != owner and id in found:
            found[owner].categories += found[id].categories
            found[owner].works += found[id].works
    return {id: found[id] for id in wanted}


def _add_categories(session: Session, ids: Iterable[str], day: str, found: dict[str, PersonStatus]) -> None:
    t = table("category_span")
    query = select(t.c.person_id, t.c.category).where(among(t.c.person_id, ids), t.c.deleted_at.is_(None), holding(t, day))
    for person_id, category in session.conn.execute(query.order_by(t.c.person_id, t.c.category)):
        found[person_id].categories.append(category)


def _add_spells(session: Session, ids: Iterable[str], day: str, found: dict[str, PersonStatus]) -> None:
    t, e = table("employment"), table("employer")
    query = (
        select(t.c.id, t.c.person_id, t.c.channel, t.c.place, t.c.employer_name, t.c.village, e.c.name)
        .outerjoin(e, e.c.id == t.c.employer_id)
        .where(among(t.c.person_id, ids), t.c.deleted_at.is_(None), holding(t, day))
        .order_by(t.c.start.desc(), t.c.id)
    )
    for row in session.conn.execute(query):
        place = row.place or row.village  # a record from another station may lack the place
        where = " ".join(part for part in (divisions.name(place) or "", row.name or row.employer_name or "") if part)
        region = divisions.region(place, row.village)
        found[row.person_id].works.append(Work("employment", row.channel, where, row.place, region))


def _add_posts(session: Session, ids: Iterable[str], day: str, found: dict[str, PersonStatus]) -> None:
    t, p = table("appointment"), table("post")
    query = (
        select(t.c.id, t.c.person_id, p.c.name)
        .outerjoin(p, p.c.id == t.c.post_id)
        .where(among(t.c.person_id, ids), t.c.deleted_at.is_(None), holding(t, day, "start", "exit_on"))
        .order_by(t.c.start.desc(), t.c.id)
    )
    for row in session.conn.execute(query):
        where = row.name or _(Appointment.KIND.label)
        found[row.person_id].works.append(Work("appointment", "public_post", where, None, Region.COUNTY))


def chip(person: Person | Mapping[str, Any], standing: PersonStatus, day: str) -> tuple[str, str]:
    """A person's activity on a day as a short label and its code: post, workshop, a region code, school, unable, idle or none.

    Idle has the meaning of the filter of that name: it excludes people below or above working age.
    """
    values = person if isinstance(person, Mapping) else person.__dict__
    if values.get("name") == ERASED:
        return _("已删除"), "none"
    if values.get("died_on"):
        return _("已故"), "none"
    for work in standing.works:
        if work.kind == "appointment" or work.channel == "public_post":
            return _("公益岗"), "post"
    for work in standing.works:
        if work.channel == "workshop":
            return _("车间"), "workshop"
        if work.region is not None:
            return divisions.region_label(work.region), work.region.value
    if values.get("school_state"):
        return kind_of("person").by_name["school_state"].show(values["school_state"]), "school"
    if values.get("labour") in UNABLE:
        return _("无劳动能力"), "unable"
    birth = values.get("birth")
    years = age_on(birth, day) if birth and birth <= day else None
    if years is not None and years not in WORKING_AGE:
        limit = WORKING_AGE.stop if years >= WORKING_AGE.stop else WORKING_AGE.start
        return (_("满 {n} 岁") if years >= limit else _("不满 {n} 岁")).format(n=limit), "none"
    return _("待业"), "idle"


def namesake_marks(session: Session) -> Mapping[str, str]:
    """The marks of all living people here who share their name with another of their village (`domain.namesakes`), by id."""
    p = table("person")
    alive = living(session.today)
    shared = select(p.c.village, p.c.name).where(*alive).group_by(p.c.village, p.c.name).having(func.count() > 1)
    query = select(p.c.id, p.c.village, p.c.name, p.c.birth, p.c.id_number).where(*alive, tuple_(p.c.village, p.c.name).in_(shared))
    return namesakes.marks(namesakes.Bearer(*row) for row in session.conn.execute(query))


def region_places(session: Session, where: str) -> list[str]:
    """Every recorded place of work in a region (`Region` code) relative to the station's county, sorted."""
    t = table("employment")
    places = session.conn.execute(select(t.c.place).distinct()).scalars()
    return sorted(place for place in places if place and divisions.region(place, session.scope) == where)
