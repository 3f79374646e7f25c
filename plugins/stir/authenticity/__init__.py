"""Judges followers by name and handle: rules, a calibrated probability, and a creator's share of inauthentic ones.

Everything but the job is pure: texts in, columns out, no clock, no network, no thread. Method and limits:
docs/authenticity.md.
"""

from __future__ import annotations

import os

# Before NumPy is loaded: its threads would compete with the workers of the job, and gain nothing here.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
