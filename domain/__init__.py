"""What is true: record kinds, identity numbers, periods, divisions and rules. Standard library only."""
