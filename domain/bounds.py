"""The bounds within which numbers, years and days make sense. A value outside them is doubtful, and is never refused for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain.identity import latest_birth
from domain.words import _

OUT_OF_BOUNDS: Final = "bounds"
"""The code of such a doubt."""
Limits = tuple[Any, Any]
"""The least and the greatest value without doubt; None where there is none."""


@dataclass(frozen=True)
class Bounds:
    """The bounds of a field. `ahead`, in place of `most`: by how many years a year may lie after the present one; 0: a day that may not
    lie after today."""

    least: int | str | None = None
    most: int | None = None
    ahead: int | None = None

    def limits(self, on: str = "") -> Limits:
        """The limits as of a day (default: today)."""
        if self.ahead is None:
            return self.least, self.most
        day = latest_birth(on or None)
        return self.least, int(day[:4]) + self.ahead if self.ahead else day

    def explain(self, label: str, show: Callable[[Any], str]) -> str:
        """What is said of a value outside; `show`: formats a limit."""
        least, most = (None if one is None else show(one).removesuffix(".00") for one in self.limits())
        if least is not None and most is not None:
            return _("{label}应在 {least} 至 {most} 之间").format(label=label, least=least, most=most)
        if most is not None:
            return _("{label}不应超过 {most}").format(label=label, most=most)
        return _("{label}不应小于 {least}").format(label=label, least=least)


ANY: Final = Bounds()
"""For amounts that may be corrections."""
NOT_NEGATIVE: Final = Bounds(0)
"""For every other number, unless it is declared with bounds of its own."""
YEARS: Final = Bounds(2000, ahead=1)
"""For records about a year."""


def outside(value: Any, limits: Limits) -> bool:
    """Whether a value lies outside."""
    least, most = limits
    return value is not None and ((least is not None and value < least) or (most is not None and value > most))
