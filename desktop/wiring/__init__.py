"""Queries on the open store that several areas share: forms, lists and verdict cards."""
