"""`stir doctor`: what the servers and this machine are like, and what to do."""
