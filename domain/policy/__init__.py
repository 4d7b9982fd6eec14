"""Who is entitled to what, and why: rule packs, the facts they judge, and verdicts. Pure: same facts, packs, parameters and day
give the same verdicts on a laptop and at the county, whatever the order of the records."""
