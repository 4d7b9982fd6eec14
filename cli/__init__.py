"""The two programs: parse, call a service or the sync, print; nothing else."""
