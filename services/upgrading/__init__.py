"""Releases of the program: program_package (checks and unpacks one) and previous_program (returns to the one before)."""
