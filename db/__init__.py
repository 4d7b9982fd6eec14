"""Where it is kept: tables from the declarations, the encrypted station store, the change log, the county's database."""
