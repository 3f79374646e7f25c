"""Collects real records: requests of the scrape queue are answered by the platforms' APIs and written to streams."""
