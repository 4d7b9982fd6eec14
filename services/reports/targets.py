"""年度目标: the targets of a year, their progress, and what is left.

    progress(session, 2026)      a line for each target of this station's area; if it has none, that of the level above

A target is in free text (外出务工人数, 公益岗安置脱贫人口…), from which is read what is counted, for which people, and whether only new
ones this year. A text that is not understood is reported as such and never guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from db.mapping import table
from db.merged import any_merged, owned, roots
from db.session import Session
from domain import divisions
from domain.funds import is_rule
from domain.grouping import by_key
from domain.periods import last_day
from domain.records import Person, Target
from domain.records.people import LIFTED, MONITORED
from domain.words import N_, _
from services import records
from services.reports import monthly
from services.standing import with_category

_AWAY: Final = ("outside", "province", "city")


@dataclass(frozen=True)
class Indicator:
    """Something that can be counted. `pattern`: what a target's text must match; `measures`: columns of the monthly report, counted
    at the end of the year (or today); otherwise `counts` returns (person id, village) for each occurrence in the year. `once`: each person
    counts only once."""

    name: str
    pattern: str
    meaning: str
    measures: tuple[str, ...] = ()
    counts: Callable[[Session, str], list[tuple[str, str]]] | None = None
    once: bool = True


def _trained(session: Session, year: str) -> list[tuple[str, str]]:
    e, c, p = table("enrolment"), table("course"), table("person")
    dropped = func.coalesce(e.c.outcome, "").in_(("dropped", "refused"))
    query = select(e.c.person_id, p.c.village).join(c, c.c.id == e.c.course_id).join(p, p.c.id == e.c.person_id)
    living = e.c.deleted_at.is_(None), c.c.deleted_at.is_(None), p.c.deleted_at.is_(None)
    return _rows(session, query.where(*living, ~dropped, *_so_far(c.c.start, session, year)))


def _served(type: str) -> Callable[[Session, str], list[tuple[str, str]]]:
    def counts(session: Session, year: str) -> list[tuple[str, str]]:
        s, p = table("service"), table("person")
        query = select(s.c.person_id, p.c.village).join(p, p.c.id == s.c.person_id)
        living = s.c.deleted_at.is_(None), p.c.deleted_at.is_(None), func.coalesce(s.c.result, "") != "unreached"
        return _rows(session, query.where(*living, s.c.type == type, *_so_far(s.c.on, session, year)))

    return counts


def _started_businesses(session: Session, year: str) -> list[tuple[str, str]]:
    s, p = table("startup"), table("person")
    query = select(s.c.person_id, p.c.village).join(p, p.c.id == s.c.person_id)
    return _rows(session, query.where(s.c.deleted_at.is_(None), p.c.deleted_at.is_(None), *_so_far(s.c.start, session, year)))


def _so_far(day: ColumnElement[Any], session: Session, year: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions: within the year and not in the future, because planned events do not count."""
    return func.substr(day, 1, 4) == year, day <= session.today


def _rows(session: Session, query: Any) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in session.conn.execute(query)]


