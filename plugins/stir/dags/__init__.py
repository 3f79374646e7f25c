"""Factories for the DAG files: one file per DAG, one call per file, and no work at import.

A DAG file holds the facts of its DAG (id, schedule, owner, tier, spec). `base` holds what all DAGs share, and the
module of a category holds what the category adds.
"""
