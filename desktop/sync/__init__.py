"""同步: what was exchanged with the county, what waits, what has to be settled, what is held."""
