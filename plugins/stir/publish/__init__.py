"""Publishing: a finished mart from ClickHouse through S3 into PostgreSQL, swapped in under readers who notice nothing.

`publish` does it whole; `begin` and `STEPS` are the same as separate steps for a scheduler.
"""

from __future__ import annotations

from stir.publish.pipeline import STEPS, begin, publish
from stir.publish.spec import PublishSpec
from stir.publish.state import PublishState
from stir.publish.swap.transaction import PATIENCE, Patience, roll_back
from stir.publish.tables import SPECS, find_spec
from stir.publish.verification.live_table import Verification, verify

__all__ = [
    "PATIENCE",
    "SPECS",
    "STEPS",
    "Patience",
    "PublishSpec",
    "PublishState",
    "Verification",
    "begin",
    "find_spec",
    "publish",
    "roll_back",
    "verify",
]
