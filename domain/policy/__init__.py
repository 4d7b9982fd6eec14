"""The policy engine: rule packs, the facts they judge, and verdicts with reasons. Pure: the same facts, packs, parameters and day give
the same verdicts on a laptop and at the county, whatever the order of the records."""
