"""Reads a file as sheets.

    load(path)             # its bytes
    read_workbook(bytes)   # → a list of `Sheet`

reading (all kinds of file) refuses what limits (sizes, archives) and other_files (not a spreadsheet) refuse. Formats:
cell_formats (and shared texts of an `.xlsx`), word_tables (`.docx`), web_tables (web pages named `.xls`), chats (接龙). traditional
converts characters.
"""
