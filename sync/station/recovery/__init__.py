"""Recovery: resuming (transfers that broke off), checking and mending (records that differ from the county's), rewind and kept_copies
(a county that was restored from a backup)."""
