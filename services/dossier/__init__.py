"""审计包: everything about one claim in one zip, for audits: dossier (what is in it, with the text of the rule), entered (who entered and
changed the records), doubts (what to check), proof (whether it is unchanged)."""
