"""What comes before the window: first use and unlocking."""
