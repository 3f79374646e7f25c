"""The embedded ClickHouse server: its engine, configuration and process."""
