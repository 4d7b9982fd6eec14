"""The county's side: who asks, what is taken in and in which order, what only it may decide."""
