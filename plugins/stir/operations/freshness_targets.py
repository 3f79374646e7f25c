"""The freshness targets: the age that each thing may have before somebody is alerted.

Sources have the ages that stand in their YAML (stir.sources.feeds), so `dbt source freshness` and this check cannot
disagree; models the time between two runs
of their DAG, which is read from its schedule (stir.transform.pace), and some slack; publications and queues what their
users wait for. A publication promises that it was
published and that each feed in its rows is new: a table that is published every hour over a feed that stopped breaks
its promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from stir.clock import spoken
from stir.sources.feeds import FEEDS, source_feeds
from stir.transform.pace import pace
from stir.transform.reading import cadence_of

Kind = Literal["source", "model", "publication", "queue"]
Tier = Literal[1, 2, 3]


@dataclass(frozen=True)
class Promise:
    """A thing that must not be older than `within`.

    Attributes:
        kind: what it is. name: a source table, a model, `target.table` of a publication, or a queue.
        within: the age above which the promise is broken. tier: whom it wakes.
        column: of a source, the SQL expression for the time of its ingestion.
    """

    kind: Kind
    name: str
    within: timedelta
    tier: Tier
    column: str = ""

    @property
    def subject(self) -> str:
        """The name of a breach. Only one breach of a subject is open at a time."""
        return f"{self.kind} {self.name}"

    @property
    def text(self) -> str:
        if self.kind != "publication":
            return f"not older than {spoken(self.within)}"
        return f"published within {spoken(self.within)}, data not older than {spoken(self.data_within)}"

    @property
    def data_within(self) -> timedelta:
        """The age above which a feed in a publication's rows breaks its target: at least the feed's own age."""
        return max(self.within, *(source_feeds()[name].within for name in FEEDS))


def _sources() -> Iterator[Promise]:
    """Feeds of published tables, and lists, by the age at which dbt warns; other sources by that of dbt's error."""
    tiers: dict[str, Tier] = {**dict.fromkeys(FEEDS, 1), "coffee_replica.post_collection_item": 2}
    for name, feed in source_feeds().items():
        within = feed.within if name in tiers else feed.at_most
        yield Promise("source", name, within, tiers.get(name, 3), feed.column)


def _model(name: str, slack: timedelta, tier: Tier) -> Promise:
    """A model may be as old as its DAG's schedule makes it, and `slack` older."""
    return Promise("model", name, pace(cadence_of(name)) + slack, tier)


def _publication(name: str, hours: int, tier: Tier, target: str = "prod") -> Promise:
    return Promise("publication", f"{target}.{name}", timedelta(hours=hours), tier)


PROMISES: tuple[Promise, ...] = (
    *_sources(),
    # One table of each cadence that its DAG rebuilds in each run.
    _model("mart_instagram_account", timedelta(minutes=75), 1),
    _model("stg_beat_recent_scrape_request_log", timedelta(minutes=35), 1),
    _model("mart_instagram_post_ranks_partial", timedelta(minutes=35), 2),
    _model("mart_instagram_post_ranks", timedelta(hours=12), 2),
    _model("mart_collection_post", timedelta(minutes=150), 1),
    _model("mart_staging_collection_post", timedelta(minutes=150), 3),
    _model("mart_instagram_tracked_profiles", timedelta(minutes=100), 1),
    _model("mart_audience_info", timedelta(hours=4), 2),
    _model("mart_youtube_growth", timedelta(hours=6), 1),
    _model("mart_attributed_order", timedelta(hours=2), 2),
    _model("mart_instagram_hashtags", timedelta(days=1), 3),
    _publication("leaderboard", 30, 1),
    _publication("social_profile_time_series", 30, 1),
    _publication("collection_post_metrics_summary", 4, 1),
    _publication("collection_post_metrics_ts", 4, 1),
    _publication("collection_hashtag", 30, 2),
    _publication("collection_keyword", 30, 2),
    _publication("trending_content", 30, 2),
    _publication("genre_overview", 30, 2),
    _publication("group_metrics", 30, 2),
    _publication("social_profile_hashtags", 8 * 24, 3),
    _publication("creator", 4, 2),
    _publication("creator_audience", 6, 2),
    _publication("creator_post", 12, 2),
    _publication("collection", 4, 1),
    _publication("collection_totals_ts", 4, 1),
    _publication("rank_movement", 30, 2),
    # The oldest waiting request of a priority band, and work for others that nobody took.
    Promise("queue", "scrape requests of priority 1 to 3", timedelta(hours=2), 1),
    Promise("queue", "scrape requests of priority 4 and lower", timedelta(hours=24), 2),
    Promise("queue", "report jobs", timedelta(hours=24), 2),
    Promise("queue", "outbox messages", timedelta(hours=24), 2),
)
