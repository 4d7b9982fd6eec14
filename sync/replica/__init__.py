"""What the county and every station do alike with the log. Knows neither side.

merge (the rule, pure), rows (rows in memory), apply (an entry to the tables), plain_edits (the fast way for what nobody contests),
conflicts, log (the change log and held changes), change_ids (what was applied before), known_fields (what a newer program sent),
moved_rows, erased_rows and redaction; pieces and manifest (snapshots); history (chains), integrity (sums of the state), audit (all
signatures); batches and identity (sealing), repeated_requests
"""
