"""What a list lacks and a person can supply once for all its rows: since when its people work or a course is held, or which employer pays
them.

lacked(binding)                # what can be supplied: START, EMPLOYER
supply(binding, supplied)      # let the rows have it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.words import N_
from services.importing.columns.binding import Binding
from services.importing.columns.headlines import TitleValue
from services.importing.columns.matching import WORK_STARTS

START: Final = N_("本表开始日期")
EMPLOYER: Final = N_("本表单位")
GIVEN: Final = (START, EMPLOYER)
Supplied = Mapping[str, str]
"""START or EMPLOYER → the value for all rows."""
_LACKED: Final = {
    "work_undated": (START, "employment.start", WORK_STARTS),
    "workshop": (START, "employment.start", WORK_STARTS),
    "posts_undated": (START, "appointment.start", ("appointment.start", "agreement.start", "agreement.range")),
    "training": (START, "course.start", ("course.start", "course.range", "@course_span", "@signed")),
    "wages": (EMPLOYER, "employer.name", ("employer.name", "employment.employer_name", "@carrier")),
}
"""Roster → what may be supplied, the target that it fills, and the columns or titles that tell it."""


def lacked(binding: Binding) -> str:
    """START or EMPLOYER if a list lacks it; otherwise ""."""
    what, _target, told = _LACKED.get(binding.roster.name, ("", "", ()))
    return what if what and not any(map(binding.has, told)) and not (what == START and binding.headlines.tell("not_at_work")) else ""


def target_of(roster: str) -> str:
    """The target that is supplied for the rows of a roster; "" for none."""
    return _LACKED[roster][1] if roster in _LACKED else ""


def supply(binding: Binding, supplied: Supplied) -> str:
    """Give the rows of a list what it lacks, if that is supplied; returns what it lacked."""
    what = lacked(binding)
    if what and supplied.get(what):
        value = TitleValue(what, supplied[what])
        binding.title_values = {**binding.title_values, target_of(binding.roster.name): value}
    return what
