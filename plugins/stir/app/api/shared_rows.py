"""Shapes of the rows of a list that was shared by its link.

A field with a default is one that the customer can hide; it is absent then. Null is unknown, as everywhere.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from stir.app.api.rows import Fraction, Gap, Integer, Row, Text


class SharedPost(Row):
    """A post of a shared list."""

    platform: Literal["INSTAGRAM", "YOUTUBE"]
    post_shortcode: str
    handle: Text
    profile_name: Text
    post_type: Text
    title: Text
    post_link: Text
    published_at: datetime | None
    last_event_at: datetime | None
    followers: Integer = None
    likes: Integer = None
    comments: Integer = None
    engagement: Integer = None
    plays: Integer = None
    views: Integer = None
    reach: Fraction = None
    reach_is_estimated: bool | None = None
    impressions: Fraction = None
    impressions_is_estimated: bool | None = None
    engagement_by_reach_ratio: Fraction = None


class SharedDay(Row):
    """A day of a shared list on a platform: lifetime totals, at its end, of the posts that were being observed.

    A post is in the days from its first to its last observation.
    """

    date: date
    platform: Literal["INSTAGRAM", "YOUTUBE"]
    imputed_posts: int = Field(description="Posts whose counters are carried on from an earlier day")
    posts: Integer = None
    likes: Integer = None
    comments: Integer = None
    engagement: Integer = None
    plays: Integer = None
    views: Integer = None
    reach: Fraction = None
    impressions: Fraction = None


class SharedTotals(Row):
    """What the posts of a shared list add up to."""

    posts: Integer = None
    profiles: Integer = None
    instagram_posts: Integer = None
    youtube_posts: Integer = None
    likes: Integer = None
    comments: Integer = None
    engagement: Integer = None
    plays: Integer = None
    views: Integer = None
    reach: Fraction = None
    reach_is_estimated: bool | None = Field(None, description="The reach of some post is an estimate")
    impressions: Fraction = None


class SharedSeriesData(Row):
    """Days of a shared list, and those between them that nobody observed."""

    days: list[SharedDay]
    gaps: list[Gap]


class SharedListData(SharedSeriesData):
    """A shared list."""

    title: Text
    collection_type: Literal["POST", "PROFILE"]
    first_seen_date: date | None
    last_seen_date: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    totals: SharedTotals
    posts: list[SharedPost]
