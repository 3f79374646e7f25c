"""`trending_content` and `genre_overview`: what trends in each genre, and how large the genres are."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, Index, PublishSpec

TRENDING_CONTENT = PublishSpec(
    name="trending_content",
    mart="mart_genre_trending_content",
    table="trending_content",
    comment="The leading posts of each genre and month on both platforms.",
    columns=(
        Column("platform", "String", "INSTAGRAM or YOUTUBE."),
        Column("month", "Date", "Month of publication, its first day."),
        Column("category", "String", "Category of the author as of the month."),
        Column("short_code", "String", "The platform's code of a post, as in its link (of a video: its id)."),
        Column("platform_id", "String", "Author: Instagram profile_id or YouTube channel_id."),
        Column("handle", "Nullable(String)", "Author's handle as of the month."),
        Column("name", "Nullable(String)", "Author's name as of the month."),
        Column("language", "Nullable(String)", "Author's ISO 639-1 code as of the month."),
        Column("country", "Nullable(String)", "Author's ISO 3166 alpha-2 code as of the month."),
        Column("profile_type", "Nullable(String)", "CREATOR or BRAND as of the month; NULL is unknown."),
        Column(
            "post_type",
            "Nullable(String)",
            "Reels on Instagram; video or short on YouTube, NULL if it is not classified.",
        ),
        Column("title", "Nullable(String)", "Caption of a reel, title of a video, as they are today."),
        Column("post_url", "String", "Link to the post."),
        Column("thumbnail_url", "Nullable(String)", "Picture: our own copy, else the platform's."),
        Column("month_state", "String", "OPEN while posts of the month still gather plays, then FINAL and frozen."),
        Column(
            "trending_rank", "UInt32", "Place in the month and category by plays or views; 1 is best, ties are broken."
        ),
        Column("followers", "Nullable(Int64)", "Author's followers as of the month."),
        Column("views", "Nullable(Int64)", "Views of a video; of a reel if Instagram reports them."),
        Column("plays", "Nullable(Int64)", "Plays of a reel; NULL on YouTube."),
        Column("likes", "Nullable(Int64)", "Likes; NULL where the author hides them."),
        Column("comments", "Nullable(Int64)", "Comments."),
        Column("engagement", "Nullable(Int64)", "Likes + comments; NULL where one is unknown."),
        Column(
            "reach",
            "Nullable(Float64)",
            "Accounts reached: measured, else estimated from plays and followers; of YouTube the views.",
        ),
        Column(
            "engagement_ratio",
            "Nullable(Float64)",
            "Engagement per follower of the author as of the month, a fraction; as on the boards.",
        ),
        Column(
            "engagement_by_views_ratio",
            "Nullable(Float64)",
            "Engagement / plays on Instagram, engagement / views on YouTube; a fraction, 0 to 1.",
        ),
        Column("reach_is_estimated", "Nullable(Bool)", "Estimated, not measured; true on YouTube."),
        Column("published_at", "DateTime64(6, 'UTC')", "When the post was published (UTC)."),
        Column("computed_as_of", "DateTime('UTC')", "Moment up to which data was counted."),
    ),
    key=("platform", "month", "category", "short_code"),
    indexes=(
        Index("by_rank", ("month", "category", "platform", "trending_rank")),
        Index("by_platform_id", ("platform", "platform_id")),
    ),
    guards=Guards(minimum_rows=0, shrink=0.5),
)

GENRE_OVERVIEW = PublishSpec(
    name="genre_overview",
    mart="mart_genre_overview",
    table="genre_overview",
    comment="Creators, volumes and audience mix of each genre; every dimension but the month also as ALL.",
    columns=(
        Column("month", "Date", "First day of the month."),
        Column("platform", "String", "INSTAGRAM, YOUTUBE or ALL."),
        Column("language", "String", "ISO 639-1 code as of the month, or ALL, which holds the unknown too."),
        Column("category", "String", "Category as of the month, or ALL, which holds the unknown too."),
        Column("profile_type", "String", "CREATOR (an unknown type counts as one), BRAND or ALL."),
        Column("month_state", "String", "MTD while the month runs, CLOSING for some days after its end, then FINAL."),
        Column(
            "creators",
            "UInt64",
            "Creators with a follower at the end of the month; a linked pair of accounts is one under ALL.",
        ),
        Column("followers", "Int64", "Sum of the followers at the end of the month."),
        Column(
            "followers_change",
            "Nullable(Int64)",
            "Sum of the changes against the month before, of accounts that have one.",
        ),
        Column(
            "views",
            "Nullable(Int64)",
            "How often the posts published in the month were watched: plays, or views where the plays are unknown.",
        ),
        Column("likes", "Nullable(Int64)", "Likes of the posts published in the month."),
        Column("comments", "Nullable(Int64)", "Comments on the posts published in the month."),
        Column("engagement", "Nullable(Int64)", "Likes + comments of the posts published in the month."),
        Column("uploads", "Nullable(Int64)", "Posts published in the month."),
        Column("crosses_definition_change", "Bool", "What is counted as a view changed within the month."),
        Column("gender_known_followers", "Int64", "Followers of the accounts whose audience has a known gender."),
        Column("age_known_followers", "Int64", "Followers of the accounts whose audience has known ages."),
        Column(
            "engagement_ratio",
            "Nullable(Float64)",
            "Engagement of the month's posts per post and follower, as on the boards.",
        ),
        Column(
            "engagement_by_views_ratio",
            "Nullable(Float64)",
            "Engagement of the month's posts that tell both, by their plays or views; 0 to 1.",
        ),
        Column(
            "male_ratio",
            "Nullable(Float64)",
            "Share of men in the audience, by followers; NULL where no audience is known.",
        ),
        Column("female_ratio", "Nullable(Float64)", "Share of women, by followers."),
        Column(
            "age_group_ratios",
            "Map(String, Float64)",
            "Shares by gender and age, M_13-17 to F_65+, by followers; empty where no audience is known.",
        ),
        Column(
            "age_ratios",
            "Map(String, Float64)",
            "Shares by age, 13-17 to 65+, by followers; empty where no audience is known.",
        ),
        Column("computed_as_of", "DateTime('UTC')", "Moment up to which data was counted."),
    ),
    key=("month", "platform", "language", "category", "profile_type"),
    # One genre over its months.
    indexes=(Index("by_genre", ("platform", "language", "category", "profile_type", "month")),),
    # A small installation may have nobody in the market.
    guards=Guards(minimum_rows=0, shrink=0.5),
)
