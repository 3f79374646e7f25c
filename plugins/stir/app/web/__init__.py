"""The web pages: HTML that works without script, by keyboard, on a phone and in the dark."""
