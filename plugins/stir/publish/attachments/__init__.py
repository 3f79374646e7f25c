"""Whatever hangs on a published table: read from the catalogues, carried over to the next generation, or refused."""
