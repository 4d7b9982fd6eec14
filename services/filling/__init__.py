"""填上级表格: fills in a form received from a higher office with the data on record. Cells that have content are never changed.

    made = looking.look(session, file, who="lifted")     fills in a copy in memory, with remarks to check
    filling.save(made, Path("名单（已填）.xlsx"), plain=True)

`asked` finds what a heading asks for, `answers` the data on record, and `options` the notation that the form expects.
"""
