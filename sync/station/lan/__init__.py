"""Bundles over the local network, from a village (handing_in) to its township (receiver, which listens, and desk, which answers one
village); finding asks the network where that is, and knows this computer's and typed addresses."""
