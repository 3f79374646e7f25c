"""Loads files of records into source tables: CSV, JSON lines and Parquet, also compressed."""
