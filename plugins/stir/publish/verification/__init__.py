"""Comparison of a loaded or live table with its mart."""
