"""体检: quality (the data checks on the store's records), repeats (deletes what was entered twice) and
overview (their findings by village, for those who ask villages for mends)."""
