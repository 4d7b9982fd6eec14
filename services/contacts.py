"""联系情况: when people were last contacted, and who has not been contacted for how long (article 二十九).

    board(session, "2026-11")      the people to keep in contact with, the longest without contact first

A contact is a monthly check, a visit to the household, or a service that reached the person. Only recorded contacts are known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, literal, select, union_all

from db import erased
from db.among import among
from db.mapping import table
from db.merged import any_merged, owned
from db.session import Session
from domain import divisions
from domain.errors import DomainError
from domain.fields import kind_of
from domain.grouping import by_key
from domain.periods import last_day, months_apart
from domain.records.people import MONITORED
from domain.words import N_, _
from services import work
from services.standing import living, standings, with_category

LATE: Final = 3
"""People count as out of touch after this many whole months without contact."""
WAYS: Final[Mapping[str, str]] = {"monthly_check": N_("月监测"), "visit": N_("走访"), "service": N_("服务")}
"""Kinds of records that count as a contact, with their labels."""


@dataclass(frozen=True)
class Contact:
    """A person and the last contact. `last`: its day, or the month of a monthly check, "" for none; `way`: a key of `WAYS`; `months`: whole
    months since then, None for no contact; `times`: the months of the year with contacts, and their ways."""

    id: str
    name: str
    village: str
    group: str
    category: str
    phone: str
    last: str
    way: str
    months: int | None
    times: Mapping[str, Sequence[str]]

    @property
    def place(self) -> str:
        """The village's name."""
        return divisions.called(self.village)

    @property
    def reached(self) -> bool:
        """Whether the person was contacted in the month asked for."""
        return self.months == 0


@dataclass(frozen=True)
class Reach:
    """The figures of an area: people to keep in contact with; those last contacted in the month, one or two months before, longer ago, and
    never."""

    area: str
    name: str
    people: int
    reached: int
    recent: int
    late: int
    never: int


def board(session: Session, month: str | None = None, *, plain: bool = False, late: bool = False) -> list[Contact]:
    """The people to keep in contact with, or only those out of touch (`late`), the longest without contact first. Telephones are masked
    unless `plain`; the caller logs the reason."""
    month = month or session.today[:7]
    last, times = lasts(session, month), _times(session, month)
    wanted = _late(to_reach(session, month), last, month) if late else to_reach(session, month)
    found = [
        Contact(**facts, last=at, way=way, months=since(month, at), times=_by_month(times.get(facts["id"], ())))
        for facts in _people(session, wanted, month, plain=plain)
        for at, way in [last.get(facts["id"], ("", ""))]
    ]
    return sorted(found, key=lambda one: (one.months is not None, -(one.months or 0)))


def reach(session: Session, month: str | None = None) -> list[Reach]:
    """The figures of each village, by code, without villages that have nobody to contact."""
    month = month or session.today[:7]
    last, homes = lasts(session, month), session.column("person", "village", to_reach(session, month))
    by_village = by_key((village, since(month, last.get(id, ("", ""))[0])) for id, village in homes.items())
    return [_reach(village, ages) for village, ages in sorted(by_village.items())]


def out_of_touch(session: Session, month: str, asked: Sequence[str] | None = None) -> list[str]:
    """Ids of the people without contact for at least `LATE` months, in order of pinyin. `asked` as in `to_reach`."""
    return _late(to_reach(session, month, asked), lasts(session, month), month)


def _late(ids: Sequence[str], last: Mapping[str, tuple[str, str]], month: str) -> list[str]:
    ages = ((id, since(month, last.get(id, ("", ""))[0])) for id in ids)
    return [id for id, age in ages if age is None or age >= LATE]


def total(lines: Sequence[Reach], area: str) -> Reach:
    """The total of the villages' figures."""
    sums = (sum(getattr(line, name) for line in lines) for name in ("people", "reached", "recent", "late", "never"))
    return Reach(area, divisions.called(area), *sums)


def since(month: str, at: str) -> int | None:
    """Whole months from a contact to `month`; None for no contact."""
    return months_apart(at, month) if at else None


