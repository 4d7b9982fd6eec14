"""Widgets shared by the pages. The docstring of each module shows how to use them."""
