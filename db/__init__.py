"""Persistence: tables made from the record declarations, the encrypted station store, the change log, the county's database.

store     store (a station's file, its users), keys, new_key, key_swap, unlocking, key_stick, removable, engine,
          upgrade, alone; session (a transaction, as passed to services)
tables    mapping (declarations to tables), ids, search, pinyin, among, prepared (statements), referring (references between
          records), merged (duplicate people), erased, contents (of attachments), funds, listed (payments in
          sheets for the bank), same_benefit (of two claims), unindexed (lists while a laptop joins), local (data that never
          leaves the laptop)
log       capture (the triggers), changes (the only functions that write records), acts (undo),
          key_changes (unconfirmed ones), unmasked (who saw numbers in full)
exchange  exchange (bookkeeping), conflicts, held, bundles (and interrupted transfers), snapshots, signatures, lease,
          announced (program releases), receipts (when changes arrived), wrong_clock
county    county, postgres, county_backup; backup and files (of both), aside (what a restore moved away), gc_pause
"""
