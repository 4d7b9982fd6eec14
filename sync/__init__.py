"""How data travels: sealed batches, county order, one merge rule for every replica (`design/sync.md`)."""
