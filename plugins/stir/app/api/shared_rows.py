"""Shapes of the rows of a list that was shared by its link."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from stir.app.api.rows import Fraction, Integer, Row, Text


class SharedPost(Row):
    """A post of a shared list."""

    collection_name: Text
    platform: Literal["INSTAGRAM", "YOUTUBE"]
    post_shortcode: str
    handle: Text
    profile_name: Text
    post_type: Text
    title: Text
    post_link: Text
    followers: Integer
    likes: Integer
    comments: Integer
    plays: Integer
    views: Integer
    engagement: Integer
    reach: Fraction
    reach_is_estimated: bool | None
    impressions: Fraction
    impressions_is_estimated: bool | None
    engagement_by_reach_ratio: Fraction
    published_at: datetime | None
    last_event_at: datetime | None


class SharedDay(Row):
    """A day of a shared list."""

    date: date
    posts: int
    observed_posts: int
    likes: Integer
    comments: Integer
    plays_or_views: Integer
    engagement: Integer


class SharedListData(Row):
    """A shared list."""

    name: Text
    posts: list[SharedPost]
    days: list[SharedDay]
