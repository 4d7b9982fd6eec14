"""Log handling shared by the county and every station. Imports neither side.

merge (the rule, pure), rows (rows in memory), apply (an entry to the tables), by_columns (the fast paths without conflict), conflicts,
log (the change log and held changes), change_ids (duplicate detection), known_fields (fields of newer programs), moved_rows, erased_rows
and redaction; pieces (of snapshots); history (chains, and signed times), integrity (checksums of the state), audit (of all signatures);
batches and identity (sealing), repeated_requests
"""
