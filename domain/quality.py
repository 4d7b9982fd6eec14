"""The data checks (体检) and their runner. Pure: the same records and day give the same doubts, whatever their order.

Parts of `domain.md` §7 are left out because the data are not stored: 务工时间 in months, 是否已务工, 计划务工, 特困供养, 兜底保障.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain import quality_other, quality_people, quality_posts, quality_repeats, quality_work  # noqa: F401  (declare their checks)
from domain.quality_rule import DECLARED, Doubt, Rule, order_problem
from domain.register import Register
from domain.words import _

__all__ = ["RULES", "Doubt", "Rule", "doubts", "order_problem"]

_SEVERITIES = "EWI"

RULES: tuple[Rule, ...] = tuple(sorted(DECLARED, key=lambda rule: (_SEVERITIES.index(rule.id[0]), rule.id)))
"""Every check, errors first."""


def doubts(register: Register, on: str, rules: Iterable[Rule] = RULES) -> list[Doubt]:
    """The doubts that the rules find as of a day, in order of rule, kind and id."""
    return [
        Doubt(rule.id, rule.severity, record.KIND.name, record.id, message, fix)
        for rule, fix in ((rule, _(rule.fix)) for rule in rules)
        for record, message in sorted(rule.find(register, on), key=lambda found: (found[0].KIND.name, found[0].id, found[1]))
    ]
