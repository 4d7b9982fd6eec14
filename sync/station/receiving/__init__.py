"""Applying what the county sends: receive (entries of a log), concurrent_rows (rows that must be merged); snapshot_fetch and install
(a whole scope instead of its entries); bulk_tables (many rows at once); newer_program (what this program cannot read yet)."""
