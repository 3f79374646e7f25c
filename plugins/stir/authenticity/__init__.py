"""Judges followers by name and handle: rules, a calibrated probability, and a creator's share of inauthentic ones.

Everything but the job is pure: texts in, columns out, no clock, no network, no thread. Method and limits:
docs/authenticity.md.
"""
