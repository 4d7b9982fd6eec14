"""What can be done: verbs over a session. Neither imports sync nor is imported by it."""
