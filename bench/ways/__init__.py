"""What `stir bench publish` runs: ways of moving one table from ClickHouse to PostgreSQL."""
