"""Maps each model to the one DAG that builds it, by its cadence tag.

dbt's intermediate table names are fixed, so two runs that build the same model at once destroy each other's work.
One owner per model prevents this.
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

WAITS_FOR: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "recent_scl": frozenset(),
        "post_ranker_partial": frozenset(),
        "core": frozenset({"post_ranker_partial"}),
        "collections": frozenset({"core"}),
        "staging_collections": frozenset({"collections", "core"}),
        "account_tracker_stats": frozenset({"collections", "core"}),
        "hourly": frozenset({"collections", "core"}),
        "post_ranker": frozenset({"core"}),
        "daily": frozenset({"collections", "core", "hourly"}),
        "orders": frozenset(),
        "weekly": frozenset({"core", "daily", "hourly"}),
    }
)
"""Cadence to the cadences whose builds it waits for: all that it reads and that run at least as often.

SLOWER_BUT_READ says why slower ones may be read without waiting. A test derives both from dbt's lineage; they are
written down because a DAG file is parsed without dbt. No build waits for a slower one, so no two wait for each other.
"""

SLOWER_BUT_READ: Mapping[str, str] = MappingProxyType(
    {
        "mart_audience_info_follower": "followers are crawled in campaigns, weeks apart",
        "mart_audience_info_gpt": "a guess about an audience is asked for once and then stays",
        "mart_collection_post_clicks": "clicks are counted by people; hours do not matter to them",
        "mart_time_series": "an account without a record comes with its series, once a day",
        "mart_instagram_account_summary": "the partial summary is read beside it, and the newer one wins",
        "mart_instagram_all_posts": "counts by month of posts long published",
        "mart_instagram_gpt_basic_data": "a guess about an account hardly changes, and stands behind better answers",
        "mart_instagram_predicted_category": "a category changes over months",
        "mart_instagram_predicted_language": "a language changes over years",
        "mart_leaderboard": "who is ranked, and so crawled more often, changes by the day",
        "mart_manual_profile_data": "people's tags come by seed, once a day at most",
        "mart_post_location": "where most posts were made changes over months",
        "mart_youtube_account_language": "a language changes over years",
        "mart_youtube_growth": "growth is counted over whole past days",
        "stg_beat_instagram_account": "changed accounts are known by this table: those of its last run are enough",
        "stg_beat_instagram_post": "the posts of changed accounts arrive with them, in the same run",
        "stg_coffee_post_collection_item": "says whether a list has the account; half an hour is soon enough",
        "stg_coffee_profile_collection_item": "says whether a list has the account; half an hour is soon enough",
    }
)
"""Why models of a faster cadence may read this table of a slower one. A view is never here: it is as fresh as its
tables. The only exceptions there are; a test holds the manifest to them."""


def cadences(tags: Iterable[str]) -> list[str]:
    """The cadence tags among a model's tags, sorted; a well-formed model has exactly one."""
    return sorted(set(tags) & DAG_OF_CADENCE.keys())
