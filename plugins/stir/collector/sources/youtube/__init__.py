"""YouTube: the Data API v3, the Analytics API for a channel's own audience, and the feeds as a hint."""
