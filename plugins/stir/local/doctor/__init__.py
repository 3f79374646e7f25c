"""`stir doctor`: checks the servers and this machine, and gives advice."""
