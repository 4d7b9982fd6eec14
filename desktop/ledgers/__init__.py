"""台账: lists and forms of every record kind, built from the declarations."""
