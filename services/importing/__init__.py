"""Import of rosters as villages keep them (`.xlsx .xls .csv .docx`) and of JSON Lines.

    plan = importing.plan(session, path)        # only reads: what would happen to every row
    plan.answer(row, keep=True)                 # import a row with a question as it is
    result = importing.apply(session, plan)     # inside one write session; `db.acts.undo` undoes it

Each stage has one module that does it, on the right of the arrow what it makes; the modules behind it are its parts.

files     reading → `Sheet`: limits and other_files (refused), cell_formats, word_tables, web_tables; chain (接龙) and cards (a form for
          each person) → `Sheet`
tables    tables → `Found`: headings, heading_words, title_months; per_person → `Found` with one row for each person,
          unfolding and repeated → with one row for each service or turn, ticked columns joined, lines paid for something else left out
columns   recognising → `Binding` (binding) of a table to a kind of roster (rosters): columns (headings to fields), by_cells (vague
          headings), whose_columns, assigned (by hand), headlines (the lines above) by titles, supplied (what a person gives for all
          rows)
rows      lines → the values of each column: carried (同上, halves of days); cells, loose_amounts, column_readers, id_cells, terms
records   a maker for each kind of roster → `PlanRow`: registry with families and categories; people (all lists about people on record):
          work with work_besides and with_work, wages, posts, monthly with attendance, training, surveyed; generic (a list
          of any kind) with resolving and special_lists; jsonl (not a table). Their parts: drafting, other_names, known (what is in the
          store), home (whose village)
plan      planning → `plan.Plan`, the preview; checks with doubtful_values; applying → the records written. blank writes rosters to fill in
"""

from __future__ import annotations

from services.importing.applying import apply, foreseen
from services.importing.limits import MAX_ROWS
from services.importing.plan import Absent, Action, Draft, ImportResult, Issue, Level, Plan, PlannedTable, PlanRow
from services.importing.planning import plan
