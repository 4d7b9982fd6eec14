"""设置: users, policy packs, backups, the county's server, and the look of the program."""
