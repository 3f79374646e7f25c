"""What `stir bench publish` runs: contenders that move one table from ClickHouse to PostgreSQL."""
