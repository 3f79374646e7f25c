"""What stir needs on any server, embedded or not: roles, logins, permissions."""
