"""What the county and every station do alike with the log: merge, apply, keep, prove. Knows neither side."""
