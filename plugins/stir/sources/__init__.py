"""What upstream delivers: source tables, their keys and DDL."""
