"""Work: spells of work, the grid of the monthly check and the records it calls for, and figures of people at work by region (articles 一,
二十九)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import RowMapping, Select, String, Table, and_, bindparam, case, func, or_, select, union

from db import changes, erased
from db.among import among
from db.mapping import table
from db.merged import owned, stands
from db.session import Session
from domain import divisions
from domain.divisions import Region
from domain.errors import FieldError
from domain.fields import kind_of
from domain.grouping import by_key
from domain.periods import add_months, last_day
from domain.records import MonthlyCheck
from domain.records.people import UNABLE
from domain.scopes import DIGITS
from domain.words import _
from services.lists import listing
from services.records import canonical, refuse_foreign
from services.standing import (
    FAR,
    PersonStatus,
    Places,
    able_to_work,
    at_work,
    employed,
    holding,
    living,
    namesake_marks,
    on_post,
    places,
    standings,
)

_COPIED = ("status", "place", "income")
_KEY = ("id", "village", "person_id", "month")


@dataclass(frozen=True)
class CheckRow:
    """One person in the grid of the monthly check. `last`, `now`: last month's and this month's check; `suggested`: the status that the
    records suggest, None where they do not; `channel`, `place`: those of the present work; `phone` is masked; `spelt`: the name in
    pinyin without spaces, and its initials."""

    person_id: str
    name: str
    spelt: str
    group: str
    phone: str
    category: str
    work: str
    channel: str
    place: str | None
    last: MonthlyCheck | None
    now: MonthlyCheck | None
    suggested: str | None
    mark: str = ""
    """What tells the person from another of the same name (`domain.namesakes`)."""


@dataclass(frozen=True)
class CheckCounts:
    """Progress of the monthly check. `copyable`: number of people left whose status can be copied from last month."""

    people: int
    done: int
    copyable: int

    @property
    def left(self) -> int:
        """Number of people not checked yet."""
        return self.people - self.done


# -- spells -----------------------------------------------------------------------------------------------------------


def going_on(session: Session, on: str) -> frozenset[str]:
    """Ids of the spells of work that contain the day, read at their longest."""
    t = table("employment")
    return frozenset(session.conn.execute(select(t.c.id).where(t.c.deleted_at.is_(None), holding(t, on))).scalars())


def without_contract(session: Session) -> frozenset[str]:
    """Ids of the spells of work without a recorded written contract (an oral one does not count)."""
    t = table("employment")
    unwritten = or_(t.c.contract.is_(None), t.c.contract.in_(("none", "oral")))
    return frozenset(session.conn.execute(select(t.c.id).where(t.c.deleted_at.is_(None), unwritten)).scalars())


def spells_by_region(session: Session) -> dict[Region, int]:
    """Number of spells of work in each region, at any time."""
    t = table("employment")
    home = func.substr(t.c.village, 1, DIGITS["county"])
    query = select(t.c.place, home, func.count()).where(t.c.deleted_at.is_(None)).group_by(t.c.place, home)
    counted: Counter[Region] = Counter()
    for place, county, count in session.conn.execute(query):
        counted[divisions.region(place, county)] += count
    return {where: counted[where] for where in Region}


def by_region(session: Session, on: str) -> dict[Region, int]:
    """Number of people who work in each region on the day; a public post is in the county.

    A person who works in two places counts at the farther one. People whose data was erased are not counted, because nobody can record
    the end of their work.
    """
    counts = {FAR[far]: count for far, count in session.conn.execute(_by_region(places(session)), {"day": on})}
    return {where: counts.get(where, 0) for where in FAR}


@lru_cache(maxsize=4)
def _by_region(places: Places) -> Select[Any]:
    day = bindparam("day", type_=String())
    p, there = table("person"), at_work(places, day).subquery()
    return select(there.c.far, func.count()).join(p, p.c.id == there.c.id).where(*living(day), erased.kept()).group_by(there.c.far)


def idle_count(session: Session, on: str) -> int:
    """Number of people who can work, are of working age, not in school, and do not work."""
    return listing.count(session, listing.Query("person", (listing.Filter("idle"),), on=on))


def by_month(session: Session, until: str, count: int = 12) -> list[tuple[str, int]]:
    """How many people work at the end of each of so many months up to that of `until`. One reading of the spells serves all."""
    months = [add_months(until[:7], -n) for n in range(count - 1, -1, -1)]
    counted = session.conn.execute(_by_month([min(last_day(month), until) for month in months])).one()
    return [(month, count or 0) for month, count in zip(months, counted, strict=True)]


def _by_month(days: Sequence[str]) -> Select[Any]:
    """As many sums as days: who works on each, counted as in `by_region`."""
    p, e, a = table("person"), table("employment"), table("appointment")

    def spells(t: Table, *bounds: str) -> Select[Any]:
        held = (case((holding(t, day, *bounds), 1), else_=0).label(day) for day in days)
        return select(t.c.person_id.label("id"), *held).where(t.c.deleted_at.is_(None))

    found = owned(spells(e), spells(a, "start", "exit_on")).subquery()
    there = select(found.c.id, *(func.max(found.c[day]).label(day) for day in days)).group_by(found.c.id).subquery()
    alive = func.coalesce(p.c.died_on, "9")
    sums = (func.sum(case((alive > day, there.c[day]), else_=0)) for day in days)
    return select(*sums).join_from(there, p, p.c.id == there.c.id).where(p.c.deleted_at.is_(None), stands(), erased.kept())


# -- the monthly check --------------------------------------------------------------------------------------------------


def _asked(month: str) -> Select[Any]:
    """Ids of the people the check of a month covers: those able to work and of working age, those who work, and those who have a check this
    month or last."""
    p, c = table("person"), table("monthly_check")
    day = last_day(month)
    able = and_(*able_to_work(day))
    asked = select(c.c.person_id).where(c.c.month.in_((month, add_months(month, -1))), c.c.deleted_at.is_(None))
    at_work = union(employed(day), employed(f"{month}-01"), on_post(day), asked).subquery()
    died = func.coalesce(p.c.died_on, "9") >= f"{month}-01"
    alive = and_(p.c.deleted_at.is_(None), died, stands(), erased.kept())
    return select(p.c.id).where(alive, or_(able, p.c.id.in_(select(at_work.c[0])))).order_by(p.c.pinyin, p.c.id)


def people_to_ask(session: Session, month: str) -> list[str]:
    """Ids of the people the monthly check covers, sorted by pinyin."""
    return list(session.conn.execute(_asked(month)).scalars().all())  # without `all`, row by row


def counts(session: Session, month: str) -> CheckCounts:
    """Progress of the check of a month."""
    people = people_to_ask(session, month)
    done, before = checked(session, month), checked(session, add_months(month, -1))
    left = [id for id in people if id not in done]
    return CheckCounts(len(people), len(people) - len(left), sum(id in before for id in left))


def checked(session: Session, month: str) -> set[str]:
    """Ids of the people whose check of a month is done."""
    t = table("monthly_check")
    return set(session.conn.execute(select(t.c.person_id).where(t.c.month == month, t.c.deleted_at.is_(None))).scalars().all())


def asked(session: Session, months: Sequence[str]) -> set[tuple[str, str]]:
    """The months (of those given) in which anybody of a village was asked, as pairs of month and village."""
    t = table("monthly_check")
    query = select(t.c.month, t.c.village).where(t.c.month.in_(months), t.c.deleted_at.is_(None)).distinct()
    return {(row.month, row.village) for row in session.conn.execute(query)}


def checks(session: Session, month: str) -> dict[str, MonthlyCheck]:
    """The checks of a month, by person id."""
    return _checks(session, month)[0]


def _checks(session: Session, *months: str) -> list[dict[str, MonthlyCheck]]:
    """The checks of each of these months, by person id, from one reading."""
    t = table("monthly_check")
    here = t.c.person_id.in_(select(table("person").c.id))  # makes SQLite use the index by person; else it reads the checks of all years
    found: dict[str, dict[str, MonthlyCheck]] = {month: {} for month in months}
    for check in session.select(MonthlyCheck, here, t.c.month.in_(months)):
        found[check.month][check.person_id] = check
    return [found[month] for month in months]


def month_grid(session: Session, month: str) -> list[CheckRow]:
    """The grid of a month: the people to check, with this month's and last month's checks."""
    wanted = people_to_ask(session, month)
    now, before = _checks(session, month, add_months(month, -1))
    rows: dict[str, CheckRow] = {}
    p, h = table("person"), table("household")
    fields = kind_of("person").by_name
    known, marked = standings(session, wanted, last_day(month)), namesake_marks(session)
    needed = (p.c[name] for name in ("id", "name", "pinyin", "initials", "phone", "school_state", "labour"))
    query = select(*needed, h.c.group.label("of_group")).outerjoin(h, h.c.id == p.c.household_id).where(among(p.c.id, wanted))
    for row in session.conn.execute(query).mappings().all():
        standing = known[row["id"]]
        rows[row["id"]] = CheckRow(
            row["id"],
            row["name"],
            f"{row['pinyin'].replace(' ', '')} {row['initials']}" if row["pinyin"] else "",
            row["of_group"] or "",
            fields["phone"].show(row["phone"]),
            standing.category_text(),
            standing.work_text(),
            standing.works[0].channel if standing.works else "",
            next((work.place for work in standing.works if work.place), None),
            before.get(row["id"]),
            now.get(row["id"]),
            suggested(row, standing),
            marked.get(row["id"], ""),
        )
    return [rows[id] for id in wanted if id in rows]


def suggested(person: Mapping[str, Any] | RowMapping, standing: PersonStatus) -> str | None:
    """The status the records speak for, None when they leave it open (looking for work or not is for the person to say)."""
    channels = {"workshop": "workshop", "public_post": "post", "self_employed": "self", "flexible": "flexible", "odd_job": "flexible"}
    for work in standing.works:
        if work.kind == "appointment":
            return "post"
        return channels.get(work.channel, "away")
    if person["school_state"]:
        return "school"
    return "unable" if person["labour"] in UNABLE else None


def same_as_last_month(session: Session, month: str, ids: Collection[str] | None = None) -> int:
    """与上月相同: fill the month's checks that are left from last month's, for everybody or those named; answers how many.

    People without a check last month are left alone; what is filled already stays.
    """
    wanted = set(people_to_ask(session, month) if ids is None else ids)
    done, before = _checks(session, month, add_months(month, -1))
    rows = [
        {"person_id": id, **{name: getattr(before[id], name) for name in _COPIED}}
        for id in sorted(wanted)
        if id in before and id not in done
    ]
    return _write(session, month, rows)


def save_checks(session: Session, month: str, answers: Mapping[str, Mapping[str, Any]]) -> int:
    """Create or change a month's checks, given by person id; returns how many were written.

    Values: `status`, and optionally place, income, method and by. A status of None deletes the check.
    """
    fields = MonthlyCheck.KIND.by_name
    rows = []
    for person_id, values in answers.items():
        if "status" not in values:
            raise FieldError(_("{label}：必须填写").format(label=_(fields["status"].label)), "required")
        checked = {name: canonical(fields[name], value) for name, value in values.items()}
        rows.append({"person_id": person_id, **checked})
    taken = {row["person_id"] for row in rows if row["status"] is None}
    for check in checks(session, month).values():
        if check.person_id in taken:
            changes.delete(session, "monthly_check", check.id)
    return _write(session, month, [row for row in rows if row["status"] is not None]) + len(taken)


def _write(session: Session, month: str, rows: Sequence[dict[str, Any]]) -> int:
    """Write checks: new ones in bulk, existing or deleted ones one by one."""
    if month != MonthlyCheck.KIND.by_name["month"].from_json(month):
        raise FieldError(_("月份应写成 2023-06"), "date")
    homes = session.column("person", "village", [row["person_id"] for row in rows])
    fixed = {"month": month, "by": session.user}
    made = [{**fixed, **_set(row), "month": month, "village": homes[row["person_id"]]} for row in rows if row["person_id"] in homes]
    for row in made:
        refuse_foreign(session, row["village"])
        row["id"] = session.natural_id("monthly_check", row["village"], row)
    known = session.column("monthly_check", "deleted_at", [row["id"] for row in made])
    changes.insert(session, "monthly_check", [row for row in made if row["id"] not in known])
    for row in made:
        if known.get(row["id"]) is not None:
            changes.undelete(session, "monthly_check", row["id"])
        if row["id"] in known:
            changes.update(session, "monthly_check", row["id"], {name: value for name, value in row.items() if name not in _KEY})
    return len(made)


def _set(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without an empty `by`, so that the current user is entered instead."""
    return {name: value for name, value in row.items() if name != "by" or value}


