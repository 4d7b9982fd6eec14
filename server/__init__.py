"""The county's server: parse, call a service or sync, answer."""
