"""Lists of records: listing (sorted and filtered in SQL), filters, columns, titles (what a record is called)."""
