"""同步: exchanges with the county, changes not sent yet, conflicts to decide, and held changes."""
