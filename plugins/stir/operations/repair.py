"""Repair: compares the days of a model with what its sources say now, and mends those that differ.

What the sources say is the model's own SQL over them, built beside the live table as in a backfill: a row that staging
refuses is missing in both, and a late row that no run has read is missing in one.
"""

from __future__ import annotations

from datetime import date

from stir.errors import StirError
from stir.operations.backfill.plan import APPEND, kind
from stir.operations.backfill.progress import UNWATCHED, Observer
from stir.operations.backfill.run import Outcome, Request, backfill
from stir.settings import Settings
from stir.transform.manifest import DbtManifest, read_dbt_manifest


def repair(
    settings: Settings,
    model: str,
    since: date,
    *,
    check: bool = False,
    allow_loss: bool = False,
    observer: Observer = UNWATCHED,
) -> Outcome:
    """Compare the days of `model` from `since` to its last build, and mend those that differ unless it is a `check`.

    Raises:
        StirError: the model keeps no days that could be missed, or as of a backfill.
    """
    check_repairable(read_dbt_manifest(settings), model)
    return backfill(settings, Request(model, since, check=check, allow_loss=allow_loss), observer)


def check_repairable(manifest: DbtManifest, model: str) -> None:
    """Raises:
    StirError: there is no such model, or it is none that adds what is new to what it has.
    """
    if model not in manifest.models:
        raise StirError(f"there is no model {model!r}", do="`./stir models` lists them")
    found = manifest.models[model]
    if found.materialized in ("view", "table"):
        raise StirError(f"{model} keeps nothing that a run could have missed: it is a {found.materialized}")
    if kind(found) != APPEND:
        raise StirError(
            f"{model} freezes its months when they close, so late rows are not missed in it but left out",
            do=f"`./stir backfill {model} --from D --to D` builds them again all the same",
        )
