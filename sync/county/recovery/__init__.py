"""Recovery: taking_back (what stations hold and a restored county lost) and following (what a change that gets a new place had seen);
replaying (do the records match the log?)."""
