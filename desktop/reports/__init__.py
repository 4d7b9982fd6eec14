"""报表: the monthly work report with the names behind its figures, and every ledger and form on paper."""
