"""Reads a file as sheets.

    load(path)             # its bytes
    read_workbook(bytes)   # → a list of `Sheet`

reading (all kinds of file) refuses what limits (sizes, archives; shared_texts) and other_files (not a spreadsheet) refuse. Formats:
cell_formats (of an `.xlsx`), word_tables (`.docx`), web_tables (web pages named `.xls`), chats (接龙). traditional converts characters.
"""
