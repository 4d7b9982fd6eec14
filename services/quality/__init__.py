"""体检: quality (the data checks on the store's records) and overview (their findings by village, for those who ask villages for mends)."""
