"""Alerts for people: to Slack if it is configured, and always to a log."""
