"""摸排: surveys about facts that are not in the ledgers: filling them in, their progress and results."""
