"""Registers that also say where people work (务工地点, 企业, 月工资). A table is read as one kind of roster; what another kind would read
of it is offered, so that the file can be read a second time.

    besides(found, binding)                # what else the table holds, or None
    in_register(binding)                   # whether a list of work is part of a register, where most people do not work away
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.importing.columns.binding import Binding
from services.importing.columns.matching import WORK_PLACES, WORK_STARTS, bind, word_of, words_of
from services.importing.plan import Besides
from services.importing.tables.finding import FoundTable
from services.importing.tables.rosters import Roster, rosters

START_HEADING = "外出时间"
"""The heading under which a start that a person gave for all rows of a register is read."""
_REGISTERS = ("registry", "@person")
_RELATION = "person.relation"
_ABOUT_WORK = ("employment.", "work.", "contract.")
_WORKING = ("place", "address", "employer_name", "industry", "job", "monthly_wage", "end")
"""Fields of which a row about somebody who works has at least one."""


def _roster(name: str) -> Roster:
    return next(roster for roster in rosters() if roster.name == name)


def besides(found: FoundTable, binding: Binding) -> Besides | None:
    """The work that a register also tells, or the register that a list of work also is."""
    left = {heading.index for heading in binding.unmatched}
    if binding.roster.name in _REGISTERS:
        read = bind(found, _roster("work"))
        own = [(target, heading) for target, heading in read.columns.items() if target.startswith(_ABOUT_WORK) and heading.index in left]
        if any(target in WORK_PLACES for target, _heading in own):
            return Besides("employment", [heading.text for _target, heading in own], any(map(read.has, WORK_STARTS)))
    if binding.roster.name == "work" and in_register(binding) and (read := bind(found, _roster("registry"))).complete():
        return Besides("person", [heading.text for heading in read.columns.values() if heading.index in left])
    return None


def in_register(binding: Binding) -> bool:
    """Whether a table has the relation to the head of the household, which only registers have."""
    words = words_of(_roster("registry"))
    found = (word_of(heading, words) for heading in (*binding.columns.values(), *binding.unmatched))
    return any(word is not None and words[word] == _RELATION for word in found)


def idle(values: Mapping[str, Any]) -> bool:
    """Whether a row says nothing about work."""
    return not any(values.get(name) for name in _WORKING)
