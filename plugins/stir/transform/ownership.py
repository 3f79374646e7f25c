"""Who builds a model: its one cadence tag says which DAG, and that DAG alone.

dbt's intermediate table names are fixed, so two runs that build the same model at once destroy each other's work;
one owner per model is what makes that impossible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

DAG_OF_CADENCE: Mapping[str, str] = MappingProxyType(
    {
        "core": "dbt_core",
        "recent_scl": "dbt_recent_scl",
        "post_ranker_partial": "post_ranker_partial",
        "post_ranker": "post_ranker",
        "collections": "dbt_collections",
        "staging_collections": "dbt_staging_collections",
        "account_tracker_stats": "dbt_refresh_account_tracker_stats",
        "hourly": "dbt_hourly",
        "daily": "dbt_daily",
        "orders": "dbt_orders",
        "weekly": "dbt_weekly",
    }
)
"""Cadence tag of a dbt model to the DAG that owns every model with it."""


def cadences(tags: Iterable[str]) -> list[str]:
    """The cadence tags among a model's tags, sorted; a well-formed model has exactly one."""
    return sorted(set(tags) & DAG_OF_CADENCE.keys())
