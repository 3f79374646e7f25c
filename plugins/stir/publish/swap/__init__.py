"""The swap: one transaction in one of three modes."""
