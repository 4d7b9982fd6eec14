"""Import: rosters as villages keep them (`.xlsx .xls .csv .docx`) and JSON Lines.

plan = importing.plan(session, path)        # reads only: what would become of every row
plan.answer(row, keep=True)                 # a questioned row that is right after all
result = importing.apply(session, plan)     # in one write session; undo is `db.acts.undo`
"""

from __future__ import annotations

from services.importing.applying import apply, foreseen
from services.importing.limits import MAX_ROWS
from services.importing.plan import Absent, Action, Draft, ImportResult, Issue, Level, Plan, PlannedTable, PlanRow
from services.importing.planning import plan

__all__ = [
    "MAX_ROWS",
    "Absent",
    "Action",
    "Draft",
    "ImportResult",
    "Issue",
    "Level",
    "Plan",
    "PlanRow",
    "PlannedTable",
    "apply",
    "foreseen",
    "plan",
]
