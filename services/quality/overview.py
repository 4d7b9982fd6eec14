"""数据质量: the findings of the data checks by village, and the fields often missing, for those who ask villages to correct them.

overview(session)      a line for each village that has people or findings
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, case, func, select

from db import erased
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.progress import Progress, unwatched
from domain.quality import RULES, Doubt
from domain.words import N_, _
from services.quality.quality import check, load
from services.standing import living

MISSING: Final[Mapping[str, str]] = {
    "phone": N_("没填电话"),
    "bank_account": N_("没填账号"),
    "relation": N_("没填与户主关系"),
    "health": N_("没填健康状况"),
}
"""Fields without which a person cannot be called, paid or assigned to a household, with their labels; counted for people aged 16 or
over."""
SEVERITIES: Final = ("error", "warning", "info")
_GROWN: Final = 16
"""Age in years; children are contacted and paid through their parents."""
MOST: Final = 3
"""Number of rules listed for a village, those with the most findings."""


@dataclass(frozen=True)
class Quality:
    """The figures of a village, or a total. `counts`: findings by severity; `rules`: findings by rule; `missing`: people aged 16 or over
    without a field, by the keys of `MISSING`."""

    area: str
    name: str
    people: int
    counts: Mapping[str, int]
    rules: Mapping[str, int]
    missing: Mapping[str, int]

    @property
    def rate(self) -> float:
        """Errors per hundred people, to one decimal."""
        return round(self.counts["error"] * 100 / self.people, 1) if self.people else 0.0

    @property
    def most(self) -> str:
        """The titles of the rules with the most findings, with their numbers."""
        titles = {rule.id: _(rule.title) for rule in RULES}
        found = sorted(((n, id) for id, n in self.rules.items() if id[0] != "I"), key=lambda one: (-one[0], one[1]))
        return _("；").join(f"{titles[id]} {n}" for n, id in found[:MOST])


def overview(session: Session, progress: Progress = unwatched) -> list[Quality]:
    """The figures of each village, ordered by code; records of a township or county are counted under its own code."""
    rules: dict[str, Counter[str]] = defaultdict(Counter)
    for village, doubt in placed(session, progress):
        rules[village][doubt.rule] += 1
    people, missing = _people(session), _missing(session)
    return [_line(area, people.get(area, 0), rules[area], missing.get(area, {})) for area in sorted({*people, *rules})]


def total(lines: Sequence[Quality], area: str) -> Quality:
    """The total of the villages' figures."""
    rules, missing = Counter[str](), Counter[str]()
    for line in lines:
        rules.update(line.rules)
        missing.update(line.missing)
    return _line(area, sum(line.people for line in lines), rules, missing)


def listed(session: Session, progress: Progress = unwatched) -> list[tuple[str, Doubt]]:
    """All errors and warnings with their village, ordered by village, errors first."""
    found = ((village, doubt) for village, doubt in placed(session, progress) if doubt.severity != "info")
    return sorted(found, key=lambda one: one[0])


def placed(session: Session, progress: Progress = unwatched) -> list[tuple[str, Doubt]]:
    """Every finding with the village of its record, errors first. The villages come from the records that were just checked."""
    register = load(session, progress, doubted=session.today)
    doubts = check(session, register=register, progress=progress)
    ids: dict[str, set[str]] = defaultdict(set)
    for doubt in doubts:
        ids[doubt.kind].add(doubt.id)
    homes = {kind: {row.id: row.village for row in register.records(kind) if row.id in found} for kind, found in ids.items()}
    for row in register.incomplete:
        homes.setdefault(row.KIND.name, {})[row.id] = row.village
    return [(homes[doubt.kind][doubt.id], doubt) for doubt in doubts]


def _people(session: Session) -> dict[str, int]:
    p = table("person")
    query = select(p.c.village, func.count()).where(*living(session.today), erased.kept()).group_by(p.c.village)
    return {row[0]: row[1] for row in session.conn.execute(query)}


def lacks(name: str) -> ColumnElement[bool]:
    """Condition on people: a field of `MISSING` is empty."""
    return func.coalesce(table("person").c[name], "").in_(("", "[]"))


def grown(day: str) -> ColumnElement[bool]:
    """Condition on people: aged 16 or over on a day, or of unknown age."""
    return func.coalesce(table("person").c.birth, "") <= f"{int(day[:4]) - _GROWN}{day[4:]}"


def _missing(session: Session) -> dict[str, dict[str, int]]:
    p, day = table("person"), session.today
    empty = [func.sum(case((lacks(name), 1), else_=0)).label(name) for name in MISSING]
    query = select(p.c.village, *empty).where(*living(day), erased.kept(), grown(day)).group_by(p.c.village)
    return {row.village: {name: getattr(row, name) for name in MISSING} for row in session.conn.execute(query)}


def _line(area: str, people: int, rules: Mapping[str, int], missing: Mapping[str, int]) -> Quality:
    severities = {rule.id: rule.severity for rule in RULES}
    counts = dict.fromkeys(SEVERITIES, 0)
    for id, n in rules.items():
        counts[severities[id]] += n
    return Quality(area, divisions.called(area), people, counts, rules, {name: missing.get(name, 0) for name in MISSING})
