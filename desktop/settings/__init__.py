"""设置: users, backups, the server, and how the program looks."""
