"""How the application reads tables that are replaced while it reads them: one statement, one generation, one answer."""
