"""Everything tied to a published table: read from the catalogues, carried over to the next generation, or refused."""
