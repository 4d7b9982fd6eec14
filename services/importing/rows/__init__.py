"""What every maker of records works with.

lines            the values of each column of a table; column_readers for those that depend on their heading or the title's year
known, home      what is in the store; whose village it is
drafting, people drafts of records; the person that a row names
"""
