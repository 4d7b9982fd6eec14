"""The county server: parse, call `sync`, answer."""
