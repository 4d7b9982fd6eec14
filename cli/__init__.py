"""Who starts: `cunzhan` and `cunzhan-server` parse, call and print; nothing else."""
