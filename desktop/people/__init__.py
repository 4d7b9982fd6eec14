"""人员: the list of everybody, and one page a person."""
