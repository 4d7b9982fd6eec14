"""Days of a term that no paper (insurance, agreement) covers (article 二十八)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.periods import Spell, add_days, clip, day_count, merge
from domain.records import Agreement, Insurance


def uncovered(term: Spell, papers: Iterable[Insurance | Agreement]) -> tuple[int, str]:
    """The number of days in a term that no insurance or agreement covers, and the first of them ("" if none)."""
    covers = [clip(Spell(i.start, i.end), *term) for i in papers if i.start and i.end and i.start <= i.end]
    covered = merge(cover for cover in covers if cover)
    bare = day_count(*term) - sum(day_count(*cover) for cover in covered)
    first = term.start if not covered or covered[0].start > term.start else add_days(covered[0].end, 1)
    return bare, first if bare else ""
