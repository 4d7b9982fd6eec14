"""Bundles over the local network, from a village (handing_in) to its township (receiver, which listens, and desk, which answers one
village); begun_file keeps a part of a bundle until the rest comes."""
