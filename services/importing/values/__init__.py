"""Reads single cells as values, without knowing their table.

cells (a reader for each type of field) with loose_amounts (约4000, 5k) and scanned (2O25, 13804541122（儿子）, ☑是 ☐否),
other_names (people's names), id_cells (ID numbers) and terms (一年, 至2026-12-31, 长期).
"""
