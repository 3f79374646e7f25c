"""What others watch stir with: metrics for Prometheus, read from the records that stir keeps anyway."""
