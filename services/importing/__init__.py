"""Import of rosters as villages keep them (`.xlsx .xls .csv .docx`) and of JSON Lines.

    plan = importing.plan(session, path)        # only reads: what would happen to every row
    plan.answer(row, keep=True)                 # import a row with a question as it is
    result = importing.apply(session, plan)     # inside one write session; `db.acts.undo` undoes it

A file is read as sheets by `services/office_files`. Each stage is a folder that lists its modules like this one; it imports only the
stages above it, and plan. On the right of the arrow is what it makes.

values    single cells → values
tables    → `FoundTable`: where the tables are and what their headings are; 接龙 and forms as tables
columns   → `Binding`: which kind of roster it is and which field each column fills; tables reshaped to one row for each person or turn
rows      → `Lines`: the values of each column; and what the makers of records share
records   → `PlanRow`: a maker for each kind of roster

The modules of this folder put them together: planning (from the file to the `Plan`, the preview, which is declared in plan), jsonl
(JSON Lines instead of a table), checks with doubtful_values (of the whole plan), applying → the records written. assigned remembers columns
that were assigned by hand. blank makes empty rosters to fill in.
"""

from __future__ import annotations

from services.importing.applying import LABEL, apply, foreseen
from services.importing.plan import Absent, Action, Draft, ImportResult, Issue, Level, Plan, PlannedTable, PlanRow
from services.importing.planning import plan
from services.office_files.limits import MAX_ROWS
