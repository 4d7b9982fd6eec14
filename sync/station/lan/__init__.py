"""Bundles over the local network, from a village (handing_in) to its township (receiver, which listens, and desk, which answers one
village); finding asks the network where that is, addresses are this computer's and typed ones; begun_file keeps a part of a bundle until
the rest comes."""