INDICATORS: Final = (
    Indicator("trained", "培训.*人次|培训(?!.*人)", N_("本年开班的培训班里的人次，中途退出和拒绝的不算。"), counts=_trained, once=False),
    Indicator("trained_people", "培训", N_("参加过本年开班的培训班的人，一人只算一次，中途退出和拒绝的不算。"), counts=_trained),
    Indicator("guidance", "职业指导", N_("本年职业指导的次数，未接通的不算。"), counts=_served("guidance"), once=False),
    Indicator("offered", "岗位推荐|推荐岗位|职业介绍", N_("本年岗位推荐的次数，未接通的不算。"), counts=_served("job"), once=False),
    Indicator("founded", "创业", N_("本年开始的返乡创业，一人只算一次。"), counts=_started_businesses),
    Indicator("post", "公益岗|公益性岗位|^post$", N_("在公益岗的人。"), ("post",)),
    Indicator("workshop", "车间|工坊|^workshop$", N_("在帮扶车间务工的人。"), ("workshop",)),
    Indicator("county", "县内|就近|就地", N_("在本县务工的人，公益岗也算在内。"), ("county",)),
    Indicator("outside", "跨省|省外|^outside$", N_("在省外或境外务工的人。"), ("outside",)),
    Indicator("away", "外出|县外|转移就业|劳务输出|输出规模|异地", N_("在本县以外务工的人。"), _AWAY),
    Indicator("working", "务工|就业|上岗|^working$", N_("有务工记录或在公益岗的人，一人只算一次。"), ("working",)),
)
"""The indicators that can be counted; the first that matches a target's text applies."""
_NOT_PEOPLE: Final = re.compile(
    r"元|资金|金额|收入|工资|补贴|奖补|率|比例|占比|[%％]|个数|数量|家数|期数|期$|班次|带动|以工代训|新建|认定|创业培训|[（(](?:个|家|所|期)[)）]"
)
"""Words for amounts, shares and counts of things other than people."""
_KNOWN_WORDS: Final = re.compile(
    r"\d+年?|全[年县乡镇村]|本年度?|每?年度?[末底]?|目标|任务|指标|计划|完成|实现|达到|不[少低]于|以上|累计|新增|力争|确保|保持|稳定|组织|开展|参加|促进"
    r"|建档立卡|脱贫(?:家庭)?|防止?返贫|易返贫致贫|监测|对象|户|农村|农民工?|乡村|人口|人员|人[数次]?|次?数|规模|劳动[力者]|群众|村民|[含和及与的在共总约]"
    r"|务工|就业|稳岗|上岗|在岗|转移|外出|县外|异地|劳务|输出|跨省|省外|县内|就近|就地|帮扶|车间|工坊|吸纳|安置|聘用|公益性?岗位?|开发"
    r"|职业|技能|培训|(?:指导|介绍|推荐)(?:服务)?|岗位|返乡(?:入乡)?创业|创业|次|[\W_]|^(?:post|workshop|outside|working)$"
)
"""Words that state what is counted or are irrelevant. Any other word in a target (不含, 女, 6个月 …) changes the count, so the target is
not understood."""
_NEW: Final = re.compile("新增")
_LIFTED, _MONITORED = re.compile("脱贫"), re.compile("监测")


@dataclass(frozen=True)
class Reading:
    """The meaning of a target's text: the indicator, the category codes of the people (empty for everybody), and whether only people new
    this year count."""

    indicator: Indicator
    groups: frozenset[str]
    new: bool


def understood(words: str) -> Reading | None:
    """The meaning of a target's text; None if it cannot be counted."""
    plain = re.sub(r"\s", "", words)
    if _NOT_PEOPLE.search(plain) or _KNOWN_WORDS.sub("", plain):
        return None
    found = next((one for one in INDICATORS if re.search(one.pattern, plain)), None)
    groups = (LIFTED if _LIFTED.search(plain) else frozenset()) | (MONITORED if _MONITORED.search(plain) else frozenset())
    new = _NEW.search(plain) is not None
    return None if found is None or (new and found.counts is not None) else Reading(found, frozenset(groups), new)


@dataclass(frozen=True)
class Progress:
    """A target and its progress. `done` is None if it cannot be counted. `own`: set for this station's area or a part of it; otherwise it
    is for a larger area, of which only this station's part is known."""

    id: str
    year: int
    area: str
    name: str
    indicator: str
    value: int
    done: int | None
    meaning: str
    own: bool

    @property
    def left(self) -> int | None:
        """The number still missing; None if unknown."""
        return max(self.value - self.done, 0) if self.done is not None and self.own else None

    @property
    def percent(self) -> int | None:
        """The progress in percent, rounded down so that it is 100 only when complete; None if unknown."""
        return self.done * 100 // self.value if self.done is not None and self.own and self.value > 0 else None

    @property
    def note(self) -> str:
        """What is counted, or why it cannot be."""
        if self.done is None:
            return _("这一年还没有到") if self.meaning else _("无法自动计算")
        return _(self.meaning) if self.own else _("目标是{area}全部的，完成数只是本站的。").format(area=self.name)


