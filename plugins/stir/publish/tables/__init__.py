"""The published tables, by the name used on the command line and in DAGs."""

from __future__ import annotations

import difflib

from stir.errors import StirError
from stir.publish.spec import PublishSpec
from stir.publish.tables.collection import COLLECTION_POST_SUMMARY, COLLECTION_POST_TS
from stir.publish.tables.collection_lists import COLLECTION, COLLECTION_TOTALS_TS
from stir.publish.tables.collection_terms import COLLECTION_HASHTAGS, COLLECTION_KEYWORDS
from stir.publish.tables.creator import CREATOR, CREATOR_AUDIENCE, CREATOR_POST
from stir.publish.tables.genre import GENRE_OVERVIEW, TRENDING_CONTENT
from stir.publish.tables.leaderboard import LEADERBOARD, RANK_MOVEMENT
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
        CREATOR,
        CREATOR_AUDIENCE,
        CREATOR_POST,
        COLLECTION,
        COLLECTION_TOTALS_TS,
        RANK_MOVEMENT,
    )
}


def names_of_specs() -> dict[str, PublishSpec]:
    """Every name by which a published table is known: its spec's, and the table's in PostgreSQL."""
    tables = {name: spec for spec in SPECS.values() for name in (spec.table, f"{spec.schema}.{spec.table}")}
    return {**tables, **SPECS}


def listed() -> str:
    """The published tables as one text, with the table's name in PostgreSQL where it is another."""
    return ", ".join(
        name if name == spec.table else f"{name} (table {spec.table})" for name, spec in sorted(SPECS.items())
    )


def find_spec(name: str) -> PublishSpec:
    """The spec of that name, or of the PostgreSQL table of that name, with or without its schema.

    Raises:
        StirError: no table is published under that name.
    """
    known = names_of_specs()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]}? if not, " if near else ""
    raise StirError(f"no published table is called {name!r}", do=f"{guess}the published tables are: {listed()}")
