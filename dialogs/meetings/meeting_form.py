"""Putting in, moving, repeating and cancelling a meeting."""
