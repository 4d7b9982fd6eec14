"""Data entry workload (填报负担): time each station spent on entry in a month, and survey questions the ledgers already answer.

workload(session, "2026-11")       a line for each place that entered something, or has a survey of its own
on_record(["联系电话", "明年打算"])   {"联系电话"}: need not be asked

Everything saved at once has one author and one time. New records are counted by what they say of themselves, since the change log has no
line for a record made elsewhere; changes are counted by the change log. The time since the author's previous save counts for a save, if it
is at most `PAUSE`; after a longer pause the save counts as `FIRST`. This underestimates the first record of a sitting and counts nothing
for records that were read but not changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Column, Select, func, select

from db.capture import op
from db.mapping import table
from db.session import Session
from domain import authors, clock, divisions
from domain.fields import KINDS
from domain.periods import add_months
from domain.scopes import is_village, within
from services.filling.answers import answerable
from services.filling.asked import of_one_person
from services.importing.columns.matching import words_of
from services.importing.tables.heading_words import plain

PAUSE: Final = timedelta(minutes=10)
FIRST: Final = timedelta(minutes=1)
BATCH: Final = 10
"""A save that makes at least this many records counts as an import or a grid, not a form."""
_KINDS: Final = {kind.number: name for name, kind in KINDS.items()}


@dataclass
class Workload:
    """One place's month: `days` with entries, records created one by one (`single`) and in batches (`batch`), records `changed`, minutes in
    total, on single records and by kind (`kinds`); the number of survey `questions` open, and those the ledgers answer (`repeated`)."""

    area: str
    name: str
    days: int = 0
    single: int = 0
    batch: int = 0
    changed: int = 0
    minutes: float = 0
    single_minutes: float = 0
    kinds: dict[str, float] = field(default_factory=dict)
    questions: int = 0
    repeated: Sequence[str] = ()

    @property
    def each(self) -> float:
        """Average minutes per record entered one by one."""
        return round(self.single_minutes / self.single, 1) if self.single else 0.0


@dataclass
class _Save:
    """One save, that is, all changes of one author at one time: records created and changed, and changes by kind."""

    by: str
    at: datetime
    made: int
    changed: int
    kinds: Mapping[str, int]


def workload(session: Session, month: str) -> list[Workload]:
    """The month's workload of each place, in order of place; stations of one place are added up."""
    found: dict[str, Workload] = {}
    days: dict[str, set[str]] = defaultdict(set)
    for save, minutes in _timed(_saves(session, month)):
        area = authors.scope_of(save.by)
        one = found.setdefault(area, Workload(area, divisions.called(area)))
        _add(one, save, minutes)
        days[area].add(save.at.date().isoformat())
    for area, one in found.items():
        one.days, one.minutes, one.single_minutes = len(days[area]), round(one.minutes, 1), round(one.single_minutes, 1)
    asked = _asked(session, month)
    for area in {*found, *(home for home, _labels in asked if is_village(home))}:
        one = found.setdefault(area, Workload(area, divisions.called(area)))
        labels = [label for home, labels in asked if within(area, home) for label in labels]
        one.questions, one.repeated = len(labels), sorted(on_record(labels))
    return [found[area] for area in sorted(found)]


def on_record(questions: Iterable[str]) -> set[str]:
    """Those questions the ledgers already answer, recognized by the column headings of rosters."""
    words = words_of(of_one_person())
    return {one for one in questions if (target := words.get(plain(one))) and answerable(target)}


def total(lines: Sequence[Workload], area: str) -> Workload:
    """The sum of several lines. Questions are not added up, because one survey covers many villages."""
    made = Workload(area, divisions.called(area))
    for line in lines:
        for name in ("days", "single", "batch", "changed", "minutes", "single_minutes"):
            setattr(made, name, getattr(made, name) + getattr(line, name))
        for kind, minutes in line.kinds.items():
            made.kinds[kind] = made.kinds.get(kind, 0) + minutes
    return made


def _add(one: Workload, save: _Save, minutes: float) -> None:
    one.minutes += minutes
    one.changed += save.changed
    main = max(save.kinds, key=lambda name: save.kinds[name])
    one.kinds[main] = one.kinds.get(main, 0) + minutes
    if save.made >= BATCH:
        one.batch += save.made
    elif save.made:
        one.single += save.made
        one.single_minutes += minutes


def _saves(session: Session, month: str) -> Iterator[_Save]:
    """The saves of a month, by author and time."""
    made: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    changed: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name in KINDS:
        t = table(name)
        for by, at, n in session.conn.execute(_counted(month, t.c.created_by, t.c.created_at)):
            made[by, at][name] += n
    for by, at, kind, n in session.conn.execute(_counted(month, op.c.by, op.c.at, op.c.kind).where(op.c.what != "I")):
        changed[by, at][_KINDS.get(kind, "")] += n
    for by, at in sorted({*made, *changed}):
        new, old = made[by, at], changed[by, at]
        yield _Save(by, clock.in_china(at), new.total(), old.total(), new + old)


def _counted(month: str, by: Column[Any], at: Column[Any], *more: Column[Any]) -> Select[Any]:
    """Number of rows of a month by author, time and more."""
    when = (at >= clock.month_start(month)) & (at < clock.month_start(add_months(month, 1)))
    return select(by, at, *more, func.count()).where(when).group_by(by, at, *more)


def _timed(saves: Iterable[_Save]) -> Iterator[tuple[_Save, float]]:
    """Saves, in order, with the minutes each took."""
    before: _Save | None = None
    for save in saves:
        since = save.at - before.at if before is not None and before.by == save.by else PAUSE * 2
        yield save, (since if since <= PAUSE else FIRST).total_seconds() / 60
        before = save


def _asked(session: Session, month: str) -> Collection[tuple[str, Sequence[str]]]:
    """The questions of each survey that was open in a month, with the place of the survey."""
    s, item = table("survey"), table("survey_item")
    query = (
        select(s.c.id, s.c.village, item.c.label)
        .join(item, item.c.survey_id == s.c.id)
        .where(s.c.deleted_at.is_(None), item.c.deleted_at.is_(None))
        .where(s.c.created_at < clock.month_start(add_months(month, 1)), func.coalesce(s.c.closed_on, "9999") >= f"{month}-01")
        .order_by(s.c.id, item.c.position)
    )
    surveys = groupby(session.conn.execute(query), key=lambda row: (row[0], row[1]))
    return [(home, [row[2] for row in rows]) for (_id, home), rows in surveys]
