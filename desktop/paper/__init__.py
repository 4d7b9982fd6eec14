"""Printing: lays out forms, ledgers and lists on pages, previews and prints them, saves them as PDF or workbook; and reads pages that come
back as photos or scans."""
