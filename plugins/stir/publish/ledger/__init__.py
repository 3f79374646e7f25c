"""Records of publishing in PostgreSQL: generations, leases, announcements."""
