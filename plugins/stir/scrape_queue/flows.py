"""The flows of the crawler: what a request asks for, its identity, how many may wait, and when it expires."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Platform = Literal["INSTAGRAM", "YOUTUBE", "SHOPIFY"]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One kind of crawl.

    Attributes:
        platform: the platform whose API answers it.
        entity: the parameter that names the crawled entity. The guard, the batches and the quarantine use only this
            parameter.
        depth: requests of all triggers that may wait or be in work at once; limits the backlog of a stopped worker.
        lifetime: a request expires if no worker has picked it within this time.
        batch: entities that fit into one request; with more than one the parameter holds a list.
        is_inference: whether it uses tokens of the language model's daily budget.
    """

    platform: Platform
    entity: str
    depth: int
    lifetime: timedelta
    batch: int = 1
    is_inference: bool = False


def _instagram(entity: str, depth: int, hours: int) -> Flow:
    return Flow(platform="INSTAGRAM", entity=entity, depth=depth, lifetime=timedelta(hours=hours))


def _youtube(entity: str, depth: int, hours: int, batch: int = 1) -> Flow:
    return Flow(platform="YOUTUBE", entity=entity, depth=depth, lifetime=timedelta(hours=hours), batch=batch)


def _inference() -> Flow:
    return Flow(platform="INSTAGRAM", entity="handle", depth=25_000, lifetime=timedelta(hours=24), is_inference=True)


VIDEOS_PER_CALL = 40
"""Ids in one call of YouTube's list methods; the API itself allows 50."""

FLOWS: dict[str, Flow] = {
    "refresh_profile_by_handle": _instagram("handle", 10_000, 12),
    "refresh_post_by_shortcode": _instagram("shortcode", 5_000, 6),
    "refresh_story_posts_by_profile_id": _instagram("profile_id", 2_000, 3),
    "fetch_post_comments": _instagram("shortcode", 5_000, 24),
    "refresh_post_insights": _instagram("shortcode", 10_000, 12),
    "refresh_profile_insights": _instagram("handle", 5_000, 24),
    "refresh_stories_posts": _instagram("handle", 5_000, 6),
    "refresh_story_insights": _instagram("shortcode", 5_000, 3),
    "fetch_profile_followers": _instagram("profile_id", 2_000, 24),
    "fetch_profile_following": _instagram("profile_id", 5_000, 24),
    "fetch_hashtag_posts": _instagram("hashtag", 500, 6),
    "refresh_instagram_gpt_data_audience_age_gender": _inference(),
    "refresh_instagram_gpt_data_audience_cities": _inference(),
    "refresh_instagram_gpt_data_base_category_language_topics": _inference(),
    "refresh_instagram_gpt_data_base_gender": _inference(),
    "refresh_instagram_gpt_data_base_location": _inference(),
    "refresh_instagram_gpt_data_gender_location_language": _inference(),
    "asset_upload_flow": _instagram("entity_id", 50_000, 12),
    "asset_upload_flow_stories": _instagram("entity_id", 50_000, 6),
    "refresh_yt_profiles": _youtube("channel_ids", 5_000, 24, VIDEOS_PER_CALL),
    "refresh_yt_posts": _youtube("post_ids", 1_000, 6, VIDEOS_PER_CALL),
    "refresh_yt_posts_by_playlist_id": _youtube("channel_id", 5_000, 6),
    "refresh_yt_posts_by_genre": _youtube("topic", 2_000, 72),
    "refresh_yt_post_type": _youtube("post_id", 10_000, 24),
    "refresh_yt_profile_insights": _youtube("channel_id", 5_000, 24),
    "refresh_yt_profile_relationship": _youtube("channel_id", 5_000, 24),
    "fetch_yt_post_comments": _youtube("shortcode", 5_000, 24),
    "refresh_orders_by_store": Flow(platform="SHOPIFY", entity="store", depth=500, lifetime=timedelta(hours=12)),
}
"""Flow name to flow. A trigger can send only these."""
