"""填来表: fills a sheet that came from above with what is on record; what stands in it already stays as it is.

    made = looking.look(session, file, who="lifted")     what could be filled in, and what is to be looked at
    filling.save(made, Path("名单（已填）.xlsx"), plain=True)

`asked` says what a heading asks for, `answers` what is on record, `options` how the sheet wants it said.
"""
