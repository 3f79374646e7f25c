"""Triggers: find entities in the warehouse that need a refresh, and add requests to beat's scrape queue."""
