"""Recovery: resuming (transfers that broke off), mending (records that differ from the county's), evidence (which of the two the log
supports), rewind and kept_copies (a county that was restored from a backup)."""
