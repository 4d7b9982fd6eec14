"""Recognises which kind of roster a table is and what its columns hold.

recognise   recognising → `Binding` (binding): matching (headings to fields), whose_columns (whose name or number
            it is), headlines (the lines above the table), supplied (what a person gives for all rows)
reshape     per_person → one row for each person; unfolding and repeated → one row for each service or turn, ticked columns joined, lines
            paid for something else left out; sections → a column of what lines between the rows name; carried → cells that repeat
            the row above (同上), halves of days
"""
