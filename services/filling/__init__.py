"""填上级表格: fills in a form received from a higher office with the data on record. Cells that have content are never changed.

    made = looking.look(session, file, who="lifted")     fills in a copy in memory, with remarks to check
    filling.save(made, Path("名单（已填）.xlsx"), plain=True)

`looking` goes through a form: `book` and `word` hold it. `one_table` fills in a table with a row for each person, `one_person` a form
about one person and `kin` the family table in that, `figures` a table of figures with a row for each village, whose words `figure_words`
reads. `asked` finds what a heading asks for, `finding` the people in the rows, `answers` the data on record about them (`content`),
`printed` what stands in the cells to fill in, and `options` the notation that the form expects. `filling` is what comes of it.
"""
