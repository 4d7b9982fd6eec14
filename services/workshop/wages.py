"""The wage grid of a workshop: people × months of an income period, typed or pasted (article 十五).

Amounts are in fen. Recorded wages are never altered: entering another amount for a month adds a record of the difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func, select

from db import changes
from db.exchange import departed
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.errors import ChangedUnderneath, FieldError, NotFound
from domain.income import line_at, paid_within
from domain.periods import income_period, income_year, months_between, parse_month
from domain.records import Employer, Employment, MonitorLine, Wage
from domain.words import _
from services import policies, records
from services.standing import PersonStatus, names, standings

_MOST_NAMED = 20


@dataclass(frozen=True)
class WageLine:
    """Wages of one spell of work. `months`: months of the period that the spell covers; `amounts` by month; `counted`: the sum paid within
    the period, by day of payment, as the reward counts it."""

    employment_id: str
    person_id: str
    name: str
    group: str
    months: frozenset[str]
    amounts: Mapping[str, int]
    counted: int

    @property
    def total(self) -> int:
        """The sum of the months shown."""
        return sum(self.amounts.values())


@dataclass(frozen=True)
class WageSheet:
    """The wage grid of one income period. `line`: the monitor line (fen) for its place and year, None when none is recorded."""

    year: int
    start: str
    end: str
    months: tuple[str, ...]
    lines: tuple[WageLine, ...]
    line: int | None
    line_area: str = ""
    gone: str = ""
    """A sentence about people who moved to other villages since the period began: their wages went with them. "" without any."""

    def gap(self, line: WageLine) -> int | None:
        """Fen missing to the monitor line, 0 when it is reached, None without a line. Spells of one person are added up (R15)."""
        return None if self.line is None else max(0, self.line - self._by_person[line.person_id])

    @cached_property
    def _by_person(self) -> Mapping[str, int]:
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.person_id] = sums.get(line.person_id, 0) + line.counted
        return sums

    def month_totals(self) -> list[int]:
        """The total of each month, for the foot of the grid."""
        return [sum(line.amounts.get(month, 0) for line in self.lines) for month in self.months]


@dataclass(frozen=True)
class Cell:
    """The amount a month shall total. `before`: the total shown when it was entered, to detect entries made meanwhile by others."""

    employment_id: str
    month: str
    amount: int
    before: int | None = None


def monitor_line(session: Session, place: str, year: int, keeper: str = "") -> MonitorLine | None:
    """The monitor line that applies to a place and year for the records of `keeper` (`domain.income.lines_at`)."""
    return line_at(session.select(MonitorLine, year=year), year, place, keeper)


def _wage_years(session: Session, workshop_id: str, period_start: str) -> list[int]:
    """The income periods (years) for which the workshop has wages, the latest first."""
    w, t = table("wage"), table("employment")
    query = select(w.c.month).distinct().join(t, t.c.id == w.c.employment_id)
    months = session.conn.execute(query.where(t.c.employer_id == workshop_id, w.c.deleted_at.is_(None), t.c.deleted_at.is_(None))).scalars()
    return sorted({income_year(f"{month}-01", period_start) for month in months}, reverse=True)


def latest(session: Session, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The latest month each workshop paid wages for and their sum (fen), by workshop id; workshops without wages are left out."""
    w, t = table("wage"), table("employment")
    sums = (
        select(t.c.employer_id, w.c.month, func.sum(w.c.amount))
        .join(t, t.c.id == w.c.employment_id)
        .where(t.c.employer_id.in_(list(ids)), w.c.deleted_at.is_(None), t.c.deleted_at.is_(None))
        .group_by(t.c.employer_id, w.c.month)
        .order_by(w.c.month)
    )
    return {employer_id: (month, int(amount)) for employer_id, month, amount in session.conn.execute(sums)}


def wage_sheet(session: Session, workshop_id: str, year: int | None = None, *, on: str, period_start: str = "") -> WageSheet:
    """The grid of the income period named by `year`, by default the latest one with wages up to `on`, else the period of `on`.

    Periods begin on `period_start` (`MM-DD`), by default as the rules in force on `on` say.
    """
    period_start = period_start or policies.income_start(session, on)
    if year is None:
        now = income_year(on, period_start)
        year = next((known for known in _wage_years(session, workshop_id, period_start) if known <= now), now)
    employer = session.existing(Employer, workshop_id, _("这个单位不存在，或已被删除。"))
    start, end = income_period(year, period_start)
    months = tuple(months_between(start[:7], end[:7]))
    lines = _wage_lines(session, workshop_id, (start, end), months)
    keeper = session.scope if divisions.covers(employer.village, session.scope) else employer.village  # one registered above is ours too
    threshold = monitor_line(session, employer.place or keeper, year, keeper)
    amount, area = (threshold.amount, threshold.area) if threshold else (None, "")
    return WageSheet(year, start, end, months, lines, amount, area, _gone(session, start))


