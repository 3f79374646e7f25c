"""Reports to OpenLineage which tables each run read and wrote, in a file or to an address."""
