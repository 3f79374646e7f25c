"""Checks before and while a table is published: contract and guards."""
