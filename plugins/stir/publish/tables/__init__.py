"""The published tables, by the name used on the command line and in DAGs."""

from __future__ import annotations

from stir.errors import StirError
from stir.publish.spec import PublishSpec
from stir.publish.tables.collection import COLLECTION_POST_SUMMARY, COLLECTION_POST_TS
from stir.publish.tables.collection_terms import COLLECTION_HASHTAGS, COLLECTION_KEYWORDS
from stir.publish.tables.genre import GENRE_OVERVIEW, TRENDING_CONTENT
from stir.publish.tables.leaderboard import LEADERBOARD
from stir.publish.tables.profiles import GROUP_METRICS, PROFILE_HASHTAGS
from stir.publish.tables.time_series import TIME_SERIES

SPECS: dict[str, PublishSpec] = {
    spec.name: spec
    for spec in (
        LEADERBOARD,
        TIME_SERIES,
        TRENDING_CONTENT,
        GENRE_OVERVIEW,
        COLLECTION_POST_SUMMARY,
        COLLECTION_POST_TS,
        COLLECTION_HASHTAGS,
        COLLECTION_KEYWORDS,
        PROFILE_HASHTAGS,
        GROUP_METRICS,
    )
}


def find_spec(name: str) -> PublishSpec:
    """The spec of that name.

    Raises:
        StirError: no table is published under that name.
    """
    try:
        return SPECS[name]
    except KeyError:
        raise StirError(
            f"no published table is called {name!r}", do=f"use one of: {', '.join(sorted(SPECS))}"
        ) from None
