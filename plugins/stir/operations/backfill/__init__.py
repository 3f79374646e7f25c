"""Builds days of models again beside the live tables, compares, swaps the partitions in, and can undo it."""
