"""Metrics for Prometheus, read from the records that stir keeps."""
