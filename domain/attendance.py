"""A month's attendance as it is kept, one letter a day, and as it is told."""

from __future__ import annotations

from collections import Counter
from typing import Final

from domain.words import N_, _

DAYS: Final = {
    "P": N_("出勤 {n} 天"),
    "S": N_("病假 {n} 天"),
    "L": N_("事假 {n} 天"),
    "A": N_("旷工 {n} 天"),
    "R": N_("休 {n} 天"),
}
"""What each letter counts; `-` says nothing."""


def told(marks: str) -> str:
    """`PPPSS--` as 出勤 3 天、病假 2 天; text that holds other signs as it is."""
    counted = Counter(marks.replace("-", ""))
    if not marks or not set(counted) <= set(DAYS):
        return marks
    return _("、").join(_(said).format(n=counted[letter]) for letter, said in DAYS.items() if counted[letter]) or _("没有出勤")
