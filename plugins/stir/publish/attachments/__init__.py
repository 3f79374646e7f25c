"""Objects tied to a published table: read from the catalogues, and carried over to the next generation or refused."""
