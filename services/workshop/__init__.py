"""Workshops and other carriers: workshop (recognition, employees, figures), wages (the grid of months), sheets (both as workbooks)."""
