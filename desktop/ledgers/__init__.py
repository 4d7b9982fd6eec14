"""台账: every record kind straight from its declaration."""
