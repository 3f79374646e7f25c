"""Small factories that the DAG files call: one file per DAG, one call per file, nothing done at import.

A DAG file states in plain sight what is its own (id, schedule, owner, tier, spec); what holds for every DAG is in
`shape`, and what a category adds is in the module of that name.
"""
