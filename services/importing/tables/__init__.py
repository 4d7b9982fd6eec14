"""Finds the tables of a sheet.

find    finding → `FoundTable`, by headings; before that, chain (接龙) and cards (a form or a column for each person) are turned into
        sheets
words   rosters (the kinds of roster and their columns) and titles (what titles tell), both from `resources/rosters`; heading_words (normal
        forms), title_months (the months that titles and headings name)
"""