def _gone(session: Session, start: str) -> str:
    """Who left since a day. Their rows are in the other village's log only, and nothing here tells where they worked."""
    left = [one for one in departed(session, session.scope, _MOST_NAMED) if one.at[:10] >= start]
    text = _("{names}已迁走，工资随人转到那个村：在这里干过的，这张表和合计里没有。要看请问那个村或乡镇。")
    who = [_("{name}（{village}）").format(name=one.name, village=divisions.called(one.entered)) for one in left]
    return text.format(names=_("、").join(who)) if left else ""


def paid_to(session: Session, workshop_id: str, people: Collection[str], period: tuple[str, str]) -> dict[str, int]:
    """What an employer paid these people within a period (fen), by person; people who did not work there then are left out."""
    months = tuple(months_between(period[0][:7], period[1][:7]))
    spells = session.select(Employment, employer_id=workshop_id, person_id=people)
    paid = _wages(session, [spell.id for spell in spells])
    found: dict[str, int] = {}
    for spell in spells:
        amount = paid_within(paid[spell.id], period)
        if amount or _months_of(spell, months):
            found[spell.person_id] = found.get(spell.person_id, 0) + amount
    return found


def _wage_lines(session: Session, workshop_id: str, period: tuple[str, str], months: Sequence[str]) -> tuple[WageLine, ...]:
    start, end = period
    spells = session.select(Employment, employer_id=workshop_id)
    paid = _wages(session, [spell.id for spell in spells])
    shown = [s for s in spells if _months_of(s, months) or any(w.month in months or paid_within([w], (start, end)) for w in paid[s.id])]
    people = names(session, {spell.person_id for spell in shown})
    order = {id: n for n, id in enumerate(people)}
    known = standings(session, people, end)
    lines = [
        WageLine(
            spell.id,
            spell.person_id,
            people.get(spell.person_id, ""),
            _group(known.get(spell.person_id)),
            _months_of(spell, months),
            _by_month(paid[spell.id], months),
            paid_within(paid[spell.id], period),
        )
        for spell in shown
    ]
    return tuple(sorted(lines, key=lambda line: (order.get(line.person_id, len(order)), line.employment_id)))


def _group(standing: PersonStatus | None) -> str:
    if standing is None:
        return ""
    return _("脱贫") if standing.lifted else _("监测") if standing.monitored else ""


def _months_of(spell: Employment, months: Sequence[str]) -> frozenset[str]:
    """The months that the spell covers at its longest."""
    return frozenset(m for m in months if spell.start[:7] <= m and (spell.end is None or spell.end[:7] >= m[: len(spell.end)]))


def _by_month(wages: Iterable[Wage], months: Sequence[str]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for wage in wages:
        if wage.month in months:
            sums[wage.month] = sums.get(wage.month, 0) + wage.amount
    return sums


def _wages(session: Session, spells: Sequence[str]) -> dict[str, list[Wage]]:
    return session.by_parent(Wage, "employment_id", spells, order=("created_at", "id"))


def _checked(session: Session, workshop_id: str, spell: Employment | None, cell: Cell) -> Employment:
    """The spell of a cell, checked. Raises `NotFound`, `FieldError` or `Refused` where the cell may not be entered."""
    if spell is None or spell.employer_id != workshop_id:
        raise NotFound(_("这条用工记录不在这个车间，或已被删除。"))
    if cell.amount < 0:
        raise FieldError(_("一个月的工资不能为负；多发的请填更正后的金额"), "money")
    records.refuse_foreign(session, spell.village)
    return spell


def enter_wages(session: Session, workshop_id: str, cells: Iterable[Cell]) -> int:
    """Set months to the given totals by adding a record for each difference; returns the number of records written.

    A first payment counts as paid in its month; a correction takes the day and way of payment of the record it corrects.
    Raises `ChangedUnderneath` when a month's total is no longer the cell's `before`.
    """
    wanted = {(cell.employment_id, parse_month(cell.month)): cell for cell in cells}  # of two cells for one month the last counts
    spells = {one.id: one for one in session.select(Employment, id={id for id, _month in wanted})}
    paid = _wages(session, list(spells))
    moved: dict[str, object] = {}
    rows = []
    for (id, month), cell in wanted.items():
        spell = _checked(session, workshop_id, spells.get(id), cell)
        before = [wage for wage in paid[id] if wage.month == month]
        now = sum(wage.amount for wage in before)
        if cell.before not in (None, now):
            moved[f"{id} {cell.month}"] = now
        if cell.amount != now:
            rows.append(
                {
                    "id": session.new_id(),
                    "village": spell.village,
                    "employment_id": id,
                    "month": month,
                    "paid_on": before[-1].paid_on if before else month,
                    "amount": cell.amount - now,
                    "pay_way": before[-1].pay_way if before else None,
                }
            )
    if moved:
        raise ChangedUnderneath(_("您打开以后，别处又录了 {count} 格工资。请核对后再保存。").format(count=len(moved)), moved)
    return changes.insert(session, "wage", rows) if rows else 0
