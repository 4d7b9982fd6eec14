"""摸排: sheets of questions beyond the ledgers, filled, followed and counted."""
