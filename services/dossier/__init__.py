"""审计包: everything about one claim in one zip, for audits: dossier (what is in it, with the text of the rule and who entered the
records), doubts (what to check), proof (whether it is unchanged)."""
