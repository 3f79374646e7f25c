"""One notifier for everything that a person must hear of: Slack where configured, the log everywhere."""
