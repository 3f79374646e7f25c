"""The sources: each has a client (HTTP only), rules (what its answers mean) and parsers (pure)."""
