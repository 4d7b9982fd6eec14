"""What travels, as bytes: messages, sealed batches, bundles, codes. Knows no table."""
