"""Sealing of a station's own changes into batches: seal (what goes into which batch), slices (a part of the
changes at a time); fork (a store that turns out to be a copy continues under a new incarnation)."""
