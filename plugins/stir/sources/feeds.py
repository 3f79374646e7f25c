"""When each source table is late: read from the YAML of dbt's sources, which `dbt source freshness` reads as well.

`loaded_at_field` is the time of ingestion, `freshness.warn_after` the age at which the feed is thought to have stopped,
`freshness.error_after` the age at which nobody can think otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import yaml

from stir.settings import PROJECT_DIR

FEEDS = (
    "beat_replica.instagram_account",
    "beat_replica.youtube_account",
    "beat_replica.instagram_post_simple",
    "beat_replica.youtube_post_simple",
    "events.profile_log_events",
    "events.post_log_events",
)
"""The source tables that published tables rest on. Everyone else's name for a feed is the source table's; a log of two
platforms is `TABLE (PLATFORM)` for each."""


@dataclass(frozen=True)
class Feed:
    """A source table that keeps coming.

    Attributes:
        column: SQL expression for the time of ingestion. within: the age at which it is thought to have stopped.
        at_most: the age at which it has stopped for certain.
    """

    table: str
    column: str
    within: timedelta
    at_most: timedelta


@cache
def source_feeds() -> Mapping[str, Feed]:
    """Every source table that has an age at which it is late, by name."""
    files = sorted((PROJECT_DIR / "models").rglob("_*__sources.yml"))
    return {feed.table: feed for path in files for feed in _feeds(yaml.load(path.read_bytes(), yaml.CSafeLoader))}


def source_table(feed: str) -> str:
    """The source table of a feed that may be one platform's part of it."""
    return feed.partition(" ")[0]


def _feeds(page: Mapping[str, Any]) -> Iterator[Feed]:
    """The feeds of one file. What a table says counts before what its source says."""
    for source in page["sources"]:
        for table in source["tables"]:
            config = {**source.get("config", {}), **table.get("config", {})}
            if ages := config.get("freshness"):
                name = f"{source['name']}.{table['name']}"
                yield Feed(name, config["loaded_at_field"], _age(ages["warn_after"]), _age(ages["error_after"]))


def _age(stated: Mapping[str, Any]) -> timedelta:
    return timedelta(**{f"{stated['period']}s": stated["count"]})
