"""报表: the monthly work report with the people behind its figures, all ledgers and forms on paper, and sheets from above to be filled
in."""
