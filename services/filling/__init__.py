"""填上级表格: fills in a sheet sent from above with what is on record. Cells that already hold something are never changed.

    made = looking.look(session, file, who="lifted")     what can be filled in, and what needs a look
    filling.save(made, Path("名单（已填）.xlsx"), plain=True)

`asked` finds out what a heading asks for, `answers` what is on record, `options` in which form the sheet wants it.
"""
