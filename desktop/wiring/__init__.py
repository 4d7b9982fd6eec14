"""What several areas ask of the open store: forms, lists and verdict cards."""
