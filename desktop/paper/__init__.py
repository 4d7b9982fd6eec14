"""What leaves the window: forms, ledgers and lists laid out on pages, shown as they will be printed, saved as PDF or workbook; and pages of
them that come back photographed or scanned."""
