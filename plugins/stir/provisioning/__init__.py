"""Prepares servers, embedded or not: roles, databases, the bucket, and tests of logins and permissions."""
