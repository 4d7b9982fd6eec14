"""What is shown before the main window: first use and unlocking."""
