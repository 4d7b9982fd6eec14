"""Import: rosters as villages keep them (`.xlsx .xls .csv`) and JSON Lines.

plan = importing.plan(session, path)        # reads only: what would become of every row
plan.answer(row, keep=True)                 # a questioned row that is right after all
result = importing.apply(session, plan)     # in one write session; undo is `db.acts.undo`
"""

from __future__ import annotations

from collections.abc import Iterable

from db.session import Session
from services.importing.applying import apply, foreseen, store_state
from services.importing.blank import template
from services.importing.drafting import Context, Progress
from services.importing.home import Home
from services.importing.jsonl import plan_lines
from services.importing.known import Known
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
    "Progress",
    "apply",
    "foreseen",
    "import_jsonl",
    "plan",
    "template",
]


def import_jsonl(
    session: Session,
    lines: Iterable[str],
    *,
    kind: str | None = None,
    village: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Import JSON Lines. `kind` for lines that name none, `village` for those whose record is new and names none."""
    context = Context(session, Known(session), Home(session, village), progress)
    made = plan_lines(context, lines, kind=kind)
    made.state = store_state(session)
    return foreseen(made) if dry_run else apply(session, made, progress)