def progress(session: Session, year: int | None = None) -> list[Progress]:
    """The targets of a year (by default the current one), the largest area first."""
    year = year or int(session.today[:4])
    of_year = session.select(Target, year=year)
    # ceilings are not goals; see `services.payments.funds`
    targets = _applicable(session, [one for one in of_year if not is_rule(one.indicator or "")])
    counter = _Counter(session, year)
    lines = []
    for one in targets:
        own = divisions.covers(session.scope, one.area)
        reading = understood(one.indicator)
        done = None if reading is None or year > int(session.today[:4]) else counter.of(reading, one.area if own else session.scope)
        meaning = reading.indicator.meaning if reading is not None else ""
        name = divisions.called(one.area)
        lines.append(Progress(one.id, year, one.area, name, one.indicator, one.value or 0, done, meaning, own))
    return lines


def _applicable(session: Session, found: Iterable[Target]) -> list[Target]:
    """The targets of the station's area and its parts, and those of the most specific area above for indicators that the area itself
    lacks."""
    by_words = by_key((re.sub(r"\s", "", one.indicator or ""), one) for one in found)
    kept = []
    for targets in by_words.values():
        kept += [one for one in targets if one.area and divisions.covers(session.scope, one.area)]
        nearest = divisions.most_specific([one.area for one in targets if one.area], session.scope)
        kept += [one for one in targets if one.area == nearest and one not in kept]
    return sorted(kept, key=lambda one: (len(one.area.rstrip("0")), one.area, one.indicator, one.id))


class _Counter:
    """Counts the people of a year; each query runs once."""

    def __init__(self, session: Session, year: int) -> None:
        self._session, self._year = session, year
        self._ends: dict[str, dict[str, set[tuple[str, str]]]] = {}
        self._times: dict[str, list[tuple[str, str]]] = {}
        self._groups: dict[frozenset[str], set[str]] = {}

    def of(self, reading: Reading, area: str) -> int:
        """The count for an area."""
        one, session = reading.indicator, self._session
        if one.counts is not None:
            if one.name not in self._times:
                self._times[one.name] = one.counts(session, str(self._year))
            rows: Iterable[tuple[str, str]] = self._times[one.name]
            rows = self._roots(rows) if one.once else rows
        else:
            people = self._at(f"{self._year}-12")
            rows = set().union(*(people[name] for name in one.measures))
            if reading.new:
                before = self._at(f"{self._year - 1}-12")
                known = {id for name in one.measures for id, _village in before[name]}
                rows = {(id, village) for id, village in rows if id not in known}
        group = self._group(reading.groups) if reading.groups else None
        return sum(1 for id, village in rows if divisions.covers(area, village) and (group is None or id in group))

    def _at(self, month: str) -> Mapping[str, set[tuple[str, str]]]:
        month = min(month, self._session.today[:7])
        if month not in self._ends:
            found: dict[str, set[tuple[str, str]]] = defaultdict(set)
            for id, village, measures in monthly.behind(self._session, month):
                for name in measures:
                    found[name].add((id, village))
            self._ends[month] = found
        return self._ends[month]

    def _group(self, codes: frozenset[str]) -> set[str]:
        if codes not in self._groups:
            day = min(last_day(f"{self._year}-12"), self._session.today)
            query = select(owned(with_category(codes, day)).subquery().c.id)
            self._groups[codes] = set(self._session.conn.execute(query).scalars())
        return self._groups[codes]

    def _roots(self, rows: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Each person once; a merged person is replaced by the one they were merged into, with that one's village."""
        if not any_merged(self._session):
            return set(rows)
        homes = dict(rows)
        into = roots(self._session, homes)
        home_of = {id: person.village for id, person in records.by_id(self._session, Person, into.values()).items()}
        return {(root, home_of.get(root, homes[id])) for id, root in into.items()}


def summary(lines: Sequence[Progress], scope: str) -> str:
    """The targets of an area in one sentence, without those of its parts; "" if there are none."""
    parts = [
        _("{indicator} {done}/{value}（{percent}%）").format(
            indicator=one.indicator, done=f"{one.done:,}", value=f"{one.value:,}", percent=one.percent
        )
        for one in lines
        if one.percent is not None and divisions.covers(one.area, scope)
    ]
    return _("年度目标：{told}。").format(told=_("，").join(parts)) if parts else ""
