"""OpenLineage: which run read which tables and wrote which, reported to a file or to an address."""
