"""The operators' part: pipelines, generations and jobs, behind a token.

Readers see, operators act; both are named in STIR_APP_READERS and STIR_APP_OPERATORS, and what they do is written to
ops.app_audit. Only this part writes, and only to its own tables in schema `ops`; what changes published tables is a
`./stir` command that a job runs. A further page is a module with a router and one line in `registry.SECTIONS`.
"""
