"""`creator`, `creator_audience` and `creator_post`: what the application shows of each account."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, Index, PublishSpec

_KEY = (
    Column("platform", "String", "INSTAGRAM or YOUTUBE."),
    Column("platform_id", "String", "Instagram profile id or YouTube channel id."),
)

CREATOR = PublishSpec(
    name="creator",
    mart="mart_creator",
    table="creator",
    comment="Every account that has a record or a series: attributes, metrics with grades, ranks by followers.",
    columns=(
        *_KEY,
        Column("linked_platform", "Nullable(String)", "Platform of the same creator's other account, if it is known."),
        Column("linked_platform_id", "Nullable(String)", "Id of the same creator's other account."),
        Column("group_key", "Nullable(String)", "Peer group of the grades and averages, a row of group_metrics."),
        Column("handle", "Nullable(String)", "Current handle; handles pass between accounts, so link by platform_id."),
        Column(
            "handle_lower",
            "Nullable(String)",
            "The handle for search by prefix: lower case, its first 60 characters, compared by bytes.",
            collation="C",
        ),
        Column("name", "Nullable(String)", "Display name."),
        Column(
            "name_lower",
            "Nullable(String)",
            "The name for search by prefix: lower case, its first 60 characters, compared by bytes.",
            collation="C",
        ),
        Column("profile_pic_url", "Nullable(String)", "Picture: our own copy, else the platform's."),
        Column("category", "Nullable(String)", "Content category; NULL is unknown."),
        Column("language", "Nullable(String)", "ISO 639-1 code; NULL is unknown."),
        Column("country", "Nullable(String)", "Country, ISO 3166-1 alpha-2; NULL is unknown."),
        Column("profile_type", "Nullable(String)", "CREATOR or BRAND; NULL is unknown, which boards count as CREATOR."),
        Column("creator_tier", "Nullable(String)", "Size class by followers."),
        Column("follower_group", "Nullable(String)", "Follower bucket of the peer group."),
        Column("followers", "Nullable(Int64)", "Followers or subscribers when last seen; NULL is unknown or hidden."),
        Column("following", "Nullable(Int64)", "Accounts that it follows; Instagram only."),
        Column("posts", "Nullable(Int64)", "Posts that the account has, as the platform counts them."),
        Column("followers_rank_by_country", "Nullable(UInt32)", "Rank by followers within the country; 1 is best."),
        Column(
            "followers_rank_by_country_category", "Nullable(UInt32)", "Rank by followers within country and category."
        ),
        Column("followers_rank_by_category", "Nullable(UInt32)", "Rank by followers within the category."),
        Column("followers_rank_by_language", "Nullable(UInt32)", "Rank by followers within the language."),
        Column("metrics", "Map(String, Float64)", "Metrics by name; an absent one is unknown."),
        Column(
            "metrics_crossing_definition_change",
            "Array(String)",
            "Growth metrics within whose window what is counted as a view changed: they compare two counts.",
        ),
        Column(
            "grades",
            "Map(String, String)",
            "Grade of a metric among the peers: Excellent, Very Good, Good, Average or Poor; absent without a grade.",
        ),
        Column("group_averages", "Map(String, Float64)", "Mean of a metric in the peer group; absent without one."),
        Column("is_verified", "Nullable(Bool)", "The platform shows a badge."),
        Column("is_private", "Nullable(Bool)", "The account is closed to strangers; Instagram only."),
        Column("is_followers_hidden", "Nullable(Bool)", "The channel hides its subscribers; YouTube only."),
        Column(
            "is_known_by_series_only", "Bool", "There is no record of the account: its series is all that is known."
        ),
        Column("updated_at", "Nullable(DateTime64(6, 'UTC'))", "When the account's record last changed."),
        Column(
            "search_grams",
            "Array(String)",
            "Trigrams of the words of handle and name in lower-case Latin letters, for search by likeness.",
        ),
    ),
    key=("platform", "platform_id"),
    indexes=(
        Index("by_grams", ("search_grams",), words=True),
        Index("by_handle", ("handle_lower",)),
        Index("by_name", ("name_lower",)),
        Index("by_country", ("platform", "country", "category", "followers_rank_by_country")),
    ),
    guards=Guards(minimum_rows=1, shrink=0.3),
)

_OF_AUDIENCE = (
    *_KEY,
    *(
        Column(f"{field}_source", "Nullable(String)", f"Source of the {what}: {sources}.")
        for field, what, sources in (
            ("gender", "shares of men and women", "private, follower_sample, vendor or language_model"),
            ("age_group", "shares by gender and age", "private, follower_sample, vendor or language_model"),
            ("city", "shares by city", "private, follower_sample or language_model"),
            ("country", "shares by country", "private or follower_sample"),
        )
    ),
    Column("quality_source", "Nullable(String)", "Source of the quality: follower_sample; NULL on YouTube."),
    *(
        Column(f"{what}_grade", "Nullable(String)", f"Grade of the {what}: Excellent, Very Good, Good, Average, Poor.")
        for what in ("quality", "reachability", "authenticity")
    ),
    Column("channel_quality_grade", "Nullable(String)", "Grade of the channel's growth; NULL on Instagram."),
    *(
        Column(f"{field}_sample_size", "Nullable(Int64)", f"Followers behind the {what}; NULL where it is not said.")
        for field, what in (
            ("gender", "shares of men and women"),
            ("age_group", "shares by gender and age"),
            ("city", "shares by city"),
            ("country", "shares by country"),
            ("quality", "quality"),
        )
    ),
    Column("male_ratio", "Nullable(Float64)", "Share of men among the followers of known gender."),
    Column("female_ratio", "Nullable(Float64)", "Share of women among the followers of known gender."),
    Column("quality_score", "Nullable(Float64)", "Quality of the audience, 0 to 100; NULL on YouTube."),
    Column("reachability_pct", "Nullable(Float64)", "Sampled followers who follow fewer than 1,500 accounts."),
    Column("authenticity_pct", "Nullable(Float64)", "Sampled followers with a follower for each ten that they follow."),
    Column("low_followers_pct", "Nullable(Float64)", "Sampled followers with fewer than 10 followers."),
    Column("high_following_pct", "Nullable(Float64)", "Sampled followers who follow more than 5,000 accounts."),
    Column("notable_followers", "Nullable(Int64)", "Sampled followers with more than 100,000 followers."),
    Column("channel_quality_score", "Nullable(Float64)", "The channel's growth as graded, 0 to 95; NULL on Instagram."),
    Column(
        "crosses_definition_change",
        "Bool",
        "What is counted as a view changed within the 30 days of the channel's growth: it compares two counts.",
    ),
    Column("age_group_ratios", "Map(String, Float64)", "Shares by gender and age, M_13-17 to F_65+; empty: unknown."),
    Column("city_ratios", "Map(String, Float64)", "Shares by city; empty is unknown."),
    Column("country_ratios", "Map(String, Float64)", "Shares by ISO-2 country; empty is unknown."),
)
_OF_THE_SCORER = (
    Column("fake_share", "Nullable(Float64)", "Estimated share of inauthentic followers, a fraction."),
    Column("fake_share_low", "Nullable(Float64)", "Lower end of the 90 % interval of that share."),
    Column("fake_share_high", "Nullable(Float64)", "Upper end of the 90 % interval of that share."),
    Column("fake_share_sample_size", "Nullable(Int64)", "Followers behind that share."),
    Column("fake_share_method", "Nullable(String)", "How that share was estimated."),
    Column("fake_share_version", "Nullable(String)", "Versions of the rules and of the model behind that share."),
)
_COUNTS = {column.name for column in (*_OF_AUDIENCE, *_OF_THE_SCORER) if column.type == "Nullable(Int64)"}

CREATOR_AUDIENCE = PublishSpec(
    name="creator_audience",
    mart="mart_audience_info",
    query="\n".join(
        [
            "select",
            ",\n".join(
                f"    toInt64({name}) as {name}" if name in _COUNTS else f"    {name}"
                for name in (column.name for column in (*_OF_AUDIENCE, *_OF_THE_SCORER))
            ),
            "from {mart}",
        ]
    ),
    table="creator_audience",
    comment="Who follows an account, each part with its source and sample size, and the quality of the audience.",
    columns=(*_OF_AUDIENCE, *_OF_THE_SCORER),
    key=("platform", "platform_id"),
    # No audience is known in a fresh installation.
    guards=Guards(minimum_rows=0, shrink=0.3),
)

CREATOR_POST = PublishSpec(
    name="creator_post",
    mart="mart_creator_post",
    table="creator_post",
    comment="The 12 newest posts of each account and its 12 best.",
    columns=(
        *_KEY,
        Column("short_code", "String", "The platform's code of a post, as in its link (of a video: its id)."),
        Column("post_type", "Nullable(String)", "image, carousel or reels; video or short; NULL is unknown."),
        Column("title", "Nullable(String)", "Caption on Instagram, title on YouTube."),
        Column("post_url", "String", "Link to the post."),
        Column("thumbnail_url", "Nullable(String)", "Picture: our own copy, else the platform's."),
        Column("best_by", "String", "What the best are best by: engagement on Instagram, views on YouTube."),
        Column("newest_place", "Nullable(UInt32)", "Place among the newest, 1 to 12; NULL for an older one."),
        Column("best_place", "Nullable(UInt32)", "Place among the best, 1 to 12; NULL for one that is none."),
        Column("followers", "Nullable(Int64)", "The account's followers today; estimates and ratios go by them."),
        Column("views", "Nullable(Int64)", "Views of a video; of a reel if Instagram reports them."),
        Column("plays", "Nullable(Int64)", "Plays of a reel; NULL on YouTube."),
        Column("likes", "Nullable(Int64)", "Likes; 0 also when the author hides them."),
        Column("comments", "Nullable(Int64)", "Comments."),
        Column("engagement", "Nullable(Int64)", "Likes + comments; NULL where one is unknown."),
        Column("reach", "Nullable(Float64)", "Accounts reached: measured, else estimated; of YouTube the views."),
        Column("engagement_by_views_ratio", "Nullable(Float64)", "Engagement / plays or views, a fraction, 0 to 1."),
        Column("engagement_by_followers_ratio", "Nullable(Float64)", "Engagement / followers, a fraction."),
        Column("reach_is_estimated", "Nullable(Bool)", "Estimated, not measured; true on YouTube; NULL without reach."),
        Column("published_at", "Nullable(DateTime64(6, 'UTC'))", "When the post was published (UTC); NULL is unknown."),
    ),
    key=("platform", "platform_id", "short_code"),
    guards=Guards(minimum_rows=0, shrink=0.5),
)
