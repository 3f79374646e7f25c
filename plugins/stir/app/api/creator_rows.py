"""Shapes of what is said of one creator; tests hold what the API gives against them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from stir.app.api.rows import CROSSES, BoardMonth, Fraction, Hashtag, Integer, Period, Row, Text

Flag = bool | None
Moment = datetime | None


class FoundRow(Row):
    """A creator that a search found."""

    platform: Literal["INSTAGRAM", "YOUTUBE"]
    platform_id: str
    handle: Text
    name: Text
    category: Text
    language: Text
    country: Text
    profile_type: Text
    followers: Integer
    followers_rank_by_country: Integer
    is_verified: Flag
    likeness: Fraction = Field(description="Of `match=like`: the share of the question's trigrams in handle and name")


class SearchPage(Row):
    """Where a search goes on."""

    next: Text = Field(description="The cursor of the next page; null on the last one")
    limit: int


class Profile(Row):
    """Who a creator is now."""

    platform: Literal["INSTAGRAM", "YOUTUBE"]
    platform_id: str
    handle: Text
    name: Text
    profile_pic_url: Text
    category: Text
    language: Text
    country: Text
    profile_type: Text
    creator_tier: Text
    follower_group: Text
    followers: Integer
    following: Integer
    posts: Integer
    followers_rank_by_country: Integer
    followers_rank_by_country_category: Integer
    followers_rank_by_category: Integer
    followers_rank_by_language: Integer
    is_verified: Flag
    is_private: Flag
    is_followers_hidden: Flag
    is_known_by_series_only: bool = Field(description="There is no record of the account: its series is all there is")
    is_on_a_board: bool
    updated_at: Moment
    month: date | None = Field(description="The newest month on a board")
    month_state: Text


class Linked(Row):
    """The same creator's account on the other platform."""

    platform: Literal["INSTAGRAM", "YOUTUBE"]
    platform_id: str
    handle: Text
    name: Text
    followers: Integer


class Peers(Row):
    """The peer group that grades are of."""

    group_key: str
    group_kind: str
    country: Text
    category: Text
    follower_group: Text
    profiles: int


class Thresholds(Row):
    """Percentiles of a metric in the peer group: above them it is Average, Good, Very Good, Excellent."""

    p40: Fraction
    p60: Fraction
    p75: Fraction
    p90: Fraction


class Graded(Row):
    """A metric of the creator beside its peers, both by one definition."""

    metric: str
    basis: Literal["measured", "estimated", "measured or estimated"]
    value: float
    crosses_definition_change: bool = Field(description=CROSSES)
    grade: Text
    group_average: Fraction
    thresholds: Thresholds | None
    measured_profiles: Integer = Field(description="Peers with a value of the metric")


class Grades(Row):
    """The metrics of a creator; without a peer group there is nothing to hold them against."""

    group: Peers | None
    metrics: list[Graded]


class Audience(Row):
    """Who follows a creator; a source says where the numbers after it come from."""

    gender_source: Text
    gender_sample_size: Integer
    male_ratio: Fraction
    female_ratio: Fraction
    age_group_source: Text
    age_group_sample_size: Integer
    age_group_ratios: dict[str, float]
    city_source: Text
    city_sample_size: Integer
    city_ratios: dict[str, float]
    country_source: Text
    country_sample_size: Integer
    country_ratios: dict[str, float]
    quality_source: Text
    quality_sample_size: Integer
    quality_score: Fraction
    quality_grade: Text
    reachability_pct: Fraction
    reachability_grade: Text
    authenticity_pct: Fraction
    authenticity_grade: Text
    low_followers_pct: Fraction
    high_following_pct: Fraction
    notable_followers: Integer
    channel_quality_score: Fraction
    channel_quality_grade: Text
    crosses_definition_change: bool = Field(description=CROSSES)
    fake_share: Fraction
    fake_share_low: Fraction
    fake_share_high: Fraction
    fake_share_sample_size: Integer
    fake_share_method: Text
    fake_share_version: Text


class CreatorPost(Row):
    """A post among the newest or the best of a creator."""

    short_code: str
    post_type: Text
    title: Text
    post_url: str
    newest_place: Integer
    best_place: Integer
    best_by: Literal["engagement", "views"]
    views: Integer
    plays: Integer
    likes: Integer
    comments: Integer
    engagement: Integer
    engagement_by_views_ratio: Fraction
    engagement_by_followers_ratio: Fraction
    reach: Fraction
    reach_is_estimated: Flag
    published_at: Moment


class Posts(Row):
    """The newest 12 posts and the best 12."""

    best_by: Text
    newest: list[CreatorPost]
    best: list[CreatorPost]


class CreatorData(Row):
    """A creator; a part that was not asked for is not there."""

    profile: Profile
    linked: Linked | None
    months: list[BoardMonth] = Field(default_factory=list)
    weeks: list[Period] = Field(default_factory=list)
    grades: Grades | None = None
    audience: Audience | None = None
    posts: Posts | None = None
    hashtags: list[Hashtag] = Field(default_factory=list)


class Compared(Row):
    """One of the creators that are compared."""

    profile: Profile
    weeks: list[Period]


class Ranking(Row):
    """A creator's movement in one ranking. Where it is explained, the four parts add up to `movement`."""

    ranking: str
    within: dict[str, str | None] = Field(description="The attributes of the ranking, with the creator's own values")
    rank: Integer
    previous_rank: Integer
    movement: Integer
    status: Literal["explained", "new", "left", "beyond_the_cut", "not_explained_yet", "being_replaced"]
    rivals_gone: Integer = Field(description="Places won because rivals who were ahead left the ranking")
    rivals_new: Integer = Field(description="Places lost to rivals who are new in the ranking; 0 or less")
    own_movement: Integer = Field(description="Places by the creator's own numbers, the others held as they were")
    others_movement: Integer = Field(description="The rest: places because the others moved")
    words: str


class WhyData(Row):
    """Why a creator's ranks by a metric moved in a month."""

    month: date
    month_state: Literal["MTD", "CLOSING", "FINAL"]
    platform: Literal["INSTAGRAM", "YOUTUBE", "ALL"]
    metric: str
    is_being_replaced: bool = Field(
        description="The ranks and their explanation are of different moments: one of the tables is being replaced"
    )
    crosses_definition_change: bool = Field(description=CROSSES)
    rankings: list[Ranking]