# -- phone numbers --------------------------------------------------------------------------------------------------------


def phones(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Phone numbers by person id, unmasked (the caller logs it); the household's number where the person has none."""
    p, h = table("person"), table("household")
    query = select(p.c.id, func.coalesce(p.c.phone, h.c.phone, "")).outerjoin(h, h.c.id == p.c.household_id)
    return dict(session.conn.execute(query.where(among(p.c.id, ids))).all())


CHANNELS: Final = {"away": "migrant", "workshop": "workshop", "flexible": "flexible", "self": "self_employed"}
"""The channel of the work record that a status calls for. A public post has a record of its own."""
AT_HOME: Final = ("unemployed", "no_wish", "unable", "school")


@dataclass(frozen=True)
class Wanted:
    """A record that one person's check calls for: a new one with the `values` that are known, or the end of `spells`."""

    person_id: str
    name: str
    status: str
    values: dict[str, Any] = field(default_factory=dict)
    spells: tuple[str, ...] = ()


def records_wanted(session: Session, month: str, ids: Collection[str]) -> list[Wanted]:
    """The records that the checks of a month call for, for the people named, in their order."""
    now = {id: check for id, check in checks(session, month).items() if id in set(ids)}
    before = checks(session, add_months(month, -1)) if now else {}
    known = standings(session, list(now), last_day(month))
    names = session.column("person", "name", now)
    open_ = _open_spells(session, month, now)
    found = []
    for id in ids:
        check = now.get(id)
        if check is None or id not in names:
            continue
        if check.status in CHANNELS and not known[id].works:
            found.append(Wanted(id, names[id], check.status, values=_values(check, before.get(id))))
        elif check.status in AT_HOME and id in open_:
            found.append(Wanted(id, names[id], check.status, spells=open_[id]))
    return found


def _values(check: MonthlyCheck, before: MonthlyCheck | None) -> dict[str, Any]:
    """What the check says of the work. It began this month if the person was at home last month; otherwise nobody has said when."""
    began = check.month if before is not None and before.status in AT_HOME else None
    values = {"channel": CHANNELS[check.status], "place": check.place, "monthly_wage": check.income, "start": began}
    return {"person_id": check.person_id} | {name: value for name, value in values.items() if value is not None}


def _open_spells(session: Session, month: str, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The spells of these people that go on beyond the month, by person; those on public posts end with the post."""
    t, day = table("employment"), last_day(month)
    beyond = or_(t.c.end.is_(None), t.c.end > day)
    query = select(t.c.person_id, t.c.id).where(t.c.deleted_at.is_(None), holding(t, day), beyond, t.c.channel != "public_post")
    rows = session.conn.execute(query.where(among(t.c.person_id, ids)).order_by(t.c.start, t.c.id))
    return {person: tuple(found) for person, found in by_key((row.person_id, row.id) for row in rows).items()}
