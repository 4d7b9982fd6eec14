"""今日: what is due, what to check, and how the village stands."""