def until(session: Session, month: str) -> str:
    """The last day of a month, or today in the current month. Raises `DomainError` for a future month."""
    if month > session.today[:7]:
        raise DomainError(_("{month} 还没有到。").format(month=month))
    return min(last_day(month), session.today)


def to_reach(session: Session, month: str, asked: Sequence[str] | None = None) -> list[str]:
    """Ids of the people to keep in contact with, in order of pinyin: those of the monthly check (`asked`, if the caller has read them
    already), and all monitored people."""
    day = until(session, month)
    p = table("person")
    monitored = select(p.c.id).where(*living(day), erased.kept(), p.c.id.in_(with_category(MONITORED, day))).order_by(p.c.pinyin, p.c.id)
    checked = work.people_to_ask(session, month) if asked is None else asked
    return list(dict.fromkeys([*checked, *session.conn.execute(monitored).scalars()]))


def lasts(session: Session, month: str) -> dict[str, tuple[str, str]]:
    """Person id → the last contact up to the end of a month: date and way."""
    found: dict[str, tuple[str, str]] = {}
    for id, way, at in session.conn.execute(_contacts(session, until(session, month), func.max)).all():
        found[id] = max(found.get(id, ("", "")), (at, way))  # within a month, a day takes precedence over the month
    return found


# -- queries ---------------------------------------------------------------------------------------------------------


def _contacts(session: Session, day: str, told: Callable[[Any], Any], since: str = "") -> Any:
    """The contacts from `since` up to a day: the person's `id`, the `way`, and what `told` makes of the dates of each person or household,
    which the indexes by person and household group without sorting. A person may come several times."""
    c, v, s, p = table("monthly_check"), table("visit"), table("service"), table("person")

    def rows(way: str, whose: Any, at: Any) -> Select[Any]:
        found = select(whose.label("id"), literal(way).label("way"), told(at).label("told"))
        return found.where(at.table.c.deleted_at.is_(None), at <= day, at >= since).group_by(whose)

    homes = rows("visit", v.c.household_id, v.c.on).subquery()
    found = (
        rows("monthly_check", c.c.person_id, c.c.month),
        select(p.c.id, homes.c.way, homes.c.told).join_from(homes, p, p.c.household_id == homes.c.id).where(p.c.deleted_at.is_(None)),
        rows("visit", v.c.person_id, v.c.on).where(v.c.person_id.is_not(None)),  # the person talked to may have left the household since
        rows("service", s.c.person_id, s.c.on).where(func.coalesce(s.c.result, "") != "unreached"),
    )
    return (owned if any_merged(session) else union_all)(*found)


def _times(session: Session, month: str) -> dict[str, list[tuple[str, str]]]:
    """Person id → the contacts of the year up to this month: the way, and the months joined by commas."""
    query = _contacts(session, until(session, month), lambda at: func.aggregate_strings(func.substr(at, 1, 7), ","), since=month[:4])
    return by_key((id, (way, months)) for id, way, months in session.conn.execute(query).all())


def _by_month(times: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Month → ways of contact."""
    return by_key(dict.fromkeys((month, way) for way, months in times for month in months.split(",")))


def _people(session: Session, ids: Sequence[str], month: str, *, plain: bool) -> Iterator[dict[str, Any]]:
    p, h = table("person"), table("household")
    phone = kind_of("person").by_name["phone"]
    known = standings(session, ids, until(session, month))
    query = select(p.c.id, p.c.name, p.c.village, p.c.phone, h.c.group).outerjoin(h, h.c.id == p.c.household_id)
    rows = {row.id: row for row in session.conn.execute(query.where(among(p.c.id, ids)))}
    for id in ids:
        row = rows[id]
        yield {
            "id": id,
            "name": row.name,
            "village": row.village,
            "group": row.group or "",
            "category": known[id].category_text(),
            "phone": phone.show(row.phone, plain=plain),
        }


def _reach(village: str, ages: Sequence[int | None]) -> Reach:
    known = [age for age in ages if age is not None]
    reached, late = sum(age <= 0 for age in known), sum(age >= LATE for age in known)
    return Reach(village, divisions.called(village), len(ages), reached, len(known) - reached - late, late, len(ages) - len(known))
