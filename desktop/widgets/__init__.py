"""What pages are built from. Each module's docstring says how its widgets are used."""
