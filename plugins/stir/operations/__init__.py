"""Upkeep of the application's rows and of the system: campaign rules, freshness checks, retention."""
