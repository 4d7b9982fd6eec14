"""Import: rosters as villages keep them (`.xlsx .xls .csv .docx`) and JSON Lines.

    plan = importing.plan(session, path)        # reads only: what would become of every row
    plan.answer(row, keep=True)                 # a questioned row that is right after all
    result = importing.apply(session, plan)     # in one write session; undo is `db.acts.undo`

file      reading, limits (before anything is opened), cell_formats, word_tables, web_tables, chain (接龙), other_files (what is no sheet)
table     tables (where one begins and ends), heading_words, columns (headings to fields), assigned (by hand), whose_columns,
          rosters (the kinds), headlines and title_months (what stands above), carried (同上), members_across and kin_columns, half_days,
          dates_across, pay_items; unknown
cells     cells, id_cells, terms, carrier_names; lines (the rows of one table, column by column)
rows      people and people_maker (whose a row is), particulars, drafting (what differs from the store), known, references, resolving, home
rosters   registry with families and absent; work with fares; check_months; wages; carriers; posts; post_months with day_marks;
          training with signed_days; incomes; surveyed; generic (the list of any kind) with occasions; jsonl; county_money
whole     planning, plan, applying; blank (rosters to fill in)
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
