"""Shapes of rows and of what is in an answer; tests hold what the API gives against them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Integer = int | None
Fraction = float | None
Text = str | None
CROSSES = "What is counted as a view changed within the period: do not compare its views with other periods"


class Row(BaseModel):
    """A row of a published table; a column that is not declared here would be a fault."""

    model_config = ConfigDict(extra="forbid")


class GenerationOfTable(Row):
    """The generation of a table that an answer was read from."""

    generation: int
    published_at: datetime
    watermark: datetime | None = Field(description="Moment up to which every feed of the table has data")
    superseded: bool = Field(description="A newer generation is live")


class Creator(Row):
    """Who a creator is, as of a month."""

    platform: Literal["INSTAGRAM", "YOUTUBE", "ALL"]
    profile_platform: Literal["IA", "YA"]
    platform_id: str
    handle: Text
    name: Text
    category: Text
    language: Text
    country: Text
    profile_type: Text
    month: date
    month_state: Literal["MTD", "CLOSING", "FINAL"]
    followers: Integer
    followers_change: Integer
    views: Integer
    engagement_ratio: Fraction
    crosses_definition_change: bool = Field(description=CROSSES)


class Ranked(Creator):
    """A creator with its place in a ranking."""

    rank: int
    previous_rank: Integer
    movement: Integer = Field(description="Places climbed since the month before; null without an earlier rank")


class BoardRow(Ranked):
    """A row of a board."""

    place: int = Field(description="Rank by the metric among all of the board")
    plays: Integer
    likes: Integer
    comments: Integer
    engagement: Integer
    uploads: Integer


class Page(Row):
    """Where a listing goes on."""

    next: Text = Field(description="The cursor of the next page; null on the last one")
    limit: int
    complete_to: int = Field(description="The list is whole as far as this place of the ranking")
    ranked_by: str = Field(description="The ranking: a metric within the chosen attributes")


class Values(Row):
    """What filters can be."""

    month: list[str]
    category: list[str]
    language: list[str]
    country: list[str]
    metric: list[str]


class BoardMonth(Creator):
    """A month of a creator on a board."""

    plays: Integer
    likes: Integer
    comments: Integer
    engagement: Integer
    uploads: Integer
    ranks: dict[str, int]
    previous_ranks: dict[str, int]
    computed_as_of: datetime = Field(description="Moment up to which data was counted")


class RanksOfMonth(Row):
    """A creator's places in one month."""

    month: date
    month_state: Literal["MTD", "CLOSING", "FINAL"]
    platform: Literal["INSTAGRAM", "YOUTUBE", "ALL"]
    rank: Integer
    previous_rank: Integer
    movement: Integer = Field(description="Places climbed since the month before; null without an earlier rank")
    crosses_definition_change: bool = Field(description=CROSSES)
    within: dict[str, int] = Field(description="The places within category, language and type, by their key")


class Period(Row):
    """A week or a month of an account."""

    date: date
    followers: Integer
    following: Integer
    views_total: Integer
    uploads_total: Integer
    followers_change: Integer
    views: Integer
    uploads: Integer
    plays: Integer
    likes: Integer
    comments: Integer
    engagement: Integer
    engagement_ratio: Fraction
    crosses_definition_change: bool = Field(description=CROSSES)
    last_event_at: datetime


class Hashtag(Row):
    """A hashtag and the posts that have it."""

    hashtag: str
    posts: int


class Gap(Row):
    """Periods that nobody observed."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class SeriesData(Row):
    """Periods, and those that are missing between them."""

    periods: list[Period]
    gaps: list[Gap]


class TrendingPost(Row):
    """A post that trends."""

    platform: Literal["INSTAGRAM", "YOUTUBE"]
    month: date
    month_state: Literal["OPEN", "FINAL"]
    category: str
    short_code: str
    platform_id: str
    handle: Text
    name: Text
    language: Text
    country: Text
    post_type: Text
    title: Text
    post_url: str
    rank: int
    followers: Integer
    views: Integer
    plays: Integer
    likes: Integer
    comments: Integer
    engagement: Integer
    engagement_ratio: Fraction
    engagement_by_views_ratio: Fraction
    reach: Fraction
    reach_is_estimated: bool | None
    published_at: datetime


class Genre(Row):
    """A genre in a month."""

    month: date
    month_state: Literal["MTD", "CLOSING", "FINAL"]
    platform: Literal["INSTAGRAM", "YOUTUBE", "ALL"]
    language: str
    category: str
    profile_type: str
    creators: int
    followers: int
    followers_change: Integer
    views: Integer
    likes: Integer
    comments: Integer
    engagement: Integer
    uploads: Integer
    crosses_definition_change: bool = Field(description=CROSSES)
    engagement_ratio: Fraction
    engagement_by_views_ratio: Fraction
    male_ratio: Fraction
    female_ratio: Fraction
    age_ratios: dict[str, float]


class Group(Row):
    """A peer group."""

    group_key: str
    platform: Literal["INSTAGRAM", "YOUTUBE"]
    group_kind: str
    country: Text
    category: Text
    follower_group: Text
    profiles: int
    p40: dict[str, float]
    p60: dict[str, float]
    p75: dict[str, float]
    p90: dict[str, float]
    mean: dict[str, float]
    measured_profiles: dict[str, int]
    engagement_bin_metric: str
    engagement_bin_start: list[float]
    engagement_bin_end: list[float]
    engagement_bin_height: list[int]
