"""审计包: everything about one claim in one zip, for audits: dossier (what is in it), clause (the text of the rule), entered (who entered
the records), proof (whether it is unchanged)."""
