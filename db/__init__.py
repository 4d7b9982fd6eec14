"""Where it is kept: tables from the declarations, the encrypted station store, the change log, the county's database.

store     store (a station's file, its users), keys, key_stick, second_factor, removable, opening, engine, upgrade;
          session (one transaction as a service sees it)
tables    mapping (from the declarations), ids, search, pinyin, among, prepared and chunks (statements), referring, merged (who stands for
          whom), erased, contents (of attachments), funds, local (what never travels)
log       capture (the triggers), changes (the only functions that write records), acts (undo), unmasked (who saw numbers in full)
exchange  exchange (bookkeeping), conflicts, held, bundles, snapshots, parts, signatures, lease, announced,
          wrong_clock
county    county, postgres, county_backup; backup and files (of both), gc_pause
"""
