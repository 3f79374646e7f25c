"""Records that come in from outside: checked by a contract, written to a source table, or set aside."""
