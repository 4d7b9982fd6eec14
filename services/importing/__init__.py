"""Import of rosters as villages keep them (`.xlsx .xls .csv .docx`) and of JSON Lines.

    plan = importing.plan(session, path)        # only reads: what would happen to every row
    plan.answer(row, keep=True)                 # import a row with a question as it is
    result = importing.apply(session, plan)     # inside one write session; `db.acts.undo` undoes it

file      reading, limits (checked before a file is opened), cell_formats, word_tables, web_tables, chain (接龙), cards (a form for each
          person), other_files (not a sheet)
table     tables (finds tables), headings, heading_words, columns (headings to fields), recognising, assigned (by
          hand), by_cells, whose_columns, rosters (the kinds), headlines, title_values and title_months (the lines above), carried (同上),
          members_across and kin_columns, heads_apart, several_names, half_days, dates_across, pay_items; unknown
cells     cells, loose_amounts, column_readers, id_cells, terms, years_left_out, carrier_names; lines (a table, column by column)
rows      people and people_maker (the person of a row), particulars, drafting, employers, known, references, resolving, home
rosters   registry with families, categories and absent; work with fares, trips, remarks and returns; check_months; wages; carriers; posts;
          changes_of_posts; post_months with day_marks; training with signed_days; incomes; surveyed; generic (the list of any kind) with
          occasions; jsonl; county_money
whole     planning, plan, applying; blank (rosters to fill in)
"""

from __future__ import annotations

from services.importing.applying import apply, foreseen
from services.importing.limits import MAX_ROWS
from services.importing.plan import Absent, Action, Draft, ImportResult, Issue, Level, Plan, PlannedTable, PlanRow
from services.importing.planning import plan
