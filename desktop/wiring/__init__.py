"""What the wiring of several areas has in common: the store behind forms, lists, records and verdict cards."""
