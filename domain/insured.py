"""Accident insurance cover of a term, day by day (article 二十八)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.periods import Spell, add_days, clip, day_count, merge
from domain.records import Insurance


def uninsured(term: Spell, policies: Iterable[Insurance]) -> tuple[int, str]:
    """The number of days in a term without insurance, and the first of them ("" if none)."""
    covers = [clip(Spell(i.start, i.end), *term) for i in policies if i.start and i.end and i.start <= i.end]
    covered = merge(cover for cover in covers if cover)
    bare = day_count(*term) - sum(day_count(*cover) for cover in covered)
    first = term.start if not covered or covered[0].start > term.start else add_days(covered[0].end, 1)
    return bare, first if bare else ""
