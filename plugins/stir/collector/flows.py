"""The flow table: each flow of the queue with its sources in order, or the reason why it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stir import clock
from stir.collector.calls import Sleep
from stir.collector.chain import ChainedFlow, SetAside, Step, Surroundings
from stir.collector.http import Http
from stir.collector.protocol import Budget, Failed, Flow, Outcome, Sink, Task
from stir.collector.settings import CollectorSettings, load_collector_settings
from stir.collector.sources.http_json import Provider, ProviderStep, load_providers
from stir.collector.sources.instagram import answers as instagram
from stir.collector.sources.instagram import insight_answers as insights
from stir.collector.sources.instagram.client import PAGE, Instagram
from stir.collector.sources.instagram.metrics import Learned
from stir.collector.sources.language_model import Guesses
from stir.collector.sources.media import Bucket, Keep, Pictures
from stir.collector.sources.shopify import Orders
from stir.collector.sources.youtube import answers as youtube
from stir.collector.sources.youtube import more_answers as more_youtube
from stir.collector.sources.youtube.client import IDS, YouTube
from stir.collector.sources.youtube.feed import FeedUploads
from stir.collector.sources.youtube.listing import Listings
from stir.collector.stored import Stored, StoredInWarehouse
from stir.ingest import batch
from stir.ingest.quarantine import Item
from stir.scrape_queue.flows import FLOWS
from stir.settings import Settings


@dataclass(frozen=True)
class RefusedFlow:
    """A flow that no configured source answers: its requests fail at once, with the reason."""

    name: str
    reason: str
    merge: int = 1

    async def run(self, tasks: Sequence[Task], budget: Budget, sink: Sink) -> Mapping[int, Outcome]:
        """Refuse every request; nothing is asked."""
        return {task.request_id: Failed(self.reason) for task in tasks}


@dataclass(frozen=True)
class Plan:
    """How a flow is answered.

    Attributes:
        steps: makes its sources, in order.
        cost: what a request costs, for people.
        writes: the streams that its records go to.
        merge: entities that fit into one call.
        refused: why nobody answers, if there are no steps.
    """

    steps: Callable[[Sources], tuple[Step, ...]] | None
    cost: str
    writes: tuple[str, ...] = ()
    merge: int = 1
    refused: str = ""


@dataclass(frozen=True)
class Sources:
    """The clients, made once for all flows."""

    settings: CollectorSettings
    youtube: YouTube
    instagram: Instagram
    keep: Keep
    providers: Sequence[Provider] = ()
    learned: Learned = field(default_factory=Learned)

    @classmethod
    def of(cls, settings: CollectorSettings, keep: Keep) -> Sources:
        """The clients for these addresses; `keep` stores pictures.

        Raises:
            StirError: the file of a provider is not valid.
        """
        return cls(settings, YouTube(settings), Instagram(settings), keep, load_providers(settings.collect_providers))


_YOUTUBE_POSTS = ("post_log", "beat_youtube_post_simple")

_INSTAGRAM_POSTS = ("post_log", "beat_instagram_post_simple")

PLANS: dict[str, Plan] = {
    "refresh_profile_by_handle": Plan(
        lambda sources: (instagram.Profiles(sources.instagram),),
        "1 of a token's 200 profiles an hour",
        ("profile_log", "beat_instagram_account"),
    ),
    "refresh_post_by_shortcode": Plan(
        lambda sources: (instagram.OwnPosts(sources.instagram), instagram.DiscoveredPosts(sources.instagram)),
        "1 call of the author's own token; else 1 of the 200 profiles an hour for 50 of the author's newest posts",
        _INSTAGRAM_POSTS,
        merge=PAGE,
    ),
    "refresh_story_posts_by_profile_id": Plan(
        lambda sources: (instagram.Stories(sources.instagram, "profile_id"),),
        "1 call of the owner's token",
        _INSTAGRAM_POSTS,
    ),
    "refresh_stories_posts": Plan(
        lambda sources: (instagram.Stories(sources.instagram, "handle"),),
        "1 call of the owner's token",
        _INSTAGRAM_POSTS,
    ),
    "refresh_post_insights": Plan(
        lambda sources: (insights.MediaInsights(sources.instagram, sources.learned),),
        "1 call of the owner's token",
        _INSTAGRAM_POSTS,
    ),
    "refresh_story_insights": Plan(
        lambda sources: (insights.MediaInsights(sources.instagram, sources.learned),),
        "2 calls of the owner's token",
        _INSTAGRAM_POSTS,
    ),
    "refresh_profile_insights": Plan(
        lambda sources: (insights.AccountInsights(sources.instagram),),
        "9 calls of the owner's token",
        ("beat_instagram_profile_insights",),
    ),
    "fetch_post_comments": Plan(
        lambda sources: (insights.Comments(sources.instagram),),
        "1 call of the owner's token for 50 comments",
        ("post_activity",),
    ),
    **dict.fromkeys(
        ("fetch_profile_followers", "fetch_profile_following"),
        Plan(
            None,
            "as the provider's file says",
            ("profile_relationship",),
            refused="no official API lists who follows whom, and STIR_COLLECT_PROVIDERS describes nobody who does",
        ),
    ),
    "fetch_hashtag_posts": Plan(
        lambda sources: (instagram.Hashtag(sources.instagram),),
        "2 calls; a token may ask for 30 different hashtags in seven days",
        ("beat_instagram_post_simple",),
    ),
    **dict.fromkeys(
        [name for name, flow in FLOWS.items() if flow.is_inference],
        Plan(
            lambda sources: (Guesses(sources.settings),),
            "tokens of the prompt and the longest answer; twice if the answer must be repaired",
            ("language_model_answer",),
        ),
    ),
    **dict.fromkeys(
        ("asset_upload_flow", "asset_upload_flow_stories"),
        Plan(
            lambda sources: (Pictures(sources.keep, sources.settings.collect_private_media),),
            "1 download",
            ("beat_asset_log",),
        ),
    ),
    "refresh_orders_by_store": Plan(
        lambda sources: (Orders(sources.settings),), "1 request of the shop for 250 orders", ("beat_order",)
    ),
    "refresh_yt_profiles": Plan(
        lambda sources: (youtube.Profiles(sources.youtube),),
        "1 common unit for 50 channels",
        ("profile_log", "beat_youtube_account"),
        merge=IDS,
    ),
    "refresh_yt_posts": Plan(
        lambda sources: (youtube.Videos(sources.youtube),),
        "1 unit of batchGetStats for 50 known videos, 1 common unit for 50 others",
        _YOUTUBE_POSTS,
        merge=IDS,
    ),
    "refresh_yt_posts_by_playlist_id": Plan(
        lambda sources: (
            youtube.Uploads(sources.youtube, Listings(sources.settings.youtube_rss_url)),
            FeedUploads(sources.settings),
        ),
        "1 common unit and 1 of batchGetStats for 50 uploads; only the latter while the feed, which costs nothing,"
        " shows no new video on the same day",
        _YOUTUBE_POSTS,
    ),
    "refresh_yt_posts_by_genre": Plan(
        lambda sources: (more_youtube.Genre(sources.youtube),),
        "1 of the day's 100 searches and 1 common unit",
        _YOUTUBE_POSTS,
    ),
    "refresh_yt_post_type": Plan(
        lambda sources: (more_youtube.Kinds(sources.youtube),),
        "1 common unit for 50 videos",
        ("beat_youtube_post_simple",),
        merge=IDS,
    ),
    "refresh_yt_profile_insights": Plan(
        lambda sources: (more_youtube.Insights(sources.youtube),),
        "3 reports of the Analytics API, with the channel's own token",
        ("beat_youtube_profile_insights",),
    ),
    "refresh_yt_profile_relationship": Plan(
        lambda sources: (more_youtube.Relationships(sources.youtube),),
        "1 common unit for 50 subscriptions",
        ("yt_profile_relationship",),
    ),
    "fetch_yt_post_comments": Plan(
        lambda sources: (more_youtube.Comments(sources.youtube),),
        "1 common unit for 100 threads",
        ("post_activity",),
    ),
}
"""Every flow of the queue."""


def flow_table(
    settings: Settings,
    *,
    collector: CollectorSettings | None = None,
    stored: Stored | None = None,
    now: Callable[[], datetime] | None = None,
    http: Http | None = None,
    sleep: Sleep = asyncio.sleep,
    keep: Keep | None = None,
    set_aside: SetAside | None = None,
) -> dict[str, Flow]:
    """The flows of the queue by name.

    Args:
        settings: where ClickHouse is, and the clock.
        collector: addresses of the sources; those of the environment by default.
        stored: what is known of accounts and posts; the warehouse by default.
        now: the present; `settings.as_of` or the clock by default.
        http: the pool of connections.
        sleep: waits for seconds between two tries.
        keep: stores pictures; the configured bucket by default.
        set_aside: takes what cannot be used; the quarantine by default.

    Raises:
        StirError: a setting or the file of a provider is not valid.
    """
    known = collector or load_collector_settings()
    around = Surroundings(
        http=http or Http(most_bytes=known.collect_answer_bytes),
        stored=stored or StoredInWarehouse(settings),
        clock=now or (lambda: clock.now(settings)),
        is_past=settings.as_of is not None,
        set_aside=set_aside or _quarantine(settings),
        sleep=sleep,
    )
    sources = Sources.of(known, keep or Bucket(settings))
    table: dict[str, Flow] = {}
    for name in FLOWS:
        plan = PLANS[name]
        steps = plan.steps(sources) if plan.steps else ()
        steps += tuple(ProviderStep(each, name) for each in sources.providers if name in each.flows)
        table[name] = ChainedFlow(name, steps, around, plan.merge) if steps else RefusedFlow(name, plan.refused)
    return table


def _quarantine(settings: Settings) -> SetAside:
    async def set_aside(items: Sequence[Item]) -> None:
        await asyncio.to_thread(batch.set_aside, settings, items)

    return set_aside
